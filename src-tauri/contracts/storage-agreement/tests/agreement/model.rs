//! What should be, told once more: an escrow in plain words, for the histories to compare the contract with.

use std::collections::{BTreeMap, BTreeSet};

use layr_agreement::{EXCUSE_AFTER_S, EXCUSE_UNTIL_S, MAX_LEAD_S, SETTLE_AFTER_S};

use crate::shown::{EscrowTerms, HostTerms};
use crate::world::DAY_S;

/// A round that was published is kept for three days.
const ROUND_KEPT_S: u64 = 3 * DAY_S;

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Owner,
    Host(usize),
    Stranger,
}

/// Why a window counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Proof,
    Receipt,
    Excuse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Offered,
    Active,
    Closed,
}

/// A host's part.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) deposit: u64,
    pub(crate) collateral: u64,
    pub(crate) refund: u64,
    pub(crate) state: State,
    pub(crate) windows: u32,
    pub(crate) decided: u32,
    /// Windows below this number are decided by a receipt.
    pub(crate) receipted: u32,
    pub(crate) revision: u32,
    pub(crate) kept: BTreeMap<u32, Why>,
    pub(crate) earned: u64,
}

/// What a proof, or an excuse, is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    pub(crate) window: u32,
    /// Number and first window of the revision shown, and its leaves.
    pub(crate) revision: (u32, u32),
    pub(crate) leaves: u64,
}

/// What a receipt says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    pub(crate) decided: u32,
    pub(crate) proven: u32,
    pub(crate) earned: u64,
    pub(crate) revision: u32,
    pub(crate) is_signed: bool,
}

/// What it is said that both signed for a host, and whether they did.
pub(crate) type Agreed = Option<(u64, bool)>;

/// An escrow, its calendar and everybody's gains by it.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) parts: Vec<Part>,
    /// Whether the ledger has an entry of it.
    pub(crate) is_there: bool,
    first: u32,
    begin_s: u64,
    window_s: u64,
    response_s: u64,
    allowed: u64,
    windows: u32,
    /// When the beacon of a window of the calendar, which all escrows share, was published last.
    published_s: BTreeMap<u32, u64>,
    asked: BTreeSet<u32>,
    /// The latest window of the calendar of which a beacon was ever published.
    newest: Option<u32>,
    pub(crate) owner: Purse,
    pub(crate) hosts: Vec<Purse>,
}

/// Somebody's money.
#[derive(Clone, Debug)]
pub(crate) struct Purse {
    /// What it has beyond what it had at first.
    pub(crate) gained: i64,
    /// What it could not be paid.
    pub(crate) unpaid: u64,
    pub(crate) takes_payments: bool,
}

impl Model {
    pub(crate) fn new(terms: &EscrowTerms, hosts: &[HostTerms], joins: &[bool]) -> Self {
        let part = |(host, joins): (&HostTerms, &bool)| Part {
            deposit: host.deposit,
            collateral: host.collateral,
            refund: host.proof_refund,
            state: if *joins { State::Active } else { State::Offered },
            windows: terms.windows,
            decided: 0,
            receipted: 0,
            revision: 0,
            kept: BTreeMap::new(),
            earned: 0,
        };
        let parts: Vec<Part> = hosts.iter().zip(joins).map(part).collect();
        let purse = |spent: u64| Purse { gained: -signed(spent), unpaid: 0, takes_payments: true };
        let collateral = |part: &Part| if part.state == State::Active { part.collateral } else { 0 };
        Self {
            owner: purse(parts.iter().map(|part| part.deposit).sum()),
            hosts: parts.iter().map(|part| purse(collateral(part))).collect(),
            is_there: true,
            first: terms.first_window,
            begin_s: u64::from(terms.first_window) * u64::from(terms.window_s),
            window_s: terms.window_s.into(),
            response_s: terms.response_s.into(),
            allowed: terms.missed_allowed.into(),
            windows: terms.windows,
            published_s: BTreeMap::new(),
            asked: BTreeSet::new(),
            newest: None,
            parts,
        }
    }

    /// The next term of the same owner and hosts, if it can be opened now.
    pub(crate) fn next(
        &self,
        now_s: u64,
        (terms, hosts, joins): (&EscrowTerms, &[HostTerms], &[bool]),
    ) -> Option<Self> {
        let mut next = Self::new(terms, hosts, joins);
        next.published_s.clone_from(&self.published_s);
        next.newest = self.newest;
        next.owner.takes_payments = self.owner.takes_payments;
        for (next, purse) in next.hosts.iter_mut().zip(&self.hosts) {
            next.takes_payments = purse.takes_payments;
        }
        let is_time = now_s < next.joining_ends_s() && next.begin_s <= now_s + MAX_LEAD_S;
        let can_pay = next.owner.takes_payments
            && next.hosts.iter().zip(joins).all(|(host, joins)| host.takes_payments || !joins);
        (is_time && can_pay).then_some(next)
    }

    fn end_s(&self, window: u32) -> u64 {
        self.begin_s + (u64::from(window) + 1) * self.window_s
    }

    fn question_s(&self, window: u32) -> u64 {
        self.end_s(window) - self.response_s
    }

    fn joining_ends_s(&self) -> u64 {
        self.begin_s + DAY_S
    }

    /// Stroops that the contract should hold.
    pub(crate) fn held(&self) -> u64 {
        let held = |part: &Part| match part.state {
            State::Offered => part.deposit,
            State::Active => part.deposit + part.collateral,
            State::Closed => 0,
        };
        let unpaid: u64 = self.hosts.iter().map(|host| host.unpaid).sum();
        self.parts.iter().map(held).sum::<u64>() + unpaid + self.owner.unpaid
    }

    /// `window` is one of the calendar.
    pub(crate) fn publish(&mut self, now_s: u64, window: u32) {
        if !self.has_round(now_s, window) {
            self.published_s.insert(window, now_s);
        }
        self.newest = self.newest.max(Some(window));
    }

    fn has_round(&self, now_s: u64, window: u32) -> bool {
        self.published_s.get(&window).is_some_and(|at_s| now_s - at_s <= ROUND_KEPT_S)
    }

    /// The first window of which and after which no beacon was published.
    pub(crate) fn first_silent(&self) -> u32 {
        self.newest.map_or(0, |newest| (newest + 1).saturating_sub(self.first))
    }

    /// An entry of which nothing is held goes, once its terms cannot be opened any more.
    fn stored(&mut self, now_s: u64) {
        self.is_there = self.held() > 0 || now_s < self.joining_ends_s();
    }

    pub(crate) fn accept(&mut self, now_s: u64, who: Who, host: usize) -> bool {
        let ends_s = self.joining_ends_s();
        let part = &mut self.parts[host];
        let can_pay = self.hosts[host].takes_payments;
        let may = part.state == State::Offered && now_s < ends_s && who == Who::Host(host) && can_pay;
        if may {
            part.state = State::Active;
            self.hosts[host].gained -= signed(part.collateral);
        }
        may
    }

    pub(crate) fn withdraw(&mut self, now_s: u64, who: Who, host: usize) -> bool {
        let may = self.parts[host].state == State::Offered && who == Who::Owner && self.owner.takes_payments;
        if may {
            self.parts[host].state = State::Closed;
            self.owner.gained += signed(self.parts[host].deposit);
            self.stored(now_s);
        }
        may
    }

    pub(crate) fn challenge(&mut self, now_s: u64, who: Who, window: u32) -> bool {
        let begins_s = if window < self.windows { self.question_s(window) } else { u64::MAX };
        let is_time = now_s >= begins_s && now_s < begins_s + self.response_s / 2;
        is_time && who == Who::Owner && self.is_there && self.asked.insert(window)
    }

    /// Three windows in a row below `before` that do not count.
    fn has_ended(&self, host: usize, before: u32) -> bool {
        let part = &self.parts[host];
        (2..before.min(part.windows))
            .any(|last| (last - 2..=last).all(|window| !part.kept.contains_key(&window)))
    }

    pub(crate) fn claim(&mut self, now_s: u64, who: Who, host: usize, said: Said) -> bool {
        self.parts[host].state == State::Active && who == Who::Host(host) && self.take(now_s, host, said)
    }

    fn take(&mut self, now_s: u64, host: usize, said: Said) -> bool {
        let windows: BTreeSet<u32> = (0..32).filter(|window| said.proven >> window & 1 == 1).collect();
        let part = &self.parts[host];
        let is_plain = said.is_signed
            && said.decided >= 1
            && said.decided <= part.windows
            && windows.iter().all(|window| *window < said.decided)
            && said.earned <= part.deposit;
        let is_forward = said.decided >= part.decided
            && part.kept.keys().all(|window| windows.contains(window))
            && said.earned >= part.earned
            && said.revision >= part.revision;
        if !is_plain || !is_forward || now_s < self.question_s(said.decided - 1) {
            return false;
        }
        let part = &mut self.parts[host];
        part.decided = said.decided;
        part.receipted = said.decided;
        part.earned = said.earned;
        part.revision = said.revision;
        for window in windows {
            part.kept.entry(window).or_insert(Why::Receipt);
        }
        true
    }

    pub(crate) fn prove(
        &mut self,
        now_s: u64,
        (who, host): (Who, usize),
        (shown, is_true, to_owner): (Shown, bool, bool),
        receipt: Option<Said>,
    ) -> bool {
        let before = self.parts[host].clone();
        let receipt_holds = before.state == State::Active
            && who == Who::Host(host)
            && receipt.is_none_or(|said| self.take(now_s, host, said));
        let Shown { window, leaves, .. } = shown;
        let part = &self.parts[host];
        let is_asked =
            if to_owner { self.asked.contains(&window) } else { self.has_round(now_s, self.first + window) };
        let may = receipt_holds
            && window < part.windows
            && window >= part.decided
            && !part.kept.contains_key(&window)
            && !self.has_ended(host, window)
            && now_s >= self.question_s(window)
            && now_s < self.end_s(window)
            && is_asked
            && is_true
            && shown.revision.0 >= part.revision
            && shown.revision.1 <= window;
        let part = &mut self.parts[host];
        if !may {
            *part = before;
            return false;
        }
        part.kept.insert(window, Why::Proof);
        part.earned = (part.earned + leaves + part.refund).min(part.deposit);
        part.decided = window + 1;
        part.revision = shown.revision.0;
        true
    }

    pub(crate) fn excuse(
        &mut self,
        now_s: u64,
        (who, host): (Who, usize),
        (shown, is_signed): (Shown, bool),
    ) -> bool {
        let Shown { window, leaves, .. } = shown;
        let part = &self.parts[host];
        let may = part.state == State::Active
            && who == Who::Host(host)
            && window < part.windows
            && !part.kept.contains_key(&window)
            && !self.has_ended(host, window)
            && window >= part.receipted
            && now_s >= self.end_s(window) + EXCUSE_AFTER_S
            && now_s <= self.end_s(window) + EXCUSE_UNTIL_S
            && !self.asked.contains(&window)
            && self.newest.is_none_or(|newest| newest < self.first + window)
            && is_signed
            && shown.revision.1 <= window;
        if may {
            let part = &mut self.parts[host];
            part.kept.insert(window, Why::Excuse);
            // Whoever shows an older revision than is known is not paid for it.
            let due = if shown.revision.0 < part.revision { 0 } else { leaves };
            part.earned = (part.earned + due).min(part.deposit);
        }
        may
    }

    pub(crate) fn terminate(&mut self, now_s: u64, who: Who, host: usize) -> bool {
        let left = if now_s < self.begin_s { 1 } else { (now_s - self.begin_s) / self.window_s + 2 };
        let part = &mut self.parts[host];
        let may = part.state == State::Active && who == Who::Owner && left < u64::from(part.windows);
        if may {
            part.windows = u32::try_from(left).unwrap();
        }
        may
    }

    /// Parts one after the other, or none of them.
    pub(crate) fn settle(&mut self, now_s: u64, parts: &[(usize, Agreed)]) -> bool {
        let before = self.clone();
        let mut to_owner = std::mem::take(&mut self.owner.unpaid);
        for (host, agreed) in parts {
            let Some(to_host) = self.to_host(now_s, (*host, *agreed), to_owner) else {
                *self = before;
                return false;
            };
            let part = &mut self.parts[*host];
            let held = match part.state {
                State::Active => part.deposit + part.collateral,
                State::Offered => part.deposit,
                State::Closed => to_host,
            };
            part.state = State::Closed;
            self.hosts[*host].unpaid = 0;
            self.hosts[*host].pay(to_host);
            to_owner += held - to_host;
        }
        self.owner.pay(to_owner);
        self.stored(now_s);
        true
    }

    /// What a host gets of its part, if that can be settled; `to_owner` is what the owner is owed so far.
    fn to_host(&self, now_s: u64, (host, agreed): (usize, Agreed), to_owner: u64) -> Option<u64> {
        let part = &self.parts[host];
        let overdue_s = self.begin_s + u64::from(part.windows) * self.window_s + SETTLE_AFTER_S;
        match (part.state, agreed) {
            (State::Closed, _) => {
                let unpaid = self.hosts[host].unpaid;
                (unpaid > 0 || to_owner > 0).then_some(unpaid)
            }
            (State::Offered, Some(_)) => None,
            (State::Offered, None) => (now_s >= self.joining_ends_s()).then_some(0),
            (State::Active, Some((agreed, are_both))) => {
                (are_both && agreed <= part.deposit + part.collateral).then_some(agreed)
            }
            (State::Active, None) => (now_s >= overdue_s).then(|| {
                let kept = part.kept.keys().filter(|window| **window < part.windows).count() as u64;
                let missed = (u64::from(part.windows) - kept).saturating_sub(self.allowed);
                part.earned + part.collateral - part.collateral * missed / u64::from(self.windows)
            }),
        }
    }
}

impl Purse {
    fn pay(&mut self, stroops: u64) {
        if self.takes_payments {
            self.gained += signed(stroops);
        } else {
            self.unpaid = stroops;
        }
    }
}

fn signed(stroops: u64) -> i64 {
    i64::try_from(stroops).unwrap()
}
