//! A term from its opening to its settlement, on the contract as it is built.

use layr_agreement::{Calendar, LEAVES_PER_GIB, ReceiptBody, State, rent};
use layr_keys::Domain;
use layr_ledger::agreement::{
    AgreementContract, AgreementNetwork, Answer, Authority, BeaconSettings, Closing, Consent, Ending, Escrow,
    EscrowId, EscrowTerms, HostTerms, Offer, Place, ProvenLeaf, Receipt, Seat, round_of,
};
use layr_ledger::{Account, ContractCall, EventsFrom, Intent, LedgerError, Settled, Stroops};
use layr_proof::{LEAF_BYTES, Node, leaf_digest, positions, root_of, subtree_path};

use ed25519_dalek::{Signer as _, SigningKey};

use crate::kit::{Net, Purse, lumens, signer};

const WINDOW_S: u32 = 700;
const RESPONSE_S: u32 = 300;
const SAMPLES: u32 = 4;
const LEAVES: u64 = 40;
/// A stroop for each leaf and window.
const PRICE: u64 = LEAVES_PER_GIB;

/// A network with the contract on it, an owner and two hosts.
pub(crate) struct Market {
    pub(crate) net: Net,
    pub(crate) contract: AgreementContract,
    beacon: BeaconSettings,
    pub(crate) owner: Purse,
    hosts: [Purse; 2],
    calls: std::cell::Cell<u32>,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn leaves() -> (Vec<Vec<u8>>, Vec<Node>) {
    let leaves: Vec<Vec<u8>> =
        (0..LEAVES).map(|index| vec![u8::try_from(index).unwrap(); LEAF_BYTES]).collect();
    let nodes = leaves.iter().map(|leaf| Node::leaf(leaf_digest(leaf))).collect();
    (leaves, nodes)
}

impl Market {
    pub(crate) async fn open() -> Self {
        let net = Net::start().await;
        let (owner, hosts) = (net.funded(1).await, [net.funded(2).await, net.funded(3).await]);
        let beacon = net.ledger.local_beacon().await.unwrap();
        let deployer = owner.queue.account();
        let contract = AgreementContract::of(net.ledger.network_id(), deployer, [9; 32]).unwrap();
        let market = Self { net, contract, beacon, owner, hosts, calls: std::cell::Cell::new(0) };
        let rent_cap = lumens("500");
        market.call_with(&market.owner, AgreementContract::upload().unwrap(), rent_cap).await.unwrap();
        let create = contract.create(deployer, [9; 32], &market.beacon).unwrap();
        market.call_with(&market.owner, create, rent_cap).await.unwrap();
        market
    }

    pub(crate) async fn call(&self, by: &Purse, call: ContractCall) -> Result<Settled, LedgerError> {
        self.call_with(by, call, lumens("1")).await
    }

    pub(crate) async fn call_with(
        &self,
        by: &Purse,
        call: ContractCall,
        cap: Stroops,
    ) -> Result<Settled, LedgerError> {
        self.calls.set(self.calls.get() + 1);
        by.queue.submit(&format!("call {}", self.calls.get()), &Intent::Call(call), cap).await
    }

    async fn now_s(&self) -> u64 {
        self.net.ledger.tip().await.unwrap().close_time_unix_s
    }

    pub(crate) async fn terms(&self) -> EscrowTerms {
        let first_window = u32::try_from(self.now_s().await / u64::from(WINDOW_S)).unwrap() + 1;
        EscrowTerms {
            owner: self.owner.queue.account(),
            receipt_keys: vec![key(1).verifying_key().to_bytes()],
            calendar: Calendar { first_window, windows: 3, window_s: WINDOW_S, response_s: RESPONSE_S },
            samples: SAMPLES,
            missed_allowed: 0,
            nonce: [1; 16],
        }
    }

    pub(crate) fn host_terms(&self, host: usize) -> HostTerms {
        HostTerms {
            account: self.hosts[host].queue.account(),
            receipt_key: key(10 + u8::try_from(host).unwrap()).verifying_key().to_bytes(),
            price_stroops_per_gib: PRICE,
            deposit_stroops: 1_000_000,
            collateral_stroops: 300_000,
            proof_refund_stroops: 70_000,
            data_root: root_of(&leaves().1).unwrap().unwrap().hash,
            leaves: LEAVES,
        }
    }

    pub(crate) async fn consent(&self, terms: &EscrowTerms, host: usize) -> Consent {
        let until_ledger = self.net.ledger.tip().await.unwrap().sequence + 100;
        let authority = Authority { nonce: 77 + i64::try_from(host).unwrap(), until_ledger };
        let joining = self.contract.joining(terms, &self.host_terms(host)).unwrap();
        let signer = signer(2 + u8::try_from(host).unwrap());
        authority.sign(&*signer, self.net.ledger.network_id(), joining).unwrap()
    }

    fn network(&self) -> AgreementNetwork {
        AgreementNetwork { network_id: self.net.ledger.network_id(), contract: self.contract.contract }
    }

    pub(crate) async fn escrow(&self, id: EscrowId) -> Option<Escrow> {
        let key = Escrow::key(self.contract.contract, id).unwrap();
        let (entries, _) = self.net.ledger.entries(&[key]).await.unwrap();
        entries.into_iter().next().unwrap().map(|entry| Escrow::read(&entry).unwrap())
    }

    async fn pass_until(&self, time_s: u64) {
        let seconds = time_s.saturating_sub(self.now_s().await);
        self.net.server.close(u32::try_from(seconds / 5).unwrap().max(1), seconds).await;
    }

    async fn balance(&self, account: Account) -> i128 {
        self.net.balance(account).await.stroops().into()
    }

    /// What a host shows for a window, with its beacon published by anybody.
    async fn answer(&self, terms: &EscrowTerms, place: Place, window: u32) -> Answer {
        self.pass_until(terms.calendar.question_s(window) + 30).await;
        let round = round_of(&self.beacon, &terms.calendar, window);
        let round = self.net.ledger.local_round(round).await.unwrap();
        let is_there = async || self.contract.has_round(&self.net.ledger, round.round).await.unwrap();
        assert!(!is_there().await);
        let publish = self.contract.beacon(round.round, &round.signature).unwrap();
        self.call(&self.owner, publish).await.unwrap();
        assert!(is_there().await);
        let (leaves, nodes) = leaves();
        let proven = |position: u64| {
            let index = usize::try_from(position).unwrap();
            let (_, path) = subtree_path(&nodes, index, 1).unwrap();
            ProvenLeaf { leaf: leaves[index].clone(), path }
        };
        let question = place.question(&round.randomness, window);
        Answer {
            window,
            to_owner: false,
            leaves: positions(&question, LEAVES, SAMPLES).map(proven).collect(),
        }
    }
}

fn signed((domain, message): (Domain, Vec<u8>), by: &SigningKey) -> [u8; 64] {
    by.sign(&[domain.label().as_bytes(), &[0], &message].concat()).to_bytes()
}

/// A host that nobody tells of an escrow finds it, and its seat there.
async fn is_found(
    market: &Market,
    opened: &Settled,
    (terms, hosts): (&EscrowTerms, &[HostTerms; 2]),
    seat: &Seat,
) {
    let id = terms.id(hosts).unwrap();
    let found = market
        .net
        .ledger
        .opened_escrows(market.contract.contract, &EventsFrom::Ledger(opened.ledger))
        .await
        .unwrap();
    let [escrow] = &found.escrows[..] else { panic!("{found:?}") };
    assert_eq!((escrow.id, escrow.ledger), (id, opened.ledger));
    assert!(found.until_ledger >= opened.ledger);
    assert_eq!(escrow.seats(terms, &hosts[1]).unwrap(), [(seat.clone(), 1, 2)], "a host finds its seat");
    let other = EscrowTerms { nonce: [2; 16], ..terms.clone() };
    assert_eq!(escrow.seats(&other, &hosts[1]).unwrap(), []);
    let stranger = HostTerms { leaves: LEAVES + 1, ..hosts[1].clone() };
    assert_eq!(escrow.seats(terms, &stranger).unwrap(), []);
    let next = market.net.ledger.opened_escrows(market.contract.contract, &found.next).await.unwrap();
    assert_eq!(next.escrows, []);
}

#[tokio::test]
async fn a_term_is_opened_proven_receipted_closed_and_settled() {
    let market = Market::open().await;
    let terms = market.terms().await;
    let hosts = [market.host_terms(0), market.host_terms(1)];
    let offers = [
        Offer { terms: hosts[0].clone(), consent: Some(market.consent(&terms, 0).await) },
        Offer { terms: hosts[1].clone(), consent: None },
    ];
    let before = [
        market.balance(market.hosts[0].queue.account()).await,
        market.balance(market.hosts[1].queue.account()).await,
    ];

    let opened = market.call(&market.owner, market.contract.open(&terms, &offers).unwrap()).await.unwrap();
    let id = terms.id(&hosts).unwrap();
    let returned = Some(stellar_xdr::ScVal::Bytes(stellar_xdr::ScBytes(id.0.to_vec().try_into().unwrap())));
    assert_eq!(opened.returned, returned, "the id is computed as the contract does");
    let escrow = market.escrow(id).await.unwrap();
    assert_eq!(escrow.held_stroops, 2_000_000 + 300_000);
    assert_eq!(escrow.slot(0, 3).state, State::Active);
    assert_eq!(escrow.slot(1, 3).state, State::Offered);

    let seats = [Seat::of(&hosts, 0).unwrap(), Seat::of(&hosts, 1).unwrap()];
    is_found(&market, &opened, (&terms, &hosts), &seats[1]).await;
    let accept = market.contract.accept(&terms, &seats[1]).unwrap();
    let accepted = market.call(&market.hosts[1], accept).await.unwrap();

    // The owner is silent in the first window: the first host proves it on the ledger.
    let place = Place { escrow: id, host: 0 };
    let answer = market.answer(&terms, place, 0).await;
    let prove = market.contract.prove((&terms, &seats[0]), (id, 0), &answer, (None, None)).unwrap();
    let proved = market.call(&market.hosts[0], prove).await.unwrap();
    let due = rent(LEAVES, PRICE).unwrap() + 70_000;
    let slot = market.escrow(id).await.unwrap().slot(0, 3);
    assert_eq!((slot.decided, slot.proven, slot.earned), (1, 1, due));

    // In the second the owner signs a receipt, and the host shows it.
    market.pass_until(terms.calendar.question_s(1) + 30).await;
    let body = ReceiptBody { decided: 2, proven: 3, earned: due + LEAVES, revision: 0 };
    let signature = signed(market.network().receipt_message(place, &body).unwrap(), &key(1));
    let receipt = Receipt { body, key: 0, signature };
    let claim = market.contract.claim((&terms, &seats[0]), (id, 0), &receipt).unwrap();
    let claimed = market.call(&market.hosts[0], claim).await.unwrap();

    // Both close: the owner sends it all in one transaction.
    let closing = |host: u8, to_host_stroops: u64| {
        let message = || {
            market.network().closing_message(Place { escrow: id, host }, to_host_stroops, u64::MAX).unwrap()
        };
        let (owner_signature, host_signature) =
            (signed(message(), &key(1)), signed(message(), &key(10 + host)));
        Ending::Agreed(Closing {
            to_host_stroops,
            until_unix_s: u64::MAX,
            key: 0,
            owner_signature,
            host_signature,
        })
    };
    let parts =
        [(seats[0].clone(), closing(0, 300_000 + due + LEAVES)), (seats[1].clone(), closing(1, 300_000))];
    market.pass_until(terms.calendar.begin_s(3)).await;
    let settled = market.call(&market.owner, market.contract.settle(&terms, &parts).unwrap()).await.unwrap();
    assert_eq!(market.escrow(id).await, None, "nothing is left on the ledger");

    let fees = i128::from(proved.fee.stroops() + claimed.fee.stroops());
    let gained = market.balance(market.hosts[0].queue.account()).await - before[0] + fees;
    assert_eq!(gained, i128::from(due + LEAVES));
    let gained = market.balance(market.hosts[1].queue.account()).await - before[1];
    assert_eq!(gained + i128::from(accepted.fee.stroops()), 0);
    for (name, settled) in [
        ("open", &opened),
        ("accept", &accepted),
        ("prove", &proved),
        ("claim", &claimed),
        ("settle", &settled),
    ] {
        println!("{name}: {} lumens", settled.fee);
    }
}

#[tokio::test]
async fn a_contract_is_known_by_its_code_and_by_the_beacon_that_it_was_made_with() {
    let market = Market::open().await;
    let Market { net, contract, .. } = &market;
    let network_id = net.ledger.network_id();
    assert_eq!(AgreementContract::at(network_id, contract.contract).unwrap(), *contract);
    let code = net.ledger.contract_code(contract.contract).await.unwrap();
    assert_eq!(code, Some(AgreementContract::code_hash()));
    assert_eq!(net.ledger.contract_beacon(contract.contract).await.unwrap(), Some(market.beacon.clone()));
    // Of a contract that is not there nothing is known, and the lumen's own has neither code nor beacon.
    let elsewhere = AgreementContract::of(network_id, market.owner.queue.account(), [8; 32]).unwrap();
    assert_eq!(net.ledger.contract_code(elsewhere.contract).await.unwrap(), None);
    assert_eq!(net.ledger.contract_beacon(elsewhere.contract).await.unwrap(), None);
    assert_eq!(net.ledger.contract_code(contract.token).await.unwrap(), None);
    let refused = net.ledger.contract_beacon(contract.token).await;
    assert!(matches!(refused, Err(LedgerError::MalformedAnswer { .. })), "{refused:?}");
    // Nobody is led to another contract than the one whose rules are known.
    assert_eq!(net.ledger.agreement_beacon(contract.contract).await.unwrap(), market.beacon);
    for other in [elsewhere.contract, contract.token] {
        let refused = net.ledger.agreement_beacon(other).await;
        assert_eq!(refused, Err(LedgerError::OtherContract { contract: other }));
    }
}

#[tokio::test]
async fn what_the_contract_refuses_costs_nothing_and_is_named() {
    let market = Market::open().await;
    let terms = market.terms().await;
    let hosts = [market.host_terms(0)];
    let offers = [Offer { terms: hosts[0].clone(), consent: None }];
    market.call(&market.owner, market.contract.open(&terms, &offers).unwrap()).await.unwrap();
    let before = market.balance(market.owner.queue.account()).await;
    let again = market.call(&market.owner, market.contract.open(&terms, &offers).unwrap()).await;
    assert!(matches!(&again, Err(LedgerError::Refused { reason }) if reason.contains("#4")), "{again:?}");
    // Somebody else's authority is none.
    let seat = Seat::of(&hosts, 0).unwrap();
    let withdraw = market.contract.withdraw(&terms, &seat, (terms.id(&hosts).unwrap(), 0)).unwrap();
    let stranger = market.call(&market.hosts[1], withdraw).await;
    assert!(matches!(stranger, Err(LedgerError::Refused { .. })), "{stranger:?}");
    assert_eq!(market.balance(market.owner.queue.account()).await, before);
    // A consent to other terms is refused by the ledger's host.
    let other = EscrowTerms { nonce: [2; 16], ..terms.clone() };
    let consent = market.consent(&terms, 0).await;
    let offers = [Offer { terms: hosts[0].clone(), consent: Some(consent) }];
    let refused = market.call(&market.owner, market.contract.open(&other, &offers).unwrap()).await;
    assert!(matches!(refused, Err(LedgerError::Refused { .. })), "{refused:?}");
}
