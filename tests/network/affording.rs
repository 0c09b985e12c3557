//! Nothing is stored that could not be paid for: it is said before anything is sent, with what is missing.

use layr_suites::sample;

use crate::paying::{MIB, Market, stroops};

/// So much for a GiB and month that what escrows have room for is less than a second file.
const PRICE: &str = "20";

#[test]
fn an_upload_that_cannot_be_paid_is_refused_with_what_is_missing_and_goes_when_it_is_there() {
    let market = Market::start_at(PRICE);
    market.owner(&["agreements", "limit", "--price", PRICE, "--monthly", "100"]);
    let stored = |name: &str, seed: u64| {
        let path = market.net.dir().join(name);
        std::fs::write(&path, sample::noise(seed, 4 * MIB)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (film, song) = (stored("film.bin", 1), stored("song.bin", 2));
    let dry = market.owner(&["put", "--dry-run", &film]);
    let cost = &dry["cost"];
    assert!(cost["shortage"].is_null() && stroops(&cost["rent_xlm"]) > 0, "{dry}");
    assert!(stroops(&cost["deposit_xlm"]) > stroops(&cost["rent_xlm"]), "refunds are in it: {dry}");
    // A fifth of each host's rent, rounded down.
    assert_eq!(stroops(&cost["collateral_xlm"]), stroops(&cost["rent_xlm"]) / 6 / 5 * 6, "{dry}");
    market.owner(&["put", &film]);
    market.owner(&["agreements", "check"]);

    // All but two lumens go to a host: less than the most that an opening's fee may be.
    let host = &market.net.hosts[0].layr;
    let (account, spendable) = {
        let (host, owner) = (host.ok(&["wallet"]), market.owner(&["wallet"]));
        (host["account"].as_str().unwrap().to_owned(), stroops(&owner["spendable_xlm"]))
    };
    let amount = |stroops: u64| format!("{}.{:07}", stroops / 10_000_000, stroops % 10_000_000);
    market.owner(&["wallet", "send", &account, &amount(spendable - 10_000_000)]);
    let dry = market.owner(&["put", "--dry-run", &song]);
    assert!(dry["cost"]["shortage"].as_str().unwrap().contains("lumens are missing"), "{dry}");
    let refused = market.net.owner.layr.fails(6, &["put", &song]);
    assert_eq!(refused["code"], "not_enough_funds", "{refused}");
    let (missing, needed) =
        (stroops(&refused["params"]["missing_xlm"]), stroops(&refused["params"]["needed_xlm"]));
    assert!(0 < missing && missing <= needed, "{refused}");
    // What hosts have already costs nothing more.
    market.owner(&["put", &film]);

    let owner = market.owner(&["wallet"])["account"].as_str().unwrap().to_owned();
    // What was left is a fifth of a lumen less than what an opening may cost.
    host.ok(&["wallet", "send", &owner, &amount(missing + 3_000_000)]);
    market.owner(&["put", &song]);
    // What waits to be put into escrow is spent already.
    let poem = stored("poem.bin", 3);
    market.net.owner.layr.fails(6, &["put", &poem]);
    assert_eq!(market.owner(&["agreements", "check"])["opened"], 6);
    let listed = market.owner(&["ls"]);
    assert_eq!(listed["files"].as_array().map(Vec::len), Some(2), "{listed}");
}
