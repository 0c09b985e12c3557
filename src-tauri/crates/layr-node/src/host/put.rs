//! Receiving a shard: reserve, take exactly the bytes announced, compare roots, commit.

use layr_keys::OwnerId;
use layr_vault::Reservation;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::progress::Watchdog;
use super::{Ended, FRAME_TIMEOUT, Service, refusal};
use crate::net::BoxStream;
use crate::wire::{PutTrailer, Refusal, Response, read_frame, write_frame};

/// Bytes that go to the vault at once: few hand-overs between threads, and a write call that the disk likes.
const BLOCK_BYTES: usize = 256 * 1024;
/// One block fills while the other is written.
const BLOCKS_PER_STREAM: usize = 2;

/// A block on its way to the vault; gives back the reservation, the buffer and the turn at the vault. Whoever drops the
/// answer drops the reservation before the turn, so that no reservation is left when nobody has a turn.
type WriteJob = JoinHandle<Result<Written, Refusal>>;

struct Written {
    reservation: Reservation,
    block: Vec<u8>,
    _turn: OwnedSemaphorePermit,
}

/// Serves one `Put` whose certificate has been checked.
pub(super) async fn serve(
    service: &Service,
    stream: &mut BoxStream,
    owner: OwnerId,
    size_bytes: u32,
) -> Result<(), Ended> {
    let vault = service.accepting_vault()?;
    let size = usize::try_from(size_bytes).map_err(|_| Refusal::BadRequest)?;
    let block_bytes = size.min(BLOCK_BYTES);
    // A host whose buffers are all taken says so: the owner has spare hosts that are not.
    let Ok(Some(_buffers)) =
        timeout(FRAME_TIMEOUT, service.admission.buffer(block_bytes * BLOCKS_PER_STREAM)).await
    else {
        return Err(Refusal::Busy.into());
    };
    let now = service.clock.now_unix_s();
    let deadline = now.saturating_add(layr_vault::MAX_RESERVATION_S);
    let reservation = service
        .blocking(move || vault.reserve(owner, u64::from(size_bytes), now, deadline))
        .await?
        .map_err(|error| refusal::of_reserve(&error))?;
    service.space_changed();
    let outcome = fill_and_commit(service, stream, reservation, size, block_bytes).await;
    service.space_changed();
    outcome?;
    write_frame(stream, &Response::Stored).await?;
    Ok(())
}

async fn fill_and_commit(
    service: &Service,
    stream: &mut BoxStream,
    reservation: Reservation,
    size: usize,
    block_bytes: usize,
) -> Result<(), Ended> {
    write_frame(stream, &Response::Accepted).await?;
    let reservation = receive(service, stream, reservation, size, block_bytes).await?;
    let trailer: PutTrailer =
        timeout(FRAME_TIMEOUT, read_frame(stream)).await.map_err(|_| Ended::Stalled)??;
    service
        .blocking(move || reservation.commit(trailer.root.into()))
        .await?
        .map_err(|error| refusal::of_commit(&error))?;
    Ok(())
}

/// Takes `size` bytes from the stream into the reservation; one block is read while the one before is written.
async fn receive(
    service: &Service,
    stream: &mut BoxStream,
    mut reservation: Reservation,
    size: usize,
    block_bytes: usize,
) -> Result<Reservation, Ended> {
    let mut watchdog = Watchdog::new();
    let mut filling = vec![0; block_bytes];
    let mut spare = if size > block_bytes { vec![0; block_bytes] } else { Vec::new() };
    let mut remaining = size;
    let mut len = fill(service, stream, &mut watchdog, &mut filling, remaining).await?;
    loop {
        remaining -= len;
        let job = written(service.write_block(reservation, filling, len).await?);
        if remaining == 0 {
            return Ok(job.await?.0);
        }
        // Both at once, so that a turn at the vault is given back when the disk is done, however long the sender takes.
        let next = fill(service, stream, &mut watchdog, &mut spare, remaining);
        let (filled, back) = tokio::try_join!(next, job)?;
        (len, filling, reservation, spare) = (filled, spare, back.0, back.1);
    }
}

/// Waits for a block and gives the turn at the vault back.
async fn written(job: WriteJob) -> Result<(Reservation, Vec<u8>), Ended> {
    let Written { reservation, block, .. } = job.await.map_err(|_| Refusal::DiskUnusable)??;
    Ok((reservation, block))
}

/// Reads the next block, at most `remaining` bytes; returns its length.
async fn fill(
    service: &Service,
    stream: &mut BoxStream,
    watchdog: &mut Watchdog,
    block: &mut [u8],
    remaining: usize,
) -> Result<usize, Ended> {
    let len = remaining.min(block.len());
    let part = block.get_mut(..len).unwrap_or_default();
    watchdog.read(stream, part).await?;
    service.down.pass(len).await;
    Ok(len)
}

impl Service {
    async fn write_block(
        &self,
        mut reservation: Reservation,
        block: Vec<u8>,
        len: usize,
    ) -> Result<WriteJob, Ended> {
        let turn = self.admission.blocking().await.ok_or(Refusal::Busy)?;
        Ok(tokio::task::spawn_blocking(move || {
            let part = block.get(..len).unwrap_or_default();
            reservation.write(part).map_err(|error| refusal::of_write(&error))?;
            Ok(Written { reservation, block, _turn: turn })
        }))
    }
}
