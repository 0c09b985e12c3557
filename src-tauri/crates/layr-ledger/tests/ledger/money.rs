//! Accounts and payments.

use layr_ledger::{Intent, LedgerError, Memo, Payment, PaymentPlan, Stroops, payment_in};

use crate::kit::{Net, client, lumens, pay, server};

#[tokio::test]
async fn the_friendbot_opens_an_account_once() {
    let net = Net::start().await;
    let purse = net.purse(1);
    let account = purse.queue.account();
    assert_eq!(net.ledger.find_account(account).await, Ok(None));
    assert_eq!(net.ledger.account(account).await, Err(LedgerError::AccountNotFound { account }));
    net.ledger.fund(account).await.unwrap();
    let state = net.ledger.account(account).await.unwrap();
    assert_eq!((state.balance, state.spendable()), (lumens("10000"), lumens("9999")));
    let again = net.ledger.fund(account).await;
    assert!(matches!(again, Err(LedgerError::FriendbotRefused { .. })), "{again:?}");
}

#[tokio::test]
async fn money_moves_to_the_stroop_and_opens_accounts() {
    let net = Net::start().await;
    let (ann, bob) = (net.funded(1).await, net.purse(2));
    let (payer, friend) = (ann.queue.account(), bob.queue.account());
    let refused = pay(&ann.queue, "a", friend, "0.9999999").await;
    let minimum = Stroops::LUMEN;
    assert_eq!(refused, Err(LedgerError::DestinationMissing { account: friend, minimum }));
    assert_eq!(pay(&ann.queue, "b", friend, "1").await.unwrap().fee, Stroops::small(100));
    let memo: Memo = "a word of 28 bytes, at most ".parse().unwrap();
    let last = Intent::Pay(Payment { destination: friend, amount: lumens("0.0000001"), memo: Some(memo) });
    ann.queue.submit("c", &last, Stroops::small(100)).await.unwrap();
    assert_eq!(net.balance(friend).await, lumens("1.0000001"));
    assert_eq!(net.balance(payer).await, lumens("9998.9999799"));

    // All that may go, and a stroop more.
    let all = lumens("9997.9999699");
    let more = pay(&ann.queue, "d", friend, "9997.99997").await;
    let (needed, available) = (lumens("9997.99998"), lumens("9997.9999799"));
    assert_eq!(more, Err(LedgerError::InsufficientFunds { needed, available }));
    pay(&ann.queue, "e", friend, &all.to_string()).await.unwrap();
    assert_eq!(net.balance(payer).await, Stroops::LUMEN);
}

#[tokio::test]
async fn twenty_payments_at_once_arrive() {
    let net = Net::start().await;
    let (ann, bob) = (net.funded(1).await, net.funded(2).await);
    let friend = bob.queue.account();
    let sends: Vec<_> = (1..=20)
        .map(|n| {
            let queue = ann.queue.clone();
            tokio::spawn(async move { pay(&queue, &n.to_string(), friend, &n.to_string()).await })
        })
        .collect();
    for send in sends {
        send.await.unwrap().unwrap();
    }
    assert_eq!(net.balance(friend).await, lumens("10210"));
    assert_eq!(net.balance(ann.queue.account()).await, lumens("9789.9998"));
}

#[tokio::test]
async fn crashes_before_and_after_sending_pay_once() {
    let net = Net::start().await;
    let (ann, bob) = (net.funded(1).await, net.funded(2).await);
    let friend = bob.queue.account();
    *ann.journal.crashes.lock() = 1;
    let crashed = pay(&ann.queue, "a", friend, "5").await;
    assert!(matches!(crashed, Err(LedgerError::Journal { .. })), "{crashed:?}");
    assert_eq!(net.balance(friend).await, lumens("10000"), "nothing was sent");
    let settled = pay(&ann.restarted(&net.ledger), "a", friend, "5").await.unwrap();
    assert_eq!(net.balance(friend).await, lumens("10005"));

    // The end of the payment is not written down: the ledger has it, and the journal does not know.
    let mut entry = ann.journal.entries.lock().get("a").cloned().unwrap();
    entry.state = layr_ledger::EntryState::Signed;
    ann.journal.entries.lock().insert("a".to_owned(), entry);
    pay(&ann.restarted(&net.ledger), "b", friend, "7").await.unwrap();
    assert_eq!(pay(&ann.restarted(&net.ledger), "a", friend, "5").await, Ok(settled));
    assert_eq!(net.balance(friend).await, lumens("10012"));
}

#[tokio::test]
async fn what_is_too_late_by_the_ledgers_clock_is_signed_anew() {
    let net = Net::start().await;
    let (ann, bob) = (net.funded(1).await, net.funded(2).await);
    let friend = bob.queue.account();
    *ann.journal.crashes.lock() = 1;
    assert!(pay(&ann.queue, "a", friend, "5").await.is_err());
    let first = ann.journal.entries.lock().get("a").cloned().unwrap();
    // The ledger is hours ahead of this computer's clock.
    net.server.close(10, 36_000).await;
    pay(&ann.restarted(&net.ledger), "a", friend, "5").await.unwrap();
    let second = ann.journal.entries.lock().get("a").cloned().unwrap();
    assert_eq!(first.sequence, second.sequence);
    assert_ne!(first.hashes, second.hashes);
    assert_eq!(net.balance(friend).await, lumens("10005"));
}

#[tokio::test]
async fn another_ledger_at_the_same_address_is_noticed() {
    let net = Net::start().await;
    let ann = net.funded(1).await;
    let address = net.server.url().trim_start_matches("http://").to_owned();
    net.server.stop().await;
    let gone = ann.queue.ledger().tip().await;
    assert!(matches!(gone, Err(LedgerError::Unreachable { .. })), "{gone:?}");
    let other = tempfile::tempdir().unwrap();
    let begun_anew = server(other.path(), &address).await;
    let wrong = pay(&ann.queue, "a", ann.queue.account(), "5").await;
    assert!(matches!(wrong, Err(LedgerError::WrongNetwork { .. })), "{wrong:?}");
    let ledger = client(&begun_anew, begun_anew.network_passphrase());
    assert!(ledger.check().await.is_ok());
    begun_anew.stop().await;

    // The old one, from its directory: all is there.
    let again = server(net.directory.path(), &address).await;
    assert_eq!(net.ledger.account(ann.queue.account()).await.unwrap().balance, lumens("10000"));
    again.stop().await;
}

#[tokio::test]
async fn a_plan_makes_every_check_of_a_payment_and_signs_nothing() {
    let net = Net::start().await;
    let (ann, bob, cid) = (net.funded(1).await, net.funded(2).await, net.purse(3));
    let (payer, friend, new) = (ann.queue.account(), bob.queue.account(), cid.queue.account());
    let plan = |destination, amount: &str| {
        let payment = Payment { destination, amount: lumens(amount), memo: None };
        let queue = ann.queue.clone();
        async move { queue.plan(&payment).await }
    };
    let fee = Stroops::small(100);
    let told = |opens_account, left: &str| Ok(PaymentPlan { fee, opens_account, left: lumens(left) });
    assert_eq!(plan(friend, "9").await, told(false, "9989.99999"));
    assert_eq!(plan(new, "9998.99999").await, told(true, "0"));
    let minimum = Stroops::LUMEN;
    assert_eq!(plan(new, "0.5").await, Err(LedgerError::DestinationMissing { account: new, minimum }));
    assert_eq!(plan(payer, "1").await, Err(LedgerError::DestinationIsOwn { account: payer }));
    let (needed, available) = (lumens("9999.00001"), lumens("9999"));
    assert_eq!(plan(friend, "9999").await, Err(LedgerError::InsufficientFunds { needed, available }));
    assert!(ann.journal.entries.lock().is_empty(), "nothing was signed");
    assert_eq!(net.balance(payer).await, lumens("10000"));
}

#[tokio::test]
async fn what_was_signed_says_what_it_pays_and_to_whom() {
    let net = Net::start().await;
    let (ann, bob) = (net.funded(1).await, net.purse(2));
    let memo: Memo = "invoice 7".parse().unwrap();
    // The first opens the account, the second pays it.
    for (key, amount, memo) in [("a", "2", None), ("b", "0.5", Some(memo))] {
        let payment = Payment { destination: bob.queue.account(), amount: lumens(amount), memo };
        ann.queue.submit(key, &Intent::Pay(payment.clone()), lumens("0.01")).await.unwrap();
        let envelope = ann.journal.entries.lock()[key].envelope.clone();
        assert_eq!(payment_in(&envelope), Some(payment));
    }
    assert_eq!(payment_in(b"no envelope"), None);
}

#[tokio::test]
async fn only_the_public_networks_money_is_real() {
    let net = Net::start().await;
    assert!(net.ledger.has_test_money());
    let public = client(&net.server, "Public Global Stellar Network ; September 2015");
    assert!(!public.has_test_money());
    assert!(client(&net.server, "public global stellar network ; september 2015").has_test_money());
}
