//! A host's shard store: quota ledger, bodies, reconcile and scrub.
//!
//! [`Vault`] is the handle: clone it, share it between threads. All calls block; callers on an async runtime
//! move them to blocking threads. What is stored where is written down in `docs/formats.md`, chapter
//! "Vault layout".
//!
//! # Promises
//! - Used plus reserved bytes never exceed the quota, whatever threads race ([`Vault::reserve`]).
//! - A shard is acknowledged ([`Reservation::commit`]) after body, directory entry and row are on the disk, and
//!   its bytes were hashed to the root under which it is stored. No crash loses it after that.
//! - A crash leaves nothing behind: what it interrupted is cleared when the vault is opened again.
//! - Nothing is deleted because a disk is away: without its directory the vault answers
//!   [`StoreError::Unavailable`] and goes on when the directory is back.
//! - A proof of a leaf reads at most as much as the leaf beside it, as long as the shard has its tree, which is a cache and never
//!   trusted ([`Vault::prove_leaves`]).
//! - Answers are honest: a body that is gone or changed is reported so from the moment it is noticed, by a read,
//!   a proof, a question for its state, the scrubber or the next start.

mod accounts;
mod bodies;
mod buffer;
mod check;
mod config;
mod disk;
mod error;
mod group;
mod hashing;
mod leaf_tree;
mod ledger;
mod proof;
mod reader;
mod reconcile;
mod reservation;
mod scrub;
mod settle;
mod vault;

#[cfg(test)]
mod tests;

pub use accounts::{Space, Usage};
pub use check::LedgerCheck;
pub use config::{
    BLOCK_BYTES, MAX_OPEN_RESERVATIONS, MAX_RESERVATION_S, MAX_SCRUB_BODIES, SCRUB_ROUND_S, VaultConfig,
};
pub use error::{CommitError, OpenError, ReadError, ReserveError, StoreError, WriteError};
pub use group::{Deleted, Stored};
pub use ledger::ShardState;
pub use proof::{LeafProof, PieceProof, ProvenLeaves};
pub use reader::ShardReader;
pub use reconcile::ReconcileReport;
pub use reservation::Reservation;
pub use scrub::ScrubReport;
pub use vault::Vault;
