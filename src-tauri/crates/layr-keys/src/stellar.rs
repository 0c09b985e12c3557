//! The owner's Stellar account (SEP-0005, SEP-0023).

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use zeroize::Zeroizing;

use crate::{signing::Signature, slip10::ExtendedKey};

/// SEP-0005: purpose 44', coin type 148' (Stellar), account 0'.
const PRIMARY_ACCOUNT_PATH: [u32; 3] = [44, 148, 0];

/// SEP-0023: version byte of an Ed25519 public key, which makes the text start with G.
const ACCOUNT_VERSION: u8 = 6 << 3;

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
