//! Agreeing to terms: looking at them, taking the list of shards in, and signing the consent to join.
//!
//! A consent lets its owner take this host's collateral for an hour. So it is written down with all that is needed to keep to it before
//! anybody sees it, and the sum of what may be taken is never above what the account can spend.

use layr_codec::{LEAF_BYTES, ShardRoot};
use layr_keys::{OwnerId, PeerId};
use layr_ledger::agreement::{Authority, EscrowTerms, HostTerms};
use layr_ledger::{LedgerTip, Stroops};
use layr_library::{AgreementData, AgreementRecord, AgreementRole, AgreementState};
use layr_proof::Node;
use layr_vault::Vault;

use super::terms::are_agreeable;
use super::{Agreement, Service, not_on_ledger};
use crate::agreements::{AgreementLedger, data_root};
use crate::host::progress::Watchdog;
use crate::host::rate_limit::{MAX_BACKLOG, SLICE_BYTES};
use crate::host::{Ended, answer, refusal};
use crate::net::BoxStream;
use crate::wire::{
    LISTED_SHARD_BYTES, MAX_AGREED_SHARDS, MAX_ROOTS, Refusal, Response, WireRoot, WireSeat, WireTerms,
    read_listed_shards,
};

/// Ledgers of five seconds in which a consent holds: an hour, in which an owner asks all hosts and opens.
pub(super) const CONSENT_LEDGERS: u32 = 720;
/// Consents of one owner that may still be used: each keeps money away from others, also where nothing comes of it. Some, as an owner asks
/// anew when a host of its escrow has gone, and for the next term.
pub(super) const MAX_CONSENTS_OF_OWNER: usize = 4;
/// Consents of all owners that may still be used: more than owners come in an hour.
pub(super) const MAX_CONSENTS: usize = 256;
/// Half a lumen stays for fees: a proof on the ledger costs a tenth of that at most, and brings its refund.
const KEPT_FOR_FEES: Stroops = Stroops::small(5_000_000);
/// Shards looked up at once, so that others have their turn at the vault.
const LOOKED_UP_AT_ONCE: usize = 1024;

/// What an owner proposes.
struct Proposal {
    owner: OwnerId,
    terms: EscrowTerms,
    seat: HostTerms,
}

/// A consent as its owner gets it.
struct Signed {
    consent: Vec<u8>,
    until_ledger: u32,
}

/// Serves one `Agree` whose certificate has been checked.
pub(in crate::host) async fn serve(
    service: &Service,
    stream: &mut BoxStream,
    (peer, owner): (PeerId, OwnerId),
    (terms, seat, shards): (WireTerms, WireSeat, u32),
) -> Result<(), Ended> {
    let vault = service.lending_vault()?;
    if service.settings.read().paused {
        return Err(Refusal::Paused.into());
    }
    let (terms, seat) = terms.terms().zip(seat.terms()).ok_or(Refusal::BadRequest)?;
    let is_bounded = (1..=MAX_AGREED_SHARDS).contains(&shards) && seat.leaves >= u64::from(shards);
    if !is_bounded {
        return Err(Refusal::BadRequest.into());
    }
    let desk = &service.agreements;
    let _peer = desk.listing.enter(peer).ok_or(Refusal::Busy)?;
    let _list = desk.lists.try_acquire().map_err(|_| Refusal::Busy)?;
    if service.down.backlog(peer) > MAX_BACKLOG {
        return Err(Refusal::Busy.into());
    }
    let proposal = Proposal { owner, terms, seat };
    let tip = service.look_at_terms(&proposal).await?;
    if service.earlier(&proposal, &tip).await?.is_none() {
        service.can_consent(&proposal, &tip).await?;
    }
    answer(stream, &Response::Accepted).await?;
    let listed = receive(service, stream, peer, shards).await?;
    let expected = Node { hash: proposal.seat.data_root, leaf_count: proposal.seat.leaves };
    let listed = service.counted(listed, expected).await?;
    let mut lacking = service.lacking(&vault, owner, &listed).await?;
    if lacking.is_empty() {
        match service.consent(&proposal, &vault, listed).await? {
            Ok(Signed { consent, until_ledger }) => {
                return answer(stream, &Response::Consent { consent, until_ledger }).await;
            }
            Err(gone_meanwhile) => lacking = gone_meanwhile,
        }
    }
    answer(stream, &Response::Lacking { roots: lacking.into_iter().map(WireRoot::from).collect() }).await
}

/// Takes the list, which has 9 MiB at most.
pub(super) async fn receive(
    service: &Service,
    stream: &mut BoxStream,
    peer: PeerId,
    shards: u32,
) -> Result<Vec<(ShardRoot, u32)>, Ended> {
    let shards = usize::try_from(shards).map_err(|_| Refusal::BadRequest)?;
    let mut bytes = vec![0; shards * LISTED_SHARD_BYTES];
    let mut watchdog = Watchdog::new(service.net.patience());
    let rate = service.down.of(peer);
    for slice in bytes.chunks_mut(SLICE_BYTES) {
        watchdog.read(stream, slice).await?;
        rate.pass(slice.len()).await;
    }
    Ok(read_listed_shards(&bytes).ok_or(Refusal::BadRequest)?)
}

impl Service {
    /// The ledger's time, where the terms are agreeable by it.
    async fn look_at_terms(&self, proposal: &Proposal) -> Result<LedgerTip, Refusal> {
        let ledger = self.agreements.ledger()?;
        let asking = self.asking().ok_or(Refusal::TermsRefused)?;
        let tip = ledger.tip().await.map_err(|error| not_on_ledger(&error))?;
        let receipt_key = self.agreements.device.peer_id();
        let (terms, seat) = (&proposal.terms, &proposal.seat);
        if are_agreeable((terms, seat), &asking, receipt_key.as_bytes(), tip.close_time_unix_s) {
            Ok(tip)
        } else {
            Err(Refusal::TermsRefused)
        }
    }

    /// The list, if it is what its owner says.
    pub(super) async fn counted(
        &self,
        listed: Vec<(ShardRoot, u32)>,
        expected: Node,
    ) -> Result<Vec<(ShardRoot, u32)>, Refusal> {
        let _turn = self.admission.proof().await.ok_or(Refusal::Busy)?;
        let (is_so, listed) =
            self.blocking(move || (data_root(&listed).is_ok_and(|root| root == expected), listed)).await?;
        if is_so { Ok(listed) } else { Err(Refusal::RootMismatch) }
    }

    /// The first shards that this owner does not have here, or not of that size.
    pub(super) async fn lacking(
        &self,
        vault: &Vault,
        owner: OwnerId,
        listed: &[(ShardRoot, u32)],
    ) -> Result<Vec<ShardRoot>, Refusal> {
        let mut lacking = Vec::new();
        for part in listed.chunks(LOOKED_UP_AT_ONCE) {
            let (vault, part) = (vault.clone(), part.to_vec());
            let lacks = move || {
                let roots: Vec<ShardRoot> = part.iter().map(|(root, _)| *root).collect();
                let (held, sizes) = (vault.holds(owner, &roots)?, vault.sizes(owner, &roots)?);
                let is_here = |((_, leaves), (is_held, size)): (&(ShardRoot, u32), (bool, Option<u64>))| {
                    is_held && size == Some(u64::from(*leaves) * LEAF_BYTES as u64)
                };
                let looked_up = part.iter().zip(held.into_iter().zip(sizes));
                Ok(looked_up.filter(|found| !is_here(*found)).map(|((root, _), _)| *root).collect::<Vec<_>>())
            };
            lacking.extend(self.blocking(lacks).await?.map_err(|error| refusal::of_store(&error))?);
            if lacking.len() >= MAX_ROOTS {
                lacking.truncate(MAX_ROOTS);
                break;
            }
        }
        Ok(lacking)
    }

    /// The consent that was given to the same before; none, where another one may be given.
    async fn earlier(&self, proposal: &Proposal, tip: &LedgerTip) -> Result<Option<Signed>, Refusal> {
        let open = self.agreements.open().await.map_err(|_| Refusal::DiskUnusable)?;
        let is_same = |earlier: &Agreement| {
            earlier.record.other == *proposal.owner.as_bytes()
                && earlier.terms == proposal.terms
                && earlier.host == proposal.seat
        };
        let Some(Agreement { record, .. }) = open.into_iter().find(is_same) else { return Ok(None) };
        // Whether one whose time is over was used is still to be found out: two of the same would take the collateral twice.
        let is_over =
            record.state == AgreementState::Consented && record.consent_until_ledger <= tip.sequence;
        if is_over {
            return Err(Refusal::Busy);
        }
        Ok(Some(Signed { consent: record.consent, until_ledger: record.consent_until_ledger }))
    }

    /// Whether one more consent is within bounds, and the account can pay for it and for all others that may still be used.
    async fn can_consent(&self, proposal: &Proposal, tip: &LedgerTip) -> Result<(), Refusal> {
        let open = self.agreements.open().await.map_err(|_| Refusal::DiskUnusable)?;
        let is_usable = |earlier: &&Agreement| {
            earlier.record.state == AgreementState::Consented
                && earlier.record.consent_until_ledger >= tip.sequence
        };
        let usable: Vec<&Agreement> = open.iter().filter(is_usable).collect();
        let owner = proposal.owner.as_bytes();
        let of_owner = usable.iter().filter(|earlier| earlier.record.other == *owner).count();
        if of_owner >= MAX_CONSENTS_OF_OWNER || usable.len() >= MAX_CONSENTS {
            return Err(Refusal::Busy);
        }
        let collateral = |host: &HostTerms| Stroops::new(host.collateral_stroops).unwrap_or(Stroops::MAX);
        let promised = usable.iter().map(|earlier| collateral(&earlier.host));
        let needed = promised.fold(KEPT_FOR_FEES, Stroops::saturating_add);
        let needed = needed.saturating_add(collateral(&proposal.seat));
        let ledger = self.agreements.ledger()?;
        let account = ledger.queue().ledger().find_account(ledger.account()).await;
        let account = account.map_err(|error| not_on_ledger(&error))?;
        if account.is_some_and(|account| account.spendable() >= needed) {
            Ok(())
        } else {
            Err(Refusal::CannotAfford)
        }
    }

    /// Signs, and writes down. Answers the shards instead that are gone since they were looked up.
    async fn consent(
        &self,
        proposal: &Proposal,
        vault: &Vault,
        listed: Vec<(ShardRoot, u32)>,
    ) -> Result<Result<Signed, Vec<ShardRoot>>, Refusal> {
        let desk = &self.agreements;
        let ledger = desk.ledger()?;
        let _consenting = desk.consenting.lock().await;
        // The list took its time.
        let tip = self.look_at_terms(proposal).await?;
        if let Some(earlier) = self.earlier(proposal, &tip).await? {
            return Ok(Ok(earlier));
        }
        self.can_consent(proposal, &tip).await?;
        let signed = self.sign(ledger, proposal, &tip)?;
        let record = record(ledger, proposal, &signed)?;
        let (owner, end_s) = (proposal.owner, record.end_unix_s);
        desk.promises(move |promised| promised.promise(owner, end_s)).await.map_err(|error| {
            tracing::warn!(%error, "a promise cannot be written down");
            Refusal::DiskUnusable
        })?;
        let written = (record, Some(data(proposal, listed.clone())));
        let bodies = desk.bodies.write().await;
        let ids = desk.recorded(move |library| library.write_agreements(&[written])).await?;
        drop(bodies);
        // From here on nothing is deleted that is on the list.
        let lacking = self.lacking(vault, proposal.owner, &listed).await;
        if matches!(&lacking, Ok(lacking) if lacking.is_empty()) {
            return Ok(Ok(signed));
        }
        desk.recorded(move |library| ids.into_iter().try_for_each(|id| library.drop_agreement(id))).await?;
        lacking.map(Err)
    }

    fn sign(
        &self,
        ledger: &AgreementLedger,
        proposal: &Proposal,
        tip: &LedgerTip,
    ) -> Result<Signed, Refusal> {
        let mut nonce = [0; 8];
        self.agreements.entropy.fill(&mut nonce).map_err(|error| {
            tracing::warn!(%error, "no consent can be signed");
            Refusal::Busy
        })?;
        let until_ledger = tip.sequence.saturating_add(CONSENT_LEDGERS);
        let authority = Authority { nonce: i64::from_be_bytes(nonce), until_ledger };
        let signed = ledger.contract().joining(&proposal.terms, &proposal.seat).and_then(|joining| {
            authority.sign(ledger.signer(), ledger.network().network_id, joining)?.encode()
        });
        let consent = signed.map_err(|error| not_on_ledger(&error))?;
        Ok(Signed { consent, until_ledger })
    }
}

fn record(
    ledger: &AgreementLedger,
    proposal: &Proposal,
    signed: &Signed,
) -> Result<AgreementRecord, Refusal> {
    let network = ledger.network();
    let calendar = &proposal.terms.calendar;
    let terms = minicbor::to_vec(WireTerms::of(&proposal.terms)).map_err(|_| Refusal::BadRequest)?;
    let seat = minicbor::to_vec(WireSeat::of(&proposal.seat)).map_err(|_| Refusal::BadRequest)?;
    Ok(AgreementRecord {
        id: 0,
        role: AgreementRole::Host,
        network_id: network.network_id,
        contract: *network.contract.as_bytes(),
        other: *proposal.owner.as_bytes(),
        terms,
        seat,
        consent: signed.consent.clone(),
        consent_until_ledger: signed.until_ledger,
        place: None,
        state: AgreementState::Consented,
        is_told: true,
        decided: 0,
        proven: 0,
        earned_stroops: 0,
        revision: 0,
        receipt: None,
        closing: None,
        begin_unix_s: calendar.begin_s(0),
        end_unix_s: calendar.begin_s(calendar.windows),
        asked: 0,
    })
}

fn data(proposal: &Proposal, shards: Vec<(ShardRoot, u32)>) -> AgreementData {
    AgreementData {
        revision: 0,
        first_window: 0,
        data_root: proposal.seat.data_root,
        leaves: proposal.seat.leaves,
        shards,
        signatures: Vec::new(),
    }
}
