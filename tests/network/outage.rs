//! A ledger that nobody sees for whole windows, and nodes that are killed: nobody's money changes. `LAYR_SEED` repeats a run.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use layr_suites::{Gate, Layr, Node, sample};

use crate::PROGRAM;
use crate::paying::{DAY_S, HOSTS, MIB, Market, WINDOW_S, WINDOWS, begin_s, rents, stroops};

/// More looks than a host that was just killed, and is not asked again for a moment, makes necessary.
const LOOKS: usize = 40;

/// An owner asks late once an hour.
const HOUR_S: u64 = 60 * 60;

/// A market whose nodes reach the ledger through a gate. They were killed to be led there.
fn behind_a_gate() -> (Market, Gate) {
    let mut market = Market::start();
    let url = market.net.ready["ledger"].as_str().unwrap().to_owned();
    let gate = Gate::before(&url);
    let net = &mut market.net;
    for (node, flags) in
        net.hosts.iter_mut().map(|host| (host, &["--host"][..])).chain([(&mut net.owner, &[][..])])
    {
        node.kill();
        let file = node.layr.home().join("network.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(&url), "{text}");
        std::fs::write(&file, text.replace(&url, &gate.url())).unwrap();
        node.start(flags);
    }
    for host in &market.net.hosts {
        layr_suites::devnet::wait_until_known(&market.net.owner.layr, &host.peer_id);
    }
    (market, gate)
}

/// Agreed on, with the rent of a window at each host.
fn agreed(market: &Market) -> (u64, Vec<u64>) {
    market.owner(&["agreements", "limit", "--price", "0.6", "--monthly", "5"]);
    market.stored("film.bin", 1, 2 * MIB);
    assert_eq!(market.owner(&["agreements", "check"])["opened"], HOSTS);
    let running = market.running();
    (begin_s(&running[0]), rents(&running))
}

/// Who earned how much since `before`, the smallest first.
fn earned(market: &Market, before: &[u64]) -> Vec<u64> {
    let mut earned: Vec<u64> =
        market.balances().iter().zip(before).map(|(now, before)| now - before).collect();
    earned.sort_unstable();
    earned
}

#[test]
fn a_ledger_that_nobody_sees_for_whole_windows_changes_nobodys_money() {
    let (mut market, gate) = behind_a_gate();
    let ledger = market.net.ready["ledger"].as_str().unwrap().to_owned();
    let before = market.balances();
    let (begin_s, rents) = agreed(&market);
    let in_window = |window: u64| begin_s + (window + 1) * WINDOW_S - DAY_S - DAY_S / 2;

    gate.close();
    for window in 0..2 {
        market.ledger.pass_until(in_window(window));
        let cut_off = market.net.owner.layr.fails(7, &["agreements", "check"]);
        assert_eq!(cut_off["code"], "network_unreachable", "{cut_off}");
        let host = market.net.hosts[0].layr.ok(&["agreements", "check"]);
        assert!(
            host["obstacles"][0]["reason"].as_str().unwrap().contains("the ledger cannot be reached"),
            "{host}"
        );
    }
    // What was stored is there all the same, and nodes start without a ledger.
    let back = market.net.dir().join("back");
    market.owner(&["get", "film.bin", "-o", back.to_str().unwrap()]);
    market.net.hosts[1].kill();
    market.net.hosts[1].start(&["--host"]);
    market.net.owner.kill();
    market.net.owner.start(&[]);
    market.ledger.pass_until(in_window(2));
    gate.lead_to(&ledger);
    // All three, two of them late.
    until(&market, |market| all_proven(market, 3));
    assert!(market.running().iter().all(|agreement| agreement["windows_missed"] == 0));

    for window in 3..WINDOWS - 1 {
        market.ledger.pass_until(in_window(window));
        until(&market, |market| all_proven(market, window + 1));
    }
    // The last one, and the end.
    gate.close();
    // Not a day: then hosts show their receipts on the ledger, at their cost.
    market.ledger.pass_until(begin_s + WINDOWS * WINDOW_S + HOUR_S);
    market.net.hosts[0].kill();
    gate.lead_to(&ledger);
    // The others have answered, and wait for the one that is away.
    let away = market.net.hosts[0].peer_id.clone();
    let is_away = |agreement: &serde_json::Value| agreement["host"] == away.as_str();
    until(&market, |market| {
        market.running().iter().all(|one| is_away(one) || one["windows_proven"] == WINDOWS)
    });
    assert_eq!(market.running().len(), HOSTS);
    // Who is back signs for the end only after it was asked.
    market.net.hosts[0].start(&["--host"]);
    market.owner(&["agreements", "check"]);
    assert_eq!(market.running().len(), HOSTS);
    market.ledger.pass_until(market.ledger.now_s() + HOUR_S);
    until(&market, |market| market.running().is_empty());
    let mut due: Vec<u64> = rents.iter().map(|rent| rent * WINDOWS).collect();
    due.sort_unstable();
    assert_eq!(earned(&market, &before), due, "all of the rent, and all of what hosts put in");
}

#[test]
fn a_host_that_was_away_when_it_was_asked_is_not_paid_for_that_window() {
    let mut market = Market::start();
    let (begin_s, rents) = agreed(&market);
    let away = market.net.hosts[0].peer_id.clone();
    for window in 0..WINDOWS {
        market.ledger.pass_until(begin_s + (window + 1) * WINDOW_S - DAY_S - DAY_S / 2);
        if window == 1 {
            market.net.hosts[0].kill();
        }
        market.owner(&["agreements", "check"]);
        until(&market, |market| {
            let missed =
                |agreement: &serde_json::Value| u64::from(window > 0 && agreement["host"] == away.as_str());
            market
                .running()
                .iter()
                .all(|agreement| agreement["windows_proven"] == window + 1 - missed(agreement))
        });
        if window == 1 {
            market.ledger.pass_until(begin_s + (window + 1) * WINDOW_S);
            market.net.hosts[0].start(&["--host"]);
        }
    }
    for agreement in market.running() {
        let missed = u64::from(agreement["host"] == away.as_str());
        let counted = (&agreement["windows_proven"], &agreement["windows_missed"]);
        assert_eq!(counted, (&(WINDOWS - missed).into(), &missed.into()), "{agreement}");
        assert!(rents.contains(&(stroops(&agreement["paid_xlm"]) / (WINDOWS - missed))), "{agreement}");
    }
}

#[test]
fn a_server_that_hangs_or_serves_another_ledger_holds_up_nothing_but_money_and_changes_none() {
    let (market, gate) = behind_a_gate();
    let ledger = market.net.ready["ledger"].as_str().unwrap().to_owned();
    let (begin_s, _) = agreed(&market);
    let running = market.running();
    market.ledger.pass_until(begin_s + WINDOW_S - DAY_S - DAY_S / 2);

    gate.stick();
    let stuck = market.net.owner.layr.fails(7, &["agreements", "check"]);
    assert!(stuck["message"].as_str().unwrap().contains("no answer within"), "{stuck}");
    // Files go out and come back without it. What they cost cannot be asked, and is paid later.
    market.stored("b.bin", 2, MIB);
    let back = market.net.dir().join("back");
    market.owner(&["get", "b.bin", "-o", back.to_str().unwrap()]);
    assert_eq!(std::fs::read(back).unwrap(), sample::noise(2, MIB));

    let other = Layr::new(PROGRAM.as_ref(), &market.net.dir().join("other"), "".as_ref());
    let other = Node::serving(other, &["ledger", "--listen", "127.0.0.1:0"]);
    gate.lead_to(other.ready["ledger"].as_str().unwrap());
    let foreign = market.net.owner.layr.fails(7, &["agreements", "check"]);
    assert!(foreign["message"].as_str().unwrap().contains("is of the network"), "{foreign}");
    let host = market.net.hosts[0].layr.ok(&["agreements", "check"]);
    assert_ne!(host["obstacles"], serde_json::json!([]), "{host}");
    assert_eq!(market.running(), running, "nothing is given up");

    gate.lead_to(&ledger);
    until(&market, |market| all_proven(market, 1));
    assert_eq!(market.running().len(), HOSTS);
}

/// Looks of the owner that are cut short, each by a kill of the owner or of a host somewhere in the half second that a look takes. What is cut short
/// is repeated until it is done.
fn looked_through_kills(market: &mut Market, instants: &mut impl Iterator<Item = u8>) {
    let mut next = || instants.next().unwrap();
    let mut check = market.net.owner.layr.command(&["agreements", "check"]);
    let check = check.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(2 * u64::from(next())));
    match usize::from(next()) % (2 * HOSTS) {
        host if host < HOSTS => {
            market.net.hosts[host].kill();
            market.net.hosts[host].start(&["--host"]);
        }
        _ => {
            market.net.owner.kill();
            market.net.owner.start(&[]);
        }
    }
    let _ = layr_suites::layr::finished(check);
}

#[test]
fn nodes_that_are_killed_at_any_instant_of_a_term_pay_and_are_paid_once() {
    let seed = std::env::var("LAYR_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    eprintln!("LAYR_SEED={seed}");
    let mut instants = sample::noise(seed, 4096).into_iter();
    let mut market = Market::start();
    let before = market.balances();
    let owner_before = stroops(&market.owner(&["wallet"])["balance_xlm"]);
    market.owner(&["agreements", "limit", "--price", "0.6", "--monthly", "9"]);
    market.stored("a.bin", 1, 4 * MIB);
    looked_through_kills(&mut market, &mut instants);
    until(&market, |market| market.running().len() == HOSTS);
    let begin_s = begin_s(&market.running()[0]);
    let mut leaves = Vec::new();
    for window in 0..WINDOWS {
        market.ledger.pass_until(begin_s + (window + 1) * WINDOW_S - DAY_S - DAY_S / 2);
        if window == 2 {
            market.stored("b.bin", 2, MIB / 4);
        }
        looked_through_kills(&mut market, &mut instants);
        looked_through_kills(&mut market, &mut instants);
        let proven = window + 1;
        until(&market, |market| all_proven(market, proven));
        leaves.push(
            market.running().iter().map(|agreement| agreement["leaf_count"].as_u64().unwrap()).sum::<u64>(),
        );
    }
    assert!(leaves[0] < leaves[3], "what was added is paid for by revisions: {leaves:?}");
    let agreed: BTreeMap<String, u64> = market
        .running()
        .iter()
        .map(|agreement| (agreement["host"].as_str().unwrap().to_owned(), stroops(&agreement["paid_xlm"])))
        .collect();
    market.ledger.pass_until(begin_s + WINDOWS * WINDOW_S + 60);
    looked_through_kills(&mut market, &mut instants);
    looked_through_kills(&mut market, &mut instants);
    until(&market, |market| market.running().is_empty());

    for (host, (now, before)) in market.net.hosts.iter().zip(market.balances().iter().zip(&before)) {
        assert_eq!(
            now - before,
            agreed[&host.peer_id],
            "what its windows earned, all of its collateral, no fee"
        );
    }
    let paid = owner_before - stroops(&market.owner(&["wallet"])["balance_xlm"]);
    let fees = paid - agreed.values().sum::<u64>();
    assert!((1..5_000_000).contains(&fees), "two transactions cost {fees} stroops");
}

fn all_proven(market: &Market, windows: u64) -> bool {
    market.running().iter().all(|agreement| agreement["windows_proven"] == windows)
}

/// Repeats the owner's look until it has come to this, as a node does each minute.
fn until(market: &Market, is_so: impl Fn(&Market) -> bool) {
    for _ in 0..LOOKS {
        let looked = market.owner(&["agreements", "check"]);
        if is_so(market) {
            return;
        }
        eprintln!("not yet: {looked}");
    }
    panic!("{LOOKS} looks do not do it: {:?}", market.running());
}
