//! Random histories: anybody calls anything in any order with any argument, and after each call the contract must have done
//! what the model says, to the stroop.

use std::collections::BTreeMap;
use std::fmt::Debug;

use layr_agreement::{EXCUSE_AFTER_S, SETTLE_AFTER_S};
use proptest::collection::vec as many;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use soroban_sdk::{Address, Val, Vec};

use crate::data::Data;
use crate::model::{Model, Said, Shown, State, Who};
use crate::scene::Scene;
use crate::shown::{Answer, Closing, Receipt, Revision, or_nothing};
use crate::world::{Approval, DAY_S, PURSE, World};

const HOSTS: usize = 3;
/// Windows of a term: mostly many, as a history is over when its term is.
const WINDOWS: [u32; 4] = [1, 5, 14, 17];
const SEED: [u8; 32] = [5; 32];
/// Histories of each of the two tests, together more than the 10 000 that are promised.
const HISTORIES: u32 = 5_100;
/// Histories of which it is counted what they come to.
const HISTORIES_COUNTED: u32 = 400;
const MAX_STEPS: usize = 32;

/// A call, in numbers that are made sense of when its turn comes.
#[derive(Clone, Copy, Debug)]
struct Step {
    kind: u8,
    host: u8,
    /// Mostly whoever may do it.
    who: u8,
    window: u8,
    detail: u16,
    amount: u16,
}

fn step() -> impl Strategy<Value = Step> {
    (0..100_u8, 0..HOSTS as u8, any::<u8>(), any::<u8>(), any::<u16>(), any::<u16>()).prop_map(
        |(kind, host, who, window, detail, amount)| Step { kind, host, who, window, detail, amount },
    )
}

struct History {
    scene: Scene,
    model: Model,
    /// Data of the revisions 1 to 3 of each host, which hold from the window of the same number.
    later: std::vec::Vec<std::vec::Vec<Data>>,
    /// How often each call was done.
    done: BTreeMap<&'static str, u32>,
}

impl History {
    fn new(joins: [bool; HOSTS], windows: u32) -> Self {
        let scene = Scene::of(&joins, windows, |host| host.deposit = 900);
        let hosts: std::vec::Vec<_> = scene.seats.iter().map(|seat| seat.terms.clone()).collect();
        let model = Model::new(&scene.terms, &hosts, &joins);
        let revisions =
            |host: u8| (1..=3).map(move |number| Data::new(100 + 10 * host + number, 30 * number)).collect();
        Self { scene, model, later: (0..HOSTS as u8).map(revisions).collect(), done: BTreeMap::new() }
    }

    fn account(&self, who: Who) -> Address {
        match who {
            Who::Owner => self.scene.owner().clone(),
            Who::Host(host) => self.scene.world.hosts[host].account.clone(),
            Who::Stranger => self.scene.world.stranger.account.clone(),
        }
    }

    /// The window that runs, or one near it.
    fn window(&self, step: Step) -> u32 {
        let begin_s = self.scene.terms.calendar().begin_s(0);
        let running = self.scene.world.now_s().saturating_sub(begin_s) / u64::from(self.scene.terms.window_s);
        let running = u32::try_from(running).unwrap();
        match step.window % 8 {
            0 => running + 1,
            1 => running.saturating_sub(1),
            2 => running.saturating_sub(3),
            3 => u32::from(step.window / 8) % (self.scene.terms.windows + 1),
            _ => running,
        }
    }

    fn who(step: Step, rightful: Who) -> Who {
        match step.who {
            0..8 => Who::Owner,
            8..16 => Who::Host(usize::from(step.who) % HOSTS),
            16..24 => Who::Stranger,
            _ => rightful,
        }
    }

    fn take(&mut self, step: Step) {
        match step.kind {
            0..12 => self.pass(step),
            12..14 => self.toggle(step),
            14..20 => self.publish(step),
            20..26 => self.accept(step),
            26..28 => self.withdraw(step),
            28..33 => self.challenge(step),
            33..72 => self.prove(step),
            72..82 => self.claim(step),
            82..92 => self.excuse(step),
            92..95 => self.terminate(step),
            _ => self.settle(step),
        }
        self.must_agree(step);
    }

    fn pass(&self, step: Step) {
        let Scene { world, terms, .. } = &self.scene;
        let window = self.window(Step { window: 7, ..step });
        match step.detail % 8 {
            0 => world.pass(3600),
            1 => world.pass(DAY_S),
            2..=4 => {
                world.pass_until(terms.calendar().question_s(window) + u64::from(step.amount % 2) * 3600);
            }
            5 => world.pass_until(terms.calendar().begin_s(window + 1)),
            6 if step.amount % 4 == 0 => world.pass(u64::from(step.amount / 4 % 3 + 1) * 7 * DAY_S),
            7 if step.amount % 16 == 0 => {
                world.pass_until(terms.calendar().begin_s(terms.windows) + SETTLE_AFTER_S);
            }
            _ => world.pass(5),
        }
    }

    /// Somebody takes payments no more, as an account that is closed or full; or again.
    fn toggle(&mut self, step: Step) {
        let host = usize::from(step.host);
        let who = if step.who % 4 == 0 { Who::Owner } else { Who::Host(host) };
        let purse = if who == Who::Owner { &mut self.model.owner } else { &mut self.model.hosts[host] };
        purse.takes_payments = !purse.takes_payments;
        let takes = purse.takes_payments;
        self.scene.world.takes_payments(&self.account(who), takes);
    }

    fn publish(&mut self, step: Step) {
        let window = self.window(step);
        self.scene.world.publish(&self.scene.terms, window).unwrap();
        self.model.publish(self.scene.world.now_s(), window);
    }

    fn accept(&mut self, step: Step) {
        let host = usize::from(step.host);
        let who = Self::who(step, Who::Host(host));
        let Scene { world, terms, seats, .. } = &self.scene;
        let approval = Approval { by: self.account(who), ..world.joining(terms, &seats[host].terms) };
        let args = terms.values_with(&world.env, &seats[host]);
        let done = world.call::<()>("accept", args, &[approval]).is_ok();
        let now_s = world.now_s();
        let expected = self.model.accept(now_s, who, host);
        self.agree("accept", (done, expected), &who);
    }

    fn withdraw(&mut self, step: Step) {
        let who = Self::who(step, Who::Owner);
        let done = self.scene.about("withdraw", step.host, &self.account(who)).is_ok();
        let expected = self.model.withdraw(who, step.host.into());
        self.agree("withdraw", (done, expected), &who);
    }

    fn challenge(&mut self, step: Step) {
        let who = Self::who(step, Who::Owner);
        let window = self.window(step);
        let done = self.scene.challenge(&self.account(who), window, SEED).is_ok();
        let now_s = self.scene.world.now_s();
        let expected = self.model.challenge(now_s, who, window);
        self.agree("challenge", (done, expected), &(window, who));
    }

    /// A revision that both signed, if the step shows one, and the data that it is about.
    fn revision(&self, step: Step) -> (Option<Revision>, Data, (u32, u32)) {
        let host = usize::from(step.host);
        let newest = self.model.parts[host].revision;
        let number = match step.detail >> 8 & 7 {
            0..5 => newest.min(3),
            5 => (newest + 1).min(3),
            other => u32::from(other) - 5,
        };
        let Some(index) = number.checked_sub(1) else {
            return (None, self.scene.data[host].clone(), (0, 0));
        };
        let data = self.later[host][index as usize].clone();
        let revision = self.scene.world.revision(self.scene.place(step.host), (number, number), &data);
        (Some(revision), data, (number, number))
    }

    /// What the owner may have signed, or somebody else.
    /// Mostly of the windows below `decided`.
    fn receipt(&self, step: Step, decided: u32) -> (Receipt, Said) {
        let part = &self.model.parts[usize::from(step.host)];
        let known = part.kept.keys().fold(0_u32, |bits, window| bits | 1 << window);
        let decided = match step.amount % 8 {
            0 => u32::from(step.amount / 8) % (self.scene.terms.windows + 2),
            1 => part.decided,
            _ => decided,
        };
        // The windows since, mostly all of them.
        let since =
            (u32::MAX << part.decided.min(31)) & 1_u32.checked_shl(decided).unwrap_or(0).wrapping_sub(1);
        let added = if step.amount % 4 == 1 { since & u32::from(step.amount) } else { since };
        let proven = if step.amount % 16 == 3 { added } else { known | added };
        let earned =
            if step.amount % 16 == 5 { part.earned / 2 } else { part.earned + u64::from(step.amount >> 8) };
        let revision = if step.amount % 16 == 7 { part.revision + 1 } else { part.revision };
        let world = &self.scene.world;
        let mut receipt = world.receipt(self.scene.place(step.host), (decided, proven, earned, revision));
        let is_signed = step.amount % 32 != 9;
        if !is_signed {
            receipt.signature = [1; 64];
        }
        (receipt, Said { decided, proven, earned, revision, is_signed })
    }

    /// Mostly in the window that runs, with its beacon published: otherwise hardly any history would come to a proof.
    fn prove(&mut self, step: Step) {
        let host = usize::from(step.host);
        let window = if step.detail >> 13 == 0 { self.window(step) } else { self.wait_for_question(step) };
        let who = Self::who(step, Who::Host(host));
        let env = &self.scene.world.env;
        let to_owner = step.detail & 7 == 0;
        let is_true = step.detail >> 3 & 15 != 0;
        let (revision, data, of_revision) = self.revision(step);
        let place = self.scene.place(step.host);
        let question = World::question(&self.scene.terms, place, window, to_owner.then_some(SEED));
        let proven = if is_true { data.clone() } else { Data::new(250, 30) };
        let mut leaves = proven.answer(env, &question, self.scene.terms.samples);
        if !is_true && step.detail & 128 == 0 {
            leaves.pop_back();
        }
        let (receipt, said) = if step.detail >> 11 & 3 == 0 {
            let (receipt, said) = self.receipt(step, window);
            (Some(receipt), Some(said))
        } else {
            (None, None)
        };
        let answer = Answer { window, to_owner, leaves };
        let by = self.account(who);
        let done = self.scene.prove_with((&by, step.host), answer, (revision, receipt)).is_ok();
        let shown = Shown { window, revision: of_revision, leaves: data.leaf_count() };
        let now_s = self.scene.world.now_s();
        let expected = self.model.prove(now_s, (who, host), (shown, is_true, to_owner), said);
        let name = if said.is_some() { "prove with receipt" } else { "prove" };
        self.agree(name, (done, expected), &(shown, who, is_true, to_owner, said));
    }

    /// The next window that the host has not decided, once its question is out.
    fn wait_for_question(&mut self, step: Step) -> u32 {
        let decided = self.model.parts[usize::from(step.host)].decided;
        let window = self.window(Step { window: 7, ..step }).max(decided);
        self.scene.world.pass_until(self.scene.terms.calendar().question_s(window));
        self.scene.world.publish(&self.scene.terms, window).unwrap();
        self.model.publish(self.scene.world.now_s(), window);
        window
    }

    fn claim(&mut self, step: Step) {
        let host = usize::from(step.host);
        let who = Self::who(step, Who::Host(host));
        let running = self.window(Step { window: 7, ..step });
        let (receipt, said) = self.receipt(step, running + 1);
        let env = &self.scene.world.env;
        let approved = self.scene.approved(step.host, &[receipt.value(env)]);
        let args = self.scene.args(step.host, &[receipt.value(env)]);
        let done = self.call("claim", who, args, approved);
        let expected = self.model.claim(self.scene.world.now_s(), who, host, said);
        self.agree("claim", (done, expected), &(said, who));
    }

    fn excuse(&mut self, step: Step) {
        let host = usize::from(step.host);
        let who = Self::who(step, Who::Host(host));
        // Some windows ago, or the one that runs, once its time for an excuse has come.
        let window = if step.window % 2 == 0 {
            self.window(Step { window: 2 + step.window / 2 % 2, ..step })
        } else {
            let decided = self.model.parts[host].decided;
            let window = self.window(Step { window: 7, ..step }).max(decided).max(self.model.first_silent());
            self.scene.world.pass_until(self.scene.terms.calendar().begin_s(window + 1) + EXCUSE_AFTER_S);
            window
        };
        let (revision, data, of_revision) = self.revision(step);
        let env = &self.scene.world.env;
        let shown = or_nothing(env, revision.map(|revision| revision.value(env)));
        let approved = self.scene.approved(step.host, &[window.into(), shown]);
        let args = self.scene.args(step.host, &[window.into(), shown]);
        let done = self.call("excuse", who, args, approved);
        let shown = Shown { window, revision: of_revision, leaves: data.leaf_count() };
        let expected = self.model.excuse(self.scene.world.now_s(), who, host, shown);
        self.agree("excuse", (done, expected), &(shown, who));
    }

    fn terminate(&mut self, step: Step) {
        let who = Self::who(step, Who::Owner);
        let done = self.scene.about("terminate", step.host, &self.account(who)).is_ok();
        let now_s = self.scene.world.now_s();
        let expected = self.model.terminate(now_s, who, step.host.into());
        self.agree("terminate", (done, expected), &who);
    }

    /// By anybody, for nobody has to approve.
    fn settle(&mut self, step: Step) {
        let host = usize::from(step.host);
        let closing = (step.detail % 8 == 0).then(|| u64::from(step.amount) % 800);
        let is_signed = step.detail >> 3 & 7 != 0;
        let shown = closing.map(|to_host| {
            let mut closing: Closing = self.scene.world.closing(self.scene.place(step.host), to_host);
            if !is_signed {
                closing.host_signature = closing.owner_signature;
            }
            closing
        });
        let done = self.scene.settle(step.host, shown).is_ok();
        let closing = closing.map(|to_host| (to_host, is_signed));
        let expected = self.model.settle(self.scene.world.now_s(), host, closing);
        let name = if closing.is_some() { "settle as agreed" } else { "settle" };
        self.agree(name, (done, expected), &closing);
    }

    fn call(&self, name: &str, who: Who, args: Vec<Val>, approved: Vec<Val>) -> bool {
        let approval = Approval { by: self.account(who), args: approved, pays: 0 };
        self.scene.world.call::<()>(name, args, &[approval]).is_ok()
    }

    fn agree(&mut self, call: &'static str, (done, expected): (bool, bool), about: &dyn Debug) {
        assert_eq!(done, expected, "{call}: {about:?}");
        *self.done.entry(call).or_default() += u32::from(done);
    }

    /// Money and state are those of the model, and nothing came from or went to anywhere else.
    fn must_agree(&self, step: Step) {
        let world = &self.scene.world;
        let gained = |account: &Address| i64::try_from(world.balance(account)).unwrap() - PURSE as i64;
        assert_eq!(gained(self.scene.owner()), self.model.owner.gained, "the owner after {step:?}");
        for (host, purse) in self.model.hosts.iter().enumerate() {
            assert_eq!(gained(&world.hosts[host].account), purse.gained, "host {host} after {step:?}");
        }
        assert_eq!(gained(&world.stranger.account), 0);
        let held = self.model.held();
        assert_eq!(world.balance(&world.contract), held, "after {step:?}");
        let hosts: i64 = self.model.hosts.iter().map(|host| host.gained).sum();
        assert_eq!(self.model.owner.gained + hosts + held as i64, 0);
        if let Some(kept) = world.escrow(&self.scene.id) {
            assert_eq!(kept.held, held);
            for (host, slot) in kept.slots.iter().filter(|(host, _)| usize::from(*host) < HOSTS) {
                let part = &self.model.parts[usize::from(*host)];
                if part.state == State::Closed {
                    assert_eq!(slot.earned, self.model.hosts[usize::from(*host)].unpaid);
                }
                if part.state == State::Active {
                    let proven = part.kept.keys().fold(0_u32, |bits, window| bits | 1 << window);
                    let expected = (part.decided, part.windows, part.revision, proven, part.earned);
                    assert_eq!(
                        (slot.decided, slot.windows, slot.revision, slot.proven, slot.earned),
                        expected
                    );
                }
            }
        } else {
            assert_eq!(held, 0, "an escrow that holds money is gone after {step:?}");
        }
    }
}

fn live_through(joins: [bool; HOSTS], windows: u32, steps: &[Step]) -> BTreeMap<&'static str, u32> {
    let mut history = History::new(joins, windows);
    for step in steps {
        history.take(*step);
    }
    // In the end everything can be got out, by anybody.
    for who in [Who::Owner, Who::Host(0), Who::Host(1), Who::Host(2)] {
        history.scene.world.takes_payments(&history.account(who), true);
    }
    history.model.owner.takes_payments = true;
    history.model.hosts.iter_mut().for_each(|host| host.takes_payments = true);
    let Scene { world, terms, .. } = &history.scene;
    world.pass_until(terms.calendar().begin_s(terms.windows) + SETTLE_AFTER_S);
    for host in 0..HOSTS as u8 {
        history.settle(Step { kind: 99, host, who: 255, window: 0, detail: 1, amount: 0 });
    }
    assert_eq!(history.scene.world.balance(&history.scene.world.contract), 0);
    history.done
}

#[test]
fn histories_come_to_every_call() {
    let mut runner = TestRunner::deterministic();
    let mut done = BTreeMap::new();
    for _ in 0..HISTORIES_COUNTED {
        let steps = many(step(), MAX_STEPS..=MAX_STEPS).new_tree(&mut runner).unwrap().current();
        let joins = any::<[bool; HOSTS]>().new_tree(&mut runner).unwrap().current();
        let windows = select(&WINDOWS[2..]).new_tree(&mut runner).unwrap().current();
        for (call, times) in live_through(joins, windows, &steps) {
            *done.entry(call).or_insert(0) += times;
        }
    }
    println!("{done:?}");
    assert_eq!(done.len(), 10);
    for (call, times) in done {
        assert!(times >= HISTORIES_COUNTED / 20, "{call} was done {times} times only");
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
    fn histories_of_hosts_that_joined(windows in select(&WINDOWS[..]), steps in many(step(), 1..MAX_STEPS)) {
        drop(live_through([true; HOSTS], windows, &steps));
    }

    #[test]
    fn histories_of_hosts_that_may_still_join(joins in any::<[bool; HOSTS]>(), windows in select(&WINDOWS[..]), steps in many(step(), 1..MAX_STEPS)) {
        drop(live_through(joins, windows, &steps));
    }
}
