//! The public randomness, and what an owner may ask when there is none.
//!
//! A round of drand's quicknet is a BLS signature in G1 over SHA-256(round u64 BE) (drand "unchained, G1, RFC 9380"); its
//! randomness is the signature's SHA-256. Nobody chooses, foresees, repeats or aborts it.

use layr_agreement::{EXCUSE_AFTER_S, EXCUSE_UNTIL_S, round_at};
use soroban_sdk::crypto::bls12_381::{Bls12381G1Affine, Bls12381G2Affine};
use soroban_sdk::{Bytes, BytesN, Env, Symbol, bytesn, contracttype, symbol_short, vec};

use crate::Error;
use crate::terms::{EscrowTerms, Place};

/// The randomness that asks: rounds of a threshold-signed beacon, as drand's quicknet.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// Public key, an uncompressed point of G2.
    pub key: BytesN<192>,
    /// When round 1 was published, in seconds since 1970.
    pub genesis_s: u64,
    /// Seconds from one round to the next.
    pub period_s: u32,
}

impl Beacon {
    /// The round that asks for a window.
    pub fn round_of(&self, terms: &EscrowTerms, window: u32) -> u64 {
        round_at(self.genesis_s, self.period_s, terms.calendar().question_s(window))
    }
}

/// Ciphersuite of the hash to the curve (RFC 9380 section 8.8.1), as drand uses it.
const HASH_TO_CURVE: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
/// The newest round that was published here; its life shows that the beacon lives.
const NEWEST: Symbol = symbol_short!("newest");
/// Ledgers of five seconds for which a round is kept: three days, longer than the usual response time. It can be published
/// again.
const ROUND_LEDGERS: u32 = 3 * 17_280;
/// Life in ledgers of the newest round, and how much of it is left when whoever publishes pays for it anew: 120 and 100 days.
const NEWEST_LEDGERS: (u32, u32) = (120 * 17_280, 100 * 17_280);
/// Ledgers of five seconds for which an owner's question is kept: 60 days. It is asked at most a week before its window ends, and
/// refutes an excuse until a month after that; it is kept long enough also where ledgers close in two thirds of the time.
const ASKED_LEDGERS: u32 = 60 * 17_280;

/// Verifies a round, and keeps its randomness. `signature` is an uncompressed point of G1.
pub(crate) fn publish(env: &Env, beacon: &Beacon, round: u64, signature: &BytesN<96>) -> Result<(), Error> {
    if env.storage().temporary().has(&round) {
        return Ok(());
    }
    let bls = env.crypto().bls12_381();
    let round_bytes = Bytes::from_slice(env, &round.to_be_bytes());
    let message: Bytes = env.crypto().sha256(&round_bytes).to_bytes().into();
    let hashed = bls.hash_to_g1(&message, &Bytes::from_slice(env, HASH_TO_CURVE));
    let points = vec![env, Bls12381G1Affine::from_bytes(signature.clone()), hashed];
    let keys = vec![env, negated_generator(env), Bls12381G2Affine::from_bytes(beacon.key.clone())];
    if !bls.pairing_check(points, keys) {
        return Err(Error::BadBeacon);
    }
    let randomness = env.crypto().sha256(&compressed(env, signature)).to_bytes();
    let temporary = env.storage().temporary();
    temporary.set(&round, &randomness);
    temporary.extend_ttl(&round, ROUND_LEDGERS, ROUND_LEDGERS);
    if newest(env) < round {
        let (life, renewed_at) = NEWEST_LEDGERS;
        env.storage().persistent().set(&NEWEST, &round);
        env.storage().persistent().extend_ttl(&NEWEST, renewed_at, life);
    }
    Ok(())
}

/// The newest round that was published here, 0 for none.
pub(crate) fn newest(env: &Env) -> u64 {
    env.storage().persistent().get(&NEWEST).unwrap_or(0)
}

/// Keeps the owner's question for a window, of which there is one at most.
pub(crate) fn ask(env: &Env, id: &BytesN<32>, window: u32, seed: &BytesN<32>) -> Result<(), Error> {
    let key = (id.clone(), window);
    let temporary = env.storage().temporary();
    if temporary.has(&key) {
        return Err(Error::AlreadyAsked);
    }
    temporary.set(&key, seed);
    temporary.extend_ttl(&key, ASKED_LEDGERS, ASKED_LEDGERS);
    Ok(())
}

/// What a window asks one host: SHA-256(randomness or the owner's seed ‖ escrow id ‖ host u8 ‖ window u8).
pub(crate) fn question(
    env: &Env,
    beacon: &Beacon,
    terms: &EscrowTerms,
    place: &Place,
    (window, by_owner): (u32, bool),
) -> Result<[u8; 32], Error> {
    let temporary = env.storage().temporary();
    let source: Option<BytesN<32>> = if by_owner {
        temporary.get(&(place.id.clone(), window))
    } else {
        temporary.get(&beacon.round_of(terms, window))
    };
    let mut message: Bytes = source.ok_or(Error::NoQuestion)?.into();
    message.append(place.id.as_ref());
    message.push_back(place.host);
    message.extend_from_slice(&window.to_be_bytes()[3..]);
    Ok(env.crypto().sha256(&message).to_array())
}

/// Whether a window passed of which the question never came out, and which may now be excused.
pub(crate) fn must_be_excusable(
    env: &Env,
    beacon: &Beacon,
    terms: &EscrowTerms,
    place: &Place,
    window: u32,
) -> Result<(), Error> {
    let (now_s, end_s) = (env.ledger().timestamp(), terms.calendar().begin_s(window + 1));
    if now_s < end_s + EXCUSE_AFTER_S {
        return Err(Error::TooEarly);
    }
    if now_s > end_s + EXCUSE_UNTIL_S {
        return Err(Error::TooLate);
    }
    let was_asked = env.storage().temporary().has(&(place.id.clone(), window));
    if was_asked || newest(env) >= beacon.round_of(terms, window) {
        return Err(Error::Answerable);
    }
    Ok(())
}

/// The 48 bytes of a point of G1 whose 96 are these (the form that drand publishes and hashes): x with the compression flag,
/// and the sign flag where y is the larger of the two roots.
fn compressed(env: &Env, point: &BytesN<96>) -> Bytes {
    let bytes = point.to_array();
    let (x, y) = bytes.split_at(48);
    let mut short = [0; 48];
    short.copy_from_slice(x);
    short[0] |= COMPRESSED;
    if y > HALF_MODULUS.as_slice() {
        short[0] |= LARGER_ROOT;
    }
    Bytes::from_slice(env, &short)
}

const COMPRESSED: u8 = 0x80;
const LARGER_ROOT: u8 = 0x20;

/// (p - 1) / 2 of BLS12-381: a larger y is the larger root.
const HALF_MODULUS: [u8; 48] = [
    0x0d, 0x00, 0x88, 0xf5, 0x1c, 0xbf, 0xf3, 0x4d, 0x25, 0x8d, 0xd3, 0xdb, 0x21, 0xa5, 0xd6, 0x6b, 0xb2,
    0x3b, 0xa5, 0xc2, 0x79, 0xc2, 0x89, 0x5f, 0xb3, 0x98, 0x69, 0x50, 0x7b, 0x58, 0x7b, 0x12, 0x0f, 0x55,
    0xff, 0xff, 0x58, 0xa9, 0xff, 0xff, 0xdc, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xd5, 0x55,
];

/// The generator of G2, negated: x, then p - y, each c1 before c0.
fn negated_generator(env: &Env) -> Bls12381G2Affine {
    Bls12381G2Affine::from_bytes(bytesn!(
        env,
        0x13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb813fa4d4a0ad8b1ce186ed5061789213d993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed0d1b3cc2c7027888be51d9ef691d77bcb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa
    ))
}
