//! What has been, asked for in pieces.

use serde_json::{Value, json};
use stellar_xdr::{
    LedgerCloseMeta, LedgerHeader, LedgerHeaderHistoryEntry, Limits, ReadXdr, ScVal, ScVec, WriteXdr,
};

use crate::support::{LUMEN, Net, call, payment, word};

fn text(value: &ScVal) -> String {
    value.to_xdr_base64(Limits::none()).unwrap()
}

fn values(answer: &Value) -> Vec<ScVal> {
    let events = answer["events"].as_array().unwrap();
    events
        .iter()
        .map(|event| ScVal::from_xdr_base64(event["value"].as_str().unwrap(), Limits::none()).unwrap())
        .collect()
}

#[tokio::test]
async fn events_by_contract_and_topic() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;
    for number in 1..=5 {
        let mut topics = vec![word(if number % 2 == 0 { "even" } else { "odd" }), ScVal::U32(number)];
        if number == 5 {
            topics.push(word("last"));
        }
        let topics = ScVal::Vec(Some(ScVec(topics.try_into().unwrap())));
        client.invoked(&alice, call(&contract, "emit", vec![topics, ScVal::U32(number)])).await;
    }
    let id = contract.to_string();
    let ask = async |topics: Value| {
        let filter = json!({"type": "contract", "contractIds": [id], "topics": topics});
        values(&client.call("getEvents", json!({"startLedger": 1, "filters": [filter]})).await)
    };
    let numbers = |all: &[u32]| all.iter().map(|number| ScVal::U32(*number)).collect::<Vec<_>>();
    let (odd, three) = (text(&word("odd")), text(&ScVal::U32(3)));
    assert_eq!(ask(json!([])).await, numbers(&[1, 2, 3, 4, 5]));
    assert_eq!(ask(json!([["*", "*"]])).await, numbers(&[1, 2, 3, 4]), "of two topics");
    assert_eq!(ask(json!([[odd, "*"]])).await, numbers(&[1, 3]));
    assert_eq!(ask(json!([[odd, "**"]])).await, numbers(&[1, 3, 5]));
    assert_eq!(ask(json!([["*", three]])).await, numbers(&[3]));
    assert_eq!(ask(json!([["**"]])).await, numbers(&[1, 2, 3, 4, 5]));
    assert_eq!(ask(json!([[odd]])).await, numbers(&[]));

    // In pieces, each from where the last one ended; then nothing, until something new comes.
    let (mut seen, mut ask_for) = (
        Vec::new(),
        json!({"startLedger": 1, "filters": [{"contractIds": [id]}], "pagination": {"limit": 2}}),
    );
    for length in [2, 2, 1, 0] {
        let answer = client.call("getEvents", ask_for).await;
        assert_eq!(values(&answer).len(), length, "{answer}");
        seen.extend(values(&answer));
        let cursor = &answer["cursor"];
        ask_for = json!({"filters": [{"contractIds": [id]}], "pagination": {"limit": 2, "cursor": cursor}});
    }
    assert_eq!(seen, numbers(&[1, 2, 3, 4, 5]));
    let event = client.call("getEvents", json!({"startLedger": 1, "filters": [{"contractIds": [id]}]})).await
        ["events"][0]
        .clone();
    assert_eq!(
        (&event["contractId"], &event["ledgerClosedAt"]),
        (&json!(id), &json!("2026-09-01T00:00:00Z"))
    );
}

#[tokio::test]
async fn ranges_that_are_not_there() {
    let net = Net::start().await;
    let client = net.client();
    for params in [
        json!({"startLedger": 99}),
        json!({"startLedger": 0}),
        json!({}),
        json!({"pagination": {"cursor": "x"}}),
    ] {
        for method in ["getEvents", "getTransactions", "getLedgers"] {
            let answer = client.raw(method, params.clone()).await;
            let code = answer["error"]["code"].as_i64().unwrap();
            assert!([-32_600, -32_602].contains(&code), "{method} {params}: {answer}");
        }
    }
    // What is no longer kept is no longer answered for.
    net.ledger.close(17_280, 0).await;
    let health = client.call("getHealth", json!({})).await;
    assert_eq!((&health["oldestLedger"], &health["latestLedger"]), (&json!(3), &json!(17_282)));
    let answer = client.raw("getEvents", json!({"startLedger": 2})).await;
    assert!(answer["error"]["message"].as_str().unwrap().contains("3 - 17282"), "{answer}");
}

#[tokio::test]
async fn transactions_and_ledgers_in_pieces() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let mut hashes = Vec::new();
    for _ in 0..3 {
        let transaction = client.transaction(&alice, vec![payment(&bob.id(), LUMEN)]).await;
        hashes.push(client.send(&client.sign(transaction, &[&alice])).await["hash"].clone());
    }
    let first = client.call("getTransactions", json!({"startLedger": 5, "pagination": {"limit": 2}})).await;
    let rest = client.call("getTransactions", json!({"pagination": {"cursor": first["cursor"]}})).await;
    let found: Vec<_> = [&first, &rest]
        .iter()
        .flat_map(|answer| answer["transactions"].as_array().unwrap())
        .map(|transaction| transaction["txHash"].clone())
        .collect();
    assert_eq!(found, hashes);

    let answer = client.call("getLedgers", json!({"startLedger": 1, "pagination": {"limit": 50}})).await;
    let ledgers = answer["ledgers"].as_array().unwrap();
    assert_eq!(ledgers.len(), 7, "genesis, contract, two gifts, three payments");
    let mut previous = None;
    for ledger in ledgers {
        let header = ledger["headerXdr"].as_str().unwrap();
        let header = LedgerHeaderHistoryEntry::from_xdr_base64(header, Limits::none()).unwrap();
        let meta = LedgerCloseMeta::from_xdr_base64(ledger["metadataXdr"].as_str().unwrap(), Limits::none())
            .unwrap();
        let LedgerCloseMeta::V2(meta) = meta else { panic!("{meta:?}") };
        assert_eq!(meta.ledger_header, header);
        if let Some(previous) = previous {
            assert_eq!(header.header.previous_ledger_hash, previous, "each names the one before");
        }
        previous = Some(header.hash);
    }
    let latest = client.call("getLatestLedger", json!({})).await;
    let header =
        LedgerHeader::from_xdr_base64(latest["headerXdr"].as_str().unwrap(), Limits::none()).unwrap();
    assert_eq!((header.ledger_seq, header.total_coins), (7, 100_000_000_000 * LUMEN));
    assert_eq!(latest["id"], previous.unwrap().to_string());
}
