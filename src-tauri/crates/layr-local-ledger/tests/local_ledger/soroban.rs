//! Contracts: what they declare, what they cost, and what comes back.

use sha2::Digest;
use stellar_xdr::{
    ContractId, InvokeHostFunctionResult as Invoked, LedgerEntryData, LedgerKey, LedgerKeyContractCode,
    LedgerKeyContractData, Limits, OperationResult, OperationResultTr, ReadXdr, ScAddress, ScVal,
    TransactionExt, TransactionMeta, TransactionResultResult as Code, WriteXdr,
};

use crate::support::{Account, Client, LUMEN, Net, call, invoke, result, returned, word};

fn code(answer: &serde_json::Value) -> Invoked {
    let Code::TxFailed(operations) = result(answer).result else { panic!("{answer}") };
    let OperationResult::OpInner(OperationResultTr::InvokeHostFunction(code)) = operations[0].clone() else {
        panic!("{answer}")
    };
    code
}

/// Resource fees by the transaction's own account: what is kept of them whatever happens, and what was used of the rest.
fn charged(answer: &serde_json::Value) -> (i64, i64) {
    let text = answer["resultMetaXdr"].as_str().unwrap();
    let TransactionMeta::V4(meta) = TransactionMeta::from_xdr_base64(text, Limits::none()).unwrap() else {
        panic!("{answer}")
    };
    let stellar_xdr::SorobanTransactionMetaExt::V1(fees) = meta.soroban_meta.unwrap().ext else {
        panic!("{answer}")
    };
    (fees.total_non_refundable_resource_fee_charged, fees.total_refundable_resource_fee_charged)
}

#[tokio::test]
async fn what_was_not_used_comes_back() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;
    let put = invoke(call(&contract, "put", vec![word("a"), ScVal::U32(1)]));
    let mut transaction = client.prepared(&alice, put).await;
    let TransactionExt::V1(data) = &mut transaction.ext else { panic!() };
    data.resource_fee += 7 * LUMEN;
    transaction.fee += u32::try_from(7 * LUMEN).unwrap();
    let before = client.balance(&alice.id()).await;
    let answer = client.carried_out(&client.sign(transaction, &[&alice])).await;
    assert_eq!(answer["status"], "SUCCESS", "{answer}");
    let (kept, used) = charged(&answer);
    assert!(used > 0, "rent of the new entry");
    assert_eq!(result(&answer).fee_charged, 100 + kept + used);
    assert_eq!(client.balance(&alice.id()).await, before - 100 - kept - used);
}

#[tokio::test]
async fn a_failed_call_costs_what_is_kept_and_its_number() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;
    // What a simulation of a good call says, with a call that traps in its place.
    let mut failing = prepared_put(&client, &alice, &contract).await;
    failing.operations =
        vec![stellar_xdr::Operation { source_account: None, body: invoke(call(&contract, "fail", vec![])) }]
            .try_into()
            .unwrap();
    let before = client.account(&alice.id()).await.unwrap();
    let answer = client.carried_out(&client.sign(failing, &[&alice])).await;
    assert_eq!((code(&answer), &answer["status"]), (Invoked::Trapped, &"FAILED".into()));
    let (kept, used) = charged(&answer);
    let after = client.account(&alice.id()).await.unwrap();
    assert_eq!((used, after.balance), (0, before.balance - 100 - kept));
    assert_eq!(after.seq_num.0, before.seq_num.0 + 1);
    assert!(answer["diagnosticEventsXdr"].as_array().unwrap().len() > 1, "it says why");
}

async fn prepared_put(client: &Client, alice: &Account, contract: &ContractId) -> stellar_xdr::Transaction {
    client.prepared(alice, invoke(call(contract, "put", vec![word("a"), ScVal::U32(1)]))).await
}

#[tokio::test]
async fn what_is_declared_binds() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;
    let cases: [(&str, fn(&mut stellar_xdr::SorobanTransactionData), Invoked); 4] = [
        ("instructions", |data| data.resources.instructions = 100_000, Invoked::ResourceLimitExceeded),
        ("written bytes", |data| data.resources.write_bytes = 10, Invoked::ResourceLimitExceeded),
        (
            "footprint",
            |data| data.resources.footprint.read_write = vec![].try_into().unwrap(),
            Invoked::Trapped,
        ),
        ("rent", |data| data.resource_fee -= 200_000, Invoked::InsufficientRefundableFee),
    ];
    for (name, change, expected) in cases {
        let mut transaction = prepared_put(&client, &alice, &contract).await;
        let TransactionExt::V1(data) = &mut transaction.ext else { panic!() };
        change(data);
        let answer = client.carried_out(&client.sign(transaction, &[&alice])).await;
        assert_eq!(code(&answer), expected, "{name}");
    }
    let refused: [(&str, fn(&mut stellar_xdr::SorobanTransactionData)); 6] = [
        ("more instructions than anybody may", |data| data.resources.instructions = 400_000_001),
        ("more bytes than anybody may", |data| data.resources.write_bytes = 132_097),
        ("a fee below what is kept", |data| data.resource_fee = 100),
        ("a negative fee", |data| data.resource_fee = -1),
        ("a key twice", |data| {
            let key = data.resources.footprint.read_write[0].clone();
            data.resources.footprint.read_only = vec![key].try_into().unwrap();
        }),
        ("a settings key", |data| {
            let key = LedgerKey::ConfigSetting(stellar_xdr::LedgerKeyConfigSetting {
                config_setting_id: stellar_xdr::ConfigSettingId::StateArchival,
            });
            data.resources.footprint.read_only = vec![key].try_into().unwrap();
        }),
    ];
    for (name, change) in refused {
        let mut transaction = prepared_put(&client, &alice, &contract).await;
        let TransactionExt::V1(data) = &mut transaction.ext else { panic!() };
        change(data);
        assert_eq!(
            client.refused(&client.sign(transaction, &[&alice])).await,
            Code::TxSorobanInvalid,
            "{name}"
        );
    }
    let get = client.invoked(&alice, call(&contract, "put", vec![word("a"), ScVal::U32(2)])).await;
    assert_eq!(get["status"], "SUCCESS", "after all that");
}

#[tokio::test]
async fn a_call_without_end_ends() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;
    let transaction = client.transaction(&alice, vec![invoke(call(&contract, "burn", vec![]))]).await;
    let simulated = client.simulated(&transaction).await;
    assert!(simulated["error"].as_str().unwrap().contains("Budget"), "{simulated}");
}

#[tokio::test]
async fn lumens_move_through_their_contract_and_keep_the_reserve() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let native = stellar_xdr::HashIdPreimage::ContractId(stellar_xdr::HashIdPreimageContractId {
        network_id: stellar_xdr::Hash(client.id),
        contract_id_preimage: stellar_xdr::ContractIdPreimage::Asset(stellar_xdr::Asset::Native),
    });
    let native = sha2::Sha256::digest(native.to_xdr(Limits::none()).unwrap());
    let native = ContractId(stellar_xdr::Hash(native.into()));
    let who = |account: &Account| ScVal::Address(ScAddress::Account(account.id()));
    let transfer = |stroops: i64| {
        call(&native, "transfer", vec![who(&alice), who(&bob), ScVal::from(i128::from(stroops))])
    };
    let moved = client.invoked(&alice, transfer(3 * LUMEN)).await;
    assert_eq!(moved["status"], "SUCCESS", "{moved}");
    assert_eq!(client.balance(&bob.id()).await, 10_003 * LUMEN);
    let balance = client.invoked(&alice, call(&native, "balance", vec![who(&bob)])).await;
    assert_eq!(returned(&balance), ScVal::from(i128::from(10_003 * LUMEN)));
    let all = client.balance(&alice.id()).await;
    let transaction = client.transaction(&alice, vec![invoke(transfer(all - LUMEN / 2))]).await;
    let simulated = client.simulated(&transaction).await;
    assert!(
        simulated["error"].as_str().unwrap().contains("Contract, #10"),
        "the token's own error: {simulated}"
    );
}

#[tokio::test]
async fn code_and_data_are_there_to_be_read() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;
    client.invoked(&alice, call(&contract, "put", vec![word("a"), ScVal::U32(9)])).await;
    let key = LedgerKey::ContractData(LedgerKeyContractData {
        contract: ScAddress::Contract(contract),
        key: word("a"),
        durability: stellar_xdr::ContractDataDurability::Persistent,
    });
    let entry = client.entry(key).await.unwrap();
    let data = LedgerEntryData::from_xdr_base64(entry["xdr"].as_str().unwrap(), Limits::none()).unwrap();
    let LedgerEntryData::ContractData(data) = data else { panic!("{data:?}") };
    assert_eq!(data.val, ScVal::U32(9));
    let written = entry["lastModifiedLedgerSeq"].as_u64().unwrap();
    assert_eq!(
        entry["liveUntilLedgerSeq"].as_u64(),
        Some(written + 2_073_599),
        "120 days, this ledger among them"
    );
    let absent = LedgerKey::ContractCode(LedgerKeyContractCode { hash: stellar_xdr::Hash([1; 32]) });
    assert_eq!(client.entry(absent).await, None);
}
