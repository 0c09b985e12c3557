//! Getting good shards of a segment together.

use std::collections::BTreeMap;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use layr_codec::{PIECE_BYTES, SegmentId, SegmentLayout};
use layr_keys::PeerId;
use layr_library::{AskedShard, Library, SegmentRecord, ShardRecord, ShardState, StoreError};

use super::{RepairError, Run};
use crate::api::CheckResult;
use crate::check::{CheckError, Evidence, Findings, Looked, Told};
use crate::client::{ClientError, Verdict};
use crate::operation::Operation;
use crate::owner::Owner;
use crate::whole::{Keep, Whole, read_whole};
use crate::workers::WorkerLost;

/// Shards read at once; more would not go faster on a home line.
const READ_AT_ONCE: usize = 16;

/// What a host that sends nothing says of its copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// That it is out of reach: others are read in its place.
    Counts,
    /// Nothing: the copy is only to be brought elsewhere, and its host may have too much to do, as all of its owners read at once.
    SaysNothing,
}

/// What came of reading a segment's shards.
#[derive(Default)]
struct Gathered {
    /// Whole shards that hash to their roots, by index: as many as were needed, or all that could be had.
    shards: BTreeMap<u8, Vec<u8>>,
    /// What was found out on the way.
    looked: Vec<(Looked, CheckResult, Evidence)>,
    received_bytes: u64,
}

impl Run<'_> {
    /// Reads good shards from these sources, as many as are needed and can be had; what is found out on the way is recorded.
    pub(super) async fn read(
        &mut self,
        segment: &SegmentRecord,
        addresses: &BTreeMap<PeerId, Vec<String>>,
        sources: (Vec<&ShardRecord>, usize),
        silence: Silence,
    ) -> Result<BTreeMap<u8, Vec<u8>>, RepairError> {
        let layout =
            SegmentLayout::new(segment.profile, u64::from(segment.len_bytes)).map_err(CheckError::from)?;
        let shard_bytes = u32::try_from(layout.shard_bytes()).unwrap_or(u32::MAX);
        let gathered = gather(self.owner, (segment, addresses), sources, shard_bytes, self.operation).await?;
        let Gathered { shards, looked, received_bytes } = gathered;
        self.report.bytes_received += received_bytes;
        let mut findings = Findings::new(Told::Counts);
        let counts = |result| silence == Silence::Counts || result != CheckResult::Unreachable;
        for (looked, result, evidence) in looked.into_iter().filter(|(_, result, _)| counts(*result)) {
            findings.add(looked, result, evidence);
        }
        findings.record(self.owner).await?;
        Ok(shards)
    }
}

/// A segment of ours, and where its hosts can be dialled.
pub(crate) async fn look_up(
    owner: &Owner,
    id: SegmentId,
) -> Result<Option<(SegmentRecord, BTreeMap<PeerId, Vec<String>>)>, RepairError> {
    let look_up = move |library: &Library| {
        let Some(segment) = library.own_segment(&id)? else { return Ok::<_, StoreError>(None) };
        let hosts = segment.shards.iter().map(|shard| shard.host).collect();
        Ok(Some((segment, library.host_addresses(&hosts)?)))
    };
    Ok(owner.library_job(look_up).await??)
}

/// All shards of a segment in the order in which they are read: the healthy ones first, and as a last hope those that were not
/// when they were looked at last.
pub(super) fn by_hope<'a>(owner: &Owner, segment: &'a SegmentRecord) -> Vec<&'a ShardRecord> {
    let us = owner.client().local_peer();
    let mut sources: Vec<&ShardRecord> = segment.shards.iter().filter(|shard| shard.host != us).collect();
    sources.sort_by_key(|shard| (hope(shard.state), owner.hosts().is_down(shard.host), shard.index));
    sources
}

/// Reads shards of a segment, in the order of `sources`, until so many are good as are needed. Each is hashed, so that no liar gets
/// into what is rebuilt or brought elsewhere.
async fn gather(
    owner: &Owner,
    (segment, addresses): (&SegmentRecord, &BTreeMap<PeerId, Vec<String>>),
    (sources, needed): (Vec<&ShardRecord>, usize),
    shard_bytes: u32,
    operation: &Operation,
) -> Result<Gathered, WorkerLost> {
    let mut sources = sources.into_iter();
    let mut gathered = Gathered::default();
    let mut reading = FuturesUnordered::new();
    loop {
        let still = needed.saturating_sub(gathered.shards.len() + reading.len());
        let more = still.min(READ_AT_ONCE.saturating_sub(reading.len()));
        for shard in sources.by_ref().take(more) {
            let recorded = addresses.get(&shard.host).map(Vec::as_slice).unwrap_or_default();
            let host = owner.hosts().contact(shard.host, recorded);
            reading.push(async move {
                let mut received_bytes = 0;
                let count = |bytes| {
                    received_bytes += bytes;
                    operation.update(|progress| progress.done_bytes += bytes);
                };
                let read = read_whole(owner, &host, (shard.root, shard_bytes), Keep::Bytes, count).await;
                (shard, read, received_bytes)
            });
        }
        let Some((shard, read, received_bytes)) = reading.next().await else { return Ok(gathered) };
        gathered.received_bytes += received_bytes;
        let (result, evidence) = judged(owner, shard, read?, &mut gathered.shards);
        let looked = Looked {
            segment: segment.id,
            index: shard.index,
            host: Some(shard.host),
            shard: Some(AskedShard { root: shard.root, shard_bytes: shard_bytes.into() }),
        };
        gathered.looked.push((looked, result, evidence));
    }
}

/// What is asked first: what was there the last time, then what may be there, then what was not.
fn hope(state: ShardState) -> u8 {
    match state {
        ShardState::Healthy => 0,
        ShardState::Unreachable => 1,
        ShardState::Missing | ShardState::Corrupt => 2,
    }
}

fn judged(
    owner: &Owner,
    shard: &ShardRecord,
    read: Result<Whole, ClientError>,
    shards: &mut BTreeMap<u8, Vec<u8>>,
) -> (CheckResult, Evidence) {
    match read {
        Ok(whole) if whole.root == Some(shard.root) => {
            owner.hosts().note_alive(shard.host);
            shards.insert(shard.index, whole.bytes);
            (CheckResult::Passed, Evidence::Proof)
        }
        Ok(_) => (CheckResult::Corrupt, Evidence::Proof),
        Err(error) => {
            tracing::debug!(index = shard.index, host = %shard.host, %error, "a shard could not be read for a repair");
            owner.hosts().note_failure(shard.host, &error);
            let result = match error.verdict() {
                Verdict::Missing => CheckResult::Missing,
                Verdict::Corrupt => CheckResult::Corrupt,
                Verdict::Unreachable | Verdict::Busy | Verdict::NoRoom => CheckResult::Unreachable,
            };
            (result, Evidence::Hearsay)
        }
    }
}

/// The pieces of one stripe out of whole shards.
pub(super) fn pieces(shards: &BTreeMap<u8, Vec<u8>>, stripe: u32) -> Vec<(u8, &[u8])> {
    let at = usize::try_from(stripe).unwrap_or(usize::MAX);
    shards.iter().filter_map(|(index, bytes)| Some((*index, bytes.chunks(PIECE_BYTES).nth(at)?))).collect()
}
