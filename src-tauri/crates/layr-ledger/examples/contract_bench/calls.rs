//! What each call costs by itself. `renew` is not here: no node uses it, as it is a `settle` and an `open` in one.

use layr_ledger::agreement::{
    Answer, Ending, EscrowId, EscrowTerms, HostTerms, Offer, Place, Seat, round_of,
};

use crate::data::Data;
use crate::market::{Cost, Market};
use crate::of_call;

pub(crate) const SAMPLES: [u32; 3] = [1, 8, 32];
pub(crate) const DEPTHS: [u32; 4] = [10, 16, 20, 24];
const DAY_S: u64 = 86_400;

/// Proofs on chain, in the worst case one a window and host.
pub(crate) async fn proofs(market: &Market) {
    let mut rounds = Vec::new();
    for depth in DEPTHS {
        for samples in SAMPLES {
            let (round, proof) = proof(market, depth, samples).await;
            of_call(&format!("prove, {samples} samples, depth {depth}"), &proof);
            rounds.push(round);
        }
    }
    // One in three weeks lengthens the life of what the contract keeps of the newest round.
    rounds.sort_by(|one, other| one.fee_stroops.total_cmp(&other.fee_stroops));
    of_call("publish a round, the cheapest of twelve weeks", &rounds[0]);
    of_call("publish a round, the dearest of twelve weeks", &rounds[rounds.len() - 1]);
}

/// A round, and the first proof of a host to it.
pub(crate) async fn proof(market: &Market, depth: u32, samples: u32) -> (Cost, Cost) {
    let data = Data::new(depth);
    let part = Part::open(market, &data, (samples, u8::try_from(depth * 4 + samples % 5).unwrap())).await;
    market.pass_until(part.terms.calendar.question_s(0) + 30).await;
    let round = market.net.local_round(round_of(&market.beacon, &part.terms.calendar, 0)).await.unwrap();
    let publish = market.contract.beacon(round.round, &round.signature).unwrap();
    let publish = market.call(&market.owner, publish).await;
    let answer = data.answer((&part.terms, part.place()), 0, (&round.randomness, false));
    (publish, part.prove(market, &answer).await)
}

/// All calls that are about one host, with the samples of a node's terms.
pub(crate) async fn others(market: &Market) {
    let data = Data::new(DEPTHS[1]);
    let offered = Part::offer(market, &data, (SAMPLES[1], 1)).await;
    of_call("open, one host offered", &offered.opening);
    market.pass_until(offered.terms.calendar.begin_s(0)).await;
    let accept = market.contract.accept(&offered.terms, &offered.seat).unwrap();
    of_call("accept", &market.call(&market.hosts[0], accept).await);
    let unwanted = Part::offer(market, &data, (SAMPLES[1], 2)).await;
    let withdraw = market.contract.withdraw(&unwanted.terms, &unwanted.seat, unwanted.key()).unwrap();
    of_call("withdraw", &market.call(&market.owner, withdraw).await);

    asked_by_owner(market, &data, &offered).await;
    market.pass_until(offered.terms.calendar.question_s(2) + 30).await;
    let receipt = market.receipt(&offered.seat.terms, offered.place(), 3);
    let claim = market.contract.claim(offered.parts(), offered.key(), &receipt).unwrap();
    of_call("claim", &market.call(&market.hosts[0], claim).await);
    // Nobody published its round, and nobody asked: the fourth window can be excused two weeks after it.
    market.pass_until(offered.terms.calendar.begin_s(4) + 14 * DAY_S + 30).await;
    let excuse = market.contract.excuse(offered.parts(), offered.key(), (3, None)).unwrap();
    of_call("excuse", &market.call(&market.hosts[0], excuse).await);
    let terminate = market.contract.terminate(&offered.terms, &offered.seat, offered.key()).unwrap();
    of_call("terminate", &market.call(&market.owner, terminate).await);
    market.pass_until(offered.terms.calendar.settling_begins_s(offered.terms.calendar.windows) + 30).await;
    let settle = market.contract.settle(&offered.terms, &[(offered.seat.clone(), Ending::Overdue)]).unwrap();
    of_call("settle, one host, overdue", &market.call(&market.hosts[0], settle).await);
}

/// The owner's question, and two proofs to it: the first adds the host's slot to the escrow.
async fn asked_by_owner(market: &Market, data: &Data, part: &Part) {
    for (window, name) in [(0, "first"), (1, "later")] {
        market.pass_until(part.terms.calendar.question_s(window) + 30).await;
        let seed = [7; 32];
        let challenge = market.contract.challenge(part.parts(), part.escrow, (window, &seed)).unwrap();
        of_call(&format!("challenge, {name}"), &market.call(&market.owner, challenge).await);
        let answer = data.answer((&part.terms, part.place()), window, (&seed, true));
        of_call(&format!("prove to the owner, {name}"), &part.prove(market, &answer).await);
    }
}

/// An escrow of one host.
struct Part {
    terms: EscrowTerms,
    seat: Seat,
    escrow: EscrowId,
    opening: Cost,
}

impl Part {
    async fn open(market: &Market, data: &Data, (samples, nonce): (u32, u8)) -> Self {
        let terms = market.terms(samples, nonce);
        let host = Self::host(market, data);
        let consent = Some(market.consent(&terms, 0, &host).await);
        Self::with(market, terms, Offer { terms: host, consent }).await
    }

    async fn offer(market: &Market, data: &Data, (samples, nonce): (u32, u8)) -> Self {
        let offer = Offer { terms: Self::host(market, data), consent: None };
        Self::with(market, market.terms(samples, nonce), offer).await
    }

    async fn with(market: &Market, terms: EscrowTerms, offer: Offer) -> Self {
        let hosts = [offer.terms.clone()];
        let opening = market.call(&market.owner, market.contract.open(&terms, &[offer]).unwrap()).await;
        let (escrow, seat) = (terms.id(&hosts).unwrap(), Seat::of(&hosts, 0).unwrap());
        Self { terms, seat, escrow, opening }
    }

    fn host(market: &Market, data: &Data) -> HostTerms {
        market.host_terms(0, data.root.hash, data.root.leaf_count)
    }

    async fn prove(&self, market: &Market, answer: &Answer) -> Cost {
        let prove = market.contract.prove(self.parts(), self.key(), answer, (None, None)).unwrap();
        market.call(&market.hosts[0], prove).await
    }

    fn parts(&self) -> (&EscrowTerms, &Seat) {
        (&self.terms, &self.seat)
    }

    fn key(&self) -> (EscrowId, u8) {
        (self.escrow, 0)
    }

    fn place(&self) -> Place {
        Place { escrow: self.escrow, host: 0 }
    }
}
