//! The pause of everything that ends by itself.
//!
//! Two clocks end it, whichever is first: the library's own clock, also across restarts and while the machine sleeps, and
//! within one run of the node the steady clock, which nobody can set back.

use std::time::Duration;

use layr_library::{Library, TimedPause};
use tokio::time::{Instant, sleep};

use super::invalid;
use crate::background::TaskReport;
use crate::catalogue::store_error;
use crate::error::NodeError;
use crate::node::Node;

/// Longest pause that ends by itself.
pub const MAX_PAUSE: Duration = Duration::from_secs(layr_library::MAX_PAUSE_S);
/// Shortest one: what a person can still use.
const MIN_PAUSE: Duration = Duration::from_mins(1);
/// Longest time between two looks: a machine that slept past the end notices within it.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Rest when the library cannot be asked.
const LIBRARY_REST: Duration = Duration::from_secs(30);

impl Node {
    /// Pauses all transfers, and what will be queued, for a while; durable when this returns. Instead of the pause that there
    /// was. What the person paused by itself stays paused after its end.
    ///
    /// # Errors
    /// [`crate::error::ErrorCode::InvalidRequest`] for less than a minute or more than [`MAX_PAUSE`]; what the database says.
    pub async fn transfers_pause_for(&self, length: Duration) -> Result<(), NodeError> {
        if length < MIN_PAUSE || length > MAX_PAUSE {
            let hours = MAX_PAUSE.as_secs() / 3600;
            return Err(invalid(format!("A pause that ends by itself has one minute to {hours} hours.")));
        }
        let (queue, now) = (self.queue().clone(), self.owner().now_unix_s());
        self.library(move |library| {
            library.pause_transfers_for(length.as_secs(), now).map_err(|error| store_error(&error))?;
            queue.interrupt(None);
            queue.shared.pause_set.notify_one();
            Ok(())
        })
        .await
    }
}

/// A pause that lasts on.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// Which one: its end by the library's clock.
    until_s: u64,
    /// When the steady clock ends it.
    ends_at: Instant,
}

/// Ends each pause in time; runs until the node stops.
pub(super) async fn end_in_time(node: &Node, task: &TaskReport) {
    let pause_set = &node.queue().shared.pause_set;
    let mut known: Option<Known> = None;
    loop {
        task.working();
        let rest = match look(node, known).await {
            Ok(TimedPause::Left { left_s, until_s }) => {
                task.resting();
                let left = Duration::from_secs(left_s);
                // Another pause has another end, and the steady clock begins anew.
                let found = known.filter(|known| known.until_s == until_s);
                let found = found.unwrap_or_else(|| Known { until_s, ends_at: Instant::now() + left });
                known = Some(found);
                left.min(found.ends_at.saturating_duration_since(Instant::now())).min(LOOK_EVERY)
            }
            Ok(TimedPause::Ended) => {
                node.queue().go_on(None);
                known = None;
                continue;
            }
            Ok(TimedPause::None) => {
                task.resting();
                pause_set.notified().await;
                known = None;
                continue;
            }
            Err(error) => {
                tracing::warn!(%error, "the end of a pause cannot be looked at");
                task.failed(&error);
                LIBRARY_REST
            }
        };
        tokio::select! {
            biased;
            () = pause_set.notified() => known = None,
            () = sleep(rest) => {}
        }
    }
}

/// Ends the pause that is known if the steady clock says so, and whatever pause there is if the library's does.
async fn look(node: &Node, known: Option<Known>) -> Result<TimedPause, NodeError> {
    let now = node.owner().now_unix_s();
    let over = known.filter(|known| known.ends_at <= Instant::now()).map(|known| known.until_s);
    let look = move |library: &Library| match over {
        // The person may have begun another pause meanwhile: that one stays.
        Some(until_s) if library.end_timed_pause(until_s)? => Ok(TimedPause::Ended),
        _ => library.look_at_pause(now),
    };
    node.library(move |library| look(library).map_err(|error| store_error(&error))).await
}
