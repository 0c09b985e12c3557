//! Hosts that are paid: terms from their opening to their settlement between real processes, with the ledger's time sped up.

use std::process::Stdio;
use std::time::Duration;

use layr_suites::{Devnet, LedgerRpc, sample};
use serde_json::Value;

use crate::PROGRAM;

pub(crate) const MIB: usize = 1 << 20;
pub(crate) const HOSTS: usize = 6;
pub(crate) const WINDOWS: u64 = 13;
pub(crate) const WINDOW_S: u64 = 7 * 24 * 60 * 60;
pub(crate) const DAY_S: u64 = 24 * 60 * 60;
/// Half a lumen for a GiB and month, in stroops for a window: 7 thirtieths, rounded up.
pub(crate) const PRICE: &str = "0.5";
const PRICE_STROOPS: u64 = (5_000_000_u64 * 7).div_ceil(30);

/// What a proof on the ledger is refunded with.
pub(crate) const PROOF_REFUND_STROOPS: u64 = 200_000;

/// What it costs to publish a round of the beacon a week after the one before, at most: 0.028 lumens were measured.
const MOST_FOR_A_ROUND_STROOPS: u64 = 400_000;

/// A market of hosts with a price, and what a test asks of it.
pub(crate) struct Market {
    pub(crate) net: Devnet,
    pub(crate) ledger: LedgerRpc,
}

impl Market {
    pub(crate) fn start() -> Self {
        Self::start_at(PRICE)
    }

    pub(crate) fn start_at(price: &str) -> Self {
        let net = Devnet::start_with(PROGRAM, HOSTS, &["--price", price]);
        let ledger = LedgerRpc::new(net.ready["ledger"].as_str().unwrap());
        Self { net, ledger }
    }

    pub(crate) fn owner(&self, words: &[&str]) -> Value {
        self.net.owner.layr.ok(words)
    }

    pub(crate) fn stored(&self, name: &str, seed: u64, bytes: usize) {
        self.stored_with(name, (seed, bytes), &[]);
    }

    pub(crate) fn stored_with(&self, name: &str, (seed, bytes): (u64, usize), how: &[&str]) {
        let path = self.net.dir().join(name);
        std::fs::write(&path, sample::noise(seed, bytes)).unwrap();
        self.owner(&[&["put", path.to_str().unwrap()], how].concat());
    }

    /// The owner's agreements that are not over.
    pub(crate) fn running(&self) -> Vec<Value> {
        let listed = self.owner(&["agreements"]);
        let all = listed["agreements"].as_array().unwrap();
        all.iter()
            .filter(|agreement| agreement["state"] == "active" || agreement["state"] == "ending")
            .cloned()
            .collect()
    }

    /// Balances of the hosts, in stroops.
    pub(crate) fn balances(&self) -> Vec<u64> {
        self.net.hosts.iter().map(|host| stroops(&host.layr.ok(&["wallet"])["balance_xlm"])).collect()
    }
}

/// Rent of a window of each of them, in stroops.
pub(crate) fn rents(agreements: &[Value]) -> Vec<u64> {
    let rent = |agreement: &Value| (agreement["leaf_count"].as_u64().unwrap() * PRICE_STROOPS) >> 20;
    agreements.iter().map(rent).collect()
}

pub(crate) fn stroops(amount: &Value) -> u64 {
    let text = amount.as_str().unwrap();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    whole.parse::<u64>().unwrap() * 10_000_000 + format!("{part:0<7}").parse::<u64>().unwrap()
}

/// The first second of a term, which begins with a window of everybody's calendar.
pub(crate) fn begin_s(agreement: &Value) -> u64 {
    let start = agreement["start"].as_str().unwrap();
    let days = days_since_1970(start);
    assert!((days * DAY_S).is_multiple_of(WINDOW_S), "{start}");
    days * DAY_S
}

/// Days from 1970 to the date of an RFC 3339 time at midnight in UTC (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn days_since_1970(time: &str) -> u64 {
    assert!(time.ends_with("T00:00:00Z"), "{time}");
    let part = |from: usize, to: usize| time[from..to].parse::<u64>().unwrap();
    let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

#[test]
fn hosts_are_paid_for_a_whole_term_to_the_stroop() {
    let market = Market::start();
    // Nobody pays unasked: with no limit there is nobody to store with.
    let path = market.net.dir().join("film.bin");
    std::fs::write(&path, sample::noise(1, 8 * MIB)).unwrap();
    let refused = market.net.owner.layr.fails(5, &["put", path.to_str().unwrap()]);
    assert_eq!(refused["code"], "not_enough_hosts");
    market.owner(&["agreements", "limit", "--price", PRICE]);
    // What it costs is said before anything is sent.
    let dry = market.owner(&["put", "--dry-run", path.to_str().unwrap()]);
    let stored_bytes = dry["stored_bytes"].as_u64().unwrap();
    let month = (stored_bytes * PRICE_STROOPS * 30).div_ceil(7 << 30);
    assert_eq!((stroops(&dry["cost_xlm_per_month"]), month > 0), (month, true), "{dry}");
    // Who may be stored with is one thing, what may be spent another: nothing, until it is said.
    let refused = market.net.owner.layr.fails(6, &["put", path.to_str().unwrap()]);
    assert_eq!(
        (&refused["code"], &refused["params"]["available_xlm"]),
        (&"not_enough_funds".into(), &"0".into())
    );
    market.owner(&["agreements", "limit", "--monthly", "5"]);
    market.stored("film.bin", 1, 8 * MIB);
    market.owner(&["agreements", "limit", "--monthly", "0"]);
    let before = market.balances();
    let owner_before = stroops(&market.owner(&["wallet"])["balance_xlm"]);
    let unpaid = market.owner(&["agreements", "check"]);
    assert_eq!(
        (&unpaid["opened"], unpaid["obstacles"].as_array().unwrap().len()),
        (&0.into(), HOSTS),
        "{unpaid}"
    );
    assert_eq!(market.balances(), before);
    market.owner(&["agreements", "limit", "--monthly", "5"]);
    let opened = market.owner(&["agreements", "check"]);
    assert_eq!(
        (opened["opened"].as_u64(), &opened["obstacles"]),
        (Some(HOSTS as u64), &serde_json::json!([])),
        "{opened}"
    );
    let running = market.running();
    assert_eq!(running.len(), HOSTS);
    // What a host puts in is a fifth of the rent; it has paid nothing else.
    let rents = rents(&running);
    assert!(rents.iter().all(|rent| *rent > 0), "{running:?}");
    let held: u64 = market.balances().iter().zip(&before).map(|(now, before)| before - now).sum();
    assert_eq!(held, rents.iter().map(|rent| rent * WINDOWS / 5).sum::<u64>());
    assert_eq!(market.owner(&["agreements", "check"])["opened"], 0, "once");

    let begin_s = begin_s(&running[0]);
    for window in 0..WINDOWS {
        market.ledger.pass_until(begin_s + (window + 1) * WINDOW_S - DAY_S);
        let looked = market.owner(&["agreements", "check"]);
        assert_eq!(looked["windows_proven"].as_u64(), Some(HOSTS as u64), "window {window}: {looked}");
    }
    let proven = market.running();
    assert!(proven.iter().all(|agreement| agreement["windows_proven"] == WINDOWS), "{proven:?}");

    market.ledger.pass_until(begin_s + WINDOWS * WINDOW_S + 60);
    let settled = market.owner(&["agreements", "check"]);
    assert_eq!(settled["settled"].as_u64(), Some(HOSTS as u64), "{settled}");
    let earned: Vec<u64> = market.balances().iter().zip(&before).map(|(now, before)| now - before).collect();
    let mut expected: Vec<u64> = rents.iter().map(|rent| rent * WINDOWS).collect();
    let mut found = earned.clone();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected, "each host has its rent, all of its collateral, and paid no fee");
    let paid = owner_before - stroops(&market.owner(&["wallet"])["balance_xlm"]);
    let fees = paid - earned.iter().sum::<u64>();
    assert!((1..5_000_000).contains(&fees), "two transactions cost {fees} stroops");
}

#[test]
fn a_term_is_followed_by_the_next_when_the_person_says_so_and_each_is_paid() {
    let market = Market::start();
    market.owner(&["agreements", "limit", "--price", "0.6", "--monthly", "5"]);
    market.stored("notes.bin", 2, 2 * MIB);
    market.owner(&["agreements", "check"]);
    let first = market.running();
    let (begin_s, rents) = (begin_s(&first[0]), rents(&first));
    let before = market.balances();
    let pass = |from: u64, to: u64| {
        for window in from..to {
            market.ledger.pass_until(begin_s + (window + 1) * WINDOW_S - DAY_S);
            let looked = market.owner(&["agreements", "check"]);
            assert_eq!(looked["windows_proven"].as_u64(), Some(HOSTS as u64), "window {window}: {looked}");
        }
    };
    pass(0, WINDOWS - 2);
    assert_eq!(market.running().len(), HOSTS, "nothing is renewed unasked");
    let plan = market.owner(&["agreements", "renew", "--all", "--plan"]);
    let most = plan["deposits_xlm"].as_str().unwrap();
    // Hosts that ask for more than the person said yes to are not agreed with.
    let less = (stroops(&plan["deposits_xlm"]) - 1).to_string();
    let less = format!("0.{less:0>7}");
    let refused = market.net.owner.layr.fails(2, &["agreements", "renew", "--all", "--most", "all"]);
    assert_eq!(refused["params"]["field"], "most_xlm", "{refused}");
    let some = market.owner(&["agreements", "renew", "--all", "--most", &less]);
    assert_eq!(some["opened"].as_u64(), Some(HOSTS as u64 - 1), "{some}");
    assert!(some["obstacles"][0]["reason"].as_str().unwrap().contains("the most that you allowed"), "{some}");
    let rest = market.owner(&["agreements", "renew", "--all", "--most", most]);
    assert_eq!(rest["opened"], 1, "{rest}");
    assert_eq!(market.owner(&["agreements", "renew", "--all"])["opened"], 0, "once");
    let both = market.running();
    let starts = both.iter().filter(|agreement| agreement["start"] == first[0]["end"]).count();
    assert_eq!((both.len(), starts), (2 * HOSTS, HOSTS), "the next term begins when this one ends: {both:?}");
    market.owner(&["agreements", "auto-renew", "on", "--budget", "5"]);
    pass(WINDOWS - 2, WINDOWS);
    // The old one is settled in the first days of the new one, and the new one goes on.
    pass(WINDOWS, WINDOWS + 1);
    let running = market.running();
    assert_eq!(running.len(), HOSTS, "{running:?}");
    assert!(running.iter().all(|agreement| agreement["windows_proven"] == 1), "{running:?}");
    // Each host has its rent of the first term; what it put in for the second is in escrow.
    let earned: Vec<i128> = market
        .balances()
        .iter()
        .zip(&before)
        .map(|(now, before)| i128::from(*now) - i128::from(*before))
        .collect();
    let mut expected: Vec<i128> = rents
        .iter()
        .map(|rent| {
            i128::from(rent * WINDOWS) + i128::from(rent * WINDOWS / 5) - i128::from(rent * WINDOWS / 5)
        })
        .collect();
    let mut found = earned;
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn an_owner_that_is_silent_pays_all_the_same_and_goes_on_from_what_the_ledger_says() {
    let mut market = Market::start();
    market.owner(&["agreements", "limit", "--price", "0.6", "--monthly", "5"]);
    market.stored("photos.bin", 3, 2 * MIB);
    let before = market.balances();
    market.owner(&["agreements", "check"]);
    let opened = market.running();
    let (begin_s, rents) = (begin_s(&opened[0]), rents(&opened));
    market.net.owner.kill();

    // Two windows without a word of the owner's: in the second half of the response time hosts go to the ledger.
    for window in 0..2 {
        market.ledger.pass_until(begin_s + (window + 1) * WINDOW_S - DAY_S / 2);
        for host in &market.net.hosts {
            let looked = host.layr.ok(&["agreements", "check"]);
            assert_eq!(looked["obstacles"], serde_json::json!([]), "window {window}: {looked}");
            let listed = host.layr.ok(&["agreements"]);
            assert_eq!(listed["agreements"][0]["windows_proven"], window + 1, "{listed}");
        }
    }
    market.net.owner.start(&[]);
    // What was proven to the ledger counts, with what the proofs cost.
    for window in 2..WINDOWS {
        // The first half of the response time is the owner's, and hosts look each minute.
        market.ledger.pass_until(begin_s + (window + 1) * WINDOW_S - DAY_S - DAY_S / 2);
        market.owner(&["agreements", "check"]);
    }
    for agreement in market.running() {
        assert_eq!(
            (&agreement["windows_proven"], &agreement["windows_missed"]),
            (&WINDOWS.into(), &0.into())
        );
        let refunds =
            stroops(&agreement["paid_xlm"]) - WINDOWS * self::rents(std::slice::from_ref(&agreement))[0];
        assert_eq!(refunds, 2 * PROOF_REFUND_STROOPS, "{agreement}");
    }
    market.ledger.pass_until(begin_s + WINDOWS * WINDOW_S + 60);
    assert_eq!(market.owner(&["agreements", "check"])["settled"], HOSTS);
    let mut fees: Vec<u64> = (market.balances().iter().zip(&before).zip(&rents))
        .map(|((now, before), rent)| before + WINDOWS * rent + 2 * PROOF_REFUND_STROOPS - now)
        .collect();
    fees.sort_unstable();
    // One of them published the rounds for all.
    let publisher = fees.pop().unwrap();
    assert!(
        fees.iter().all(|fees| (1..2 * PROOF_REFUND_STROOPS).contains(fees)),
        "two proofs cost {fees:?} stroops"
    );
    assert!(publisher < 2 * (PROOF_REFUND_STROOPS + MOST_FOR_A_ROUND_STROOPS), "{publisher}");
}

#[test]
fn a_host_that_dies_is_paid_nothing_loses_collateral_and_holds_nobody_up() {
    let mut market = Market::start();
    market.owner(&["agreements", "limit", "--price", "0.6", "--monthly", "5"]);
    market.stored("music.bin", 4, 2 * MIB);
    let before = market.balances();
    market.owner(&["agreements", "check"]);
    let opened = market.running();
    let begin_s = begin_s(&opened[0]);
    let dead = market.net.hosts[0].peer_id.clone();
    market.net.hosts[0].kill();

    for window in 0..WINDOWS {
        market.ledger.pass_until(begin_s + (window + 1) * WINDOW_S - DAY_S);
        let looked = market.owner(&["agreements", "check"]);
        assert_eq!(looked["windows_proven"].as_u64(), Some(HOSTS as u64 - 1), "window {window}: {looked}");
    }
    let end_s = begin_s + WINDOWS * WINDOW_S;
    // The others are waited for, and not for ever.
    market.ledger.pass_until(end_s + 60);
    assert_eq!(market.owner(&["agreements", "check"])["settled"], 0);
    market.ledger.pass_until(end_s + 3 * DAY_S + 60);
    assert_eq!(market.owner(&["agreements", "check"])["settled"], HOSTS - 1);
    let left = market.running();
    assert_eq!((left.len(), left[0]["host"].as_str()), (1, Some(dead.as_str())));
    assert_eq!((&left[0]["windows_proven"], &left[0]["paid_xlm"]), (&0.into(), &"0".into()));
    market.ledger.pass_until(end_s + 21 * DAY_S + 60);
    assert_eq!(market.owner(&["agreements", "check"])["settled"], 1);

    // It comes back: twelve of thirteen windows were not for nothing.
    market.net.hosts[0].start(&["--host"]);
    let collateral = stroops(&left[0]["collateral_xlm"]);
    let lost = before[0] - market.balances()[0];
    assert_eq!(lost, collateral * (WINDOWS - 1) / WINDOWS);
    let told = market.net.hosts[0].layr.ok(&["agreements", "check"]);
    assert_eq!(told["obstacles"], serde_json::json!([]), "{told}");
    let listed = market.net.hosts[0].layr.ok(&["agreements"]);
    assert_eq!(listed["agreements"][0]["state"], "ended", "{listed}");
    assert_eq!(listed["agreements"][0]["windows_missed"], WINDOWS, "{listed}");
}

#[test]
fn an_owner_that_is_killed_while_it_agrees_opens_nothing_twice() {
    let mut market = Market::start();
    market.owner(&["agreements", "limit", "--price", "0.6", "--monthly", "5"]);
    market.stored("mail.bin", 5, 2 * MIB);
    let before = market.balances();
    for instant in 0..12_u64 {
        let mut check = market.net.owner.layr.command(&["agreements", "check"]);
        let check = check.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Somewhere in the quarter second in which it asks hosts, writes down, signs and sends.
        std::thread::sleep(Duration::from_millis(20 * instant));
        market.net.owner.kill();
        let _ = layr_suites::layr::finished(check);
        market.net.owner.start(&[]);
    }
    // It asks for just what it asked for before, and each host has promised its money once.
    let found = market.owner(&["agreements", "check"]);
    assert_eq!(found["obstacles"], serde_json::json!([]), "{found}");
    let running = market.running();
    let mut hosts: Vec<&str> = running.iter().map(|agreement| agreement["host"].as_str().unwrap()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    assert_eq!((running.len(), hosts.len()), (HOSTS, HOSTS), "one for each host: {running:?}");
    // What hosts put in, they put in once.
    let held: u64 = market.balances().iter().zip(&before).map(|(now, before)| before - now).sum();
    assert_eq!(held, rents(&running).iter().map(|rent| rent * WINDOWS / 5).sum::<u64>());
    let owner = market.owner(&["wallet"]);
    let deposits: u64 = running.iter().map(|agreement| stroops(&agreement["deposit_xlm"])).sum();
    assert_eq!(stroops(&owner["escrow_xlm"]), deposits);
}
