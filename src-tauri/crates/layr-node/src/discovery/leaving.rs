//! Which hosts leave.

use layr_keys::PeerId;

use super::Hosts;
use super::table::Host;

/// A host gets nothing new for so long after it last said that it leaves, also when it says that it stays after all: each time
/// that it comes and goes it would cost us the traffic of all that it holds.
const STAYS_OUT_S: u64 = 7 * 24 * 60 * 60;

impl Hosts {
    /// Remembers what a host says of its leaving: in how many seconds it stops, or that it stays.
    pub(crate) async fn note_leaving(&self, peer: PeerId, leaves_in_s: Option<u32>) {
        let leaves = leaves_in_s.is_some();
        let mut was_said = false;
        self.with_host(peer, |host| {
            was_said = host.leaves == Some(leaves) && !leaves;
            host.leaves = Some(leaves);
            host.stays_out |= leaves;
        });
        if was_said {
            return;
        }
        let leaves_unix_s =
            leaves_in_s.map(|left_s| self.shared.clock.now_unix_s().saturating_add(left_s.into()));
        let library = self.shared.library.clone();
        let noted = crate::threads::spawn_blocking(move || library.note_leaving(&peer, leaves_unix_s)).await;
        match noted {
            Ok(Ok(true)) => {
                tracing::info!(host = %peer, leaves, "a host leaves, or stays after all");
                if leaves {
                    self.shared.leaves.notify_one();
                }
            }
            Ok(Ok(false)) => {}
            // It says so again at the next look.
            Ok(Err(error)) => self.forget_leaving(peer, &error),
            Err(error) => self.forget_leaving(peer, &error),
        }
    }

    /// Returns when a host was found to leave, also before this was called. For one who waits.
    pub(crate) async fn somebody_leaves(&self) {
        self.shared.leaves.notified().await;
    }

    fn forget_leaving(&self, peer: PeerId, error: &(dyn std::error::Error + 'static)) {
        tracing::warn!(host = %peer, error, "cannot record whether a host leaves");
        self.with_host(peer, |host| host.leaves = None);
    }
}

impl Host {
    /// Takes what the library has of it.
    pub(super) fn take_leaving(&mut self, leaves: bool, said_ago_s: Option<u64>) {
        self.leaves = Some(leaves);
        self.stays_out = said_ago_s.is_some_and(|ago_s| leaves || ago_s < STAYS_OUT_S);
    }
}

#[cfg(test)]
mod tests {
    use super::{Host, STAYS_OUT_S};

    #[test]
    fn who_leaves_gets_nothing_new_and_nothing_for_a_while_when_it_stays_after_all() {
        let mut host = Host::new(Vec::new());
        for (leaves, said_ago_s, stays_out) in [
            (false, None, false),
            (true, Some(0), true),
            (true, Some(STAYS_OUT_S), true),
            (false, Some(STAYS_OUT_S - 1), true),
            (false, Some(STAYS_OUT_S), false),
        ] {
            host.take_leaving(leaves, said_ago_s);
            assert_eq!(host.stays_out, stays_out, "{leaves}, said {said_ago_s:?} s ago");
        }
    }
}
