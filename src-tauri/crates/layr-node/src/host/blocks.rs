//! The memory in which shards pass through this host: a fixed number of blocks, used again and again.
//!
//! A pool and not the allocator, because blocks are taken and given back on many threads, and an allocator keeps what each of
//! them has freed; and because a block that is used again need not be zeroed again.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Size of a block: few hand-overs between threads, and a call that the disk likes.
pub(crate) const BLOCK_BYTES: usize = 256 * 1024;
/// Blocks of this host, 40 MiB: with the network's own buffers for as many streams a host stays below 128 MiB.
pub(crate) const BLOCKS: usize = 160;
/// While more than these are free a stream gets two blocks and overlaps network and disk; after that one, so that more
/// streams are served.
const PLENTY: usize = BLOCKS / 2;

/// All blocks of a host.
#[derive(Debug)]
pub(crate) struct BlockPool {
    free: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// A block in use. It goes back to its pool when it is dropped.
#[derive(Debug)]
pub(crate) struct Block {
    bytes: Vec<u8>,
    idle: Arc<Mutex<Vec<Vec<u8>>>>,
    /// After the bytes, so that whoever gets the permit finds them.
    _permit: OwnedSemaphorePermit,
}

impl Drop for Block {
    fn drop(&mut self) {
        self.idle.lock().push(std::mem::take(&mut self.bytes));
    }
}

impl Deref for Block {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Block {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl BlockPool {
    pub(crate) fn new() -> Self {
        Self { free: Arc::new(Semaphore::new(BLOCKS)), idle: Arc::default() }
    }

    /// A block, and a second one where `len_bytes` need it and there are plenty. `None` when none comes free in time.
    pub(crate) async fn take(&self, len_bytes: usize, patience: Duration) -> Option<(Block, Option<Block>)> {
        let permit = timeout(patience, Arc::clone(&self.free).acquire_owned()).await.ok()?.ok()?;
        let first = self.block(permit);
        let wants_second = len_bytes > BLOCK_BYTES && self.free.available_permits() > PLENTY;
        let second = if wants_second { Arc::clone(&self.free).try_acquire_owned().ok() } else { None };
        Some((first, second.map(|permit| self.block(permit))))
    }

    fn block(&self, permit: OwnedSemaphorePermit) -> Block {
        let bytes = self.idle.lock().pop().unwrap_or_else(|| Vec::with_capacity(BLOCK_BYTES));
        Block { bytes, idle: Arc::clone(&self.idle), _permit: permit }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BLOCK_BYTES, BLOCKS, BlockPool};

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_used_again() {
        let pool = BlockPool::new();
        let patience = Duration::from_secs(1);
        let mut held = Vec::new();
        while let Some(taken) = pool.take(4 * BLOCK_BYTES, patience).await {
            held.push(taken);
        }
        let pairs = held.iter().filter(|(_, second)| second.is_some()).count();
        assert_eq!(held.len() + pairs, BLOCKS, "all are in use");
        assert!(pairs >= BLOCKS / 4 && held.len() > BLOCKS / 2, "{pairs} pairs in {}", held.len());
        drop(held);
        assert_eq!(pool.idle.lock().len(), BLOCKS);
        let (one, second) = pool.take(BLOCK_BYTES, patience).await.unwrap();
        assert!(second.is_none(), "a small shard needs no second block");
        drop(one);
        assert_eq!(pool.idle.lock().len(), BLOCKS, "nothing new was allocated");
    }
}
