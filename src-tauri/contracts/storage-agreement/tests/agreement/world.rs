//! A ledger with the contract, a token, an owner, hosts and a stranger.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ed25519_dalek::{Signer, SigningKey};
use layr_agreement::{CLOSING_LABEL, RECEIPT_LABEL, REVISION_LABEL, SLOT_BYTES, Slot, round_at};
use soroban_sdk::crypto::bls12_381::{Bls12381Fr, Bls12381G2Affine};
use soroban_sdk::testutils::{
    Address as _, EnvTestConfig, IssuerFlags, Ledger as _, MockAuth, MockAuthInvoke,
};
use soroban_sdk::token::{StellarAssetClient, TokenClient};
use soroban_sdk::xdr::ToXdr;
use soroban_sdk::{
    Address, Bytes, BytesN, Env, FromVal, IntoVal, InvokeError, Symbol, U256, Val, Vec, bytesn,
};
use storage_agreement::{Error, StorageAgreementClient};

use crate::built::register;
use crate::data::Data;
use crate::shown::{
    Closing, EscrowTerms, HostTerms, Offer, Receipt, Revision, Seat, bytes, fixed, nodes, steps,
};

pub(crate) const DAY_S: u64 = 86_400;
/// When every world begins: three days into a week of the calendar.
pub(crate) const START_S: u64 = 3000 * 7 * DAY_S + 3 * DAY_S;
/// What everybody has at first, in stroops.
pub(crate) const PURSE: u64 = 1_000_000_000;
pub(crate) const WINDOW_S: u32 = 7 * 86_400;
pub(crate) const RESPONSE_S: u32 = 2 * 86_400;
pub(crate) const GENESIS_S: u64 = START_S - 1000 * DAY_S;
pub(crate) const PERIOD_S: u32 = 3;
const HASH_TO_CURVE: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

/// Somebody with an account and a key for statements.
#[derive(Clone)]
pub(crate) struct Party {
    pub(crate) account: Address,
    pub(crate) key: SigningKey,
}

/// See the module's head.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) env: Env,
    pub(crate) contract: Address,
    pub(crate) token: Address,
    pub(crate) owner: Party,
    /// Another owner.
    pub(crate) neighbour: Party,
    pub(crate) hosts: std::vec::Vec<Party>,
    pub(crate) stranger: Party,
}

/// What somebody approves: a call of the contract with these arguments, and a transfer out of its account below it.
#[derive(Clone)]
pub(crate) struct Approval {
    pub(crate) by: Address,
    pub(crate) args: Vec<Val>,
    pub(crate) pays: u64,
}

/// What the ledger keeps of an escrow: the sum, and the hosts whose state is not that of an agreement at its start.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) held: u64,
    pub(crate) slots: std::vec::Vec<(u8, Slot)>,
}

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The contract said so.
    Contract(Error),
    /// The host said so: no authority, no money, a wrong signature, a bad point.
    Host,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Contract(error)
    }
}

impl World {
    pub(crate) fn new(hosts: u8) -> Self {
        let env = ledger();
        env.ledger().with_mut(|ledger| {
            ledger.timestamp = START_S;
            ledger.sequence_number = 1000;
            ledger.min_temp_entry_ttl = 17_280;
            ledger.min_persistent_entry_ttl = 2_073_600;
            ledger.max_entry_ttl = 3_110_400;
        });
        let party =
            |seed: u8| Party { account: Address::generate(&env), key: SigningKey::from_bytes(&[seed; 32]) };
        let (owner, stranger, neighbour) = (party(1), party(2), party(3));
        let hosts: std::vec::Vec<_> = (0..hosts).map(|index| party(10 + index)).collect();
        let asset = env.register_stellar_asset_contract_v2(Address::generate(&env));
        asset.issuer().set_flag(IssuerFlags::RevocableFlag);
        let token = asset.address();
        let beacon = beacon(&env, &beacon_key(&env), (PERIOD_S, GENESIS_S));
        let contract = register(&env, (&token, &beacon));
        let world = Self { env, contract, token, owner, neighbour, hosts, stranger };
        world.env.mock_all_auths();
        for party in world.everybody() {
            let purse = i128::from(PURSE);
            StellarAssetClient::new(&world.env, &world.token).mint(&party.account, &purse);
        }
        world.env.set_auths(&[]);
        world
    }

    /// The same people and token, and a contract that was put here once more.
    pub(crate) fn with_another_contract(&self) -> Self {
        let beacon = beacon(&self.env, &beacon_key(&self.env), (PERIOD_S, GENESIS_S));
        Self { contract: register(&self.env, (&self.token, &beacon)), ..self.clone() }
    }

    pub(crate) fn everybody(&self) -> impl Iterator<Item = &Party> {
        [&self.owner, &self.neighbour, &self.stranger].into_iter().chain(&self.hosts)
    }

    pub(crate) fn now_s(&self) -> u64 {
        self.env.ledger().timestamp()
    }

    /// Lets time pass, in ledgers of five seconds.
    pub(crate) fn pass(&self, seconds: u64) {
        self.env.ledger().with_mut(|ledger| {
            ledger.timestamp += seconds;
            ledger.sequence_number += u32::try_from(seconds / 5).unwrap();
        });
    }

    pub(crate) fn pass_until(&self, time_s: u64) {
        self.pass(time_s.saturating_sub(self.now_s()));
    }

    pub(crate) fn balance(&self, account: &Address) -> u64 {
        u64::try_from(TokenClient::new(&self.env, &self.token).balance(account)).unwrap()
    }

    /// Has an account take payments or none, as one that is closed or full.
    pub(crate) fn takes_payments(&self, account: &Address, takes: bool) {
        self.env.mock_all_auths();
        StellarAssetClient::new(&self.env, &self.token).set_authorized(account, &takes);
        self.env.set_auths(&[]);
    }

    pub(crate) fn views(&self) -> StorageAgreementClient<'_> {
        StorageAgreementClient::new(&self.env, &self.contract)
    }

    /// What the ledger keeps of an escrow.
    pub(crate) fn escrow(&self, id: &BytesN<32>) -> Option<Kept> {
        let stored = bytes_of(&self.views().try_escrow(id).ok()?.unwrap());
        let (held, entries) = stored.split_first_chunk::<8>().unwrap();
        let (entries, rest) = entries.as_chunks::<{ 1 + SLOT_BYTES }>();
        assert!(rest.is_empty());
        let slot = |[host, slot @ ..]: &[u8; 1 + SLOT_BYTES]| (*host, Slot::decode(slot).unwrap());
        Some(Kept { held: u64::from_be_bytes(*held), slots: entries.iter().map(slot).collect() })
    }

    /// The round that asks for a window.
    pub(crate) fn round_of(terms: &EscrowTerms, window: u32) -> u64 {
        round_at(GENESIS_S, PERIOD_S, terms.calendar().question_s(window))
    }

    /// Terms of five weeks, the first of which begins in four days.
    pub(crate) fn terms(&self, nonce: u8) -> EscrowTerms {
        EscrowTerms {
            owner: self.owner.account.clone(),
            receipt_keys: std::vec![public_key(&self.owner)],
            first_window: u32::try_from(START_S / u64::from(WINDOW_S)).unwrap() + 1,
            windows: 5,
            window_s: WINDOW_S,
            response_s: RESPONSE_S,
            samples: 4,
            missed_allowed: 1,
            nonce: [nonce; 16],
        }
    }

    /// Terms of a host: 2^20 stroops for a GiB, which is a stroop a leaf and window.
    pub(crate) fn host_terms(&self, host: usize, data: &Data) -> HostTerms {
        HostTerms {
            account: self.hosts[host].account.clone(),
            receipt_key: public_key(&self.hosts[host]),
            price: 1 << 20,
            deposit: 1000,
            collateral: 200,
            proof_refund: 7,
            data_root: data.root(),
            leaves: data.leaf_count(),
        }
    }

    /// Calls the contract with exactly these approvals.
    pub(crate) fn call<T: FromVal<Env, Val>>(
        &self,
        name: &str,
        args: Vec<Val>,
        approvals: &[Approval],
    ) -> Result<T, Refusal> {
        self.call_by((&self.contract, name), args, (name, approvals))
    }

    /// Calls a contract that in turn calls this one, by a function of which exactly this is approved.
    pub(crate) fn call_by<T: FromVal<Env, Val>>(
        &self,
        (contract, function): (&Address, &str),
        args: Vec<Val>,
        (name, approvals): (&str, &[Approval]),
    ) -> Result<T, Refusal> {
        let transfers: std::vec::Vec<_> = approvals
            .iter()
            .map(|approval| MockAuthInvoke {
                contract: &self.token,
                fn_name: "transfer",
                args: (&approval.by, &self.contract, i128::from(approval.pays)).into_val(&self.env),
                sub_invokes: &[],
            })
            .collect();
        let invocations: std::vec::Vec<_> = approvals
            .iter()
            .zip(&transfers)
            .map(|(approval, transfer)| MockAuthInvoke {
                contract: &self.contract,
                fn_name: name,
                args: approval.args.clone(),
                sub_invokes: if approval.pays == 0 { &[] } else { std::slice::from_ref(transfer) },
            })
            .collect();
        let auths: std::vec::Vec<_> = approvals
            .iter()
            .zip(&invocations)
            .map(|(approval, invoke)| MockAuth { address: &approval.by, invoke })
            .collect();
        self.env.mock_auths(&auths);
        let called =
            self.env.try_invoke_contract::<Val, Error>(contract, &Symbol::new(&self.env, function), args);
        self.env.set_auths(&[]);
        match called {
            Ok(value) => Ok(T::from_val(&self.env, &value.unwrap())),
            Err(Ok(error)) => Err(Refusal::Contract(error)),
            Err(Err(InvokeError::Abort | InvokeError::Contract(_))) => Err(Refusal::Host),
        }
    }

    /// What is approved in `open` and `renew`: by the owner the id and its deposits, by those who join their part.
    pub(crate) fn opening(&self, terms: &EscrowTerms, offers: &[Offer]) -> std::vec::Vec<Approval> {
        let hosts: std::vec::Vec<_> = offers.iter().map(|offer| offer.terms.clone()).collect();
        let id = if hosts.is_empty() { [0; 32] } else { terms.id(&hosts) };
        let id = fixed(&self.env, &id);
        let pays = offers.iter().map(|offer| offer.terms.deposit).sum();
        let owner = Approval { by: terms.owner.clone(), args: (id,).into_val(&self.env), pays };
        let joining =
            offers.iter().filter(|offer| offer.joins).map(|offer| self.joining(terms, &offer.terms));
        std::iter::once(owner).chain(joining).collect()
    }

    /// What a host approves that joins.
    pub(crate) fn joining(&self, terms: &EscrowTerms, host: &HostTerms) -> Approval {
        let digests = [terms.digest(), host.digest()].map(|digest| fixed(&self.env, &digest).to_val());
        let args = Vec::from_array(&self.env, digests);
        Approval { by: host.account.clone(), args, pays: host.collateral }
    }

    pub(crate) fn open(&self, terms: &EscrowTerms, offers: &[Offer]) -> Result<BytesN<32>, Refusal> {
        let mut args = terms.values(&self.env);
        args.append(&Offer::values(&self.env, offers));
        self.call("open", args, &self.opening(terms, offers))
    }

    /// Signs a statement about a host's place in an escrow.
    pub(crate) fn sign(
        &self,
        by: &Party,
        label: &str,
        (id, host): (&BytesN<32>, u8),
        body: &[u8],
    ) -> [u8; 64] {
        let mut message = label.as_bytes().to_vec();
        message.push(0);
        message.extend(self.env.ledger().network_id().to_array());
        message.extend(bytes_of(&self.contract.clone().to_xdr(&self.env)));
        message.extend(id.to_array());
        message.push(host);
        message.extend(body);
        by.key.sign(&message).to_bytes()
    }

    /// A receipt by the owner.
    pub(crate) fn receipt(
        &self,
        place: (&BytesN<32>, u8),
        (decided, proven, earned, revision): (u32, u32, u64, u32),
    ) -> Receipt {
        let mut receipt = Receipt { decided, proven, earned, revision, key: 0, signature: [0; 64] };
        receipt.signature = self.sign(&self.owner, RECEIPT_LABEL, place, &receipt.body());
        receipt
    }

    /// A revision that owner and host signed.
    pub(crate) fn revision(
        &self,
        place: (&BytesN<32>, u8),
        (number, first_window): (u32, u32),
        data: &Data,
    ) -> Revision {
        let (data_root, leaves) = (data.root(), data.leaf_count());
        let (owner_signature, host_signature) = ([0; 64], [0; 64]);
        let mut revision =
            Revision { number, first_window, data_root, leaves, key: 0, owner_signature, host_signature };
        let body = revision.body();
        revision.owner_signature = self.sign(&self.owner, REVISION_LABEL, place, &body);
        revision.host_signature = self.sign(&self.hosts[usize::from(place.1)], REVISION_LABEL, place, &body);
        revision
    }

    /// A closing statement that both signed.
    pub(crate) fn closing(&self, place: (&BytesN<32>, u8), to_host: u64) -> Closing {
        self.closing_until(place, to_host, self.now_s() + 600)
    }

    pub(crate) fn closing_until(&self, place: (&BytesN<32>, u8), to_host: u64, until_s: u64) -> Closing {
        let body = [to_host.to_be_bytes(), until_s.to_be_bytes()].concat();
        let owner_signature = self.sign(&self.owner, CLOSING_LABEL, place, &body);
        let host_signature = self.sign(&self.hosts[usize::from(place.1)], CLOSING_LABEL, place, &body);
        Closing { to_host, until_s, key: 0, owner_signature, host_signature }
    }

    /// The seats of an escrow's hosts.
    pub(crate) fn seats(hosts: &[HostTerms]) -> std::vec::Vec<Seat> {
        let nodes = nodes(hosts);
        let seat = |(index, terms): (usize, &HostTerms)| {
            let (_, path) = layr_proof::subtree_path(&nodes, index, 1).unwrap();
            Seat { terms: terms.clone(), path: steps(&path) }
        };
        hosts.iter().enumerate().map(seat).collect()
    }

    /// Publishes the beacon of a window.
    pub(crate) fn publish(&self, terms: &EscrowTerms, window: u32) -> Result<(), Refusal> {
        let round = Self::round_of(terms, window);
        let signature = BytesN::from_array(&self.env, &signature_of(round));
        self.call("beacon", (round, signature).into_val(&self.env), &[])
    }

    /// The beacon's question of a window, or the owner's with this seed.
    pub(crate) fn question(
        terms: &EscrowTerms,
        (id, host): (&BytesN<32>, u8),
        window: u32,
        seed: Option<[u8; 32]>,
    ) -> [u8; 32] {
        let round = Self::round_of(terms, window);
        let source = seed.unwrap_or_else(|| sha256(&compressed(&signature_of(round))));
        let tail = [host, u8::try_from(window).unwrap_or(u8::MAX)];
        sha256(&[&source[..], &id.to_array(), &tail].concat())
    }
}

/// A beacon as the contract is made with it.
pub(crate) fn beacon(env: &Env, key: &BytesN<192>, (period_s, genesis_s): (u32, u64)) -> Bytes {
    let numbers = [&period_s.to_be_bytes()[..], &genesis_s.to_be_bytes()].concat();
    bytes(env, &[&key.to_array()[..], &numbers].concat())
}

fn public_key(party: &Party) -> [u8; 32] {
    party.key.verifying_key().to_bytes()
}

/// An empty ledger that leaves no files behind.
pub(crate) fn ledger() -> Env {
    let env = Env::new_with_config(EnvTestConfig { capture_snapshot_at_drop: false });
    env.cost_estimate().budget().reset_unlimited();
    env
}

pub(crate) fn bytes_of(bytes: &Bytes) -> std::vec::Vec<u8> {
    bytes.iter().collect()
}

pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    layr_proof::Sha256::digest(&layr_proof::SoftwareSha256, &[message])
}

fn secret(env: &Env) -> Bls12381Fr {
    Bls12381Fr::from_u256(U256::from_u32(env, 77_777))
}

/// The public key of the worlds' beacon.
pub(crate) fn beacon_key(env: &Env) -> BytesN<192> {
    static KEY: Mutex<Option<[u8; 192]>> = Mutex::new(None);
    let mut key = KEY.lock().unwrap();
    let key = key.get_or_insert_with(|| {
        let env = ledger();
        let generator = Bls12381G2Affine::from_bytes(bytesn!(
            &env,
            0x13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb80606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801
        ));
        env.crypto().bls12_381().g2_mul(&generator, &secret(&env)).to_array()
    });
    BytesN::from_array(env, key)
}

/// The beacon's signature of a round. Kept, since many histories ask for the same rounds.
pub(crate) fn signature_of(round: u64) -> [u8; 96] {
    static SIGNATURES: Mutex<BTreeMap<u64, [u8; 96]>> = Mutex::new(BTreeMap::new());
    *SIGNATURES.lock().unwrap().entry(round).or_insert_with(|| {
        let env = ledger();
        let bls = env.crypto().bls12_381();
        let message = Bytes::from_array(&env, &sha256(&round.to_be_bytes()));
        let point = bls.hash_to_g1(&message, &Bytes::from_slice(&env, HASH_TO_CURVE));
        bls.g1_mul(&point, &secret(&env)).to_array()
    })
}

/// The 48 bytes of a point of G1 whose 96 are these, as drand writes them.
fn compressed(point: &[u8; 96]) -> [u8; 48] {
    let modulus =
        "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
    let byte = |index: usize| u8::from_str_radix(&modulus[2 * index..2 * index + 2], 16).unwrap();
    let (x, y) = point.split_at(48);
    // p - y, by hand.
    let (mut negated, mut borrow) = ([0_u8; 48], 0_i16);
    for index in (0..48).rev() {
        let digit = i16::from(byte(index)) - i16::from(y[index]) - borrow;
        borrow = i16::from(digit < 0);
        negated[index] = u8::try_from(digit.rem_euclid(256)).unwrap();
    }
    let mut short: [u8; 48] = x.try_into().unwrap();
    short[0] |= 0x80;
    if y > &negated[..] {
        short[0] |= 0x20;
    }
    short
}
