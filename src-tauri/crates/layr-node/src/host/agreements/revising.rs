//! Revisions: signing for other data, where all of it is here and the deposit pays for it.
//!
//! Nothing that is signed here takes anything from a window that has begun. The revision is written down with both signatures, and with its
//! list, before anybody sees ours; so the same question has the same answer, and of two revisions with one number only one is ever signed.

use layr_agreement::RevisionBody;
use layr_codec::ShardRoot;
use layr_keys::{OwnerId, PeerId};
use layr_ledger::agreement::Place;
use layr_library::AgreementData;
use layr_proof::Node;
use layr_vault::Vault;

use super::{Agreement, Service, consent, not_on_ledger};
use crate::agreements::{RecordedSignatures, body_of, is_signed_by};
use crate::host::rate_limit::MAX_BACKLOG;
use crate::host::{Ended, answer};
use crate::net::BoxStream;
use crate::wire::{MAX_AGREED_SHARDS, Refusal, Response, WireRevision, WireRoot};

type Shards = Vec<(ShardRoot, u32)>;

/// What an owner proposes.
struct Proposed {
    owner: OwnerId,
    place: Place,
    body: RevisionBody,
    key: u32,
    owner_signature: [u8; 64],
}

/// What this host makes of it.
enum Judged {
    /// It signed just that before.
    Signed([u8; 64]),
    /// It may sign.
    Agreeable(Box<Agreement>),
}

/// Serves one `Revise` whose certificate has been checked.
pub(in crate::host) async fn serve(
    service: &Service,
    stream: &mut BoxStream,
    (peer, owner): (PeerId, OwnerId),
    (place, revision, shards): (Place, WireRevision, u32),
) -> Result<(), Ended> {
    let body = revision.body().ok_or(Refusal::BadRequest)?;
    let is_bounded = shards <= MAX_AGREED_SHARDS && body.leaves >= u64::from(shards);
    if !is_bounded {
        return Err(Refusal::BadRequest.into());
    }
    let desk = &service.agreements;
    let _peer = desk.listing.enter(peer).ok_or(Refusal::Busy)?;
    let _list = desk.lists.try_acquire().map_err(|_| Refusal::Busy)?;
    if service.down.backlog(peer) > MAX_BACKLOG {
        return Err(Refusal::Busy.into());
    }
    let (key, owner_signature) = (revision.key, revision.signature);
    let proposed = Proposed { owner, place, body, key, owner_signature };
    if let Judged::Signed(signature) = service.judged(&proposed).await? {
        return answer(stream, &Response::Revised { signature }).await;
    }
    answer(stream, &Response::Accepted).await?;
    let listed = consent::receive(service, stream, peer, shards).await?;
    let expected = Node { hash: body.data_root, leaf_count: body.leaves };
    let listed = service.counted(listed, expected).await?;
    let response = match service.revise(&proposed, listed).await? {
        Ok(signature) => Response::Revised { signature },
        Err(lacking) => Response::Lacking { roots: lacking.into_iter().map(WireRoot::from).collect() },
    };
    answer(stream, &response).await
}

impl Service {
    /// Whether the revision is one that this host may sign, as far as can be said without its list.
    async fn judged(&self, proposed: &Proposed) -> Result<Judged, Refusal> {
        let desk = &self.agreements;
        let ledger = desk.ledger()?;
        let body = &proposed.body;
        let agreement = desk.open_at(proposed.owner, proposed.place).await?;
        let key = usize::try_from(proposed.key).ok();
        let key = key.and_then(|key| agreement.terms.receipt_keys.get(key)).ok_or(Refusal::TermsRefused)?;
        let signed = (proposed.place, body);
        if !is_signed_by(key, &ledger.network(), signed, &proposed.owner_signature) {
            return Err(Refusal::TermsRefused);
        }
        let newest = self.newest(&agreement).await?;
        if body_of(&newest) == *body
            && let Some(signatures) = RecordedSignatures::of(&newest)
        {
            return Ok(Judged::Signed(signatures.host));
        }
        let tip = ledger.tip().await.map_err(|error| not_on_ledger(&error))?;
        let is_next = body.number > agreement.record.revision
            && agreement.next_window(tip.close_time_unix_s) == Some(body.first_window);
        if !is_next || agreement.record.closing.is_some() {
            return Err(Refusal::TermsRefused);
        }
        if body.leaves > newest.leaves {
            self.must_have_room(&agreement, body).await?;
        }
        Ok(Judged::Agreeable(Box::new(agreement)))
    }

    /// What the newest revision is about, without its list.
    async fn newest(&self, agreement: &Agreement) -> Result<AgreementData, Refusal> {
        let (id, revision) = (agreement.record.id, agreement.record.revision);
        let newest = self.agreements.recorded(move |library| library.agreed_data(id, u32::MAX, revision));
        newest.await?.ok_or(Refusal::NoAgreement)
    }

    /// The deposit pays for so much in all windows from the first one on, whatever is proven until then.
    async fn must_have_room(&self, agreement: &Agreement, body: &RevisionBody) -> Result<(), Refusal> {
        let (id, revision) = (agreement.record.id, agreement.record.revision);
        let unpaid = agreement.unpaid_windows(body.first_window);
        let before = self.agreements.recorded(move |library| library.agreed_leaves(id, unpaid, revision));
        let most = agreement.most_leaves(body.first_window, &before.await?);
        if most.is_ok_and(|most| body.leaves <= most) { Ok(()) } else { Err(Refusal::TermsRefused) }
    }

    /// Signs, and writes down. Answers the added shards instead that are not here. What the agreement was about before is not looked up: a host that
    /// lost some of it owes no less.
    async fn revise(
        &self,
        proposed: &Proposed,
        listed: Shards,
    ) -> Result<Result<[u8; 64], Vec<ShardRoot>>, Refusal> {
        let desk = &self.agreements;
        let _consenting = desk.consenting.lock().await;
        // The list took its time.
        let agreement = match self.judged(proposed).await? {
            Judged::Signed(signature) => return Ok(Ok(signature)),
            Judged::Agreeable(agreement) => agreement,
        };
        let added = self.added(&agreement, &listed).await?;
        let vault = if added.is_empty() { None } else { Some(self.vault_for_more(&agreement)?) };
        let lacking = async || match &vault {
            Some(vault) => self.lacking(vault, proposed.owner, &added).await,
            None => Ok(Vec::new()),
        };
        let missing = lacking().await?;
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        let (data, signature) = self.signed(proposed, listed)?;
        let (record, written) = (agreement.record.clone(), data.clone());
        let bodies = desk.bodies.write().await;
        desk.recorded(move |library| library.propose_revision(&record, &written)).await?;
        drop(bodies);
        // From here on nothing is deleted that is on the list.
        let missing = lacking().await;
        if !matches!(&missing, Ok(missing) if missing.is_empty()) {
            let record = agreement.record;
            desk.recorded(move |library| library.withdraw_revision(&record)).await?;
            return missing.map(Err);
        }
        let _changing = desk.changing.lock().await;
        let Agreement { mut record, .. } = desk.open_at(proposed.owner, proposed.place).await?;
        record.revision = data.revision;
        desk.recorded(move |library| library.write_revision(&record, &data)).await?;
        Ok(Ok(signature))
    }

    /// Those of the list that the newest revision does not have.
    async fn added(&self, agreement: &Agreement, listed: &Shards) -> Result<Shards, Refusal> {
        let (id, revision, listed) = (agreement.record.id, agreement.record.revision, listed.clone());
        let added = self.agreements.recorded(move |library| {
            let newest = library.agreement_data(id, u32::MAX, revision)?;
            let before = newest.map(|data| data.shards).unwrap_or_default();
            // By root, as all lists are.
            let is_before = |shard: &(ShardRoot, u32)| {
                let found = before.binary_search_by(|(root, _)| root.as_bytes().cmp(shard.0.as_bytes()));
                found.ok().and_then(|place| before.get(place)) == Some(shard)
            };
            Ok(listed.into_iter().filter(|shard| !is_before(shard)).collect())
        });
        added.await
    }

    /// The vault, where this host would take more for the price of this agreement.
    fn vault_for_more(&self, agreement: &Agreement) -> Result<Vault, Refusal> {
        let vault = self.lending_vault()?;
        if self.settings.read().paused {
            return Err(Refusal::Paused);
        }
        let asking = self.asking().ok_or(Refusal::TermsRefused)?;
        let is_paid = agreement.host.price_stroops_per_gib >= asking.price_stroops_per_gib_window;
        if is_paid { Ok(vault) } else { Err(Refusal::TermsRefused) }
    }

    fn signed(&self, proposed: &Proposed, shards: Shards) -> Result<(AgreementData, [u8; 64]), Refusal> {
        let desk = &self.agreements;
        let RevisionBody { number, first_window, data_root, leaves } = proposed.body;
        let message = desk.ledger()?.network().revision_message(proposed.place, &proposed.body);
        let (domain, message) = message.map_err(|error| not_on_ledger(&error))?;
        let host = desk.device.sign(domain, &message).to_bytes();
        let signatures = RecordedSignatures { key: proposed.key, owner: proposed.owner_signature, host };
        let signatures = signatures.encode().map_err(|_| Refusal::BadRequest)?;
        Ok((AgreementData { revision: number, first_window, data_root, leaves, shards, signatures }, host))
    }
}
