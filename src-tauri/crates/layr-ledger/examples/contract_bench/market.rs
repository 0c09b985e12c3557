//! A local ledger with the contract on it, an owner and hosts.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use ed25519_dalek::{Signer as _, SigningKey};
use layr_agreement::{Calendar, LEAVES_PER_GIB, ReceiptBody, rent};
use layr_keys::Domain;
use layr_ledger::agreement::{
    AgreementContract, AgreementNetwork, Authority, BeaconSettings, Consent, EscrowTerms, HostTerms, Place,
    Receipt,
};
use layr_ledger::{
    Account, AccountQueue, ContractCall, EntryState, Intent, Journal, JournalEntry, JournalError, Ledger,
    LedgerSettings, Payment, Signer, Stroops,
};
use layr_local_ledger::{Clock, LocalLedger, LocalLedgerSettings};
use parking_lot::Mutex;
use stellar_xdr::{self as xdr, ReadXdr as _};

/// The network's limits on a transaction.
pub(crate) const MAX_INSTRUCTIONS: u32 = 400_000_000;
pub(crate) const MAX_TRANSACTION_BYTES: u32 = 132_096;
pub(crate) const MAX_WRITTEN_BYTES: u32 = 132_096;

const WINDOW_S: u32 = 7 * 86_400;
const RESPONSE_S: u32 = 2 * 86_400;
const SALT: [u8; 32] = [9; 32];

/// Signs with a key that follows from a seed.
struct Seeded(SigningKey);

impl Signer for Seeded {
    fn account(&self) -> Account {
        Account::from_bytes(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, hash: &[u8; 32]) -> [u8; 64] {
        self.0.sign(hash).to_bytes()
    }
}

#[derive(Default)]
struct InMemory(Mutex<HashMap<String, JournalEntry>>);

#[async_trait]
impl Journal for InMemory {
    async fn find(&self, network_id: [u8; 32], key: &str) -> Result<Option<JournalEntry>, JournalError> {
        Ok(self.0.lock().get(key).filter(|entry| entry.network_id == network_id).cloned())
    }

    async fn open(&self, network_id: [u8; 32], account: Account) -> Result<Vec<JournalEntry>, JournalError> {
        let entries = self.0.lock();
        let of_account = |entry: &&JournalEntry| entry.network_id == network_id && entry.account == account;
        Ok(entries.values().filter(of_account).filter(|entry| entry.state.is_open()).cloned().collect())
    }

    async fn settled_at(
        &self,
        network_id: [u8; 32],
        account: Account,
        sequence: i64,
    ) -> Result<Option<JournalEntry>, JournalError> {
        let entries = self.0.lock();
        let mut settled = entries.values().filter(|entry| {
            (entry.network_id, entry.account, entry.sequence) == (network_id, account, sequence)
                && matches!(entry.state, EntryState::Settled { .. })
        });
        Ok(settled.next().cloned())
    }

    async fn write(&self, entry: &JournalEntry) -> Result<(), JournalError> {
        self.0.lock().insert(entry.key.clone(), entry.clone());
        Ok(())
    }
}

/// An account with its queue.
pub(crate) struct Party {
    queue: AccountQueue,
    journal: Arc<InMemory>,
    signer: Arc<Seeded>,
    fees_stroops: Mutex<f64>,
}

/// What a call cost.
pub(crate) struct Cost {
    pub(crate) fee_stroops: f64,
    pub(crate) instructions: f64,
    pub(crate) bytes: f64,
    pub(crate) written_bytes: f64,
}

impl Party {
    /// What it sent so far.
    pub(crate) fn transactions(&self) -> f64 {
        self.journal.0.lock().len() as f64
    }

    pub(crate) fn fees_stroops(&self) -> f64 {
        *self.fees_stroops.lock()
    }
}

pub(crate) struct Market {
    pub(crate) net: Ledger,
    server: LocalLedger,
    _directory: tempfile::TempDir,
    pub(crate) contract: AgreementContract,
    pub(crate) beacon: BeaconSettings,
    pub(crate) owner: Party,
    pub(crate) hosts: Vec<Party>,
    pub(crate) upload: Cost,
    pub(crate) create: Cost,
    /// From the 120 days with which code begins to the 180 that a ledger allows.
    pub(crate) keep: Cost,
    calls: Mutex<u32>,
}

impl Market {
    pub(crate) async fn open(hosts: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let settings = LocalLedgerSettings {
            directory: directory.path().to_owned(),
            listen: "127.0.0.1:0".parse().unwrap(),
            closes_at_once: true,
            close_every: None,
            clock: Clock::system(),
        };
        let server = LocalLedger::start(settings).await.unwrap();
        let net = Ledger::new(LedgerSettings {
            rpc: server.url(),
            passphrase: server.network_passphrase().to_owned(),
            friendbot: Some(format!("{}/friendbot", server.url())),
        })
        .unwrap();
        let owner = party(&net, 1).await;
        let mut parties = Vec::new();
        for host in 0..hosts {
            parties.push(party(&net, 10 + u8::try_from(host).unwrap()).await);
        }
        let beacon = net.local_beacon().await.unwrap();
        let deployer = owner.signer.account();
        let contract = AgreementContract::of(net.network_id(), deployer, SALT).unwrap();
        let upload = Intent::Call(AgreementContract::upload().unwrap());
        let upload = submit(&owner, "upload", upload).await;
        let create = Intent::Call(contract.create(deployer, SALT, &beacon).unwrap());
        let create = submit(&owner, "create", create).await;
        let life = contract.life(&net).await.unwrap().extending().unwrap();
        let keep = submit(&owner, "keep", Intent::Keep(life)).await;
        Self {
            net,
            server,
            _directory: directory,
            contract,
            beacon,
            owner,
            hosts: parties,
            upload,
            create,
            keep,
            calls: Mutex::new(0),
        }
    }

    pub(crate) async fn call(&self, by: &Party, call: ContractCall) -> Cost {
        let number = {
            let mut calls = self.calls.lock();
            *calls += 1;
            *calls
        };
        submit(by, &format!("call {number}"), Intent::Call(call)).await
    }

    /// Thirteen weeks from the next on.
    pub(crate) fn terms(&self, samples: u32, nonce: u8) -> EscrowTerms {
        let now_s = self.now_s();
        EscrowTerms {
            owner: self.owner.signer.account(),
            receipt_keys: vec![key(1).verifying_key().to_bytes()],
            calendar: Calendar {
                first_window: u32::try_from(now_s / u64::from(WINDOW_S)).unwrap() + 1,
                windows: 13,
                window_s: WINDOW_S,
                response_s: RESPONSE_S,
            },
            samples,
            missed_allowed: 1,
            nonce: [nonce; 16],
        }
    }

    fn now_s(&self) -> u64 {
        let ledger = self.net.clone();
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current()
                .block_on(async { ledger.tip().await.unwrap().close_time_unix_s })
        })
    }

    pub(crate) fn host_terms(&self, host: usize, data_root: [u8; 32], leaves: u64) -> HostTerms {
        HostTerms {
            account: self.hosts[host].signer.account(),
            receipt_key: key(10 + u8::try_from(host).unwrap()).verifying_key().to_bytes(),
            price_stroops_per_gib: LEAVES_PER_GIB / 1024,
            deposit_stroops: 1_000_000,
            collateral_stroops: 200_000,
            proof_refund_stroops: 50_000,
            data_root,
            leaves,
        }
    }

    pub(crate) async fn consent(&self, terms: &EscrowTerms, host: usize, of_host: &HostTerms) -> Consent {
        let until_ledger = self.net.tip().await.unwrap().sequence + 60;
        let nonce = i64::from(terms.nonce[0]) * 1000 + i64::try_from(host).unwrap();
        let joining = self.contract.joining(terms, of_host).unwrap();
        let signer = &self.hosts[host].signer;
        Authority { nonce, until_ledger }.sign(&**signer, self.net.network_id(), joining).unwrap()
    }

    /// Both signatures of a closing.
    pub(crate) fn closing(&self, place: Place, to_host_stroops: u64) -> ([u8; 64], [u8; 64]) {
        let network =
            AgreementNetwork { network_id: self.net.network_id(), contract: self.contract.contract };
        let message = network.closing_message(place, to_host_stroops, u64::MAX).unwrap();
        (signed(&message, &key(1)), signed(&message, &key(10 + place.host)))
    }

    /// The owner's word that all windows before this one are proven, no less than their proofs on chain would have brought.
    pub(crate) fn receipt(&self, host: &HostTerms, place: Place, decided: u32) -> Receipt {
        let network =
            AgreementNetwork { network_id: self.net.network_id(), contract: self.contract.contract };
        let of_window = rent(host.leaves, host.price_stroops_per_gib).unwrap() + host.proof_refund_stroops;
        let earned = u64::from(decided) * of_window;
        let body = ReceiptBody { decided, proven: (1 << decided) - 1, earned, revision: 0 };
        let signature = signed(&network.receipt_message(place, &body).unwrap(), &key(1));
        Receipt { body, key: 0, signature }
    }

    pub(crate) async fn pass_until(&self, time_s: u64) {
        let seconds = time_s.saturating_sub(self.now_s());
        self.server.close(u32::try_from(seconds / 5).unwrap().max(1), seconds).await;
    }

    pub(crate) async fn payments_per_s(&self, payments: u32) -> f64 {
        let amount: Stroops = "0.1".parse().unwrap();
        let start = Instant::now();
        for number in 0..payments {
            let destination = self.hosts[0].signer.account();
            let pay = Intent::Pay(Payment { destination, amount, memo: None });
            self.owner.queue.submit(&format!("pay {number}"), &pay, amount).await.unwrap();
        }
        f64::from(payments) / start.elapsed().as_secs_f64()
    }
}

async fn party(net: &Ledger, seed: u8) -> Party {
    let signer = Arc::new(Seeded(key(seed)));
    let journal = Arc::new(InMemory::default());
    let shared: Arc<dyn Journal> = Arc::clone(&journal) as Arc<dyn Journal>;
    let queue = AccountQueue::new(net.clone(), Arc::clone(&signer) as Arc<dyn Signer>, shared);
    net.fund(signer.account()).await.unwrap();
    Party { queue, journal, signer, fees_stroops: Mutex::new(0.0) }
}

async fn submit(by: &Party, key: &str, intent: Intent) -> Cost {
    let cap = "5000".parse().unwrap();
    let settled = by.queue.submit(key, &intent, cap).await.unwrap();
    let envelope = by.journal.0.lock().get(key).unwrap().envelope.clone();
    let limits = xdr::Limits { depth: 500, len: 2 << 20 };
    let decoded = match xdr::TransactionEnvelope::from_xdr(&envelope, limits).unwrap() {
        xdr::TransactionEnvelope::Tx(decoded) => decoded.tx,
        other => panic!("a call of the queue's is a transaction, not {other:?}"),
    };
    let xdr::TransactionExt::V1(data) = decoded.ext else { panic!("a call announces its resources") };
    let fee_stroops = settled.fee.stroops() as f64;
    *by.fees_stroops.lock() += fee_stroops;
    Cost {
        fee_stroops,
        instructions: f64::from(data.resources.instructions),
        bytes: envelope.len() as f64,
        written_bytes: f64::from(data.resources.write_bytes),
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn signed((domain, message): &(Domain, Vec<u8>), by: &SigningKey) -> [u8; 64] {
    by.sign(&[domain.label().as_bytes(), &[0], message].concat()).to_bytes()
}
