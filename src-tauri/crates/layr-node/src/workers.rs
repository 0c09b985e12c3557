//! Where processor and disk work runs: on blocking threads, never on the ones that serve the network.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// A job did not return: it panicked, or the runtime is shutting down.
#[derive(Debug, thiserror::Error)]
#[error("a worker ended early: {reason}")]
pub struct WorkerLost {
    /// What the runtime says.
    pub reason: String,
}

/// A bounded pool of blocking threads. Cheap to clone; all clones share the bound.
///
/// Jobs are short, run to their end and never wait for the network: a job that blocked on a channel would hold a permit
/// that the other side may need, and would stop a paused clock.
#[derive(Debug, Clone)]
pub struct Workers {
    permits: Arc<Semaphore>,
}

impl Workers {
    /// A pool that runs at most `at_once` jobs at a time.
    pub fn new(at_once: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// As many as the machine has processors, two at least: one reads and seals while one codes.
    pub fn for_this_machine() -> Self {
        Self::new(std::thread::available_parallelism().map_or(2, |count| count.get().max(2)))
    }

    /// Runs a job when there is room. Dropping the future before that drops the job; afterwards the job runs to its end.
    ///
    /// # Errors
    /// [`WorkerLost`].
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkerLost> {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|source| WorkerLost { reason: source.to_string() })?;
        crate::threads::spawn_blocking(move || {
            let _permit = permit;
            job()
        })
        .await
        .map_err(|source| WorkerLost { reason: source.to_string() })
    }
}
