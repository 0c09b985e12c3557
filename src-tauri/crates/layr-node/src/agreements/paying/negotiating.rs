//! Agreeing with hosts that have shards which nobody pays for: their terms, their consents, one escrow for all of them.

mod budget;
mod plan;

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, stream};
use layr_agreement::{Calendar, MAX_HOSTS, MAX_LEAD_S};
use layr_codec::ShardRoot;
use layr_keys::PeerId;
use layr_ledger::agreement::{Consent, EscrowTerms, HostTerms, Seat};
use layr_ledger::{Account, LedgerTip, Stroops};
use layr_library::{AgreementData, AgreementRecord, AgreementRole, AgreementState, EscrowPlace, StoreError};
use sha2::{Digest as _, Sha256};

use self::budget::Budget;
pub(crate) use self::plan::{Planned, RenewalPlan};
use super::{Agreement, ESCROW_FEE_CAP, HOSTS_AT_ONCE, Haste, Looked, Paying, PayingError, Renewing, now_s};
use crate::agreements::{
    DEFAULT_COLLATERAL_PERCENT, FirstWindow, PROOF_REFUND_STROOPS, calendar, collateral_stroops, data_root,
    deposit_stroops, terms,
};
use crate::client::{AgreeAnswer, ClientError};
use crate::discovery::priced_holders;
use crate::net::Route;
use crate::wire::{MAX_AGREED_SHARDS, Offer, WireSeat, WireTerms};

/// Ledgers for which a consent still has to hold when its escrow is opened: five minutes.
const CONSENT_MARGIN_LEDGERS: u32 = 60;
const DAY_S: u64 = 24 * 60 * 60;
/// By itself an owner opens escrows this far apart: each costs a twentieth of a lumen and more.
const OPENED_EVERY_S: u64 = 60 * 60;
/// By itself the next term is agreed on so long before the one that runs ends: three weeks with the lid closed lose nothing. A person may do
/// it as early as the contract takes it.
const RENEW_AHEAD_S: u64 = 21 * DAY_S;

type Shards = Vec<(ShardRoot, u32)>;

/// A host that consented.
struct Consented {
    peer: PeerId,
    host: HostTerms,
    shards: Shards,
    consent: Vec<u8>,
    until_ledger: u32,
}

/// A term with a host, for what is agreed on beside it or after it.
#[derive(Debug, Clone)]
struct Term {
    /// The agreement's row.
    id: i64,
    peer: PeerId,
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

/// Why a host did not consent.
#[derive(Debug, thiserror::Error)]
enum NegotiationError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Paying(#[from] PayingError),
    #[error("it is paid by nobody here: it names no account")]
    NoAccount,
    #[error("its price is above the limit")]
    TooDear,
    #[error("it agrees to terms of {days} days at most")]
    TooShort { days: u32 },
    #[error("it lacks all of them")]
    LacksAll,
    #[error("its consent is none")]
    NoConsent,
}

impl Paying {
    /// Agrees with all hosts that want to be paid for shards which no agreement covers, as far as the person allows it.
    pub(super) async fn agree(
        &self,
        tip: &LedgerTip,
        haste: Haste,
        renewing: &Renewing,
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        if self.limits().price_stroops_per_gib == 0 {
            return Ok(());
        }
        let terms = self.running(tip, renewing).await?;
        let ends: BTreeSet<FirstWindow> =
            terms.iter().filter(|term| term.is_renewed && term.is_running).map(Term::next).collect();
        for first in std::iter::once(FirstWindow::Soonest).chain(ends) {
            let uncovered = self.uncovered(&terms, first, tip).await?;
            let due = match first {
                FirstWindow::Soonest if self.is_early(tip, haste) => BTreeMap::new(),
                FirstWindow::Soonest => self.still(uncovered, haste),
                FirstWindow::At(_) => uncovered,
            };
            if !due.is_empty() {
                self.agree_with(due, calendar(now_s(tip), first), tip, looked).await?;
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

    /// All terms that there are and were, as far as they matter for what is agreed on now.
    async fn running(&self, tip: &LedgerTip, renewing: &Renewing) -> Result<Vec<Term>, PayingError> {
        let renews = self.limits().renews;
        let is_named = |id: i64| match renewing {
            Renewing::AsSet => renews,
            Renewing::All => true,
            Renewing::These(these) => these.contains(&id),
        };
        let ahead_s = if *renewing == Renewing::AsSet { RENEW_AHEAD_S } else { MAX_LEAD_S };
        let records = self.library(|library| library.agreements(AgreementRole::Owner)).await?;
        let term = |record: &AgreementRecord| Term {
            id: record.id,
            peer: PeerId::from_bytes(record.other),
            end_s: record.end_unix_s,
            is_running: now_s(tip) < record.end_unix_s && record.state != AgreementState::Settled,
            is_renewed: is_named(record.id) && now_s(tip).saturating_add(ahead_s) >= record.end_unix_s,
        };
        let were_open =
            records.iter().filter(|record| record.state != AgreementState::Dropped && self.is_here(record));
        Ok(were_open.map(term).collect())
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

    /// Agrees on one term with these hosts.
    async fn agree_with(
        &self,
        due: BTreeMap<PeerId, Shards>,
        calendar: Calendar,
        tip: &LedgerTip,
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        let suspects = self.shared.seen.lock().suspects.clone();
        let (alone, together): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|(peer, _)| suspects.contains(peer));
        let mut escrows: Vec<Vec<(PeerId, Shards)>> = alone.into_iter().map(|one| vec![one]).collect();
        escrows.extend(together.chunks(MAX_HOSTS as usize).map(<[_]>::to_vec));
        for hosts in escrows {
            let terms = terms(
                self.shared.ledger.account(),
                *self.shared.keys.owner_id().as_bytes(),
                calendar,
                self.random()?,
            );
            let consented = self.consents(&terms, hosts, tip, looked).await;
            let affordable = self.affordable(&terms, consented, looked).await?;
            if !affordable.is_empty() {
                self.shared.seen.lock().opened_s = Some(now_s(tip));
                self.put_together(terms, affordable, looked).await?;
            }
        }
        Ok(())
    }

    async fn consents(
        &self,
        terms: &EscrowTerms,
        hosts: Vec<(PeerId, Shards)>,
        tip: &LedgerTip,
        looked: &mut Looked,
    ) -> Vec<Consented> {
        let answers = stream::iter(hosts)
            .map(|(peer, shards)| async move { (peer, self.consent_of(terms, peer, shards, tip).await) })
            .buffer_unordered(HOSTS_AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        let mut consented = Vec::new();
        for (peer, answer) in answers {
            match answer {
                Ok(one) => consented.push(one),
                Err(error) => looked.hinder(Some(peer), error),
            }
        }
        consented
    }

    async fn consent_of(
        &self,
        terms: &EscrowTerms,
        peer: PeerId,
        mut shards: Shards,
        tip: &LedgerTip,
    ) -> Result<Consented, NegotiationError> {
        let client = self.shared.owner.client();
        let contact = self.contact(peer).await?;
        let offer = client.offer(&contact, Route::Direct).await?.offer;
        let host = self.host_terms(terms, peer, &offer, &shards)?;
        let (host, answer) = match client.agree(&contact, (terms, &host), &shards).await? {
            AgreeAnswer::Lacking(lacking) => {
                // What it lacks is hearsay, for the audits to see.
                shards.retain(|(root, _)| !lacking.contains(root));
                let host = self.host_terms(terms, peer, &offer, &shards)?;
                let answer = client.agree(&contact, (terms, &host), &shards).await?;
                (host, answer)
            }
            answer @ AgreeAnswer::Consent { .. } => (host, answer),
        };
        let AgreeAnswer::Consent { consent, .. } = answer else { return Err(NegotiationError::LacksAll) };
        let ledger = &self.shared.ledger;
        let joining = ledger.contract().joining(terms, &host).map_err(PayingError::from)?;
        let read = Consent::read(&consent, host.account, ledger.network().network_id, &joining);
        let until_ledger = read
            .map(|(_, until_ledger)| until_ledger)
            .filter(|until| *until >= tip.sequence.saturating_add(CONSENT_MARGIN_LEDGERS))
            .ok_or(NegotiationError::NoConsent)?;
        Ok(Consented { peer, host, shards, consent, until_ledger })
    }

    fn host_terms(
        &self,
        terms: &EscrowTerms,
        peer: PeerId,
        offer: &Offer,
        shards: &Shards,
    ) -> Result<HostTerms, NegotiationError> {
        let (price, windows) = (offer.price_stroops_per_gib_window, terms.calendar.windows);
        if price > self.limits().price_stroops_per_gib {
            return Err(NegotiationError::TooDear);
        }
        let longest_s = u64::from(offer.max_term_days) * DAY_S;
        if longest_s < u64::from(windows) * u64::from(terms.calendar.window_s) {
            return Err(NegotiationError::TooShort { days: offer.max_term_days });
        }
        let account = offer.account.ok_or(NegotiationError::NoAccount)?;
        let root = data_root(shards).map_err(PayingError::from)?.ok_or(NegotiationError::LacksAll)?;
        let percent = offer.collateral_percent.unwrap_or(DEFAULT_COLLATERAL_PERCENT);
        Ok(HostTerms {
            account: Account::from_bytes(account.0),
            receipt_key: *peer.as_bytes(),
            price_stroops_per_gib: price,
            deposit_stroops: deposit_stroops(root.leaf_count, price, windows).map_err(PayingError::from)?,
            collateral_stroops: collateral_stroops(root.leaf_count, price, windows, percent)
                .map_err(PayingError::from)?,
            proof_refund_stroops: PROOF_REFUND_STROOPS,
            data_root: root.hash,
            leaves: root.leaf_count,
        })
    }

    /// Those of them that the account and the monthly limit have room for, the cheapest first.
    async fn affordable(
        &self,
        terms: &EscrowTerms,
        mut consented: Vec<Consented>,
        looked: &mut Looked,
    ) -> Result<Vec<Consented>, PayingError> {
        consented.sort_by_key(|one| (one.host.price_stroops_per_gib, one.peer));
        let mut budget = Budget::of(self, terms.calendar.begin_s(0)).await?;
        budget.open_escrow();
        let mut taken = Vec::new();
        for one in consented {
            let deposit = Stroops::new(one.host.deposit_stroops).map_err(layr_ledger::LedgerError::from)?;
            match budget.take(&terms.calendar, deposit) {
                Ok(()) => taken.push(one),
                Err(short) => {
                    looked.unpaid += 1;
                    looked.hinder(Some(one.peer), short);
                }
            }
        }
        Ok(taken)
    }

    /// Writes an escrow down with all its hosts, and brings it onto the ledger.
    async fn put_together(
        &self,
        terms: EscrowTerms,
        hosts: Vec<Consented>,
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        let of_hosts: Vec<HostTerms> = hosts.iter().map(|one| one.host.clone()).collect();
        let id = terms.id(&of_hosts)?;
        let count = u8::try_from(hosts.len()).unwrap_or(u8::MAX);
        let encoded = |reason: minicbor::encode::Error<std::convert::Infallible>| StoreError::Damaged {
            detail: reason.to_string(),
        };
        let mut records = Vec::with_capacity(hosts.len());
        for (number, one) in (0_u8..).zip(hosts) {
            let seat = Seat::of(&of_hosts, number)?;
            let network = self.shared.ledger.network();
            let record = AgreementRecord {
                id: 0,
                role: AgreementRole::Owner,
                network_id: network.network_id,
                contract: *network.contract.as_bytes(),
                other: *one.peer.as_bytes(),
                terms: minicbor::to_vec(WireTerms::of(&terms)).map_err(encoded)?,
                seat: minicbor::to_vec(WireSeat::of(&one.host)).map_err(encoded)?,
                consent: one.consent,
                consent_until_ledger: one.until_ledger,
                place: Some(EscrowPlace {
                    escrow: id.0,
                    host: number,
                    path: seat.path.encode(),
                    hosts: count,
                }),
                state: AgreementState::Consented,
                is_told: false,
                decided: 0,
                proven: 0,
                earned_stroops: 0,
                revision: 0,
                receipt: None,
                closing: None,
                begin_unix_s: terms.calendar.begin_s(0),
                end_unix_s: terms.calendar.begin_s(terms.calendar.windows),
            };
            let data = AgreementData {
                revision: 0,
                first_window: 0,
                data_root: one.host.data_root,
                leaves: one.host.leaves,
                shards: one.shards,
                signatures: Vec::new(),
            };
            records.push((record, Some(data)));
        }
        let rows = self.write(records.clone()).await?;
        let agreements = records
            .into_iter()
            .zip(rows)
            .map(|((record, _), id)| Agreement::read(AgreementRecord { id, ..record }));
        self.open_escrow(id, agreements.collect::<Result<_, _>>()?, looked).await
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
