//! Ends, good and bad, and what is there afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use layr_local_ledger::{Clock, LocalLedger, LocalLedgerError};
use serde_json::json;
use stellar_xdr::ScVal;

use crate::support::{Client, LUMEN, Net, START, at, call, payment, returned, settings, word};

#[tokio::test]
async fn goes_on_exactly_after_a_restart() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let contract = client.deployed(&alice).await;
    client.invoked(&alice, call(&contract, "put", vec![word("a"), ScVal::U32(3)])).await;
    let transaction = client.transaction(&alice, vec![payment(&bob.id(), LUMEN)]).await;
    let hash = client.send(&client.sign(transaction, &[&alice])).await["hash"].clone();
    let everything = async |client: &Client| {
        let found = client.call("getTransaction", json!({"hash": hash})).await;
        let latest = client.call("getLatestLedger", json!({})).await;
        let beacon = client.call("layr_beacon", json!({"round": 1})).await;
        let events = client.call("getEvents", json!({"startLedger": 1})).await;
        (found, latest, beacon, events, client.account(&alice.id()).await)
    };
    let before = everything(&client).await;
    let passphrase = net.ledger.network_passphrase().to_owned();
    net.ledger.stop().await;

    let ledger = LocalLedger::start(settings(net.directory.path())).await.unwrap();
    let client = Client::new(&ledger);
    assert_eq!(ledger.network_passphrase(), passphrase);
    assert_eq!(everything(&client).await, before);
    let get = client.invoked(&alice, call(&contract, "get", vec![word("a")])).await;
    assert_eq!(returned(&get), ScVal::U32(3));
    ledger.stop().await;
}

#[tokio::test]
async fn belongs_to_one_process() {
    let net = Net::start().await;
    let second = LocalLedger::start(settings(net.directory.path())).await;
    assert!(matches!(second, Err(LocalLedgerError::InUse { .. })), "{second:?}");
    net.ledger.stop().await;
    LocalLedger::start(settings(net.directory.path())).await.unwrap().stop().await;
    // No two ledgers have one name.
    let (one, other) = (Net::start().await, Net::start().await);
    assert_ne!(one.ledger.network_passphrase(), other.ledger.network_passphrase());
}

#[tokio::test]
async fn takes_no_database_of_another_program() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.sqlite");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    drop(database);
    let before = std::fs::read(&path).unwrap();
    let started = LocalLedger::start(settings(directory.path())).await;
    assert!(matches!(started, Err(LocalLedgerError::Foreign { .. })), "{started:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    std::fs::write(&path, "my diary, and more than a hundred bytes of it: ".repeat(9)).unwrap();
    let started = LocalLedger::start(settings(directory.path())).await;
    assert!(matches!(started, Err(LocalLedgerError::Foreign { .. })), "{started:?}");
}

/// The files as they are at one instant, as a crash would leave them: copied while the ledger works.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_whole_ledgers() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    for _ in 0..5 {
        let transaction = client.transaction(&alice, vec![payment(&bob.id(), LUMEN)]).await;
        client.send(&client.sign(transaction, &[&alice])).await;
    }
    let files = |name: &str| std::fs::read(net.directory.path().join(name)).unwrap();
    let (database, log) = (files("ledger.sqlite"), files("ledger.sqlite-wal"));
    let balance = client.balance(&bob.id()).await;
    // Cut the log anywhere: whatever is left of it, bob has what the last whole ledger says, and the ledger goes on.
    let mut ledgers = std::collections::BTreeSet::new();
    for part in 0..=10 {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("ledger.sqlite"), &database).unwrap();
        let kept = &log[..log.len() * part / 10];
        std::fs::write(directory.path().join("ledger.sqlite-wal"), kept).unwrap();
        let ledger = LocalLedger::start(settings(directory.path())).await.unwrap();
        let client = Client::new(&ledger);
        let latest = client.call("getLatestLedger", json!({})).await["sequence"].as_i64().unwrap();
        ledgers.insert(latest);
        if let Some(bob) = client.account(&bob.id()).await {
            // Ledgers 1 to 4 made the accounts, each later one paid him a lumen.
            assert_eq!(bob.balance, (10_000 + latest - 4) * LUMEN, "in ledger {latest}");
        }
        let health = client.call("layr_close", json!({})).await;
        assert_eq!(health["latestLedger"], latest + 1);
        ledger.stop().await;
    }
    assert_eq!(balance, 10_005 * LUMEN);
    assert!(ledgers.len() > 3, "the cuts are in different ledgers: {ledgers:?}");
}

#[tokio::test]
async fn ledger_time_never_goes_back() {
    let directory = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicU64::new(START));
    let with_clock = || {
        let now = Arc::clone(&now);
        let mut settings = settings(directory.path());
        settings.clock = Clock::new(move || at(now.load(Ordering::SeqCst)));
        settings
    };
    let time = async |client: &Client| {
        client.call("layr_close", json!({"ledgers": 1})).await["latestLedgerCloseTime"].clone()
    };
    let ledger = LocalLedger::start(with_clock()).await.unwrap();
    let client = Client::new(&ledger);
    assert_eq!(time(&client).await, START.to_string());
    ledger.close(3, 1000).await;
    now.store(START + 10, Ordering::SeqCst);
    assert_eq!(time(&client).await, (START + 1010).to_string());
    now.store(START - 500, Ordering::SeqCst);
    assert_eq!(time(&client).await, (START + 1010).to_string());
    ledger.stop().await;
    let ledger = LocalLedger::start(with_clock()).await.unwrap();
    let client = Client::new(&ledger);
    assert_eq!(time(&client).await, (START + 1010).to_string());
    now.store(START + 20, Ordering::SeqCst);
    assert_eq!(time(&client).await, (START + 1020).to_string());
    ledger.stop().await;
}
