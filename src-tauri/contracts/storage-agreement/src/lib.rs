//! Storage agreements: an owner's money in escrow, a share of it for each host, paid for exactly the windows in which the host
//! provably kept the data. Neither side has to trust the other, and nobody can change the rules: no admin, no upgrade.
//!
//! One escrow holds what an owner pays for one term to up to 64 hosts. Nodes do almost everything off chain, with
//! receipts, revisions and closings that they sign for each other; here they open, settle, and find what they need
//! when the other side is silent or lies. `docs/adr/0023-agreements.md` has the reasons.
//!
//! Who may do what: the owner opens, withdraws, asks and terminates; a host accepts, proves, claims and is excused; anybody
//! publishes a beacon, and settles what both signed or what is overdue. *Proofs, receipts and excuses are the host's to show*:
//! they only move its part forward, so the order in which they are shown is money, and the owner has the same bytes.

#![no_std]

mod beacon;
mod bytes;
mod error;
mod escrow;
mod events;
mod money;
mod part;
mod proof;
mod settle;
mod statement;
mod terms;
mod tree;

use layr_agreement::{MAX_AMOUNT_STROOPS, MAX_HOSTS, MAX_LEAD_S, Slot, State};
use soroban_sdk::{Address, Bytes, BytesN, Env, IntoVal, Vec, contract, contractimpl, symbol_short, vec};

pub use error::Error;

use bytes::byte;
use error::must;
use escrow::Escrow;
use part::Part;
use settle::{Group, settle_parts};
use terms::{Host, Hosts, Terms};

/// The contract. Terms are passed as an account and the bytes of the rest; a seat is the rest of a host's terms and behind it the path of
/// these terms to the root over all hosts'; statements are their bytes and signatures, nothing where there is none.
/// `docs/formats.md`, chapter "Agreement on the ledger", has all of them.
#[contract]
pub struct StorageAgreement;

#[contractimpl]
impl StorageAgreement {
    /// Sets what never changes.
    pub fn __constructor(env: Env, token: Address, beacon: Bytes) {
        let _ = env;
        money::install(&token);
        beacon::install(&beacon);
    }

    /// Opens an escrow: takes all deposits from the owner, and the collateral of those hosts that join, of which number i has bit
    /// i. Gives its id.
    ///
    /// The owner authorises `(id)`. A joining host authorises `(digest of the terms, digest of its own terms)`, which binds it
    /// to its part and leaves the owner free in the choice of the others.
    pub fn open(
        env: Env,
        owner: Address,
        terms: Bytes,
        accounts: Vec<Address>,
        hosts: Bytes,
        joins: u64,
    ) -> Bytes {
        open_escrow(&env, &Terms::read(owner, terms), &Hosts { accounts, bytes: hosts }, joins, None)
    }

    /// A host that was offered a part joins: its collateral is taken. It authorises as for [`Self::open`].
    pub fn accept(env: Env, owner: Address, terms: Bytes, account: Address, seat: Bytes) {
        let mut part = Part::of(owner, terms, account, seat);
        part.must_be(&env, State::Offered);
        must(&env, env.ledger().timestamp() < part.terms.calendar.joining_ends_s(), Error::TooLate);
        take_collateral(&mut part.escrow, &part.terms, &part.host);
        part.slot.state = State::Active;
        part.store();
        part.happened(symbol_short!("accept"), 0);
    }

    /// The owner takes back what it offered to a host that did not join. It authorises `(id, host)`.
    pub fn withdraw(env: Env, owner: Address, terms: Bytes, account: Address, seat: Bytes) {
        let mut part = Part::of(owner, terms, account, seat);
        part.must_be(&env, State::Offered);
        part.authorised(&part.terms.owner, &[]);
        let unpaid = part.escrow.pay(&part.terms.owner, part.host.deposit);
        must(&env, unpaid == 0, Error::Unpayable);
        part.slot.state = State::Closed;
        part.store();
        part.happened(symbol_short!("withdraw"), 0);
    }

    /// Publishes a round of the beacon: its signature as an uncompressed point of G1. Anybody may.
    pub fn beacon(env: Env, round: u64, signature: BytesN<96>) {
        beacon::publish(&env, round, &signature);
    }

    /// A host proves a window, in its response time. It is paid the window's rent and the refund of its terms, out of what the
    /// deposit still holds. `revision` is the data asked for, unless that is still the terms'; `receipt` is the owner's word on
    /// windows before, taken first. It authorises `(id, host, window, revision, receipt)`.
    #[allow(clippy::too_many_arguments, reason = "a transaction's bytes are paid for: no struct around them")]
    pub fn prove(
        env: Env,
        owner: Address,
        terms: Bytes,
        account: Address,
        seat: Bytes,
        window: u32,
        to_owner: bool,
        leaves: Vec<Bytes>,
        revision: Bytes,
        receipt: Bytes,
    ) {
        let mut part = Part::of(owner, terms, account, seat);
        part.shown(&[window.into(), revision.to_val(), receipt.to_val()]);
        if !receipt.is_empty() {
            part.apply(&receipt);
        }
        part.must_be_answerable(&env, window);
        let (data, number) = part.data(window, &revision);
        must(&env, number >= part.slot.revision, Error::GoesBack);
        let question = beacon::question(&env, &part, window, to_owner);
        proof::check(&question, part.terms.samples, &data, &leaves);
        part.count(&env, window, part.rent(&env, &data) + part.host.proof_refund);
        part.slot.decided = window + 1;
        part.slot.revision = number;
        part.store();
        part.happened(symbol_short!("prove"), window.into());
    }

    /// A host shows the owner's receipt. It authorises `(id, host, receipt)`.
    pub fn claim(env: Env, owner: Address, terms: Bytes, account: Address, seat: Bytes, receipt: Bytes) {
        let _ = env;
        let mut part = Part::of(owner, terms, account, seat);
        part.shown(&[receipt.to_val()]);
        part.apply(&receipt);
        part.store();
        part.happened(symbol_short!("claim"), part.slot.earned);
    }

    /// The owner asks all hosts for a window itself, where the beacon is silent: in the first half of the response time, once.
    /// It authorises `(id, window, seed)`. The seat is any host's.
    pub fn challenge(
        env: Env,
        owner: Address,
        terms: Bytes,
        account: Address,
        seat: Bytes,
        window: u32,
        seed: BytesN<32>,
    ) {
        let part = Part::of(owner, terms, account, seat);
        let calendar = &part.terms.calendar;
        must(&env, window < calendar.windows, Error::NoSuchWindow);
        let approved = vec![&env, part.escrow.id.to_val(), window.into(), seed.to_val()];
        part.terms.owner.require_auth_for_args(approved);
        let (now_s, question_s) = (env.ledger().timestamp(), calendar.question_s(window));
        must(&env, now_s >= question_s, Error::TooEarly);
        must(&env, now_s < question_s + u64::from(calendar.response_s) / 2, Error::TooLate);
        beacon::ask(&part, window, seed.as_ref());
        part.happened(symbol_short!("challenge"), window.into());
    }

    /// A window counts for a host that nobody could ask: 14 to 30 days after its end there is no beacon of its time or newer, the
    /// owner asked nothing, and no receipt that the host showed has decided it. It is paid where `revision` is not older than what
    /// was shown before. The host authorises `(id, host, window, revision)`.
    pub fn excuse(
        env: Env,
        owner: Address,
        terms: Bytes,
        account: Address,
        seat: Bytes,
        window: u32,
        revision: Bytes,
    ) {
        let mut part = Part::of(owner, terms, account, seat);
        part.shown(&[window.into(), revision.to_val()]);
        part.must_be_open(&env, window);
        must(&env, window >= part.slot.receipted, Error::AlreadyCounted);
        beacon::must_be_excusable(&env, &part, window);
        let (data, number) = part.data(window, &revision);
        // An older one may be that of the window's time, or larger than what was agreed on since: nobody here can tell. And none moves the
        // part's: one that came after the newest receipt would shut that out.
        let due = if number >= part.slot.revision { part.rent(&env, &data) } else { 0 };
        part.count(&env, window, due);
        part.store();
        part.happened(symbol_short!("excuse"), window.into());
    }

    /// The owner ends an agreement with the window after the one that runs. It authorises `(id, host)`.
    pub fn terminate(env: Env, owner: Address, terms: Bytes, account: Address, seat: Bytes) {
        let mut part = Part::of(owner, terms, account, seat);
        part.must_be(&env, State::Active);
        part.authorised(&part.terms.owner, &[]);
        let windows = part.terms.calendar.windows_until_notice(env.ledger().timestamp());
        must(&env, windows < part.slot.windows, Error::TooLate);
        part.slot.windows = windows;
        part.store();
        part.happened(symbol_short!("terminate"), windows.into());
    }

    /// Divides parts of one escrow and pays them out: at once where both sides signed how, otherwise when the part is overdue.
    /// What an account cannot be paid, because it is closed or takes no more, stays here for it, and the next call tries again; the
    /// part may be closed by then. Anybody may.
    ///
    /// Hosts are in groups, each with its accounts, its seat and the closings of all of its hosts, or none: then these are overdue. All
    /// hosts of an escrow are one group, and need no path.
    pub fn settle(env: Env, owner: Address, terms: Bytes, groups: Vec<Group>) {
        settle_parts(&env, Terms::read(owner, terms), &groups);
    }

    /// [`Self::settle`] of one escrow and [`Self::open`] of the next by the same owner, together or not at all. The owner authorises
    /// `(id of the new one, id of the old one)`, hosts as in [`Self::open`].
    #[allow(clippy::too_many_arguments, reason = "a transaction's bytes are paid for: no struct around them")]
    pub fn renew(
        env: Env,
        owner: Address,
        old: Bytes,
        groups: Vec<Group>,
        terms: Bytes,
        accounts: Vec<Address>,
        hosts: Bytes,
        joins: u64,
    ) -> Bytes {
        let settled = settle_parts(&env, Terms::read(owner.clone(), old), &groups);
        open_escrow(&env, &Terms::read(owner, terms), &Hosts { accounts, bytes: hosts }, joins, Some(settled))
    }

    /// What is stored of an escrow: what is held of it, and the hosts whose state is not that of an agreement at its start.
    pub fn escrow(env: Env, id: BytesN<32>) -> Bytes {
        let _ = env;
        escrow::stored(id.as_ref())
    }

    /// What never changes: the token and the beacon.
    pub fn config(env: Env) -> (Address, Bytes) {
        (money::token(&env), beacon::beacon(&env))
    }

    /// The newest round of the beacon that was published here, 0 for none.
    pub fn newest_round(env: Env) -> u64 {
        beacon::newest(&env)
    }
}

#[inline(never)]
fn open_escrow(env: &Env, terms: &Terms, hosts: &Hosts, joins: u64, renewed: Option<Bytes>) -> Bytes {
    terms.check();
    let count = hosts.accounts.len();
    must(env, (1..=MAX_HOSTS).contains(&count) && hosts.are_all(), Error::BadHostCount);
    let (now_s, calendar) = (env.ledger().timestamp(), &terms.calendar);
    must(env, now_s < calendar.joining_ends_s(), Error::TooLate);
    must(env, calendar.begin_s(0) <= now_s + MAX_LEAD_S, Error::TooEarly);
    let (id, _) = hosts.place(terms);
    let mut escrow = Escrow::new(id.clone());
    let (mut deposits, mut in_all, mut digests) = (0_u64, 0_u64, Bytes::new(env));
    for number in 0..count {
        let host = hosts.host(number);
        host.check();
        digests.append(&host.digest());
        deposits += host.deposit;
        in_all += host.deposit + host.collateral;
        if joins >> number & 1 == 1 {
            take_collateral(&mut escrow, terms, &host);
        } else {
            escrow.set_slot(byte(number.into()), &Slot::new(State::Offered, calendar.windows));
        }
    }
    must(env, in_all <= MAX_AMOUNT_STROOPS, Error::BadTerms);
    let mut approved = vec![env, id.to_val()];
    if let Some(settled) = renewed {
        approved.push_back(settled.to_val());
    }
    terms.owner.require_auth_for_args(approved);
    escrow.take_in(&terms.owner, deposits);
    escrow.store(calendar);
    escrow.live_through(calendar);
    // An owner that opens through a contract of its own shows the hosts' terms nowhere else, and a host that it does not tell has to find
    // its seat.
    events::publish(symbol_short!("open"), &id, vec![env, escrow.held.into_val(env), digests.to_val()]);
    id
}

/// Takes a host's collateral, with its consent to its part.
#[inline(never)]
fn take_collateral(escrow: &mut Escrow, terms: &Terms, host: &Host) {
    let approved = vec![escrow.id.env(), terms.digest().to_val(), host.digest().to_val()];
    host.account.require_auth_for_args(approved);
    escrow.take_in(&host.account, host.collateral);
}
