//! What the ledger keeps of an escrow: held u64 BE ‖ for each host whose state is not that of an agreement at its start: host u8 ‖
//! slot (16). In the normal case a term begins and ends without a single slot, and the entry's rent is the least there is.

use layr_agreement::{KEPT_AFTER_S, MAX_HOSTS, SLOT_BYTES, Slot, State};
use soroban_sdk::token::TokenClient;
use soroban_sdk::{Address, Bytes, BytesN, Env, Vec, contracttype};

use crate::terms::EscrowTerms;
use crate::{Error, config};

const HELD_BYTES: u32 = 8;
const ENTRY_BYTES: u32 = 1 + 16;
const _: () = assert!(SLOT_BYTES == 16);
/// One for each host, and one for what the owner could not be paid.
const MAX_SLOTS_BYTES: u32 = (MAX_HOSTS + 1) * ENTRY_BYTES;

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
    /// The windows below this number are decided by a receipt.
    pub receipted: u32,
    /// The newest revision that was shown.
    pub revision: u32,
    /// A bit for each window that counts, the first window lowest.
    pub proven: u32,
    /// Stroops of the deposit that the host has earned; of a closed part, those that it could not be paid.
    pub earned: u64,
}

/// An escrow while a call works on it. Its slots stay on the ledger's side: what is moved about here is code that costs rent.
pub(crate) struct Escrow {
    pub(crate) id: BytesN<32>,
    pub(crate) held: u64,
    slots: Bytes,
}

impl Escrow {
    /// A new one, if there was none of this id before.
    pub(crate) fn new(env: &Env, id: BytesN<32>) -> Result<Self, Error> {
        if env.storage().persistent().has(&id) {
            return Err(Error::AlreadyOpen);
        }
        Ok(Self { id, held: 0, slots: Bytes::new(env) })
    }

    pub(crate) fn load(env: &Env, id: BytesN<32>) -> Result<Self, Error> {
        let stored: Bytes = env.storage().persistent().get(&id).ok_or(Error::NoSuchEscrow)?;
        let slots = stored.len().checked_sub(HELD_BYTES).ok_or(Error::Corrupt)?;
        if slots > MAX_SLOTS_BYTES || slots % ENTRY_BYTES != 0 {
            return Err(Error::Corrupt);
        }
        let mut held = [0; 8];
        stored.slice(..HELD_BYTES).copy_into_slice(&mut held);
        Ok(Self { id, held: u64::from_be_bytes(held), slots: stored.slice(HELD_BYTES..) })
    }

    /// Writes it; one of which nothing is held goes, once its terms can't be opened any more.
    pub(crate) fn store(&self, env: &Env, terms: &EscrowTerms) {
        let storage = env.storage().persistent();
        if self.held == 0 && env.ledger().timestamp() >= terms.calendar().joining_ends_s() {
            storage.remove(&self.id);
            return;
        }
        let mut bytes = Bytes::from_array(env, &self.held.to_be_bytes());
        bytes.append(&self.slots);
        storage.set(&self.id, &bytes);
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
        match self.find(host) {
            Some(entry) => self.slot_at(entry),
            None => Ok(Slot::new(State::Active, terms.windows)),
        }
    }

    pub(crate) fn set_slot(&mut self, host: u8, slot: &Slot) {
        if let Some(entry) = self.find(host) {
            self.remove(entry);
        }
        self.slots.push_back(host);
        self.slots.extend_from_array(&slot.encode());
    }

    /// Where the entry of a host begins.
    fn find(&self, host: u8) -> Option<u32> {
        let mut entry = 0;
        while let Some(of) = self.slots.get(entry) {
            if of == host {
                return Some(entry);
            }
            entry += ENTRY_BYTES;
        }
        None
    }

    fn slot_at(&self, entry: u32) -> Result<Slot, Error> {
        let mut slot = [0; SLOT_BYTES];
        self.slots.slice(entry + 1..entry + ENTRY_BYTES).copy_into_slice(&mut slot);
        Ok(Slot::decode(&slot)?)
    }

    pub(crate) fn take_in(&mut self, stroops: u64) -> Result<(), Error> {
        self.held = self.held.checked_add(stroops).ok_or(Error::Overflow)?;
        Ok(())
    }

    /// Pays somebody out of what is held, and gives what it could not be paid: an account may be closed, or take no more. What is held
    /// for the others does not wait for it.
    pub(crate) fn pay(&mut self, env: &Env, to: &Address, stroops: u64) -> Result<u64, Error> {
        if stroops == 0 {
            return Ok(0);
        }
        let token = TokenClient::new(env, &config(env)?.token);
        let contract = env.current_contract_address();
        if !matches!(token.try_transfer(&contract, to, &i128::from(stroops)), Ok(Ok(()))) {
            return Ok(stroops);
        }
        self.pay_out(stroops)?;
        Ok(0)
    }

    /// What `host` could not be paid before; it is no longer noted.
    pub(crate) fn take_unpaid(&mut self, host: u8) -> Result<u64, Error> {
        let Some(entry) = self.find(host) else { return Ok(0) };
        let unpaid = self.slot_at(entry)?.earned;
        self.remove(entry);
        Ok(unpaid)
    }

    fn remove(&mut self, entry: u32) {
        let after = self.slots.slice(entry + ENTRY_BYTES..);
        self.slots = self.slots.slice(..entry);
        self.slots.append(&after);
    }

    pub(crate) fn pay_out(&mut self, stroops: u64) -> Result<(), Error> {
        self.held = self.held.checked_sub(stroops).ok_or(Error::Corrupt)?;
        Ok(())
    }

    pub(crate) fn view(&self, env: &Env) -> Result<EscrowView, Error> {
        let mut slots = Vec::new(env);
        let mut entry = 0;
        while let Some(host) = self.slots.get(entry) {
            let Slot { state, decided, windows, receipted, revision, proven, earned } =
                self.slot_at(entry)?;
            let (host, state) = (u32::from(host), state as u32);
            slots.push_back(SlotView { host, state, decided, windows, receipted, revision, proven, earned });
            entry += ENTRY_BYTES;
        }
        Ok(EscrowView { held: self.held, slots })
    }
}
