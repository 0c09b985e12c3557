//! The public randomness, and what an owner may ask when there is none.
//!
//! A round of drand's quicknet is a BLS signature in G1 over SHA-256(round u64 BE) (drand "unchained, G1, RFC 9380"); its
//! randomness is the signature's SHA-256. Nobody chooses, foresees, repeats or aborts it.

use layr_agreement::{EXCUSE_AFTER_S, EXCUSE_UNTIL_S, round_at};
use soroban_sdk::crypto::bls12_381::{Bls12381G1Affine, Bls12381G2Affine};
use soroban_sdk::{Bytes, BytesN, Env, IntoVal, Symbol, Val, bytesn, symbol_short, vec};

use crate::bytes::{byte, number, push, short, sized};
use crate::error::{Error, found, must};
use crate::part::Part;
use crate::tree::digest;

/// The beacon as the contract was made with it: public key, an uncompressed point of G2 (192) ‖ seconds from one round to the next u32 ‖
/// when round 1 was published, in seconds since 1970, u64.
const BEACON: Symbol = symbol_short!("beacon");
const BEACON_BYTES: u32 = KEY_BYTES + 12;
const KEY_BYTES: u32 = 192;

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
pub(crate) fn publish(env: &Env, round: u64, signature: &BytesN<96>) {
    let kept_at = round.into_val(env);
    if env.storage().temporary().has::<Val>(&kept_at) {
        return;
    }
    let bls = env.crypto().bls12_381();
    let mut round_bytes = Bytes::new(env);
    push(&mut round_bytes, round);
    let hashed = bls.hash_to_g1(&digest(&round_bytes), &Bytes::from_slice(env, HASH_TO_CURVE));
    let points = vec![env, Bls12381G1Affine::from_bytes(signature.clone()), hashed];
    let key = Bls12381G2Affine::from_bytes(sized(beacon(env).slice(..KEY_BYTES)));
    let keys = vec![env, negated_generator(env), key];
    must(env, bls.pairing_check(points, keys), Error::BadBeacon);
    keep(kept_at, &digest(&compressed(signature.as_ref())), ROUND_LEDGERS);
    if newest(env) < round {
        let (life, renewed_at) = NEWEST_LEDGERS;
        env.storage().persistent().set(&NEWEST, &round);
        env.storage().persistent().extend_ttl(&NEWEST, renewed_at, life);
    }
}

/// The newest round that was published here, 0 for none.
pub(crate) fn newest(env: &Env) -> u64 {
    env.storage().persistent().get(&NEWEST).unwrap_or(0)
}

/// Keeps the owner's question for a window, of which there is one at most.
pub(crate) fn ask(part: &Part, window: u32, seed: &Bytes) {
    let (env, kept_at) = (seed.env(), asked(part, window));
    must(env, !env.storage().temporary().has(&kept_at), Error::AlreadyAsked);
    keep(kept_at, seed, ASKED_LEDGERS);
}

/// What a window asks one host: SHA-256(randomness or the owner's seed ‖ escrow id ‖ host u8 ‖ window u8).
pub(crate) fn question(env: &Env, part: &Part, window: u32, by_owner: bool) -> Bytes {
    let kept_at = if by_owner { asked(part, window) } else { round_of(env, part, window).into_val(env) };
    let source = env.storage().temporary().get::<Val, Bytes>(&kept_at);
    let mut message = found(env, source, Error::NoQuestion);
    message.append(&part.escrow.id);
    message.push_back(part.number);
    message.push_back(byte(window.into()));
    digest(&message)
}

/// Whether a window passed of which the question never came out, and which may now be excused.
pub(crate) fn must_be_excusable(env: &Env, part: &Part, window: u32) {
    let (now_s, end_s) = (env.ledger().timestamp(), part.terms.calendar.begin_s(window + 1));
    must(env, now_s >= end_s + EXCUSE_AFTER_S, Error::TooEarly);
    must(env, now_s <= end_s + EXCUSE_UNTIL_S, Error::TooLate);
    let was_asked = env.storage().temporary().has(&asked(part, window));
    must(env, !was_asked && newest(env) < round_of(env, part, window), Error::Answerable);
}

/// Where the owner's question for a window is kept: escrow id ‖ window u8.
#[inline(never)]
fn asked(part: &Part, window: u32) -> Val {
    let mut key = part.escrow.id.clone();
    key.push_back(byte(window.into()));
    key.to_val()
}

#[inline(never)]
fn keep(at: Val, value: &Bytes, ledgers: u32) {
    let temporary = value.env().storage().temporary();
    temporary.set(&at, value);
    temporary.extend_ttl(&at, ledgers, ledgers);
}

/// Keeps what the contract is made with.
pub(crate) fn install(beacon: &Bytes) {
    let env = beacon.env();
    must(env, beacon.len() == BEACON_BYTES, Error::BadBeacon);
    env.storage().instance().set(&BEACON, beacon);
}

#[inline(never)]
pub(crate) fn beacon(env: &Env) -> Bytes {
    found(env, env.storage().instance().get(&BEACON), Error::Corrupt)
}

/// The round that asks for a window.
#[inline(never)]
fn round_of(env: &Env, part: &Part, window: u32) -> u64 {
    let beacon = beacon(env);
    let (period_s, genesis_s) = (short(&beacon, KEY_BYTES, 4), number(&beacon, KEY_BYTES + 4, 8));
    round_at(genesis_s, period_s, part.terms.calendar.question_s(window))
}

/// The 48 bytes of a point of G1 whose 96 are these (the form that drand publishes and hashes): x with the compression flag,
/// and the sign flag where y is the larger of the two roots.
fn compressed(point: &Bytes) -> Bytes {
    let mut short = point.slice(..48);
    let is_larger = point.slice(48..) > Bytes::from_array(point.env(), &HALF_MODULUS);
    let flags = if is_larger { COMPRESSED | LARGER_ROOT } else { COMPRESSED };
    short.set(0, short.get_unchecked(0) | flags);
    short
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
