//! The 16 bytes of state that a host has in an escrow, and the money that follows from them.

use crate::Error;
use crate::terms::{EscrowTerms, HostTerms, MAX_AMOUNT_STROOPS};

/// Encoded size of a slot.
pub(crate) const SLOT_BYTES: usize = 16;
/// So many windows missed in a row end the agreement.
pub const MISSES_THAT_END: u32 = 3;
/// Leaves of 1 KiB in a GiB.
const LEAVES_PER_GIB: u64 = 1 << 20;

/// How far a host's part has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The owner's deposit is here, the host has not joined.
    Offered,
    /// Deposit and collateral are here.
    Active,
    /// Nothing is here any more.
    Closed,
}

/// A host's state. State u8 ‖ windows settled u8 ‖ windows u8 ‖ revision u24 ‖ proven u32 ‖ earned u48, big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// How far it has come.
    pub state: State,
    /// The windows below this number are decided: proven, or missed.
    pub decided: u32,
    /// Number of windows; fewer than in the terms when the owner ended it.
    pub windows: u32,
    /// The newest revision that was shown.
    pub revision: u32,
    /// A bit for each window that counts, the first window lowest.
    pub proven: u32,
    /// Stroops of the deposit that the host has earned.
    pub earned: u64,
}

/// What a host's part is divided into. The sum is deposit and collateral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    /// Stroops for the host.
    pub to_host: u64,
    /// Stroops for the owner.
    pub to_owner: u64,
}

impl Slot {
    /// A part at the start of its term.
    pub fn new(state: State, terms: &EscrowTerms) -> Self {
        Self { state, decided: 0, windows: terms.windows, revision: 0, proven: 0, earned: 0 }
    }

    pub(crate) fn encode(&self) -> [u8; SLOT_BYTES] {
        let state = match self.state {
            State::Offered => 0,
            State::Active => 1,
            State::Closed => 2,
        };
        let [_, revision @ ..] = self.revision.to_be_bytes();
        let [_, _, earned @ ..] = self.earned.to_be_bytes();
        let mut bytes = [0; SLOT_BYTES];
        bytes[0] = state;
        bytes[1] = self.decided.to_be_bytes()[3];
        bytes[2] = self.windows.to_be_bytes()[3];
        bytes[3..6].copy_from_slice(&revision);
        bytes[6..10].copy_from_slice(&self.proven.to_be_bytes());
        bytes[10..].copy_from_slice(&earned);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8; SLOT_BYTES]) -> Result<Self, Error> {
        let &[state, decided, windows, r0, r1, r2, p0, p1, p2, p3, e0, e1, e2, e3, e4, e5] = bytes;
        let state = match state {
            0 => State::Offered,
            1 => State::Active,
            2 => State::Closed,
            _ => return Err(Error::Corrupt),
        };
        Ok(Self {
            state,
            decided: u32::from(decided),
            windows: u32::from(windows),
            revision: u32::from_be_bytes([0, r0, r1, r2]),
            proven: u32::from_be_bytes([p0, p1, p2, p3]),
            earned: u64::from_be_bytes([0, 0, e0, e1, e2, e3, e4, e5]),
        })
    }

    pub(crate) fn must_be(&self, state: State) -> Result<(), Error> {
        if self.state == state { Ok(()) } else { Err(Error::WrongState) }
    }

    /// Counts `window` with this rent and, for a proof on chain, its refund: as much of both as the deposit still holds.
    pub(crate) fn count(
        &mut self,
        window: u32,
        rent: u64,
        refund: u64,
        host: &HostTerms,
    ) -> Result<(), Error> {
        let bit = 1_u32.checked_shl(window).ok_or(Error::NoSuchWindow)?;
        if self.proven & bit != 0 {
            return Err(Error::AlreadyCounted);
        }
        self.proven |= bit;
        let due = rent.checked_add(refund).ok_or(Error::Overflow)?;
        self.earned = self.earned.checked_add(due).ok_or(Error::Overflow)?.min(host.deposit);
        Ok(())
    }

    /// The window with which [`MISSES_THAT_END`] windows below `before` are missed in a row, plus one, if there is one.
    pub fn ended_by_misses(&self, before: u32) -> Option<u32> {
        let mut in_a_row = 0;
        for window in 0..before.min(self.windows) {
            in_a_row = if self.counts(window) { 0 } else { in_a_row + 1 };
            if in_a_row == MISSES_THAT_END {
                return Some(window + 1);
            }
        }
        None
    }

    /// Whether a window counts as kept.
    pub fn counts(&self, window: u32) -> bool {
        self.proven.checked_shr(window).is_some_and(|bits| bits & 1 == 1)
    }

    /// Windows that are not proven, once the term is over. After [`MISSES_THAT_END`] in a row no window can be proven, so all
    /// that follow are among them: who vanishes early has missed most.
    pub fn missed(&self) -> u32 {
        let mask = if self.windows >= 32 { u32::MAX } else { (1 << self.windows) - 1 };
        self.windows - (self.proven & mask).count_ones().min(self.windows)
    }

    /// What each side gets when the term is over: the host what it earned, and its collateral less the slash
    /// collateral × missed windows beyond those allowed ÷ windows of the terms, rounded down; the owner all else.
    pub fn division(&self, terms: &EscrowTerms, host: &HostTerms) -> Result<Division, Error> {
        match self.state {
            State::Closed => Err(Error::WrongState),
            State::Offered => Ok(Division { to_host: 0, to_owner: host.deposit }),
            State::Active => {
                let missed = u64::from(self.missed().saturating_sub(terms.missed_allowed));
                let slash = host.collateral.checked_mul(missed).ok_or(Error::Overflow)?
                    / u64::from(terms.windows.max(1));
                Division::of(self.held(host), self.earned.min(host.deposit) + host.collateral - slash)
            }
        }
    }

    /// Stroops that the contract holds for this part.
    pub fn held(&self, host: &HostTerms) -> u64 {
        match self.state {
            State::Closed => 0,
            State::Offered => host.deposit,
            State::Active => host.deposit + host.collateral,
        }
    }
}

impl Division {
    /// `to_host` of what is held, the rest to the owner.
    pub(crate) fn of(held: u64, to_host: u64) -> Result<Self, Error> {
        let to_owner = held.checked_sub(to_host).ok_or(Error::BadStatement)?;
        Ok(Self { to_host, to_owner })
    }
}

/// Rent of a window in stroops: leaves × price ÷ 2^20, rounded down.
pub fn rent(leaves: u64, price: u64) -> Result<u64, Error> {
    let rent = leaves.checked_mul(price).ok_or(Error::Overflow)? / LEAVES_PER_GIB;
    if rent <= MAX_AMOUNT_STROOPS { Ok(rent) } else { Err(Error::Overflow) }
}
