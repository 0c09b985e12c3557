//! What owners delete while an agreement is about it: gone for them, and kept to be proven until the term is over.
//!
//! Whoever makes a body stay or lets it go at last holds [`AgreementDesk::bodies`](super::AgreementDesk) against those who store and delete:
//! so nothing is deleted between being looked up for a consent and being on its list, and nothing that an owner has just stored again. A crash
//! in between leaves a note of a shard that is here, which goes later, or of one that is not, which says nothing.

use std::sync::Arc;

use layr_codec::ShardRoot;
use layr_keys::OwnerId;
use layr_library::{Library, StoreError};
use layr_vault::{Reservation, Vault};

use super::{CareError, Service};
use crate::host::refusal;
use crate::wire::Refusal;

/// Bodies deleted at once, while everybody else waits.
const LET_GO_AT_ONCE: usize = 64;

/// Shards of a `Delete`.
pub(in crate::host) struct Deleting {
    /// Those that may go.
    pub(in crate::host) free: Vec<ShardRoot>,
    /// Whether each of those asked for stays, and if so, whether it was there for its owner.
    pub(in crate::host) staying: Vec<Option<bool>>,
}

impl Service {
    /// Notes those of these shards that an agreement is about. The caller holds [`Service::bodies`].
    pub(in crate::host) async fn begin_delete(
        &self,
        vault: Vault,
        owner: OwnerId,
        roots: Vec<ShardRoot>,
    ) -> Result<Deleting, Refusal> {
        let library = self.agreements.library.clone();
        let begin = move || {
            let agreed = library.are_agreed_on(owner, &roots).map_err(|error| of_library(&error))?;
            let (mut free, mut stay) = (Vec::new(), Vec::new());
            for (root, is_agreed) in roots.iter().zip(&agreed) {
                if *is_agreed { stay.push(*root) } else { free.push(*root) }
            }
            let sizes = vault.sizes(owner, &stay).map_err(|error| refusal::of_store(&error))?;
            let gone = library.are_let_go(&stay).map_err(|error| of_library(&error))?;
            let were_there: Vec<bool> =
                sizes.iter().zip(gone).map(|(size, is_gone)| size.is_some() && !is_gone).collect();
            let noted = stay.iter().zip(&were_there).filter(|(_, was_there)| **was_there);
            let noted: Vec<ShardRoot> = noted.map(|(root, _)| *root).collect();
            if !noted.is_empty() {
                library.let_go(owner, &noted).map_err(|error| of_library(&error))?;
            }
            let mut were_there = were_there.into_iter();
            let staying =
                agreed.into_iter().map(|is_agreed| is_agreed.then(|| were_there.next() == Some(true)));
            Ok(Deleting { free, staying: staying.collect() })
        };
        self.blocking(begin).await?
    }

    /// Held while bodies are stored or deleted for owners.
    pub(in crate::host) async fn bodies(&self) -> tokio::sync::RwLockReadGuard<'_, ()> {
        self.agreements.bodies.read().await
    }

    /// Commits a shard, which its owner has again if it had deleted it.
    pub(in crate::host) async fn commit(
        &self,
        owner: OwnerId,
        reservation: Reservation,
        root: ShardRoot,
    ) -> Result<(), Refusal> {
        let library = self.agreements.library.clone();
        let _bodies = self.bodies().await;
        let commit = move || {
            reservation.commit(root).map_err(|error| refusal::of_commit(&error))?;
            held_again(&library, owner, root).map_err(|error| of_library(&error))
        };
        self.blocking(commit).await?
    }

    /// Which of these shards are stored and not let go of.
    pub(in crate::host) async fn stored_for_owners(
        &self,
        vault: Vault,
        roots: Vec<ShardRoot>,
    ) -> Result<Vec<bool>, Refusal> {
        let library = self.agreements.library.clone();
        let look = move || {
            let stored = vault.has(&roots).map_err(|error| refusal::of_store(&error))?;
            let gone = library.are_let_go(&roots).map_err(|error| of_library(&error))?;
            Ok(stored.into_iter().zip(gone).map(|(is_stored, is_gone)| is_stored && !is_gone).collect())
        };
        self.blocking(look).await?
    }

    /// Deletes what owners deleted before, and no agreement is about any more; not of those who may pay for it by one that is not known here.
    pub(super) async fn let_go_at_last(&self) -> Result<(), CareError> {
        let desk = &self.agreements;
        let unknown = Arc::new(self.owners_with_unknown_terms().await?);
        loop {
            let Some(vault) = self.stored_vault()? else { return Ok(()) };
            let _bodies = desk.bodies.write().await;
            let except = Arc::clone(&unknown);
            let due = desk.library(move |library| library.let_go_at_last(LET_GO_AT_ONCE, &except)).await?;
            let Some((owner, roots)) = due else { return Ok(()) };
            let library = desk.library.clone();
            let delete = move || {
                for root in &roots {
                    vault.delete(owner, root).map_err(|error| refusal::of_store(&error))?;
                }
                library.hold_again(owner, &roots).map_err(|error| of_library(&error))
            };
            self.blocking(delete).await??;
            self.space_changed();
        }
    }
}

/// The note of a shard that its owner let go of goes. Mostly there is none, and nothing is written.
fn held_again(library: &Library, owner: OwnerId, root: ShardRoot) -> Result<(), StoreError> {
    if library.are_let_go(&[root])? == [true] {
        library.hold_again(owner, &[root])?;
    }
    Ok(())
}

fn of_library(error: &StoreError) -> Refusal {
    tracing::warn!(%error, "the library cannot say what stays");
    Refusal::DiskUnusable
}
