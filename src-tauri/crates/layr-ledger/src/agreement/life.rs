//! How long the contract's instance and its code live on the ledger. Calls do not lengthen it: the first one after its end would have to pay
//! for all, and that is a keeper's.

use stellar_xdr as xdr;

use crate::agreement::calls::AgreementContract;
use crate::agreement::instance::instance_key;
use crate::error::LedgerError;
use crate::intent::{Keep, KeepHow};
use crate::ledger::Ledger;

const LOOK: &str = "getLedgerEntries";
const MS_PER_S: u64 = 1000;

/// How long a contract can be called, by the shorter life of its instance and its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractLife {
    /// The last ledger in which it can be called.
    pub live_until: u32,
    /// The ledger by which this is so.
    pub ledger: u32,
    /// When that closed, in Unix seconds.
    pub close_time_unix_s: u64,
    /// Ledgers that an entry lives which was just brought back, the one that it came back in included.
    pub restored_life: u32,
    /// Ledgers after the one at hand up to which a life can be paid for.
    pub longest: u32,
    /// Milliseconds from a ledger to the next, as the network aims at.
    pub ledger_ms: u32,
    /// What is archived.
    archived: Vec<xdr::LedgerKey>,
    /// What lives.
    living: Vec<xdr::LedgerKey>,
}

impl ContractLife {
    /// Whether it cannot be called any more before somebody brings it back.
    pub fn is_archived(&self) -> bool {
        !self.archived.is_empty()
    }

    /// Seconds for which it can still be called, if ledgers close as the network aims at.
    pub fn left_s(&self) -> u64 {
        self.seconds(self.live_until.saturating_sub(self.ledger))
    }

    /// Seconds that what was just brought back can be called, likewise.
    pub fn restored_s(&self) -> u64 {
        self.seconds(self.restored_life)
    }

    /// When a ledger closes, in Unix seconds, if ledgers close as the network aims at.
    pub fn closes_unix_s(&self, ledger: u32) -> u64 {
        if ledger < self.ledger {
            return self.close_time_unix_s.saturating_sub(self.seconds(self.ledger - ledger));
        }
        self.close_time_unix_s.saturating_add(self.seconds(ledger - self.ledger))
    }

    /// What brings back what is archived; none where nothing is.
    pub fn restoring(&self) -> Option<Keep> {
        self.is_archived().then(|| Keep { entries: self.archived.clone(), how: KeepHow::Restore })
    }

    /// What lets all that lives do so for as long as can be paid for.
    pub fn extending(&self) -> Option<Keep> {
        let entries = self.living.clone();
        (!entries.is_empty()).then_some(Keep { entries, how: KeepHow::Extend(self.longest) })
    }

    fn seconds(&self, ledgers: u32) -> u64 {
        u64::from(ledgers) * u64::from(self.ledger_ms) / MS_PER_S
    }
}

impl AgreementContract {
    /// How long instance and code live.
    ///
    /// # Errors
    /// [`LedgerError::OtherContract`] where the ledger has not both; what the server says.
    pub async fn life(&self, ledger: &Ledger) -> Result<ContractLife, LedgerError> {
        let code =
            xdr::LedgerKey::ContractCode(xdr::LedgerKeyContractCode { hash: xdr::Hash(Self::code_hash()) });
        let kept = [instance_key(self.contract), code];
        let settings = [xdr::ConfigSettingId::StateArchival, xdr::ConfigSettingId::ScpTiming];
        let settings = settings.map(|config_setting_id| {
            xdr::LedgerKey::ConfigSetting(xdr::LedgerKeyConfigSetting { config_setting_id })
        });
        let tip = ledger.tip().await?;
        let (found, as_of) = ledger.entries_with_life(&[&kept[..], &settings[..]].concat()).await?;
        let missing = |what: &str| LedgerError::malformed(LOOK, format!("no {what}"));
        let (mut archival, mut timing) = (None, None);
        let (mut live_until, mut archived, mut living) = (u32::MAX, Vec::new(), Vec::new());
        for entry in found.into_iter().flatten() {
            match entry {
                (xdr::LedgerEntryData::ConfigSetting(xdr::ConfigSettingEntry::StateArchival(found)), _) => {
                    archival = Some(found);
                }
                (xdr::LedgerEntryData::ConfigSetting(xdr::ConfigSettingEntry::ScpTiming(found)), _) => {
                    timing = Some(found);
                }
                (data, last) => {
                    let last = last.ok_or_else(|| missing("end of an entry's life"))?;
                    live_until = live_until.min(last);
                    // What lives in the ledger to come can be called there.
                    let found = if last > as_of { &mut living } else { &mut archived };
                    found.push(data.to_key());
                }
            }
        }
        if archived.len() + living.len() < kept.len() {
            return Err(LedgerError::OtherContract { contract: self.contract });
        }
        let archival = archival.ok_or_else(|| missing("settings of how long entries live"))?;
        let timing = timing.ok_or_else(|| missing("setting of how often ledgers close"))?;
        Ok(ContractLife {
            live_until,
            ledger: as_of,
            close_time_unix_s: tip.close_time_unix_s,
            restored_life: archival.min_persistent_ttl,
            // The ledger at hand counts as well.
            longest: archival.max_entry_ttl.saturating_sub(1),
            ledger_ms: timing.ledger_target_close_time_milliseconds,
            archived,
            living,
        })
    }
}
