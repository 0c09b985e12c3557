//! What nobody pays for any more: kept for a week after the term, then its space is free for others.

use std::collections::BTreeMap;

use layr_codec::ShardRoot;
use layr_library::LapsedAgreement;

use super::{CareError, Service};
use crate::agreements::{AgreementLedger, GRACE_S};
use crate::host::refusal;

/// So long after this host first saw that an agreement is settled it keeps what that was about, however long ago the term ended: an owner who
/// came back at last is just about to agree anew.
const SEEN_SETTLED_S: u64 = 24 * 60 * 60;
/// Bodies deleted at once, while everybody else waits.
const LAPSE_AT_ONCE: usize = 128;

/// When this host first saw that these agreements are settled, on the ledger's clock. Lost with the program, and then counted anew.
#[derive(Debug, Default)]
pub(super) struct Lapsing {
    seen_s: BTreeMap<i64, u64>,
}

impl Service {
    /// Deletes what was paid for until a term that ended more than a week ago, and no other agreement is about. A host that asks for nothing now
    /// keeps all of it.
    pub(super) async fn lapse(&self, ledger: &AgreementLedger) -> Result<(), CareError> {
        let desk = &self.agreements;
        let mut lapsing = desk.lapsing.lock().await;
        let settled = desk.library(layr_library::Library::settled_with_data).await?;
        lapsing.seen_s.retain(|id, _| settled.iter().any(|agreement| agreement.id == *id));
        if settled.is_empty() || self.asking().is_none() {
            return Ok(());
        }
        let now_s = ledger.tip().await?.close_time_unix_s;
        for agreement in settled {
            let seen_s = *lapsing.seen_s.entry(agreement.id).or_insert(now_s);
            let is_over = agreement.end_unix_s.saturating_add(GRACE_S) <= now_s;
            if is_over && seen_s.saturating_add(SEEN_SETTLED_S) <= now_s {
                self.delete_lapsed(agreement).await?;
            }
        }
        Ok(())
    }

    /// A crash in between leaves the list, and the next look goes on with it.
    async fn delete_lapsed(&self, agreement: LapsedAgreement) -> Result<(), CareError> {
        let desk = &self.agreements;
        let LapsedAgreement { id, owner, .. } = agreement;
        let Some(vault) = self.stored_vault()? else { return Ok(()) };
        let roots = desk.library(move |library| library.agreed_shards(id)).await?;
        let mut deleted = 0;
        for roots in roots.chunks(LAPSE_AT_ONCE) {
            let (vault, library, roots) = (vault.clone(), desk.library.clone(), roots.to_vec());
            // Held from the look at who needs it until it is gone: no consent is given in between.
            let _bodies = desk.bodies.write().await;
            let delete = move || {
                let agreed = library.are_agreed_on(owner, &roots)?;
                let free: Vec<ShardRoot> = roots
                    .into_iter()
                    .zip(agreed)
                    .filter(|(_, is_agreed)| !is_agreed)
                    .map(|(root, _)| root)
                    .collect();
                for root in &free {
                    vault.delete(owner, root).map_err(|error| refusal::of_store(&error))?;
                }
                library.hold_again(owner, &free)?;
                Ok::<_, CareError>(free.len())
            };
            deleted += self.blocking(delete).await??;
        }
        desk.library(move |library| library.forget_agreed_shards(id)).await?;
        self.space_changed();
        tracing::info!(%owner, deleted, "a term ended more than a week ago, and what nobody pays for is gone");
        Ok(())
    }
}
