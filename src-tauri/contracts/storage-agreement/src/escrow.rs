//! What the ledger keeps of an escrow: held u64 BE ‖ for each host whose state is not that of an agreement at its start: host u8 ‖
//! slot (16). In the normal case a term begins and ends without a single slot, and the entry's rent is the least there is.

use layr_agreement::{KEPT_AFTER_S, MAX_HOSTS, SLOT_BYTES, Slot, State};
use soroban_sdk::{Bytes, BytesN, Env, Vec, contracttype};

use crate::Error;
use crate::terms::EscrowTerms;

const HELD_BYTES: usize = 8;
const ENTRY_BYTES: usize = 1 + SLOT_BYTES;
const MAX_ENTRIES: usize = MAX_HOSTS as usize;
const MAX_BYTES: usize = HELD_BYTES + MAX_ENTRIES * ENTRY_BYTES;

/// Seconds from one ledger to the next, which the lifetime of entries is counted in. Where ledgers close faster an entry is
/// archived before its time, not lost: whoever calls next pays for its return.
const LEDGER_S: u64 = 5;

/// An escrow as views show it.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscrowView {
    /// Stroops that the contract holds for it.
    pub held: u64,
    /// The hosts whose state is not that of an agreement at its start.
    pub slots: Vec<SlotView>,
}

/// A host's state as views show it.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotView {
    /// Which host of the escrow.
    pub host: u32,
    /// 0 offered, 1 active, 2 closed.
    pub state: u32,
    /// The windows below this number are decided.
    pub decided: u32,
    /// Number of windows.
    pub windows: u32,
    /// The newest revision that was shown.
    pub revision: u32,
    /// A bit for each window that counts, the first window lowest.
    pub proven: u32,
    /// Stroops of the deposit that the host has earned.
    pub earned: u64,
}

/// An escrow in memory.
pub(crate) struct Escrow {
    pub(crate) id: BytesN<32>,
    pub(crate) held: u64,
    slots: [u8; MAX_ENTRIES * ENTRY_BYTES],
    used: usize,
}

impl Escrow {
    /// A new one, if there was none of this id before.
    pub(crate) fn new(env: &Env, id: BytesN<32>) -> Result<Self, Error> {
        if env.storage().persistent().has(&id) {
            return Err(Error::AlreadyOpen);
        }
        Ok(Self { id, held: 0, slots: [0; MAX_ENTRIES * ENTRY_BYTES], used: 0 })
    }

    pub(crate) fn load(env: &Env, id: BytesN<32>) -> Result<Self, Error> {
        let stored: Bytes = env.storage().persistent().get(&id).ok_or(Error::NoSuchEscrow)?;
        let length = usize::try_from(stored.len()).map_err(|_| Error::Corrupt)?;
        let mut bytes = [0; MAX_BYTES];
        stored.copy_into_slice(bytes.get_mut(..length).ok_or(Error::Corrupt)?);
        let (held, entries) = bytes.split_first_chunk::<HELD_BYTES>().ok_or(Error::Corrupt)?;
        let used = length.checked_sub(HELD_BYTES).ok_or(Error::Corrupt)?;
        let mut slots = [0; MAX_ENTRIES * ENTRY_BYTES];
        slots.copy_from_slice(entries);
        Ok(Self { id, held: u64::from_be_bytes(*held), slots, used })
    }

    /// Writes it; one of which nothing is held goes, once its terms can't be opened any more.
    pub(crate) fn store(&self, env: &Env, terms: &EscrowTerms) -> Result<(), Error> {
        let storage = env.storage().persistent();
        let now_s = env.ledger().timestamp();
        if self.held == 0 && now_s >= terms.calendar().joining_ends_s() {
            storage.remove(&self.id);
            return Ok(());
        }
        let mut bytes = Bytes::from_slice(env, &self.held.to_be_bytes());
        bytes.extend_from_slice(self.slots.get(..self.used).ok_or(Error::Corrupt)?);
        storage.set(&self.id, &bytes);
        Ok(())
    }

    /// Pays for an entry's whole life, at its start. The least life that a ledger gives is mostly longer.
    pub(crate) fn live_through(&self, env: &Env, terms: &EscrowTerms) {
        let end_s = terms.calendar().begin_s(terms.windows) + KEPT_AFTER_S;
        let ledgers = end_s.saturating_sub(env.ledger().timestamp()).div_ceil(LEDGER_S);
        let ledgers = u32::try_from(ledgers).unwrap_or(u32::MAX).min(env.storage().max_ttl());
        env.storage().persistent().extend_ttl(&self.id, ledgers, ledgers);
    }

    /// The state of a host, which is that of an agreement at its start if nothing is written.
    pub(crate) fn slot(&self, host: u8, terms: &EscrowTerms) -> Result<Slot, Error> {
        match self.entries().find(|entry| entry[0] == host) {
            Some([_, slot @ ..]) => Ok(Slot::decode(slot)?),
            None => Ok(Slot::new(State::Active, terms.windows)),
        }
    }

    pub(crate) fn set_slot(&mut self, host: u8, slot: &Slot) -> Result<(), Error> {
        let place =
            self.entries().position(|entry| entry[0] == host).map_or(self.used, |index| index * ENTRY_BYTES);
        let entry = self.slots.get_mut(place..place + ENTRY_BYTES).ok_or(Error::Corrupt)?;
        entry[0] = host;
        entry[1..].copy_from_slice(&slot.encode());
        self.used = self.used.max(place + ENTRY_BYTES);
        Ok(())
    }

    pub(crate) fn take_in(&mut self, stroops: u64) -> Result<(), Error> {
        self.held = self.held.checked_add(stroops).ok_or(Error::Overflow)?;
        Ok(())
    }

    pub(crate) fn pay_out(&mut self, stroops: u64) -> Result<(), Error> {
        self.held = self.held.checked_sub(stroops).ok_or(Error::Corrupt)?;
        Ok(())
    }

    pub(crate) fn view(&self, env: &Env) -> Result<EscrowView, Error> {
        let mut slots = Vec::new(env);
        for [host, slot @ ..] in self.entries() {
            let Slot { state, decided, windows, revision, proven, earned } = Slot::decode(slot)?;
            let (host, state) = (u32::from(*host), state as u32);
            slots.push_back(SlotView { host, state, decided, windows, revision, proven, earned });
        }
        Ok(EscrowView { held: self.held, slots })
    }

    fn entries(&self) -> impl Iterator<Item = &[u8; ENTRY_BYTES]> {
        self.slots.as_chunks().0.iter().take(self.used / ENTRY_BYTES)
    }
}
