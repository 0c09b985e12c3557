//! A beacon's signatures, checked as the contract checks them: BLS on BLS12-381 with signatures in G1, over SHA-256 of the round as eight bytes,
//! highest first (drand's scheme `bls-unchained-g1-rfc9380`). The curve is that of the crates by which Soroban's own host computes.

use ark_bls12_381::{Bls12_381, G1Affine, G1Projective, G2Affine, g1};
use ark_ec::AffineRepr as _;
use ark_ec::hashing::HashToCurve;
use ark_ec::hashing::curve_maps::wb::WBMap;
use ark_ec::hashing::map_to_curve_hasher::MapToCurveBasedHasher;
use ark_ec::pairing::Pairing as _;
use ark_ff::Zero as _;
use ark_ff::field_hashers::DefaultFieldHasher;
use ark_serialize::{CanonicalDeserialize as _, CanonicalSerialize as _};
use sha2::{Digest as _, Sha256};

use crate::agreement::beacon::BeaconRound;

/// Ciphersuite of the hash to the curve (RFC 9380, section 8.8.1), as drand uses it.
const DOMAIN: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
/// Bits of security that the hash to the field has, as the ciphersuite says.
const SECURITY_BITS: usize = 128;

/// RFC 9380's hash to G1. Its hash function is the version of SHA-256 whose traits the curve's crates know.
type HashToG1 = MapToCurveBasedHasher<
    G1Projective,
    DefaultFieldHasher<sha2_for_ark::Sha256, SECURITY_BITS>,
    WBMap<g1::Config>,
>;

/// The round with this compressed signature, if that is the one by `key`, an uncompressed point of G2. There is only one.
pub(super) fn checked(key: &[u8; 192], round: u64, compressed: &[u8; 48]) -> Option<BeaconRound> {
    // Both are refused where they are not on the curve, or not in the group in which signatures are unique.
    let point = G1Affine::deserialize_compressed(&compressed[..]).ok()?;
    let key = G2Affine::deserialize_uncompressed(&key[..]).ok()?;
    if point.is_zero() || key.is_zero() {
        return None;
    }
    let message: [u8; 32] = Sha256::digest(round.to_be_bytes()).into();
    let message = HashToG1::new(DOMAIN).ok()?.hash(&message).ok()?;
    if !Bls12_381::multi_pairing([point, -message], [G2Affine::generator(), key]).is_zero() {
        return None;
    }
    let mut signature = [0; 96];
    point.serialize_uncompressed(&mut signature[..]).ok()?;
    let randomness = Sha256::digest(compressed).into();
    Some(BeaconRound { round, signature, compressed: *compressed, randomness })
}

/// A point of G2 as the contract has it, from its compressed form; none where it is no point of the group.
pub(super) fn uncompressed_key(compressed: &[u8; 96]) -> Option<[u8; 192]> {
    let mut key = [0; 192];
    G2Affine::deserialize_compressed(&compressed[..]).ok()?.serialize_uncompressed(&mut key[..]).ok()?;
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::checked;
    use crate::agreement::BeaconSettings;

    /// Round 1000 of drand's quicknet as its relays publish it, and its signature as an uncompressed point, as the contract's own test has it.
    const ROUND: u64 = 1000;
    const SIGNATURE: &str =
        "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39";
    const RANDOMNESS: &str = "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd";
    const UNCOMPRESSED: &str = "144679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39\
        11f92e4521ef54f047b64b85fa98db2d46f0f44add1f60b93f8a0dbddd63b34f238657c2d93aed18b90bddd60a01b6d2";

    fn published() -> ([u8; 192], [u8; 48]) {
        let signature = hex::decode(SIGNATURE).unwrap().try_into().unwrap();
        (BeaconSettings::quicknet().unwrap().key, signature)
    }

    #[test]
    fn a_published_round_of_the_real_beacon_is_right() {
        let (key, signature) = published();
        let round = checked(&key, ROUND, &signature).unwrap();
        assert_eq!(hex::encode(round.randomness), RANDOMNESS);
        assert_eq!(hex::encode(round.signature), UNCOMPRESSED);
        assert_eq!((round.round, round.compressed), (ROUND, signature));
    }

    #[test]
    fn no_other_round_key_or_bit_is() {
        let (key, signature) = published();
        assert_eq!(checked(&key, ROUND + 1, &signature), None);
        for bit in [0, 1, 2, 3, 200, 383] {
            let mut other = signature;
            other[bit / 8] ^= 0x80 >> (bit % 8);
            assert_eq!(checked(&key, ROUND, &other), None, "bit {bit}");
        }
        // Infinity is a point that every key would have signed.
        let mut infinity = [0; 48];
        infinity[0] = 0xc0;
        assert_eq!(checked(&key, ROUND, &infinity), None);
        let mut other = key;
        other[191] ^= 1;
        assert_eq!(checked(&other, ROUND, &signature), None, "that is no point");
        assert_eq!(checked(&[0; 192], ROUND, &signature), None);
    }
}
