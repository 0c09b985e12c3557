//! Whether a transaction is in the ledger, never can be, or may still come.

use super::{AccountQueue, envelope};
use crate::error::LedgerError;
use crate::journal::{EntryState, JournalEntry};
use crate::ledger::MAX_LAG_LEDGERS;
use crate::outcome::found;
use crate::rpc::answers::LookedStatus;

/// What is known of a transaction.
pub(super) enum Fate {
    /// This.
    Decided(EntryState),
    /// It may still be taken in.
    Open,
}

/// What the answers about all hashes of a transaction have in common, where none has it.
struct Absence {
    latest_ledger: u32,
    latest_close_unix_s: u64,
    oldest_ledger: u32,
}

impl AccountQueue {
    /// Looks for a transaction. The account is asked first: whatever used up the sequence number by then is in the ledgers that the
    /// answers about the transaction cover.
    pub(super) async fn fate(&self, entry: &JournalEntry) -> Result<Fate, LedgerError> {
        let ledger = &self.shared.ledger;
        if envelope(entry)?.hash(ledger.network_id()).ok().as_ref() != entry.hashes.last() {
            let reason = format!("what it has under {:?} is not what was signed", entry.key);
            return Err(LedgerError::Journal { reason });
        }
        let account = ledger.find_account(entry.account).await?;
        let mut absence =
            Absence { latest_ledger: u32::MAX, latest_close_unix_s: u64::MAX, oldest_ledger: 0 };
        for hash in &entry.hashes {
            let answer = ledger.look(hash).await?;
            if answer.status != LookedStatus::NotFound {
                return found(&answer, hash, ledger.network_id()).map(Fate::Decided);
            }
            absence.latest_ledger = absence.latest_ledger.min(answer.latest_ledger);
            absence.latest_close_unix_s = absence.latest_close_unix_s.min(answer.latest_ledger_close_time);
            absence.oldest_ledger = absence.oldest_ledger.max(answer.oldest_ledger);
        }
        let used_up = match account {
            Some(account) if account.sequence >= entry.sequence => Some(account.ledger),
            // An account that is closed has used up all its numbers.
            None => Some(absence.latest_ledger),
            Some(_) => None,
        };
        Ok(absence.fate_of(entry, used_up))
    }
}

impl Absence {
    /// `used_up` is a ledger by which the sequence number was used, if it was.
    fn fate_of(&self, entry: &JournalEntry, used_up: Option<u32>) -> Fate {
        // It was signed after `from_ledger` had closed.
        let covers_all = self.oldest_ledger <= entry.from_ledger.saturating_add(1);
        let is_too_late = self.latest_close_unix_s > entry.valid_until_unix_s;
        let was_begun_anew = self.latest_ledger.saturating_add(MAX_LAG_LEDGERS) < entry.from_ledger;
        let is_superseded = used_up.is_some_and(|ledger| ledger <= self.latest_ledger);
        if is_too_late && (covers_all || was_begun_anew || used_up.is_none()) {
            return Fate::Decided(EntryState::Dead);
        }
        match (is_superseded, covers_all) {
            (true, true) if self.latest_ledger >= entry.from_ledger => Fate::Decided(EntryState::Dead),
            (true, false) => Fate::Decided(EntryState::Forgotten),
            _ => Fate::Open,
        }
    }
}

#[cfg(test)]
mod tests;
