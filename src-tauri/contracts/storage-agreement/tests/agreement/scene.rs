//! An escrow, and every call about it.

use std::rc::Rc;

use layr_agreement::SETTLE_AFTER_S;
use soroban_sdk::{Address, BytesN, IntoVal, Val, Vec, vec};

use crate::data::Data;
use crate::shown::{
    Answer, Closing, EscrowTerms, Group, HostTerms, Offer, Receipt, Revision, Seat, fixed, or_nothing,
};
use crate::world::{Approval, PURSE, Refusal, World};

/// An open escrow.
pub(crate) struct Scene {
    pub(crate) world: Rc<World>,
    pub(crate) terms: EscrowTerms,
    pub(crate) id: BytesN<32>,
    pub(crate) data: std::vec::Vec<Data>,
    pub(crate) seats: std::vec::Vec<Seat>,
}

impl Scene {
    /// One with two hosts, of which the first joined and the second was offered its part.
    pub(crate) fn two() -> Self {
        Self::two_with(|_| {})
    }

    pub(crate) fn two_with(change: impl Fn(&mut HostTerms)) -> Self {
        Self::of(&[true, false], 5, change)
    }

    /// One of so many windows, and with so many hosts, of which these joined. The first has 100 leaves, each other one half of the one before.
    pub(crate) fn of(joins: &[bool], windows: u32, change: impl Fn(&mut HostTerms)) -> Self {
        let world = Rc::new(World::new(u8::try_from(joins.len()).unwrap()));
        let terms = EscrowTerms { windows, ..world.terms(1) };
        Self::opened(world, terms, joins, change)
    }

    /// One more in a world, with the same hosts in the same places, and the same data.
    pub(crate) fn opened(
        world: Rc<World>,
        terms: EscrowTerms,
        joins: &[bool],
        change: impl Fn(&mut HostTerms),
    ) -> Self {
        let leaves = |host: u8| (host, 100 >> host);
        let data: std::vec::Vec<_> = (0..)
            .zip(joins)
            .map(|(host, _)| leaves(host))
            .map(|(host, count)| Data::new(host + 1, count))
            .collect();
        let terms_of = |(host, data): (usize, &Data)| {
            let mut terms = world.host_terms(host, data);
            change(&mut terms);
            terms
        };
        let hosts: std::vec::Vec<_> = data.iter().enumerate().map(terms_of).collect();
        let offer = |(terms, joins): (&HostTerms, &bool)| Offer { terms: terms.clone(), joins: *joins };
        let offers: std::vec::Vec<_> = hosts.iter().zip(joins).map(offer).collect();
        let id = world.open(&terms, &offers).unwrap();
        let seats = World::seats(&hosts);
        Self { world, terms, id, data, seats }
    }

    /// The same terms and data at another contract, where the first host joins now.
    pub(crate) fn at_another_contract(&self) -> Self {
        let world = Rc::new(self.world.with_another_contract());
        let offer = |(host, seat): (usize, &Seat)| Offer { terms: seat.terms.clone(), joins: host == 0 };
        let offers: std::vec::Vec<_> = self.seats.iter().enumerate().map(offer).collect();
        let (terms, data, seats) = (self.terms.clone(), self.data.clone(), self.seats.clone());
        let id = world.open(&terms, &offers).unwrap();
        Self { world, terms, id, data, seats }
    }

    pub(crate) fn place(&self, host: u8) -> (&BytesN<32>, u8) {
        (&self.id, host)
    }

    pub(crate) fn by(by: &Address, args: Vec<Val>) -> [Approval; 1] {
        [Approval { by: by.clone(), args, pays: 0 }]
    }

    /// What a call about a host's part is approved with: `(id, host, …)`.
    pub(crate) fn approved(&self, host: u8, more: &[Val]) -> Vec<Val> {
        let mut approved = vec![&self.world.env, self.id.to_val(), u32::from(host).into()];
        approved.extend(more.iter().copied());
        approved
    }

    /// What it is called with.
    pub(crate) fn args(&self, host: u8, more: &[Val]) -> Vec<Val> {
        let mut args = self.terms.values_with(&self.world.env, &self.seats[usize::from(host)]);
        args.extend(more.iter().copied());
        args
    }

    /// A call about a host's part, approved with `(id, host)` by `by`.
    pub(crate) fn about(&self, name: &str, host: u8, by: &Address) -> Result<(), Refusal> {
        self.world.call(name, self.args(host, &[]), &Self::by(by, self.approved(host, &[])))
    }

    pub(crate) fn owner(&self) -> &Address {
        &self.terms.owner
    }

    pub(crate) fn host(&self, host: u8) -> &Address {
        &self.world.hosts[usize::from(host)].account
    }

    pub(crate) fn accept(&self, host: u8) -> Result<(), Refusal> {
        let approval = self.world.joining(&self.terms, &self.seats[usize::from(host)].terms);
        self.world.call("accept", self.args(host, &[]), &[approval])
    }

    /// The honest answer of a host to the beacon.
    pub(crate) fn answer(&self, host: u8, window: u32) -> Answer {
        let question = World::question(&self.terms, self.place(host), window, None);
        let leaves = self.data[usize::from(host)].answer(&self.world.env, &question, self.terms.samples);
        Answer { window, to_owner: false, leaves }
    }

    pub(crate) fn prove(&self, host: u8, answer: Answer) -> Result<(), Refusal> {
        self.prove_as(self.host(host), host, answer)
    }

    pub(crate) fn prove_as(&self, by: &Address, host: u8, answer: Answer) -> Result<(), Refusal> {
        self.prove_with((by, host), answer, (None, None))
    }

    pub(crate) fn prove_with(
        &self,
        (by, host): (&Address, u8),
        answer: Answer,
        (revision, receipt): (Option<Revision>, Option<Receipt>),
    ) -> Result<(), Refusal> {
        let env = &self.world.env;
        let revision = or_nothing(env, revision.map(|revision| revision.value(env)));
        let receipt = or_nothing(env, receipt.map(|receipt| receipt.value(env)));
        let Answer { window, to_owner, leaves } = answer;
        let approved = self.approved(host, &[window.into(), revision, receipt]);
        let args = [window.into(), to_owner.into(), leaves.to_val(), revision, receipt];
        self.world.call("prove", self.args(host, &args), &Self::by(by, approved))
    }

    pub(crate) fn claim(&self, host: u8, receipt: Receipt) -> Result<(), Refusal> {
        let shown = [receipt.value(&self.world.env)];
        let approved = self.approved(host, &shown);
        self.world.call("claim", self.args(host, &shown), &Self::by(self.host(host), approved))
    }

    pub(crate) fn excuse(&self, host: u8, window: u32, revision: Option<Revision>) -> Result<(), Refusal> {
        let env = &self.world.env;
        let shown = [window.into(), or_nothing(env, revision.map(|revision| revision.value(env)))];
        let approved = self.approved(host, &shown);
        self.world.call("excuse", self.args(host, &shown), &Self::by(self.host(host), approved))
    }

    pub(crate) fn challenge(&self, by: &Address, window: u32, seed: [u8; 32]) -> Result<(), Refusal> {
        let env = &self.world.env;
        let seed = fixed(env, &seed);
        let approved = (self.id.clone(), window, seed.clone()).into_val(env);
        let args = self.args(0, &[window.into(), seed.to_val()]);
        self.world.call("challenge", args, &Self::by(by, approved))
    }

    pub(crate) fn settle(&self, host: u8, closing: Option<Closing>) -> Result<(), Refusal> {
        self.settle_groups(&[Group::of_one(&self.seats[usize::from(host)], closing)])
    }

    pub(crate) fn settle_groups(&self, groups: &[Group]) -> Result<(), Refusal> {
        let env = &self.world.env;
        let mut args = self.terms.values(env);
        args.push_back(Group::values(env, groups));
        self.world.call("settle", args, &[])
    }

    /// The next term of the same hosts.
    pub(crate) fn renew(
        &self,
        groups: &[Group],
        (terms, offers): (&EscrowTerms, &[Offer]),
        approvals: &[Approval],
    ) -> Result<BytesN<32>, Refusal> {
        let env = &self.world.env;
        let mut args = self.terms.values(env);
        args.push_back(Group::values(env, groups));
        args.push_back(terms.values(env).last().unwrap());
        args.append(&Offer::values(env, offers));
        self.world.call("renew", args, approvals)
    }

    /// What is approved in it: by the owner both ids, by hosts their parts of the next term.
    pub(crate) fn renewal(&self, terms: &EscrowTerms, offers: &[Offer]) -> std::vec::Vec<Approval> {
        let mut approvals = self.world.opening(terms, offers);
        approvals[0].args.push_back(self.id.to_val());
        approvals
    }

    /// To the response time of a window, with its beacon published.
    pub(crate) fn to_window(&self, window: u32) {
        self.world.pass_until(self.terms.calendar().question_s(window) + 600);
        self.world.publish(&self.terms, window).unwrap();
    }

    /// To the time when anybody may settle.
    pub(crate) fn to_settling(&self) {
        self.world.pass_until(self.terms.calendar().begin_s(self.terms.windows) + SETTLE_AFTER_S);
    }

    /// What the owner and a host have, beyond what they had at first.
    pub(crate) fn gained(&self, host: u8) -> (i64, i64) {
        let gained =
            |account| i64::try_from(self.world.balance(account)).unwrap() - i64::try_from(PURSE).unwrap();
        (gained(self.owner()), gained(self.host(host)))
    }
}
