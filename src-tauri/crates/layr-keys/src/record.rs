//! Signed records: what hosts and owners keep in the distributed hash table.

use minicbor::{Decode, Encode};

use crate::{
    cbor::{self, DecodeError},
    device::DeviceKey,
    hierarchy::OwnerKeys,
    signing::{self, Domain, Signature, SignatureError},
};

/// Largest payload: an offer with eight addresses, or a library head, fits several times.
pub const MAX_RECORD_PAYLOAD_BYTES: usize = 3 * 1024;
/// Largest encoded record: the payload and at most 120 bytes around it.
pub const MAX_RECORD_BYTES: usize = MAX_RECORD_PAYLOAD_BYTES + 128;
/// Longest network name; it becomes a part of protocol names.
pub const MAX_NETWORK_NAME_BYTES: usize = 32;

const VERSION: u16 = 1;
const DOMAIN: Domain = Domain::new("layr/v1/record");

/// Who a record belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum RecordKind {
    /// A host's offer and addresses; the key is the device's public key.
    #[n(0)]
    Host,
    /// An owner's library head; the key is the owner's public key.
    #[n(1)]
    Owner,
}

/// A record with its signature. Nothing in it may be believed before [`SignedRecord::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRecord {
    body: Body,
    signature: Signature,
}

/// Why a record is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The bytes are no record.
    #[error("not a signed record")]
    Decode(#[from] DecodeError),
    /// The key in the record did not sign it for this network.
    #[error("the record is not signed by its key for this network")]
    Signature(#[from] SignatureError),
    /// The payload is larger than a record may carry.
    #[error("a record carries at most {limit_bytes} bytes, not {size_bytes}")]
    PayloadTooLong {
        /// Size of the payload.
        size_bytes: usize,
        /// Size allowed.
        limit_bytes: usize,
    },
    /// Not a network name.
    #[error("a network name has 1 to {MAX_NETWORK_NAME_BYTES} of the characters a-z, 0-9 and \"-\"")]
    NetworkName,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Body {
    #[n(0)]
    version: u16,
    #[n(1)]
    kind: RecordKind,
    #[cbor(n(2), with = "minicbor::bytes")]
    key: [u8; 32],
    #[n(3)]
    sequence: u64,
    #[cbor(n(4), with = "minicbor::bytes")]
    payload: Vec<u8>,
}

impl SignedRecord {
    /// A host's record for `network`.
    pub fn for_host(
        network: &str,
        device: &DeviceKey,
        sequence: u64,
        payload: Vec<u8>,
    ) -> Result<Self, RecordError> {
        let key = *device.peer_id().as_bytes();
        Self::sign(network, RecordKind::Host, key, sequence, payload, |message| device.sign(DOMAIN, message))
    }

    /// An owner's record for `network`.
    pub fn for_owner(
        network: &str,
        owner: &OwnerKeys,
        sequence: u64,
        payload: Vec<u8>,
    ) -> Result<Self, RecordError> {
        let key = *owner.owner_id().as_bytes();
        Self::sign(network, RecordKind::Owner, key, sequence, payload, |message| owner.sign(DOMAIN, message))
    }

    fn sign(
        network: &str,
        kind: RecordKind,
        key: [u8; 32],
        sequence: u64,
        payload: Vec<u8>,
        sign: impl FnOnce(&[u8]) -> Signature,
    ) -> Result<Self, RecordError> {
        if payload.len() > MAX_RECORD_PAYLOAD_BYTES {
            return Err(RecordError::PayloadTooLong {
                size_bytes: payload.len(),
                limit_bytes: MAX_RECORD_PAYLOAD_BYTES,
            });
        }
        let body = Body { version: VERSION, kind, key, sequence, payload };
        let signature = sign(&signed_message(network, &body)?);
        Ok(Self { body, signature })
    }

    /// Reads a record; the signature is not checked yet.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let (body, signature) = cbor::decode_signed::<Body>(bytes, MAX_RECORD_BYTES, VERSION)?;
        if body.payload.len() > MAX_RECORD_PAYLOAD_BYTES {
            return Err(DecodeError::Field { field: "payload" }.into());
        }
        Ok(Self { body, signature })
    }

    /// The canonical encoding, at most [`MAX_RECORD_BYTES`].
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode_signed(&self.body, self.signature)
    }

    /// Checks that the record's key signed it for `network`.
    pub fn verify(&self, network: &str) -> Result<(), RecordError> {
        let message = signed_message(network, &self.body)?;
        Ok(signing::verify(&self.body.key, DOMAIN, &message, &self.signature)?)
    }

    /// Whether this record replaces `other`: same kind and key, and a higher sequence. Two records with one sequence
    /// (two devices wrote at once) are ordered by payload, so that every node keeps the same one.
    pub fn supersedes(&self, other: &Self) -> bool {
        self.kind() == other.kind()
            && self.key() == other.key()
            && (self.sequence(), self.payload()) > (other.sequence(), other.payload())
    }

    /// Whose record it is.
    pub fn kind(&self) -> RecordKind {
        self.body.kind
    }

    /// The Ed25519 public key that signed it: a peer id's or an owner id's bytes, by kind.
    pub fn key(&self) -> &[u8; 32] {
        &self.body.key
    }

    /// Grows with every new version of the record.
    pub fn sequence(&self) -> u64 {
        self.body.sequence
    }

    /// What the record says; its format belongs to who reads it.
    pub fn payload(&self) -> &[u8] {
        &self.body.payload
    }
}

/// `network ‖ 0x00 ‖ body`: a record of one network is not valid in another.
fn signed_message(network: &str, body: &Body) -> Result<Vec<u8>, RecordError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if network.is_empty() || network.len() > MAX_NETWORK_NAME_BYTES || !network.bytes().all(allowed) {
        return Err(RecordError::NetworkName);
    }
    Ok([network.as_bytes(), &[0], &cbor::encode(body)].concat())
}
