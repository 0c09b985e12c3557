//! A host's part of an escrow while a call works on it.

use layr_agreement::{Slot, State, rent};
use soroban_sdk::{Address, Bytes, Env, IntoVal, Symbol, Val, vec};

use crate::bytes::{byte, number};
use crate::error::{Error, allowed, must};
use crate::escrow::Escrow;
use crate::events;
use crate::terms::{Host, Hosts, Terms};

pub(crate) struct Part {
    pub(crate) terms: Terms,
    pub(crate) host: Host,
    /// Which host of the escrow.
    pub(crate) number: u8,
    pub(crate) escrow: Escrow,
    pub(crate) slot: Slot,
}

impl Part {
    /// The part of a host that shows its seat.
    #[inline(never)]
    pub(crate) fn of(owner: Address, terms: Bytes, account: Address, seat: Bytes) -> Self {
        let hosts = Hosts { accounts: vec![account.env(), account.clone()], bytes: seat };
        Self::load(Terms::read(owner, terms), &hosts)
    }

    /// The part of the first of these hosts.
    #[inline(never)]
    pub(crate) fn load(terms: Terms, hosts: &Hosts) -> Self {
        let (id, first) = hosts.place(&terms);
        let escrow = Escrow::load(id);
        let slot = Slot::new(State::Closed, 0);
        let mut part = Self { host: hosts.host(0), number: 0, slot, escrow, terms };
        part.sit(hosts, 0, first);
        part
    }

    /// Goes to the part of number `index` of these hosts, of which the first is number `first` in the escrow. An escrow that is there has at
    /// most 64.
    #[inline(never)]
    pub(crate) fn sit(&mut self, hosts: &Hosts, index: u32, first: u64) {
        self.host = hosts.host(index);
        self.number = byte(first + u64::from(index));
        self.slot = self.escrow.slot(self.number, &self.terms.calendar);
    }

    /// Writes it.
    #[inline(never)]
    pub(crate) fn store(&mut self) {
        self.escrow.set_slot(self.number, &self.slot);
        self.escrow.store(&self.terms.calendar);
    }

    #[inline(never)]
    pub(crate) fn must_be(&self, env: &Env, state: State) {
        allowed(env, self.slot.must_be(state));
    }

    /// `by` authorises `(id, host, …)`.
    #[inline(never)]
    pub(crate) fn authorised(&self, by: &Address, shown: &[Val]) {
        let mut approved = vec![by.env(), self.escrow.id.to_val(), u32::from(self.number).into()];
        for value in shown {
            approved.push_back(*value);
        }
        by.require_auth_for_args(approved);
    }

    /// An active part that its host shows something of.
    #[inline(never)]
    pub(crate) fn shown(&self, shown: &[Val]) {
        self.must_be(self.escrow.id.env(), State::Active);
        self.authorised(&self.host.account, shown);
    }

    /// Tells whoever watches.
    #[inline(never)]
    pub(crate) fn happened(&self, what: Symbol, value: u64) {
        let env = self.escrow.id.env();
        let values = vec![env, u32::from(self.number).into(), value.into_val(env)];
        events::publish(what, &self.escrow.id, values);
    }

    /// The rent of a window with this data.
    #[inline(never)]
    pub(crate) fn rent(&self, env: &Env, data: &Bytes) -> u64 {
        allowed(env, rent(number(data, 32, 8), self.host.price))
    }

    /// Counts a window with what is due for it.
    #[inline(never)]
    pub(crate) fn count(&mut self, env: &Env, window: u32, due: u64) {
        allowed(env, self.slot.count(window, due, &self.terms.stake(&self.host)));
    }

    /// The window is one of the part, before which no three in a row are missed.
    #[inline(never)]
    pub(crate) fn must_be_open(&self, env: &Env, window: u32) {
        must(env, window < self.slot.windows, Error::NoSuchWindow);
        must(env, !self.slot.has_ended(window), Error::Ended);
    }

    /// The window is open, comes after those that are decided, and its response time runs.
    pub(crate) fn must_be_answerable(&self, env: &Env, window: u32) {
        self.must_be_open(env, window);
        must(env, window >= self.slot.decided, Error::AlreadyCounted);
        let now_s = env.ledger().timestamp();
        must(env, now_s >= self.terms.calendar.question_s(window), Error::TooEarly);
        must(env, now_s < self.terms.calendar.begin_s(window + 1), Error::TooLate);
    }
}
