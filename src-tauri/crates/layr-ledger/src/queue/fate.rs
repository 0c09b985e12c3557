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
    Decided(Box<JournalEntry>),
    /// It may still be taken in.
    Open,
}

/// What the answers about all hashes of a transaction have in common, where none has it.
struct Absence {
    latest_ledger: u32,
    latest_close_unix_s: u64,
    oldest_ledger: u32,
}

/// What the account says about a sequence number.
#[derive(Clone, Copy)]
struct Number {
    /// Whether it was used; an account that is not there has used up all its numbers.
    is_used: bool,
    /// The ledger by which this was so.
    ledger: u32,
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
        let (account, asked_at) = ledger.account_as_of(entry.account).await?;
        let is_used = account.is_none_or(|account| account.sequence >= entry.sequence);
        let mut absence =
            Absence { latest_ledger: u32::MAX, latest_close_unix_s: u64::MAX, oldest_ledger: 0 };
        for hash in &entry.hashes {
            let answer = ledger.look(hash).await?;
            if answer.status != LookedStatus::NotFound {
                let state = found(&answer, hash, ledger.network_id())?;
                return Ok(Fate::Decided(Box::new(JournalEntry { state, ..entry.clone() })));
            }
            absence.latest_ledger = absence.latest_ledger.min(answer.latest_ledger);
            absence.latest_close_unix_s = absence.latest_close_unix_s.min(answer.latest_ledger_close_time);
            absence.oldest_ledger = absence.oldest_ledger.max(answer.oldest_ledger);
        }
        match absence.fate_of(entry, Number { is_used, ledger: asked_at }) {
            None => Ok(Fate::Open),
            Some(state) => {
                let dead = JournalEntry { state, ..entry.clone() };
                Ok(Fate::Decided(Box::new(self.found_after_all(&dead).await?.unwrap_or(dead))))
            }
        }
    }

    /// Looks once more for everything that was ever signed under a key, where all of it is given up.
    pub(super) async fn found_after_all(
        &self,
        dead: &JournalEntry,
    ) -> Result<Option<JournalEntry>, LedgerError> {
        let ledger = &self.shared.ledger;
        for hash in dead.earlier_hashes.iter().chain(&dead.hashes) {
            let answer = ledger.look(hash).await?;
            if answer.status == LookedStatus::NotFound {
                continue;
            }
            let state = found(&answer, hash, ledger.network_id())?;
            if dead.hashes.contains(hash) {
                return Ok(Some(JournalEntry { state, ..dead.clone() }));
            }
            // The one that was taken in is the one that is told of.
            let others = dead.earlier_hashes.iter().filter(|other| *other != hash).chain(&dead.hashes);
            let earlier_hashes = others.copied().collect();
            return Ok(Some(JournalEntry { state, hashes: vec![*hash], earlier_hashes, ..dead.clone() }));
        }
        Ok(None)
    }
}

impl Absence {
    /// What became of a transaction that these answers do not have; none while it may come.
    fn fate_of(&self, entry: &JournalEntry, number: Number) -> Option<EntryState> {
        // It was signed after `from_ledger` had closed.
        let covers_all = self.oldest_ledger <= entry.from_ledger.saturating_add(1);
        let is_too_late = self.latest_close_unix_s > entry.valid_until_unix_s;
        let was_begun_anew = self.latest_ledger.saturating_add(MAX_LAG_LEDGERS) < entry.from_ledger;
        // What an older ledger than the one it was signed in says of the account, that it is not there for example, says nothing of what came after.
        let is_superseded =
            number.is_used && number.ledger >= entry.from_ledger && number.ledger <= self.latest_ledger;
        // By a ledger that closed when its time was over.
        let was_never_used = !number.is_used && number.ledger >= self.latest_ledger;
        if is_too_late && (covers_all || was_begun_anew || was_never_used) {
            return Some(EntryState::Dead);
        }
        is_superseded.then_some(if covers_all { EntryState::Dead } else { EntryState::Forgotten })
    }
}

#[cfg(test)]
mod tests;
