//! An escrow, and every call about it.

use layr_agreement::SETTLE_AFTER_S;
use soroban_sdk::{Address, BytesN, IntoVal, Val, Vec, vec};
use storage_agreement::{
    Answer, Closing, Ending, EscrowTerms, HostTerms, Offer, Part, Receipt, Revision, Seat,
};

use crate::data::Data;
use crate::world::{Approval, PURSE, Refusal, World};

/// An open escrow.
pub(crate) struct Scene {
    pub(crate) world: World,
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
        let world = World::new(u8::try_from(joins.len()).unwrap());
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
        let terms = EscrowTerms { windows, ..world.terms(1) };
        let id = world.open(&terms, &offers).unwrap();
        let seats = world.seats(&hosts);
        Self { world, terms, id, data, seats }
    }

    pub(crate) fn place(&self, host: u8) -> (&BytesN<32>, u8) {
        (&self.id, host)
    }

    pub(crate) fn approved(by: &Address, args: Vec<Val>) -> [Approval; 1] {
        [Approval { by: by.clone(), args, pays: 0 }]
    }

    /// A call about a host's part, approved with `(id, host)` by `by`.
    pub(crate) fn about(&self, name: &str, host: u8, by: &Address) -> Result<(), Refusal> {
        let seat = self.seats[usize::from(host)].clone();
        let args = (self.terms.clone(), seat).into_val(&self.world.env);
        let approval = Self::approved(by, (self.id.clone(), u32::from(host)).into_val(&self.world.env));
        self.world.call(name, args, &approval)
    }

    pub(crate) fn owner(&self) -> &Address {
        &self.world.owner.account
    }

    pub(crate) fn host(&self, host: u8) -> &Address {
        &self.world.hosts[usize::from(host)].account
    }

    pub(crate) fn accept(&self, host: u8) -> Result<(), Refusal> {
        let seat = self.seats[usize::from(host)].clone();
        let approval = self.world.joining(&self.terms, &seat.terms);
        self.world.call("accept", (self.terms.clone(), seat).into_val(&self.world.env), &[approval])
    }

    /// The honest answer of a host to the beacon.
    pub(crate) fn answer(&self, host: u8, window: u32) -> Answer {
        let question = self.world.question(&self.terms, self.place(host), window, None);
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
        let approved = (self.id.clone(), u32::from(host), answer.window, revision.clone(), receipt.clone())
            .into_val(env);
        let seat = self.seats[usize::from(host)].clone();
        let args = (self.terms.clone(), seat, answer, revision, receipt).into_val(env);
        self.world.call("prove", args, &Self::approved(by, approved))
    }

    pub(crate) fn claim(&self, host: u8, receipt: Receipt) -> Result<(), Refusal> {
        let env = &self.world.env;
        let approved = (self.id.clone(), u32::from(host), receipt.clone()).into_val(env);
        let seat = self.seats[usize::from(host)].clone();
        let args = (self.terms.clone(), seat, receipt).into_val(env);
        self.world.call("claim", args, &Self::approved(self.host(host), approved))
    }

    pub(crate) fn excuse(&self, host: u8, window: u32, revision: Option<Revision>) -> Result<(), Refusal> {
        let env = &self.world.env;
        let approved = (self.id.clone(), u32::from(host), window, revision.clone()).into_val(env);
        let seat = self.seats[usize::from(host)].clone();
        let args = (self.terms.clone(), seat, window, revision).into_val(env);
        self.world.call("excuse", args, &Self::approved(self.host(host), approved))
    }

    pub(crate) fn challenge(&self, by: &Address, window: u32, seed: [u8; 32]) -> Result<(), Refusal> {
        let env = &self.world.env;
        let seed = BytesN::from_array(env, &seed);
        let approved = (self.id.clone(), window, seed.clone()).into_val(env);
        let args = (self.terms.clone(), self.seats[0].clone(), window, seed).into_val(env);
        self.world.call("challenge", args, &Self::approved(by, approved))
    }

    pub(crate) fn settle(&self, host: u8, closing: Option<Closing>) -> Result<(), Refusal> {
        let env = &self.world.env;
        let ending = closing.map_or(Ending::Overdue, Ending::Agreed);
        let part = Part { seat: self.seats[usize::from(host)].clone(), ending };
        self.world.call("settle", (self.terms.clone(), vec![env, part]).into_val(env), &[])
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
