//! Crashes, lost answers, refusals: what was signed is sent again, and something else is signed only when it can never be taken in.

use std::sync::atomic::Ordering;

use layr_ledger::{EntryState, JournalEntry, LedgerError};

use crate::fake_ledger::{OnSend, network_id};
use crate::kit::{Kit, pay};

/// Later than anything that was signed is valid, by the ledger's clock.
const AFTER_ALL_S: u64 = 301;

#[tokio::test]
async fn a_crash_between_writing_and_sending_pays_once() {
    let kit = Kit::new().await;
    kit.journal.crash_after_write.store(true, Ordering::SeqCst);
    assert!(matches!(kit.pay("send:1", "5").await, Err(LedgerError::Journal { .. })));
    assert_eq!(kit.fake.world.lock().sends, 0);
    let signed = kit.journal.entry("send:1").hashes;
    let settled = pay(&kit.restarted(), "send:1", "5").await.unwrap();
    assert_eq!(signed, [settled.hash], "the same bytes");
    assert_eq!(kit.paid(), [5]);
}

#[tokio::test]
async fn a_crash_after_sending_pays_once_whoever_comes_next() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::HoldBack]);
    let paying = tokio::spawn({
        let queue = kit.queue.clone();
        async move { pay(&queue, "send:1", "5").await }
    });
    while kit.fake.world.lock().sends == 0 {
        tokio::task::yield_now().await;
    }
    paying.abort();
    assert!(paying.await.unwrap_err().is_cancelled());
    kit.fake.world.lock().let_go();
    // Another payment first: the one that was under way has to be found out before.
    pay(&kit.restarted(), "send:2", "7").await.unwrap();
    pay(&kit.restarted(), "send:1", "5").await.unwrap();
    assert_eq!(kit.paid(), [5, 7]);
}

#[tokio::test]
async fn lost_answers_pay_once() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::Fail, OnSend::TakeAndLoseTheAnswer, OnSend::Fail]);
    kit.pay("send:1", "5").await.unwrap();
    assert_eq!(kit.paid(), [5]);
    assert!(kit.fake.world.lock().sends >= 3);
}

#[tokio::test]
async fn what_a_server_forgets_is_sent_again() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::Forget]);
    kit.pay("send:1", "5").await.unwrap();
    assert_eq!((kit.paid(), kit.fake.world.lock().sends), (vec![5], 2));
}

#[tokio::test]
async fn more_is_offered_to_a_server_without_room_and_the_payment_stays_one() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::WantMore]);
    let settled = kit.pay("send:1", "5").await.unwrap();
    let entry = kit.journal.entry("send:1");
    assert_eq!(kit.paid(), [5]);
    assert_eq!((entry.hashes.len(), entry.hashes[0]), (2, settled.hash));
    assert_eq!(pay(&kit.restarted(), "send:1", "5").await, Ok(settled));
}

#[tokio::test]
async fn what_is_not_taken_in_in_time_is_signed_anew_with_the_same_number() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::HoldBack]);
    let paying = tokio::spawn({
        let queue = kit.queue.clone();
        async move { pay(&queue, "send:1", "5").await }
    });
    while kit.fake.world.lock().sends == 0 {
        tokio::task::yield_now().await;
    }
    let first = kit.journal.entry("send:1");
    kit.fake.world.lock().close(60, AFTER_ALL_S);
    paying.await.unwrap().unwrap();
    let second = kit.journal.entry("send:1");
    assert_eq!(first.sequence, second.sequence);
    assert_ne!(first.hashes, second.hashes);
    // What was held back comes after all: its number is used.
    kit.fake.world.lock().let_go();
    assert_eq!(kit.paid(), [5]);
}

#[tokio::test]
async fn what_was_signed_for_another_network_neither_pays_here_nor_is_touched() {
    let kit = Kit::new().await;
    kit.journal.crash_after_write.store(true, Ordering::SeqCst);
    assert!(kit.pay("send:1", "5").await.is_err());
    kit.pay("send:2", "7").await.unwrap();
    // The same account, names and journal, while the network file named another network.
    let elsewhere = [9; 32];
    for (key, state) in [("send:1", EntryState::Signed), ("send:2", kit.journal.entry("send:2").state)] {
        let entry = JournalEntry { network_id: elsewhere, state, ..kit.journal.entry(key) };
        layr_ledger::Journal::write(&*kit.journal, &entry).await.unwrap();
        kit.journal.entries.lock().remove(&(network_id(), key.to_owned()));
    }
    let before = kit.journal.entries.lock().clone();
    kit.queue.resume().await.unwrap();
    assert_eq!(*kit.journal.entries.lock(), before);
    kit.pay("send:2", "7").await.unwrap();
    assert_eq!(kit.paid(), [5, 7, 7], "paid there is not paid here");
    assert_eq!(kit.journal.entries.lock().len(), 3);
}

#[tokio::test]
async fn a_number_that_somebody_else_used_is_replaced() {
    let kit = Kit::new().await;
    kit.journal.crash_after_write.store(true, Ordering::SeqCst);
    assert!(kit.pay("send:1", "5").await.is_err());
    // The same account on another computer.
    let own = kit.queue.account();
    kit.fake.world.lock().accounts.get_mut(&own).unwrap().sequence += 1;
    kit.fake.world.lock().close(1, 5);
    pay(&kit.restarted(), "send:1", "5").await.unwrap();
    assert_eq!(kit.paid(), [5]);
}

#[tokio::test]
async fn what_the_server_no_longer_remembers_is_not_paid_again() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::TakeAndLoseTheAnswer]);
    let paying = tokio::spawn({
        let queue = kit.queue.clone();
        async move { pay(&queue, "send:1", "5").await }
    });
    while kit.fake.world.lock().sends == 0 {
        tokio::task::yield_now().await;
    }
    // A week passes before anybody asks.
    paying.abort();
    let _ = paying.await;
    let mut entry = kit.journal.entry("send:1");
    entry.state = EntryState::Signed;
    layr_ledger::Journal::write(&*kit.journal, &entry).await.unwrap();
    {
        let mut world = kit.fake.world.lock();
        world.close(120_960, 7 * 86_400);
        world.oldest = world.sequence - 1000;
    }
    let forgotten = pay(&kit.restarted(), "send:1", "5").await;
    assert_eq!(forgotten, Err(LedgerError::Forgotten { hash: entry.hashes[0] }));
    assert_eq!(kit.paid(), [5]);
    // Others are paid all the same.
    pay(&kit.restarted(), "send:2", "7").await.unwrap();
    assert_eq!(pay(&kit.restarted(), "send:1", "5").await, forgotten);
    assert_eq!(kit.paid(), [5, 7]);
}

#[tokio::test]
async fn a_refusal_is_told_and_nothing_takes_its_place_until_it_can_never_come() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::RefuseAndHoldBack("txBadAuth")]);
    let refused = kit.pay("send:1", "5").await;
    let until_unix_s = kit.journal.entry("send:1").valid_until_unix_s;
    assert_eq!(refused, Err(LedgerError::RefusedForNow { code: "txBadAuth".to_owned(), until_unix_s }));
    assert_eq!(kit.pay("send:1", "5").await, refused, "still valid somewhere");
    assert_eq!(kit.fake.world.lock().sends, 1);
    // The server lied, and it comes after all: then it is known under its key.
    kit.fake.world.lock().let_go();
    kit.pay("send:1", "5").await.unwrap();
    assert_eq!(kit.paid(), [5]);

    kit.fake.on_send([OnSend::Refuse("txBadAuth")]);
    assert!(matches!(kit.pay("send:2", "7").await, Err(LedgerError::RefusedForNow { .. })));
    kit.fake.world.lock().close(60, AFTER_ALL_S);
    kit.pay("send:2", "7").await.unwrap();
    assert_eq!(kit.paid(), [5, 7]);
}

#[tokio::test]
async fn what_an_earlier_run_left_is_refused_without_a_word_to_others() {
    let kit = Kit::new().await;
    kit.journal.crash_after_write.store(true, Ordering::SeqCst);
    assert!(kit.pay("send:1", "5").await.is_err());
    kit.fake.on_send([OnSend::Refuse("txBadAuth")]);
    pay(&kit.restarted(), "send:2", "7").await.unwrap();
    assert_eq!(kit.paid(), [7]);
}

#[tokio::test]
async fn a_refused_payment_holds_up_no_other() {
    let kit = Kit::new().await;
    kit.fake.on_send([OnSend::RefuseAndHoldBack("txBadAuth")]);
    assert!(kit.pay("send:1", "5").await.is_err());
    kit.pay("send:2", "7").await.unwrap();
    // Both have the same number: the refused one cannot come any more.
    kit.fake.world.lock().let_go();
    assert_eq!(kit.paid(), [7]);
    assert_eq!(kit.queue.resume().await, Ok(true));
    assert_eq!(kit.journal.entry("send:1").state, EntryState::Dead);
}
