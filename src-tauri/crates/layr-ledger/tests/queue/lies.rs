//! Servers that are not what they should be: each has its error, and none gets anything signed.

use layr_ledger::{Ledger, LedgerError, LedgerSettings};

use crate::fake_ledger::{FakeLedger, Lie, OnSend, PASSPHRASE};
use crate::kit::{Kit, client, friend, pay};

async fn told(lie: Lie) -> LedgerError {
    let kit = Kit::new().await;
    kit.fake.world.lock().lie = lie;
    let error = kit.pay("send:1", "5").await.unwrap_err();
    assert_eq!(kit.fake.world.lock().sends, 0, "{error}");
    error
}

#[tokio::test]
async fn every_lie_has_its_name() {
    let error = told(Lie::OtherNetwork).await;
    let found = "another".to_owned();
    assert_eq!(error, LedgerError::WrongNetwork { expected: PASSPHRASE.to_owned(), found });
    for lie in [Lie::NoJson, Lie::Endless, Lie::BadXdr, Lie::OtherAccount] {
        let error = told(lie).await;
        assert!(matches!(error, LedgerError::MalformedAnswer { .. }), "{lie:?}: {error:?}");
    }
    let error = told(Lie::HangsUp).await;
    assert!(matches!(error, LedgerError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_falls_behind_is_told_from_a_ledger_that_was_begun_anew() {
    let fake = FakeLedger::start().await;
    let ledger = client(&fake);
    let tip = ledger.check().await.unwrap();
    assert_eq!(tip.ahead_s(tip.close_time_unix_s - 3600), 3600);
    fake.world.lock().lie = Lie::Older(3);
    assert!(ledger.tip().await.is_ok(), "another server behind the same address");
    fake.world.lock().lie = Lie::Older(20);
    assert!(matches!(ledger.tip().await, Err(LedgerError::Lagging { .. })));
    // However far: a server that slept for a day is no new ledger, and what it says is not taken for the truth.
    fake.world.lock().lie = Lie::Older(900);
    for _ in 0..2 {
        assert!(matches!(ledger.tip().await, Err(LedgerError::Lagging { .. })));
        let account = ledger.find_account(friend()).await;
        assert!(matches!(account, Err(LedgerError::Lagging { .. })), "{account:?}");
    }
    fake.world.lock().lie = Lie::Nothing;
    assert_eq!(ledger.tip().await.unwrap().sequence, 1000);
    // A lower ledger that closed later is another one; so it is also found where an answer has no time.
    fake.world.lock().sequence = 100;
    fake.world.lock().close_time += 60;
    let reset = LedgerError::Reset { seen: 1000, latest: 100 };
    assert_eq!(ledger.find_account(friend()).await, Err(reset));
    assert_eq!(ledger.tip().await.unwrap().sequence, 100, "told once");
    fake.world.lock().lie = Lie::Unhealthy;
    assert!(matches!(ledger.check().await, Err(LedgerError::Lagging { .. })));
}

#[tokio::test]
async fn a_server_that_shows_another_transaction_is_not_believed() {
    let kit = Kit::new().await;
    kit.pay("send:1", "5").await.unwrap();
    kit.fake.world.lock().lie = Lie::OtherTransaction;
    kit.fake.on_send([OnSend::HoldBack]);
    let error = kit.pay("send:2", "7").await.unwrap_err();
    assert!(matches!(error, LedgerError::MalformedAnswer { .. }), "{error:?}");
    kit.fake.world.lock().lie = Lie::Nothing;
    kit.fake.world.lock().let_go();
    pay(&kit.restarted(), "send:2", "7").await.unwrap();
    assert_eq!(kit.paid(), [5, 7]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable_also_over_tls() {
    for scheme in ["http", "https"] {
        // Nobody listens at a port that was just given back.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let rpc = format!("{scheme}://{}", listener.local_addr().unwrap());
        drop(listener);
        let settings = LedgerSettings { rpc, passphrase: PASSPHRASE.to_owned(), friendbot: None };
        let error = Ledger::new(settings).unwrap().tip().await.unwrap_err();
        assert!(matches!(error, LedgerError::Unreachable { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_ledger_full_of_transactions_is_asked_for_its_time_and_not_for_all_of_them() {
    let fake = FakeLedger::start().await;
    let tip = client(&fake).tip().await.unwrap();
    let world = fake.world.lock();
    assert_eq!((tip.sequence, tip.close_time_unix_s), (world.sequence, world.close_time));
}
