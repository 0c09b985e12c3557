//! What is paid for stays, whatever its owner deletes.

use layr_node::wire::{Refusal, Response};

use super::market::{MIB, Market, priced};
use crate::caller::shard;

const DAY_S: u64 = 24 * 60 * 60;

#[tokio::test]
async fn what_is_deleted_while_it_is_paid_for_is_gone_for_its_owner_and_proven_all_the_same() {
    let mut market = Market::open().await;
    let opened = market.running(1..4).await;
    let free = market.owner.put(&market.host, &shard(9, MIB)).await.unwrap();
    let used = async |market: &Market| market.host.host_show().await.unwrap().used_bytes / MIB as u64;
    let roots: Vec<_> = opened.deal.shards.iter().map(|(root, _)| *root).collect();
    for root in &roots {
        assert!(market.owner.delete(&market.host, *root, market.owner.certificate()).await.unwrap());
        assert!(!market.owner.has(&market.host, *root).await);
        let again = market.owner.delete(&market.host, *root, market.owner.certificate()).await.unwrap();
        assert!(!again, "it is gone already");
    }
    assert!(market.owner.delete(&market.host, free, market.owner.certificate()).await.unwrap());
    assert_eq!(used(&market).await, 3, "what nobody pays for goes");
    market.network.crash(&mut market.host).await;
    market.network.revive(&mut market.host).await;
    let calendar = opened.calendar();
    market.pass_until(calendar.question_s(0) + 60).await;
    let stream = market.ask_window(&opened, 0).await.unwrap();
    let receipt = market.receipt(&opened, 1, 1, opened.rent());
    assert_eq!(market.hand_over(stream, &receipt).await, Response::Taken);
    // One comes back: it is the owner's again, and stays.
    let back = (1..4).map(|number| shard(number, MIB)).next().unwrap();
    let back = market.owner.put(&market.host, &back).await.unwrap();
    assert!(market.owner.has(&market.host, back).await);
    market.look().await;
    assert_eq!(used(&market).await, 3);

    market.pass_until(calendar.settling_begins_s(13) + 60).await;
    market.look().await;
    assert_eq!(used(&market).await, 1, "the term is over");
    assert!(market.owner.has(&market.host, back).await);
    for root in roots.into_iter().filter(|root| *root != back) {
        assert_eq!(market.owner.get_all(&market.host, root, MIB).await, Err(Refusal::NotFound));
    }
}

/// The last term with an owner is over: its week of grace, and a day in which one who came back late agrees anew.
#[tokio::test]
async fn what_an_owner_pays_for_no_more_is_kept_for_its_grace_and_for_as_long_as_it_pays_for_anything() {
    let market = Market::open().await;
    let opened = market.running(1..4).await;
    let shards = async |market: &Market| market.host.host_show().await.unwrap().shards;
    let again = market.deal(opened.deal.shards[..2].to_vec(), 2).await;
    let again = market.open_untold(again).await;
    assert_eq!(market.tell(&again).await, Response::Taken);
    // One ends as both sign it: all windows but the one that is allowed were missed.
    let end_s = opened.calendar().begin_s(13);
    market.pass_until(end_s + 60).await;
    let collateral = opened.deal.seat.collateral_stroops;
    let (to_host, until_s) = (collateral - collateral * 12 / 13, end_s + 7 * DAY_S);
    let answer = market.ask_to_close(&opened, to_host, until_s).await;
    let Response::Closed { signature } = answer else { panic!("{answer:?}") };
    market.settle(&opened, to_host, until_s, signature).await;
    for days in [0, 10, 12] {
        market.pass_until(end_s + days * DAY_S + 120).await;
        market.look().await;
        assert_eq!(shards(&market).await, 3, "this owner pays for some of it");
    }
    let overdue_s = again.calendar().settling_begins_s(13) + 60;
    market.pass_until(overdue_s).await;
    market.look().await;
    market.pass_until(overdue_s + DAY_S - 60).await;
    market.look().await;
    assert_eq!(shards(&market).await, 3);
    market.pass_until(overdue_s + DAY_S + 60).await;
    market.look().await;
    assert_eq!(shards(&market).await, 0);
}

#[tokio::test]
async fn what_was_kept_for_nothing_once_is_not_deleted_for_want_of_payment() {
    let market = Market::open().await;
    let opened = market.running(1..4).await;
    let overdue_s = opened.calendar().settling_begins_s(13) + 60;
    market.pass_until(overdue_s).await;
    market.look().await;
    market.host.host_set(priced("0")).await.unwrap();
    market.look().await;
    market.host.host_set(priced("3")).await.unwrap();
    market.pass_until(overdue_s + 30 * DAY_S).await;
    market.look().await;
    assert_eq!(market.host.host_show().await.unwrap().shards, 3);
}
