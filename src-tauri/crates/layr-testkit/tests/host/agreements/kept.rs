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
async fn what_nobody_pays_for_any_more_is_kept_for_its_grace_and_what_is_agreed_on_anew_for_longer() {
    let market = Market::open().await;
    let opened = market.running(1..4).await;
    let shards = async |market: &Market| market.host.host_show().await.unwrap().shards;
    market.pass_until(opened.calendar().begin_s(12) + 60).await;
    let again = market.deal(opened.deal.shards[..2].to_vec(), 2).await;
    let again = market.open_untold(again).await;
    assert_eq!(market.tell(&again).await, Response::Taken);
    let overdue_s = opened.calendar().settling_begins_s(13) + 60;
    market.pass_until(overdue_s).await;
    market.look().await;
    market.pass_until(overdue_s + DAY_S - 60).await;
    market.look().await;
    assert_eq!(shards(&market).await, 3);

    // Whoever stores for nothing keeps it.
    market.host.host_set(priced("0")).await.unwrap();
    market.pass_until(overdue_s + 2 * DAY_S).await;
    market.look().await;
    assert_eq!(shards(&market).await, 3);
    market.host.host_set(priced("3")).await.unwrap();
    market.look().await;
    assert_eq!(shards(&market).await, 2);
    for (root, _) in &opened.deal.shards {
        let is_paid = again.deal.shards.iter().any(|(paid, _)| paid == root);
        assert_eq!(market.owner.has(&market.host, *root).await, is_paid);
    }
}

#[tokio::test]
async fn what_a_consent_is_about_stays_until_it_came_to_nothing() {
    let market = Market::open().await;
    let deal = market.deal(market.stored(1..3).await, 1).await;
    market.agreed(&deal).await;
    for (root, _) in &deal.shards {
        assert!(market.owner.delete(&market.host, *root, market.owner.certificate()).await.unwrap());
    }
    market.look().await;
    assert_eq!(market.host.host_show().await.unwrap().shards, 2);
    market.server.close(740, 3700).await;
    market.look().await;
    assert_eq!(market.host.host_show().await.unwrap().shards, 0);
}
