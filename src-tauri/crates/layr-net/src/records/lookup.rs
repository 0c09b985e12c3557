//! Weighing the answers to one lookup: verified ones only, the newest wins, a few that agree are enough.

use layr_keys::SignedRecord;
use libp2p::PeerId;
use libp2p::kad::RecordKey;

use super::read_value;

/// Peers that must name the same newest record before the lookup ends early.
const ENOUGH_AGREEING: usize = 3;
/// Peers that get the newest record back after they answered with an older one.
const MAX_WRITE_BACK: usize = 20;

/// The answers so far.
#[derive(Debug)]
pub(crate) struct Answers {
    key: RecordKey,
    newest: Option<SignedRecord>,
    agreeing: Vec<PeerId>,
    stale: Vec<PeerId>,
}

impl Answers {
    pub(crate) fn new(key: RecordKey) -> Self {
        Self { key, newest: None, agreeing: Vec::new(), stale: Vec::new() }
    }

    /// Takes one answer, from this node's own store (`None`) or a peer. Returns whether the lookup may end.
    pub(crate) fn add(&mut self, network: &str, from: Option<PeerId>, key: &RecordKey, value: &[u8]) -> bool {
        if *key == self.key
            && let Some(record) = read_value(network, key, value)
        {
            self.weigh(from, record);
        }
        self.agreeing.len() >= ENOUGH_AGREEING
    }

    fn weigh(&mut self, from: Option<PeerId>, record: SignedRecord) {
        let list = match &self.newest {
            Some(newest) if *newest == record => &mut self.agreeing,
            Some(newest) if newest.supersedes(&record) => &mut self.stale,
            _ => {
                self.newest = Some(record);
                self.stale.append(&mut self.agreeing);
                &mut self.agreeing
            }
        };
        if let Some(peer) = from
            && list.len() < MAX_WRITE_BACK
            && !list.contains(&peer)
        {
            list.push(peer);
        }
    }

    /// The newest record, and the peers that hold an older one.
    pub(crate) fn finish(mut self) -> (Option<SignedRecord>, Vec<PeerId>) {
        self.stale.truncate(MAX_WRITE_BACK);
        (self.newest, self.stale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::key_of;
    use crate::records::samples::{NETWORK, host};

    fn peer(seed: u8) -> PeerId {
        libp2p::identity::Keypair::ed25519_from_bytes([seed; 32]).unwrap().public().to_peer_id()
    }

    #[test]
    fn the_newest_wins_and_stale_peers_are_named() {
        let (old, new) = (host(3, 1, b"old"), host(3, 2, b"new"));
        let key = key_of(new.kind(), new.key());
        let mut answers = Answers::new(key.clone());
        assert!(!answers.add(NETWORK, Some(peer(1)), &key, &old.encode()));
        assert!(!answers.add(NETWORK, Some(peer(2)), &key, &new.encode()));
        assert!(!answers.add(NETWORK, Some(peer(3)), &key, &old.encode()));
        assert!(!answers.add(NETWORK, None, &key, &new.encode()), "our own copy is no vote");
        assert!(!answers.add(NETWORK, Some(peer(2)), &key, &new.encode()), "one vote a peer");
        assert!(!answers.add(NETWORK, Some(peer(4)), &key, &new.encode()));
        assert!(answers.add(NETWORK, Some(peer(5)), &key, &new.encode()), "three agree");
        let (newest, stale) = answers.finish();
        assert_eq!(newest, Some(new));
        assert_eq!(stale, [peer(1), peer(3)]);
    }

    #[test]
    fn lies_count_for_nothing() {
        let good = host(3, 1, b"good");
        let key = key_of(good.kind(), good.key());
        let mut answers = Answers::new(key.clone());
        let mut forged = host(3, 9, b"forged").encode();
        *forged.last_mut().unwrap() ^= 1;
        let other = host(4, 9, b"other");
        for seed in 10..20 {
            assert!(!answers.add(NETWORK, Some(peer(seed)), &key, &forged));
            assert!(!answers.add(NETWORK, Some(peer(seed)), &key, &other.encode()));
            let other_key = key_of(other.kind(), other.key());
            assert!(!answers.add(NETWORK, Some(peer(seed)), &other_key, &other.encode()));
        }
        answers.add(NETWORK, Some(peer(1)), &key, &good.encode());
        assert_eq!(answers.finish(), (Some(good), vec![]));
    }
}
