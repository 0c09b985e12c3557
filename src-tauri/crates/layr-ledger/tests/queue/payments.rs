//! Payments with a server that does what it should, and what is refused before anything is signed.

use std::sync::atomic::Ordering;

use layr_ledger::{Account, AmountError, Intent, LedgerError, Memo, Payment, Stroops};

use crate::kit::{Kit, LUMEN, cap, friend, pay, to_friend};

#[tokio::test]
async fn a_payment_is_made_once_and_its_key_tells_of_it_for_ever() {
    let kit = Kit::new().await;
    let settled = kit.pay("send:1", "5").await.unwrap();
    assert_eq!(kit.paid(), [5]);
    assert_eq!(kit.fake.balance(kit.queue.account()), 995 * LUMEN - 100);
    assert_eq!(kit.pay("send:1", "5").await, Ok(settled.clone()));
    assert_eq!(pay(&kit.restarted(), "send:1", "5").await, Ok(settled));
    assert_eq!(kit.paid(), [5]);
    let taken = kit.pay("send:1", "6").await;
    assert_eq!(taken, Err(LedgerError::KeyTaken { key: "send:1".to_owned() }));
}

#[tokio::test]
async fn twenty_payments_at_once_have_twenty_numbers() {
    let kit = Kit::new().await;
    let sends = (1..=20).map(|n| {
        let queue = kit.queue.clone();
        tokio::spawn(async move { pay(&queue, &format!("send:{n}"), &n.to_string()).await })
    });
    for send in sends.collect::<Vec<_>>() {
        send.await.unwrap().unwrap();
    }
    let mut paid = kit.paid();
    paid.sort_unstable();
    assert_eq!(paid, (1..=20).collect::<Vec<_>>());
    assert_eq!(kit.fake.world.lock().sends, 20, "none had to be sent twice");
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_opened_or_named() {
    let kit = Kit::new().await;
    let stranger = Account::from_bytes([3; 32]);
    let send = |lumens: &str| {
        Intent::Pay(Payment { destination: stranger, amount: lumens.parse().unwrap(), memo: None })
    };
    let refused = kit.queue.submit("send:1", &send("0.9999999"), cap()).await;
    assert_eq!(refused, Err(LedgerError::DestinationMissing { account: stranger, minimum: Stroops::LUMEN }));
    kit.queue.submit("send:2", &send("1"), cap()).await.unwrap();
    assert_eq!(kit.fake.balance(stranger), LUMEN);
}

#[tokio::test]
async fn what_cannot_be_paid_is_refused_before_it_is_signed() {
    let kit = Kit::new().await;
    // 1000 lumens, of which one has to stay, and the fee.
    let refused = kit.pay("send:1", "999").await;
    let (needed, available) = ("999.00001".parse().unwrap(), "999".parse().unwrap());
    assert_eq!(refused, Err(LedgerError::InsufficientFunds { needed, available }));
    let refused = kit.queue.submit("send:2", &to_friend("922337203685.4775807"), cap()).await;
    assert!(matches!(refused, Err(LedgerError::InsufficientFunds { .. })), "{refused:?}");
    let refused = kit.queue.submit("send:3", &to_friend("1"), Stroops::small(99)).await;
    assert_eq!(refused, Err(LedgerError::FeeAboveCap { fee: Stroops::small(100), cap: Stroops::small(99) }));
    let refused = kit.queue.submit("send:4", &to_friend("0"), cap()).await;
    assert_eq!(refused, Err(LedgerError::BadAmount(AmountError::Zero)));
    let own = kit.queue.account();
    let to_self = Intent::Pay(Payment { destination: own, amount: Stroops::LUMEN, memo: None });
    let refused = kit.queue.submit("send:5", &to_self, cap()).await;
    assert_eq!(refused, Err(LedgerError::DestinationIsOwn { account: own }));
    assert_eq!("123456789 123456789 123456789".parse::<Memo>(), Err(LedgerError::MemoTooLong { bytes: 29 }));
    assert_eq!(kit.fake.world.lock().sends, 0);

    kit.pay("send:6", "998.99999").await.unwrap();
    assert_eq!(kit.fake.balance(own), LUMEN, "all that may go");
}

#[tokio::test]
async fn an_account_without_a_lumen_is_told_that_it_needs_one() {
    let kit = Kit::new().await;
    let own = kit.queue.account();
    kit.fake.world.lock().accounts.remove(&own);
    assert_eq!(kit.pay("send:1", "5").await, Err(LedgerError::AccountNotFound { account: own }));
}

#[tokio::test]
async fn a_destination_that_closes_meanwhile_gets_nothing_and_the_key_stays_used() {
    let kit = Kit::new().await;
    // Signed while it is there, sent when it is gone.
    kit.journal.crash_after_write.store(true, Ordering::SeqCst);
    assert!(matches!(kit.pay("send:1", "5").await, Err(LedgerError::Journal { .. })));
    kit.fake.world.lock().accounts.remove(&friend());
    let gone = Err(LedgerError::DestinationMerged { account: friend() });
    assert_eq!(pay(&kit.restarted(), "send:1", "5").await, gone);
    kit.fake.open(friend(), 0);
    assert_eq!(pay(&kit.restarted(), "send:1", "5").await, gone, "as it was told before");
    assert_eq!(kit.paid(), [0_i64; 0]);
    pay(&kit.restarted(), "send:2", "5").await.unwrap();
    assert_eq!(kit.paid(), [5]);
}
