//! A history: escrows that share the contract's money, and beside each the model of it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::LazyLock;

use layr_agreement::{EXCUSE_AFTER_S, SETTLE_AFTER_S};
use soroban_sdk::{Address, BytesN, Val, Vec};

use crate::data::Data;
use crate::model::{Model, Said, Shown, State, Who};
use crate::renewals::Signed;
use crate::scene::Scene;
use crate::shown::{Answer, EscrowTerms, HostTerms, Receipt, Revision, or_nothing};
use crate::world::{Approval, DAY_S, PURSE, World};

pub(crate) const HOSTS: usize = 3;
/// What a host is paid from, little enough that rents use it up.
const DEPOSIT: u64 = 900;
const SEED: [u8; 32] = [5; 32];

/// Data of the revisions 1 to 3 of each host, which hold from the window of the same number.
static LATER: LazyLock<std::vec::Vec<std::vec::Vec<Data>>> = LazyLock::new(|| {
    let revisions =
        |host: u8| (1..=3).map(move |number| Data::new(100 + 10 * host + number, 30 * number)).collect();
    (0..HOSTS as u8).map(revisions).collect()
});

/// A call, in numbers that are made sense of when its turn comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) kind: u8,
    pub(crate) escrow: u8,
    pub(crate) host: u8,
    /// Mostly whoever may do it.
    pub(crate) who: u8,
    pub(crate) window: u8,
    pub(crate) detail: u16,
    pub(crate) amount: u16,
}

/// How a history begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beginning {
    pub(crate) joins: [bool; HOSTS],
    pub(crate) windows: u32,
    /// Whether the owner has a second escrow, and whether another owner has one.
    pub(crate) others: [bool; 2],
}

/// An escrow, and what should be true of it.
pub(crate) struct Escrow {
    pub(crate) scene: Scene,
    pub(crate) model: Model,
}

pub(crate) struct History {
    pub(crate) world: Rc<World>,
    pub(crate) escrows: std::vec::Vec<Escrow>,
    /// Which of them the step is about.
    pub(crate) at: usize,
    /// The first one, or what that was renewed to: half of the steps are about it.
    pub(crate) main: usize,
    /// Renewals that the owner has signed.
    pub(crate) signed: std::vec::Vec<Signed>,
    /// How often each call was done.
    pub(crate) done: BTreeMap<&'static str, u32>,
}

impl History {
    pub(crate) fn new(Beginning { joins, windows, others: [second, neighbour] }: Beginning) -> Self {
        let world = Rc::new(World::new(HOSTS as u8));
        let first = EscrowTerms { windows, ..world.terms(1) };
        let mut all = std::vec![first.clone()];
        if second {
            all.push(EscrowTerms { nonce: [2; 16], ..first.clone() });
        }
        if neighbour {
            // With the key of the first owner: nothing but the escrow's id tells their statements apart.
            let owner = world.neighbour.account.clone();
            all.push(EscrowTerms { owner, nonce: [3; 16], ..first });
        }
        let open = |terms: EscrowTerms| {
            let scene = Scene::opened(world.clone(), terms, &joins, |host| host.deposit = DEPOSIT);
            let model = Model::new(&scene.terms, &scene.hosts(), &joins);
            Escrow { scene, model }
        };
        let escrows = all.into_iter().map(open).collect();
        let (signed, done) = (std::vec::Vec::new(), BTreeMap::new());
        Self { world, escrows, at: 0, main: 0, signed, done }
    }

    pub(crate) fn scene(&self) -> &Scene {
        &self.escrows[self.at].scene
    }

    pub(crate) fn terms(&self) -> &EscrowTerms {
        &self.scene().terms
    }

    pub(crate) fn model(&mut self) -> &mut Model {
        &mut self.escrows[self.at].model
    }

    /// A stranger to an escrow may be the owner of another one.
    pub(crate) fn account(&self, who: Who) -> Address {
        match who {
            Who::Owner => self.scene().owner().clone(),
            Who::Host(host) => self.world.hosts[host].account.clone(),
            Who::Stranger if *self.scene().owner() == self.world.owner.account => {
                self.world.neighbour.account.clone()
            }
            Who::Stranger => self.world.owner.account.clone(),
        }
    }

    /// The window that runs, or one near it.
    pub(crate) fn window(&self, step: Step) -> u32 {
        let begin_s = self.terms().calendar().begin_s(0);
        let running = self.world.now_s().saturating_sub(begin_s) / u64::from(self.terms().window_s);
        let running = u32::try_from(running).unwrap();
        match step.window % 8 {
            0 => running + 1,
            1 => running.saturating_sub(1),
            2 => running.saturating_sub(3),
            3 => u32::from(step.window / 8) % (self.terms().windows + 1),
            _ => running,
        }
    }

    pub(crate) fn who(step: Step, rightful: Who) -> Who {
        match step.who {
            0..8 => Who::Owner,
            8..16 => Who::Host(usize::from(step.who) % HOSTS),
            16..24 => Who::Stranger,
            _ => rightful,
        }
    }

    /// Mostly where a statement about a host belongs, else the same place of another escrow, and whether it is that.
    pub(crate) fn place(&self, host: u8, bits: u16) -> ((&BytesN<32>, u8), bool) {
        let other = (self.at + 1 + usize::from(bits / 4)) % self.escrows.len();
        let is_elsewhere = bits % 4 == 3 && other != self.at;
        let at = if is_elsewhere { other } else { self.at };
        (self.escrows[at].scene.place(host), is_elsewhere)
    }

    pub(crate) fn take(&mut self, step: Step) {
        let is_main = step.escrow % 2 == 0;
        self.at = if is_main { self.main } else { usize::from(step.escrow / 2) % self.escrows.len() };
        match step.kind {
            0..12 => self.pass(step),
            12..14 => self.toggle(step),
            14..20 => self.publish(step),
            20..25 => self.accept(step),
            25..27 => self.withdraw(step),
            27..32 => self.challenge(step),
            32..64 => self.prove(step),
            64..73 => self.claim(step),
            73..82 => self.excuse(step),
            82..84 => self.terminate(step),
            84..88 => self.sign(step),
            88..93 => self.renew(step),
            _ => self.settle(step),
        }
        self.must_agree(step);
    }

    fn pass(&self, step: Step) {
        let (world, calendar) = (&self.world, self.terms().calendar());
        let window = self.window(Step { window: 7, ..step });
        match step.detail % 8 {
            0 => world.pass(3600),
            1 => world.pass(DAY_S),
            2..=4 => world.pass_until(calendar.question_s(window) + u64::from(step.amount % 2) * 3600),
            5 => world.pass_until(calendar.begin_s(window + 1)),
            6 if step.amount % 4 == 0 => world.pass(u64::from(step.amount / 4 % 3 + 1) * 7 * DAY_S),
            7 if step.amount % 16 == 0 => {
                world.pass_until(calendar.begin_s(calendar.windows) + SETTLE_AFTER_S);
            }
            _ => world.pass(5),
        }
    }

    /// Somebody takes payments no more, as an account that is closed or full; or again.
    fn toggle(&mut self, step: Step) {
        let host = usize::from(step.host);
        let who = if step.who % 4 == 0 { Who::Owner } else { Who::Host(host) };
        let account = self.account(who);
        let takes = match who {
            Who::Owner => !self.model().owner.takes_payments,
            _ => !self.model().hosts[host].takes_payments,
        };
        self.takes_payments(&account, takes);
    }

    pub(crate) fn takes_payments(&mut self, account: &Address, takes: bool) {
        self.world.takes_payments(account, takes);
        for Escrow { scene, model } in &mut self.escrows {
            if scene.owner() == account {
                model.owner.takes_payments = takes;
            }
            for (host, purse) in model.hosts.iter_mut().enumerate() {
                if self.world.hosts[host].account == *account {
                    purse.takes_payments = takes;
                }
            }
        }
    }

    fn publish(&mut self, step: Step) {
        self.publish_window(self.window(step));
    }

    /// For all escrows: they have one calendar.
    fn publish_window(&mut self, window: u32) {
        self.world.publish(self.terms(), window).unwrap();
        let (now_s, window) = (self.world.now_s(), self.terms().first_window + window);
        for escrow in &mut self.escrows {
            escrow.model.publish(now_s, window);
        }
    }

    fn accept(&mut self, step: Step) {
        let host = usize::from(step.host);
        let who = Self::who(step, Who::Host(host));
        let Scene { world, terms, seats, .. } = self.scene();
        let approval = Approval { by: self.account(who), ..world.joining(terms, &seats[host].terms) };
        let args = terms.values_with(&world.env, &seats[host]);
        let done = world.call::<()>("accept", args, &[approval]).is_ok();
        let now_s = world.now_s();
        let expected = self.model().accept(now_s, who, host);
        self.agree("accept", (done, expected), &who);
    }

    fn withdraw(&mut self, step: Step) {
        let who = Self::who(step, Who::Owner);
        let done = self.scene().about("withdraw", step.host, &self.account(who)).is_ok();
        let now_s = self.world.now_s();
        let expected = self.model().withdraw(now_s, who, step.host.into());
        self.agree("withdraw", (done, expected), &who);
    }

    fn challenge(&mut self, step: Step) {
        let who = Self::who(step, Who::Owner);
        let window = self.window(step);
        let done = self.scene().challenge(&self.account(who), window, SEED).is_ok();
        let now_s = self.world.now_s();
        let expected = self.model().challenge(now_s, who, window);
        self.agree("challenge", (done, expected), &(window, who));
    }

    /// A revision that both signed, if the step shows one; the data that it is about; its number and first window, and whether both
    /// signed it for this escrow.
    fn revision(&mut self, step: Step) -> (Option<Revision>, Data, (u32, u32), bool) {
        let host = usize::from(step.host);
        let newest = self.model().parts[host].revision;
        let number = match step.detail >> 8 & 7 {
            0..5 => newest.min(3),
            5 => (newest + 1).min(3),
            other => u32::from(other) - 5,
        };
        let Some(index) = number.checked_sub(1) else {
            return (None, self.scene().data[host].clone(), (0, 0), true);
        };
        let data = LATER[host][index as usize].clone();
        let (place, is_elsewhere) = self.place(step.host, step.amount >> 4);
        let revision = self.world.revision(place, (number, number), &data);
        (Some(revision), data, (number, number), !is_elsewhere)
    }

    /// What the owner may have signed, or somebody else.
    /// Mostly of the windows below `decided`.
    fn receipt(&mut self, step: Step, decided: u32) -> (Receipt, Said) {
        let part = self.model().parts[usize::from(step.host)].clone();
        let known = part.kept.keys().fold(0_u32, |bits, window| bits | 1 << window);
        let decided = match step.amount % 8 {
            0 => u32::from(step.amount / 8) % (self.terms().windows + 2),
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
        let (place, is_elsewhere) = self.place(step.host, step.detail);
        let mut receipt = self.world.receipt(place, (decided, proven, earned, revision));
        let is_forged = step.amount % 32 == 9;
        if is_forged {
            receipt.signature = [1; 64];
        }
        (receipt, Said { decided, proven, earned, revision, is_signed: !is_forged && !is_elsewhere })
    }

    /// Mostly in the window that runs, with its beacon published: otherwise hardly any history would come to a proof.
    fn prove(&mut self, step: Step) {
        let host = usize::from(step.host);
        let window = if step.detail >> 13 == 0 { self.window(step) } else { self.wait_for_question(step) };
        let who = Self::who(step, Who::Host(host));
        let to_owner = step.detail & 7 == 0;
        let has_data = step.detail >> 3 & 15 != 0;
        let (revision, data, of_revision, is_signed) = self.revision(step);
        let question =
            World::question(self.terms(), self.scene().place(step.host), window, to_owner.then_some(SEED));
        let proven = if has_data { data.clone() } else { Data::new(250, 30) };
        let mut leaves = proven.answer(&self.world.env, &question, self.terms().samples);
        if !has_data && step.detail & 128 == 0 {
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
        let done = self.scene().prove_with((&by, step.host), answer, (revision, receipt)).is_ok();
        let shown = Shown { window, revision: of_revision, leaves: data.leaf_count() };
        let (now_s, is_true) = (self.world.now_s(), has_data && is_signed);
        if !is_signed {
            let mut as_if = self.model().clone();
            let would = as_if.prove(now_s, (who, host), (shown, has_data, to_owner), said);
            self.count("a revision of another escrow's", would && !done);
        }
        let expected = self.model().prove(now_s, (who, host), (shown, is_true, to_owner), said);
        let name = if said.is_some() { "prove with receipt" } else { "prove" };
        self.agree(name, (done, expected), &(shown, who, is_true, to_owner, said));
    }

    /// The next window that the host has not decided, once its question is out.
    fn wait_for_question(&mut self, step: Step) -> u32 {
        let decided = self.model().parts[usize::from(step.host)].decided;
        let window = self.window(Step { window: 7, ..step }).max(decided);
        self.world.pass_until(self.terms().calendar().question_s(window));
        self.publish_window(window);
        window
    }

    fn claim(&mut self, step: Step) {
        let host = usize::from(step.host);
        let who = Self::who(step, Who::Host(host));
        let running = self.window(Step { window: 7, ..step });
        let (receipt, said) = self.receipt(step, running + 1);
        let shown = [receipt.value(&self.world.env)];
        let (args, approved) =
            (self.scene().args(step.host, &shown), self.scene().approved(step.host, &shown));
        let done = self.call("claim", who, args, approved);
        let now_s = self.world.now_s();
        if !said.is_signed {
            let mut as_if = self.model().clone();
            let would = as_if.claim(now_s, who, host, Said { is_signed: true, ..said });
            self.count("a receipt of another escrow's, or a forged one", would && !done);
        }
        let expected = self.model().claim(now_s, who, host, said);
        self.agree("claim", (done, expected), &(said, who));
    }

    fn excuse(&mut self, step: Step) {
        let host = usize::from(step.host);
        let who = Self::who(step, Who::Host(host));
        // Some windows ago, or the one that runs, once its time for an excuse has come.
        let window = if step.window % 2 == 0 {
            self.window(Step { window: 2 + step.window / 2 % 2, ..step })
        } else {
            let (decided, silent) = (self.model().parts[host].decided, self.model().first_silent());
            let window = self.window(Step { window: 7, ..step }).max(decided).max(silent);
            self.world.pass_until(self.terms().calendar().begin_s(window + 1) + EXCUSE_AFTER_S);
            window
        };
        let (revision, data, of_revision, is_signed) = self.revision(step);
        let env = &self.world.env;
        let shown = [window.into(), or_nothing(env, revision.map(|revision| revision.value(env)))];
        let (args, approved) =
            (self.scene().args(step.host, &shown), self.scene().approved(step.host, &shown));
        let done = self.call("excuse", who, args, approved);
        let shown = Shown { window, revision: of_revision, leaves: data.leaf_count() };
        let now_s = self.world.now_s();
        let expected = self.model().excuse(now_s, (who, host), (shown, is_signed));
        self.agree("excuse", (done, expected), &(shown, who));
    }

    fn terminate(&mut self, step: Step) {
        let who = Self::who(step, Who::Owner);
        let done = self.scene().about("terminate", step.host, &self.account(who)).is_ok();
        let now_s = self.world.now_s();
        let expected = self.model().terminate(now_s, who, step.host.into());
        self.agree("terminate", (done, expected), &who);
    }

    fn call(&self, name: &str, who: Who, args: Vec<Val>, approved: Vec<Val>) -> bool {
        let approval = Approval { by: self.account(who), args: approved, pays: 0 };
        self.world.call::<()>(name, args, &[approval]).is_ok()
    }

    pub(crate) fn agree(&mut self, call: &'static str, (done, expected): (bool, bool), about: &dyn Debug) {
        assert_eq!(done, expected, "{call} of escrow {}: {about:?}", self.at);
        self.count(call, done);
    }

    pub(crate) fn count(&mut self, what: &'static str, is_so: bool) {
        *self.done.entry(what).or_default() += u32::from(is_so);
    }

    /// Money and state of each escrow are those of its model, and nothing came from or went to anywhere else.
    pub(crate) fn must_agree(&self, step: Step) {
        let world = &self.world;
        let (mut held, mut all) = (0, 0);
        for Escrow { scene, model } in &self.escrows {
            held += model.held();
            agrees(scene, model, step);
        }
        for party in world.everybody() {
            let has = i64::try_from(world.balance(&party.account)).unwrap() - PURSE as i64;
            assert_eq!(has, self.gained(&party.account), "{:?} after {step:?}", party.account);
            all += has;
        }
        assert_eq!(world.balance(&world.contract), held, "after {step:?}");
        assert_eq!(all + held as i64, 0, "after {step:?}");
    }

    /// What an account should have gained by all escrows together.
    fn gained(&self, account: &Address) -> i64 {
        let by_one = |Escrow { scene, model }: &Escrow| {
            let as_owner = if scene.owner() == account { model.owner.gained } else { 0 };
            let hosts = self.world.hosts.iter().zip(&model.hosts);
            let as_hosts =
                hosts.filter(|(party, _)| party.account == *account).map(|(_, purse)| purse.gained);
            as_owner + as_hosts.sum::<i64>()
        };
        self.escrows.iter().map(by_one).sum()
    }
}

/// The ledger keeps of an escrow what its model says.
fn agrees(scene: &Scene, model: &Model, step: Step) {
    let kept = scene.world.escrow(&scene.id);
    assert_eq!(kept.is_some(), model.is_there, "after {step:?}");
    let Some(kept) = kept else {
        assert_eq!(model.held(), 0, "an escrow that holds money is gone after {step:?}");
        return;
    };
    assert_eq!(kept.held, model.held(), "after {step:?}");
    for (host, slot) in kept.slots.iter().filter(|(host, _)| usize::from(*host) < HOSTS) {
        let part = &model.parts[usize::from(*host)];
        if part.state == State::Closed {
            assert_eq!(slot.earned, model.hosts[usize::from(*host)].unpaid);
        }
        if part.state == State::Active {
            let proven = part.kept.keys().fold(0_u32, |bits, window| bits | 1 << window);
            let expected = (part.decided, part.windows, part.revision, proven, part.earned);
            assert_eq!((slot.decided, slot.windows, slot.revision, slot.proven, slot.earned), expected);
        }
    }
}

impl Scene {
    pub(crate) fn hosts(&self) -> std::vec::Vec<HostTerms> {
        self.seats.iter().map(|seat| seat.terms.clone()).collect()
    }
}
