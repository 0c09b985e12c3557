//! The pause of everything that ends by itself.
//!
//! Three clocks end it, whichever is first. The library's own clock does so across restarts and while the machine sleeps;
//! within one run of the node also the steady clock, which nobody can set back.

use std::time::Duration;

use layr_library::{Library, TimedPause};
use tokio::time::{Instant, sleep};

use super::invalid;
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

/// Ends each pause in time; runs until the node stops.
pub(super) async fn end_in_time(node: &Node) {
    let pause_set = &node.queue().shared.pause_set;
    // When the steady clock ends the pause; none while there is no pause.
    let mut ends_at: Option<Instant> = None;
    loop {
        let is_over = ends_at.is_some_and(|ends_at| ends_at <= Instant::now());
        let rest = match look(node, is_over).await {
            Ok(TimedPause::Left { left_s }) => {
                let left = Duration::from_secs(left_s);
                let ends_at = *ends_at.get_or_insert_with(|| Instant::now() + left);
                left.min(ends_at.saturating_duration_since(Instant::now())).min(LOOK_EVERY)
            }
            Ok(TimedPause::Ended) => {
                node.queue().go_on(None);
                ends_at = None;
                continue;
            }
            Ok(TimedPause::None) => {
                pause_set.notified().await;
                ends_at = None;
                continue;
            }
            Err(error) => {
                tracing::warn!(%error, "the end of a pause cannot be looked at");
                LIBRARY_REST
            }
        };
        tokio::select! {
            () = pause_set.notified() => ends_at = None,
            () = sleep(rest) => {}
        }
    }
}

async fn look(node: &Node, is_over: bool) -> Result<TimedPause, NodeError> {
    let now = node.owner().now_unix_s();
    let look = move |library: &Library| match library.look_at_pause(now)? {
        TimedPause::Left { .. } if is_over => library.end_timed_pause().map(|()| TimedPause::Ended),
        found => Ok(found),
    };
    node.library(move |library| look(library).map_err(|error| store_error(&error))).await
}
