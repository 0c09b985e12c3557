//! An owner that is silent, in the hope that a host forgets about its money.

use layr_agreement::State;
use layr_ledger::Stroops;
use layr_ledger::agreement::{HostTerms, Offer, Place, Seat};
use layr_node::wire::Response;

use super::market::{Market, Opened, REFUND};

/// What twelve rounds of the beacon cost who publishes all of them, in stroops: 0.05 lumens the first, 0.028 one in three weeks, 0.004 the others.
const ROUNDS: u64 = 500_000 + 3 * 280_000 + 8 * 40_000;

#[tokio::test]
async fn an_escrow_that_nobody_tells_of_is_found() {
    let market = Market::open().await;
    let deal = market.deal(market.stored(1..4).await, 1).await;
    let unused = market.deal(deal.shards.clone(), 2).await;
    market.agreed(&unused).await;
    let opened = market.open_untold(deal).await;
    market.look().await;
    let report = market.host.host_show().await.unwrap();
    let collateral = Stroops::new(opened.deal.seat.collateral_stroops).unwrap().to_string();
    assert_eq!(report.at_risk_xlm, collateral);
    // It knows its place: it answers, and is told nothing new.
    market.pass_until(opened.calendar().question_s(0) + 60).await;
    market.ask_window(&opened, 0).await.unwrap();
    assert_eq!(market.tell(&opened).await, Response::Taken);
    // The consent that was not used is over, and counts no more.
    market.look().await;
    assert_eq!(market.host.host_show().await.unwrap().at_risk_xlm, collateral);
}

#[tokio::test]
async fn an_escrow_is_found_that_was_opened_while_the_host_was_away() {
    let mut market = Market::open().await;
    let deal = market.deal(market.stored(1..4).await, 1).await;
    let consent = market.agreed(&deal).await;
    market.network.kill(&mut market.host).await;
    let opened = market.open_with(deal, consent).await;
    // Longer than the consent holds, and not longer than servers remember.
    market.pass_until(market.now_s().await + 3 * 3600).await;
    market.network.revive(&mut market.host).await;
    market.look().await;
    market.pass_until(opened.calendar().question_s(0) + 86_400).await;
    market.look().await;
    let slot = market.escrow(opened.place.escrow).await.unwrap().slot(opened.place.host, 13);
    assert_eq!((slot.decided, slot.proven), (1, 1), "it is found, and proven in time");
}

#[tokio::test]
async fn an_escrow_is_found_among_parts_that_only_look_like_it() {
    let market = Market::open().await;
    let deal = market.deal(market.stored(1..4).await, 1).await;
    let consent = market.agreed(&deal).await;
    let other = HostTerms { receipt_key: [3; 32], ..deal.seat.clone() };
    let offered = |terms: &HostTerms| Offer { terms: terms.clone(), consent: None };

    // One escrow on these terms that the host did not join, and that the owner takes back.
    let decoy = [deal.seat.clone()];
    market.call(market.contract.open(&deal.terms, &[offered(&deal.seat)]).unwrap()).await;
    let place = (deal.terms.id(&decoy).unwrap(), 0);
    let seat = Seat::of(&decoy, 0).unwrap();
    market.call(market.contract.withdraw(&deal.terms, &seat, place).unwrap()).await;
    assert_eq!(market.escrow(place.0).await.unwrap().slot(0, 13).state, State::Closed);

    // And one in which the same part is offered once more, before the one that it consented to.
    let hosts = [other.clone(), deal.seat.clone(), deal.seat.clone()];
    let joined = Offer { terms: deal.seat.clone(), consent: Some(consent) };
    let offers = [offered(&other), offered(&deal.seat), joined];
    market.call(market.contract.open(&deal.terms, &offers).unwrap()).await;
    let place = Place { escrow: deal.terms.id(&hosts).unwrap(), host: 2 };
    let opened = Opened { deal, place, seat: Seat::of(&hosts, 2).unwrap(), hosts: 3 };

    market.look().await;
    market.pass_until(opened.calendar().question_s(0) + 86_400).await;
    market.look().await;
    let slot = market.escrow(place.escrow).await.unwrap().slot(2, 13);
    assert_eq!((slot.state, slot.decided, slot.proven), (State::Active, 1, 1), "it is found, and proven");
    assert_eq!(market.tell(&opened).await, Response::Taken);
}

#[tokio::test]
async fn a_silent_owner_pays_for_what_is_proven_on_the_ledger() {
    let market = Market::open().await;
    let before = market.host_balance().await;
    let opened = market.running(1..6).await;
    let (rent, calendar) = (opened.rent(), opened.calendar());
    let (id, host) = (opened.place.escrow, opened.place.host);
    // The owner asks for the first window, and never again.
    market.pass_until(calendar.question_s(0) + 60).await;
    let stream = market.ask_window(&opened, 0).await.unwrap();
    let receipt = market.receipt(&opened, 1, 1, rent);
    assert_eq!(market.hand_over(stream, &receipt).await, Response::Taken);
    for window in 1..calendar.windows {
        market.pass_until(calendar.question_s(window) + 60).await;
        market.look().await;
        let slot = market.escrow(id).await.unwrap().slot(host, 13);
        assert_eq!(slot.decided, if window == 1 { 0 } else { window }, "half of the time is the owner's");
        market.pass_until(calendar.question_s(window) + 86_400).await;
        market.look().await;
        market.look().await;
        let slot = market.escrow(id).await.unwrap().slot(host, 13);
        assert_eq!((slot.decided, slot.proven), (window + 1, (1 << (window + 1)) - 1));
    }
    // As much as the deposit has room for: twelve refunds are more than that.
    let most = opened.deal.seat.deposit_stroops;
    let earned = (13 * rent + 12 * REFUND).min(most);
    assert_eq!(market.escrow(id).await.unwrap().slot(host, 13).earned, earned);
    let report = market.host.host_show().await.unwrap();
    assert_eq!(report.earned_xlm, Stroops::new(earned).unwrap().to_string());

    market.pass_until(calendar.settling_begins_s(13) - 60).await;
    market.look().await;
    let waiting = market.host_balance().await;
    market.pass_until(calendar.settling_begins_s(13) + 60).await;
    market.look().await;
    let paid = market.host_balance().await - waiting;
    let due = earned + opened.deal.seat.collateral_stroops;
    // Less the fee of settling.
    assert!((due - 1_000_000..=due).contains(&paid), "{paid} of {due}");
    let after = market.host_balance().await;
    // Its proofs cost it nothing of its rent; that nobody else published a round for it to prove by does.
    assert!(after + ROUNDS >= before + 13 * rent, "{before} {after}");
    assert_eq!(market.host.host_show().await.unwrap().at_risk_xlm, "0");
    market.look().await;
    assert!(market.host.activity().await.unwrap().entries.is_empty());
}

#[tokio::test]
async fn a_receipt_is_shown_before_anybody_can_settle_without_it() {
    let market = Market::open().await;
    let opened = market.running(1..3).await;
    let (rent, calendar) = (opened.rent(), opened.calendar());
    let (id, host) = (opened.place.escrow, opened.place.host);
    market.pass_until(calendar.question_s(12) + 60).await;
    // An owner that gives all windows for one.
    let stream = market.ask_window(&opened, 12).await.unwrap();
    let receipt = market.receipt(&opened, 13, (1 << 13) - 1, 13 * rent);
    assert_eq!(market.hand_over(stream, &receipt).await, Response::Taken);
    market.pass_until(calendar.begin_s(13) + 3600).await;
    market.look().await;
    assert_eq!(market.escrow(id).await.unwrap().slot(host, 13).decided, 0, "the owner may close it");
    market.pass_until(calendar.begin_s(13) + 86_400).await;
    market.look().await;
    let slot = market.escrow(id).await.unwrap().slot(host, 13);
    assert_eq!((slot.decided, slot.earned), (13, 13 * rent));
}

#[tokio::test]
async fn a_host_that_was_away_tells_its_person_what_it_missed() {
    let mut market = Market::open().await;
    let opened = market.running(1..3).await;
    market.network.kill(&mut market.host).await;
    market.pass_until(opened.calendar().begin_s(1) + 60).await;
    market.network.revive(&mut market.host).await;
    market.look().await;
    let told = market.host.activity().await.unwrap().entries;
    assert!(told.is_empty(), "its owner may ask late: {told:?}");
    market.network.kill(&mut market.host).await;
    market.pass_until(opened.calendar().begin_s(2) + 86_400).await;
    market.network.revive(&mut market.host).await;
    market.look().await;
    let told = market.host.activity().await.unwrap().entries;
    assert!(told.is_empty(), "its owner may have been without a ledger as long: {told:?}");
    // It looks on without a break.
    for _ in 0..2 {
        market.pass_until(market.now_s().await + 43_200 + 60).await;
        market.look().await;
    }
    market.look().await;
    let told = market.host.activity().await.unwrap().entries;
    let missed: Vec<_> = told.iter().filter(|entry| entry.kind == "window_missed").collect();
    assert!(missed.len() == 1 && missed[0].text.starts_with("2 weeks"), "{told:?}");
    // Nothing was proven: two windows beyond the one that is free cost two thirteenths in the end.
    market.network.kill(&mut market.host).await;
    market.pass_until(opened.calendar().settling_begins_s(13) + 60).await;
    market.network.revive(&mut market.host).await;
    market.look().await;
    let told = market.host.activity().await.unwrap().entries;
    assert!(told.iter().any(|entry| entry.kind == "collateral_lost"), "{told:?}");
}
