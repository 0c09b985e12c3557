//! What is paid for stays, whatever its owner deletes.

use layr_codec::ShardRoot;
use layr_node::wire::{Refusal, Response};

use super::market::{MIB, Market, priced};
use crate::caller::{root_of_shard, shard};

const DAY_S: u64 = 24 * 60 * 60;

/// The bytes of one of the market's shards.
fn shard_of(root: ShardRoot) -> Vec<u8> {
    (1..4).map(|number| shard(number, MIB)).find(|shard| root_of_shard(shard) == root).unwrap()
}

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

/// The copy knows of the first term only, and the second is about the same.
#[tokio::test]
async fn what_is_paid_for_by_a_term_that_a_library_put_back_does_not_know_stays_until_that_is_over() {
    let mut market = Market::open().await;
    let opened = market.running(1..4).await;
    let (kept, gone) = (opened.deal.shards[0].0, opened.deal.shards[1].0);
    assert!(market.owner.delete(&market.host, gone, market.owner.certificate()).await.unwrap());
    market.network.kill(&mut market.host).await;
    let library = market.host.home().join("library.sqlite");
    let copy = market.network.scratch().join("copy.sqlite");
    assert!(!library.with_extension("sqlite-wal").exists(), "all of it is in one file");
    std::fs::copy(&library, &copy).unwrap();
    market.network.revive(&mut market.host).await;

    market.pass_until(opened.calendar().begin_s(6) + 60).await;
    assert_eq!(market.owner.put(&market.host, &shard_of(gone)).await.unwrap(), gone);
    let again = market.deal(opened.deal.shards.clone(), 2).await;
    let again = market.open_untold(again).await;
    market.network.kill(&mut market.host).await;
    std::fs::copy(&copy, &library).unwrap();
    market.network.revive(&mut market.host).await;

    let shards = async |market: &Market| market.host.host_show().await.unwrap().shards;
    let overdue_s = opened.calendar().settling_begins_s(13) + 60;
    let end_s = again.calendar().begin_s(13);
    for time_s in [overdue_s, overdue_s + DAY_S + 60, end_s + 28 * DAY_S - 60] {
        market.pass_until(time_s).await;
        market.look().await;
        assert_eq!(shards(&market).await, 3, "somebody may be paying for it");
    }
    assert!(market.owner.has(&market.host, kept).await);
    market.pass_until(end_s + 28 * DAY_S + 60).await;
    market.look().await;
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
