//! What a term of an owner with all its hosts costs: as it usually goes, and at its dearest.

use layr_ledger::agreement::{Closing, Ending, EscrowId, EscrowTerms, HostTerms, Offer, Place, Seat};

use crate::data::Data;
use crate::market::{Cost, Market, Party};
use crate::{HOSTS, of_call, report};

/// Dollars for a TB and month, and for a lumen, by which rent is compared with what the chain costs.
const DOLLARS_PER_TB_MONTH: f64 = 1.5;
const DOLLARS_PER_LUMEN: f64 = 0.3;
/// 13 weeks.
const TERM_MONTHS: f64 = 91.0 / 30.4;
const STROOPS_PER_LUMEN: f64 = 1e7;
/// Those of a node's terms.
const SAMPLES: u32 = 8;
/// A tree of 1 GiB at each host.
const DEPTH: u32 = 20;

/// Everybody joins at once, all receipts stay off chain, and everything is settled together.
pub(crate) async fn usual(market: &Market) {
    let before = Spent::of(market);
    let terms = market.terms(SAMPLES, 1);
    let data = Data::new(DEPTH);
    let (hosts, open) = opened(market, &terms, &data).await;
    of_call("open, 30 hosts join", &open);
    let id = terms.id(&hosts).unwrap();
    market.pass_until(terms.calendar.begin_s(terms.calendar.windows)).await;
    let settle =
        market.call(&market.owner, market.contract.settle(&terms, &agreed(market, id, &hosts)).unwrap());
    of_call("settle, 30 hosts", &settle.await);

    let spent = Spent::of(market).since(&before);
    report("usual term: transactions of an owner with 30 hosts", "count", spent.of_owner, Some(2.0));
    report("usual term: transactions of a host, the most", "count", spent.of_a_host, Some(1.0));
    report("usual term: all sides, 30 hosts", "lumens", spent.lumens, None);
    for (size, terabytes, goal) in [("100 GB", 0.1, 10.0), ("1 TB", 1.0, 1.5)] {
        let rent = terabytes * DOLLARS_PER_TB_MONTH * TERM_MONTHS / DOLLARS_PER_LUMEN;
        let share = 100.0 * spent.lumens / rent;
        report(&format!("usual term: beside the rent of {size}"), "%", share, Some(goal));
    }
}

/// The owner signs no receipt, the beacon is silent, so that the owner asks on the ledger, no host joins with the opening, each proves each window
/// there, and each part is settled by itself when it is overdue.
pub(crate) async fn worst(market: &Market) {
    let before = Spent::of(market);
    let terms = market.terms(SAMPLES, 1);
    let data = Data::new(DEPTH);
    let hosts = offered(market, &data);
    let offers: Vec<_> = hosts.iter().map(|terms| Offer { terms: terms.clone(), consent: None }).collect();
    let open = market.call(&market.owner, market.contract.open(&terms, &offers).unwrap()).await;
    of_call("open, 30 hosts offered", &open);
    let id = terms.id(&hosts).unwrap();
    let seats: Vec<_> = (0..HOSTS).map(|host| Seat::of(&hosts, number(host)).unwrap()).collect();
    market.pass_until(terms.calendar.begin_s(0)).await;
    for (seat, party) in seats.iter().zip(&market.hosts) {
        market.call(party, market.contract.accept(&terms, seat).unwrap()).await;
    }
    for window in 0..terms.calendar.windows {
        market.pass_until(terms.calendar.question_s(window) + 30).await;
        let seed = [u8::try_from(window).unwrap(); 32];
        let asked = market.contract.challenge((&terms, &seats[0]), id, (window, &seed)).unwrap();
        market.call(&market.owner, asked).await;
        for (host, seat) in seats.iter().enumerate() {
            let place = Place { escrow: id, host: number(host) };
            let answer = data.answer((&terms, place), window, (&seed, true));
            let proof = market.contract.prove((&terms, seat), (id, place.host), &answer, (None, None));
            market.call(&market.hosts[host], proof.unwrap()).await;
        }
    }
    market.pass_until(terms.calendar.settling_begins_s(terms.calendar.windows) + 30).await;
    for (seat, party) in seats.iter().zip(&market.hosts) {
        let part = [(seat.clone(), Ending::Overdue)];
        market.call(party, market.contract.settle(&terms, &part).unwrap()).await;
    }
    let spent = Spent::of(market).since(&before);
    report("worst term: transactions of an owner with 30 hosts", "count", spent.of_owner, None);
    report("worst term: transactions of a host, the most", "count", spent.of_a_host, None);
    report("worst term: all sides, 30 hosts", "lumens", spent.lumens, None);
}

async fn opened(market: &Market, terms: &EscrowTerms, data: &Data) -> (Vec<HostTerms>, Cost) {
    let hosts = offered(market, data);
    let mut offers = Vec::new();
    for (host, terms_of_host) in hosts.iter().enumerate() {
        let consent = Some(market.consent(terms, host, terms_of_host).await);
        offers.push(Offer { terms: terms_of_host.clone(), consent });
    }
    let open = market.call(&market.owner, market.contract.open(terms, &offers).unwrap()).await;
    (hosts, open)
}

fn offered(market: &Market, data: &Data) -> Vec<HostTerms> {
    (0..HOSTS).map(|host| market.host_terms(host, data.root.hash, data.root.leaf_count)).collect()
}

fn agreed(market: &Market, escrow: EscrowId, hosts: &[HostTerms]) -> Vec<(Seat, Ending)> {
    let part = |host: usize| {
        let place = Place { escrow, host: number(host) };
        let (owner_signature, host_signature) = market.closing(place, 500);
        let closing =
            Closing { to_host_stroops: 500, until_unix_s: u64::MAX, key: 0, owner_signature, host_signature };
        (Seat::of(hosts, place.host).unwrap(), Ending::Agreed(closing))
    };
    (0..HOSTS).map(part).collect()
}

fn number(host: usize) -> u8 {
    u8::try_from(host).unwrap()
}

/// What the owner and its hosts sent and paid so far.
struct Spent {
    lumens: f64,
    of_owner: f64,
    of_each: Vec<f64>,
    of_a_host: f64,
}

impl Spent {
    fn of(market: &Market) -> Self {
        let parties = || std::iter::once(&market.owner).chain(&market.hosts);
        let fees: f64 = parties().map(Party::fees_stroops).sum();
        let of_each = market.hosts.iter().map(Party::transactions).collect();
        Self {
            lumens: fees / STROOPS_PER_LUMEN,
            of_owner: market.owner.transactions(),
            of_each,
            of_a_host: 0.0,
        }
    }

    fn since(&self, before: &Self) -> Self {
        let of_each: Vec<f64> =
            self.of_each.iter().zip(&before.of_each).map(|(now, then)| now - then).collect();
        let of_a_host = of_each.iter().copied().fold(0.0, f64::max);
        Self {
            lumens: self.lumens - before.lumens,
            of_owner: self.of_owner - before.of_owner,
            of_each,
            of_a_host,
        }
    }
}
