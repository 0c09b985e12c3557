//! Agreements as people see them, and what they mean for the owner's money.

use std::collections::BTreeMap;

use layr_agreement::MAX_WINDOWS;
use layr_keys::{OwnerId, PeerId};
use layr_ledger::Stroops;
use layr_library::{AgreementRole, AgreementState, Library};

use super::{Agreement, price::MonthlyPrice};
use crate::api::{AgreementInfo, AgreementPhase, AgreementSide};
use crate::catalogue::{rfc3339, store_error};
use crate::error::{ErrorCode, NodeError};

const SECONDS_A_DAY: u64 = 86_400;

/// All agreements of a library, oldest first; `own` is whose library it is.
///
/// # Errors
/// [`ErrorCode::DatabaseUnusable`].
pub(crate) fn list(library: &Library, own: Option<OwnerId>) -> Result<Vec<AgreementInfo>, NodeError> {
    let mut agreements = read(library, Library::agreements)?;
    agreements.sort_by_key(|agreement| agreement.record.id);
    agreements.iter().map(|agreement| describe(library, own, agreement)).collect()
}

/// The agreement with this id.
///
/// # Errors
/// [`ErrorCode::NotFound`]; as [`list`].
pub(crate) fn one(library: &Library, own: Option<OwnerId>, id: &str) -> Result<AgreementInfo, NodeError> {
    list(library, own)?.into_iter().find(|agreement| agreement.id == id).ok_or_else(|| none(id))
}

/// No agreement has this id.
pub(crate) fn none(id: &str) -> NodeError {
    NodeError::new(ErrorCode::NotFound, format!("There is no agreement {id:?}.")).with("id", id)
}

/// How many agreements of both roles are not over.
///
/// # Errors
/// What the database says.
pub(crate) fn count_open(library: &Library) -> Result<u64, NodeError> {
    let count = |role| library.open_agreements(role).map_err(|error| store_error(&error));
    Ok((count(AgreementRole::Owner)?.len() + count(AgreementRole::Host)?.len()) as u64)
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
) -> Result<AgreementInfo, NodeError> {
    let Agreement { record, host, .. } = agreement;
    let data = library.agreed_data(record.id, u32::MAX, record.revision);
    let data = data.map_err(|error| store_error(&error))?;
    let stake = agreement.stake();
    let decided = record.decided.min(MAX_WINDOWS);
    let proven = record.proven.count_ones().min(decided);
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
        state: phase(agreement),
        start: rfc3339(record.begin_unix_s),
        end: rfc3339(record.end_unix_s),
        windows_total: agreement.windows(),
        windows_proven: proven,
        windows_missed: decided - proven,
        price_xlm_per_gib_month: MonthlyPrice::shown(host.price_stroops_per_gib).to_string(),
        deposit_xlm: stroops(stake.deposit).to_string(),
        collateral_xlm: stroops(stake.collateral).to_string(),
        paid_xlm: stroops(paid).to_string(),
        held_xlm: stroops(held).to_string(),
        left_xlm: stroops(stake.deposit.saturating_sub(paid)).to_string(),
        leaf_count: data.map_or(host.leaves, |data| data.leaves),
        auto_renew: false,
        escrow: record.place.as_ref().map(|place| hex::encode(place.escrow)),
    })
}

/// By what is decided, not by a clock: the ledger's may be another than this computer's.
fn phase(agreement: &Agreement) -> AgreementPhase {
    let record = &agreement.record;
    match record.state {
        AgreementState::Consented => AgreementPhase::Opening,
        AgreementState::Open if record.closing.is_some() => AgreementPhase::Ending,
        AgreementState::Open if record.decided >= agreement.windows() => AgreementPhase::Ending,
        AgreementState::Open => AgreementPhase::Active,
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
