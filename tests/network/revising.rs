//! Agreements that change while they run: by what comes in and goes, and by a person who ends one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::paying::{DAY_S, MIB, Market, PROOF_REFUND_STROOPS, WINDOW_S, WINDOWS, begin_s, rents, stroops};

/// From the moment in which the owner hears that a host leaves. A look for copies there comes each five minutes otherwise.
const MOVED_WITHIN: Duration = Duration::from_mins(1);

/// A market at the start of a window, with the owner's limits.
fn market() -> Market {
    let market = Market::start();
    let week = market.ledger.now_s() / WINDOW_S + 1;
    market.ledger.pass_until(week * WINDOW_S + 60);
    market.owner(&["agreements", "limit", "--price", "0.6", "--monthly", "9"]);
    market
}

/// What is paid for at each host; each has one agreement.
fn leaves(running: &[Value]) -> BTreeMap<String, u64> {
    let of = |agreement: &Value| {
        (agreement["host"].as_str().unwrap().to_owned(), agreement["leaf_count"].as_u64().unwrap())
    };
    let leaves: BTreeMap<String, u64> = running.iter().map(of).collect();
    assert_eq!(leaves.len(), running.len(), "one escrow for each host: {running:?}");
    leaves
}

/// The hosts of these files.
fn holders(market: &Market, names: &[&str]) -> BTreeSet<String> {
    let mut holders = BTreeSet::new();
    for name in names {
        let info = market.owner(&["info", name]);
        for segment in info["segments"].as_array().unwrap() {
            let shards = segment["shards"].as_array().unwrap().iter();
            holders.extend(shards.map(|shard| shard["host"].as_str().unwrap().to_owned()));
        }
    }
    holders
}

fn checked(market: &Market) -> Value {
    let looked = market.owner(&["agreements", "check"]);
    assert_eq!(looked["obstacles"], json!([]), "{looked}");
    looked
}

/// The last day of a window: its question is out, and hosts leave it to the owner.
fn asked_s(begin_s: u64, window: u64) -> u64 {
    begin_s + (window + 1) * WINDOW_S - DAY_S
}

#[test]
fn what_comes_in_and_goes_is_paid_for_from_the_next_window_on_and_opens_no_second_escrow() {
    let mut market = market();
    market.stored_with("a.bin", (6, 2 * MIB), &["--redundancy", "2/4"]);
    assert_eq!(checked(&market)["opened"], 4);
    let opened = market.running();
    let begin_s = begin_s(&opened[0]);
    let mut first = leaves(&opened);

    // A second upload: hosts that are paid already are paid for more, new ones get an escrow.
    market.stored_with("b.bin", (7, MIB), &["--redundancy", "2/4"]);
    let more = checked(&market);
    let running = market.running();
    assert_eq!(more["opened"], running.len() - 4, "{more}");
    let both = leaves(&running);
    for (host, leaves) in &both {
        first.entry(host.clone()).or_insert(*leaves);
    }
    let stored: u64 = both.values().sum();
    assert!(stored > first.values().sum() || running.len() == 6, "{first:?}, then {both:?}");

    // A host leaves: what lay there is paid for where it lies now.
    let leaver = opened[0]["host"].as_str().unwrap().to_owned();
    let place = market.net.hosts.iter().position(|host| host.peer_id == leaver).unwrap();
    market.net.hosts[place].layr.ok(&["host", "leave"]);
    market.owner(&["audit"]);
    let deadline = Instant::now() + MOVED_WITHIN;
    while holders(&market, &["/a.bin", "/b.bin"]).contains(&leaver) {
        assert!(Instant::now() < deadline, "the host is not empty");
    }
    checked(&market);
    let running = market.running();
    let last = leaves(&running);
    assert_eq!((last[&leaver], last.values().sum::<u64>()), (0, stored), "{both:?}, then {last:?}");
    for (host, leaves) in &last {
        first.entry(host.clone()).or_insert(*leaves);
    }
    assert!(!market.net.hosts[place].bodies().is_empty(), "this window still asks for it");

    let hosts = running.len() as u64;
    let pass = |market: &Market, windows: std::ops::Range<u64>| {
        for window in windows {
            market.ledger.pass_until(asked_s(begin_s, window));
            let proven = checked(market)["windows_proven"].as_u64();
            assert_eq!(proven, Some(hosts), "window {window}");
        }
    };
    pass(&market, 0..1);
    market.ledger.pass_until(begin_s + WINDOW_S + 60);
    market.net.hosts[place].layr.ok(&["agreements", "check"]);
    assert!(market.net.hosts[place].bodies().is_empty(), "no window asks for it any more");
    pass(&market, 1..2);

    // The owner is silent for a window: hosts prove by what that one asks for.
    market.net.owner.kill();
    market.ledger.pass_until(asked_s(begin_s, 2) + DAY_S / 2);
    for host in &market.net.hosts {
        let looked = host.layr.ok(&["agreements", "check"]);
        assert_eq!(looked["obstacles"], json!([]), "{looked}");
    }
    market.net.owner.start(&[]);
    pass(&market, 3..WINDOWS);
    for agreement in market.running() {
        let host = agreement["host"].as_str().unwrap();
        let of = |leaves: u64| rents(&[json!({ "leaf_count": leaves })])[0];
        let due = of(first[host]) + (WINDOWS - 1) * of(last[host]) + PROOF_REFUND_STROOPS;
        assert_eq!(stroops(&agreement["paid_xlm"]), due, "{agreement}");
        assert_eq!(agreement["windows_proven"], WINDOWS);
    }
    market.ledger.pass_until(begin_s + WINDOWS * WINDOW_S + 60);
    assert_eq!(checked(&market)["settled"], hosts);
}

#[test]
fn an_agreement_that_its_owner_ends_is_over_with_the_next_window_and_not_renewed_unasked() {
    let market = market();
    market.stored_with("a.bin", (8, 2 * MIB), &[]);
    checked(&market);
    market.owner(&["agreements", "auto-renew", "on"]);
    let opened = market.running();
    let begin_s = begin_s(&opened[0]);
    let (id, host) = (opened[0]["id"].as_str().unwrap(), opened[0]["host"].as_str().unwrap());
    let ended = market.owner(&["agreements", "end", id]);
    assert_eq!((&ended["is_shortened"], &ended["agreement"]["windows_total"]), (&true.into(), &2.into()));
    let again = market.owner(&["agreements", "end", id]);
    assert_eq!((&again["is_shortened"], &again["agreement"]), (&false.into(), &ended["agreement"]));
    market.net.owner.layr.fails(3, &["agreements", "end", "4711"]);
    market.net.owner.layr.fails(2, &["agreements", "end", "all"]);
    // The host finds it on the ledger; it cannot end what it is paid for.
    let at_host = market.net.hosts.iter().find(|one| one.peer_id == host).unwrap();
    at_host.layr.ok(&["agreements", "check"]);
    let listed = at_host.layr.ok(&["agreements"])["agreements"][0].clone();
    assert_eq!(listed["end"], ended["agreement"]["end"], "{listed}");
    at_host.layr.fails(2, &["agreements", "end", listed["id"].as_str().unwrap()]);

    for window in 0..2 {
        market.ledger.pass_until(asked_s(begin_s, window));
        assert_eq!(checked(&market)["windows_proven"], opened.len(), "window {window}");
    }
    market.ledger.pass_until(begin_s + 2 * WINDOW_S + 60);
    let over = checked(&market);
    assert_eq!((&over["settled"], &over["opened"]), (&1.into(), &0.into()), "{over}");
    let paid = market.owner(&["agreements", id])["agreements"][0].clone();
    assert_eq!((&paid["state"], stroops(&paid["paid_xlm"])), (&"grace".into(), 2 * rents(&opened)[0]));
    at_host.layr.ok(&["agreements", "check"]);
    assert_eq!(at_host.layr.ok(&["agreements"])["agreements"][0]["state"], "grace");
    assert!(!at_host.bodies().is_empty(), "nothing is deleted by it");
    assert_eq!(market.running().len(), opened.len() - 1);

    let renewed = market.owner(&["agreements", "renew", id]);
    assert_eq!(renewed["opened"], 1, "{renewed}");
    assert_eq!(market.running().len(), opened.len());
}
