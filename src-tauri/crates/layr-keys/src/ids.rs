//! Public identities: of a device on the network, and of an owner.

use std::{fmt, str::FromStr};

use minicbor::{Decode, Encode};

use crate::signing::{self, Domain, Signature, SignatureError};

/// What stands before the key in a libp2p peer id: an identity multihash (0x00) of 36 bytes (0x24), and in it the
/// protobuf `PublicKey { type: Ed25519 = 1, data: 32 bytes }`.
const PEER_ID_PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];
const PEER_ID_BYTES: usize = PEER_ID_PREFIX.len() + 32;
/// 38 bytes are 52 base58 digits; nothing longer is looked at, since base58 takes quadratic time.
const MAX_PEER_ID_CHARS: usize = 52;

/// A device on the network: its Ed25519 public key. Shown as libp2p shows it, `12D3KooW…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct PeerId(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

/// An owner of files: the public half of their signing key. Shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct OwnerId(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// Not a libp2p peer id of an Ed25519 key.
    #[error("not a peer id: expected 52 characters that start with 12D3KooW")]
    PeerId,
    /// Not an owner id.
    #[error("not an owner id: expected 64 lower-case hexadecimal digits")]
    OwnerId,
}

impl PeerId {
    /// The id of the device with this Ed25519 public key.
    pub const fn from_bytes(public_key: [u8; 32]) -> Self {
        Self(public_key)
    }

    /// The Ed25519 public key.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 38 bytes that libp2p calls the peer id (identity multihash of the protobuf public key).
    pub fn to_multihash(&self) -> [u8; PEER_ID_BYTES] {
        let mut bytes = [0; PEER_ID_BYTES];
        let (prefix, key) = bytes.split_at_mut(PEER_ID_PREFIX.len());
        prefix.copy_from_slice(&PEER_ID_PREFIX);
        key.copy_from_slice(&self.0);
        bytes
    }

    /// Checks that this device signed `message` in `domain`.
    pub fn verify(
        &self,
        domain: Domain,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), SignatureError> {
        signing::verify(&self.0, domain, message, signature)
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bs58::encode(self.to_multihash()).into_string())
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerId({self})")
    }
}

impl FromStr for PeerId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.len() > MAX_PEER_ID_CHARS {
            return Err(IdError::PeerId);
        }
        let mut bytes = [0u8; PEER_ID_BYTES];
        let written = bs58::decode(text).onto(bytes.as_mut_slice()).map_err(|_| IdError::PeerId)?;
        match bytes.split_first_chunk() {
            Some((&PEER_ID_PREFIX, key)) if written == PEER_ID_BYTES => {
                Ok(Self(key.try_into().map_err(|_| IdError::PeerId)?))
            }
            _ => Err(IdError::PeerId),
        }
    }
}

impl OwnerId {
    /// The id of the owner with this Ed25519 public key.
    pub const fn from_bytes(public_key: [u8; 32]) -> Self {
        Self(public_key)
    }

    /// The Ed25519 public key.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checks that this owner signed `message` in `domain`.
    pub fn verify(
        &self,
        domain: Domain,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), SignatureError> {
        signing::verify(&self.0, domain, message, signature)
    }
}

impl fmt::Display for OwnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for OwnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnerId({self})")
    }
}

impl FromStr for OwnerId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut key = [0u8; 32];
        hex::decode_to_slice(text, &mut key).map_err(|_| IdError::OwnerId)?;
        // One id, one spelling: scripts compare them as texts.
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) { Err(IdError::OwnerId) } else { Ok(Self(key)) }
    }
}
