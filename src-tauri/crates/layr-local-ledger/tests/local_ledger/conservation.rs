//! No stroop comes from nowhere or goes nowhere.

use proptest::prelude::*;
use stellar_xdr::{
    CreateAccountOp, LedgerEntryData, LedgerHeader, LedgerKey, LedgerKeyAccount, Limits, OperationBody,
    ReadXdr, ScVal, TransactionExt, WriteXdr,
};

use crate::support::{Account, Client, LUMEN, Net, call, invoke, payment, word};

/// Accounts that take part; some of them are not there at first.
const ACCOUNTS: u8 = 4;

#[derive(Clone, Debug)]
enum Act {
    Pay {
        from: u8,
        to: u8,
        stroops: i64,
    },
    Create {
        from: u8,
        who: u8,
        stroops: i64,
    },
    Merge {
        from: u8,
        to: u8,
    },
    /// A payment, and then one that fails.
    Both {
        from: u8,
        to: u8,
        stroops: i64,
    },
    Put {
        from: u8,
        number: u32,
        extra_fee: u32,
        starve: bool,
    },
    Friendbot {
        who: u8,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let who = || 1..=ACCOUNTS;
    let stroops = || prop_oneof![1..20 * LUMEN, Just(10_000 * LUMEN), Just(9_999 * LUMEN - 100)];
    prop_oneof![
        3 => (who(), who(), stroops()).prop_map(|(from, to, stroops)| Act::Pay { from, to, stroops }),
        2 => (who(), who(), stroops()).prop_map(|(from, who, stroops)| Act::Create { from, who, stroops }),
        1 => (who(), who()).prop_map(|(from, to)| Act::Merge { from, to }),
        1 => (who(), who(), stroops()).prop_map(|(from, to, stroops)| Act::Both { from, to, stroops }),
        3 => (who(), any::<u32>(), 0..10_000_000u32, any::<bool>())
            .prop_map(|(from, number, extra_fee, starve)| Act::Put { from, number, extra_fee, starve }),
        1 => who().prop_map(|who| Act::Friendbot { who }),
    ]
}

async fn perform(client: &Client, contract: &stellar_xdr::ContractId, act: Act) {
    let account = Account::new;
    let classic = async |from: u8, bodies: Vec<OperationBody>| {
        let from = account(from);
        if client.account(&from.id()).await.is_some() {
            let transaction = client.transaction(&from, bodies).await;
            client.send(&client.sign(transaction, &[&from])).await;
        }
    };
    match act {
        Act::Pay { from, to, stroops } => classic(from, vec![payment(&account(to).id(), stroops)]).await,
        Act::Create { from, who, stroops } => {
            let create = CreateAccountOp { destination: account(who).id(), starting_balance: stroops };
            classic(from, vec![OperationBody::CreateAccount(create)]).await;
        }
        Act::Merge { from, to } => {
            classic(from, vec![OperationBody::AccountMerge(account(to).id().into())]).await;
        }
        Act::Both { from, to, stroops } => {
            let bodies = vec![payment(&account(to).id(), stroops), payment(&account(99).id(), 1)];
            classic(from, bodies).await;
        }
        Act::Put { from, number, extra_fee, starve } => {
            let from = account(from);
            if client.account(&from.id()).await.is_none() {
                return;
            }
            let put = call(contract, "put", vec![word("n"), ScVal::U32(number)]);
            let mut transaction = client.prepared(&from, invoke(put)).await;
            let TransactionExt::V1(data) = &mut transaction.ext else { panic!() };
            data.resource_fee += i64::from(extra_fee);
            if starve {
                data.resources.instructions /= 8;
            }
            transaction.fee += extra_fee;
            client.send(&client.sign(transaction, &[&from])).await;
        }
        Act::Friendbot { who } => {
            client.friendbot(&account(who).id()).await;
        }
    }
}

/// All lumens of all accounts, and the pool of fees.
async fn sum(client: &Client, root: &LedgerKey) -> i128 {
    let mut keys: Vec<_> = (1..=ACCOUNTS)
        .map(|seed| LedgerKey::Account(LedgerKeyAccount { account_id: Account::new(seed).id() }))
        .collect();
    keys.push(root.clone());
    let keys: Vec<_> = keys.iter().map(|key| key.to_xdr_base64(Limits::none()).unwrap()).collect();
    let answer = client.call("getLedgerEntries", serde_json::json!({"keys": keys})).await;
    let mut sum = 0;
    for entry in answer["entries"].as_array().unwrap() {
        let data = LedgerEntryData::from_xdr_base64(entry["xdr"].as_str().unwrap(), Limits::none()).unwrap();
        let LedgerEntryData::Account(account) = data else { panic!("{data:?}") };
        sum += i128::from(account.balance);
    }
    let latest = client.call("getLatestLedger", serde_json::json!({})).await;
    let header =
        LedgerHeader::from_xdr_base64(latest["headerXdr"].as_str().unwrap(), Limits::none()).unwrap();
    sum + i128::from(header.fee_pool)
}

#[test]
fn of_lumens_after_any_history() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 16, ..ProptestConfig::default() });
    runner
        .run(&prop::collection::vec(act(), 1..25), |acts| {
            runtime.block_on(async {
                let net = Net::start().await;
                let client = net.client();
                let alice = client.funded(1).await;
                let contract = client.deployed(&alice).await;
                let root = ed25519_dalek::SigningKey::from_bytes(&client.id).verifying_key().to_bytes();
                let root = LedgerKey::Account(LedgerKeyAccount {
                    account_id: stellar_xdr::AccountId(stellar_xdr::PublicKey::PublicKeyTypeEd25519(
                        stellar_xdr::Uint256(root),
                    )),
                });
                for act in acts {
                    perform(&client, &contract, act.clone()).await;
                    let all = i128::from(100_000_000_000 * LUMEN);
                    prop_assert_eq!(sum(&client, &root).await, all, "after {:?}", act);
                }
                net.ledger.stop().await;
                Ok(())
            })
        })
        .unwrap();
}
