//! Measures what the agreement contract costs, on the local ledger, whose limits and fees are those of the public network and whose
//! rent is that of a ledger at its target size. Prints one JSON object a line: figure, unit, value, goal. Run with `--release`.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be made must stop, and its figures need no 53 bits"
)]

mod market;

use layr_agreement::Calendar;
use layr_ledger::agreement::{
    Answer, CONTRACT_WASM, Closing, Ending, Offer, Place, ProvenLeaf, Seat, round_of,
};
use layr_proof::{LEAF_BYTES, Node, Path, Side, Step, join, leaf_digest, positions};

use market::{Cost, Market};

/// Hosts of an owner, as the network recommends for the data that it keeps.
const HOSTS: usize = 30;
/// Dollars for a TB and month, and for a lumen, by which rent is compared with what the chain costs.
const DOLLARS_PER_TB_MONTH: f64 = 1.5;
const DOLLARS_PER_LUMEN: f64 = 0.3;
/// 13 weeks.
const TERM_MONTHS: f64 = 91.0 / 30.4;
const STROOPS_PER_LUMEN: f64 = 1e7;
const SAMPLES: [u32; 3] = [1, 8, 32];
const DEPTHS: [u32; 4] = [10, 16, 20, 24];
/// Payments of the measured rate.
const PAYMENTS: u32 = 200;

#[tokio::main]
async fn main() {
    report("contract: size", "bytes", CONTRACT_WASM.len() as f64, None);
    let market = Market::open(1).await;
    of_call("upload the code", &market.upload, None);
    of_call("make the contract", &market.create, None);
    for depth in DEPTHS {
        for samples in SAMPLES {
            proof(&market, depth, samples).await;
        }
    }
    // Another ledger: on the first one the contract's code is archived by now, as nobody keeps it alive.
    let market = Market::open(HOSTS).await;
    // The first deposit of all, and the first round of all, make entries that live for ever after.
    proof(&market, DEPTHS[0], SAMPLES[0]).await;
    term(&market).await;
    let rate = market.payments_per_s(PAYMENTS).await;
    report("local ledger: payments, each in a ledger of its own, over RPC", "1/s", rate, None);
}

/// The normal case: everybody joins at once, all receipts stay off chain, and everything is settled together.
async fn term(market: &Market) {
    let terms = market.terms(8, 1);
    let hosts: Vec<_> = (0..HOSTS).map(|host| market.host_terms(host, [7; 32], 3 << 20)).collect();
    let mut offers = Vec::new();
    for (host, terms_of_host) in hosts.iter().enumerate() {
        let consent = Some(market.consent(&terms, host, terms_of_host).await);
        offers.push(Offer { terms: terms_of_host.clone(), consent });
    }
    let open = market.call(&market.owner, market.contract.open(&terms, &offers).unwrap()).await;
    of_call("open, 30 hosts join", &open, None);

    let id = terms.id(&hosts).unwrap();
    let part = |host: usize| {
        let place = Place { escrow: id, host: u8::try_from(host).unwrap() };
        let (owner_signature, host_signature) = market.closing(place, 500);
        let closing =
            Closing { to_host_stroops: 500, until_unix_s: u64::MAX, key: 0, owner_signature, host_signature };
        (Seat::of(&hosts, place.host).unwrap(), Ending::Agreed(closing))
    };
    let parts: Vec<_> = (0..HOSTS).map(part).collect();
    market.pass_until(terms.calendar.begin_s(terms.calendar.windows)).await;
    let settle = market.call(&market.owner, market.contract.settle(&terms, &parts).unwrap()).await;
    of_call("settle, 30 hosts", &settle, None);

    report("transactions of an owner with 30 hosts a term", "count", 2.0, Some(2.0));
    report("transactions of a host a term", "count", 0.0, Some(1.0));
    let lumens = (open.fee_stroops + settle.fee_stroops) / STROOPS_PER_LUMEN;
    report("chain cost of a term, 30 hosts, all sides", "lumens", lumens, None);
    for (size, terabytes, goal) in [("100 GB", 0.1, 10.0), ("1 TB", 1.0, 1.5)] {
        let rent = terabytes * DOLLARS_PER_TB_MONTH * TERM_MONTHS / DOLLARS_PER_LUMEN;
        report(
            &format!("chain cost of a term beside the rent of {size}"),
            "%",
            100.0 * lumens / rent,
            Some(goal),
        );
    }
}

/// A proof on chain, in the worst case one a window and host.
async fn proof(market: &Market, depth: u32, samples: u32) {
    let data = Data::new(depth);
    let terms = market.terms(samples, u8::try_from(depth * 4 + samples % 5).unwrap());
    let hosts = [market.host_terms(0, data.root.hash, data.root.leaf_count)];
    let consent = Some(market.consent(&terms, 0, &hosts[0]).await);
    let offers = [Offer { terms: hosts[0].clone(), consent }];
    market.call(&market.owner, market.contract.open(&terms, &offers).unwrap()).await;
    let place = Place { escrow: terms.id(&hosts).unwrap(), host: 0 };
    market.pass_until(question_of(&terms.calendar)).await;
    let round = market.net.local_round(round_of(&market.beacon, &terms.calendar, 0)).await.unwrap();
    let publish = market.contract.beacon(round.round, &round.signature).unwrap();
    let publish = market.call(&market.owner, publish).await;
    let question = place.question(&round.randomness, 0);
    let leaves =
        positions(&question, data.root.leaf_count, samples).map(|position| data.leaf(position)).collect();
    let answer = Answer { window: 0, to_owner: false, leaves };
    let seat = Seat::of(&hosts, 0).unwrap();
    let prove = market.contract.prove((&terms, &seat), (place.escrow, 0), &answer, (None, None)).unwrap();
    let cost = market.call(&market.hosts[0], prove).await;
    if samples == SAMPLES[1] && depth == DEPTHS[0] {
        of_call("publish a round", &publish, None);
    }
    of_call(&format!("prove, {samples} samples, depth {depth}"), &cost, None);
}

fn question_of(calendar: &Calendar) -> u64 {
    calendar.question_s(0) + 30
}

/// A tree of equal leaves, so that one of 16 GiB has a node a level.
struct Data {
    leaf: Vec<u8>,
    levels: Vec<Node>,
    root: Node,
}

impl Data {
    fn new(depth: u32) -> Self {
        let leaf = vec![42; LEAF_BYTES];
        let mut levels = vec![Node::leaf(leaf_digest(&leaf))];
        for _ in 0..depth {
            let below = levels[levels.len() - 1];
            levels.push(join(below, below).unwrap());
        }
        let root = levels.pop().unwrap();
        Self { leaf, levels, root }
    }

    fn leaf(&self, position: u64) -> ProvenLeaf {
        let step = |(level, &sibling): (usize, &Node)| {
            let side = if position >> level & 1 == 1 { Side::Left } else { Side::Right };
            Step { side, sibling }
        };
        let path = Path::new(self.levels.iter().enumerate().map(step).collect()).unwrap();
        ProvenLeaf { leaf: self.leaf.clone(), path }
    }
}

fn of_call(name: &str, cost: &Cost, goal: Option<f64>) {
    report(&format!("{name}: fee"), "stroops", cost.fee_stroops, goal);
    report(
        &format!("{name}: instructions of {}", market::MAX_INSTRUCTIONS),
        "count",
        cost.instructions,
        None,
    );
    report(&format!("{name}: transaction of {}", market::MAX_TRANSACTION_BYTES), "bytes", cost.bytes, None);
}

fn report(figure: &str, unit: &str, value: f64, goal: Option<f64>) {
    let value = (value * 1000.0).round() / 1000.0;
    println!("{}", serde_json::json!({ "figure": figure, "unit": unit, "value": value, "goal": goal }));
}
