//! Any history of calls, against a model of a few lines.

use std::collections::BTreeSet;

use layr_vault::{Deleted, Reservation, ReserveError, ShardState, Stored, Vault};
use proptest::prelude::*;

use crate::support::{Home, LATER, LEAF, NOW, assert_equal_to_disk, owner, read_all, root_of, shard};

#[derive(Clone, Debug)]
enum Call {
    Reserve { owner: u8, shard: usize },
    Commit { open: usize },
    Drop { open: usize },
    Delete { owner: u8, shard: usize },
    Lose { shard: usize },
    Expire,
    SetQuota { leaves: u64 },
    Reopen,
}

fn call() -> impl Strategy<Value = Call> {
    let (who, what) = (0..3u8, 0..SHARDS);
    prop_oneof![
        6 => (who.clone(), what.clone()).prop_map(|(owner, shard)| Call::Reserve { owner, shard }),
        6 => (0..4usize).prop_map(|open| Call::Commit { open }),
        1 => (0..4usize).prop_map(|open| Call::Drop { open }),
        4 => (who, what.clone()).prop_map(|(owner, shard)| Call::Delete { owner, shard }),
        1 => what.prop_map(|shard| Call::Lose { shard }),
        1 => Just(Call::Expire),
        1 => (0..40u64).prop_map(|leaves| Call::SetQuota { leaves }),
        1 => Just(Call::Reopen),
    ]
}

const SHARDS: usize = 5;

/// What the vault should say.
struct Model {
    shards: Vec<Vec<u8>>,
    held: BTreeSet<(u8, usize)>,
    lost: BTreeSet<usize>,
    quota_bytes: u64,
    open: Vec<(u8, usize, Reservation)>,
}

impl Model {
    fn bytes(&self, shard: usize) -> u64 {
        self.shards[shard].len() as u64
    }

    fn used_bytes(&self) -> u64 {
        self.held.iter().map(|&(_, shard)| self.bytes(shard)).sum()
    }

    fn reserved_bytes(&self) -> u64 {
        self.open.iter().map(|&(_, shard, _)| self.bytes(shard)).sum()
    }

    fn apply(&mut self, vault: &Vault, home: &Home, call: &Call) {
        match *call {
            Call::Reserve { owner: who, shard } => {
                let free_bytes = self.quota_bytes.saturating_sub(self.used_bytes() + self.reserved_bytes());
                match vault.reserve(owner(who), self.bytes(shard), NOW, LATER) {
                    Ok(mut reservation) => {
                        assert!(self.bytes(shard) <= free_bytes);
                        reservation.write(&self.shards[shard]).unwrap();
                        self.open.push((who, shard, reservation));
                    }
                    Err(ReserveError::QuotaFull { free_bytes: said }) => {
                        assert!(self.bytes(shard) > free_bytes && said == free_bytes);
                    }
                    Err(error) => panic!("{error:?}"),
                }
            }
            Call::Commit { open } if open < self.open.len() => {
                let (who, shard, reservation) = self.open.swap_remove(open);
                let stored = reservation.commit(root_of(&self.shards[shard])).unwrap();
                let is_new = self.held.insert((who, shard));
                assert_eq!(stored, if is_new { Stored::New } else { Stored::AlreadyHeld });
                self.lost.remove(&shard);
            }
            Call::Drop { open } if open < self.open.len() => drop(self.open.swap_remove(open)),
            Call::Delete { owner: who, shard } => {
                let deleted = vault.delete(owner(who), &root_of(&self.shards[shard])).unwrap();
                let freed_bytes = self.bytes(shard);
                let was_held = self.held.remove(&(who, shard));
                assert_eq!(
                    deleted,
                    if was_held { Deleted::Removed { freed_bytes } } else { Deleted::Unknown }
                );
                if !self.is_known(shard) {
                    self.lost.remove(&shard);
                }
            }
            Call::Lose { shard } if self.is_known(shard) && !self.lost.contains(&shard) => {
                std::fs::remove_file(home.body(&root_of(&self.shards[shard]))).unwrap();
                // Noticed at once, so that the ledger never claims what is not there.
                vault.states(&[root_of(&self.shards[shard])]).unwrap();
                self.lost.insert(shard);
            }
            Call::Expire => {
                assert_eq!(vault.release_expired(LATER), self.open.len());
                self.open.clear();
            }
            Call::SetQuota { leaves } => {
                self.quota_bytes = leaves * LEAF as u64;
                vault.set_quota(self.quota_bytes);
            }
            _ => {}
        }
    }

    fn is_known(&self, shard: usize) -> bool {
        self.held.iter().any(|&(_, held)| held == shard)
    }

    fn check(&self, vault: &Vault) {
        let usage = vault.usage().unwrap();
        assert_eq!(usage.used_bytes, self.used_bytes());
        assert_eq!(usage.reserved_bytes, self.reserved_bytes());
        assert_eq!(usage.shards, self.held.len() as u64);
        let owners: BTreeSet<u8> = self.held.iter().map(|&(owner, _)| owner).collect();
        assert_eq!(usage.owners, owners.len() as u64);
        for (number, bytes) in self.shards.iter().enumerate() {
            let root = root_of(bytes);
            let expected = match (self.is_known(number), self.lost.contains(&number)) {
                (false, _) => ShardState::Unknown,
                (true, true) => ShardState::Missing,
                (true, false) => ShardState::Stored,
            };
            assert_eq!(vault.states(&[root]).unwrap(), [expected]);
            if expected == ShardState::Stored {
                assert!(read_all(vault, &root) == *bytes);
            }
        }
        assert_equal_to_disk(vault);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_history_ends_as_the_model_says(calls in prop::collection::vec(call(), 1..60)) {
        let mut home = Home::with_quota(40 * LEAF as u64);
        let mut vault = home.open();
        let shards = (0..SHARDS).map(|number| shard(number as u64, (number + 1) * 3 * LEAF)).collect();
        let mut model = Model {
            shards,
            held: BTreeSet::new(),
            lost: BTreeSet::new(),
            quota_bytes: home.quota_bytes,
            open: Vec::new(),
        };
        for call in calls {
            if matches!(call, Call::Reopen) {
                model.open.clear();
                drop(vault);
                home.quota_bytes = model.quota_bytes;
                vault = home.open();
            } else {
                model.apply(&vault, &home, &call);
            }
            model.check(&vault);
        }
    }
}
