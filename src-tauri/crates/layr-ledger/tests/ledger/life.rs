//! The contract's code as months pass: archived where nobody pays for it, restored and kept alive by whoever does.

use layr_ledger::agreement::{EscrowTerms, Offer};
use layr_ledger::{Intent, Keep, LedgerError, Settled, Stroops};

use crate::agreement::Market;
use crate::kit::{Purse, lumens};

const DAY_LEDGERS: u32 = 17_280;
/// What a ledger gives code that comes onto it or comes back: 120 days.
const RESTORED: u32 = 120 * DAY_LEDGERS;
/// What can be paid for: 180 days, the ledger at hand included.
const LONGEST: u32 = 180 * DAY_LEDGERS - 1;

impl Market {
    async fn pass_days(&self, days: u32) {
        let ledgers = days * DAY_LEDGERS;
        self.net.server.close(ledgers, u64::from(ledgers) * 5).await;
    }

    /// Opens an escrow with one host that may join later.
    async fn opened(&self, nonce: u8) -> Result<Settled, LedgerError> {
        let terms = EscrowTerms { nonce: [nonce; 16], ..self.terms().await };
        let offers = [Offer { terms: self.host_terms(0), consent: None }];
        self.call(&self.owner, self.contract.open(&terms, &offers)?).await
    }
}

async fn submitted(by: &Purse, key: &str, keep: Keep, cap: &str) -> Result<Settled, LedgerError> {
    by.queue.submit(key, &Intent::Keep(keep), lumens(cap)).await
}

#[tokio::test]
async fn a_call_of_archived_code_is_refused_by_name_until_somebody_restores_it() {
    let market = Market::open().await;
    let usual = market.opened(1).await.unwrap().fee;
    let keeper = market.net.funded(7).await;
    let ledger = &market.net.ledger;
    let life = market.contract.life(ledger).await.unwrap();
    assert!(!life.is_archived() && life.restoring().is_none());
    assert_eq!((life.restored_life, life.longest, life.ledger_ms), (RESTORED, LONGEST, 5000));

    market.pass_days(121).await;
    let before = market.net.balance(market.owner.queue.account()).await;
    assert_eq!(market.opened(2).await, Err(LedgerError::CodeArchived));
    assert_eq!(market.net.balance(market.owner.queue.account()).await, before, "nothing was paid");
    let life = market.contract.life(ledger).await.unwrap();
    assert!(life.is_archived() && life.extending().is_none());
    assert_eq!(life.left_s(), 0);

    let restoring = life.restoring().unwrap();
    let price = keeper.queue.plan_keeping(&restoring).await.unwrap();
    assert!((lumens("80")..lumens("110")).contains(&price), "{price}");
    let refused = submitted(&keeper, "keep", restoring.clone(), "50").await;
    assert!(matches!(refused, Err(LedgerError::FeeAboveCap { .. })), "{refused:?}");
    let kept = submitted(&keeper, "keep", restoring.clone(), "110").await.unwrap();
    assert!(kept.fee <= price && kept.fee > lumens("70"), "{}", kept.fee);
    assert_eq!(submitted(&keeper, "keep", restoring, "110").await, Ok(kept.clone()), "once");
    let paid = lumens("10000").checked_sub(market.net.balance(keeper.queue.account()).await).unwrap();
    assert_eq!(paid, kept.fee);
    let life = market.contract.life(ledger).await.unwrap();
    assert_eq!((life.live_until, life.is_archived()), (kept.ledger + RESTORED - 1, false));

    let after = market.opened(3).await.unwrap().fee;
    // What else was archived with it, the token's balance of the contract, comes back with the call.
    assert!(after < usual.saturating_add(lumens("0.2")), "{usual} before, {after} after");
}

#[tokio::test]
async fn code_that_is_kept_alive_costs_no_caller_anything() {
    let market = Market::open().await;
    let usual = market.opened(1).await.unwrap().fee;
    let keeper = market.net.funded(7).await;
    let life = market.contract.life(&market.net.ledger).await.unwrap();
    let kept = submitted(&keeper, "keep", life.extending().unwrap(), "160").await.unwrap();
    // 60 days of what 120 cost.
    assert!((lumens("30")..lumens("60")).contains(&kept.fee), "{}", kept.fee);
    let life = market.contract.life(&market.net.ledger).await.unwrap();
    assert_eq!(life.live_until, kept.ledger + LONGEST);

    market.pass_days(179).await;
    let after = market.opened(2).await.unwrap().fee;
    assert!(after < usual.saturating_add(lumens("0.2")), "{usual} before, {after} after");
    assert_ne!(after, Stroops::ZERO);
    // What is due is told by its end.
    let life = market.contract.life(&market.net.ledger).await.unwrap();
    assert!((1..2 * 86_400).contains(&life.left_s()), "{}", life.left_s());
}
