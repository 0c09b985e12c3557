//! Storage agreements: an owner's money in escrow, a share of it for each host, paid for exactly the windows in which the host
//! provably kept the data. Neither side has to trust the other, and nobody can change the rules: no admin, no upgrade.
//!
//! One escrow holds what an owner pays for one term to up to 64 hosts. Nodes do almost everything off chain, with
//! [`Receipt`]s, [`Revision`]s and [`Closing`]s that they sign for each other; here they open, settle, and find what they need
//! when the other side is silent or lies. `docs/adr/0023-agreements.md` has the reasons.
//!
//! Who may do what: the owner opens, withdraws, asks and terminates; a host accepts, proves, claims and is excused; anybody
//! publishes a beacon, and settles what both signed or what is overdue. *Proofs, receipts and excuses are the host's to show*:
//! they only move its part forward, so the order in which they are shown is money, and the owner has the same bytes.

#![no_std]

mod beacon;
mod error;
mod escrow;
mod events;
mod hash;
mod proof;
mod statement;
mod terms;

use layr_agreement::{Division, MAX_AMOUNT_STROOPS, MAX_HOSTS, MAX_LEAD_S, Slot, State, rent};
use soroban_sdk::{
    Address, BytesN, Env, IntoVal, Symbol, Val, Vec, contract, contractimpl, contracttype, symbol_short,
    token,
};

pub use beacon::Beacon;
pub use error::Error;
pub use escrow::{EscrowView, SlotView};
pub use proof::ProvenLeaf;
pub use statement::{Closing, Receipt, Revision};
pub use terms::{EscrowTerms, HostTerms, Seat};

use escrow::Escrow;
use terms::Place;

/// What the contract was made with, for ever.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The token that is paid with: the native asset's contract.
    pub token: Address,
    /// The randomness that asks.
    pub beacon: Beacon,
}

const CONFIG: Symbol = symbol_short!("config");
/// Stands in an escrow's slots for the owner, where that could not be paid. No host has this number.
const OWNER: u8 = u8::MAX;

/// A host in a new escrow.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its terms.
    pub terms: HostTerms,
    /// Whether it signed that it joins with this very transaction. Otherwise it may accept later.
    pub joins: bool,
}

/// A host's part to be settled.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Whose.
    pub seat: Seat,
    /// How it ends.
    pub ending: Ending,
}

/// How a part ends.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As both sides signed, at any time.
    Agreed(Closing),
    /// By what is on chain, once nothing more can come.
    Overdue,
}

/// A window's answer.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Which window.
    pub window: u32,
    /// Whether the owner's question is answered, instead of the beacon's.
    pub to_owner: bool,
    /// The leaves asked for, in the question's order.
    pub leaves: Vec<ProvenLeaf>,
}

/// The contract.
#[contract]
pub struct StorageAgreement;

#[contractimpl]
impl StorageAgreement {
    /// Sets what never changes.
    pub fn __constructor(env: Env, token: Address, beacon: Beacon) {
        env.storage().instance().set(&CONFIG, &Config { token, beacon });
    }

    /// Opens an escrow: takes all deposits from the owner, and the collateral of those hosts that join. Gives its id.
    ///
    /// The owner authorises `(id)`. A joining host authorises `(digest of the terms, digest of its own terms)`, which binds it
    /// to its part and leaves the owner free in the choice of the others.
    pub fn open(env: Env, terms: EscrowTerms, offers: Vec<Offer>) -> Result<BytesN<32>, Error> {
        open_escrow(&env, &terms, &offers, None)
    }

    /// A host that was offered a part joins: its collateral is taken. It authorises as for [`Self::open`].
    pub fn accept(env: Env, terms: EscrowTerms, seat: Seat) -> Result<(), Error> {
        let mut host = HostPart::load(&env, terms, seat)?;
        host.slot.must_be(State::Offered)?;
        if env.ledger().timestamp() >= host.terms.calendar().joining_ends_s() {
            return Err(Error::TooLate);
        }
        take_collateral(&env, &host.terms, &host.seat.terms)?;
        host.escrow.take_in(host.seat.terms.collateral)?;
        host.slot.state = State::Active;
        host.store(&env);
        events::Accepted { id: host.place.id, host: host.place.host.into() }.publish(&env);
        Ok(())
    }

    /// The owner takes back what it offered to a host that did not join. It authorises `(id, host)`.
    pub fn withdraw(env: Env, terms: EscrowTerms, seat: Seat) -> Result<(), Error> {
        let host = HostPart::load(&env, terms, seat)?;
        host.slot.must_be(State::Offered)?;
        host.authorised_by_owner(&env);
        let division = host.slot.division(&host.terms.calendar(), &host.terms.stake(&host.seat.terms))?;
        let HostPart { terms, place, mut escrow, mut slot, .. } = host;
        escrow.pay_out(division.to_owner)?;
        slot.state = State::Closed;
        escrow.set_slot(place.host, &slot);
        escrow.store(&env, &terms);
        transfer(&env, &env.current_contract_address(), &terms.owner, division.to_owner)?;
        events::Withdrawn { id: place.id, host: place.host.into() }.publish(&env);
        Ok(())
    }

    /// Publishes a round of the beacon: its signature as an uncompressed point of G1. Anybody may.
    pub fn beacon(env: Env, round: u64, signature: BytesN<96>) -> Result<(), Error> {
        beacon::publish(&env, &config(&env)?.beacon, round, &signature)
    }

    /// A host proves a window, in its response time. It is paid the window's rent and the refund of its terms, out of what the
    /// deposit still holds. `revision` is the data asked for, unless that is still the terms'; `receipt` is the owner's word on
    /// windows before, taken first. It authorises `(id, host, window, revision, receipt)`.
    pub fn prove(
        env: Env,
        terms: EscrowTerms,
        seat: Seat,
        answer: Answer,
        revision: Option<Revision>,
        receipt: Option<Receipt>,
    ) -> Result<(), Error> {
        let mut host = HostPart::load(&env, terms, seat)?;
        host.slot.must_be(State::Active)?;
        let window = answer.window;
        let approved = (host.place.id.clone(), host.number(), window, revision.clone(), receipt.clone());
        host.seat.terms.account.require_auth_for_args(approved.into_val(&env));
        if let Some(receipt) = &receipt {
            host.apply(&env, receipt)?;
        }
        host.must_be_answerable(&env, window)?;
        let number = revision.as_ref().map_or(0, |revision| revision.number);
        if number < host.slot.revision {
            return Err(Error::GoesBack);
        }
        let data = host.data(&env, window, revision.as_ref())?;
        let beacon = config(&env)?.beacon;
        let asked = (window, answer.to_owner);
        let question = beacon::question(&env, &beacon, &host.terms, &host.place, asked)?;
        proof::check(&env, &question, host.terms.samples, &data, &answer.leaves)?;
        let due = rent(data.leaves, host.seat.terms.price)?;
        host.count(window, due + host.seat.terms.proof_refund)?;
        host.slot.decided = window + 1;
        host.slot.revision = number;
        host.store(&env);
        let number = host.number();
        events::Proved { id: host.place.id, host: number, window }.publish(&env);
        Ok(())
    }

    /// A host shows the owner's receipt. It authorises `(id, host, receipt)`.
    pub fn claim(env: Env, terms: EscrowTerms, seat: Seat, receipt: Receipt) -> Result<(), Error> {
        let mut host = HostPart::load(&env, terms, seat)?;
        host.slot.must_be(State::Active)?;
        let approved = (host.place.id.clone(), host.number(), receipt.clone());
        host.seat.terms.account.require_auth_for_args(approved.into_val(&env));
        host.apply(&env, &receipt)?;
        host.store(&env);
        let (id, earned) = (host.place.id, host.slot.earned);
        events::Claimed { id, host: host.place.host.into(), earned }.publish(&env);
        Ok(())
    }

    /// The owner asks all hosts for a window itself, where the beacon is silent: in the first half of the response time, once.
    /// It authorises `(id, window, seed)`. The seat is any host's.
    pub fn challenge(
        env: Env,
        terms: EscrowTerms,
        seat: Seat,
        window: u32,
        seed: BytesN<32>,
    ) -> Result<(), Error> {
        let host = HostPart::load(&env, terms, seat)?;
        if window >= host.terms.windows {
            return Err(Error::NoSuchWindow);
        }
        let id = host.place.id;
        host.terms.owner.require_auth_for_args((id.clone(), window, seed.clone()).into_val(&env));
        let (now_s, question_s) = (env.ledger().timestamp(), host.terms.calendar().question_s(window));
        if now_s < question_s {
            return Err(Error::TooEarly);
        }
        if now_s >= question_s + u64::from(host.terms.response_s) / 2 {
            return Err(Error::TooLate);
        }
        beacon::ask(&env, &id, window, &seed)?;
        events::Asked { id, window }.publish(&env);
        Ok(())
    }

    /// A window counts for a host that nobody could ask: 14 to 30 days after its end there is no beacon of its time or newer, the
    /// owner asked nothing, and no receipt that the host showed has decided it. The host authorises
    /// `(id, host, window, revision)`.
    pub fn excuse(
        env: Env,
        terms: EscrowTerms,
        seat: Seat,
        window: u32,
        revision: Option<Revision>,
    ) -> Result<(), Error> {
        let mut host = HostPart::load(&env, terms, seat)?;
        host.slot.must_be(State::Active)?;
        let approved = (host.place.id.clone(), host.number(), window, revision.clone());
        host.seat.terms.account.require_auth_for_args(approved.into_val(&env));
        host.must_be_open(window)?;
        if window < host.slot.receipted {
            return Err(Error::AlreadyCounted);
        }
        beacon::must_be_excusable(&env, &config(&env)?.beacon, &host.terms, &host.place, window)?;
        let data = host.data(&env, window, revision.as_ref())?;
        let due = rent(data.leaves, host.seat.terms.price)?;
        host.count(window, due)?;
        host.store(&env);
        events::Excused { id: host.place.id, host: host.place.host.into(), window }.publish(&env);
        Ok(())
    }

    /// The owner ends an agreement with the window after the one that runs. It authorises `(id, host)`.
    pub fn terminate(env: Env, terms: EscrowTerms, seat: Seat) -> Result<(), Error> {
        let mut host = HostPart::load(&env, terms, seat)?;
        host.slot.must_be(State::Active)?;
        host.authorised_by_owner(&env);
        let windows = host.terms.calendar().windows_until_notice(env.ledger().timestamp());
        if windows >= host.slot.windows {
            return Err(Error::TooLate);
        }
        host.slot.windows = windows;
        host.store(&env);
        events::Terminated { id: host.place.id, host: host.place.host.into(), windows }.publish(&env);
        Ok(())
    }

    /// Divides parts of one escrow and pays them out: at once where both sides signed how, otherwise when the part is overdue.
    /// What an account cannot be paid, because it is closed or takes no more, stays here for it, and the next call tries again; the
    /// part may be closed by then. Anybody may.
    pub fn settle(env: Env, terms: EscrowTerms, parts: Vec<Part>) -> Result<(), Error> {
        settle_parts(&env, &terms, parts).map(drop)
    }

    /// [`Self::settle`] of one escrow and [`Self::open`] of the next, together or not at all. The owner authorises
    /// `(id of the new one, id of the old one)`, hosts as in [`Self::open`].
    pub fn renew(
        env: Env,
        old: EscrowTerms,
        parts: Vec<Part>,
        terms: EscrowTerms,
        offers: Vec<Offer>,
    ) -> Result<BytesN<32>, Error> {
        let settled = settle_parts(&env, &old, parts)?;
        open_escrow(&env, &terms, &offers, Some(settled))
    }

    /// What is held of an escrow, and the hosts whose state is not that of an agreement at its start.
    pub fn escrow(env: Env, id: BytesN<32>) -> Result<EscrowView, Error> {
        Escrow::load(&env, id)?.view(&env)
    }

    /// What never changes.
    pub fn config(env: Env) -> Result<Config, Error> {
        config(&env)
    }

    /// The newest round of the beacon that was published here, 0 for none.
    pub fn newest_round(env: Env) -> u64 {
        beacon::newest(&env)
    }
}

/// A host's part while a call works on it.
struct HostPart {
    terms: EscrowTerms,
    seat: Seat,
    place: Place,
    escrow: Escrow,
    slot: Slot,
}

impl HostPart {
    fn load(env: &Env, terms: EscrowTerms, seat: Seat) -> Result<Self, Error> {
        let place = terms.place(env, &seat)?;
        let escrow = Escrow::load(env, place.id.clone())?;
        let slot = escrow.slot(place.host, &terms)?;
        Ok(Self { terms, seat, place, escrow, slot })
    }

    fn store(&mut self, env: &Env) {
        self.escrow.set_slot(self.place.host, &self.slot);
        self.escrow.store(env, &self.terms);
    }

    fn authorised_by_owner(&self, env: &Env) {
        let approved = (self.place.id.clone(), self.number());
        self.terms.owner.require_auth_for_args(approved.into_val(env));
    }

    fn number(&self) -> u32 {
        self.place.host.into()
    }

    fn count(&mut self, window: u32, due: u64) -> Result<(), Error> {
        Ok(self.slot.count(window, due, &self.terms.stake(&self.seat.terms))?)
    }

    fn apply(&mut self, env: &Env, receipt: &Receipt) -> Result<(), Error> {
        receipt.apply(env, (&self.terms, &self.seat.terms), &self.place, &mut self.slot)
    }

    fn data(&self, env: &Env, window: u32, revision: Option<&Revision>) -> Result<statement::Data, Error> {
        let terms = (&self.terms, &self.seat.terms);
        statement::data_of(env, terms, &self.place, (window, revision))
    }

    /// The window is one of the part, before which no three in a row are missed.
    fn must_be_open(&self, window: u32) -> Result<(), Error> {
        if window >= self.slot.windows {
            return Err(Error::NoSuchWindow);
        }
        if self.slot.has_ended(window) { Err(Error::Ended) } else { Ok(()) }
    }

    /// The window is open, comes after those that are decided, and its response time runs.
    fn must_be_answerable(&self, env: &Env, window: u32) -> Result<(), Error> {
        self.must_be_open(window)?;
        if window < self.slot.decided {
            return Err(Error::AlreadyCounted);
        }
        let now_s = env.ledger().timestamp();
        if now_s < self.terms.calendar().question_s(window) {
            return Err(Error::TooEarly);
        }
        if now_s >= self.terms.calendar().begin_s(window + 1) {
            return Err(Error::TooLate);
        }
        Ok(())
    }
}

fn config(env: &Env) -> Result<Config, Error> {
    env.storage().instance().get(&CONFIG).ok_or(Error::Corrupt)
}

fn open_escrow(
    env: &Env,
    terms: &EscrowTerms,
    offers: &Vec<Offer>,
    renewed: Option<BytesN<32>>,
) -> Result<BytesN<32>, Error> {
    terms.check()?;
    if offers.is_empty() || offers.len() > MAX_HOSTS {
        return Err(Error::BadHostCount);
    }
    let now_s = env.ledger().timestamp();
    if now_s >= terms.calendar().joining_ends_s() {
        return Err(Error::TooLate);
    }
    if terms.calendar().begin_s(0) > now_s + MAX_LEAD_S {
        return Err(Error::TooEarly);
    }
    let id = terms.id_with(env, offers.iter().map(|offer| offer.terms))?;
    let mut escrow = Escrow::new(env, id.clone())?;
    let (mut deposits, mut in_all) = (0_u64, 0_u64);
    for (host, Offer { terms: host_terms, joins }) in (0_u8..).zip(offers.iter()) {
        host_terms.check()?;
        deposits += host_terms.deposit;
        in_all += host_terms.deposit + host_terms.collateral;
        if joins {
            take_collateral(env, terms, &host_terms)?;
            escrow.take_in(host_terms.collateral)?;
        } else {
            escrow.set_slot(host, &Slot::new(State::Offered, terms.windows));
        }
    }
    if in_all > MAX_AMOUNT_STROOPS {
        return Err(Error::BadTerms);
    }
    let approved: Vec<Val> = match renewed {
        Some(settled) => (id.clone(), settled).into_val(env),
        None => (id.clone(),).into_val(env),
    };
    terms.owner.require_auth_for_args(approved);
    escrow.take_in(deposits)?;
    transfer(env, &terms.owner, &env.current_contract_address(), deposits)?;
    escrow.store(env, terms);
    escrow.live_through(env, terms);
    events::Opened { id: id.clone(), held: escrow.held }.publish(env);
    Ok(id)
}

/// Gives the escrow's id.
fn settle_parts(env: &Env, terms: &EscrowTerms, parts: Vec<Part>) -> Result<BytesN<32>, Error> {
    let mut escrow: Option<Escrow> = None;
    // Those that could not be paid before are tried again. To the owner all goes at once: each payment is an event, and a transaction
    // has room for 16 KiB of them.
    let mut to_owner = 0_u64;
    let mut settled = Vec::new(env);
    for Part { seat, ending } in parts.iter() {
        let place = terms.place(env, &seat)?;
        let mut escrow_here = match escrow.take() {
            Some(escrow) if escrow.id == place.id => escrow,
            Some(_) => return Err(Error::NoSuchEscrow),
            None => {
                let mut first = Escrow::load(env, place.id.clone())?;
                to_owner = first.take_unpaid(OWNER)?;
                first
            }
        };
        let mut slot = escrow_here.slot(place.host, terms)?;
        let division = match (slot.state, ending) {
            (State::Closed, _) if slot.earned > 0 || to_owner > 0 => {
                Division { to_host: slot.earned, to_owner: 0 }
            }
            (State::Active, Ending::Agreed(closing)) => {
                closing.division(env, (terms, &seat.terms), &place, &slot)?
            }
            (_, Ending::Agreed(_)) => return Err(Error::WrongState),
            (_, Ending::Overdue) => {
                must_be_overdue(env, terms, &slot)?;
                slot.division(&terms.calendar(), &terms.stake(&seat.terms))?
            }
        };
        slot.state = State::Closed;
        slot.earned = escrow_here.pay(env, &seat.terms.account, division.to_host)?;
        escrow_here.set_slot(place.host, &slot);
        to_owner = to_owner.checked_add(division.to_owner).ok_or(Error::Overflow)?;
        settled.push_back((u32::from(place.host), division.to_host));
        escrow = Some(escrow_here);
    }
    let mut escrow = escrow.ok_or(Error::NoSuchEscrow)?;
    let unpaid = escrow.pay(env, &terms.owner, to_owner)?;
    if unpaid > 0 {
        escrow.set_slot(OWNER, &Slot { earned: unpaid, ..Slot::new(State::Closed, 0) });
    }
    escrow.store(env, terms);
    let id = escrow.id;
    events::Settled { id: id.clone(), hosts: settled, to_owner }.publish(env);
    Ok(id)
}

fn must_be_overdue(env: &Env, terms: &EscrowTerms, slot: &Slot) -> Result<(), Error> {
    let due_s = match slot.state {
        State::Closed => return Err(Error::WrongState),
        State::Offered => terms.calendar().joining_ends_s(),
        State::Active => terms.calendar().settling_begins_s(slot.windows),
    };
    if env.ledger().timestamp() < due_s { Err(Error::TooEarly) } else { Ok(()) }
}

/// Takes a host's collateral, with its consent to its part.
fn take_collateral(env: &Env, terms: &EscrowTerms, host: &HostTerms) -> Result<(), Error> {
    host.account.require_auth_for_args((terms.digest(env), host.digest(env)).into_val(env));
    transfer(env, &host.account, &env.current_contract_address(), host.collateral)
}

fn transfer(env: &Env, from: &Address, to: &Address, stroops: u64) -> Result<(), Error> {
    if stroops > 0 {
        let token = config(env)?.token;
        token::TokenClient::new(env, &token).transfer(from, to, &i128::from(stroops));
    }
    Ok(())
}
