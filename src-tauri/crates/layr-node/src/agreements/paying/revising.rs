//! Revisions of agreements that run: what is not at the host any more goes out of them, and what is new comes into those whose deposits pay for it.
//!
//! A revision is written down with our signature before the host sees it, and with the host's before anything is done by it. One whose answer
//! did not come is asked for again, just as it was; only where the host refuses it, another one with a higher number takes its place.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, stream};
use layr_agreement::{MAX_REVISION, RevisionBody};
use layr_codec::ShardRoot;
use layr_keys::PeerId;
use layr_ledger::LedgerTip;
use layr_library::{AgreementData, AgreementState};
use parking_lot::Mutex;

use super::monthly::{monthly_with, most_leaves_for};
use super::opening::peer_of;
use super::{Agreement, HOSTS_AT_ONCE, Haste, Looked, Paying, PayingError, Shards, now_s};
use crate::agreements::{RecordedSignatures, body_of, data_root, is_signed_by};
use crate::client::{ClientError, ReviseAnswer};
use crate::wire::{MAX_AGREED_SHARDS, Refusal, WireRevision};

/// By itself an owner has an agreement revised so often: what comes in counts from the next window on, and each list may have megabytes.
const REVISED_EVERY_S: u64 = 60 * 60;
/// So long nothing is added to an agreement whose host refused a revision: it may be short of space, or ask for more by now.
const FULL_FOR_S: u64 = 24 * 60 * 60;
/// Owners sign revisions with their own key, the first of the terms.
const OWN_KEY: u32 = 0;

/// Why an agreement was not revised.
#[derive(Debug, thiserror::Error)]
enum RevisionError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Paying(#[from] PayingError),
    #[error("it refused a change of what it is paid for")]
    Refused,
    #[error("it lacks some of what it would be paid for")]
    Lacking,
    #[error("its signature of a revision is wrong")]
    NotSigned,
}

/// What became of a question.
enum Asked {
    Signed(Box<AgreementData>),
    /// The shards that it says it lacks.
    Lacking(Vec<ShardRoot>),
    Refused,
}

/// An agreement as it is revised.
struct Revising {
    agreement: Agreement,
    /// What holds.
    holds: AgreementData,
    /// What the host was asked to sign, and has not as far as is known; what another revision is made from in its place.
    proposed: Option<AgreementData>,
    /// The highest number that a revision has.
    newest: u32,
}

/// What may be added to an agreement.
struct Adding<'a> {
    /// The shards that no agreement is about; those that are taken go.
    more: &'a mut Shards,
    /// Stroops that the monthly limit still leaves.
    spare: &'a Mutex<u64>,
}

impl Paying {
    /// Revises what has to be revised. Answers what agreements have no room for, and what has to wait is not among it.
    pub(super) async fn revise(
        &self,
        mut due: BTreeMap<PeerId, Shards>,
        haste: Haste,
        tip: &LedgerTip,
        looked: &mut Looked,
    ) -> Result<BTreeMap<PeerId, Shards>, PayingError> {
        let mut of_hosts: BTreeMap<PeerId, Vec<Agreement>> = BTreeMap::new();
        for agreement in self.open().await? {
            if agreement.record.state != AgreementState::Open || agreement.record.closing.is_some() {
                continue;
            }
            if agreement.record.is_told {
                of_hosts.entry(peer_of(&agreement)).or_default().push(agreement);
            } else {
                // A host that does not know of it yet changes nothing, and is asked for nothing more.
                due.remove(&peer_of(&agreement));
            }
        }
        let monthly = self.monthly_of_all((now_s(tip), now_s(tip).saturating_add(1))).await?;
        let monthly = monthly.saturating_add(self.fees_of_month(now_s(tip)).await?);
        let spare = Mutex::new(self.limits().monthly_stroops.saturating_sub(monthly));
        let revised = stream::iter(of_hosts)
            .map(|(peer, agreements)| {
                let more = due.remove(&peer).unwrap_or_default();
                self.revise_all_of((peer, agreements), (more, &spare), haste, tip)
            })
            .buffer_unordered(HOSTS_AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        for (peer, more, of_one) in revised {
            looked.obstacles.extend(of_one.obstacles);
            if !more.is_empty() {
                due.insert(peer, more);
            }
        }
        Ok(due)
    }

    /// Revises the agreements with one host, the oldest first.
    async fn revise_all_of(
        &self,
        (peer, agreements): (PeerId, Vec<Agreement>),
        (mut more, spare): (Shards, &Mutex<u64>),
        haste: Haste,
        tip: &LedgerTip,
    ) -> (PeerId, Shards, Looked) {
        let mut looked = Looked::default();
        match self.library(move |library| library.roots_at(&peer)).await {
            Err(error) => looked.hinder(Some(peer), error),
            Ok(there) => {
                for agreement in agreements {
                    let adding = Adding { more: &mut more, spare };
                    if let Err(error) = self.revise_one(agreement, &there, adding, (haste, tip)).await {
                        looked.hinder(Some(peer), error);
                    }
                }
            }
        }
        (peer, more, looked)
    }

    async fn revise_one(
        &self,
        agreement: Agreement,
        there: &BTreeSet<ShardRoot>,
        adding: Adding<'_>,
        (haste, tip): (Haste, &LedgerTip),
    ) -> Result<(), RevisionError> {
        let next_window = agreement.next_window(now_s(tip));
        let id = agreement.record.id;
        // Whoever refused is not asked each minute, with a list that is written anew each time.
        if haste == Haste::WhenStill && self.has_refused_since(&agreement, tip, REVISED_EVERY_S) {
            return Ok(());
        }
        let mut revising = self.revising(agreement).await?;
        let mut lacking = Vec::new();
        if let Some(proposed) = revising.proposed.clone() {
            match self.ask_to_revise(&revising.agreement, proposed.clone()).await? {
                Asked::Signed(data) => self.hold(&mut revising, *data).await?,
                Asked::Lacking(roots) => lacking = roots,
                // It is too late for it: it would be signed for a later window.
                Asked::Refused if next_window.is_none_or(|next| proposed.first_window < next) => {}
                Asked::Refused => {
                    self.note_refused(id, tip);
                    revising.proposed = Some(revising.holds.clone());
                }
            }
        }
        // What was asked for in the last window but one is asked for once more also in the last.
        let Some(first_window) = next_window else { return Ok(()) };
        let revised_s = self.shared.seen.lock().revised_s.get(&id).copied();
        let is_early = haste == Haste::WhenStill
            && revised_s.is_some_and(|revised_s| now_s(tip) < revised_s.saturating_add(REVISED_EVERY_S));
        if is_early && revising.proposed.is_none() {
            // They wait for the next revision, if there may be room for them in it.
            if self.may_grow(&revising.agreement, tip) {
                adding.more.clear();
            }
            return Ok(());
        }
        let shards = self.wanted(&revising, (there, &lacking), adding, (first_window, tip)).await?;
        if shards == revising.holds.shards && revising.proposed.is_none() {
            return Ok(());
        }
        self.shared.seen.lock().revised_s.insert(id, now_s(tip));
        let data = self.propose_data(&revising, first_window, shards).await?;
        match self.ask_to_revise(&revising.agreement, data).await? {
            Asked::Signed(data) => Ok(self.hold(&mut revising, *data).await?),
            Asked::Lacking(_) => Err(RevisionError::Lacking),
            Asked::Refused => {
                self.note_refused(id, tip);
                Err(RevisionError::Refused)
            }
        }
    }

    fn note_refused(&self, id: i64, tip: &LedgerTip) {
        self.shared.seen.lock().refused_s.insert(id, now_s(tip));
    }

    fn has_refused_since(&self, agreement: &Agreement, tip: &LedgerTip, since_s: u64) -> bool {
        let refused_s = self.shared.seen.lock().refused_s.get(&agreement.record.id).copied();
        refused_s.is_some_and(|refused_s| now_s(tip) < refused_s.saturating_add(since_s))
    }

    async fn revising(&self, agreement: Agreement) -> Result<Revising, PayingError> {
        let (id, revision) = (agreement.record.id, agreement.record.revision);
        let both = self.library(move |library| {
            let holds = library.agreement_data(id, u32::MAX, revision)?;
            let newest = library.agreement_data(id, u32::MAX, u32::MAX)?;
            Ok(holds.zip(newest))
        });
        let detail = || format!("agreement {id} is about nothing");
        let (holds, newest) =
            both.await?.ok_or_else(|| layr_library::StoreError::Damaged { detail: detail() })?;
        let number = newest.revision.max(revision);
        let proposed = (newest.revision > holds.revision).then_some(newest);
        Ok(Revising { agreement, holds, proposed, newest: number })
    }

    /// What an agreement should be about from this window on: what it is about and is there, and of what is new as much as there is room for.
    async fn wanted(
        &self,
        revising: &Revising,
        (there, lacking): (&BTreeSet<ShardRoot>, &[ShardRoot]),
        adding: Adding<'_>,
        (first_window, tip): (u32, &LedgerTip),
    ) -> Result<Shards, PayingError> {
        let Revising { agreement, holds, proposed, .. } = revising;
        let lacking: BTreeSet<ShardRoot> = lacking.iter().copied().collect();
        let held: BTreeSet<ShardRoot> = holds.shards.iter().map(|(root, _)| *root).collect();
        // Of what it says that it lacks it is let off nothing that it had.
        let stays = |(root, _): &&(ShardRoot, u32)| {
            there.contains(root) && (held.contains(root) || !lacking.contains(root))
        };
        let base = &proposed.as_ref().unwrap_or(holds).shards;
        let mut wanted: BTreeMap<ShardRoot, u32> = base.iter().filter(stays).copied().collect();
        if adding.more.is_empty() || !self.may_grow(agreement, tip) {
            return Ok(wanted.into_iter().collect());
        }
        let most = self.most_leaves(agreement, first_window).await?;
        let mut leaves: u64 = wanted.values().map(|leaves| u64::from(*leaves)).sum();
        let newest = self.newest_leaves(agreement).await?;
        let mut spare = adding.spare.lock();
        let counted = monthly_with(agreement, newest);
        let most = most.min(most_leaves_for(agreement, counted.saturating_add(*spare)));
        adding.more.retain(|(root, more)| {
            let fits =
                leaves.saturating_add(u64::from(*more)) <= most && wanted.len() < MAX_AGREED_SHARDS as usize;
            if fits {
                leaves = leaves.saturating_add(u64::from(*more));
                wanted.insert(*root, *more);
            }
            !fits
        });
        *spare = spare.saturating_sub(monthly_with(agreement, leaves).saturating_sub(counted));
        Ok(wanted.into_iter().collect())
    }

    /// The most that an agreement may be about from this window on.
    async fn most_leaves(&self, agreement: &Agreement, first_window: u32) -> Result<u64, PayingError> {
        let (id, revision) = (agreement.record.id, agreement.record.revision);
        let unpaid = agreement.unpaid_windows(first_window);
        let before = self.library(move |library| library.agreed_leaves(id, unpaid, revision)).await?;
        Ok(agreement.most_leaves(first_window, &before)?)
    }

    /// How many more leaves each of so many hosts could take for what is in escrow already.
    pub(super) async fn spare_leaves(&self, tip: &LedgerTip) -> Result<(u64, u64), PayingError> {
        let mut spare: BTreeMap<PeerId, u64> = BTreeMap::new();
        for agreement in self.open().await? {
            let is_open =
                agreement.record.state == AgreementState::Open && agreement.record.closing.is_none();
            if let Some(first_window) = agreement.next_window(now_s(tip))
                && is_open
                && self.may_grow(&agreement, tip)
            {
                let most = self.most_leaves(&agreement, first_window).await?;
                let more = most.saturating_sub(self.newest_leaves(&agreement).await?);
                let of_host = spare.entry(peer_of(&agreement)).or_default();
                *of_host = of_host.saturating_add(more);
            }
        }
        Ok((spare.values().copied().min().unwrap_or(0), spare.len() as u64))
    }

    /// Whether anything may be added: it runs in the next window, till its end, for a price that is within the limit, and its host takes more.
    fn may_grow(&self, agreement: &Agreement, tip: &LedgerTip) -> bool {
        let next_s = now_s(tip).saturating_add(agreement.terms.calendar.window_s.into());
        let price = agreement.host.price_stroops_per_gib;
        agreement.record.begin_unix_s <= next_s
            && !agreement.is_terminated()
            && (1..=self.limits().price_stroops_per_gib).contains(&price)
            && !self.has_refused_since(agreement, tip, FULL_FOR_S)
    }

    /// Signs a revision, and writes it down.
    async fn propose_data(
        &self,
        revising: &Revising,
        first_window: u32,
        shards: Shards,
    ) -> Result<AgreementData, RevisionError> {
        let Revising { agreement, newest, .. } = revising;
        let number = newest.checked_add(1).filter(|number| *number <= MAX_REVISION);
        let number = number.ok_or(RevisionError::Refused)?;
        let root = data_root(&shards).map_err(PayingError::from)?;
        let (data_root, leaves) = (root.hash, root.leaf_count);
        let body = RevisionBody { number, first_window, data_root, leaves };
        let place = agreement.place().ok_or(RevisionError::Refused)?;
        let message = self.shared.ledger.network().revision_message(place, &body);
        let (domain, message) = message.map_err(PayingError::from)?;
        let owner = self.shared.keys.sign(domain, &message).to_bytes();
        let signatures = RecordedSignatures { key: OWN_KEY, owner, host: [0; 64] };
        let signatures = signatures.encode().map_err(PayingError::from)?;
        let data = AgreementData { revision: number, first_window, data_root, leaves, shards, signatures };
        let (record, written) = (agreement.record.clone(), data.clone());
        self.library(move |library| library.propose_revision(&record, &written)).await?;
        Ok(data)
    }

    /// Asks the host for its signature.
    async fn ask_to_revise(
        &self,
        agreement: &Agreement,
        mut data: AgreementData,
    ) -> Result<Asked, RevisionError> {
        let (place, signatures) =
            agreement.place().zip(RecordedSignatures::of(&data)).ok_or(RevisionError::Refused)?;
        let body = body_of(&data);
        let signed = WireRevision::of(&body, signatures.key, signatures.owner);
        let contact = self.contact(peer_of(agreement)).await?;
        let answered = self.shared.owner.client().revise(&contact, place, signed, &data.shards).await;
        let host = match answered {
            Ok(ReviseAnswer::Signed(signature)) => signature,
            Ok(ReviseAnswer::Lacking(roots)) => return Ok(Asked::Lacking(roots)),
            Err(ClientError::Refused { reason: Refusal::TermsRefused | Refusal::NotHosting, .. }) => {
                return Ok(Asked::Refused);
            }
            Err(error) => return Err(error.into()),
        };
        let network = self.shared.ledger.network();
        if !is_signed_by(&agreement.host.receipt_key, &network, (place, &body), &host) {
            return Err(RevisionError::NotSigned);
        }
        let signatures = RecordedSignatures { host, ..signatures };
        data.signatures = signatures.encode().map_err(PayingError::from)?;
        Ok(Asked::Signed(Box::new(data)))
    }

    /// Both have signed: it holds.
    async fn hold(&self, revising: &mut Revising, data: AgreementData) -> Result<(), PayingError> {
        revising.agreement.record.revision = data.revision;
        let (record, written) = (revising.agreement.record.clone(), data.clone());
        self.library(move |library| library.write_revision(&record, &written)).await?;
        (revising.holds, revising.proposed) = (data, None);
        Ok(())
    }
}
