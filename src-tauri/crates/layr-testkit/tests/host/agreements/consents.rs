//! Which terms a host consents to, and how often.

use layr_agreement::rent;
use layr_codec::ShardRoot;
use layr_keys::SignedRecord;
use layr_ledger::Stroops;
use layr_ledger::agreement::{EscrowId, Place, Seat};
use layr_node::api::{HostSettings, LeaveRequest, WalletSendRequest};
use layr_node::error::ErrorCode;
use layr_node::wire::{Offer, Refusal, Request, Response, WireKey, WireRoot};
use layr_testkit::SimNetwork;

use super::market::{Deal, MIB, Market, Opened, PRICE, REFUND, REFUNDS, priced};
use crate::caller::{Caller, shard};

const NO: fn(Refusal) -> Response = |reason| Response::Refused { reason };

#[tokio::test]
async fn terms_that_are_worse_than_the_offer_are_refused_one_by_one() {
    let market = Market::open().await;
    let shards = market.stored(1..3).await;
    let deal = market.deal(shards, 1).await;
    let refused = async |change: fn(&mut Deal)| {
        let mut worse = deal.clone();
        change(&mut worse);
        market.ask_to_agree(&worse).await
    };
    assert_eq!(refused(|deal| deal.seat.price_stroops_per_gib -= 1).await, NO(Refusal::TermsRefused));
    assert_eq!(refused(|deal| deal.seat.collateral_stroops += 1).await, NO(Refusal::TermsRefused));
    assert_eq!(refused(|deal| deal.seat.deposit_stroops -= 1).await, NO(Refusal::TermsRefused));
    assert_eq!(refused(|deal| deal.seat.proof_refund_stroops -= 1).await, NO(Refusal::TermsRefused));
    assert_eq!(refused(|deal| deal.seat.receipt_key = [1; 32]).await, NO(Refusal::TermsRefused));
    assert_eq!(refused(|deal| deal.seat.account = deal.terms.owner).await, NO(Refusal::TermsRefused));
    assert_eq!(refused(|deal| deal.terms.samples = 1).await, NO(Refusal::TermsRefused));
    assert_eq!(refused(|deal| deal.terms.missed_allowed = 0).await, NO(Refusal::TermsRefused));
    assert_eq!(refused(|deal| deal.terms.calendar.windows = 12).await, NO(Refusal::TermsRefused));
    assert_eq!(refused(|deal| deal.terms.calendar.first_window -= 1).await, NO(Refusal::TermsRefused));
    assert_eq!(refused(|deal| deal.terms.calendar.first_window += 5).await, NO(Refusal::TermsRefused));
    assert_eq!(
        refused(|deal| deal.terms.samples = 0).await,
        NO(Refusal::BadRequest),
        "what no contract takes"
    );
    // Of the list as well.
    assert_eq!(refused(|deal| deal.seat.data_root = [1; 32]).await, NO(Refusal::RootMismatch));
    assert_eq!(refused(|deal| deal.shards[0].1 += 1).await, NO(Refusal::RootMismatch));
    assert_eq!(refused(|deal| deal.shards.reverse()).await, NO(Refusal::BadRequest));
    // None of that was written down, or counts.
    market.host.host_set(priced("4")).await.unwrap();
    assert_eq!(market.ask_to_agree(&deal).await, NO(Refusal::TermsRefused), "it asks for more now");
    market.host.host_set(priced("0")).await.unwrap();
    assert_eq!(market.ask_to_agree(&deal).await, NO(Refusal::TermsRefused), "nobody pays who need not");
    market.host.host_set(priced("3")).await.unwrap();
    market.agreed(&deal).await;
}

#[tokio::test]
async fn shards_that_are_not_here_or_of_another_size_are_named() {
    let mut market = Market::open().await;
    let mut shards = market.stored(1..3).await;
    let here = shards.clone();
    // What is somebody else's is not this owner's.
    let other = Caller::new(&mut market.network, 2);
    let others = other.put(&market.host, &shard(50, MIB)).await.unwrap();
    let mut not_here = vec![ShardRoot::from_bytes([7; 32]), others];
    shards.extend(not_here.iter().map(|root| (*root, 1024)));
    shards.sort_by_key(|(root, _)| *root.as_bytes());
    not_here.sort_by_key(|root| *root.as_bytes());
    let deal = market.deal(shards, 1).await;
    let lacking = Response::Lacking { roots: not_here.into_iter().map(WireRoot::from).collect() };
    assert_eq!(market.ask_to_agree(&deal).await, lacking);
    let mut of_other_size = here.clone();
    of_other_size[1].1 = 1023;
    let deal = market.deal(of_other_size, 2).await;
    assert_eq!(market.ask_to_agree(&deal).await, Response::Lacking { roots: vec![here[1].0.into()] });
    let deal = market.deal(here, 3).await;
    market.agreed(&deal).await;
}

#[tokio::test]
async fn the_same_question_has_the_same_consent_and_there_are_not_many() {
    let mut market = Market::open().await;
    let shards = market.stored(1..3).await;
    let deal = market.deal(shards.clone(), 1).await;
    let first = market.ask_to_agree(&deal).await;
    assert!(matches!(first, Response::Consent { .. }), "{first:?}");
    market.network.kill(&mut market.host).await;
    market.network.revive(&mut market.host).await;
    assert_eq!(market.ask_to_agree(&deal).await, first, "also after a restart");
    for nonce in 2..=4 {
        market.agreed(&market.deal(shards.clone(), nonce).await).await;
    }
    let one_more = market.deal(shards.clone(), 5).await;
    assert_eq!(market.ask_to_agree(&one_more).await, NO(Refusal::Busy));
    assert_eq!(market.ask_to_agree(&deal).await, first);
    // When their time is over and nobody used them, there is room again.
    market.server.close(740, 3700).await;
    assert_eq!(market.ask_to_agree(&deal).await, NO(Refusal::Busy), "it may have been used");
    market.look().await;
    let again = market.ask_to_agree(&deal).await;
    assert!(matches!(again, Response::Consent { .. }) && again != first, "{again:?}");
    market.agreed(&one_more).await;
}

#[tokio::test]
async fn more_collateral_than_there_is_money_is_not_promised() {
    let market = Market::open().await;
    // The dearest there is: a MiB has 2 097 152 stroops a window, and 13 times that as collateral at 100 %.
    market.host.host_set(HostSettings { collateral_percent: Some(100), ..priced("900") }).await.unwrap();
    let shards = market.stored(1..3).await;
    let dear = async |nonce: u8, collateral: u64| {
        let mut deal = market.deal(shards.clone(), nonce).await;
        deal.seat.price_stroops_per_gib = 1 << 31;
        let rents = 13 * rent(deal.seat.leaves, 1 << 31).unwrap();
        deal.seat.deposit_stroops = rents + REFUNDS * REFUND;
        deal.seat.collateral_stroops = collateral.min(rents);
        deal
    };
    let all = dear(1, u64::MAX).await.seat.collateral_stroops;
    let spendable = market.ledger.account(dear(1, 0).await.seat.account).await.unwrap().spendable().stroops();
    // What two of them need and a lumen is more than is left when all but that was paid away.
    let keeps = 2 * all + 10_000_000;
    let away = Stroops::new(spendable - keeps).unwrap();
    let request = WalletSendRequest {
        destination: dear(1, 0).await.terms.owner.to_string(),
        amount_xlm: away.to_string(),
        memo: None,
        key: "away".to_owned(),
    };
    market.host.wallet_send(request).await.unwrap();
    market.agreed(&dear(1, u64::MAX).await).await;
    market.agreed(&dear(2, all).await).await;
    assert_eq!(market.ask_to_agree(&dear(3, all).await).await, NO(Refusal::CannotAfford));
    market.agreed(&dear(4, 1_000_000).await).await;
}

#[tokio::test]
async fn who_leaves_or_lends_no_more_agrees_to_nothing_new_and_keeps_to_what_runs() {
    let market = Market::open().await;
    let opened = market.running(1..3).await;
    let deal = market.deal(opened.deal.shards.clone(), 2).await;
    market.host.host_pause().await.unwrap();
    assert_eq!(market.ask_to_agree(&deal).await, NO(Refusal::Paused));
    market.host.host_resume().await.unwrap();
    market.host.host_leave(LeaveRequest::default()).await.unwrap();
    assert_eq!(market.ask_to_agree(&deal).await, NO(Refusal::NotHosting));
    market.host.host_stay().await.unwrap();
    let off = HostSettings { quota_bytes: Some(0), ..Default::default() };
    market.host.host_set(off).await.unwrap();
    assert_eq!(market.ask_to_agree(&deal).await, NO(Refusal::NotHosting));
    market.pass_until(opened.calendar().question_s(0) + 60).await;
    let stream = market.ask_window(&opened, 0).await.unwrap();
    let receipt = market.receipt(&opened, 1, 1, opened.rent());
    assert_eq!(market.hand_over(stream, &receipt).await, Response::Taken);
}

#[tokio::test]
async fn an_escrow_counts_when_the_ledger_has_it_and_is_its_owners() {
    let mut market = Market::open().await;
    let deal = market.deal(market.stored(1..3).await, 1).await;
    market.agreed(&deal).await;
    // Claimed, and not there.
    let hosts = [deal.seat.clone()];
    let seat = Seat::of(&hosts, 0).unwrap();
    let claimed = Request::Opened {
        certificate: market.owner.certificate(),
        escrow: WireKey(deal.terms.id(&hosts).unwrap().0),
        path: seat.path.encode(),
        hosts: 1,
    };
    assert_eq!(market.owner.ask(&market.host, &claimed).await, NO(Refusal::NotOnLedger));
    let opened = market.open_untold(deal).await;
    let other = Caller::new(&mut market.network, 7);
    let stolen = Request::Opened {
        certificate: other.certificate(),
        escrow: WireKey(opened.place.escrow.0),
        path: opened.seat.path.encode(),
        hosts: opened.hosts,
    };
    assert_eq!(other.ask(&market.host, &stolen).await, NO(Refusal::NoAgreement));
    assert_eq!(market.tell(&opened).await, Response::Taken);
    // Nor does anybody else get answers, or an end.
    market.pass_until(opened.calendar().question_s(0) + 60).await;
    let window = Request::Window {
        certificate: other.certificate(),
        escrow: WireKey(opened.place.escrow.0),
        host: opened.place.host,
        window: 0,
        randomness: WireKey([1; 32]),
    };
    assert_eq!(other.ask(&market.host, &window).await, NO(Refusal::NoAgreement));
    let close = Request::Close {
        certificate: other.certificate(),
        escrow: WireKey(opened.place.escrow.0),
        host: opened.place.host,
        to_host_stroops: u64::MAX,
        until_unix_s: market.now_s().await + 60,
    };
    assert_eq!(other.ask(&market.host, &close).await, NO(Refusal::NoAgreement));
    let nowhere = Place { escrow: EscrowId([9; 32]), ..opened.place };
    let lost = Opened { place: nowhere, ..opened };
    assert!(matches!(market.ask_window(&lost, 0).await, Err(Refusal::NoAgreement)));
}

#[tokio::test]
async fn the_offer_says_what_is_asked_for_and_whom_to_pay() {
    let market = Market::open().await;
    let offered = async || match market.owner.ask(&market.host, &Request::Offer).await {
        Response::Offer { record } => {
            Offer::decode_bounded(SignedRecord::decode(&record).unwrap().payload()).unwrap()
        }
        other => panic!("{other:?}"),
    };
    let account = *market.deal(vec![(ShardRoot::from_bytes([1; 32]), 1)], 1).await.seat.account.as_bytes();
    let offer = offered().await;
    assert_eq!(offer.price_stroops_per_gib_window, PRICE);
    assert_eq!((offer.account, offer.collateral_percent), (Some(WireKey(account)), Some(20)));
    assert_eq!(market.host.host_show().await.unwrap().limits.price_xlm_per_gib_month, "3");
    market.host.host_set(priced("0")).await.unwrap();
    let offer = offered().await;
    let free = (offer.price_stroops_per_gib_window, offer.account, offer.collateral_percent);
    assert_eq!(free, (0, None, None));
    for wrong in ["-1", "cheap", "921"] {
        let error = market.host.host_set(priced(wrong)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequest, "{wrong}");
    }
    let too_much = HostSettings { collateral_percent: Some(101), ..Default::default() };
    assert_eq!(market.host.host_set(too_much).await.unwrap_err().code, ErrorCode::InvalidRequest);
}

/// A friendly network: the host serves, asks for nothing, and no request about money does anything.
#[tokio::test(start_paused = true)]
async fn where_there_is_no_ledger_nobody_asks_for_money() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(4 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let root = caller.put(&host, &shard(1, 1024)).await.unwrap();
    let error = host.host_set(priced("1")).await.unwrap_err();
    assert!(error.code == ErrorCode::InvalidRequest && error.message.contains("no ledger"), "{error}");
    let report = host.host_set(priced("0")).await.unwrap();
    assert_eq!((report.earned_xlm.as_str(), report.limits.price_xlm_per_gib_month.as_str()), ("0", "0"));
    let close = Request::Close {
        certificate: caller.certificate(),
        escrow: WireKey([1; 32]),
        host: 0,
        to_host_stroops: 1,
        until_unix_s: 1,
    };
    assert_eq!(caller.ask(&host, &close).await, NO(Refusal::NoAgreement));
    assert!(caller.delete(&host, root, caller.certificate()).await.unwrap());
    assert!(!caller.has(&host, root).await);
}
