//! Receiving a shard: reserve, take exactly the bytes announced, compare roots, commit.

use layr_keys::{OwnerId, PeerId};
use layr_vault::Reservation;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::blocks::{BLOCK_BYTES, Block};
use super::progress::{STALL_TIMEOUT, Watchdog};
use super::rate_limit::{MAX_BACKLOG, PeerRate, SLICE_BYTES};
use super::{Ended, FRAME_TIMEOUT, Service, answer, refusal};
use crate::net::BoxStream;
use crate::wire::{PutTrailer, Refusal, Response, read_frame};

/// A block on its way to the vault; gives back the reservation, the buffer and the turn at the vault. Whoever drops the
/// answer drops the reservation before the turn, so that no reservation is left when nobody has a turn.
type WriteJob = JoinHandle<Result<Written, Refusal>>;

struct Written {
    reservation: Reservation,
    block: Block,
    _turn: OwnedSemaphorePermit,
}

/// Serves one `Put` whose certificate has been checked.
pub(super) async fn serve(
    service: &Service,
    stream: &mut BoxStream,
    peer: PeerId,
    owner: OwnerId,
    size_bytes: u32,
) -> Result<(), Ended> {
    let vault = service.lending_vault()?;
    if service.down.backlog(peer) > MAX_BACKLOG {
        return Err(Refusal::Busy.into());
    }
    let size = usize::try_from(size_bytes).map_err(|_| Refusal::BadRequest)?;
    // A host whose memory is all taken says so: the owner has spare hosts that have some.
    let blocks = service.admission.blocks.take(size, FRAME_TIMEOUT).await.ok_or(Refusal::Busy)?;
    let now = service.clock.now_unix_s();
    let deadline = now.saturating_add(layr_vault::MAX_RESERVATION_S);
    let reservation = service
        .blocking(move || vault.reserve(owner, u64::from(size_bytes), now, deadline))
        .await?
        .map_err(|error| refusal::of_reserve(&error))?;
    service.space_changed();
    let outcome = fill_and_commit(service, stream, (peer, owner), reservation, size, blocks).await;
    service.space_changed();
    outcome?;
    answer(stream, &Response::Stored).await
}

async fn fill_and_commit(
    service: &Service,
    stream: &mut BoxStream,
    (peer, owner): (PeerId, OwnerId),
    reservation: Reservation,
    size: usize,
    blocks: (Block, Option<Block>),
) -> Result<(), Ended> {
    answer(stream, &Response::Accepted).await?;
    let reservation = receive(service, stream, service.down.of(peer), reservation, size, blocks).await?;
    // An owner whose own limits hold its streams back sends even these few bytes only when it is the stream's turn.
    let trailer_deadline = STALL_TIMEOUT * service.net.patience();
    let trailer: PutTrailer =
        timeout(trailer_deadline, read_frame(stream)).await.map_err(|_| Ended::Stalled)??;
    Ok(service.commit(owner, reservation, trailer.root.into()).await?)
}

/// Takes `size` bytes from the stream into the reservation. With two blocks one is read while the one before is written.
async fn receive(
    service: &Service,
    stream: &mut BoxStream,
    rate: PeerRate<'_>,
    mut reservation: Reservation,
    size: usize,
    (mut block, mut spare): (Block, Option<Block>),
) -> Result<Reservation, Ended> {
    let mut watchdog = Watchdog::new(service.net.patience());
    let mut remaining = size;
    fill(rate, stream, &mut watchdog, &mut block, remaining).await?;
    loop {
        remaining = remaining.saturating_sub(block.len());
        let job = written(service.write_block(reservation, block).await?);
        if remaining == 0 {
            return Ok(job.await?.0);
        }
        if let Some(mut next) = spare.take() {
            // Both at once, so that a turn at the vault is given back when the disk is done, however long the sender takes.
            let filling = fill(rate, stream, &mut watchdog, &mut next, remaining);
            let ((), back) = tokio::try_join!(filling, job)?;
            (reservation, block, spare) = (back.0, next, Some(back.1));
        } else {
            (reservation, block) = job.await?;
            fill(rate, stream, &mut watchdog, &mut block, remaining).await?;
        }
    }
}

/// Waits for a block and gives the turn at the vault back.
async fn written(job: WriteJob) -> Result<(Reservation, Block), Ended> {
    let Written { reservation, block, .. } = job.await.map_err(|_| Refusal::DiskUnusable)??;
    Ok((reservation, block))
}

/// Reads the next bytes, at most `remaining`, into a block, which has their length then.
async fn fill(
    rate: PeerRate<'_>,
    stream: &mut BoxStream,
    watchdog: &mut Watchdog,
    block: &mut Block,
    remaining: usize,
) -> Result<(), Ended> {
    block.resize(remaining.min(BLOCK_BYTES), 0);
    for slice in block.chunks_mut(SLICE_BYTES) {
        watchdog.read(stream, slice).await?;
        rate.pass(slice.len()).await;
    }
    Ok(())
}

impl Service {
    async fn write_block(&self, mut reservation: Reservation, block: Block) -> Result<WriteJob, Ended> {
        let turn = self.admission.blocking().await.ok_or(Refusal::Busy)?;
        Ok(crate::threads::spawn_blocking(move || {
            reservation.write(&block).map_err(|error| refusal::of_write(&error))?;
            Ok(Written { reservation, block, _turn: turn })
        }))
    }
}
