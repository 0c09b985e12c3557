//! The 16 bytes of state that a host has in an escrow, and the money that follows from them.

use crate::{
    Calendar, MAX_AMOUNT_STROOPS, MAX_LEAVES, MAX_PRICE_STROOPS, MAX_WINDOWS, ReceiptBody, RuleError,
};

/// Encoded size of a slot.
pub const SLOT_BYTES: usize = 16;
/// The first byte is the state, and below it how many windows are decided: at most 32, which six bits hold.
const STATE_SHIFT: u32 = 6;
/// See [`STATE_SHIFT`].
const DECIDED_BITS: u64 = 0x3f;
/// So many windows missed in a row end the agreement.
pub const MISSES_THAT_END: u32 = 3;
/// Leaves of 1 KiB in a GiB.
pub const LEAVES_PER_GIB: u64 = 1 << 20;

/// How far a host's part has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The owner's deposit is here, the host has not joined.
    Offered = 0,
    /// Deposit and collateral are here.
    Active = 1,
    /// Nothing is here any more.
    Closed = 2,
}

/// A host's state. State × 64 + windows decided u8 ‖ windows u8 ‖ windows receipted u8 ‖ revision u24 ‖ proven u32 ‖ earned u48,
/// big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// How far it has come.
    pub state: State,
    /// The windows below this number are decided: proven, or missed.
    pub decided: u32,
    /// Number of windows; fewer than in the terms when the owner ended it.
    pub windows: u32,
    /// The windows below this number are decided by a receipt of the owner, which the host has shown: no excuse any more.
    pub receipted: u32,
    /// The newest revision that was shown.
    pub revision: u32,
    /// A bit for each window that counts, the first window lowest.
    pub proven: u32,
    /// Stroops of the deposit that the host has earned; of a closed part, those that it could not be paid.
    pub earned: u64,
}

/// What both sides put in, in stroops, and how many windows may be missed for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stake {
    /// The owner's, for this host: the most that it can earn.
    pub deposit: u64,
    /// The host's own.
    pub collateral: u64,
    /// Windows that may be missed without losing any of it.
    pub missed_allowed: u32,
}

/// What a host's part is divided into. The sum is what is held for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    /// Stroops for the host.
    pub to_host: u64,
    /// Stroops for the owner.
    pub to_owner: u64,
}

impl Slot {
    /// A part at the start of its term.
    pub const fn new(state: State, windows: u32) -> Self {
        Self { state, decided: 0, windows, receipted: 0, revision: 0, proven: 0, earned: 0 }
    }

    /// The bytes that the ledger keeps.
    pub fn encode(&self) -> [u8; SLOT_BYTES] {
        let [high, low] = self.words();
        (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
    }

    /// The bytes that the ledger keeps, as two numbers.
    pub fn words(&self) -> [u64; 2] {
        let state = match self.state {
            State::Offered => 0,
            State::Active => 1,
            State::Closed => 2,
        };
        let head = state << STATE_SHIFT | u64::from(self.decided) & DECIDED_BITS;
        let high = head << 56
            | (u64::from(self.windows) & 0xff) << 48
            | (u64::from(self.receipted) & 0xff) << 40
            | (u64::from(self.revision) & 0xff_ffff) << 16
            | u64::from(self.proven >> 16);
        [high, u64::from(self.proven) << 48 | self.earned & MAX_AMOUNT_STROOPS]
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// [`RuleError::Corrupt`] for a state that there is none of.
    pub fn decode(bytes: &[u8; SLOT_BYTES]) -> Result<Self, RuleError> {
        let &[h0, h1, h2, h3, h4, h5, h6, h7, l0, l1, l2, l3, l4, l5, l6, l7] = bytes;
        let high = u64::from_be_bytes([h0, h1, h2, h3, h4, h5, h6, h7]);
        Self::of_words([high, u64::from_be_bytes([l0, l1, l2, l3, l4, l5, l6, l7])])
    }

    /// Reads what [`words`](Self::words) gave.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn of_words([high, low]: [u64; 2]) -> Result<Self, RuleError> {
        let state = match high >> (56 + STATE_SHIFT) {
            0 => State::Offered,
            1 => State::Active,
            2 => State::Closed,
            _ => return Err(RuleError::Corrupt),
        };
        Ok(Self {
            state,
            decided: bits(high >> 56, DECIDED_BITS),
            windows: bits(high >> 48, 0xff),
            receipted: bits(high >> 40, 0xff),
            revision: bits(high >> 16, 0xff_ffff),
            proven: bits(high << 16 | low >> 48, 0xffff_ffff),
            earned: low & MAX_AMOUNT_STROOPS,
        })
    }

    /// # Errors
    /// [`RuleError::WrongState`] for another state than this.
    pub fn must_be(&self, state: State) -> Result<(), RuleError> {
        if self.state == state { Ok(()) } else { Err(RuleError::WrongState) }
    }

    /// Counts `window` with what is due for it, in stroops: as much of it as the deposit still holds.
    ///
    /// # Errors
    /// A window that counts already, or that there is none of.
    pub fn count(&mut self, window: u32, due: u64, stake: &Stake) -> Result<(), RuleError> {
        let bit = 1_u32.checked_shl(window).ok_or(RuleError::NoSuchWindow)?;
        if self.proven & bit != 0 {
            return Err(RuleError::AlreadyCounted);
        }
        self.proven |= bit;
        self.earned = self.earned.checked_add(due).ok_or(RuleError::Overflow)?.min(stake.deposit);
        Ok(())
    }

    /// Moves to what the owner's receipt says, never back. The caller has seen that the question of the last window that it
    /// decides is out.
    ///
    /// # Errors
    /// [`RuleError::BadStatement`], [`RuleError::GoesBack`]; the slot is then as before.
    pub fn advance(&mut self, receipt: &ReceiptBody, stake: &Stake) -> Result<(), RuleError> {
        if !receipt.is_plain(self.windows) || receipt.earned > stake.deposit {
            return Err(RuleError::BadStatement);
        }
        let is_forward = receipt.decided >= self.decided
            && receipt.proven & self.proven == self.proven
            && receipt.earned >= self.earned
            && receipt.revision >= self.revision;
        if !is_forward {
            return Err(RuleError::GoesBack);
        }
        self.decided = receipt.decided;
        self.receipted = receipt.decided;
        self.proven = receipt.proven;
        self.earned = receipt.earned;
        self.revision = receipt.revision;
        Ok(())
    }

    /// Whether [`MISSES_THAT_END`] windows in a row below `before` are missed.
    pub fn has_ended(&self, before: u32) -> bool {
        let mut in_a_row = 0;
        for window in 0..before.min(self.windows) {
            in_a_row = if self.counts(window) { 0 } else { in_a_row + 1 };
            if in_a_row == MISSES_THAT_END {
                return true;
            }
        }
        false
    }

    /// Whether a window counts as kept.
    pub fn counts(&self, window: u32) -> bool {
        self.proven.checked_shr(window).is_some_and(|bits| bits & 1 == 1)
    }

    /// Windows that are not proven, once the term is over. After [`MISSES_THAT_END`] in a row no window can be proven, so all
    /// that follow are among them: who vanishes early has missed most.
    pub fn missed(&self) -> u32 {
        let windows = self.windows.min(MAX_WINDOWS);
        let mask = u32::MAX.checked_shr(MAX_WINDOWS - windows).unwrap_or(0);
        windows - (self.proven & mask).count_ones()
    }

    /// What each side gets when the term is over: the host what it earned, and its collateral less the slash
    /// collateral × missed windows beyond those allowed ÷ windows of the terms, rounded down; the owner all else.
    ///
    /// # Errors
    /// A part that is closed.
    pub fn division(&self, calendar: &Calendar, stake: &Stake) -> Result<Division, RuleError> {
        match self.state {
            State::Closed => Err(RuleError::WrongState),
            State::Offered => Ok(Division { to_host: 0, to_owner: stake.deposit }),
            State::Active => {
                let missed = u64::from(self.missed().saturating_sub(stake.missed_allowed));
                if stake.collateral > MAX_AMOUNT_STROOPS {
                    return Err(RuleError::Overflow);
                }
                // At most 2^48 × 32.
                let slash = stake.collateral.wrapping_mul(missed) / u64::from(calendar.windows.max(1));
                self.divided(stake, self.earned.min(stake.deposit) + stake.collateral.saturating_sub(slash))
            }
        }
    }

    /// `to_host` of what is held, the rest to the owner.
    ///
    /// # Errors
    /// [`RuleError::BadStatement`] for more than is held.
    pub fn divided(&self, stake: &Stake, to_host: u64) -> Result<Division, RuleError> {
        let to_owner = self.held(stake).checked_sub(to_host).ok_or(RuleError::BadStatement)?;
        Ok(Division { to_host, to_owner })
    }

    /// Stroops that the contract holds for this part.
    pub fn held(&self, stake: &Stake) -> u64 {
        match self.state {
            State::Closed => 0,
            State::Offered => stake.deposit,
            State::Active => stake.deposit.saturating_add(stake.collateral),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "no mask is wider than a u32")]
const fn bits(word: u64, mask: u64) -> u32 {
    (word & mask) as u32
}

/// Rent of a window in stroops: leaves × price ÷ 2^20, rounded down.
///
/// # Errors
/// [`RuleError::Overflow`] beyond [`MAX_LEAVES`] or [`MAX_PRICE_STROOPS`].
pub fn rent(leaves: u64, price_stroops_per_gib: u64) -> Result<u64, RuleError> {
    if leaves > MAX_LEAVES || price_stroops_per_gib > MAX_PRICE_STROOPS {
        return Err(RuleError::Overflow);
    }
    // At most 2^63, and the rent 2^43. A product that is checked for more is one of 128 bits, with a function of its own in the contract.
    Ok(leaves.wrapping_mul(price_stroops_per_gib) / LEAVES_PER_GIB)
}
