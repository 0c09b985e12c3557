//! Agreements as people see them, and what they mean for the owner's money.

use std::collections::BTreeMap;

use layr_agreement::{MAX_LEAD_S, MAX_WINDOWS, rent};
use layr_keys::{OwnerId, PeerId};
use layr_ledger::Stroops;
use layr_library::{AgreementRole, AgreementState, Library};

use super::{Agreement, GRACE_S, fees, price::MonthlyPrice};
use crate::api::{
    AgreementInfo, AgreementPhase, AgreementSide, AgreementWindow, AgreementsReport, ProofDue, SpendingReport,
};
use crate::catalogue::{rfc3339, store_error};
use crate::error::{ErrorCode, NodeError};

const SECONDS_A_DAY: u64 = 86_400;

/// All agreements of a library, oldest first, or the one with this id; `own` is whose library it is, `network_id` names the ledger, if there is one, and
/// `now_unix_s` is its time.
///
/// # Errors
/// [`ErrorCode::NotFound`]; [`ErrorCode::DatabaseUnusable`].
pub(crate) fn report(
    library: &Library,
    own: Option<OwnerId>,
    id: Option<&str>,
    (limits, network_id, now_unix_s): (SpendingReport, Option<[u8; 32]>, u64),
) -> Result<AgreementsReport, NodeError> {
    let mut agreements = read(library, Library::agreements)?;
    agreements.sort_by_key(|agreement| agreement.record.id);
    if let Some(id) = id {
        agreements.retain(|agreement| agreement.record.id.to_string() == id);
        if agreements.is_empty() {
            return Err(none(id));
        }
    }
    let fees = network_id.map(|network| fees::of_month(library, &network, now_unix_s)).transpose();
    let fees = fees.map_err(|error| store_error(&error))?.unwrap_or_default();
    let agreements = agreements.iter().map(|agreement| describe(library, own, agreement, now_unix_s));
    Ok(AgreementsReport {
        agreements: agreements.collect::<Result<_, _>>()?,
        limits,
        month_fees_xlm: stroops(fees.taken_stroops).to_string(),
        runway_days: Holdings::of(library)?.runway_days(now_unix_s),
        now: rfc3339(now_unix_s),
    })
}

/// As [`report`] of a home in which nothing was ever stored.
pub(crate) fn empty(limits: SpendingReport, now_unix_s: u64) -> AgreementsReport {
    AgreementsReport {
        agreements: Vec::new(),
        limits,
        month_fees_xlm: Stroops::ZERO.to_string(),
        runway_days: None,
        now: rfc3339(now_unix_s),
    }
}

/// No agreement has this id.
pub(crate) fn none(id: &str) -> NodeError {
    NodeError::new(ErrorCode::NotFound, format!("There is no agreement {id:?}.")).with("id", id)
}

/// How many agreements of both roles are signed and not over.
///
/// # Errors
/// What the database says.
pub(crate) fn count_open(library: &Library) -> Result<u64, NodeError> {
    let mut count = 0;
    for role in [AgreementRole::Owner, AgreementRole::Host] {
        let open = library.open_agreements(role).map_err(|error| store_error(&error))?;
        count += open.iter().filter(|record| !Agreement::is_proposal(record)).count() as u64;
    }
    Ok(count)
}

/// What is in escrow, and until when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Holdings {
    /// What would come back out of escrows if all were divided by what is proven so far: what is left of deposits, and collateral with what
    /// was earned.
    pub(crate) escrow: Stroops,
    /// When each host that the owner pays is paid for the last time.
    ends: BTreeMap<[u8; 32], u64>,
}

impl Holdings {
    /// What a library's agreements come to.
    ///
    /// # Errors
    /// [`ErrorCode::DatabaseUnusable`].
    pub(crate) fn of(library: &Library) -> Result<Self, NodeError> {
        let open = read(library, Library::open_agreements)?;
        let mut holdings = Self::default();
        for agreement in open.iter().filter(|agreement| agreement.record.state == AgreementState::Open) {
            holdings.add(agreement);
        }
        Ok(holdings)
    }

    fn add(&mut self, agreement: &Agreement) {
        let (stake, earned) = (agreement.stake(), agreement.slot().earned);
        let own = match agreement.record.role {
            AgreementRole::Owner => stake.deposit.saturating_sub(earned),
            AgreementRole::Host => stake.collateral.saturating_add(earned),
        };
        self.escrow = self.escrow.saturating_add(stroops(own));
        if agreement.record.role == AgreementRole::Owner {
            let end = self.ends.entry(agreement.record.other).or_default();
            *end = agreement.record.end_unix_s.max(*end);
        }
    }

    /// Whether there is an end to count the days to.
    pub(crate) fn has_end(&self) -> bool {
        !self.ends.is_empty()
    }

    /// Whole days until the first host is paid no more that the owner pays, next terms included; none without one.
    pub(crate) fn runway_days(&self, now_unix_s: u64) -> Option<u64> {
        Some(self.ends.values().min()?.saturating_sub(now_unix_s) / SECONDS_A_DAY)
    }
}

fn read(
    library: &Library,
    of: fn(&Library, AgreementRole) -> Result<Vec<layr_library::AgreementRecord>, layr_library::StoreError>,
) -> Result<Vec<Agreement>, NodeError> {
    let of_both = [AgreementRole::Owner, AgreementRole::Host].map(|role| of(library, role));
    let mut agreements = Vec::new();
    for records in of_both {
        for record in records.map_err(|error| store_error(&error))? {
            agreements.push(Agreement::read(record).map_err(|error| store_error(&error))?);
        }
    }
    Ok(agreements)
}

fn describe(
    library: &Library,
    own: Option<OwnerId>,
    agreement: &Agreement,
    now_unix_s: u64,
) -> Result<AgreementInfo, NodeError> {
    let Agreement { record, terms, host } = agreement;
    let data = library.agreed_data(record.id, u32::MAX, record.revision);
    let data = data.map_err(|error| store_error(&error))?;
    let stake = agreement.stake();
    let decided = decided(agreement).min(MAX_WINDOWS);
    let slot = agreement.slot();
    // One that was excused may count before all others are decided.
    let proven = (0..agreement.windows()).filter(|window| slot.counts(*window)).count();
    let missed = (0..decided).filter(|window| !slot.counts(*window)).count();
    let leaf_count = data.map_or(host.leaves, |data| data.leaves);
    // What does not fit was never agreed on.
    let window_rent = rent(leaf_count, host.price_stroops_per_gib).unwrap_or(0);
    let owner = match record.role {
        AgreementRole::Owner => own,
        AgreementRole::Host => Some(OwnerId::from_bytes(record.other)),
    };
    let (paid, held) = match record.state {
        AgreementState::Consented | AgreementState::Dropped => (0, 0),
        AgreementState::Open => (record.earned_stroops, stake.deposit.saturating_add(stake.collateral)),
        AgreementState::Settled => (record.earned_stroops, 0),
    };
    Ok(AgreementInfo {
        id: record.id.to_string(),
        // A host signs with its device's key.
        host: PeerId::from_bytes(host.receipt_key).to_string(),
        owner: owner.map(|owner| owner.to_string()).unwrap_or_default(),
        role: match record.role {
            AgreementRole::Owner => AgreementSide::Owner,
            AgreementRole::Host => AgreementSide::Host,
        },
        state: phase(agreement, now_unix_s),
        start: rfc3339(record.begin_unix_s),
        end: rfc3339(record.end_unix_s),
        windows_total: agreement.windows(),
        windows_proven: u32::try_from(proven).unwrap_or(u32::MAX),
        windows_missed: u32::try_from(missed).unwrap_or(u32::MAX),
        windows: windows(agreement, now_unix_s),
        window_rent_xlm: stroops(window_rent).to_string(),
        missed_window_xlm: stroops(stake.collateral / u64::from(terms.calendar.windows.max(1))).to_string(),
        misses_allowed: terms.missed_allowed,
        renewable_from: rfc3339(record.end_unix_s.saturating_sub(MAX_LEAD_S)),
        next_proof: next_proof(agreement, now_unix_s),
        price_xlm_per_gib_month: MonthlyPrice::shown(host.price_stroops_per_gib).to_string(),
        deposit_xlm: stroops(stake.deposit).to_string(),
        collateral_xlm: stroops(stake.collateral).to_string(),
        paid_xlm: stroops(paid).to_string(),
        held_xlm: stroops(held).to_string(),
        left_xlm: stroops(stake.deposit.saturating_sub(paid)).to_string(),
        leaf_count,
        auto_renew: false,
        escrow: record.place.as_ref().map(|place| hex::encode(place.escrow)),
    })
}

/// The windows below this number are decided: all, once the money is divided.
fn decided(agreement: &Agreement) -> u32 {
    match agreement.record.state {
        AgreementState::Settled => agreement.windows(),
        _ => agreement.record.decided,
    }
}

/// Each window: by what is decided, and those that are not by the time.
fn windows(agreement: &Agreement, now_unix_s: u64) -> Vec<AgreementWindow> {
    let calendar = &agreement.terms.calendar;
    let slot = agreement.slot();
    let of = |window: u32| {
        if slot.counts(window) {
            AgreementWindow::Proven
        } else if window < decided(agreement) {
            AgreementWindow::Missed
        } else if now_unix_s >= calendar.begin_s(window.saturating_add(1)) {
            AgreementWindow::Deciding
        } else if now_unix_s >= calendar.begin_s(window) {
            AgreementWindow::Running
        } else {
            AgreementWindow::ToCome
        }
    };
    (0..agreement.windows().min(MAX_WINDOWS)).map(of).collect()
}

/// The first window that is not over and does not count yet. After three missed in a row none counts any more.
fn next_proof(agreement: &Agreement, now_unix_s: u64) -> Option<ProofDue> {
    let (calendar, slot) = (&agreement.terms.calendar, agreement.slot());
    let is_due =
        |window: &u32| !slot.counts(*window) && now_unix_s < calendar.begin_s(window.saturating_add(1));
    let is_open = agreement.record.state == AgreementState::Open;
    let window =
        (0..agreement.windows()).find(is_due).filter(|window| is_open && !slot.has_ended(*window))?;
    let until = rfc3339(calendar.begin_s(window.saturating_add(1)));
    Some(ProofDue { from: rfc3339(calendar.question_s(window)), until })
}

/// By what is decided, not by a clock, as far as money goes: the ledger's may be another than this computer's.
fn phase(agreement: &Agreement, now_unix_s: u64) -> AgreementPhase {
    let record = &agreement.record;
    match record.state {
        AgreementState::Consented if Agreement::is_proposal(record) => AgreementPhase::Proposed,
        AgreementState::Consented => AgreementPhase::Opening,
        AgreementState::Open if record.closing.is_some() => AgreementPhase::Ending,
        AgreementState::Open if record.decided >= agreement.windows() => AgreementPhase::Ending,
        AgreementState::Open => AgreementPhase::Active,
        AgreementState::Settled if now_unix_s < record.end_unix_s.saturating_add(GRACE_S) => {
            AgreementPhase::Grace
        }
        AgreementState::Settled => AgreementPhase::Ended,
        AgreementState::Dropped => AgreementPhase::Dropped,
    }
}

/// Terms are bounded far below the most that a ledger holds.
fn stroops(amount: u64) -> Stroops {
    Stroops::new(amount).unwrap_or(Stroops::MAX)
}

#[cfg(test)]
mod tests;
