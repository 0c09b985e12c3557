//! How a host leaves: it takes nothing new, says so to whoever asks, and serves on, so that owners bring what lies here to others.
//!
//! It stops by itself when nothing lies here any more, or its time is over. Nothing is deleted by that: what nobody fetched is
//! served on while the node runs, as after a quota of 0, and its owners are told of the leaving on. It is kept in the same way to agreements
//! that run: their windows are proven and their ends signed, and what they are about stays; none is agreed on any more.

use super::settings::lends_nothing;
use super::{Host, Service};
use crate::activity::words;
use crate::api::{HostReport, LeaveRequest};
use crate::error::{ErrorCode, NodeError};
use crate::home::HostingConfig;
use crate::node::NodeEvent;
use crate::wire::LONGEST_LEAVE_S;

/// Owners look at their hosts once a day: who stopped sooner would be gone before all have heard of it.
pub const SHORTEST_LEAVE_S: u32 = 24 * 60 * 60;
/// Unless told otherwise: a fortnight, in which a computer that is on for some hours a day is met by most owners, and an owner with much
/// at one host has the time to bring it elsewhere.
pub const DEFAULT_LEAVE_S: u32 = 14 * 24 * 60 * 60;

impl Host {
    /// Begins to leave, or leaves at another time than was said before.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] where nothing is lent, and for a time out of bounds; what writing the configuration says.
    pub(crate) async fn leave(
        &self,
        LeaveRequest { until_s }: LeaveRequest,
    ) -> Result<HostReport, NodeError> {
        let until_s = until_s.unwrap_or(DEFAULT_LEAVE_S);
        if !(SHORTEST_LEAVE_S..=LONGEST_LEAVE_S).contains(&until_s) {
            let message = "A host leaves within a day at the soonest, since owners look at it once a day, and 90 days at the latest.";
            return Err(NodeError::new(ErrorCode::InvalidRequest, message).with("until_s", until_s));
        }
        let service = &self.service;
        let turn = service.config_change.lock().await;
        let leaves_unix_s = Some(service.clock.now_unix_s().saturating_add(until_s.into()));
        let changed = HostingConfig { leaves_unix_s, ..service.settings() };
        if !changed.enabled {
            return Err(lends_nothing());
        }
        service.apply(changed, service.vault()).await?;
        drop(turn);
        // Who has nothing of anybody has left with that.
        service.end_leaving().await;
        self.show().await
    }

    /// Stays after all. What owners brought elsewhere meanwhile stays there.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] where nothing is lent any more; what writing the configuration says.
    pub(crate) async fn stay(&self) -> Result<HostReport, NodeError> {
        let service = &self.service;
        let _turn = service.config_change.lock().await;
        let changed = HostingConfig { leaves_unix_s: None, ..service.settings() };
        if !changed.enabled {
            return Err(lends_nothing());
        }
        service.apply(changed, service.vault()).await?;
        self.show().await
    }
}

impl Service {
    /// In how many seconds this host stops; none while it stays. 0 where it has stopped and something lies here still.
    pub(super) fn leaves_in_s(&self) -> Option<u32> {
        let leaves_unix_s = self.settings.read().leaves_unix_s?;
        let left_s = leaves_unix_s.saturating_sub(self.clock.now_unix_s());
        // A clock that went back by years makes no time that nobody believes.
        Some(u32::try_from(left_s).unwrap_or(LONGEST_LEAVE_S).min(LONGEST_LEAVE_S))
    }

    /// Switches hosting off where a host that leaves is through. Looked at when it begins to leave, when something was deleted, and
    /// every round, for its time and for space that was reserved.
    pub(super) async fn end_leaving(&self) {
        if self.settings.read().leaves_unix_s.is_none() {
            return;
        }
        // Somebody may decide otherwise at this moment.
        let turn = self.config_change.lock().await;
        let settings = self.settings();
        let Some(leaves_unix_s) = settings.leaves_unix_s else { return };
        let usage = self.usage().await.filter(|usage| usage.available);
        let is_empty = usage.is_some_and(|usage| usage.shards == 0 && usage.reserved_bytes == 0);
        let is_over = settings.enabled && leaves_unix_s <= self.clock.now_unix_s();
        if !is_empty && !is_over {
            return;
        }
        let stopped = HostingConfig {
            enabled: false,
            paused: false,
            quota_bytes: 0,
            leaves_unix_s: settings.leaves_unix_s.filter(|_| !is_empty),
            ..settings
        };
        if let Err(error) = self.apply(stopped, self.vault()).await {
            tracing::warn!(%error, "hosting could not be switched off");
            return;
        }
        drop(turn);
        let told = match usage {
            _ if is_empty => words::host_left(),
            Some(usage) => words::host_left_early(usage.shards, usage.owners),
            None => words::host_left_unseen(),
        };
        self.activity.note(told).await;
        // Nobody listening is fine.
        let _ = self.events.send(NodeEvent::HostingChanged);
    }
}
