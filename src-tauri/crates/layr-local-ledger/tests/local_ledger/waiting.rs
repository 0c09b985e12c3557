//! Transactions that wait for their ledger: what takes their place, and what is left of them when it closes.

use serde_json::{Value, json};
use stellar_xdr::{
    BumpSequenceOp, Limits, Operation, OperationBody, Preconditions, ReadXdr, SequenceNumber, TimeBounds,
    TimePoint, TransactionEnvelope, TransactionResult, TransactionResultResult as Code,
};

use crate::support::{Client, LUMEN, Net, START, bump, payment, result};

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
    let mut next = transaction.clone();
    next.seq_num.0 += 1;
    let (envelope, next) = (client.sign(transaction, &[&alice]), client.sign(next, &[&alice]));
    assert_eq!(status(&client, &envelope).await, "PENDING");
    assert_eq!(status(&client, &envelope).await, "DUPLICATE");
    assert_eq!(status(&client, &next).await, "TRY_AGAIN_LATER");
    assert_eq!(found(&client, &envelope).await["status"], "NOT_FOUND");
    net.ledger.close(1, 0).await;
    assert_eq!(found(&client, &envelope).await["status"], "SUCCESS");
    assert_eq!(status(&client, &next).await, "PENDING");
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
    let mut next = transaction.clone();
    next.seq_num.0 += 1;
    let [first, next] = [transaction, next].map(|one| client.sign(one, &[&alice]));
    let [TransactionEnvelope::Tx(inner), TransactionEnvelope::Tx(next)] = [first.clone(), next] else {
        unreachable!()
    };
    let offer = |fee| bump(&client, &bob, fee, inner.clone());
    assert_eq!(status(&client, &first).await, "PENDING");
    // A bump counts as one operation more: it bids for two.
    let little = client.send(&offer(1_999)).await;
    let text = little["errorResultXdr"].as_str().unwrap();
    let refused = TransactionResult::from_xdr_base64(text, Limits::none()).unwrap();
    assert_eq!((refused.result, refused.fee_charged), (Code::TxInsufficientFee, 2_000));
    assert_eq!(status(&client, &bump(&client, &bob, 9_000, next)).await, "TRY_AGAIN_LATER");
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
