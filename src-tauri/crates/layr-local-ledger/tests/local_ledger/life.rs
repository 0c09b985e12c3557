//! Entries end, are brought back, and live longer for rent.

use serde_json::{Value, json};
use stellar_xdr::{
    ContractDataDurability, ContractId, ExtendFootprintTtlOp, ExtensionPoint,
    InvokeHostFunctionResult as Invoked, LedgerKey, LedgerKeyContractData, OperationBody, OperationResult,
    OperationResultTr, RestoreFootprintOp, ScAddress, ScVal, SorobanTransactionData,
    SorobanTransactionDataExt, TransactionExt, TransactionResultResult as Code,
};

use crate::support::{Account, Client, LUMEN, Net, assembled, call, invoke, result, returned, word};

/// Ledgers that a new persistent entry lives, and a temporary one.
const PERSISTENT: u32 = 2_073_600;
const TEMPORARY: u32 = 17_280;

fn key(contract: &ContractId, name: &str, durability: ContractDataDurability) -> LedgerKey {
    LedgerKey::ContractData(LedgerKeyContractData {
        contract: ScAddress::Contract(contract.clone()),
        key: word(name),
        durability,
    })
}

/// A transaction that names a footprint and does one thing to it, with what a simulation says.
async fn of_footprint(
    client: &Client,
    source: &Account,
    body: OperationBody,
    read_only: Vec<LedgerKey>,
    read_write: Vec<LedgerKey>,
) -> Value {
    let mut transaction = client.transaction(source, vec![body]).await;
    let mut data = SorobanTransactionData::default();
    data.resources.footprint.read_only = read_only.try_into().unwrap();
    data.resources.footprint.read_write = read_write.try_into().unwrap();
    transaction.ext = TransactionExt::V1(data);
    let simulated = client.simulated(&transaction).await;
    assert!(simulated.get("error").is_none(), "{simulated}");
    client.carried_out(&client.sign(assembled(transaction, &simulated), &[source])).await
}

async fn live_until(client: &Client, key: &LedgerKey) -> Option<u64> {
    client.entry(key.clone()).await.and_then(|entry| entry["liveUntilLedgerSeq"].as_u64())
}

async fn latest(client: &Client) -> u64 {
    client.call("getLatestLedger", json!({})).await["sequence"].as_u64().unwrap()
}

#[tokio::test]
async fn what_was_temporary_is_gone() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;
    client.invoked(&alice, call(&contract, "put_temp", vec![word("t"), ScVal::U32(1)])).await;
    let key = key(&contract, "t", ContractDataDurability::Temporary);
    net.ledger.close(TEMPORARY - 1, 0).await;
    assert!(client.entry(key.clone()).await.is_some(), "in its last ledger");
    net.ledger.close(1, 0).await;
    assert_eq!(client.entry(key).await, None);
    // A new one of the same key begins anew.
    let again = client.invoked(&alice, call(&contract, "put_temp", vec![word("t"), ScVal::U32(2)])).await;
    assert_eq!(again["status"], "SUCCESS", "{again}");
}

#[tokio::test]
async fn what_is_archived_comes_back_with_the_call_that_needs_it() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;
    client.invoked(&alice, call(&contract, "put", vec![word("a"), ScVal::U32(5)])).await;
    let stale = client.prepared(&alice, invoke(call(&contract, "get", vec![word("a")]))).await;
    net.ledger.close(PERSISTENT + 10, 0).await;

    // With what was simulated before, it is in the archive and stays there.
    let answer = client.carried_out(&client.sign(stale, &[&alice])).await;
    let Code::TxFailed(operations) = result(&answer).result else { panic!("{answer}") };
    let archived = OperationResultTr::InvokeHostFunction(Invoked::EntryArchived);
    assert_eq!(operations[0], OperationResult::OpInner(archived));

    let call = invoke(call(&contract, "get", vec![word("a")]));
    let transaction = client.prepared(&alice, call).await;
    let TransactionExt::V1(data) = &transaction.ext else { panic!() };
    let SorobanTransactionDataExt::V1(more) = &data.ext else { panic!("{data:?}") };
    assert_eq!(more.archived_soroban_entries.len(), 3, "code, instance, data");
    let answer = client.carried_out(&client.sign(transaction, &[&alice])).await;
    assert_eq!(answer["status"], "SUCCESS", "{answer}");
    assert_eq!(returned(&answer), ScVal::U32(5));
    let key = key(&contract, "a", ContractDataDurability::Persistent);
    let until = latest(&client).await + u64::from(PERSISTENT) - 1;
    assert_eq!(live_until(&client, &key).await, Some(until));
}

#[tokio::test]
async fn what_is_archived_is_restored_by_itself() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;
    client.invoked(&alice, call(&contract, "put", vec![word("a"), ScVal::U32(5)])).await;
    net.ledger.close(PERSISTENT + 10, 0).await;
    let key = key(&contract, "a", ContractDataDurability::Persistent);
    let over = live_until(&client, &key).await.unwrap();
    assert!(over < latest(&client).await, "archived, and shown with its end");
    let before = client.balance(&alice.id()).await;
    let restore = OperationBody::RestoreFootprint(RestoreFootprintOp { ext: ExtensionPoint::V0 });
    let answer = of_footprint(&client, &alice, restore, vec![], vec![key.clone()]).await;
    assert_eq!(answer["status"], "SUCCESS", "{answer}");
    assert_eq!(live_until(&client, &key).await, Some(latest(&client).await + u64::from(PERSISTENT) - 1));
    assert!(client.balance(&alice.id()).await < before - 100_000, "120 days of rent");
}

#[tokio::test]
async fn life_is_longer_for_rent() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;
    client.invoked(&alice, call(&contract, "put", vec![word("a"), ScVal::U32(5)])).await;
    let key = key(&contract, "a", ContractDataDurability::Persistent);
    let extend = |extend_to| {
        OperationBody::ExtendFootprintTtl(ExtendFootprintTtlOp { ext: ExtensionPoint::V0, extend_to })
    };
    let before = live_until(&client, &key).await.unwrap();
    let answer = of_footprint(&client, &alice, extend(3_000_000), vec![key.clone()], vec![]).await;
    assert_eq!(answer["status"], "SUCCESS", "{answer}");
    let after = live_until(&client, &key).await.unwrap();
    assert_eq!(after, latest(&client).await + 3_000_000);
    // By the note's formula: bytes of the entry × rate × ledgers, a KiB and 1 215 ledgers being the unit.
    let rent = result(&answer).fee_charged;
    assert!((after > before) && (20_000..LUMEN).contains(&rent), "{rent}");
    // More than 180 days cannot be had.
    let transaction = client.transaction(&alice, vec![extend(3_110_400)]).await;
    let mut transaction = transaction;
    let mut data = SorobanTransactionData { resource_fee: LUMEN, ..SorobanTransactionData::default() };
    data.resources.footprint.read_only = vec![key].try_into().unwrap();
    transaction.ext = TransactionExt::V1(data);
    transaction.fee = 100 + 10_000_000;
    let code = client.refused(&client.sign(transaction, &[&alice])).await;
    assert!(matches!(code, Code::TxFailed(_)), "{code:?}");
}
