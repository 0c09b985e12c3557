//! Shards that lie here for others, whose owners had them deleted while an agreement is about them.
//!
//! Whoever is paid for keeping data has to prove it until the term is over. So such a shard is gone for its owner, and its body
//! stays until no agreement is about it.

use std::collections::BTreeSet;

use layr_codec::ShardRoot;
use layr_keys::OwnerId;
use rusqlite::{Connection, params};

use crate::agreement_data::LISTED_BYTES;
use crate::error::StoreError;
use crate::library::Library;

impl Library {
    /// Rows of the agreements in which this host was paid, whose money is divided, and whose lists of shards are still here.
    pub fn settled_with_data(&self) -> Result<BTreeSet<i64>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id FROM agreement a WHERE role = 1 AND state = 2
                    AND EXISTS (SELECT 1 FROM agreement_data d WHERE d.agreement = a.id)",
            )?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// All shards that an agreement was about, in any revision.
    pub fn agreed_shards(&self, agreement: i64) -> Result<Vec<ShardRoot>, StoreError> {
        self.read(|connection| {
            let mut lists =
                connection.prepare_cached("SELECT shards FROM agreement_data WHERE agreement = ?1")?;
            let mut roots = BTreeSet::new();
            let mut rows = lists.query([agreement])?;
            while let Some(row) = rows.next()? {
                let listed: Vec<u8> = row.get(0)?;
                let (listed, _) = listed.as_chunks::<LISTED_BYTES>();
                roots.extend(listed.iter().filter_map(|listed| listed.first_chunk::<32>().copied()));
            }
            Ok(roots.into_iter().map(ShardRoot::from_bytes).collect())
        })
    }

    /// Forgets what an agreement was about.
    pub fn forget_agreed_shards(&self, agreement: i64) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM agreement_data WHERE agreement = ?1", [agreement])?;
            Ok(())
        })
    }

    /// Which of these shards an agreement is about in which this owner pays for space here.
    pub fn are_agreed_on(&self, owner: OwnerId, roots: &[ShardRoot]) -> Result<Vec<bool>, StoreError> {
        self.read(|connection| agreed_on(connection, owner, roots))
    }

    /// Notes shards that are deleted as far as their owner can see.
    pub fn let_go(&self, owner: OwnerId, roots: &[ShardRoot]) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut statement =
                transaction.prepare_cached("INSERT OR IGNORE INTO let_go (owner, root) VALUES (?1, ?2)")?;
            for root in roots {
                statement.execute(params![owner.as_bytes(), root.as_bytes()])?;
            }
            Ok(())
        })
    }

    /// Takes that back: the owner stored them again, or they are gone.
    pub fn hold_again(&self, owner: OwnerId, roots: &[ShardRoot]) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut statement =
                transaction.prepare_cached("DELETE FROM let_go WHERE owner = ?1 AND root = ?2")?;
            for root in roots {
                statement.execute(params![owner.as_bytes(), root.as_bytes()])?;
            }
            Ok(())
        })
    }

    /// Which of these shards are deleted as far as their owners can see.
    pub fn are_let_go(&self, roots: &[ShardRoot]) -> Result<Vec<bool>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM let_go WHERE root = ?1)")?;
            let is_let_go = |root: &ShardRoot| statement.query_row([root.as_bytes()], |row| row.get(0));
            Ok(roots.iter().map(is_let_go).collect::<Result<_, _>>()?)
        })
    }

    /// At most so many of one owner's shards of which no agreement is about any more, of any owner but these; none where there are no such.
    pub fn let_go_at_last(
        &self,
        at_most: usize,
        except: &BTreeSet<OwnerId>,
    ) -> Result<Option<(OwnerId, Vec<ShardRoot>)>, StoreError> {
        self.read(|connection| {
            let mut owners = connection.prepare_cached("SELECT DISTINCT owner FROM let_go")?;
            let owners = owners.query_map([], |row| row.get(0))?.collect::<Result<Vec<[u8; 32]>, _>>()?;
            let owners = owners.into_iter().map(OwnerId::from_bytes);
            for owner in owners.filter(|owner| !except.contains(owner)) {
                let mut roots = connection.prepare_cached("SELECT root FROM let_go WHERE owner = ?1")?;
                let roots = roots.query_map([owner.as_bytes()], |row| row.get(0))?;
                let roots: Vec<ShardRoot> =
                    roots.map(|root| root.map(ShardRoot::from_bytes)).collect::<Result<_, _>>()?;
                let agreed = agreed_on(connection, owner, &roots)?;
                let free = roots.into_iter().zip(agreed).filter(|(_, is_agreed)| !is_agreed);
                let free: Vec<ShardRoot> = free.map(|(root, _)| root).take(at_most).collect();
                if !free.is_empty() {
                    return Ok(Some((owner, free)));
                }
            }
            Ok(None)
        })
    }
}

/// Lists are sorted and may have megabytes: one is in memory at a time, and looked up in where it lies.
fn agreed_on(connection: &Connection, owner: OwnerId, roots: &[ShardRoot]) -> Result<Vec<bool>, StoreError> {
    let mut lists = connection.prepare_cached(
        "SELECT d.shards FROM agreement_data d JOIN agreement a ON a.id = d.agreement
         WHERE a.role = 1 AND a.state < 2 AND a.other = ?1",
    )?;
    let mut found = BTreeSet::new();
    let mut rows = lists.query([owner.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let listed: Vec<u8> = row.get(0)?;
        let (listed, _) = listed.as_chunks::<LISTED_BYTES>();
        let is_listed = |root: &&ShardRoot| {
            listed.binary_search_by(|[listed @ .., _, _, _, _]| listed.cmp(root.as_bytes())).is_ok()
        };
        found.extend(roots.iter().filter(is_listed).map(|root| *root.as_bytes()));
    }
    Ok(roots.iter().map(|root| found.contains(root.as_bytes())).collect())
}
