//! What nobody pays for any more: kept for a week after the last term with an owner, then its space is free for others.
//!
//! A library that was put back from its copy may not know of the last term; that this is so says the file of promises ([`Promised`](super::Promised)).
//! How such a term went is not known here, so all of that owner's stays for as long as it may take.

use std::collections::{BTreeMap, BTreeSet};

use layr_codec::ShardRoot;
use layr_keys::OwnerId;
use layr_library::{AgreementRecord, AgreementRole, AgreementState};

use super::{Agreement, CareError, Promised, Service};
use crate::agreements::{AgreementLedger, GRACE_S};
use crate::host::refusal;

/// So long after this host first saw that an agreement is settled it keeps what that was about, however long ago the term ended: an owner who
/// came back at last is just about to agree anew.
const SEEN_SETTLED_S: u64 = 24 * 60 * 60;
/// So long after a term nobody is waited for any more, also where this program never ran for a day: three weeks until a part is overdue, and a week.
const LATEST_S: u64 = 28 * 24 * 60 * 60;
/// Bodies deleted at once, while everybody else waits.
const LAPSE_AT_ONCE: usize = 128;

/// When this host first saw that these agreements are settled, on the ledger's clock. Lost with the program, and then counted anew.
#[derive(Debug, Default)]
pub(super) struct Lapsing {
    seen_s: BTreeMap<i64, u64>,
}

impl Service {
    /// Deletes what owners paid for until their last term here ended, more than a week ago. Whoever pays for something keeps all of it; so does everybody where this
    /// host asks for nothing, and what it keeps for nothing is never deleted for want of payment afterwards.
    pub(super) async fn lapse(&self, ledger: &AgreementLedger) -> Result<(), CareError> {
        let desk = &self.agreements;
        let mut lapsing = desk.lapsing.lock().await;
        let with_data = desk.library(layr_library::Library::settled_with_data).await?;
        lapsing.seen_s.retain(|id, _| with_data.contains(id));
        let unknown = self.owners_with_unknown_terms().await?;
        if with_data.is_empty() && unknown.is_empty() {
            return Ok(());
        }
        let now_s = ledger.tip().await?.close_time_unix_s;
        self.forget_promises(now_s).await?;
        if self.asking().is_none() {
            let forget = move |library: &layr_library::Library| {
                with_data.into_iter().try_for_each(|id| library.forget_agreed_shards(id))
            };
            return Ok(desk.library(forget).await?);
        }
        let mut of_owners: BTreeMap<[u8; 32], Vec<AgreementRecord>> = BTreeMap::new();
        for record in desk.library(|library| library.agreements(AgreementRole::Host)).await? {
            if record.state != AgreementState::Dropped
                && !unknown.contains(&OwnerId::from_bytes(record.other))
            {
                of_owners.entry(record.other).or_default().push(record);
            }
        }
        for (owner, records) in of_owners {
            let settled = |record: &AgreementRecord| record.state == AgreementState::Settled;
            // Also one of another ledger: that has another clock, and is looked after when this node is there again.
            let is_over = records.iter().all(|record| settled(record) && desk.is_here(record));
            let end_s = records.iter().map(|record| record.end_unix_s).max().unwrap_or(u64::MAX);
            let mut is_seen = true;
            for record in records.iter().filter(|record| with_data.contains(&record.id)) {
                let seen_s = *lapsing.seen_s.entry(record.id).or_insert(now_s);
                is_seen &= seen_s.saturating_add(SEEN_SETTLED_S) <= now_s;
            }
            is_seen |= end_s.saturating_add(LATEST_S) <= now_s;
            if is_over && is_seen && end_s.saturating_add(GRACE_S) <= now_s {
                for record in records.iter().filter(|record| with_data.contains(&record.id)) {
                    self.delete_lapsed(OwnerId::from_bytes(owner), record.id).await?;
                }
            }
        }
        Ok(())
    }

    /// Of terms about which nothing can be due any more.
    async fn forget_promises(&self, now_s: u64) -> Result<(), CareError> {
        let _consenting = self.agreements.consenting.lock().await;
        let forget = move |promised: &Promised| promised.forget_until(now_s.saturating_sub(LATEST_S));
        self.agreements.promises(forget).await
    }

    /// The owners who were promised space for a term that no agreement in the library goes on to. One that was dropped is one that it knows.
    pub(super) async fn owners_with_unknown_terms(&self) -> Result<BTreeSet<OwnerId>, CareError> {
        let desk = &self.agreements;
        let mut unknown = desk.promises(Promised::ends).await?;
        if unknown.is_empty() {
            return Ok(BTreeSet::new());
        }
        for record in desk.library(|library| library.agreements(AgreementRole::Host)).await? {
            let Agreement { record, terms, .. } = Agreement::read(record)?;
            // As it was promised, also where it was ended before its time.
            let end_s = terms.calendar.begin_s(terms.calendar.windows);
            let owner = OwnerId::from_bytes(record.other);
            if unknown.get(&owner).is_some_and(|promised_s| *promised_s <= end_s) {
                unknown.remove(&owner);
            }
        }
        Ok(unknown.into_keys().collect())
    }

    /// A crash in between leaves the list, and the next look goes on with it.
    async fn delete_lapsed(&self, owner: OwnerId, agreement: i64) -> Result<(), CareError> {
        let desk = &self.agreements;
        let Some(vault) = self.stored_vault()? else { return Ok(()) };
        let roots = desk.library(move |library| library.agreed_shards(agreement)).await?;
        let mut deleted = 0;
        for roots in roots.chunks(LAPSE_AT_ONCE) {
            let (vault, library, roots) = (vault.clone(), desk.library.clone(), roots.to_vec());
            // Held from the look at who needs it until it is gone: no consent is given in between.
            let _bodies = desk.bodies.write().await;
            let delete = move || {
                let agreed = library.are_agreed_on(owner, &roots)?;
                let free = roots.into_iter().zip(agreed).filter(|(_, is_agreed)| !is_agreed);
                let free: Vec<ShardRoot> = free.map(|(root, _)| root).collect();
                for root in &free {
                    vault.delete(owner, root).map_err(|error| refusal::of_store(&error))?;
                }
                library.hold_again(owner, &free)?;
                Ok::<_, CareError>(free.len())
            };
            deleted += self.blocking(delete).await??;
        }
        desk.library(move |library| library.forget_agreed_shards(agreement)).await?;
        self.space_changed();
        tracing::info!(%owner, deleted, "the last term ended more than a week ago, and what nobody pays for is gone");
        Ok(())
    }
}
