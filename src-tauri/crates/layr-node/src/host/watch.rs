//! What a host keeps an eye on: that its disk is there, can be used, and has the room that was promised. A problem is told once when it
//! comes and resolved when it has passed.

use super::Service;
use crate::activity::{ActivityKind, words};

/// Room that a disk must have again before its being full has passed, so that the two do not take turns.
const ROOM_AGAIN_BYTES: u64 = 64 * 1024 * 1024;

/// What was told last; at the start nothing is known.
#[derive(Debug, Default)]
pub(super) struct Watch {
    away: Option<bool>,
    unusable: Option<bool>,
    full: Option<bool>,
}

impl Service {
    /// Looks once.
    pub(super) async fn watch_space(&self, watch: &mut Watch) {
        let (settings, unusable) = (self.settings(), self.unusable());
        let usage = self.usage().await;
        let is_away = match (&usage, self.vault()) {
            (Some(usage), _) => settings.enabled && !usage.available,
            (None, None) => settings.enabled && settings.has_vault && unusable.is_none(),
            // Its database cannot say; that is not its disk being away.
            (None, Some(_)) => return,
        };
        let problem = is_away.then(words::vault_away);
        self.activity.follow(&mut watch.away, ActivityKind::VaultAway, problem).await;
        let problem = unusable.filter(|_| settings.enabled).map(|reason| words::vault_unusable(&reason));
        self.activity.follow(&mut watch.unusable, ActivityKind::VaultUnusable, problem).await;
        let takes_more = settings.enabled && !settings.paused && settings.leaves_unix_s.is_none() && !is_away;
        let wanted_bytes = usage.filter(|_| takes_more).map_or(0, |usage| {
            usage.quota_bytes.saturating_sub(usage.used_bytes.saturating_add(usage.reserved_bytes))
        });
        let Some(left_bytes) = self.disk_left_bytes().await else { return };
        let is_full = is_full(watch.full == Some(true), wanted_bytes, left_bytes);
        let problem = is_full.then(words::lent_disk_full);
        self.activity.follow(&mut watch.full, ActivityKind::LentDiskFull, problem).await;
    }
}

/// Whether a disk with `left_bytes` for shards cannot keep the promise of `wanted_bytes` more.
fn is_full(was_full: bool, wanted_bytes: u64, left_bytes: u64) -> bool {
    let is_enough_again = left_bytes >= ROOM_AGAIN_BYTES.min(wanted_bytes);
    wanted_bytes > 0 && (left_bytes == 0 || (was_full && !is_enough_again))
}

#[cfg(test)]
mod tests {
    use super::{ROOM_AGAIN_BYTES, is_full};

    #[test]
    fn a_disk_is_full_when_nothing_is_left_and_until_there_is_some_room() {
        assert!(is_full(false, 1, 0));
        assert!(!is_full(false, u64::MAX, 1));
        assert!(is_full(true, u64::MAX, ROOM_AGAIN_BYTES - 1));
        assert!(!is_full(true, u64::MAX, ROOM_AGAIN_BYTES));
        assert!(!is_full(true, 5, 5), "less is wanted than that");
        assert!(!is_full(true, 0, 0), "nothing is promised");
    }
}
