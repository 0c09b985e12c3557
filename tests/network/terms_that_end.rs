//! Terms that nobody renews: the person is told in time, can renew early, and hosts keep what they have for a week more.

use layr_library::Library;
use layr_node::home::Home;
use serde_json::Value;

use crate::paying::{DAY_S, HOSTS, MIB, Market, PRICE, WINDOW_S, WINDOWS, begin_s, stroops};

/// Subjects of what the owner is told of terms that end, as far as it has not passed: days ahead, or that they ended.
fn told(market: &Market) -> Vec<String> {
    let home = Home::new(market.net.owner.layr.home());
    let library = Library::open_read_only(&home.library()).unwrap();
    let rows = library.activity().unwrap();
    let open =
        rows.into_iter().filter(|row| row.entry.kind == "agreements_end" && row.resolved_unix_s.is_none());
    open.map(|row| row.entry.subject).collect()
}

fn shards_at_hosts(market: &Market) -> Vec<u64> {
    market.net.hosts.iter().map(|host| host.layr.ok(&["host", "show"])["shards"].as_u64().unwrap()).collect()
}

/// Lets time pass until the term's end, and some days more, with a look in each window.
fn pass_term(market: &Market, begin_s: u64, until_s: u64) -> Vec<Value> {
    let windows = (0..WINDOWS).map(|window| begin_s + (window + 1) * WINDOW_S - DAY_S);
    let looks = windows.take_while(|at_s| *at_s < until_s).chain([until_s]);
    looks
        .map(|at_s| {
            market.ledger.pass_until(at_s);
            market.owner(&["agreements", "check"])
        })
        .collect()
}

fn agreed() -> (Market, u64) {
    let market = Market::start();
    market.owner(&["agreements", "limit", "--price", PRICE, "--monthly", "100"]);
    market.stored("film.bin", 1, 4 * MIB);
    assert_eq!(market.owner(&["agreements", "check"])["opened"], HOSTS);
    let begin_s = begin_s(&market.running()[0]);
    (market, begin_s)
}

#[test]
fn a_term_can_be_renewed_as_soon_as_its_end_is_announced() {
    let (market, begin_s) = agreed();
    let end_s = begin_s + WINDOWS * WINDOW_S;
    pass_term(&market, begin_s, end_s - 31 * DAY_S);
    assert_eq!(told(&market), [""; 0], "not yet");
    market.ledger.pass_until(end_s - 29 * DAY_S);
    market.owner(&["agreements", "check"]);
    assert_eq!(told(&market), ["30"]);
    let refused = market.net.owner.layr.fails(2, &["agreements", "renew", "--all", "--windows", "18"]);
    assert!(refused.to_string().contains("4 to 17 windows"), "{refused}");
    let renewed = market.owner(&["agreements", "renew", "--all", "--windows", "6"]);
    let done = (&renewed["opened"], &renewed["obstacles"]);
    assert_eq!(done, (&HOSTS.into(), &serde_json::json!([])), "{renewed}");
    assert_eq!(told(&market), [""; 0]);
    let next = |agreement: &Value| self::begin_s(agreement) == end_s;
    let windows: Vec<Value> =
        market.running().iter().filter(|one| next(one)).map(|one| one["windows_total"].clone()).collect();
    assert_eq!(windows, vec![Value::from(6); HOSTS]);
}

#[test]
fn a_term_that_nobody_renews_is_announced_and_what_it_was_about_is_kept_for_a_week() {
    let (market, begin_s) = agreed();
    let end_s = begin_s + WINDOWS * WINDOW_S;
    let mut subjects = Vec::new();
    pass_term(&market, begin_s, end_s - 14 * DAY_S);
    for left_days in [14, 7, 3, 1] {
        market.ledger.pass_until(end_s - left_days * DAY_S);
        market.owner(&["agreements", "check"]);
        subjects.extend(told(&market));
    }
    assert_eq!(subjects, ["14", "7", "3", "1"]);
    market.ledger.pass_until(end_s + 60);
    let settled = market.owner(&["agreements", "check"]);
    assert_eq!(settled["settled"], HOSTS, "{settled}");
    assert_eq!(told(&market), ["ended"]);
    let hosts_look = || {
        for host in &market.net.hosts {
            host.layr.ok(&["agreements", "check"]);
        }
    };
    hosts_look();
    market.ledger.pass_until(end_s + 6 * DAY_S);
    hosts_look();
    let kept = shards_at_hosts(&market);
    assert!(kept.iter().all(|shards| *shards > 0), "{kept:?}");
    market.ledger.pass_until(end_s + 8 * DAY_S);
    hosts_look();
    assert_eq!(shards_at_hosts(&market), [0; HOSTS], "nobody pays for it");
}

/// Hosts with which a term is agreed on that begins at this second.
fn begun_at(market: &Market, time_s: u64) -> usize {
    market.running().iter().filter(|agreement| begin_s(agreement) == time_s).count()
}

#[test]
fn a_term_renews_itself_three_weeks_before_its_end_and_once() {
    let (market, begin_s) = agreed();
    market.owner(&["agreements", "auto-renew", "on", "--budget", "100"]);
    let end_s = begin_s + WINDOWS * WINDOW_S;
    pass_term(&market, begin_s, end_s - 22 * DAY_S);
    assert_eq!(
        (begun_at(&market, end_s), told(&market)),
        (0, Vec::new()),
        "it is told of what it can only wait for"
    );
    let held = stroops(&market.owner(&["wallet"])["escrow_xlm"]);
    market.ledger.pass_until(end_s - 20 * DAY_S);
    for _ in 0..2 {
        market.owner(&["agreements", "check"]);
        assert_eq!((market.running().len(), begun_at(&market, end_s)), (2 * HOSTS, HOSTS));
    }
    assert!(stroops(&market.owner(&["wallet"])["escrow_xlm"]) > held);
    market.ledger.pass_until(end_s - 10 * DAY_S);
    market.owner(&["agreements", "check"]);
    assert_eq!(told(&market), [""; 0], "there is a next term");
}

#[test]
fn what_the_budget_does_not_allow_does_not_renew_itself_and_is_told() {
    let (market, begin_s) = agreed();
    market.owner(&["agreements", "auto-renew", "on", "--budget", "0.000001"]);
    let end_s = begin_s + WINDOWS * WINDOW_S;
    pass_term(&market, begin_s, end_s - 20 * DAY_S);
    assert_eq!(begun_at(&market, end_s), 0);
    market.ledger.pass_until(end_s - 14 * DAY_S);
    market.owner(&["agreements", "check"]);
    assert_eq!(told(&market), ["14"]);
}
