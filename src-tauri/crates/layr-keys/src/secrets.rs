//! What a key store keeps.

use std::fmt;

use minicbor::{Decode, Encode};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::cbor::{self, DecodeError};

const VERSION: u16 = 1;
/// Array header, version, and two byte strings of 32.
const ENCODED_BYTES: usize = 2 + 2 * 34;

/// The two secrets of a node: everything else is derived from them or can be fetched again. Wiped when dropped.
pub struct StoredSecrets {
    /// 256 bits behind the recovery phrase.
    pub entropy: Zeroizing<[u8; 32]>,
    /// Secret key of this device.
    pub device_secret: Zeroizing<[u8; 32]>,
}

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
#[cbor(array)]
struct Wire {
    #[n(0)]
    version: u16,
    #[cbor(n(1), with = "minicbor::bytes")]
    entropy: [u8; 32],
    #[cbor(n(2), with = "minicbor::bytes")]
    device_secret: [u8; 32],
}

impl StoredSecrets {
    /// The canonical encoding, before any sealing.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let wire = Wire { version: VERSION, entropy: *self.entropy, device_secret: *self.device_secret };
        Zeroizing::new(cbor::encode_sized(&wire, ENCODED_BYTES))
    }

    /// Reads what [`StoredSecrets::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::check_version(bytes, VERSION)?;
        let wire: Wire = cbor::decode(bytes, ENCODED_BYTES)?;
        Ok(Self { entropy: Zeroizing::new(wire.entropy), device_secret: Zeroizing::new(wire.device_secret) })
    }

    /// A copy for a thread of its own. There is no `Clone`: copies of secrets are made on purpose only.
    pub(crate) fn duplicate(&self) -> Self {
        Self { entropy: self.entropy.clone(), device_secret: self.device_secret.clone() }
    }

    /// Whether both belong to the same recovery phrase.
    pub(crate) fn has_same_phrase(&self, other: &Self) -> bool {
        self.entropy.ct_eq(other.entropy.as_slice()).into()
    }
}

impl PartialEq for StoredSecrets {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        let devices = self.device_secret.ct_eq(other.device_secret.as_slice());
        (self.entropy.ct_eq(other.entropy.as_slice()) & devices).into()
    }
}

impl Eq for StoredSecrets {}

impl fmt::Debug for StoredSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredSecrets(hidden)")
    }
}
