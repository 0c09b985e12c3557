//! A client of few lines, transactions, and a contract small enough to be written by hand.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ed25519_dalek::{Signer as _, SigningKey};
use layr_local_ledger::{Clock, LocalLedger, LocalLedgerSettings};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stellar_xdr::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// When the tests' clock stands still: the first second of September 2026.
pub(crate) const START: u64 = 1_788_220_800;
/// A lumen in stroops.
pub(crate) const LUMEN: i64 = 10_000_000;

/// A contract: `put(key, value)`, `put_temp`, `get(key)`, `emit(topics, data)`, `burn()` without end, `fail()`. Each calls one function of
/// the host: `l._`, `l.1` and `x.1`.
pub(crate) const CONTRACT: &str = "0061736d0100000001170460037e7e7e017e60027e7e017e60017e017e6000017e021303016c015f0000016c01310001017801310001030706010201030301072d0603707574000303676574000404656d69740005046275726e0006046661696c0007087075745f74656d7000080a36060a0020002001420110000b08002000420110010b08002000200110020b080003400c000b000b0300000b0a0020002001420010000b001e11636f6e7472616374656e766d6574617630000000000000001600000000";

pub(crate) fn settings(directory: &Path) -> LocalLedgerSettings {
    LocalLedgerSettings {
        directory: directory.to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        closes_at_once: true,
        close_every: None,
        clock: Clock::new(|| UNIX_EPOCH + Duration::from_secs(START)),
    }
}

/// A ledger in a directory of its own, and its network's id.
pub(crate) struct Net {
    pub(crate) ledger: LocalLedger,
    pub(crate) directory: tempfile::TempDir,
}

impl Net {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let ledger = LocalLedger::start(settings(directory.path())).await.unwrap();
        Self { ledger, directory }
    }

    /// Ledgers close only when asked to: transactions wait.
    pub(crate) async fn waiting() -> Self {
        let directory = tempfile::tempdir().unwrap();
        // Longer than any test.
        let close_every = Some(Duration::from_hours(1));
        let settings =
            LocalLedgerSettings { closes_at_once: false, close_every, ..settings(directory.path()) };
        Self { ledger: LocalLedger::start(settings).await.unwrap(), directory }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.ledger)
    }
}

/// What is asked of one ledger.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: String,
    pub(crate) id: [u8; 32],
}

impl Client {
    pub(crate) fn new(ledger: &LocalLedger) -> Self {
        Self {
            address: ledger.url().strip_prefix("http://").unwrap().to_owned(),
            id: Sha256::digest(ledger.network_passphrase()).into(),
        }
    }

    /// The whole answer to some bytes: status and body.
    pub(crate) async fn http(&self, head: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let host = if head.contains("Host:") { String::new() } else { format!("Host: {}\r\n", self.address) };
        let head = format!("{head}\r\n{host}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses a body by its length does not read it.
        let _ = stream.write_all(body).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let split = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
        (status, answer[split + 4..].to_vec())
    }

    /// The whole answer of a call, with its error if it has one.
    pub(crate) async fn raw(&self, method: &str, params: Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        let head = "POST / HTTP/1.1\r\nContent-Type: application/json";
        let (status, body) = self.http(head, body.as_bytes()).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    pub(crate) async fn call(&self, method: &str, params: Value) -> Value {
        let answer = self.raw(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    pub(crate) async fn friendbot(&self, account: &AccountId) -> (u16, Value) {
        let head = format!("GET /friendbot?addr={account} HTTP/1.1");
        let (status, body) = self.http(&head, b"").await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// A new account with ten thousand lumens.
    pub(crate) async fn funded(&self, seed: u8) -> Account {
        let account = Account::new(seed);
        let (status, answer) = self.friendbot(&account.id()).await;
        assert_eq!(status, 200, "{answer}");
        account
    }

    pub(crate) async fn entry(&self, key: LedgerKey) -> Option<Value> {
        let keys = json!({"keys": [key.to_xdr_base64(Limits::none()).unwrap()]});
        self.call("getLedgerEntries", keys).await["entries"].get(0).cloned()
    }

    pub(crate) async fn account(&self, id: &AccountId) -> Option<AccountEntry> {
        let key = LedgerKey::Account(LedgerKeyAccount { account_id: id.clone() });
        let entry = self.entry(key).await?;
        let data = LedgerEntryData::from_xdr_base64(entry["xdr"].as_str().unwrap(), Limits::none()).unwrap();
        let LedgerEntryData::Account(account) = data else { panic!("{data:?}") };
        Some(account)
    }

    pub(crate) async fn balance(&self, id: &AccountId) -> i64 {
        self.account(id).await.unwrap().balance
    }

    /// A transaction with the account's next sequence number.
    pub(crate) async fn transaction(&self, source: &Account, bodies: Vec<OperationBody>) -> Transaction {
        let sequence = self.account(&source.id()).await.unwrap().seq_num.0;
        let operations: Vec<_> =
            bodies.into_iter().map(|body| Operation { source_account: None, body }).collect();
        Transaction {
            source_account: source.id().into(),
            fee: 100 * u32::try_from(operations.len()).unwrap(),
            seq_num: SequenceNumber(sequence + 1),
            cond: Preconditions::None,
            memo: Memo::None,
            operations: operations.try_into().unwrap(),
            ext: TransactionExt::V0,
        }
    }

    pub(crate) fn sign(&self, transaction: Transaction, signers: &[&Account]) -> TransactionEnvelope {
        let hash = transaction.hash(self.id).unwrap();
        let signatures: Vec<_> = signers.iter().map(|signer| signer.sign(&hash)).collect();
        TransactionEnvelope::Tx(TransactionV1Envelope {
            tx: transaction,
            signatures: signatures.try_into().unwrap(),
        })
    }

    pub(crate) async fn send(&self, envelope: &TransactionEnvelope) -> Value {
        let text = envelope.to_xdr_base64(Limits::none()).unwrap();
        self.call("sendTransaction", json!({"transaction": text})).await
    }

    /// Sends a transaction that is taken, and tells what became of it.
    pub(crate) async fn carried_out(&self, envelope: &TransactionEnvelope) -> Value {
        let sent = self.send(envelope).await;
        let wrong = sent["errorResultXdr"]
            .as_str()
            .map(|xdr| TransactionResult::from_xdr_base64(xdr, Limits::none()));
        assert_eq!(sent["status"], "PENDING", "{wrong:?}");
        self.call("getTransaction", json!({"hash": sent["hash"]})).await
    }

    /// The code of a transaction that is refused.
    pub(crate) async fn refused(&self, envelope: &TransactionEnvelope) -> TransactionResultResult {
        let sent = self.send(envelope).await;
        assert_eq!(sent["status"], "ERROR", "{sent}");
        let text = sent["errorResultXdr"].as_str().unwrap();
        TransactionResult::from_xdr_base64(text, Limits::none()).unwrap().result
    }

    pub(crate) async fn simulated(&self, transaction: &Transaction) -> Value {
        let unsigned = TransactionEnvelope::Tx(TransactionV1Envelope {
            tx: transaction.clone(),
            signatures: VecM::default(),
        });
        let text = unsigned.to_xdr_base64(Limits::none()).unwrap();
        self.call("simulateTransaction", json!({"transaction": text})).await
    }

    /// A transaction of one Soroban operation, with what a simulation says it needs.
    pub(crate) async fn prepared(&self, source: &Account, body: OperationBody) -> Transaction {
        let transaction = self.transaction(source, vec![body]).await;
        let simulated = self.simulated(&transaction).await;
        assert!(simulated.get("error").is_none(), "{simulated}");
        assembled(transaction, &simulated)
    }

    pub(crate) async fn invoked(&self, source: &Account, function: HostFunction) -> Value {
        let transaction = self.prepared(source, invoke(function)).await;
        self.carried_out(&self.sign(transaction, &[source])).await
    }

    /// The contract of these tests on the ledger, and its id.
    pub(crate) async fn deployed(&self, source: &Account) -> ContractId {
        let code = hex::decode(CONTRACT).unwrap();
        let hash: [u8; 32] = Sha256::digest(&code).into();
        let uploaded = self.invoked(source, HostFunction::UploadContractWasm(code.try_into().unwrap())).await;
        assert_eq!(uploaded["status"], "SUCCESS", "{uploaded}");
        let create = HostFunction::CreateContract(CreateContractArgs {
            contract_id_preimage: ContractIdPreimage::Address(ContractIdPreimageFromAddress {
                address: ScAddress::Account(source.id()),
                salt: Uint256([7; 32]),
            }),
            executable: ContractExecutable::Wasm(Hash(hash)),
        });
        let created = self.invoked(source, create).await;
        assert_eq!(created["status"], "SUCCESS", "{created}");
        let ScVal::Address(ScAddress::Contract(id)) = returned(&created) else { panic!("{created}") };
        id
    }
}

/// Resources, fee and authorisations of a simulation, put into its transaction.
pub(crate) fn assembled(mut transaction: Transaction, simulated: &Value) -> Transaction {
    let data = SorobanTransactionData::from_xdr_base64(
        simulated["transactionData"].as_str().unwrap(),
        Limits::none(),
    );
    let data = data.unwrap();
    transaction.fee = 100 + u32::try_from(data.resource_fee).unwrap();
    transaction.ext = TransactionExt::V1(data);
    let auth = simulated["results"][0]["auth"].as_array().cloned().unwrap_or_default();
    let auth: Vec<_> = auth
        .iter()
        .map(|text| {
            SorobanAuthorizationEntry::from_xdr_base64(text.as_str().unwrap(), Limits::none()).unwrap()
        })
        .collect();
    let mut operations = transaction.operations.to_vec();
    if let OperationBody::InvokeHostFunction(invoke) = &mut operations[0].body {
        invoke.auth = auth.try_into().unwrap();
    }
    transaction.operations = operations.try_into().unwrap();
    transaction
}

pub(crate) fn returned(answer: &Value) -> ScVal {
    let text = answer["resultMetaXdr"].as_str().unwrap();
    let TransactionMeta::V4(meta) = TransactionMeta::from_xdr_base64(text, Limits::none()).unwrap() else {
        panic!("{answer}")
    };
    meta.soroban_meta.unwrap().return_value.unwrap()
}

pub(crate) fn result(answer: &Value) -> TransactionResult {
    TransactionResult::from_xdr_base64(answer["resultXdr"].as_str().unwrap(), Limits::none()).unwrap()
}

pub(crate) fn invoke(host_function: HostFunction) -> OperationBody {
    OperationBody::InvokeHostFunction(InvokeHostFunctionOp { host_function, auth: VecM::default() })
}

pub(crate) fn call(contract: &ContractId, name: &str, args: Vec<ScVal>) -> HostFunction {
    HostFunction::InvokeContract(InvokeContractArgs {
        contract_address: ScAddress::Contract(contract.clone()),
        function_name: symbol(name),
        args: args.try_into().unwrap(),
    })
}

pub(crate) fn symbol(name: &str) -> ScSymbol {
    ScSymbol(name.try_into().unwrap())
}

pub(crate) fn word(name: &str) -> ScVal {
    ScVal::Symbol(symbol(name))
}

pub(crate) fn payment(to: &AccountId, stroops: i64) -> OperationBody {
    OperationBody::Payment(PaymentOp {
        destination: to.clone().into(),
        asset: Asset::Native,
        amount: stroops,
    })
}

/// A fee bump around a signed transaction.
pub(crate) fn bump(
    client: &Client,
    payer: &Account,
    fee: i64,
    inner: TransactionV1Envelope,
) -> TransactionEnvelope {
    let transaction = FeeBumpTransaction {
        fee_source: payer.id().into(),
        fee,
        inner_tx: FeeBumpTransactionInnerTx::Tx(inner),
        ext: FeeBumpTransactionExt::V0,
    };
    let hash = transaction.hash(client.id).unwrap();
    TransactionEnvelope::TxFeeBump(FeeBumpTransactionEnvelope {
        tx: transaction,
        signatures: vec![payer.sign(&hash)].try_into().unwrap(),
    })
}

/// A key pair, from a seed of one byte.
#[derive(Clone)]
pub(crate) struct Account(SigningKey);

impl Account {
    pub(crate) fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    pub(crate) fn id(&self) -> AccountId {
        AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(self.0.verifying_key().to_bytes())))
    }

    pub(crate) fn sign(&self, hash: &[u8; 32]) -> DecoratedSignature {
        let key = self.0.verifying_key().to_bytes();
        DecoratedSignature {
            hint: SignatureHint(key[28..].try_into().unwrap()),
            signature: Signature(self.0.sign(hash).to_bytes().to_vec().try_into().unwrap()),
        }
    }
}

/// The time that a clock shows which the test moves.
pub(crate) fn at(unix_s: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(unix_s)
}
