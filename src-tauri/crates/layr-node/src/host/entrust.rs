//! Taking in what an owner entrusts to this node as its delegate.

use layr_keys::{Delegation, OwnerId, PeerId};
use layr_library::WatchedSegment;
use tokio::time::timeout;

use super::progress::STALL_TIMEOUT;
use super::{Ended, Service, answer};
use crate::delegate::Taking;
use crate::net::BoxStream;
use crate::wire::{ListItem, MAX_LISTED_HOSTS, MAX_LISTED_SEGMENTS, Refusal, Response, read_frame};

/// Segments taken into the database at once: 300 KiB of them at 10 of 30.
const TAKEN_AT_ONCE: usize = 256;

/// Serves one `Entrust` whose certificate has been checked.
pub(super) async fn serve(
    service: &Service,
    stream: &mut BoxStream,
    owner: OwnerId,
    delegation: Vec<u8>,
) -> Result<(), Ended> {
    let now = service.clock.now_unix_s();
    let verified = Delegation::decode(&delegation)
        .and_then(|delegation| delegation.verify_for(service.net.local_peer(), now))
        .map_err(|_| Refusal::BadCertificate)?;
    if verified.owner() != owner {
        return Err(Refusal::BadCertificate.into());
    }
    let taking = service.keeping.begin(owner, delegation).await?;
    answer(stream, &Response::Accepted).await?;
    let segments = receive(service, stream, taking).await?;
    answer(stream, &Response::Entrusted { segments }).await
}

/// Takes the list, a part at a time. Whatever came before it breaks off counts.
async fn receive(service: &Service, stream: &mut BoxStream, taking: Taking) -> Result<u64, Ended> {
    let (mut peers, mut named): (Vec<PeerId>, u64) = (Vec::new(), 0);
    let (mut hosts, mut segments) = (Vec::new(), Vec::<WatchedSegment>::new());
    loop {
        let deadline = STALL_TIMEOUT * service.net.patience();
        let item: ListItem = timeout(deadline, read_frame(stream)).await.map_err(|_| Ended::Stalled)??;
        match &item {
            ListItem::Host { .. } => {
                let host = item.as_host().filter(|_| peers.len() < MAX_LISTED_HOSTS);
                let host = host.ok_or(Refusal::BadRequest)?;
                peers.push(host.0);
                hosts.push(host);
            }
            ListItem::Segment { .. } => {
                let segment = item.as_segment(&peers).filter(|_| named < MAX_LISTED_SEGMENTS);
                segments.push(segment.ok_or(Refusal::BadRequest)?);
                named += 1;
            }
            ListItem::End { segments: said } if *said == named => {
                taking.take(hosts, segments).await?;
                return Ok(taking.end().await?);
            }
            ListItem::End { .. } => return Err(Refusal::BadRequest.into()),
        }
        if segments.len() >= TAKEN_AT_ONCE || hosts.len() >= TAKEN_AT_ONCE {
            taking.take(std::mem::take(&mut hosts), std::mem::take(&mut segments)).await?;
        }
    }
}
