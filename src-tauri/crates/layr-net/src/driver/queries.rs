//! Queries to the DHT and who waits for them.

use layr_keys::SignedRecord;
use libp2p::PeerId;
use libp2p::kad::{
    Event, GetClosestPeersError, GetClosestPeersOk, GetRecordOk, PutRecordError, QueryId, QueryResult,
    Quorum, Record, RecordKey,
};
use tokio::sync::oneshot;

use super::Driver;
use crate::error::RecordError;
use crate::records::lookup::Answers;
use crate::records::{key_of, read_value};

/// A running query.
#[derive(Debug)]
pub(super) enum Query {
    /// Looks a record up.
    Get { answers: Answers, reply: oneshot::Sender<Option<SignedRecord>> },
    /// Publishes a record.
    Put { reply: oneshot::Sender<Result<(), RecordError>> },
    /// Walks to a random place.
    Walk { reply: oneshot::Sender<bool> },
    /// Looks for a peer's addresses.
    Find(PeerId),
}

impl Driver {
    pub(super) fn put_record(
        &mut self,
        signed: &SignedRecord,
        reply: oneshot::Sender<Result<(), RecordError>>,
    ) {
        let key = key_of(signed.kind(), signed.key());
        let value = signed.encode();
        if read_value(&self.network, &key, &value).is_none() {
            let _ = reply.send(Err(RecordError::Unsigned));
            return;
        }
        let kad = self.swarm.behaviour_mut().routing.kad();
        match kad.put_record(Record::new(key, value), Quorum::One) {
            Ok(query) => {
                self.queries.insert(query, Query::Put { reply });
            }
            // Checked above, and our own record always finds room: only an older number is left.
            Err(_) => {
                let _ = reply.send(Err(RecordError::Stale));
            }
        }
    }

    pub(super) fn get_record(&mut self, key: RecordKey, reply: oneshot::Sender<Option<SignedRecord>>) {
        let query = self.swarm.behaviour_mut().routing.kad().get_record(key.clone());
        self.queries.insert(query, Query::Get { answers: Answers::new(key), reply });
    }

    pub(super) fn walk(&mut self, reply: oneshot::Sender<bool>) {
        if self.swarm.behaviour_mut().routing.size() == 0 {
            let _ = reply.send(false);
            return;
        }
        let place: [u8; 32] = rand::random();
        let query = self.swarm.behaviour_mut().routing.kad().get_closest_peers(place.to_vec());
        self.queries.insert(query, Query::Walk { reply });
    }

    pub(super) fn on_kad_event(&mut self, event: Event) {
        let Event::OutboundQueryProgressed { id, result, step, .. } = event else {
            return;
        };
        match result {
            QueryResult::GetRecord(Ok(GetRecordOk::FoundRecord(found))) => {
                let network = self.network.clone();
                if let Some(Query::Get { answers, .. }) = self.queries.get_mut(&id)
                    && answers.add(&network, found.peer, &found.record.key, &found.record.value)
                {
                    if let Some(mut query) = self.swarm.behaviour_mut().routing.kad().query_mut(&id) {
                        query.finish();
                    }
                    self.finish_get(id);
                }
            }
            QueryResult::PutRecord(result) => {
                if let Some(Query::Put { reply }) = self.queries.remove(&id) {
                    let _ = reply.send(result.map(|_| ()).or_else(stored_anyway));
                }
            }
            QueryResult::GetClosestPeers(result) => self.on_closest(id, result, step.last),
            _ => {}
        }
        if step.last {
            self.finish_get(id);
        }
    }

    fn on_closest(
        &mut self,
        id: QueryId,
        result: Result<GetClosestPeersOk, GetClosestPeersError>,
        last: bool,
    ) {
        let peers = match result {
            Ok(GetClosestPeersOk { peers, .. }) | Err(GetClosestPeersError::Timeout { peers, .. }) => peers,
        };
        match self.queries.get(&id) {
            Some(Query::Find(wanted)) => {
                let wanted = *wanted;
                let found = peers.into_iter().find(|info| info.peer_id == wanted);
                if found.is_some() || last {
                    self.queries.remove(&id);
                    self.on_found(wanted, found.map(|info| info.addrs).unwrap_or_default());
                }
            }
            Some(Query::Walk { .. }) if last => {
                if let Some(Query::Walk { reply }) = self.queries.remove(&id) {
                    let _ = reply.send(true);
                }
            }
            _ => {}
        }
    }

    /// Answers a lookup and gives the newest record back to those who had an older one, ourselves included.
    fn finish_get(&mut self, id: QueryId) {
        if !matches!(self.queries.get(&id), Some(Query::Get { .. })) {
            return;
        }
        let Some(Query::Get { answers, reply }) = self.queries.remove(&id) else {
            return;
        };
        let (newest, stale) = answers.finish();
        if let Some(newest) = &newest
            && !stale.is_empty()
        {
            let record = Record::new(key_of(newest.kind(), newest.key()), newest.encode());
            self.swarm.behaviour_mut().routing.kad().put_record_to(record, stale.into_iter(), Quorum::One);
        }
        let _ = reply.send(newest);
    }

    /// Forgets queries that nobody waits for any more; libp2p ends them by its own clock.
    pub(super) fn check_queries(&mut self) {
        self.queries.retain(|_, query| match query {
            Query::Get { reply, .. } => !reply.is_closed(),
            Query::Put { reply } => !reply.is_closed(),
            Query::Walk { reply } => !reply.is_closed(),
            Query::Find(_) => true,
        });
    }
}

/// A query that ran out of time after some peers took the record has done its work.
fn stored_anyway(error: PutRecordError) -> Result<(), RecordError> {
    match error {
        PutRecordError::QuorumFailed { success, .. } | PutRecordError::Timeout { success, .. }
            if !success.is_empty() =>
        {
            Ok(())
        }
        PutRecordError::QuorumFailed { .. } => {
            Err(RecordError::NotStored { reason: "no peer answered".into() })
        }
        PutRecordError::Timeout { .. } => {
            Err(RecordError::NotStored { reason: "the query ran out of time".into() })
        }
    }
}
