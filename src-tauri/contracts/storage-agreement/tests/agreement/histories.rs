//! Random histories: anybody calls anything in any order with any argument, and after each call the contract must have done
//! what the model says, to the stroop.

use std::collections::BTreeMap;

use layr_agreement::SETTLE_AFTER_S;
use proptest::collection::vec as many;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::built::{HISTORIES, HISTORIES_COUNTED};
use crate::history::{Beginning, HOSTS, History, Step};
use crate::model::State;

/// Windows of a term: mostly many, as a history is over when its term is.
const WINDOWS: [u32; 4] = [1, 5, 14, 17];
const MAX_STEPS: usize = 32;
/// What a history may do, and what it may try in vain that only an id tells from what it may do.
const CALLS: usize = 17;

fn step() -> impl Strategy<Value = Step> {
    let numbers = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u16>(), any::<u16>());
    (0..100_u8, 0..HOSTS as u8, numbers).prop_map(|(kind, host, (escrow, who, window, detail, amount))| {
        Step { kind, escrow, host, who, window, detail, amount }
    })
}

fn live_through(beginning: Beginning, steps: &[Step]) -> BTreeMap<&'static str, u32> {
    let mut history = History::new(beginning);
    for step in steps {
        history.take(*step);
    }
    end(&mut history);
    history.done
}

/// In the end everything can be got out, by anybody.
fn end(history: &mut History) {
    let accounts: Vec<_> = history.world.everybody().map(|party| party.account.clone()).collect();
    for account in &accounts {
        history.takes_payments(account, true);
    }
    let last = |host: usize| Step {
        kind: 99,
        escrow: 0,
        host: host as u8,
        who: 255,
        window: 7,
        detail: 1,
        amount: 0,
    };
    for at in 0..history.escrows.len() {
        history.at = at;
        let calendar = history.terms().calendar();
        history.world.pass_until(calendar.begin_s(calendar.windows) + SETTLE_AFTER_S);
        for host in 0..HOSTS {
            let is_open = history.model().parts[host].state != State::Closed;
            if is_open || history.model().held() > 0 {
                history.settle(last(host));
            }
        }
    }
    history.must_agree(last(0));
    assert_eq!(history.world.balance(&history.world.contract), 0);
}

#[test]
fn histories_come_to_every_call() {
    let mut runner = TestRunner::deterministic();
    let mut done = BTreeMap::new();
    for _ in 0..HISTORIES_COUNTED {
        let steps = many(step(), MAX_STEPS..=MAX_STEPS).new_tree(&mut runner).unwrap().current();
        let joins = any::<[bool; HOSTS]>().new_tree(&mut runner).unwrap().current();
        let windows = select(&WINDOWS[2..]).new_tree(&mut runner).unwrap().current();
        let others = any::<[bool; 2]>().new_tree(&mut runner).unwrap().current();
        for (call, times) in live_through(Beginning { joins, windows, others }, &steps) {
            *done.entry(call).or_insert(0) += times;
        }
    }
    println!("{done:?}");
    assert_eq!(done.len(), CALLS);
    for (call, times) in done {
        assert!(times >= HISTORIES_COUNTED / 40, "{call}: {times} times only");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: HISTORIES,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn histories_of_hosts_that_joined(windows in select(&WINDOWS[..]), others in any::<[bool; 2]>(), steps in many(step(), 1..MAX_STEPS)) {
        drop(live_through(Beginning { joins: [true; HOSTS], windows, others }, &steps));
    }

    #[test]
    fn histories_of_hosts_that_may_still_join(joins in any::<[bool; HOSTS]>(), windows in select(&WINDOWS[..]), others in any::<[bool; 2]>(), steps in many(step(), 1..MAX_STEPS)) {
        drop(live_through(Beginning { joins, windows, others }, &steps));
    }
}
