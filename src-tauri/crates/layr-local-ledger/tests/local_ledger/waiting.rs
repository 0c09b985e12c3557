//! Transactions that wait for their ledger: what takes their place, and what is left of them when it closes.

use serde_json::{Value, json};
use stellar_xdr::{
    AccountEntry, BumpSequenceOp, LedgerEntry, LedgerEntryData, LedgerKey, LedgerKeyAccount, Limits,
    Operation, OperationBody, Preconditions, ReadXdr, SequenceNumber, TimeBounds, TimePoint,
    TransactionEnvelope, TransactionResult, TransactionResultResult as Code, WriteXdr,
};

use crate::support::{Account, Client, LUMEN, Net, START, bump, payment, result, settings};

async fn status(client: &Client, envelope: &TransactionEnvelope) -> Value {
    client.send(envelope).await["status"].clone()
}

/// What is known of a transaction that was sent.
async fn found(client: &Client, envelope: &TransactionEnvelope) -> Value {
    let hash = hex::encode(envelope.hash(client.id).unwrap());
    client.call("getTransaction", json!({"hash": hash})).await
}

#[tokio::test]
async fn one_of_an_account_waits_at_a_time() {
    let net = Net::waiting().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let transaction = client.transaction(&alice, vec![payment(&alice.id(), 1)]).await;
    let mut later = transaction.clone();
    later.seq_num.0 += 1;
    let (envelope, later) = (client.sign(transaction, &[&alice]), client.sign(later, &[&alice]));
    assert_eq!(status(&client, &envelope).await, "PENDING");
    assert_eq!(status(&client, &envelope).await, "DUPLICATE");
    assert_eq!(status(&client, &later).await, "TRY_AGAIN_LATER");
    assert_eq!(found(&client, &envelope).await["status"], "NOT_FOUND");
    net.ledger.close(1, 0).await;
    assert_eq!(found(&client, &envelope).await["status"], "SUCCESS");
    assert_eq!(status(&client, &later).await, "PENDING");
    net.ledger.stop().await;
}

#[tokio::test]
async fn what_is_too_late_when_its_ledger_closes_is_not_in_it_and_pays_nothing() {
    let net = Net::waiting().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let mut transaction = client.transaction(&alice, vec![payment(&bob.id(), LUMEN)]).await;
    transaction.cond =
        Preconditions::Time(TimeBounds { min_time: TimePoint(0), max_time: TimePoint(START + 300) });
    let envelope = client.sign(transaction.clone(), &[&alice]);
    let before = client.account(&alice.id()).await;
    assert_eq!(status(&client, &envelope).await, "PENDING");
    net.ledger.close(1, 400).await;
    assert_eq!(found(&client, &envelope).await["status"], "NOT_FOUND");
    assert_eq!(client.account(&alice.id()).await, before);
    assert_eq!(client.refused(&envelope).await, Code::TxTooLate);
    // Its number is free for another one, and nothing of it waits.
    transaction.cond = Preconditions::None;
    let anew = client.sign(transaction, &[&alice]);
    assert_eq!(status(&client, &anew).await, "PENDING");
    net.ledger.close(1, 0).await;
    assert_eq!(found(&client, &anew).await["status"], "SUCCESS");
    assert_eq!(client.balance(&bob.id()).await, 10_001 * LUMEN);
    net.ledger.stop().await;
}

#[tokio::test]
async fn what_another_one_of_its_ledger_makes_invalid_is_in_it_and_pays() {
    let net = Net::waiting().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let of_bob = client.transaction(&bob, vec![payment(&alice.id(), LUMEN)]).await;
    // Alice uses up the number that Bob's transaction is to have; both signed that.
    let bump_to = SequenceNumber(of_bob.seq_num.0 + 10);
    let body = OperationBody::BumpSequence(BumpSequenceOp { bump_to });
    let mut of_alice = client.transaction(&alice, vec![body.clone()]).await;
    of_alice.operations = vec![Operation { source_account: Some(bob.id().into()), body }].try_into().unwrap();
    let of_bob = client.sign(of_bob, &[&bob]);
    assert_eq!(status(&client, &client.sign(of_alice, &[&alice, &bob])).await, "PENDING");
    assert_eq!(status(&client, &of_bob).await, "PENDING");
    net.ledger.close(1, 0).await;
    let answer = found(&client, &of_bob).await;
    assert_eq!((&answer["status"], result(&answer).result), (&json!("FAILED"), Code::TxBadSeq));
    assert_eq!(client.balance(&bob.id()).await, 10_000 * LUMEN - 100);
    net.ledger.stop().await;
}

#[tokio::test]
async fn ten_times_the_bid_takes_its_place() {
    let net = Net::waiting().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let transaction = client.transaction(&alice, vec![payment(&bob.id(), LUMEN)]).await;
    let mut later = transaction.clone();
    later.seq_num.0 += 1;
    let [first, later] = [transaction, later].map(|one| client.sign(one, &[&alice]));
    let [TransactionEnvelope::Tx(inner), TransactionEnvelope::Tx(later)] = [first.clone(), later] else {
        unreachable!()
    };
    let offer = |fee| bump(&client, &bob, fee, inner.clone());
    assert_eq!(status(&client, &first).await, "PENDING");
    // A bump counts as one operation more: it bids for two.
    let little = client.send(&offer(1_999)).await;
    let text = little["errorResultXdr"].as_str().unwrap();
    let refused = TransactionResult::from_xdr_base64(text, Limits::none()).unwrap();
    assert_eq!((refused.result, refused.fee_charged), (Code::TxInsufficientFee, 2_000));
    assert_eq!(status(&client, &bump(&client, &bob, 9_000, later)).await, "TRY_AGAIN_LATER");
    assert_eq!(status(&client, &offer(2_000)).await, "PENDING");
    for again in [&offer(2_000), &first] {
        assert_eq!(status(&client, again).await, "DUPLICATE");
    }
    assert_eq!(client.refused(&offer(19_999)).await, Code::TxInsufficientFee);
    assert_eq!(status(&client, &offer(20_000)).await, "PENDING");
    net.ledger.close(1, 0).await;
    assert_eq!(found(&client, &offer(20_000)).await["status"], "SUCCESS");
    assert_eq!(found(&client, &offer(2_000)).await["status"], "NOT_FOUND");
    // Paid once, and for it.
    assert_eq!(client.balance(&alice.id()).await, 9_999 * LUMEN);
    assert_eq!(client.balance(&bob.id()).await, 10_001 * LUMEN - 200);
    net.ledger.stop().await;
}

/// Changes an account behind the ledger's back.
fn damage(database: &rusqlite::Connection, account: &Account, change: impl Fn(&mut AccountEntry)) {
    let key = LedgerKey::Account(LedgerKeyAccount { account_id: account.id() });
    let key = key.to_xdr(Limits::none()).unwrap();
    let bytes: Vec<u8> =
        database.query_row("SELECT entry FROM entries WHERE key = ?", [&key], |row| row.get(0)).unwrap();
    let mut entry = LedgerEntry::from_xdr(bytes, Limits::none()).unwrap();
    let LedgerEntryData::Account(found) = &mut entry.data else { panic!("{entry:?}") };
    change(found);
    let bytes = entry.to_xdr(Limits::none()).unwrap();
    database.execute("UPDATE entries SET entry = ? WHERE key = ?", [&bytes, &key]).unwrap();
}

#[tokio::test]
async fn one_that_breaks_the_ledger_fails_alone() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let carol = client.funded(3).await;
    net.ledger.stop().await;
    // No ledger has such sums: together they are less than the least number there is.
    let database = rusqlite::Connection::open(net.directory.path().join("ledger.sqlite")).unwrap();
    damage(&database, &alice, |account| account.balance = -1);
    damage(&database, &bob, |account| account.balance = i64::MIN);
    drop(database);

    let close_every = Some(std::time::Duration::from_hours(1));
    let settings = layr_local_ledger::LocalLedgerSettings {
        closes_at_once: false,
        close_every,
        ..settings(net.directory.path())
    };
    let ledger = layr_local_ledger::LocalLedger::start(settings).await.unwrap();
    let client = Client::new(&ledger);
    let merge = client.transaction(&alice, vec![OperationBody::AccountMerge(bob.id().into())]).await;
    let TransactionEnvelope::Tx(merge) = client.sign(merge, &[&alice]) else { unreachable!() };
    let merge = bump(&client, &carol, 200, merge);
    let pay = client.transaction(&carol, vec![payment(&carol.id(), 1)]).await;
    let pay = client.sign(pay, &[&carol]);
    assert_eq!(status(&client, &merge).await, "PENDING");
    assert_eq!(status(&client, &pay).await, "PENDING");
    ledger.close(1, 0).await;
    assert_eq!(found(&client, &pay).await["status"], "SUCCESS");
    let broken = found(&client, &merge).await;
    let Code::TxFeeBumpInnerFailed(pair) = result(&broken).result else { panic!("{broken}") };
    assert_eq!(pair.result.result, stellar_xdr::InnerTransactionResultResult::TxInternalError);
    assert_eq!(client.balance(&alice.id()).await, -1, "nothing of it stayed");
    ledger.stop().await;
}
