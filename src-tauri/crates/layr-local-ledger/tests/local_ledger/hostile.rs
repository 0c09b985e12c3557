//! Bytes of people who mean no good, and two clients at once.

use proptest::prelude::*;
use serde_json::{Value, json};
use stellar_xdr::{
    ContractDataDurability, ExtendFootprintTtlOp, ExtensionPoint, LedgerKey, LedgerKeyContractData, Limits,
    OperationBody, ScAddress, ScVal, SorobanTransactionData, TransactionExt, WriteXdr,
};

use crate::support::{Account, Client, LUMEN, Net, invoke, payment};

const POST: &str = "POST / HTTP/1.1\r\nContent-Type: application/json";

async fn error_code(client: &Client, body: &[u8]) -> Option<i64> {
    let (status, answer) = client.http(POST, body).await;
    assert_eq!(status, 200);
    serde_json::from_slice::<Value>(&answer).unwrap()["error"]["code"].as_i64()
}

#[tokio::test]
async fn requests_that_are_none() {
    let net = Net::start().await;
    let client = net.client();
    let deep = "[".repeat(100_000);
    for (body, code) in [
        ("", -32_700),
        ("{", -32_700),
        (&*deep, -32_700),
        ("\u{0}", -32_700),
        ("[]", -32_600),
        ("1", -32_600),
        (r#"{"method":"getHealth"}"#, -32_600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"getHealth"}"#, -32_600),
        (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32_600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"getHealth","params":[1]}"#, -32_602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"getHealth","params":{"xdrFormat":"json"}}"#, -32_602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"dropTables"}"#, -32_601),
        (r#"{"jsonrpc":"2.0","id":1,"method":"getLedgerEntries","params":{"keys":["AAAA"]}}"#, -32_602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"getTransaction","params":{"hash":"zz"}}"#, -32_602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"sendTransaction","params":{"transaction":"!"}}"#, -32_602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"layr_close","params":{"seconds":99999999999}}"#, -32_602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"layr_close","params":{"ledgers":4294967295}}"#, -32_602),
    ] {
        assert_eq!(error_code(&client, body.as_bytes()).await, Some(code), "{body:.80}");
    }
    let (status, _) = client.http(POST, &vec![b' '; 600_000]).await;
    assert_eq!(status, 413);
    assert_eq!(client.call("getHealth", json!({})).await["status"], "healthy");
}

#[tokio::test]
async fn pages_of_other_sites() {
    let net = Net::start().await;
    let client = net.client();
    let body = br#"{"jsonrpc":"2.0","id":1,"method":"layr_close","params":{"ledgers":5}}"#;
    for header in ["Origin: http://evil.example", "Sec-Fetch-Site: cross-site", "Host: evil.example"] {
        let (status, _) = client.http(&format!("{POST}\r\n{header}"), body).await;
        assert_eq!(status, 403, "{header}");
    }
    assert_eq!(client.call("getLatestLedger", json!({})).await["sequence"], 2, "no ledger closed");
}

#[tokio::test]
async fn friendbots_that_are_asked_for_nonsense() {
    let net = Net::start().await;
    let client = net.client();
    for path in ["/friendbot", "/friendbot?addr=", "/friendbot?addr=GABC", "/friendbot?addr=%00"] {
        let (status, _) = client.http(&format!("GET {path} HTTP/1.1"), b"").await;
        assert_eq!(status, 400, "{path}");
    }
}

/// A good transaction with some of its bytes changed.
fn mangled(envelope: &[u8], changes: &[(usize, u8)], cut: usize) -> Vec<u8> {
    let mut bytes = envelope.to_vec();
    for (place, value) in changes {
        let place = place % bytes.len();
        bytes[place] = *value;
    }
    bytes.truncate(bytes.len() - cut.min(bytes.len()));
    bytes
}

#[tokio::test]
async fn a_life_beyond_all_ledgers() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let contract = client.deployed(&alice).await;
    let key = LedgerKey::ContractData(LedgerKeyContractData {
        contract: ScAddress::Contract(contract),
        key: ScVal::LedgerKeyContractInstance,
        durability: ContractDataDurability::Persistent,
    });
    for extend_to in [u32::MAX, u32::MAX - 1, 3_110_400] {
        let extend = ExtendFootprintTtlOp { ext: ExtensionPoint::V0, extend_to };
        let mut transaction =
            client.transaction(&alice, vec![OperationBody::ExtendFootprintTtl(extend)]).await;
        let mut data = SorobanTransactionData::default();
        data.resources.footprint.read_only = vec![key.clone()].try_into().unwrap();
        transaction.ext = TransactionExt::V1(data);
        let simulated = client.simulated(&transaction).await;
        assert!(simulated["error"].as_str().unwrap().contains("at most"), "{simulated}");
    }
}

#[test]
fn mangled_transactions_never_harm() {
    use base64::Engine as _;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (net, client, envelopes) = runtime.block_on(async {
        let net = Net::start().await;
        let client = net.client();
        let alice = client.funded(1).await;
        let upload = stellar_xdr::HostFunction::UploadContractWasm(
            hex::decode(crate::support::CONTRACT).unwrap().try_into().unwrap(),
        );
        let soroban = client.prepared(&alice, invoke(upload)).await;
        let classic = client.transaction(&alice, vec![payment(&Account::new(9).id(), LUMEN)]).await;
        let bytes = |one| client.sign(one, &[&alice]).to_xdr(Limits::none()).unwrap();
        let envelopes = [bytes(soroban), bytes(classic)];
        (net, client, envelopes)
    });
    let strategy = (
        0..2usize,
        prop::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        prop_oneof![Just(0usize), 0..40usize],
    );
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 200, ..ProptestConfig::default() });
    runner
        .run(&strategy, |(which, changes, cut)| {
            let text =
                base64::engine::general_purpose::STANDARD.encode(mangled(&envelopes[which], &changes, cut));
            let (simulated, sent) = runtime.block_on(async {
                let params = json!({"transaction": text});
                (
                    client.raw("simulateTransaction", params.clone()).await,
                    client.raw("sendTransaction", params).await,
                )
            });
            // Refused, or taken because nothing that matters was changed; never broken.
            for answer in [&simulated, &sent] {
                prop_assert_ne!(answer["error"]["code"].as_i64(), Some(-32_603), "{}", answer);
            }
            Ok(())
        })
        .unwrap();
    runtime.block_on(net.ledger.stop());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clients_at_once() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let pay = |from: Account, to: Account| {
        let client = client.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                let transaction = client.transaction(&from, vec![payment(&to.id(), LUMEN)]).await;
                let answer = client.carried_out(&client.sign(transaction, &[&from])).await;
                assert_eq!(answer["status"], "SUCCESS");
            }
        })
    };
    let (one, other) = (pay(alice.clone(), bob.clone()), pay(bob.clone(), alice.clone()));
    one.await.unwrap();
    other.await.unwrap();
    for account in [&alice, &bob] {
        assert_eq!(client.balance(&account.id()).await, 10_000 * LUMEN - 2_000);
    }
}
