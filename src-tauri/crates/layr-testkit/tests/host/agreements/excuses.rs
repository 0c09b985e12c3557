//! A beacon that is silent, and what a host does then.

use layr_agreement::{EXCUSE_AFTER_S, Slot};
use layr_ledger::agreement::round_of;
use layr_node::wire::{Refusal, Response};

use super::market::{Market, Opened, REFUND, WEEK_S};

impl Market {
    async fn slot(&self, opened: &Opened) -> Slot {
        let escrow = self.escrow(opened.place.escrow).await.unwrap();
        escrow.slot(opened.place.host, opened.calendar().windows)
    }

    /// What was proven and earned by what the ledger has.
    async fn counted(&self, opened: &Opened) -> (u32, u64) {
        let slot = self.slot(opened).await;
        (slot.proven, slot.earned)
    }

    /// The owner publishes the round of a window.
    async fn publish(&self, opened: &Opened, window: u32) {
        let beacon = self.ledger.local_beacon().await.unwrap();
        let round = round_of(&beacon, &opened.calendar(), window);
        let round = self.ledger.local_round(round).await.unwrap();
        self.call(self.contract.beacon(round.round, &round.signature).unwrap()).await;
    }
}

#[tokio::test]
async fn a_host_is_excused_from_what_nobody_asked_for_and_paid_to_the_end() {
    let market = Market::open().await;
    let opened = market.running(1..6).await;
    let (rent, calendar) = (opened.rent(), opened.calendar());
    market.pass_until(calendar.question_s(0) + 60).await;
    let stream = market.ask_window(&opened, 0).await.unwrap();
    market.hand_over(stream, &market.receipt(&opened, 1, 1, rent)).await;
    market.server.silence_beacon(true);
    market.pass_until(calendar.begin_s(2) - 3600).await;
    let hindered = market.host.agreements_check().await.unwrap();
    assert_eq!(hindered.obstacles.len(), 1, "there is nothing to prove by: {hindered:?}");
    let (mut proven, unpaid) = (1, market.host_balance().await);
    for window in 1..calendar.windows {
        market.pass_until(calendar.begin_s(window + 1) + EXCUSE_AFTER_S - 60).await;
        // Another window is due meanwhile, and nothing there to prove it by.
        market.host.agreements_check().await.unwrap();
        assert_eq!(market.slot(&opened).await.proven.count_ones(), if window == 1 { 0 } else { window });
        market.pass_until(calendar.begin_s(window + 1) + EXCUSE_AFTER_S + 60).await;
        market.look().await;
        proven |= 1 << window;
        // The receipt for the first one was shown before.
        assert_eq!(market.counted(&opened).await, (proven, u64::from(window + 1) * rent), "window {window}");
    }
    let before = market.host_balance().await;
    println!("a receipt and twelve excuses: {} stroops", unpaid - before);
    market.pass_until(calendar.settling_begins_s(13) + 60).await;
    market.look().await;
    let due = 13 * rent + opened.deal.seat.collateral_stroops;
    let fee = before + due - market.host_balance().await;
    assert!((1..1_000_000).contains(&fee), "settling cost {fee}");
}

#[tokio::test]
async fn a_host_is_not_excused_where_anybody_published_a_newer_round_and_pays_nothing_to_learn_it() {
    let mut market = Market::open().await;
    let opened = market.running(1..4).await;
    let calendar = opened.calendar();
    market.network.kill(&mut market.host).await;
    market.pass_until(calendar.begin_s(1) + 86_400).await;
    market.publish(&opened, 0).await;
    market.pass_until(calendar.begin_s(1) + EXCUSE_AFTER_S + 60).await;
    market.network.revive(&mut market.host).await;
    let before = market.host_balance().await;
    market.look().await;
    assert_eq!(market.counted(&opened).await, (0, 0));
    assert_eq!(market.host_balance().await, before);
    // What came after that round nobody refuted.
    market.pass_until(calendar.begin_s(2) + EXCUSE_AFTER_S + 60).await;
    market.look().await;
    assert_eq!(market.counted(&opened).await, (0b10, opened.rent()));
}

#[tokio::test]
async fn a_host_proves_to_an_owner_that_asks_without_a_beacon_and_is_not_excused_beside_it() {
    let market = Market::open().await;
    let opened = market.running(1..6).await;
    let calendar = opened.calendar();
    market.server.silence_beacon(true);
    let ask = async |window: u32| {
        market.pass_until(calendar.question_s(window) + 3600).await;
        let by = (&opened.deal.terms, &opened.seat);
        let question = market.contract.challenge(by, opened.place.escrow, (window, &[5; 32])).unwrap();
        market.call(question).await;
    };
    ask(0).await;
    market.look().await;
    assert_eq!(market.counted(&opened).await, (0, 0), "half of the time is the owner's");
    market.pass_until(calendar.question_s(0) + 86_400).await;
    market.look().await;
    market.look().await;
    assert_eq!(market.counted(&opened).await, (1, opened.rent() + REFUND));
    // One that it could have proven, and did not.
    ask(1).await;
    market.pass_until(calendar.begin_s(2) + EXCUSE_AFTER_S + 60).await;
    let before = market.host_balance().await;
    market.look().await;
    assert_eq!(market.counted(&opened).await, (1, opened.rent() + REFUND));
    assert_eq!(market.host_balance().await, before);
}

/// Twelve windows count by a receipt, and about the last one nobody asked.
async fn without_the_last(market: &Market) -> Opened {
    let opened = market.running(1..3).await;
    let (rent, calendar) = (opened.rent(), opened.calendar());
    market.pass_until(calendar.question_s(11) + 60).await;
    let stream = market.ask_window(&opened, 11).await.unwrap();
    let receipt = market.receipt(&opened, 12, (1 << 12) - 1, 12 * rent);
    assert_eq!(market.hand_over(stream, &receipt).await, Response::Taken);
    market.server.silence_beacon(true);
    market.pass_until(calendar.begin_s(13) + 60).await;
    opened
}

#[tokio::test]
async fn a_host_signs_for_the_end_once_it_was_excused_from_what_nobody_asked_for() {
    let market = Market::open().await;
    let opened = without_the_last(&market).await;
    let (rent, end_s) = (opened.rent(), opened.calendar().begin_s(13));
    let collateral = opened.deal.seat.collateral_stroops;
    let ask = async |windows: u64| {
        let until_s = market.now_s().await + WEEK_S;
        (market.ask_to_close(&opened, windows * rent + collateral, until_s).await, until_s)
    };
    let later = Response::Refused { reason: Refusal::NotYet };
    assert_eq!(ask(12).await.0, later);
    market.pass_until(end_s + EXCUSE_AFTER_S - 60).await;
    market.look().await;
    assert_eq!(ask(12).await.0, later);
    market.pass_until(end_s + EXCUSE_AFTER_S + 60).await;
    assert_eq!(ask(12).await.0, later, "it was not excused yet");
    market.look().await;
    assert_eq!(market.counted(&opened).await, ((1 << 13) - 1, 13 * rent));
    let less = ask(12).await.0;
    assert_eq!(less, Response::Refused { reason: Refusal::TermsRefused });
    let (answer, until_s) = ask(13).await;
    let Response::Closed { signature } = answer else { panic!("{answer:?}") };
    market.settle(&opened, 13 * rent + collateral, until_s, signature).await;
}

#[tokio::test]
async fn a_host_signs_for_the_end_at_once_where_somebody_asked_and_it_was_away() {
    let market = Market::open().await;
    let opened = without_the_last(&market).await;
    let due = 12 * opened.rent() + opened.deal.seat.collateral_stroops;
    market.server.silence_beacon(false);
    market.publish(&opened, 12).await;
    let answer = market.ask_to_close(&opened, due, market.now_s().await + WEEK_S).await;
    assert!(matches!(answer, Response::Closed { .. }), "{answer:?}");
}
