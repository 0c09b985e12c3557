//! What a window is asked by: the beacon, and where that is silent, the owner itself, on the ledger, so that its hosts can prove there what it takes no
//! answer to.

use layr_agreement::Calendar;
use layr_keys::Domain;
use layr_ledger::Stroops;
use layr_ledger::agreement::Place;
use sha2::{Digest as _, Sha256};

use super::{Agreement, Paying, PayingError, now_s};

/// Two tenths of a lumen for a question of ours, which is one for all hosts of an escrow: measured as 0.020.
const QUESTION_FEE_CAP: Stroops = Stroops::small(2_000_000);
/// For this part of the response time the beacon is waited for: asking costs a fee.
const BEACON_IS_AWAITED_PART: u64 = 4;
/// In this part of it the contract takes an owner's question.
const ASKING_PART: u64 = 2;
/// A transaction is valid for so long.
const TRANSACTION_S: u64 = 300;
/// What our questions are drawn from. They are signatures, hashed: nobody else knows them before, and whoever asks again after a crash, or on
/// another device, asks the same.
const SEED: Domain = Domain::new("layr/v1/window-seed");

impl Paying {
    /// What a window's question is drawn from.
    pub(super) async fn randomness_of(
        &self,
        agreement: &Agreement,
        place: Place,
        window: u32,
    ) -> Result<[u8; 32], PayingError> {
        let ledger = &self.shared.ledger;
        let calendar = &agreement.terms.calendar;
        let silent = match ledger.asked(calendar, place.escrow, window).await {
            Ok(asked) => return Ok(*asked.randomness()),
            Err(silent) => silent,
        };
        let tip = ledger.tip().await?;
        let Some(seat) = agreement.seat().filter(|_| is_ours_to_ask(calendar, window, now_s(&tip))) else {
            return Err(silent.into());
        };
        let seed = self.seed(place, window);
        let question =
            ledger.contract().challenge((&agreement.terms, &seat), place.escrow, (window, &seed))?;
        let key = format!("challenge:{}:{}:{window}", place.escrow, place.host);
        let asked = ledger.submit(&key, question, QUESTION_FEE_CAP).await;
        if let Err(error) = asked {
            // All hosts of an escrow are looked after at once, and the first one's seat asks for all of them.
            let found = ledger.question_of_owner(place.escrow, window).await?;
            return found.ok_or_else(|| error.into());
        }
        tracing::info!(escrow = %place.escrow, window, %silent, "a window was asked for on the ledger");
        Ok(seed)
    }

    fn seed(&self, place: Place, window: u32) -> [u8; 32] {
        let network = self.shared.ledger.network();
        let message =
            [&network.network_id[..], network.contract.as_bytes(), &place.escrow.0, &window.to_be_bytes()];
        Sha256::digest(self.shared.keys.sign(SEED, &message.concat()).to_bytes()).into()
    }
}

/// Whether the beacon was waited for long enough, and a question of ours still comes in time.
fn is_ours_to_ask(calendar: &Calendar, window: u32, now_s: u64) -> bool {
    let (question_s, response_s) = (calendar.question_s(window), u64::from(calendar.response_s));
    let from_s = question_s.saturating_add(response_s / BEACON_IS_AWAITED_PART);
    let until_s = question_s.saturating_add(response_s / ASKING_PART).saturating_sub(TRANSACTION_S);
    (from_s..until_s).contains(&now_s)
}

#[cfg(test)]
mod tests {
    use super::is_ours_to_ask;
    use crate::agreements::{FirstWindow, calendar};

    #[test]
    fn the_beacon_is_waited_for_and_the_contract_is_not_asked_too_late() {
        let calendar = calendar(1_900_000_000, FirstWindow::Soonest);
        let question_s = calendar.question_s(3);
        let half_s = u64::from(calendar.response_s) / 2;
        let asks = |after_s: u64| is_ours_to_ask(&calendar, 3, question_s + after_s);
        assert!(!asks(0) && !asks(half_s / 2 - 1));
        assert!(asks(half_s / 2) && asks(half_s - 301));
        assert!(!asks(half_s - 300));
    }
}
