//! The contract's code is archived when nobody pays for it: a node says so beforehand, stands still without losing anything, and restores it.

use layr_ledger::agreement::round_of;
use layr_ledger::{LedgerError, Stroops};
use layr_node::api::{
    ContractLifeReport, LedgerKeepPlan, LedgerKeepRequest, WalletHistoryRequest, WalletTransactionKind,
};
use layr_node::error::ErrorCode;

use super::market::{Market, Opened};

const DAY_S: u64 = 24 * 60 * 60;

impl Market {
    async fn life(&self) -> ContractLifeReport {
        self.host.wallet().await.unwrap().contract_life.expect("the life of a contract that is there")
    }

    /// Somebody publishes the round of a window.
    async fn publishes(&self, opened: &Opened, window: u32) -> Result<(), LedgerError> {
        let beacon = self.ledger.local_beacon().await.unwrap();
        let round = round_of(&beacon, &opened.deal.terms.calendar, window);
        let round = self.ledger.local_round(round).await.unwrap();
        self.tried(self.contract.beacon(round.round, &round.signature).unwrap()).await.map(drop)
    }
}

#[tokio::test]
async fn archived_code_is_told_and_restored_and_what_stood_still_goes_on() {
    let market = Market::open().await;
    let opened = market.running(1..3).await;
    let life = market.life().await;
    assert!(!life.is_archived && !life.is_short, "{life:?}");
    let end_s = opened.calendar().begin_s(13);
    market.pass_until(end_s + 60).await;
    let life = market.life().await;
    assert!(life.is_short && !life.is_archived, "{life:?}");

    // The code's 120 days are over, and the agreement is to be settled.
    market.pass_until(end_s + 35 * DAY_S).await;
    assert!(market.life().await.is_archived);
    assert!(market.host.status().await.unwrap().contract_life.unwrap().is_archived);
    let before = market.host_balance().await;
    let stands = market.host.agreements_check().await.unwrap();
    let [obstacle] = &stands.obstacles[..] else { panic!("{stands:?}") };
    assert!(
        obstacle.reason.contains("archived on this ledger; layr ledger keep restores it"),
        "{obstacle:?}"
    );
    // Of the rounds of these windows the newest is the only one that is still taken.
    assert_eq!(market.publishes(&opened, 12).await, Err(LedgerError::CodeArchived));
    assert_eq!(market.host_balance().await, before, "nothing was paid");

    let plan = market.host.ledger_keep_plan(LedgerKeepRequest::default()).await.unwrap();
    assert!(plan.restores && !plan.extends && plan.until > plan.life.live_until, "{plan:?}");
    // Who wants the longest life at once is told what both come to.
    let insists = LedgerKeepRequest { force: true, ..LedgerKeepRequest::default() };
    let both = market.host.ledger_keep_plan(insists.clone()).await.unwrap();
    assert!(both.restores && both.extends && both.until > plan.until, "{both:?}");
    let most = |plan: &LedgerKeepPlan| plan.fee_xlm.parse::<Stroops>().unwrap();
    assert!(Stroops::ZERO < most(&plan) && most(&plan) < most(&both), "{plan:?} {both:?}");
    let little = LedgerKeepRequest { fee_cap_xlm: Some("50".to_owned()), ..LedgerKeepRequest::default() };
    let refused = market.host.ledger_keep(little).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Conflict, "{refused:?}");
    assert_eq!(market.host_balance().await, before, "nothing was paid");

    let kept = market.host.ledger_keep(LedgerKeepRequest::default()).await.unwrap();
    assert!(kept.restored && !kept.extended && !kept.life.is_archived && !kept.life.is_short, "{kept:?}");
    let fee: Stroops = kept.fee_xlm.parse().unwrap();
    assert!(fee <= most(&plan), "{fee} of {plan:?}");
    assert_eq!(before - market.host_balance().await, fee.stroops());
    let newest =
        market.host.wallet_history(WalletHistoryRequest::default()).await.unwrap().transactions.remove(0);
    assert_eq!((newest.kind, &newest.transaction), (WalletTransactionKind::Keeping, &kept.transactions[0]));
    // All goes on where it stood, and what is paid for is not paid for twice.
    market.look().await;
    assert_eq!(market.publishes(&opened, 12).await, Ok(()));
    let again = market.host.ledger_keep(LedgerKeepRequest::default()).await.unwrap();
    assert!(again.transactions.is_empty() && again.fee_xlm == "0", "{again:?}");

    let plan = market.host.ledger_keep_plan(insists.clone()).await.unwrap();
    assert!(plan.extends && !plan.restores, "{plan:?}");
    let kept = market.host.ledger_keep(insists).await.unwrap();
    assert!(kept.extended && kept.life.live_until_ledger >= plan.until_ledger, "{kept:?} of {plan:?}");
    let extended: Stroops = kept.fee_xlm.parse().unwrap();
    assert!(Stroops::ZERO < extended && extended <= most(&plan), "{kept:?} of {plan:?}");
    assert!(fee.saturating_add(extended) <= most(&both), "{fee} and {extended} of {both:?}");
}
