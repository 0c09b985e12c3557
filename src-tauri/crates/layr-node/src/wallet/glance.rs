//! The balance at a glance, for whoever looks every few seconds.

use std::sync::Arc;
use std::time::Duration;

use layr_ledger::{Account, Ledger, Stroops};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// So old a balance is still told: some ledgers of 5 s.
const TOLD_FOR: Duration = Duration::from_secs(30);
/// Longest wait for the ledger. One that is away is asked again no sooner than an answer would be.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

/// What was seen last, and when. Cheap to clone; all clones remember the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Glance(Arc<Mutex<Option<Seen>>>);

/// An answer, none where there was none, and when it came.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Instant,
    balance: Option<Stroops>,
}

impl Glance {
    /// The balance as it was at most [`TOLD_FOR`] ago; none where the ledger did not answer.
    pub(super) async fn balance(&self, ledger: &Ledger, account: Account) -> Option<Stroops> {
        // Held while it asks: all who look at once share one question.
        let mut seen = self.0.lock().await;
        if let Some(Seen { at, balance }) = *seen
            && at.elapsed() < TOLD_FOR
        {
            return balance;
        }
        let asked = timeout(ANSWERED_WITHIN, ledger.find_account(account)).await;
        let found = asked.ok().and_then(Result::ok);
        let balance = found.map(|state| state.map_or(Stroops::ZERO, |state| state.balance));
        *seen = Some(Seen { at: Instant::now(), balance });
        balance
    }

    /// What was seen does not hold any more.
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}
