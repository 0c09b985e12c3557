//! A public beacon like drand's network *quicknet*, with a key of this ledger's own: one signature every three seconds of ledger time, which
//! nobody can choose and everybody can check.
//!
//! Signature in G1 over SHA-256 of the round as eight bytes, highest first; public key in G2. The curve is the Soroban host's
//! own, so that a signature made here is exactly what a contract checks.

use sha2::{Digest, Sha256};
use soroban_env_host::{BytesObject, Env, EnvBase, Host, U32Val};

use crate::error::LedgerError;
use crate::host;

/// Domain of drand's signatures on G1.
pub const BEACON_DOMAIN: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
/// Seconds from one round to the next, as drand's quicknet.
pub const BEACON_PERIOD_S: u64 = 3;
/// A point of G1: two coordinates, highest byte first.
const G1_BYTES: usize = 96;
/// A point of G2.
const G2_BYTES: usize = 192;
/// The generator of G2 (RFC 9380 and the curve's own specification), uncompressed: x₁, x₀, y₁, y₀.
const G2_GENERATOR: &str = "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e\
024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8\
0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be\
0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801";
/// Half of the field's prime, rounded down: a y above it is the larger of the two.
const HALF_PRIME: &str =
    "0d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555";
/// Leading bits of a compressed point: it is compressed; its y is the larger one.
const COMPRESSED: u8 = 0x80;
const LARGER: u8 = 0x20;
/// A scalar below 2²⁵⁴ is below the group's order, so each of them is equally likely.
const SCALAR_MASK: u8 = 0x3F;

/// A beacon's key and its beginning.
pub(crate) struct Beacon {
    secret: [u8; 32],
    genesis: u64,
    public_key: [u8; G2_BYTES],
}

/// A signature of a round, in both forms that are in use.
pub(crate) struct Round {
    pub(crate) signature: [u8; G1_BYTES],
    pub(crate) compressed: [u8; 48],
}

impl Beacon {
    /// The beacon of a secret whose first round was at `genesis`, in seconds since 1970.
    pub(crate) fn new(secret: [u8; 32], genesis: u64) -> Result<Self, LedgerError> {
        let host = host::bare()?;
        let generator = hex::decode(G2_GENERATOR).map_err(LedgerError::host)?;
        let point = host.bytes_new_from_slice(&generator)?;
        let product = host.bls12_381_g2_mul(point, scalar(&host, &secret)?)?;
        Ok(Self { public_key: taken(&host, product)?, secret, genesis })
    }

    /// A secret from fresh random bytes.
    pub(crate) fn secret(mut random: [u8; 32]) -> [u8; 32] {
        let [first, ..] = &mut random;
        *first &= SCALAR_MASK;
        random
    }

    pub(crate) fn public_key(&self) -> &[u8; G2_BYTES] {
        &self.public_key
    }

    pub(crate) fn genesis(&self) -> u64 {
        self.genesis
    }

    /// The last round whose time has come.
    pub(crate) fn newest_round(&self, time: u64) -> u64 {
        time.saturating_sub(self.genesis) / BEACON_PERIOD_S + 1
    }

    /// Signs a round. Whether its time has come is for the caller to say.
    pub(crate) fn sign(&self, round: u64) -> Result<Round, LedgerError> {
        let host = host::bare()?;
        let message = Sha256::digest(round.to_be_bytes());
        let message = host.bytes_new_from_slice(&message)?;
        let domain = host.bytes_new_from_slice(BEACON_DOMAIN)?;
        let point = host.bls12_381_hash_to_g1(message, domain)?;
        let product = host.bls12_381_g1_mul(point, scalar(&host, &self.secret)?)?;
        let signature = taken(&host, product)?;
        Ok(Round { compressed: compress(&signature)?, signature })
    }
}

fn scalar(host: &Host, secret: &[u8; 32]) -> Result<soroban_env_host::U256Val, LedgerError> {
    Ok(host.u256_val_from_be_bytes(host.bytes_new_from_slice(secret)?)?)
}

fn taken<const N: usize>(host: &Host, bytes: BytesObject) -> Result<[u8; N], LedgerError> {
    let mut taken = [0; N];
    host.bytes_copy_to_slice(bytes, U32Val::from(0), &mut taken)?;
    Ok(taken)
}

/// The x coordinate, with the sign of y in its leading bits.
fn compress(point: &[u8; G1_BYTES]) -> Result<[u8; 48], LedgerError> {
    let half = hex::decode(HALF_PRIME).map_err(LedgerError::host)?;
    let (x, y) = point.split_at(48);
    let mut compressed: [u8; 48] = x.try_into().map_err(LedgerError::host)?;
    let [first, ..] = &mut compressed;
    *first |= COMPRESSED;
    if y > half.as_slice() {
        *first |= LARGER;
    }
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    use super::compress;

    /// The generator of G1: x, its y, and the y of its negative.
    const X: &str =
        "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb";
    const Y: &str =
        "08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";
    const MINUS_Y: &str =
        "114d1d6855d545a8aa7d76c8cf2e21f267816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca";

    #[test]
    fn the_short_form_says_which_y() {
        let short = |y: &str| {
            let point = hex::decode(format!("{X}{y}")).unwrap();
            hex::encode(compress(&point.try_into().unwrap()).unwrap())
        };
        assert_eq!(short(Y), format!("97{}", &X[2..]));
        assert_eq!(short(MINUS_Y), format!("b7{}", &X[2..]));
    }
}
