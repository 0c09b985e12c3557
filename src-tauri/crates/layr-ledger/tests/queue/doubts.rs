//! Answers that are behind, or contradict each other: nothing is paid a second time on their word.

use std::sync::atomic::Ordering;

use layr_ledger::{EntryState, LedgerError};

use crate::fake_ledger::OnSend;
use crate::kit::{Kit, pay};

#[tokio::test]
async fn that_an_account_is_not_there_yet_gives_nothing_up() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::HoldBackAndHide(1)]);
    let paying = tokio::spawn({
        let queue = kit.queue.clone();
        async move { pay(&queue, "send:1", "5").await }
    });
    // A server that is a ledger behind the opening of the account has answered, and others are asked again.
    while kit.fake.world.lock().sends == 0 || kit.fake.world.lock().hides.is_some() {
        tokio::task::yield_now().await;
    }
    while kit.fake.world.lock().asked_since == 0 {
        tokio::task::yield_now().await;
    }
    kit.fake.world.lock().let_go();
    paying.await.unwrap().unwrap();
    assert_eq!(kit.paid(), [5]);
    assert!(kit.journal.entry("send:1").earlier_hashes.is_empty(), "signed once");
}

#[tokio::test]
async fn what_was_given_up_wrongly_and_comes_is_found_and_not_paid_again() {
    let kit = Kit::new().await;
    // The account is not there by the word of the latest ledger: all its numbers are used up.
    kit.fake.on_send([OnSend::HoldBackAndHide(0), OnSend::HoldBack]);
    let paying = tokio::spawn({
        let queue = kit.queue.clone();
        async move { pay(&queue, "send:1", "5").await }
    });
    while kit.fake.world.lock().sends < 2 {
        tokio::task::yield_now().await;
    }
    let entry = kit.journal.entry("send:1");
    let first = entry.earlier_hashes[0];
    assert_ne!(entry.hashes[0], first);
    // The first comes after all, and the second has its number.
    kit.fake.world.lock().let_go();
    let settled = paying.await.unwrap().unwrap();
    assert_eq!((kit.paid(), settled.hash), (vec![5], first));
    assert_eq!(pay(&kit.restarted(), "send:1", "5").await, Ok(settled));
    assert!(matches!(kit.journal.entry("send:1").state, EntryState::Settled { .. }));
}

#[tokio::test]
async fn what_was_given_up_in_an_earlier_run_is_looked_for_before_it_is_signed_anew() {
    let kit = Kit::new().await;
    let settled = kit.pay("send:1", "5").await.unwrap();
    let mut entry = kit.journal.entry("send:1");
    entry.state = EntryState::Dead;
    layr_ledger::Journal::write(&*kit.journal, &entry).await.unwrap();
    assert_eq!(pay(&kit.restarted(), "send:1", "5").await, Ok(settled));
    assert_eq!(kit.paid(), [5]);
}

#[tokio::test]
async fn a_number_that_was_used_by_the_transaction_itself_is_no_refusal() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::TakeUnseenAndRefuse("txBadSeq")]);
    kit.pay("send:1", "5").await.unwrap();
    assert_eq!(kit.paid(), [5]);
}

#[tokio::test]
async fn a_refused_payment_that_comes_after_all_is_not_paid_again_under_another_name() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::RefuseAndHoldBack("txBadAuth"), OnSend::HoldBack]);
    let refused = kit.pay("send:1", "5").await.unwrap_err();
    assert!(refused.to_string().ends_with("until 08:05 UTC"), "{refused}");
    // Its owner tries another name, with the same number; and then the network takes the refused one.
    let paying = tokio::spawn({
        let queue = kit.queue.clone();
        async move { pay(&queue, "send:2", "7").await }
    });
    while kit.fake.world.lock().sends < 2 {
        tokio::task::yield_now().await;
    }
    kit.fake.world.lock().let_go();
    let overtaken = Err(LedgerError::Overtaken { key: "send:1".to_owned() });
    assert_eq!(paying.await.unwrap(), overtaken);
    assert_eq!(pay(&kit.restarted(), "send:2", "7").await, overtaken, "also when it is asked for again");
    assert!(matches!(kit.journal.entry("send:1").state, EntryState::Settled { .. }));
    assert_eq!(kit.paid(), [5]);
    kit.pay("send:3", "5").await.unwrap();
    assert_eq!(kit.paid(), [5, 5]);
}

#[tokio::test]
async fn what_died_of_age_is_not_held_up_by_what_got_its_number_later() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::Refuse("txBadAuth")]);
    assert!(kit.pay("send:1", "5").await.is_err());
    assert_eq!(kit.queue.resume().await, Ok(false), "it may still come");
    kit.fake.world.lock().close(60, 301);
    assert_eq!(kit.queue.resume().await, Ok(true));
    kit.pay("send:2", "7").await.unwrap();
    kit.pay("send:1", "5").await.unwrap();
    assert_eq!(kit.paid(), [7, 5]);
}

#[tokio::test]
async fn a_full_disk_after_sending_is_not_told_as_nothing_sent() {
    let kit = Kit::new().await;
    kit.journal.refuses_decisions.store(true, Ordering::SeqCst);
    let reason = "the disk is full".to_owned();
    let unrecorded = Err(LedgerError::Unrecorded { reason });
    assert_eq!(kit.pay("send:1", "5").await, unrecorded);
    assert_eq!(kit.paid(), [5]);
    assert_eq!(kit.pay("send:1", "5").await, unrecorded);
    kit.journal.refuses_decisions.store(false, Ordering::SeqCst);
    kit.pay("send:1", "5").await.unwrap();
    assert_eq!(kit.paid(), [5]);
}
