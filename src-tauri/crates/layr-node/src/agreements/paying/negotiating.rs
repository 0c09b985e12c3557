//! What hosts have that nobody pays for, and when it is agreed on.

mod plan;

use std::collections::{BTreeMap, BTreeSet};

use layr_agreement::MAX_LEAD_S;
use layr_codec::ShardRoot;
use layr_keys::PeerId;
use layr_ledger::LedgerTip;
use layr_library::{AgreementRole, AgreementState, StoreError};
use sha2::{Digest as _, Sha256};

pub(crate) use self::plan::{Planned, RenewalPlan};
use super::opening::peer_of;
use super::{Agreement, Haste, Looked, Paying, PayingError, Renewed, Renewing, Shards, now_s};
use crate::agreements::{FirstWindow, calendar_of};
use crate::discovery::priced_holders;
use crate::wire::{MAX_AGREED_SHARDS, Offer};

/// By itself an owner opens escrows this far apart: each costs a twentieth of a lumen and more.
const OPENED_EVERY_S: u64 = 60 * 60;
const DAY_S: u64 = 24 * 60 * 60;
/// By itself the next term is agreed on so long before the one that runs ends: three weeks with the lid closed lose nothing. A person may do
/// it as early as the contract takes it.
const RENEW_AHEAD_S: u64 = 21 * DAY_S;

/// A term with a host, for what is agreed on beside it or after it.
#[derive(Debug, Clone)]
struct Term {
    /// The agreement's row.
    id: i64,
    peer: PeerId,
    begin_s: u64,
    end_s: u64,
    is_running: bool,
    /// Whether its data is to be agreed on anew, as it ends soon or has ended.
    is_renewed: bool,
}

impl Term {
    /// With which window the next one begins.
    fn next(&self) -> FirstWindow {
        FirstWindow::At(self.end_s)
    }
}

impl Paying {
    /// Agrees with all hosts that want to be paid for shards which no agreement covers, as far as the person allows it: in revisions of the
    /// agreements that run, and in escrows of their own what these have no room for. What is not there any more goes out of agreements.
    pub(super) async fn agree(
        &self,
        tip: &LedgerTip,
        haste: Haste,
        renewing: &Renewing,
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        let pays = self.limits().price_stroops_per_gib > 0;
        let terms = self.running(tip, renewing).await?;
        let uncovered =
            if pays { self.uncovered(&terms, FirstWindow::Soonest, tip).await? } else { BTreeMap::new() };
        let due = self.still(uncovered, haste);
        let due = self.revise(due, haste, tip, looked).await?;
        if !pays {
            return Ok(());
        }
        if !due.is_empty() && !self.is_early(tip, haste) && !self.is_unpaid(tip, haste) {
            self.agree_with(
                due,
                calendar_of(now_s(tip), FirstWindow::Soonest, renewing.windows),
                tip,
                looked,
            )
            .await?;
        }
        let ends: BTreeSet<FirstWindow> =
            terms.iter().filter(|term| term.is_renewed && term.is_running).map(Term::next).collect();
        for first in ends {
            let mut due = self.uncovered(&terms, first, tip).await?;
            if haste == Haste::WhenStill {
                // What came in since the next term was agreed on comes into that, once it runs.
                due.retain(|peer, _| {
                    !terms.iter().any(|term| term.peer == *peer && FirstWindow::At(term.begin_s) == first)
                });
            }
            if !due.is_empty() && !self.is_unpaid(tip, haste) {
                self.agree_with(due, calendar_of(now_s(tip), first, renewing.windows), tip, looked).await?;
            }
        }
        Ok(())
    }

    /// Whether something was opened a short while ago: who stores often does not pay for an escrow each time.
    fn is_early(&self, tip: &LedgerTip, haste: Haste) -> bool {
        let opened_s = self.shared.seen.lock().opened_s;
        haste == Haste::WhenStill
            && opened_s.is_some_and(|opened| now_s(tip) < opened.saturating_add(OPENED_EVERY_S))
    }

    /// Whether there was too little money a short while ago: hosts keep theirs ready for each consent.
    pub(super) fn is_unpaid(&self, tip: &LedgerTip, haste: Haste) -> bool {
        let unpaid_s = self.shared.seen.lock().unpaid_s;
        haste == Haste::WhenStill
            && unpaid_s.is_some_and(|unpaid_s| now_s(tip) < unpaid_s.saturating_add(OPENED_EVERY_S))
    }

    /// All terms that there are and were, as far as they matter for what is agreed on now.
    async fn running(&self, tip: &LedgerTip, renewing: &Renewing) -> Result<Vec<Term>, PayingError> {
        let renews = self.limits().renews;
        // What a person ended is agreed on anew only where that is asked for.
        let is_named = |agreement: &Agreement| match &renewing.which {
            Renewed::AsSet => renews && !agreement.is_terminated(),
            Renewed::All => true,
            Renewed::These(these) => these.contains(&agreement.record.id),
        };
        let ahead_s = if renewing.which == Renewed::AsSet { RENEW_AHEAD_S } else { MAX_LEAD_S };
        let records = self.library(|library| library.agreements(AgreementRole::Owner)).await?;
        let term = |agreement: &Agreement| Term {
            id: agreement.record.id,
            peer: peer_of(agreement),
            begin_s: agreement.record.begin_unix_s,
            end_s: agreement.record.end_unix_s,
            is_running: now_s(tip) < agreement.record.end_unix_s
                && agreement.record.state != AgreementState::Settled,
            is_renewed: is_named(agreement)
                && now_s(tip).saturating_add(ahead_s) >= agreement.record.end_unix_s,
        };
        let were_open = records
            .into_iter()
            .filter(|record| record.state != AgreementState::Dropped && self.is_here(record))
            .map(Agreement::read);
        Ok(were_open
            .map(|agreement| agreement.map(|agreement| term(&agreement)))
            .collect::<Result<_, _>>()?)
    }

    /// For each host that asks for a price, the shards there that no agreement covers from then on. What an agreement was about that is over
    /// is not taken up unasked: its owner let it end.
    async fn uncovered(
        &self,
        terms: &[Term],
        first: FirstWindow,
        tip: &LedgerTip,
    ) -> Result<BTreeMap<PeerId, Shards>, PayingError> {
        let from_s = match first {
            FirstWindow::Soonest => now_s(tip),
            FirstWindow::At(begin_s) => begin_s,
        };
        let fresh = self.shared.owner.hosts().offers().into_iter().map(|known| (known.peer, known.offer));
        let fresh: BTreeMap<PeerId, Offer> = fresh.collect();
        let terms = terms.to_vec();
        self.library(move |library| {
            let mut uncovered = BTreeMap::new();
            for (peer, _) in priced_holders(library, &fresh)? {
                let of_host = || terms.iter().filter(move |term| term.peer == peer);
                let mut shards: BTreeMap<ShardRoot, u32> = library.shards_at(&peer)?.into_iter().collect();
                if matches!(first, FirstWindow::At(_)) {
                    let ending = of_host().filter(|term| term.is_renewed && term.end_s == from_s);
                    let ending = roots_of(library, ending)?;
                    shards.retain(|root, _| ending.contains(root));
                }
                let covering = of_host().filter(|term| {
                    let is_over = term.end_s <= from_s;
                    if is_over { first == FirstWindow::Soonest && !term.is_renewed } else { term.is_running }
                });
                for root in roots_of(library, covering)? {
                    shards.remove(&root);
                }
                if !shards.is_empty() {
                    let shards = shards.into_iter().take(MAX_AGREED_SHARDS as usize).collect();
                    uncovered.insert(peer, shards);
                }
            }
            Ok(uncovered)
        })
        .await
    }

    /// Those lists that are as they were at the look before; all, in haste.
    fn still(&self, uncovered: BTreeMap<PeerId, Shards>, haste: Haste) -> BTreeMap<PeerId, Shards> {
        let digests: BTreeMap<PeerId, [u8; 32]> =
            uncovered.iter().map(|(peer, shards)| (*peer, digest_of(shards))).collect();
        let before = std::mem::replace(&mut self.shared.seen.lock().uncovered, digests.clone());
        let is_still = |peer: &PeerId| haste == Haste::Now || before.get(peer) == digests.get(peer);
        uncovered.into_iter().filter(|(peer, _)| is_still(peer)).collect()
    }
}

fn roots_of<'a>(
    library: &layr_library::Library,
    terms: impl Iterator<Item = &'a Term>,
) -> Result<BTreeSet<ShardRoot>, StoreError> {
    let mut roots = BTreeSet::new();
    for term in terms {
        let data = library.agreement_data(term.id, u32::MAX, u32::MAX)?;
        roots.extend(data.into_iter().flat_map(|data| data.shards).map(|(root, _)| root));
    }
    Ok(roots)
}

fn digest_of(shards: &Shards) -> [u8; 32] {
    let hash = shards.iter().fold(Sha256::new(), |hash, (root, _)| hash.chain_update(root.as_bytes()));
    hash.finalize().into()
}
