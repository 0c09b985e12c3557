//! Whether it is our own network that is away, and not the hosts.

use std::collections::BTreeSet;

use layr_keys::PeerId;

/// Different hosts in a row that have to fail before our network is in doubt.
pub(super) const IN_A_ROW: usize = 3;

/// What the hosts that were asked last say about our network. It is in doubt while the last [`IN_A_ROW`] of them, or all where
/// there are fewer, did not answer; one answer ends that. With most hosts gone for good the others end it, too, as they come
/// up in turn.
#[derive(Debug, Default)]
pub(crate) struct Doubt {
    failed: BTreeSet<PeerId>,
}

impl Doubt {
    /// Takes how a host fared.
    pub(super) fn note(&mut self, peer: PeerId, is_there: bool) {
        if is_there {
            self.failed.clear();
        } else {
            self.failed.insert(peer);
        }
    }

    /// Whether our network is in doubt, when so many hosts hold shards of ours, or [`IN_A_ROW`] and any number more.
    pub(super) fn is_there(&self, holders: usize) -> bool {
        !self.failed.is_empty() && self.failed.len() >= IN_A_ROW.min(holders)
    }
}

#[cfg(test)]
mod tests {
    use layr_keys::PeerId;

    use super::Doubt;

    #[test]
    fn hosts_in_a_row_make_doubt_and_one_answer_ends_it() {
        let peer = |number| PeerId::from_bytes([number; 32]);
        let mut doubt = Doubt::default();
        assert!(!doubt.is_there(0) && !doubt.is_there(9));
        for _ in 0..5 {
            doubt.note(peer(1), false);
            assert!(!doubt.is_there(9), "the same host says nothing new");
        }
        doubt.note(peer(2), false);
        assert!(!doubt.is_there(9) && doubt.is_there(2), "nobody is left to answer");
        doubt.note(peer(3), false);
        assert!(doubt.is_there(9));
        doubt.note(peer(4), true);
        assert!(!doubt.is_there(9));
    }
}
