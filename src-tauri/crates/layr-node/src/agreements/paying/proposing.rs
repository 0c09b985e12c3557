//! Terms for hosts, and their consents: one escrow for all of them.
//!
//! What a host is asked to consent to is written down first. So who is killed in between asks for just the same again, and the host, which has
//! consented to it, gives the same consent: it has its money promised once.

use std::collections::BTreeMap;

use futures::{StreamExt as _, stream};
use layr_agreement::{Calendar, MAX_HOSTS};
use layr_keys::PeerId;
use layr_ledger::agreement::{Consent, EscrowTerms, HostTerms, Seat};
use layr_ledger::{Account, LedgerTip, Stroops};
use layr_library::{AgreementData, AgreementRecord, AgreementRole, AgreementState, EscrowPlace, StoreError};

use super::budget::{Budget, Short};
use super::opening::peer_of;
use super::{Agreement, HOSTS_AT_ONCE, Haste, Looked, Missing, Paying, PayingError, Shards, now_s};
use crate::agreements::{
    DEFAULT_COLLATERAL_PERCENT, PROOF_REFUND_STROOPS, collateral_stroops, data_root, roomy_deposit_stroops,
    terms,
};
use crate::client::{AgreeAnswer, ClientError};
use crate::net::Route;
use crate::wire::{Offer, Refusal, WireSeat, WireTerms};

/// Ledgers for which a consent still has to hold when its escrow is opened: five minutes.
const CONSENT_MARGIN_LEDGERS: u32 = 60;
/// Ledgers in which a proposal is repeated: an hour, as long as the consent to it holds.
const PROPOSED_LEDGERS: u32 = 720;
const DAY_S: u64 = 24 * 60 * 60;

/// What a host is asked to consent to.
struct Proposal {
    agreement: Agreement,
    shards: Shards,
}

/// A host's signed consent.
struct Consented {
    agreement: Agreement,
    consent: Vec<u8>,
    until_ledger: u32,
}

/// Why a host did not consent.
#[derive(Debug, thiserror::Error)]
pub(super) enum NegotiationError {
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

impl NegotiationError {
    /// Whether the host may have consented, or will to the same.
    fn may_pass(&self) -> bool {
        match self {
            Self::Client(ClientError::Refused { reason, .. }) => {
                matches!(reason, Refusal::Busy | Refusal::DiskUnusable | Refusal::NotOnLedger)
            }
            Self::Client(_) | Self::Paying(_) => true,
            Self::NoAccount | Self::TooDear | Self::TooShort { .. } | Self::LacksAll | Self::NoConsent => {
                false
            }
        }
    }
}

impl Paying {
    /// Agrees on one term with these hosts.
    pub(super) async fn agree_with(
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
            let proposals = self.propose(&terms, hosts, tip, looked).await?;
            self.conclude(proposals, tip, looked).await?;
        }
        Ok(())
    }

    /// Takes up what hosts were asked before, in an earlier run or without an answer.
    pub(super) async fn resume_proposals(
        &self,
        proposed: Vec<Agreement>,
        (tip, haste): (&LedgerTip, Haste),
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        let mut escrows: BTreeMap<Vec<u8>, Vec<Proposal>> = BTreeMap::new();
        for agreement in proposed {
            let is_over = agreement.record.consent_until_ledger < tip.sequence
                || now_s(tip) >= agreement.terms.calendar.joining_ends_s();
            if is_over {
                self.forget(&agreement).await?;
                continue;
            }
            let id = agreement.record.id;
            let data = self.library(move |library| library.agreement_data(id, 0, 0)).await?;
            let shards = data.map(|data| data.shards).unwrap_or_default();
            let escrow = agreement.record.terms.clone();
            escrows.entry(escrow).or_default().push(Proposal { agreement, shards });
        }
        // Hosts are not asked each minute for what there is no money for.
        if self.is_unpaid(tip, haste) {
            return Ok(());
        }
        for proposals in escrows.into_values() {
            self.conclude(proposals, tip, looked).await?;
        }
        Ok(())
    }

    async fn forget(&self, proposed: &Agreement) -> Result<(), PayingError> {
        let id = proposed.record.id;
        self.library(move |library| library.forget_proposal(id)).await
    }

    /// Writes down what these hosts are about to be asked.
    async fn propose(
        &self,
        terms: &EscrowTerms,
        hosts: Vec<(PeerId, Shards)>,
        tip: &LedgerTip,
        looked: &mut Looked,
    ) -> Result<Vec<Proposal>, PayingError> {
        let seats = stream::iter(hosts)
            .map(|(peer, shards)| async move { (peer, self.seat_of(terms, peer, &shards).await, shards) })
            .buffer_unordered(HOSTS_AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        let mut proposals = Vec::new();
        for (peer, seat, shards) in seats {
            match seat {
                Ok(seat) => proposals.push(self.written(terms, (peer, seat), shards, tip).await?),
                Err(error) => looked.hinder(Some(peer), error),
            }
        }
        Ok(proposals)
    }

    async fn written(
        &self,
        terms: &EscrowTerms,
        (peer, host): (PeerId, HostTerms),
        shards: Shards,
        tip: &LedgerTip,
    ) -> Result<Proposal, PayingError> {
        let network = self.shared.ledger.network();
        let encoded = |reason: minicbor::encode::Error<std::convert::Infallible>| StoreError::Damaged {
            detail: reason.to_string(),
        };
        let mut record = AgreementRecord {
            id: 0,
            role: AgreementRole::Owner,
            network_id: network.network_id,
            contract: *network.contract.as_bytes(),
            other: *peer.as_bytes(),
            terms: minicbor::to_vec(WireTerms::of(terms)).map_err(encoded)?,
            seat: minicbor::to_vec(WireSeat::of(&host)).map_err(encoded)?,
            consent: Vec::new(),
            consent_until_ledger: tip.sequence.saturating_add(PROPOSED_LEDGERS),
            place: None,
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
            asked: 0,
        };
        let data = AgreementData {
            revision: 0,
            first_window: 0,
            data_root: host.data_root,
            leaves: host.leaves,
            shards: shards.clone(),
            signatures: Vec::new(),
        };
        record.id = self.write(vec![(record.clone(), Some(data))]).await?.into_iter().next().unwrap_or(0);
        Ok(Proposal { agreement: Agreement { record, terms: terms.clone(), host }, shards })
    }

    /// Asks hosts of one escrow for their consents, and opens it with those that there is money for. The others are asked again.
    async fn conclude(
        &self,
        proposals: Vec<Proposal>,
        tip: &LedgerTip,
        looked: &mut Looked,
    ) -> Result<(), PayingError> {
        let answers = stream::iter(proposals)
            .map(|mut proposal| async move {
                let consent = self.consent_to(&mut proposal, tip).await;
                (proposal.agreement, consent)
            })
            .buffer_unordered(HOSTS_AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        let mut consented = Vec::new();
        for (agreement, answer) in answers {
            match answer {
                Ok((consent, until_ledger)) => consented.push(Consented { agreement, consent, until_ledger }),
                Err(error) => {
                    if !error.may_pass() {
                        self.forget(&agreement).await?;
                    }
                    looked.hinder(Some(peer_of(&agreement)), error);
                }
            }
        }
        let count = consented.len();
        let affordable = self.affordable(consented, tip, looked).await?;
        self.shared.seen.lock().unpaid_s = (affordable.len() < count).then(|| now_s(tip));
        if !affordable.is_empty() {
            self.shared.seen.lock().opened_s = Some(now_s(tip));
            self.put_together(affordable, looked).await?;
        }
        Ok(())
    }

    /// A host's consent, and the last ledger in which it holds.
    async fn consent_to(
        &self,
        proposal: &mut Proposal,
        tip: &LedgerTip,
    ) -> Result<(Vec<u8>, u32), NegotiationError> {
        if proposal.agreement.host.price_stroops_per_gib > self.limits().price_stroops_per_gib {
            return Err(NegotiationError::TooDear);
        }
        let mut answer = self.asked_to_agree(proposal).await?;
        if let AgreeAnswer::Lacking(lacking) = &answer {
            // What it lacks is hearsay, for the audits to see.
            let shards = proposal.shards.iter().filter(|(root, _)| !lacking.contains(root));
            let shards: Shards = shards.copied().collect();
            let (peer, terms) = (peer_of(&proposal.agreement), proposal.agreement.terms.clone());
            let seat = self.seat_of(&terms, peer, &shards).await?;
            self.forget(&proposal.agreement).await?;
            *proposal = self.written(&terms, (peer, seat), shards, tip).await?;
            answer = self.asked_to_agree(proposal).await?;
        }
        let AgreeAnswer::Consent { consent, .. } = answer else { return Err(NegotiationError::LacksAll) };
        let (ledger, agreement) = (&self.shared.ledger, &proposal.agreement);
        let joining =
            ledger.contract().joining(&agreement.terms, &agreement.host).map_err(PayingError::from)?;
        let read = Consent::read(&consent, agreement.host.account, ledger.network().network_id, &joining);
        let until_ledger = read
            .map(|(_, until_ledger)| until_ledger)
            .filter(|until| *until >= tip.sequence.saturating_add(CONSENT_MARGIN_LEDGERS))
            .ok_or(NegotiationError::NoConsent)?;
        Ok((consent, until_ledger))
    }

    async fn asked_to_agree(&self, proposal: &Proposal) -> Result<AgreeAnswer, NegotiationError> {
        let Proposal { agreement, shards } = proposal;
        let contact = self.contact(peer_of(agreement)).await?;
        let client = self.shared.owner.client();
        Ok(client.agree(&contact, (&agreement.terms, &agreement.host), shards).await?)
    }

    /// Terms for a host, by what it offers now.
    async fn seat_of(
        &self,
        terms: &EscrowTerms,
        peer: PeerId,
        shards: &Shards,
    ) -> Result<HostTerms, NegotiationError> {
        let contact = self.contact(peer).await?;
        let offer = self.shared.owner.client().offer(&contact, Route::Direct).await?.offer;
        let there = self.library(move |library| library.shards_at(&peer)).await?;
        let at_host = there.iter().map(|(_, leaves)| u64::from(*leaves)).sum();
        self.host_terms(terms, (peer, &offer), shards, at_host)
    }

    fn host_terms(
        &self,
        terms: &EscrowTerms,
        (peer, offer): (PeerId, &Offer),
        shards: &Shards,
        at_host: u64,
    ) -> Result<HostTerms, NegotiationError> {
        let (price, windows) = (offer.price_stroops_per_gib_window, terms.calendar.windows);
        if price > self.limits().price_stroops_per_gib {
            return Err(NegotiationError::TooDear);
        }
        let longest_s = u64::from(offer.max_term_days) * DAY_S;
        if longest_s < u64::from(windows) * u64::from(terms.calendar.window_s) {
            return Err(NegotiationError::TooShort { days: offer.max_term_days });
        }
        if shards.is_empty() {
            return Err(NegotiationError::LacksAll);
        }
        let account = offer.account.ok_or(NegotiationError::NoAccount)?;
        let root = data_root(shards).map_err(PayingError::from)?;
        let percent = offer.collateral_percent.unwrap_or(DEFAULT_COLLATERAL_PERCENT);
        let deposit = roomy_deposit_stroops(root.leaf_count, at_host, price, windows);
        let collateral = collateral_stroops(root.leaf_count, price, windows, percent);
        Ok(HostTerms {
            account: Account::from_bytes(account.0),
            receipt_key: *peer.as_bytes(),
            price_stroops_per_gib: price,
            deposit_stroops: deposit.map_err(PayingError::from)?,
            collateral_stroops: collateral.map_err(PayingError::from)?,
            proof_refund_stroops: PROOF_REFUND_STROOPS,
            data_root: root.hash,
            leaves: root.leaf_count,
        })
    }

    /// Those of them that the account and the monthly limit have room for, the cheapest first.
    async fn affordable(
        &self,
        mut consented: Vec<Consented>,
        tip: &LedgerTip,
        looked: &mut Looked,
    ) -> Result<Vec<Consented>, PayingError> {
        let Some(terms) = consented.first().map(|one| one.agreement.terms.clone()) else {
            return Ok(consented);
        };
        consented.sort_by_key(|one| (one.agreement.host.price_stroops_per_gib, peer_of(&one.agreement)));
        let mut budget = Budget::of(self, terms.calendar.begin_s(0), now_s(tip)).await?;
        budget.open_escrow();
        let (mut taken, mut put_in, mut missing) = (Vec::new(), Stroops::ZERO, Missing::default());
        for one in consented {
            let deposit = one.agreement.host.deposit_stroops;
            let deposit = Stroops::new(deposit).map_err(layr_ledger::LedgerError::from)?;
            let beside = Stroops::new(looked.deposited_stroops).map_err(layr_ledger::LedgerError::from)?;
            let in_all = beside.saturating_add(put_in).saturating_add(deposit);
            let allowed = match looked.most {
                Some(most) if in_all > most => Err(Short::Yes(most)),
                _ => budget.take(&terms.calendar, deposit),
            };
            match allowed {
                Ok(()) => {
                    put_in = put_in.saturating_add(deposit);
                    taken.push(one);
                }
                Err(short) => {
                    looked.unpaid += 1;
                    match short {
                        // Nobody says yes to it later, unasked.
                        Short::Yes(_) => self.forget(&one.agreement).await?,
                        Short::Money(_) => missing.money = missing.money.saturating_add(deposit),
                        Short::Limit(_) => {
                            let month = Budget::of_month(&terms.calendar, deposit);
                            missing.monthly = missing.monthly.saturating_add(month);
                        }
                    }
                    looked.hinder(Some(peer_of(&one.agreement)), short);
                }
            }
        }
        looked.missing.money =
            looked.missing.money.saturating_add(missing.money.saturating_sub(budget.room()));
        looked.missing.monthly =
            looked.missing.monthly.saturating_add(missing.monthly.saturating_sub(budget.monthly()));
        Ok(taken)
    }

    /// Writes an escrow down with all its hosts, and brings it onto the ledger.
    async fn put_together(&self, hosts: Vec<Consented>, looked: &mut Looked) -> Result<(), PayingError> {
        let Some(terms) = hosts.first().map(|one| one.agreement.terms.clone()) else { return Ok(()) };
        let of_hosts: Vec<HostTerms> = hosts.iter().map(|one| one.agreement.host.clone()).collect();
        let id = terms.id(&of_hosts)?;
        let count = u8::try_from(hosts.len()).unwrap_or(u8::MAX);
        let mut agreements = Vec::with_capacity(hosts.len());
        for (host, Consented { mut agreement, consent, until_ledger }) in (0_u8..).zip(hosts) {
            let path = Seat::of(&of_hosts, host)?.path.encode();
            agreement.record.consent = consent;
            agreement.record.consent_until_ledger = until_ledger;
            agreement.record.place = Some(EscrowPlace { escrow: id.0, host, path, hosts: count });
            agreements.push(agreement);
        }
        self.write(agreements.iter().map(|agreement| (agreement.record.clone(), None)).collect()).await?;
        self.open_escrow(id, agreements, looked).await
    }
}
