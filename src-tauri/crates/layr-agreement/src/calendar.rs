//! Windows, when their questions come out, and until when what may be done. All times are seconds since 1970 as ledgers
//! close; the windows of a length lie on one calendar for everybody, so that all agreements share one beacon a window.

/// Most windows of a term: a bit each in a host's slot.
pub const MAX_WINDOWS: u32 = 32;
/// Longest term. With [`MAX_LEAD_S`] before it and [`KEPT_AFTER_S`] behind it, it is the 180 days that a ledger keeps an entry
/// at most.
pub const MAX_TERM_S: u64 = 120 * DAY_S;
/// How long before its first window an escrow may be opened.
pub const MAX_LEAD_S: u64 = 30 * DAY_S;
/// How long an escrow's entry outlives its term.
pub const KEPT_AFTER_S: u64 = 30 * DAY_S;
/// Shortest response time: the beacon has to come out, be published and be answered, in ledgers of five seconds.
pub const MIN_RESPONSE_S: u32 = 30;
/// Longest response time. A question that the owner asks is kept for longer than that and the time for an excuse.
pub const MAX_RESPONSE_S: u32 = 7 * 86_400;
/// After this long without a beacon and without a question, a window may be excused: long enough for anybody on earth to
/// publish one round that is newer.
pub const EXCUSE_AFTER_S: u64 = 14 * DAY_S;
/// An excuse is too late then: the owner's question, which would refute it, is not kept for ever.
pub const EXCUSE_UNTIL_S: u64 = 30 * DAY_S;
/// Time for claims and excuses behind the last window; then anybody may settle. A week more than an excuse waits.
pub const SETTLE_AFTER_S: u64 = 21 * DAY_S;
/// An escrow may be opened and accepted in this part of its first window, as a renewal is on its first day.
const JOIN_PART: u64 = 7;

const DAY_S: u64 = 86_400;

/// The windows of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Number of the first window on the calendar: it begins at `first_window` × `window_s` seconds after 1970.
    pub first_window: u32,
    /// Number of windows.
    pub windows: u32,
    /// Length of a window in seconds.
    pub window_s: u32,
    /// The last seconds of a window, in which its question is known and must be answered.
    pub response_s: u32,
}

impl Calendar {
    /// Whether all numbers are within their bounds.
    pub fn is_sound(&self) -> bool {
        (1..=MAX_WINDOWS).contains(&self.windows)
            && (MIN_RESPONSE_S..=MAX_RESPONSE_S).contains(&self.response_s)
            && self.response_s < self.window_s
            && u64::from(self.windows) * u64::from(self.window_s) <= MAX_TERM_S
    }

    /// When window `window` of the term begins. `window` may be the number of windows: then it is the term's end.
    pub fn begin_s(&self, window: u32) -> u64 {
        // Two products of 32 bits each: one of a sum would be one of 128 bits, with a function of its own in the contract.
        let before = u64::from(self.first_window) * u64::from(self.window_s);
        before + u64::from(window) * u64::from(self.window_s)
    }

    /// When the question of a window comes out.
    pub fn question_s(&self, window: u32) -> u64 {
        self.begin_s(window.saturating_add(1)).saturating_sub(u64::from(self.response_s))
    }

    /// Opening and accepting ends then.
    pub fn joining_ends_s(&self) -> u64 {
        self.begin_s(0) + u64::from(self.window_s) / JOIN_PART
    }

    /// Settling without the host's and the owner's agreement begins then, for a part that ends with `windows` windows.
    pub fn settling_begins_s(&self, windows: u32) -> u64 {
        self.begin_s(windows) + SETTLE_AFTER_S
    }

    /// Number of windows that a part has which the owner ends now: up to the one after the one that runs.
    pub fn windows_until_notice(&self, now_s: u64) -> u32 {
        let running = (now_s / u64::from(self.window_s.max(1))).saturating_sub(u64::from(self.first_window));
        let has_begun = now_s >= self.begin_s(0);
        let left = if has_begun { running + 2 } else { 1 };
        u32::try_from(left).unwrap_or(self.windows).min(self.windows)
    }
}

/// The first round of a beacon that is published at `time_s` or later. Rounds count from 1, at `genesis_s`, a `period_s`
/// apart.
pub fn round_at(genesis_s: u64, period_s: u32, time_s: u64) -> u64 {
    time_s.saturating_sub(genesis_s).div_ceil(u64::from(period_s.max(1))) + 1
}
