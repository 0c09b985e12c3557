//! The balance, and the life of the contract's code, at a glance, for whoever looks every few seconds.

use std::sync::Arc;
use std::time::Duration;

use layr_ledger::agreement::{AgreementContract, ContractLife};
use layr_ledger::{Account, Ledger, Stroops};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// So old a balance is still told: some ledgers of 5 s.
const TOLD_FOR: Duration = Duration::from_secs(30);
/// Longest wait for the ledger. One that is away is asked again no sooner than an answer would be.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

/// So old a life is still told: it is counted in days.
const LIFE_TOLD_FOR: Duration = Duration::from_hours(1);

/// What was seen last, and when. Cheap to clone; all clones remember the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Glance {
    balance: Arc<Mutex<Option<Seen<Stroops>>>>,
    life: Arc<Mutex<Option<Seen<ContractLife>>>>,
}

/// An answer, none where there was none, and when it came.
#[derive(Debug)]
struct Seen<T> {
    at: Instant,
    answer: Option<T>,
}

impl Glance {
    /// The balance as it was at most [`TOLD_FOR`] ago; none where the ledger did not answer.
    pub(super) async fn balance(&self, ledger: &Ledger, account: Account) -> Option<Stroops> {
        // Held while it asks: all who look at once share one question.
        let mut seen = self.balance.lock().await;
        if let Some(Seen { at, answer }) = *seen
            && at.elapsed() < TOLD_FOR
        {
            return answer;
        }
        let asked = timeout(ANSWERED_WITHIN, ledger.find_account(account)).await;
        let found = asked.ok().and_then(Result::ok);
        let balance = found.map(|state| state.map_or(Stroops::ZERO, |state| state.balance));
        *seen = Some(Seen { at: Instant::now(), answer: balance });
        balance
    }

    /// How long the contract can be called, as it was at most [`LIFE_TOLD_FOR`] ago; none where the ledger did not answer, which is asked
    /// again as soon as for a balance.
    pub(super) async fn life(&self, ledger: &Ledger, contract: AgreementContract) -> Option<ContractLife> {
        let mut seen = self.life.lock().await;
        if let Some(Seen { at, answer }) = &*seen {
            let told_for = if answer.is_some() { LIFE_TOLD_FOR } else { TOLD_FOR };
            if at.elapsed() < told_for {
                return answer.clone();
            }
        }
        let answer = timeout(ANSWERED_WITHIN, contract.life(ledger)).await.ok().and_then(Result::ok);
        *seen = Some(Seen { at: Instant::now(), answer: answer.clone() });
        answer
    }

    /// What was seen does not hold any more.
    pub(super) async fn forget(&self) {
        *self.balance.lock().await = None;
        *self.life.lock().await = None;
    }
}
