//! What the ledger keeps of an escrow: held u64 BE ‖ for each host whose state is not that of an agreement at its start: host u8 ‖
//! slot (16). In the normal case a term begins and ends without a single slot, and the entry's rent is the least there is.

use layr_agreement::{Calendar, KEPT_AFTER_S, MAX_HOSTS, SLOT_BYTES, Slot, State};
use soroban_sdk::{Address, Bytes, Env};

use crate::bytes::{length, number, push};
use crate::error::{Error, allowed, found, must};
use crate::money;

const HELD_BYTES: u32 = 8;
const ENTRY_BYTES: u32 = 1 + length(SLOT_BYTES);
/// One for each host, and one for what the owner could not be paid.
const MAX_SLOTS_BYTES: u32 = (MAX_HOSTS + 1) * ENTRY_BYTES;

/// Seconds from one ledger to the next, which the lifetime of entries is counted in. Where ledgers close faster an entry is
/// archived before its time, not lost: whoever calls next pays for its return.
const LEDGER_S: u64 = 5;

/// An escrow while a call works on it. Its slots stay on the ledger's side: what is moved about here is code that costs rent.
pub(crate) struct Escrow {
    pub(crate) id: Bytes,
    pub(crate) held: u64,
    slots: Bytes,
}

impl Escrow {
    /// A new one, if there was none of this id before.
    pub(crate) fn new(id: Bytes) -> Self {
        let env = id.env();
        must(env, !env.storage().persistent().has(&id), Error::AlreadyOpen);
        Self { held: 0, slots: Bytes::new(env), id }
    }

    #[inline(never)]
    pub(crate) fn load(id: Bytes) -> Self {
        let stored = stored(&id);
        Self { id, held: number(&stored, 0, HELD_BYTES), slots: stored.slice(HELD_BYTES..) }
    }

    /// Writes it; one of which nothing is held goes, once its terms can't be opened any more.
    #[inline(never)]
    pub(crate) fn store(&self, calendar: &Calendar) {
        let env = self.id.env();
        let storage = env.storage().persistent();
        if self.held == 0 && env.ledger().timestamp() >= calendar.joining_ends_s() {
            storage.remove(&self.id);
            return;
        }
        let mut bytes = Bytes::new(env);
        push(&mut bytes, self.held);
        bytes.append(&self.slots);
        storage.set(&self.id, &bytes);
    }

    /// Pays for an entry's whole life, at its start. The least life that a ledger gives is mostly longer.
    pub(crate) fn live_through(&self, calendar: &Calendar) {
        let env = self.id.env();
        let end_s = calendar.begin_s(calendar.windows) + KEPT_AFTER_S;
        let ledgers = end_s.saturating_sub(env.ledger().timestamp()).div_ceil(LEDGER_S);
        let ledgers = u32::try_from(ledgers).unwrap_or(u32::MAX).min(env.storage().max_ttl());
        env.storage().persistent().extend_ttl(&self.id, ledgers, ledgers);
    }

    /// The state of a host, which is that of an agreement at its start if nothing is written.
    #[inline(never)]
    pub(crate) fn slot(&self, host: u8, calendar: &Calendar) -> Slot {
        let entry = self.find(host);
        if entry < self.slots.len() {
            self.slot_at(entry)
        } else {
            Slot::new(State::Active, calendar.windows)
        }
    }

    #[inline(never)]
    pub(crate) fn set_slot(&mut self, host: u8, slot: &Slot) {
        self.remove(self.find(host));
        self.slots.push_back(host);
        for word in slot.words() {
            push(&mut self.slots, word);
        }
    }

    /// Where the entry of a host begins, or all entries end.
    #[inline(never)]
    fn find(&self, host: u8) -> u32 {
        let mut entry = 0;
        while entry < self.slots.len() && self.slots.get_unchecked(entry) != host {
            entry += ENTRY_BYTES;
        }
        entry
    }

    fn slot_at(&self, entry: u32) -> Slot {
        let words = [number(&self.slots, entry + 1, 8), number(&self.slots, entry + 9, 8)];
        allowed(self.id.env(), Slot::of_words(words))
    }

    #[inline(never)]
    pub(crate) fn take_in(&mut self, from: &Address, stroops: u64) {
        self.held += stroops;
        money::take(from, stroops);
    }

    /// Pays somebody out of what is held, and gives what it could not be paid: an account may be closed, or take no more. What is held
    /// for the others does not wait for it.
    #[inline(never)]
    pub(crate) fn pay(&mut self, to: &Address, stroops: u64) -> u64 {
        if stroops > 0 && !money::pay(to, stroops) {
            return stroops;
        }
        must(to.env(), self.held >= stroops, Error::Corrupt);
        self.held -= stroops;
        0
    }

    /// What `host` could not be paid before; it is no longer noted.
    pub(crate) fn take_unpaid(&mut self, host: u8) -> u64 {
        let entry = self.find(host);
        if entry >= self.slots.len() {
            return 0;
        }
        let unpaid = self.slot_at(entry).earned;
        self.remove(entry);
        unpaid
    }

    /// Nothing, where all entries end.
    #[inline(never)]
    fn remove(&mut self, entry: u32) {
        let end = self.slots.len();
        let after = self.slots.slice(end.min(entry + ENTRY_BYTES)..);
        self.slots = self.slots.slice(..entry);
        self.slots.append(&after);
    }
}

/// The entry of an escrow.
#[inline(never)]
pub(crate) fn stored(id: &Bytes) -> Bytes {
    let env: &Env = id.env();
    let stored: Bytes = found(env, env.storage().persistent().get(id), Error::NoSuchEscrow);
    let slots = stored.len() - HELD_BYTES;
    must(env, slots <= MAX_SLOTS_BYTES && slots.is_multiple_of(ENTRY_BYTES), Error::Corrupt);
    stored
}
