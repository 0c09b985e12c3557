//! The key of a device.

use std::fmt;

use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use crate::{
    ids::PeerId,
    random::{RandomnessError, random_bytes},
    signing::{self, Domain, Signature},
};

/// The secret key of one device: its identity on the network. Random, never derived from the recovery phrase, so that
/// a lost device can be revoked without a new phrase. Wiped when dropped.
pub struct DeviceKey {
    key: SigningKey,
}

impl DeviceKey {
    /// A new key from the operating system's randomness.
    pub fn generate() -> Result<Self, RandomnessError> {
        Ok(Self::from_bytes(&*random_bytes()?))
    }

    /// The key with these 32 secret bytes (RFC 8032 private key).
    pub fn from_bytes(secret: &[u8; 32]) -> Self {
        Self { key: SigningKey::from_bytes(secret) }
    }

    /// The 32 secret bytes.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// The device's public identity.
    pub fn peer_id(&self) -> PeerId {
        PeerId::from_bytes(self.key.verifying_key().to_bytes())
    }

    /// Signs `message` in `domain`.
    pub fn sign(&self, domain: Domain, message: &[u8]) -> Signature {
        signing::sign(&self.key, domain, message)
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey({}, secret hidden)", self.peer_id())
    }
}
