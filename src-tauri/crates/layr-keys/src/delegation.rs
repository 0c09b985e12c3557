//! Delegations: the owner lets somebody else's device store shards in their name for a while, and what that device says it did.

use minicbor::{Decode, Encode};

use crate::{
    cbor::{self, DecodeError},
    device::DeviceKey,
    hierarchy::OwnerKeys,
    ids::{OwnerId, PeerId},
    signing::{Domain, Signature, SignatureError},
};

/// Largest encoded delegation. The widest one takes 171 bytes; hosts take it in the place of a device certificate.
pub const MAX_DELEGATION_BYTES: usize = 256;
/// Longest time for which a delegation holds: hosts know of no revocation, so that it is short, and renewed.
pub const MAX_DELEGATION_S: u64 = 30 * 24 * 60 * 60;
/// For how long a delegation that has ended still counts: two people's clocks differ by minutes, seldom by more.
pub const DELEGATION_TOLERANCE_S: u64 = 60 * 60;
/// Largest content of a log entry: two roots, two ids, eight addresses of at most 256 bytes.
pub const MAX_LOG_PAYLOAD_BYTES: usize = 3 * 1024;
/// Largest encoded log entry: the content and at most 180 bytes around it.
pub const MAX_LOG_ENTRY_BYTES: usize = MAX_LOG_PAYLOAD_BYTES + 256;

/// A delegation issued under a clock that is years ahead would hold for years.
const EARLIEST_S: u64 = 24 * 60 * 60;
const VERSION: u16 = 1;
const DOMAIN: Domain = Domain::new("layr/v1/delegation");
const LOG_DOMAIN: Domain = Domain::new("layr/v1/delegate-log");

/// What an owner lets a device do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationSubject {
    /// The device, of whomever.
    pub delegate: PeerId,
    /// Counts the delegations that the owner gave to this device, from 1.
    pub serial: u64,
    /// When it was issued, by the issuing device's clock.
    pub issued_at_unix_s: u64,
    /// When it ends, at most [`MAX_DELEGATION_S`] later.
    pub expires_at_unix_s: u64,
}

/// A delegation as it arrived; nothing in it may be believed before [`Delegation::verify_for`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    body: Body,
    signature: Signature,
}

/// A delegation whose signature and bearer were checked. There is no other way to get one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedDelegation(Delegation);

/// Why a delegation is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DelegationError {
    /// The bytes are no delegation.
    #[error("not a delegation")]
    Decode(#[from] DecodeError),
    /// The named owner did not sign this.
    #[error("the delegation is not signed by the owner that it names")]
    Signature(#[from] SignatureError),
    /// It would hold for too long, or end before it begins.
    #[error("a delegation holds for at most 30 days")]
    Term,
    /// Signed, but for another device than the one that shows it.
    #[error("the delegation is for {delegate}, but {presented_by} shows it")]
    OtherDevice {
        /// The device in the delegation.
        delegate: PeerId,
        /// The device that presented it.
        presented_by: PeerId,
    },
    /// It holds no longer.
    #[error("the delegation has ended")]
    Ended,
    /// It was issued by a clock that is more than a day ahead.
    #[error("the delegation begins in the future")]
    NotYet,
}

/// What the delegate may do. The one right that there is: to store shards in the owner's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
enum Right {
    #[n(1)]
    Store,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Body {
    #[n(0)]
    version: u16,
    #[n(1)]
    owner: OwnerId,
    #[n(2)]
    delegate: PeerId,
    #[n(3)]
    serial: u64,
    #[n(4)]
    issued_at_unix_s: u64,
    #[n(5)]
    expires_at_unix_s: u64,
    #[n(6)]
    right: Right,
}

impl Body {
    fn is_term_allowed(&self) -> bool {
        let term_s = self.expires_at_unix_s.checked_sub(self.issued_at_unix_s);
        term_s.is_some_and(|term_s| (1..=MAX_DELEGATION_S).contains(&term_s))
    }
}

impl Delegation {
    /// Lets a device store in the owner's name.
    ///
    /// # Errors
    /// [`DelegationError::Term`].
    pub fn issue(
        owner: &OwnerKeys,
        subject: &DelegationSubject,
    ) -> Result<VerifiedDelegation, DelegationError> {
        let body = Body {
            version: VERSION,
            owner: owner.owner_id(),
            delegate: subject.delegate,
            serial: subject.serial,
            issued_at_unix_s: subject.issued_at_unix_s,
            expires_at_unix_s: subject.expires_at_unix_s,
            right: Right::Store,
        };
        if !body.is_term_allowed() {
            return Err(DelegationError::Term);
        }
        let signature = owner.sign(DOMAIN, &cbor::encode(&body));
        Ok(VerifiedDelegation(Self { body, signature }))
    }

    /// Reads a delegation; the signature is not checked yet.
    ///
    /// # Errors
    /// [`DelegationError::Decode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DelegationError> {
        let (body, signature) = cbor::decode_signed::<Body>(bytes, MAX_DELEGATION_BYTES, VERSION)?;
        if !body.is_term_allowed() {
            return Err(DecodeError::Field { field: "expires_at" }.into());
        }
        Ok(Self { body, signature })
    }

    /// The canonical encoding, at most [`MAX_DELEGATION_BYTES`].
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode_signed(&self.body, self.signature)
    }

    /// When it ends, as it says itself: to be shown, and not believed before it is verified.
    pub fn expires_at_unix_s(&self) -> u64 {
        self.body.expires_at_unix_s
    }

    /// Checks the owner's signature, that the device that presents it is the one it names, and that it holds at this time.
    ///
    /// # Errors
    /// [`DelegationError`].
    pub fn verify_for(
        &self,
        presented_by: PeerId,
        now_unix_s: u64,
    ) -> Result<VerifiedDelegation, DelegationError> {
        let Body { owner, delegate, issued_at_unix_s, expires_at_unix_s, .. } = self.body;
        owner.verify(DOMAIN, &cbor::encode(&self.body), &self.signature)?;
        if delegate != presented_by {
            return Err(DelegationError::OtherDevice { delegate, presented_by });
        }
        if now_unix_s > expires_at_unix_s.saturating_add(DELEGATION_TOLERANCE_S) {
            return Err(DelegationError::Ended);
        }
        if issued_at_unix_s > now_unix_s.saturating_add(EARLIEST_S) {
            return Err(DelegationError::NotYet);
        }
        Ok(VerifiedDelegation(self.clone()))
    }
}

impl VerifiedDelegation {
    /// In whose name the device stores.
    pub fn owner(&self) -> OwnerId {
        self.0.body.owner
    }

    /// Number of this delegation among those of the device.
    pub fn serial(&self) -> u64 {
        self.0.body.serial
    }

    /// When it ends, by the issuer's clock.
    pub fn expires_at_unix_s(&self) -> u64 {
        self.0.body.expires_at_unix_s
    }

    /// Whether it still holds at this time.
    pub fn holds_at(&self, now_unix_s: u64) -> bool {
        now_unix_s <= self.expires_at_unix_s().saturating_add(DELEGATION_TOLERANCE_S)
    }

    /// The canonical encoding, at most [`MAX_DELEGATION_BYTES`].
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }
}

/// One thing that a delegate says it did or found for an owner. Entries are numbered from 1 and each names the digest of the one
/// before, so that none can be taken back, left out or told in another way to another device of the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    body: LogBody,
    signature: Signature,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct LogBody {
    #[n(0)]
    version: u16,
    #[n(1)]
    owner: OwnerId,
    #[n(2)]
    number: u64,
    #[cbor(n(3), with = "minicbor::bytes")]
    previous: [u8; 32],
    #[cbor(n(4), with = "minicbor::bytes")]
    payload: Vec<u8>,
}

/// Where a log stands: the number of its last entry and that entry's digest; both 0 before the first one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogHead {
    /// Number of the last entry.
    pub number: u64,
    /// SHA-256 of its encoding.
    pub digest: [u8; 32],
}

/// Why an entry is not the next one of a log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The bytes are no entry.
    #[error("not an entry of a delegate's log")]
    Decode(#[from] DecodeError),
    /// The delegate did not sign this.
    #[error("the entry is not signed by the delegate")]
    Signature(#[from] SignatureError),
    /// It does not follow the entry before, or is for somebody else.
    #[error("entry {number} does not follow what the delegate said before")]
    Chain {
        /// Its number.
        number: u64,
    },
}

impl LogEntry {
    /// The next entry after `head`.
    ///
    /// # Errors
    /// [`DecodeError::TooLong`] for a payload over [`MAX_LOG_PAYLOAD_BYTES`].
    pub fn next(
        head: LogHead,
        owner: OwnerId,
        payload: Vec<u8>,
        delegate: &DeviceKey,
    ) -> Result<Self, DecodeError> {
        if payload.len() > MAX_LOG_PAYLOAD_BYTES {
            let (size_bytes, limit_bytes) = (payload.len(), MAX_LOG_PAYLOAD_BYTES);
            return Err(DecodeError::TooLong { size_bytes, limit_bytes });
        }
        let number = head.number.saturating_add(1);
        let body = LogBody { version: VERSION, owner, number, previous: head.digest, payload };
        let signature = delegate.sign(LOG_DOMAIN, &cbor::encode(&body));
        Ok(Self { body, signature })
    }

    /// Reads the entry that follows `head` in what `delegate` says to `owner`.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn decode_next(
        bytes: &[u8],
        head: LogHead,
        owner: OwnerId,
        delegate: PeerId,
    ) -> Result<Self, LogError> {
        let (body, signature) = cbor::decode_signed::<LogBody>(bytes, MAX_LOG_ENTRY_BYTES, VERSION)?;
        if body.payload.len() > MAX_LOG_PAYLOAD_BYTES {
            return Err(DecodeError::Field { field: "payload" }.into());
        }
        delegate.verify(LOG_DOMAIN, &cbor::encode(&body), &signature)?;
        if body.owner != owner
            || body.previous != head.digest
            || Some(body.number) != head.number.checked_add(1)
        {
            return Err(LogError::Chain { number: body.number });
        }
        Ok(Self { body, signature })
    }

    /// The canonical encoding, at most [`MAX_LOG_ENTRY_BYTES`].
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode_signed(&self.body, self.signature)
    }

    /// The log's head once this entry is its last one.
    pub fn head(&self) -> LogHead {
        use sha2::Digest as _;
        LogHead { number: self.body.number, digest: sha2::Sha256::digest(self.encode()).into() }
    }

    /// What it says.
    pub fn payload(&self) -> &[u8] {
        &self.body.payload
    }
}

#[cfg(test)]
mod tests;
