//! The main path: an account, a payment, a contract.

use serde_json::json;
use stellar_xdr::{ContractEvent, ContractEventBody, Limits, ReadXdr, ScVal, ScVec, VecM, WriteXdr};

use crate::support::{Account, LUMEN, Net, START, call, payment, result, returned, word};

#[tokio::test]
async fn says_what_it_is() {
    let net = Net::start().await;
    let client = net.client();
    let network = client.call("getNetwork", json!({})).await;
    assert_eq!(network["passphrase"], net.ledger.network_passphrase());
    assert_eq!(network["friendbotUrl"], format!("{}/friendbot", net.ledger.url()));
    assert_eq!(network["protocolVersion"], 29);
    let health = client.call("getHealth", json!(null)).await;
    assert_eq!(
        (&health["status"], &health["oldestLedger"], &health["latestLedger"]),
        (&json!("healthy"), &json!(1), &json!(2))
    );
    let latest = client.call("getLatestLedger", json!([])).await;
    assert_eq!((&latest["sequence"], &latest["closeTime"]), (&json!(2), &json!(START.to_string())));
    assert_eq!(client.call("getFeeStats", json!({})).await["inclusionFee"]["p99"], "100");
}

#[tokio::test]
async fn gives_and_moves_lumens() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    assert_eq!(client.balance(&alice.id()).await, 10_000 * LUMEN);
    let (status, again) = client.friendbot(&alice.id()).await;
    assert_eq!(status, 400);
    assert!(again["detail"].as_str().unwrap().contains("createAccountAlreadyExist"), "{again}");

    let transaction = client.transaction(&alice, vec![payment(&bob.id(), 25 * LUMEN)]).await;
    let envelope = client.sign(transaction, &[&alice]);
    let answer = client.carried_out(&envelope).await;
    assert_eq!(answer["status"], "SUCCESS", "{answer}");
    assert_eq!(result(&answer).fee_charged, 100);
    assert_eq!(client.balance(&alice.id()).await, 9_975 * LUMEN - 100);
    assert_eq!(client.balance(&bob.id()).await, 10_025 * LUMEN);
    assert_eq!(answer["envelopeXdr"], envelope.to_xdr_base64(Limits::none()).unwrap());
    let nobody = client.call("getTransaction", json!({"hash": "00".repeat(32)})).await;
    assert_eq!(nobody["status"], "NOT_FOUND");
    assert_eq!(client.account(&Account::new(9).id()).await, None);
}

#[tokio::test]
async fn runs_a_contract() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;

    let put = client.invoked(&alice, call(&contract, "put", vec![word("size"), ScVal::U32(77)])).await;
    assert_eq!(put["status"], "SUCCESS", "{put}");
    let get = client.invoked(&alice, call(&contract, "get", vec![word("size")])).await;
    assert_eq!(returned(&get), ScVal::U32(77));

    let topics = ScVal::Vec(Some(ScVec(vec![word("kept"), ScVal::U32(4)].try_into().unwrap())));
    let emitted = client.invoked(&alice, call(&contract, "emit", vec![topics, ScVal::U64(12)])).await;
    assert_eq!(emitted["status"], "SUCCESS", "{emitted}");
    let text = emitted["events"]["contractEventsXdr"][0][0].as_str().unwrap();
    let event = ContractEvent::from_xdr_base64(text, Limits::none()).unwrap();
    let ContractEventBody::V0(body) = event.body;
    let expected: VecM<ScVal> = vec![word("kept"), ScVal::U32(4)].try_into().unwrap();
    assert_eq!((event.contract_id, body.topics, body.data), (Some(contract), expected, ScVal::U64(12)));
}
