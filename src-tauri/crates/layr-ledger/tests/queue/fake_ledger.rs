//! A fake ledger that speaks the RPC: accounts with balances and sequence numbers, payments, time. It checks what keeps money safe (sequence
//! numbers, times, balances, hashes) and no signatures; and it misbehaves as it is told.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use layr_ledger::Account;
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stellar_xdr as xdr;
use xdr::{Limits, ReadXdr, WriteXdr};

pub(crate) const PASSPHRASE: &str = "a fake ledger ; for tests";
/// Seconds between two ledgers.
const CLOSE_S: u64 = 5;

/// What the server does with one `sendTransaction`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnSend {
    /// Takes it into the next ledger.
    Take,
    /// Takes it, and answers with a failure of the server.
    TakeAndLoseTheAnswer,
    /// Says that it has it, and forgets it.
    Forget,
    /// Says that it has it, and keeps it until it is let go.
    HoldBack,
    /// As [`OnSend::HoldBack`], and the next question about an account is answered as if there were none, as of a ledger so much older.
    HoldBackAndHide(u32),
    /// Has no room unless more than 100 stroops are offered for an operation.
    WantMore,
    /// Refuses it with a result.
    Refuse(&'static str),
    /// Refuses it with a result, and keeps it.
    RefuseAndHoldBack(&'static str),
    /// Takes it, refuses it with a result, and the next question about a transaction is answered as of the ledger before.
    TakeUnseenAndRefuse(&'static str),
    /// Fails before it has seen it.
    Fail,
}

/// What the server says that is not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    Nothing,
    OtherNetwork,
    /// A ledger so much older than the true one.
    Older(u32),
    NoJson,
    /// More bytes than anybody should read.
    Endless,
    /// XDR that is none.
    BadXdr,
    /// What was asked for, of somebody else.
    OtherAccount,
    OtherTransaction,
    Unhealthy,
    HangsUp,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct FakeAccount {
    pub(crate) balance: i64,
    pub(crate) sequence: i64,
}

struct Done {
    ledger: u32,
    envelope: xdr::TransactionEnvelope,
    result: xdr::TransactionResult,
}

pub(crate) struct World {
    pub(crate) accounts: HashMap<Account, FakeAccount>,
    pub(crate) sequence: u32,
    pub(crate) close_time: u64,
    pub(crate) oldest: u32,
    pub(crate) on_send: VecDeque<OnSend>,
    pub(crate) lie: Lie,
    /// Payments that took effect: destination, stroops.
    pub(crate) paid: Vec<(Account, i64)>,
    /// How often a transaction was sent, whatever became of it.
    pub(crate) sends: u32,
    /// The next answer about an account has none, as of a ledger so much older.
    pub(crate) hides: Option<u32>,
    /// So many answers about transactions are of the ledger before.
    pub(crate) looks_behind: u32,
    /// Questions about accounts since one was hidden.
    pub(crate) asked_since: u32,
    done: HashMap<[u8; 32], Done>,
    held: Vec<xdr::TransactionEnvelope>,
}

#[derive(Clone)]
pub(crate) struct FakeLedger {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) url: String,
}

impl FakeLedger {
    pub(crate) async fn start() -> Self {
        let world = World {
            accounts: HashMap::new(),
            sequence: 1000,
            close_time: 1_800_000_000,
            oldest: 1,
            on_send: VecDeque::new(),
            lie: Lie::Nothing,
            paid: Vec::new(),
            sends: 0,
            hides: None,
            looks_behind: 0,
            asked_since: 0,
            done: HashMap::new(),
            held: Vec::new(),
        };
        let world = Arc::new(Mutex::new(world));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().route("/", post(answer)).with_state(Arc::clone(&world));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { world, url }
    }

    pub(crate) fn open(&self, account: Account, balance: i64) {
        self.world.lock().accounts.insert(account, FakeAccount { balance, sequence: 1 << 40 });
    }

    pub(crate) fn on_send(&self, what: impl IntoIterator<Item = OnSend>) {
        self.world.lock().on_send.extend(what);
    }

    pub(crate) fn balance(&self, account: Account) -> i64 {
        self.world.lock().accounts.get(&account).map_or(0, |account| account.balance)
    }
}

async fn answer(State(world): State<Arc<Mutex<World>>>, Json(request): Json<Value>) -> Response {
    let mut world = world.lock();
    let (method, params) = (request["method"].as_str().unwrap().to_owned(), &request["params"]);
    match world.lie {
        Lie::NoJson => return "<html>Welcome to the hotel's network</html>".into_response(),
        Lie::Endless => return " ".repeat(5 << 20).into_response(),
        Lie::HangsUp => return StatusCode::BAD_GATEWAY.into_response(),
        _ => {}
    }
    let result = match method.as_str() {
        "getHealth" if world.lie == Lie::Unhealthy => {
            Err("latency (1m0s) since last known ledger closed is too high")
        }
        "getHealth" => Ok(
            json!({ "status": "healthy", "latestLedger": world.sequence, "oldestLedger": world.oldest, "ledgerRetentionWindow": 120_960 }),
        ),
        "getNetwork" => {
            let passphrase = if world.lie == Lie::OtherNetwork { "another" } else { PASSPHRASE };
            Ok(json!({ "passphrase": passphrase, "protocolVersion": 29 }))
        }
        // With all that the ledger did, as on the public network.
        "getLatestLedger" => Ok(
            json!({ "id": "00", "protocolVersion": 29, "sequence": world.latest(), "closeTime": world.close_time.to_string(),
                "metadataXdr": "A".repeat(5 << 20) }),
        ),
        "getLedgerEntries" => Ok(world.entries(params)),
        "sendTransaction" => world.send(params).ok_or("the database is locked"),
        "getTransaction" => Ok(world.look(params)),
        _ => Err("no such method"),
    };
    let id = &request["id"];
    match result {
        Ok(result) => Json(json!({ "jsonrpc": "2.0", "id": id, "result": result })).into_response(),
        Err(message) => {
            Json(json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32603, "message": message } }))
                .into_response()
        }
    }
}

impl World {
    fn latest(&self) -> u32 {
        if let Lie::Older(by) = self.lie { self.sequence - by } else { self.sequence }
    }

    /// Closes empty ledgers.
    pub(crate) fn close(&mut self, ledgers: u32, seconds: u64) {
        self.sequence += ledgers;
        self.close_time += seconds;
    }

    /// Takes in what was held back, as far as it can still be.
    pub(crate) fn let_go(&mut self) {
        for envelope in std::mem::take(&mut self.held) {
            if self.refusal(&envelope).is_none() {
                self.apply(envelope);
            }
        }
    }

    fn entries(&mut self, params: &Value) -> Value {
        if let Some(older) = self.hides.take() {
            self.asked_since = 0;
            return json!({ "entries": [], "latestLedger": self.sequence - older });
        }
        self.asked_since += 1;
        let keys = params["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap());
        let entry = |text: &str| {
            let key = xdr::LedgerKey::from_xdr_base64(text, Limits::none()).unwrap();
            let xdr::LedgerKey::Account(key) = key else { return None };
            let xdr::PublicKey::PublicKeyTypeEd25519(xdr::Uint256(bytes)) = &key.account_id.0;
            let account = self.accounts.get(&Account::from_bytes(*bytes))?;
            let id = if self.lie == Lie::OtherAccount {
                Account::from_bytes([99; 32])
            } else {
                Account::from_bytes(*bytes)
            };
            let data = xdr::LedgerEntryData::Account(xdr::AccountEntry {
                account_id: xdr::AccountId(xdr::PublicKey::PublicKeyTypeEd25519(xdr::Uint256(
                    *id.as_bytes(),
                ))),
                balance: account.balance,
                seq_num: xdr::SequenceNumber(account.sequence),
                num_sub_entries: 0,
                inflation_dest: None,
                flags: 0,
                home_domain: xdr::String32::default(),
                thresholds: xdr::Thresholds([1, 0, 0, 0]),
                signers: xdr::VecM::default(),
                ext: xdr::AccountEntryExt::V0,
            });
            let mut text_of = data.to_xdr_base64(Limits::none()).unwrap();
            if self.lie == Lie::BadXdr {
                text_of.truncate(20);
            }
            Some(json!({ "key": text, "xdr": text_of, "lastModifiedLedgerSeq": self.sequence }))
        };
        json!({ "entries": keys.filter_map(entry).collect::<Vec<_>>(), "latestLedger": self.latest() })
    }

    fn send(&mut self, params: &Value) -> Option<Value> {
        self.sends += 1;
        let text = params["transaction"].as_str().unwrap();
        let envelope = xdr::TransactionEnvelope::from_xdr_base64(text, Limits::none()).unwrap();
        let hash = envelope.hash(network_id()).unwrap();
        let what = self.on_send.pop_front().unwrap_or(OnSend::Take);
        let (latest, close_time) = (self.latest(), self.close_time.to_string());
        let answer = |status: &str, code: Option<xdr::TransactionResultResult>| {
            let result = code.map(|code| result(code).to_xdr_base64(Limits::none()).unwrap());
            json!({ "status": status, "hash": hex::encode(hash), "errorResultXdr": result,
                "latestLedger": latest, "latestLedgerCloseTime": close_time })
        };
        if what == OnSend::Fail {
            return None;
        }
        if self.done.contains_key(&hash) {
            return Some(answer("DUPLICATE", None));
        }
        if what == OnSend::WantMore && offer(&envelope) <= 100 {
            self.on_send.push_front(OnSend::WantMore);
            return Some(answer("TRY_AGAIN_LATER", None));
        }
        if let OnSend::Refuse(code) | OnSend::RefuseAndHoldBack(code) = what {
            let refused = answer("ERROR", Some(named(code)));
            if matches!(what, OnSend::RefuseAndHoldBack(_)) {
                self.held.push(envelope);
            }
            return Some(refused);
        }
        if let OnSend::TakeUnseenAndRefuse(code) = what {
            self.apply(envelope);
            self.looks_behind = 1;
            return Some(answer("ERROR", Some(named(code))));
        }
        if let Some(refusal) = self.refusal(&envelope) {
            return Some(answer("ERROR", Some(refusal)));
        }
        let pending = answer("PENDING", None);
        match what {
            OnSend::Forget => {}
            OnSend::HoldBack => self.held.push(envelope),
            OnSend::HoldBackAndHide(older) => {
                if older == 0 {
                    // What is signed next is not the same to the second.
                    self.close(1, CLOSE_S);
                }
                self.held.push(envelope);
                self.hides = Some(older);
            }
            _ => self.apply(envelope),
        }
        (what != OnSend::TakeAndLoseTheAnswer).then_some(pending)
    }

    fn refusal(&self, envelope: &xdr::TransactionEnvelope) -> Option<xdr::TransactionResultResult> {
        let tx = inner(envelope);
        let Some(account) = self.accounts.get(&source(tx)) else { return Some(named("txNoAccount")) };
        let xdr::Preconditions::Time(bounds) = &tx.cond else { panic!("without an end") };
        if bounds.max_time.0 < self.close_time {
            return Some(named("txTooLate"));
        }
        if tx.seq_num.0 != account.sequence + 1 {
            return Some(named("txBadSeq"));
        }
        (account.balance < i64::from(tx.fee)).then(|| named("txInsufficientBalance"))
    }

    fn apply(&mut self, envelope: xdr::TransactionEnvelope) {
        let tx = inner(&envelope).clone();
        self.close(1, CLOSE_S);
        let from = source(&tx);
        let sender = self.accounts.get_mut(&from).unwrap();
        sender.sequence = tx.seq_num.0;
        sender.balance -= 100;
        let (outcome, payment) = self.operation(&tx.operations[0].body);
        let result = match payment {
            Some((to, amount)) => {
                self.accounts.get_mut(&from).unwrap().balance -= amount;
                self.accounts.entry(to).or_insert(FakeAccount { balance: 0, sequence: 1 << 40 }).balance +=
                    amount;
                self.paid.push((to, amount));
                xdr::TransactionResultResult::TxSuccess(vec![outcome].try_into().unwrap())
            }
            None => xdr::TransactionResultResult::TxFailed(vec![outcome].try_into().unwrap()),
        };
        let hash = envelope.hash(network_id()).unwrap();
        self.done.insert(hash, Done { ledger: self.sequence, envelope, result: self::result(result) });
    }

    fn operation(&self, body: &xdr::OperationBody) -> (xdr::OperationResult, Option<(Account, i64)>) {
        let inner = xdr::OperationResult::OpInner;
        match body {
            xdr::OperationBody::Payment(payment) => {
                let xdr::MuxedAccount::Ed25519(to) = &payment.destination else { panic!("not muxed") };
                let to = Account::from_bytes(to.0);
                if self.accounts.contains_key(&to) {
                    let success = xdr::OperationResultTr::Payment(xdr::PaymentResult::Success);
                    return (inner(success), Some((to, payment.amount)));
                }
                (inner(xdr::OperationResultTr::Payment(xdr::PaymentResult::NoDestination)), None)
            }
            xdr::OperationBody::CreateAccount(create) => {
                let xdr::PublicKey::PublicKeyTypeEd25519(to) = &create.destination.0;
                let success = xdr::OperationResultTr::CreateAccount(xdr::CreateAccountResult::Success);
                (inner(success), Some((Account::from_bytes(to.0), create.starting_balance)))
            }
            other => panic!("the fake knows no {other:?}"),
        }
    }

    fn look(&mut self, params: &Value) -> Value {
        let behind = u32::from(self.looks_behind > 0);
        self.looks_behind -= behind;
        let latest = self.latest() - behind;
        let hash: [u8; 32] = hex::decode(params["hash"].as_str().unwrap()).unwrap().try_into().unwrap();
        let by_inner =
            |done: &&Done| xdr::Hash(inner(&done.envelope).hash(network_id()).unwrap()) == xdr::Hash(hash);
        let mut answer = json!({ "status": "NOT_FOUND", "latestLedger": latest,
            "latestLedgerCloseTime": self.close_time.to_string(), "oldestLedger": self.oldest,
            "oldestLedgerCloseTime": "0" });
        let found = if self.lie == Lie::OtherTransaction {
            self.done.values().next()
        } else {
            self.done.get(&hash).or_else(|| self.done.values().find(by_inner))
        };
        let Some(done) = found.filter(|done| (self.oldest..=latest).contains(&done.ledger)) else {
            return answer;
        };
        let success = matches!(done.result.result, xdr::TransactionResultResult::TxSuccess(_));
        answer["status"] = json!(if success { "SUCCESS" } else { "FAILED" });
        answer["ledger"] = json!(done.ledger);
        answer["envelopeXdr"] = json!(done.envelope.to_xdr_base64(Limits::none()).unwrap());
        answer["resultXdr"] = json!(done.result.to_xdr_base64(Limits::none()).unwrap());
        answer
    }
}

pub(crate) fn network_id() -> [u8; 32] {
    Sha256::digest(PASSPHRASE.as_bytes()).into()
}

fn inner(envelope: &xdr::TransactionEnvelope) -> &xdr::Transaction {
    match envelope {
        xdr::TransactionEnvelope::Tx(inner) => &inner.tx,
        xdr::TransactionEnvelope::TxFeeBump(bump) => {
            let xdr::FeeBumpTransactionInnerTx::Tx(inner) = &bump.tx.inner_tx;
            &inner.tx
        }
        xdr::TransactionEnvelope::TxV0(_) => panic!("nobody sends these"),
    }
}

/// Stroops offered for an operation.
fn offer(envelope: &xdr::TransactionEnvelope) -> i64 {
    match envelope {
        xdr::TransactionEnvelope::TxFeeBump(bump) => bump.tx.fee / 2,
        other => i64::from(inner(other).fee),
    }
}

fn source(tx: &xdr::Transaction) -> Account {
    let xdr::MuxedAccount::Ed25519(source) = &tx.source_account else { panic!("not muxed") };
    Account::from_bytes(source.0)
}

fn result(result: xdr::TransactionResultResult) -> xdr::TransactionResult {
    xdr::TransactionResult { fee_charged: 100, result, ext: xdr::TransactionResultExt::V0 }
}

fn named(code: &str) -> xdr::TransactionResultResult {
    match code {
        "txTooLate" => xdr::TransactionResultResult::TxTooLate,
        "txBadSeq" => xdr::TransactionResultResult::TxBadSeq,
        "txBadAuth" => xdr::TransactionResultResult::TxBadAuth,
        "txNoAccount" => xdr::TransactionResultResult::TxNoAccount,
        "txInsufficientFee" => xdr::TransactionResultResult::TxInsufficientFee,
        "txInsufficientBalance" => xdr::TransactionResultResult::TxInsufficientBalance,
        other => panic!("the fake has no {other}"),
    }
}
