//! The owner's Stellar account (SEP-0005, SEP-0023).

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use zeroize::Zeroizing;

use crate::{signing::Signature, slip10::ExtendedKey};

/// SEP-0005: purpose 44', coin type 148' (Stellar), account 0'.
const PRIMARY_ACCOUNT_PATH: [u32; 3] = [44, 148, 0];

/// SEP-0023: version byte of an Ed25519 public key, which makes the text start with G.
const ACCOUNT_VERSION: u8 = 6 << 3;

/// SEP-0023: version byte of an Ed25519 secret seed, which makes the text start with S.
const SECRET_VERSION: u8 = 18 << 3;
/// Digits of an account and of a secret key.
const STRKEY_DIGITS: usize = 56;
/// A version byte, 32 bytes and a checksum of two.
const STRKEY_BYTES: usize = 35;

/// Why a text is no secret key of a Stellar account. None of them shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StellarKeyError {
    /// It is an address, which everybody may know and which signs for nothing.
    #[error("this is the account's address (G…); its secret key begins with S")]
    PublicKey,
    /// It is something else.
    #[error("a secret key has 56 letters and digits and begins with S")]
    Malformed,
    /// It looks like one, and letters of it are wrong.
    #[error("the secret key has a typing error: its checksum does not fit")]
    Checksum,
}

/// A Stellar account, shown as `G…`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StellarAccount([u8; 32]);

/// The secret key of the owner's Stellar account.
pub struct StellarKey {
    key: SigningKey,
}

impl StellarKey {
    /// The key at `m/44'/148'/0'` of a BIP-39 seed.
    pub(crate) fn derive(seed: &[u8]) -> Self {
        let mut node = ExtendedKey::master(seed);
        for index in PRIMARY_ACCOUNT_PATH {
            node = node.child(index);
        }
        Self { key: SigningKey::from_bytes(&node.secret) }
    }

    /// The key with these secret bytes.
    pub(crate) fn from_secret_bytes(secret: &[u8; 32]) -> Self {
        Self { key: SigningKey::from_bytes(secret) }
    }

    /// A secret key as Stellar's tools write it: `S…` (SEP-0023).
    ///
    /// # Errors
    /// [`StellarKeyError`].
    pub fn parse(text: &str) -> Result<Self, StellarKeyError> {
        let is_strkey = text.len() == STRKEY_DIGITS;
        if is_strkey && text.starts_with('G') {
            return Err(StellarKeyError::PublicKey);
        }
        let bytes = base32_bytes(text).filter(|_| is_strkey).ok_or(StellarKeyError::Malformed)?;
        let (body, checksum) = bytes.split_last_chunk::<2>().ok_or(StellarKeyError::Malformed)?;
        let (version, secret) = body.split_first().ok_or(StellarKeyError::Malformed)?;
        if *version != SECRET_VERSION {
            return Err(StellarKeyError::Malformed);
        }
        if crc16_xmodem(body) != u16::from_le_bytes(*checksum) {
            return Err(StellarKeyError::Checksum);
        }
        let secret = <&[u8; 32]>::try_from(secret).map_err(|_| StellarKeyError::Malformed)?;
        Ok(Self::from_secret_bytes(secret))
    }

    /// The account that this key signs for.
    pub fn account(&self) -> StellarAccount {
        StellarAccount(self.key.verifying_key().to_bytes())
    }

    /// Signs a 32-byte transaction or authorisation hash as Stellar wants it: without a domain of ours.
    pub fn sign_hash(&self, hash: &[u8; 32]) -> Signature {
        Signature::from_bytes(self.key.sign(hash).to_bytes())
    }

    /// The 32 secret bytes, for a Stellar library that wants to sign itself.
    pub fn to_secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }
}

impl fmt::Debug for StellarKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StellarKey({}, secret hidden)", self.account())
    }
}

impl StellarAccount {
    /// The Ed25519 public key.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for StellarAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(35);
        bytes.push(ACCOUNT_VERSION);
        bytes.extend_from_slice(&self.0);
        bytes.extend_from_slice(&crc16_xmodem(&bytes).to_le_bytes());
        f.write_str(&base32(&bytes))
    }
}

impl fmt::Debug for StellarAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StellarAccount({self})")
    }
}

/// CRC-16/XMODEM: polynomial 0x1021, start 0.
fn crc16_xmodem(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

/// The bytes behind 56 digits of RFC 4648's base32; none where there are other letters or another number of them.
fn base32_bytes(text: &str) -> Option<Zeroizing<[u8; STRKEY_BYTES]>> {
    let mut bytes = Zeroizing::new([0; STRKEY_BYTES]);
    if text.len() != STRKEY_DIGITS {
        return None;
    }
    for (group, digits) in bytes.chunks_mut(5).zip(text.as_bytes().chunks(8)) {
        let mut bits = 0_u64;
        for digit in digits {
            let value = match digit {
                b'A'..=b'Z' => digit - b'A',
                b'2'..=b'7' => digit - b'2' + 26,
                _ => return None,
            };
            bits = bits << 5 | u64::from(value);
        }
        let [_, _, _, taken @ ..] = bits.to_be_bytes();
        group.copy_from_slice(&taken);
    }
    Some(bytes)
}

/// RFC 4648 base32; 35 bytes are 56 digits without padding.
fn base32(bytes: &[u8]) -> String {
    let digit = |bits: u64, place: usize| {
        let value = u8::try_from((bits >> (35 - 5 * place)) & 31).unwrap_or(0);
        char::from(if value < 26 { b'A' + value } else { b'2' + (value - 26) })
    };
    bytes
        .chunks(5)
        .flat_map(|group| {
            let bits = group.iter().fold(0u64, |bits, &byte| (bits << 8) | u64::from(byte));
            (0..8).map(move |place| digit(bits, place))
        })
        .collect()
}

#[cfg(test)]
mod tests;
