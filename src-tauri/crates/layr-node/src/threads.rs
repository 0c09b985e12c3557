//! Where work that blocks is done: on threads of its own, which serve no network.

use std::cell::Cell;

use tokio::task::{JoinHandle, spawn};

thread_local! {
    static IS_ALONE: Cell<bool> = const { Cell::new(false) };
}

/// Does from now on all work of the runtime that runs on this thread right here, at the moment at which it is asked for. A
/// simulation needs it: which of two threads ends first is no matter of its seed. As with the runtime's paused clock,
/// nobody between the two has to know of it.
pub fn do_all_work_on_this_thread() {
    IS_ALONE.set(true);
}

/// Begins work that blocks. It runs to its end, whether or not somebody waits for it.
pub(crate) fn spawn_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    if IS_ALONE.get() {
        return spawn(std::future::ready(work()));
    }
    tokio::task::spawn_blocking(work)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::{do_all_work_on_this_thread, spawn_blocking};

    #[tokio::test]
    async fn work_is_done_elsewhere_unless_a_simulation_wants_it_here() {
        let here = thread::current().id();
        let where_it_ran = || thread::current().id();
        assert_ne!(spawn_blocking(where_it_ran).await.unwrap(), here);
        do_all_work_on_this_thread();
        assert_eq!(spawn_blocking(where_it_ran).await.unwrap(), here);
    }
}
