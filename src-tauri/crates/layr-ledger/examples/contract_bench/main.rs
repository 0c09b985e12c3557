//! Measures what the agreement contract costs, on the local ledger, whose limits and fees are those of the public network and whose
//! rent is that of a ledger at its target size. Prints one JSON object a line: figure, unit, value, goal. Run with `--release`.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement that cannot be made must stop, and its figures need no 53 bits"
)]

mod calls;
mod data;
mod market;
mod term;

use layr_ledger::agreement::CONTRACT_WASM;

use market::{Cost, Market};

/// Hosts of an owner, as the network recommends for the data that it keeps.
const HOSTS: usize = 30;
/// Payments of the measured rate.
const PAYMENTS: u32 = 200;

#[tokio::main]
async fn main() {
    report("contract: size", "bytes", CONTRACT_WASM.len() as f64, None);
    let market = market(1).await;
    of_call("upload the code", &market.upload);
    of_call("make the contract", &market.create);
    of_call("lengthen its life by 60 days", &market.keep);
    calls::proofs(&market).await;
    calls::others(&self::market(1).await).await;

    let market = self::market(HOSTS).await;
    term::usual(&market).await;
    let rate = market.payments_per_s(PAYMENTS).await;
    report("local ledger: payments, each in a ledger of its own, over RPC", "1/s", rate, None);
    term::worst(&self::market(HOSTS).await).await;
}

/// A ledger for one part of the measurement, which takes less than the half year that its code lives. The first deposit
/// and the first round of all are behind it: they make entries that live for ever after, and are no call's usual cost.
async fn market(hosts: usize) -> Market {
    let market = Market::open(hosts).await;
    calls::proof(&market, calls::DEPTHS[0], calls::SAMPLES[0]).await;
    market
}

fn of_call(name: &str, cost: &Cost) {
    report(&format!("{name}: fee"), "stroops", cost.fee_stroops, None);
    report(
        &format!("{name}: instructions of {}", market::MAX_INSTRUCTIONS),
        "count",
        cost.instructions,
        None,
    );
    report(&format!("{name}: transaction of {}", market::MAX_TRANSACTION_BYTES), "bytes", cost.bytes, None);
    report(&format!("{name}: written, of {}", market::MAX_WRITTEN_BYTES), "bytes", cost.written_bytes, None);
}

fn report(figure: &str, unit: &str, value: f64, goal: Option<f64>) {
    let value = (value * 1000.0).round() / 1000.0;
    println!("{}", serde_json::json!({ "figure": figure, "unit": unit, "value": value, "goal": goal }));
}
