//! What an agreement is about changes while it runs: what a host signs for, what it is paid then, and what it may let go.

use layr_agreement::{ReceiptBody, RevisionBody, rent};
use layr_codec::ShardRoot;
use layr_node::wire::{Refusal, Response, WireRevision, WireRoot};

use super::market::{MIB, Market, Opened, PRICE, REFUND, priced};
use crate::caller::shard;

const REFUSED: Response = Response::Refused { reason: Refusal::TermsRefused };

async fn used(market: &Market) -> u64 {
    market.host.host_show().await.unwrap().used_bytes / MIB as u64
}

/// Has a window proven to the owner, who signs for it that so much is earned now, by this revision.
async fn proven(market: &Market, opened: &Opened, window: u32, (earned, revision): (u64, u32)) -> Response {
    market.pass_until(opened.calendar().question_s(window) + 60).await;
    let stream = market.ask_window(opened, window).await.unwrap();
    let body = ReceiptBody { decided: window + 1, proven: (1 << (window + 1)) - 1, earned, revision };
    market.hand_over(stream, &market.receipt_by(opened, body)).await
}

#[tokio::test]
async fn what_comes_in_counts_from_the_next_window_on_and_what_goes_is_kept_till_the_end_of_this_one() {
    let mut market = Market::open().await;
    let mut opened = market.running_with(1..4, 2048).await;
    let before = opened.rent();
    // One goes, and two come in.
    let (gone, _) = opened.deal.shards[0];
    assert!(market.owner.delete(&market.host, gone, market.owner.certificate()).await.unwrap());
    let mut shards = [&opened.deal.shards[1..], &market.stored(4..6).await].concat();
    shards.sort_by_key(|(root, _)| *root.as_bytes());
    let signature = market.revised(&opened, (1, 1), &shards).await;
    // A crash changes nothing of it: the same question has the same answer, another one under this number none.
    market.network.crash(&mut market.host).await;
    market.network.revive(&mut market.host).await;
    assert_eq!(market.revised(&opened, (1, 1), &shards).await, signature);
    let other = market.revision(&opened, (1, 1), &shards[1..]);
    assert_eq!(market.ask_to_revise(&opened, other, &shards[1..]).await, REFUSED);

    // The window that runs is asked for what it was about. Its receipt names what the next one is about, and nothing else is taken.
    market.look().await;
    assert_eq!(used(&market).await, 5);
    let wrong = proven(&market, &opened, 0, (before, 0)).await;
    assert_eq!(wrong, REFUSED, "with it more than the data could be proven on the ledger");
    assert_eq!(proven(&market, &opened, 0, (before, 2)).await, REFUSED, "there is no such revision");
    assert_eq!(proven(&market, &opened, 0, (before, 1)).await, Response::Taken);
    market.look().await;
    assert_eq!(used(&market).await, 5);

    market.pass_until(opened.calendar().begin_s(1) + 60).await;
    market.look().await;
    assert_eq!(used(&market).await, 4, "no window asks for it any more");
    assert_eq!(market.owner.get_all(&market.host, gone, MIB).await, Err(Refusal::NotFound));
    opened.follow(&shards);
    let after = opened.rent();
    assert!(after > before);
    assert_eq!(proven(&market, &opened, 1, (before + before, 1)).await, REFUSED, "it is about more now");
    assert_eq!(proven(&market, &opened, 1, (before + after, 1)).await, Response::Taken);
}

#[tokio::test]
async fn a_silent_owner_pays_by_the_revision_that_the_window_asks_for() {
    let market = Market::open().await;
    let mut opened = market.running_with(1..4, 2048).await;
    let (id, host) = (opened.place.escrow, opened.place.host);
    let mut shards = [&opened.deal.shards[..], &market.stored(4..6).await].concat();
    shards.sort_by_key(|(root, _)| *root.as_bytes());
    let before = opened.rent();
    // The newest one of two that begin with the same window is the one that counts.
    market.revised(&opened, (1, 1), &shards[1..]).await;
    market.revised(&opened, (4, 1), &shards).await;
    let slot = async |market: &Market| market.escrow(id).await.unwrap().slot(host, 13);
    let late = |window| opened.calendar().question_s(window) + 86_400;
    market.pass_until(late(0)).await;
    market.look().await;
    assert_eq!((slot(&market).await.earned, slot(&market).await.revision), (before + REFUND, 0));
    market.pass_until(late(1)).await;
    market.look().await;
    let after = rent(5 * 1024, PRICE).unwrap();
    assert_eq!((slot(&market).await.earned, slot(&market).await.revision), (before + after + 2 * REFUND, 4));
    // The owner comes back, and goes on from there.
    opened.follow(&shards);
    let earned = before + 2 * after + 2 * REFUND;
    assert_eq!(proven(&market, &opened, 2, (earned, 4)).await, Response::Taken);
    // All of it goes: nothing is asked any more, and nothing due.
    market.revised(&opened, (5, 3), &[]).await;
    opened.follow(&[]);
    assert_eq!(proven(&market, &opened, 3, (earned, 5)).await, Response::Taken);
}

/// A revision that is signed as it is.
fn altered(market: &Market, opened: &Opened, body: RevisionBody) -> WireRevision {
    let (domain, message) = market.network().revision_message(opened.place, &body).unwrap();
    WireRevision::of(&body, 0, market.owner.owner.sign(domain, &message).to_bytes())
}

#[tokio::test]
async fn what_is_not_paid_for_not_here_or_not_signed_is_refused_and_nothing_changes() {
    let market = Market::open().await;
    let mut opened = market.running_with(1..4, 1024).await;
    let mut shards = [&opened.deal.shards[..], &market.stored(4..5).await].concat();
    shards.sort_by_key(|(root, _)| *root.as_bytes());
    let good = market.revision(&opened, (1, 1), &shards);
    let body = good.body().unwrap();

    // What the deposit does not pay for in all windows.
    let mut more = [&shards[..], &market.stored(5..6).await].concat();
    more.sort_by_key(|(root, _)| *root.as_bytes());
    let dear = market.revision(&opened, (1, 1), &more);
    assert_eq!(market.ask_to_revise(&opened, dear, &more).await, REFUSED);
    // Windows that have begun, or that are far off.
    for first_window in [0, 2, 13] {
        let wrong = altered(&market, &opened, RevisionBody { first_window, ..body });
        assert_eq!(market.ask_to_revise(&opened, wrong, &shards).await, REFUSED, "{first_window}");
    }
    let unsigned = WireRevision::of(&body, 0, [1; 64]);
    assert_eq!(market.ask_to_revise(&opened, unsigned, &shards).await, REFUSED);
    assert_eq!(
        market.ask_to_revise(&opened, WireRevision::of(&body, 1, good.signature), &shards).await,
        REFUSED
    );
    // Another list than the one that was signed, and no revision at all.
    let of = |reason| Response::Refused { reason };
    let other = market.ask_to_revise(&opened, good, &shards[1..]).await;
    assert_eq!(other, of(Refusal::RootMismatch));
    for wrong in [RevisionBody { number: 0, ..body }, RevisionBody { number: u32::MAX, ..body }] {
        let wrong = altered(&market, &opened, wrong);
        assert_eq!(market.ask_to_revise(&opened, wrong, &shards).await, of(Refusal::BadRequest));
    }
    // What was never stored.
    let absent = ShardRoot::from_bytes([0xFF; 32]);
    let with_absent = [&opened.deal.shards[..], &[(absent, 1024)]].concat();
    let lacking = market.revision(&opened, (1, 1), &with_absent);
    let answer = market.ask_to_revise(&opened, lacking, &with_absent).await;
    assert_eq!(answer, Response::Lacking { roots: vec![WireRoot::from(absent)] });
    // Whoever is paused or asks for more now takes nothing new, and lets go all the same.
    market.host.host_pause().await.unwrap();
    assert_eq!(market.ask_to_revise(&opened, good, &shards).await, of(Refusal::Paused));
    market.host.host_resume().await.unwrap();
    market.host.host_set(priced("4")).await.unwrap();
    assert_eq!(market.ask_to_revise(&opened, good, &shards).await, REFUSED);
    market.revised(&opened, (1, 1), &opened.deal.shards[1..]).await;
    market.host.host_set(priced("3")).await.unwrap();

    // Nothing else was written down: the next window is about what was signed.
    let before = opened.rent();
    assert_eq!(proven(&market, &opened, 0, (before, 1)).await, Response::Taken);
    let kept = opened.deal.shards[1..].to_vec();
    opened.follow(&kept);
    assert_eq!(proven(&market, &opened, 1, (before + opened.rent(), 1)).await, Response::Taken);
}

#[tokio::test]
async fn a_body_that_was_lost_does_not_hinder_what_comes_in() {
    let market = Market::open().await;
    let opened = market.running_with(1..4, 1024).await;
    let (lost, _) = opened.deal.shards[0];
    let hex = lost.to_string();
    let body = market.host.home().join("vault/shards").join(&hex[..2]).join(&hex[2..4]).join(hex);
    std::fs::remove_file(body).unwrap();
    let mut shards = [&opened.deal.shards[..], &market.stored(4..5).await].concat();
    shards.sort_by_key(|(root, _)| *root.as_bytes());
    market.revised(&opened, (1, 1), &shards).await;
    assert!(market.owner.put(&market.host, &shard(9, MIB)).await.is_ok());
}
