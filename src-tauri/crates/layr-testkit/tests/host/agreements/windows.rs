//! Windows and receipts, and the end that both sign.

use layr_agreement::State;
use layr_ledger::agreement::Receipt;
use layr_node::wire::{Refusal, Response};

use super::market::{Market, WEEK_S};

#[tokio::test]
async fn a_term_is_proven_receipted_and_closed() {
    let market = Market::open().await;
    let before = market.host_balance().await;
    let opened = market.running(1..6).await;
    let (rent, calendar) = (opened.rent(), opened.calendar());
    let escrow = market.escrow(opened.place.escrow).await.unwrap();
    assert_eq!(escrow.slot(opened.place.host, 13).state, State::Active);
    assert_eq!(before - market.host_balance().await, opened.deal.seat.collateral_stroops);
    assert_eq!(market.tell(&opened).await, Response::Taken, "a repeat changes nothing");

    let mut proven = 0;
    for window in 0..calendar.windows {
        market.pass_until(calendar.question_s(window) + 60).await;
        let stream = market.ask_window(&opened, window).await.unwrap();
        proven |= 1 << window;
        let receipt = market.receipt(&opened, window + 1, proven, rent * u64::from(window + 1));
        assert_eq!(market.hand_over(stream, &receipt).await, Response::Taken);
        market.look().await;
    }
    let report = market.host.host_show().await.unwrap();
    let xlm = |stroops: u64| layr_ledger::Stroops::new(stroops).unwrap().to_string();
    assert_eq!(report.earned_xlm, xlm(13 * rent));
    assert_eq!(report.at_risk_xlm, xlm(opened.deal.seat.collateral_stroops));

    let whole = 13 * rent + opened.deal.seat.collateral_stroops;
    let end_s = calendar.begin_s(13);
    let refused = Response::Refused { reason: Refusal::TermsRefused };
    assert_eq!(market.ask_to_close(&opened, whole, end_s + 60).await, refused, "the last window runs");
    market.pass_until(end_s).await;
    let until_s = end_s + WEEK_S;
    assert_eq!(market.ask_to_close(&opened, whole - 1, until_s).await, refused, "less than is due");
    assert_eq!(market.ask_to_close(&opened, whole, until_s + 2 * WEEK_S).await, refused, "for long");
    assert_eq!(market.ask_to_close(&opened, whole, end_s - 60).await, refused, "over already");
    let answer = market.ask_to_close(&opened, whole, until_s).await;
    let Response::Closed { signature } = answer else { panic!("{answer:?}") };
    market.look().await;
    market.settle(&opened, whole, until_s, signature).await;
    market.look().await;
    let report = market.host.host_show().await.unwrap();
    assert_eq!((report.earned_xlm, report.at_risk_xlm), (xlm(13 * rent), "0".to_owned()));
    assert_eq!(market.host_balance().await, before + 13 * rent, "nothing was sent by the host");
    let gone = market.ask_to_close(&opened, whole, until_s).await;
    assert!(matches!(gone, Response::Refused { .. }), "{gone:?}");
    assert!(market.host.activity().await.unwrap().entries.is_empty());
}

#[tokio::test]
async fn a_receipt_that_takes_something_is_refused_and_the_one_before_stays() {
    let market = Market::open().await;
    let opened = market.running(1..3).await;
    let (rent, calendar) = (opened.rent(), opened.calendar());
    market.pass_until(calendar.question_s(0) + 60).await;
    let good = market.receipt(&opened, 1, 1, rent);
    let forged = Receipt { signature: [1; 64], ..good.clone() };
    let early = market.receipt(&opened, 2, 3, 2 * rent);
    let refused = Response::Refused { reason: Refusal::TermsRefused };
    for wrong in [forged, early, market.receipt(&opened, 1, 0, 0), market.receipt(&opened, 1, 1, rent - 1)] {
        let stream = market.ask_window(&opened, 0).await.unwrap();
        assert_eq!(market.hand_over(stream, &wrong).await, refused, "{wrong:?}");
    }
    let earned = async || market.host.host_show().await.unwrap().earned_xlm;
    assert_eq!(earned().await, "0");
    let stream = market.ask_window(&opened, 0).await.unwrap();
    assert_eq!(market.hand_over(stream, &good).await, Response::Taken);
    let kept = earned().await;
    assert_ne!(kept, "0");
    // Nor is anything that was taken given back.
    market.pass_until(calendar.question_s(1) + 60).await;
    for wrong in [market.receipt(&opened, 2, 0b10, 2 * rent), market.receipt(&opened, 1, 1, rent)] {
        let stream = market.ask_window(&opened, 1).await.unwrap();
        assert_eq!(market.hand_over(stream, &wrong).await, refused, "{wrong:?}");
    }
    assert_eq!(earned().await, kept);
}
