//! A ledger with the contract on it, a host that asks for money, and an owner without a node.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use layr_agreement::{Calendar, ReceiptBody, RevisionBody, rent};
use layr_codec::ShardRoot;
use layr_keys::{OwnerKeys, RecoveryPhrase, Signature};
use layr_ledger::agreement::{
    AgreementContract, AgreementNetwork, Closing, Consent, Ending, Escrow, EscrowId, EscrowTerms, HostTerms,
    Offer, Place, Receipt, Seat, round_of,
};
use layr_ledger::{
    Account, AccountQueue, ContractCall, EntryState, Intent, Journal, JournalEntry, JournalError, Ledger,
    LedgerError, LedgerSettings, Settled, Signer, Stroops,
};
use layr_local_ledger::{Clock, LocalLedger, LocalLedgerSettings};
use layr_node::api::HostSettings;
use layr_node::net::BoxStream;
use layr_node::network_file::{BeaconRelays, LedgerKind, StellarNetwork};
use layr_node::wire::{
    LeafAnswer, Refusal, Request, Response, WireKey, WireReceipt, WireRevision, WireSeat, WireTerms,
    listed_shard, read_frame, write_frame,
};
use layr_proof::{LEAF_BYTES, Node, Path, leaf_digest, positions, root_of};
use layr_testkit::{SimNetwork, SimNode};
use parking_lot::Mutex;
use tokio::io::AsyncWriteExt;

use crate::caller::{Caller, shard};

pub(super) const MIB: usize = 1024 * 1024;
pub(super) const WEEK_S: u64 = 7 * 24 * 60 * 60;
/// Of a GiB and window: 3 lumens for a GiB and month.
pub(super) const PRICE: u64 = 7_000_000;
pub(super) const REFUND: u64 = 200_000;
/// Refunds that a deposit has room for.
pub(super) const REFUNDS: u64 = 7;
const WINDOWS: u32 = 13;
const SAMPLES: u32 = 8;

pub(super) struct Market {
    pub(super) network: SimNetwork,
    pub(super) server: LocalLedger,
    pub(super) ledger: Ledger,
    pub(super) contract: AgreementContract,
    pub(super) host: SimNode,
    pub(super) owner: Caller,
    purse: AccountQueue,
    calls: std::cell::Cell<u32>,
}

/// What owner and host agree on.
#[derive(Clone)]
pub(super) struct Deal {
    pub(super) terms: EscrowTerms,
    pub(super) seat: HostTerms,
    /// By root.
    pub(super) shards: Vec<(ShardRoot, u32)>,
}

/// A deal that is on the ledger.
pub(super) struct Opened {
    pub(super) deal: Deal,
    pub(super) place: Place,
    pub(super) seat: Seat,
    pub(super) hosts: u8,
}

pub(super) struct Owner(OwnerKeys);

impl Signer for Owner {
    fn account(&self) -> Account {
        self.0.stellar_account().into()
    }

    fn sign(&self, hash: &[u8; 32]) -> [u8; 64] {
        self.0.stellar_key().sign_hash(hash).to_bytes()
    }
}

/// A journal in memory.
#[derive(Default)]
struct KeptJournal(Mutex<HashMap<String, JournalEntry>>);

#[async_trait]
impl Journal for KeptJournal {
    async fn find(&self, _network_id: [u8; 32], key: &str) -> Result<Option<JournalEntry>, JournalError> {
        Ok(self.0.lock().get(key).cloned())
    }

    async fn open(&self, _network_id: [u8; 32], _of: Account) -> Result<Vec<JournalEntry>, JournalError> {
        Ok(self.0.lock().values().filter(|entry| entry.state.is_open()).cloned().collect())
    }

    async fn settled_at(
        &self,
        _network_id: [u8; 32],
        _of: Account,
        sequence: i64,
    ) -> Result<Option<JournalEntry>, JournalError> {
        let entries = self.0.lock();
        let is_it = |entry: &&JournalEntry| {
            entry.sequence == sequence && matches!(entry.state, EntryState::Settled { .. })
        };
        Ok(entries.values().find(is_it).cloned())
    }

    async fn write(&self, entry: &JournalEntry) -> Result<(), JournalError> {
        self.0.lock().insert(entry.key.clone(), entry.clone());
        Ok(())
    }
}

fn lumens(text: &str) -> Stroops {
    text.parse().unwrap()
}

pub(super) fn priced(price: &str) -> HostSettings {
    HostSettings { price_xlm_per_gib_month: Some(price.to_owned()), ..HostSettings::default() }
}

impl Market {
    /// With a host that has ten thousand lumens and asks for 3 for a GiB and month. A week begins.
    pub(super) async fn open() -> Self {
        Self::open_by(async |_| None).await
    }

    /// As [`Market::open`], with a beacon that is fetched from the relays that `relays` starts.
    pub(super) async fn open_by(relays: impl AsyncFnOnce(&Ledger) -> Option<BeaconRelays>) -> Self {
        let mut network = SimNetwork::new(1);
        let settings = LocalLedgerSettings {
            directory: network.scratch(),
            listen: "127.0.0.1:0".parse().unwrap(),
            closes_at_once: true,
            close_every: None,
            clock: Clock::system(),
        };
        let server = LocalLedger::start(settings).await.unwrap();
        let passphrase = server.network_passphrase().to_owned();
        let ledger = Ledger::new(LedgerSettings {
            rpc: server.url(),
            passphrase: passphrase.clone(),
            friendbot: Some(format!("{}/friendbot", server.url())),
        })
        .unwrap();
        let owner = Caller::new(&mut network, 1);
        let keys = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[1; 32]));
        let purse = AccountQueue::new(ledger.clone(), Arc::new(Owner(keys)), Arc::<KeptJournal>::default());
        ledger.fund(purse.account()).await.unwrap();
        let contract = AgreementContract::of(ledger.network_id(), purse.account(), [9; 32]).unwrap();
        let mut named = StellarNetwork::new(server.url(), passphrase).with_contract(contract.contract);
        named.friendbot = Some(format!("{}/friendbot", server.url()));
        named.beacon = relays(&ledger).await;
        network.pay_by(LedgerKind::Stellar(named));
        let host = network.add_host(64 * MIB as u64).await;
        ledger.fund(host.owner_keys().stellar_account().into()).await.unwrap();
        host.host_set(priced("3")).await.unwrap();
        let calls = std::cell::Cell::new(0);
        let market = Self { network, server, ledger, contract, host, owner, purse, calls };
        market.call(AgreementContract::upload().unwrap()).await;
        let beacon = market.ledger.local_beacon().await.unwrap();
        market.call(contract.create(market.purse.account(), [9; 32], &beacon).unwrap()).await;
        let week = market.now_s().await / WEEK_S + 1;
        market.pass_until(week * WEEK_S + 60).await;
        market
    }

    pub(super) async fn call(&self, call: ContractCall) -> Settled {
        self.tried(call).await.unwrap()
    }

    /// As [`Market::call`], where it may fail.
    pub(super) async fn tried(&self, call: ContractCall) -> Result<Settled, LedgerError> {
        self.calls.set(self.calls.get() + 1);
        let key = format!("call {}", self.calls.get());
        self.purse.submit(&key, &Intent::Call(call), lumens("500")).await
    }

    /// The host looks after its agreements, and nothing hinders it.
    pub(super) async fn look(&self) {
        let report = self.host.agreements_check().await.unwrap();
        assert!(report.obstacles.is_empty(), "{report:?}");
    }

    pub(super) async fn now_s(&self) -> u64 {
        self.ledger.tip().await.unwrap().close_time_unix_s
    }

    pub(super) async fn pass_until(&self, time_s: u64) {
        let seconds = time_s.saturating_sub(self.now_s().await);
        self.server.close(u32::try_from(seconds / 5).unwrap().max(1), seconds).await;
    }

    /// Lumens of the host's account, in stroops.
    pub(super) async fn host_balance(&self) -> u64 {
        let account = self.host.owner_keys().stellar_account().into();
        self.ledger.account(account).await.unwrap().balance.stroops()
    }

    pub(super) async fn escrow(&self, id: EscrowId) -> Option<Escrow> {
        let (found, _) = Escrow::find(&self.ledger, self.contract.contract, &[id]).await.unwrap();
        found.into_iter().next().unwrap()
    }

    pub(super) fn network(&self) -> AgreementNetwork {
        AgreementNetwork { network_id: self.ledger.network_id(), contract: self.contract.contract }
    }

    /// Stores shards of these numbers, of a MiB each.
    pub(super) async fn stored(&self, numbers: std::ops::Range<u8>) -> Vec<(ShardRoot, u32)> {
        let mut shards = Vec::new();
        for number in numbers {
            shards.push((self.owner.put(&self.host, &shard(number, MIB)).await.unwrap(), 1024));
        }
        shards.sort_by_key(|(root, _)| *root.as_bytes());
        shards
    }

    /// What the host asks for, from the window on that runs.
    pub(super) async fn deal(&self, shards: Vec<(ShardRoot, u32)>, nonce: u8) -> Deal {
        let first_window = u32::try_from(self.now_s().await / WEEK_S).unwrap();
        let calendar = Calendar { first_window, windows: WINDOWS, window_s: 604_800, response_s: 172_800 };
        let terms = EscrowTerms {
            owner: self.purse.account(),
            receipt_keys: vec![*self.owner.owner.owner_id().as_bytes()],
            calendar,
            samples: SAMPLES,
            missed_allowed: 1,
            nonce: [nonce; 16],
        };
        let data = data_of(&shards);
        let rents = rent(data.leaf_count, PRICE).unwrap() * u64::from(WINDOWS);
        let seat = HostTerms {
            account: self.host.owner_keys().stellar_account().into(),
            receipt_key: *self.host.peer().as_bytes(),
            price_stroops_per_gib: PRICE,
            deposit_stroops: rents + REFUNDS * REFUND,
            collateral_stroops: rents / 5,
            proof_refund_stroops: REFUND,
            data_root: data.hash,
            leaves: data.leaf_count,
        };
        Deal { terms, seat, shards }
    }

    /// The host's answer to a deal, once it has looked at its list if it wants to see it.
    pub(super) async fn ask_to_agree(&self, deal: &Deal) -> Response {
        let mut stream = self.owner.open(&self.host).await;
        let request = Request::Agree {
            certificate: self.owner.certificate(),
            terms: WireTerms::of(&deal.terms),
            seat: WireSeat::of(&deal.seat),
            shards: u32::try_from(deal.shards.len()).unwrap(),
        };
        write_frame(&mut stream, &request).await.unwrap();
        match read_frame::<Response>(&mut stream).await.unwrap() {
            Response::Accepted => {}
            other => return other,
        }
        for (root, leaves) in &deal.shards {
            stream.write_all(&listed_shard(root, *leaves)).await.unwrap();
        }
        stream.flush().await.unwrap();
        read_frame(&mut stream).await.unwrap()
    }

    /// The consent of a host that agrees, checked.
    pub(super) async fn agreed(&self, deal: &Deal) -> Consent {
        let answer = self.ask_to_agree(deal).await;
        let Response::Consent { consent, until_ledger } = answer else { panic!("{answer:?}") };
        let joining = self.contract.joining(&deal.terms, &deal.seat).unwrap();
        let read = Consent::read(&consent, deal.seat.account, self.ledger.network_id(), &joining);
        let (consent, until) = read.expect("a consent to just this");
        assert_eq!(until, until_ledger);
        consent
    }

    /// Brings a deal onto the ledger, among another host that does not join, and does not say so.
    pub(super) async fn open_untold(&self, deal: Deal) -> Opened {
        let consent = self.agreed(&deal).await;
        self.open_with(deal, consent).await
    }

    /// As [`Market::open_untold`], with a consent from before.
    pub(super) async fn open_with(&self, deal: Deal, consent: Consent) -> Opened {
        let other = HostTerms { receipt_key: [3; 32], ..deal.seat.clone() };
        let hosts = [other.clone(), deal.seat.clone()];
        let offers = [
            Offer { terms: other, consent: None },
            Offer { terms: deal.seat.clone(), consent: Some(consent) },
        ];
        self.call(self.contract.open(&deal.terms, &offers).unwrap()).await;
        let place = Place { escrow: deal.terms.id(&hosts).unwrap(), host: 1 };
        Opened { deal, place, seat: Seat::of(&hosts, 1).unwrap(), hosts: 2 }
    }

    pub(super) async fn tell(&self, opened: &Opened) -> Response {
        let request = Request::Opened {
            certificate: self.owner.certificate(),
            escrow: WireKey(opened.place.escrow.0),
            path: opened.seat.path.encode(),
            hosts: opened.hosts,
        };
        self.owner.ask(&self.host, &request).await
    }

    /// A deal about some shards that runs.
    pub(super) async fn running(&self, shards: std::ops::Range<u8>) -> Opened {
        self.running_with(shards, 0).await
    }

    /// As [`Market::running`], with stroops in the deposit for so many leaves more in all windows.
    pub(super) async fn running_with(&self, shards: std::ops::Range<u8>, more: u64) -> Opened {
        let mut deal = self.deal(self.stored(shards).await, 1).await;
        let whole = rent(deal.seat.leaves + more, PRICE).unwrap() - rent(deal.seat.leaves, PRICE).unwrap();
        deal.seat.deposit_stroops += whole * u64::from(WINDOWS);
        let opened = self.open_untold(deal).await;
        assert_eq!(self.tell(&opened).await, Response::Taken);
        opened
    }

    /// Asks for a window, checks the answer, and leaves the stream where a receipt is due.
    pub(super) async fn ask_window(&self, opened: &Opened, window: u32) -> Result<BoxStream, Refusal> {
        let Opened { deal, place, .. } = opened;
        let beacon = self.ledger.local_beacon().await.unwrap();
        let round = round_of(&beacon, &deal.terms.calendar, window);
        let randomness = self.ledger.local_round(round).await.unwrap().randomness;
        let mut stream = self.owner.open(&self.host).await;
        let request = Request::Window {
            certificate: self.owner.certificate(),
            escrow: WireKey(place.escrow.0),
            host: place.host,
            window: u8::try_from(window).unwrap(),
            randomness: WireKey(randomness),
        };
        write_frame(&mut stream, &request).await.unwrap();
        match read_frame::<Response>(&mut stream).await.unwrap() {
            Response::Answering => {}
            Response::Refused { reason } => return Err(reason),
            other => panic!("{other:?}"),
        }
        let root = Node { hash: deal.seat.data_root, leaf_count: deal.seat.leaves };
        for position in positions(&place.question(&randomness, window), deal.seat.leaves, SAMPLES) {
            let answer: LeafAnswer = read_frame(&mut stream).await.unwrap();
            let LeafAnswer::Proven { leaf, path } = answer else { panic!("{answer:?}") };
            assert_eq!(leaf.len(), LEAF_BYTES);
            let proven = Path::decode(&path).unwrap().root(Node::leaf(leaf_digest(&leaf))).unwrap();
            assert_eq!((proven.root, proven.first_leaf), (root, position));
        }
        Ok(stream)
    }

    pub(super) async fn hand_over(&self, mut stream: BoxStream, receipt: &Receipt) -> Response {
        write_frame(&mut stream, &WireReceipt::of(receipt)).await.unwrap();
        read_frame(&mut stream).await.unwrap()
    }

    pub(super) fn receipt(&self, opened: &Opened, decided: u32, proven: u32, earned: u64) -> Receipt {
        self.receipt_by(opened, ReceiptBody { decided, proven, earned, revision: 0 })
    }

    pub(super) fn receipt_by(&self, opened: &Opened, body: ReceiptBody) -> Receipt {
        let (domain, message) = self.network().receipt_message(opened.place, &body).unwrap();
        Receipt { body, key: 0, signature: self.owner.owner.sign(domain, &message).to_bytes() }
    }

    /// What the owner signs for other data.
    pub(super) fn revision(
        &self,
        opened: &Opened,
        (number, first_window): (u32, u32),
        shards: &[(ShardRoot, u32)],
    ) -> WireRevision {
        let Node { hash, leaf_count } = data_of(shards);
        let body = RevisionBody { number, first_window, data_root: hash, leaves: leaf_count };
        let (domain, message) = self.network().revision_message(opened.place, &body).unwrap();
        WireRevision::of(&body, 0, self.owner.owner.sign(domain, &message).to_bytes())
    }

    /// The host's answer to a revision, once it has looked at its list if it wants to see it.
    pub(super) async fn ask_to_revise(
        &self,
        opened: &Opened,
        revision: WireRevision,
        shards: &[(ShardRoot, u32)],
    ) -> Response {
        let mut stream = self.owner.open(&self.host).await;
        let request = Request::Revise {
            certificate: self.owner.certificate(),
            escrow: WireKey(opened.place.escrow.0),
            host: opened.place.host,
            revision,
            shards: u32::try_from(shards.len()).unwrap(),
        };
        write_frame(&mut stream, &request).await.unwrap();
        match read_frame::<Response>(&mut stream).await.unwrap() {
            Response::Accepted => {}
            other => return other,
        }
        for (root, leaves) in shards {
            stream.write_all(&listed_shard(root, *leaves)).await.unwrap();
        }
        stream.flush().await.unwrap();
        read_frame(&mut stream).await.unwrap()
    }

    /// Has the host sign for other data, and checks that it has.
    pub(super) async fn revised(
        &self,
        opened: &Opened,
        (number, first_window): (u32, u32),
        shards: &[(ShardRoot, u32)],
    ) -> [u8; 64] {
        let revision = self.revision(opened, (number, first_window), shards);
        let answer = self.ask_to_revise(opened, revision, shards).await;
        let Response::Revised { signature } = answer else { panic!("{answer:?}") };
        let (domain, message) =
            self.network().revision_message(opened.place, &revision.body().unwrap()).unwrap();
        self.host.peer().verify(domain, &message, &Signature::from_bytes(signature)).unwrap();
        signature
    }

    pub(super) async fn ask_to_close(&self, opened: &Opened, to_host_stroops: u64, until_s: u64) -> Response {
        let request = Request::Close {
            certificate: self.owner.certificate(),
            escrow: WireKey(opened.place.escrow.0),
            host: opened.place.host,
            to_host_stroops,
            until_unix_s: until_s,
        };
        self.owner.ask(&self.host, &request).await
    }

    /// Ends a deal as both signed.
    pub(super) async fn settle(&self, opened: &Opened, to_host: u64, until_s: u64, signature: [u8; 64]) {
        let (domain, message) = self.network().closing_message(opened.place, to_host, until_s).unwrap();
        self.host.peer().verify(domain, &message, &Signature::from_bytes(signature)).unwrap();
        let closing = Closing {
            to_host_stroops: to_host,
            until_unix_s: until_s,
            key: 0,
            owner_signature: self.owner.owner.sign(domain, &message).to_bytes(),
            host_signature: signature,
        };
        let parts = [(opened.seat.clone(), Ending::Agreed(closing))];
        self.call(self.contract.settle(&opened.deal.terms, &parts).unwrap()).await;
    }
}

/// Root and leaves of these shards.
pub(super) fn data_of(shards: &[(ShardRoot, u32)]) -> Node {
    let node =
        |(root, leaves): &(ShardRoot, u32)| Node { hash: *root.as_bytes(), leaf_count: (*leaves).into() };
    let nodes: Vec<Node> = shards.iter().map(node).collect();
    root_of(&nodes).unwrap().unwrap_or(Node { hash: [0; 32], leaf_count: 0 })
}

impl Opened {
    /// From now on it is about this.
    pub(super) fn follow(&mut self, shards: &[(ShardRoot, u32)]) {
        let data = data_of(shards);
        (self.deal.seat.data_root, self.deal.seat.leaves) = (data.hash, data.leaf_count);
        self.deal.shards = shards.to_vec();
    }

    /// Stroops of a window.
    pub(super) fn rent(&self) -> u64 {
        rent(self.deal.seat.leaves, PRICE).unwrap()
    }

    pub(super) fn calendar(&self) -> Calendar {
        self.deal.terms.calendar
    }
}
