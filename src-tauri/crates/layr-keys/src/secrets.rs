//! What a key store keeps.

use std::fmt;

use minicbor::{Decode, Encode};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::cbor::{self, DecodeError};
use crate::{hierarchy::OwnerKeys, phrase::RecoveryPhrase, stellar::StellarKey};

/// The secrets of a node whose account is that of its phrase.
const VERSION: u16 = 1;
/// With the key of an account that its owner brought along.
const VERSION_WITH_ACCOUNT: u16 = 2;
/// Array header, version, and two byte strings of 32.
const ENCODED_BYTES: usize = 2 + 2 * 34;
/// And a third one.
const ENCODED_BYTES_WITH_ACCOUNT: usize = ENCODED_BYTES + 34;

/// The secrets of a node: everything else is derived from them or can be fetched again. Wiped when dropped.
pub struct StoredSecrets {
    /// 256 bits behind the recovery phrase.
    pub entropy: Zeroizing<[u8; 32]>,
    /// Secret key of this device.
    pub device_secret: Zeroizing<[u8; 32]>,
    /// Secret key of a Stellar account that the owner brought along; none where it is the phrase's.
    pub account_secret: Option<Zeroizing<[u8; 32]>>,
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

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
#[cbor(array)]
struct WireWithAccount {
    #[n(0)]
    version: u16,
    #[cbor(n(1), with = "minicbor::bytes")]
    entropy: [u8; 32],
    #[cbor(n(2), with = "minicbor::bytes")]
    device_secret: [u8; 32],
    #[cbor(n(3), with = "minicbor::bytes")]
    account_secret: [u8; 32],
}

impl StoredSecrets {
    /// The key that signs for the owner's Stellar account.
    pub fn stellar_key(&self) -> StellarKey {
        if let Some(secret) = &self.account_secret {
            return StellarKey::from_secret_bytes(secret);
        }
        let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&self.entropy));
        StellarKey::from_secret_bytes(&owner.stellar_key().to_secret_bytes())
    }

    /// The canonical encoding, before any sealing.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        if let Some(account_secret) = &self.account_secret {
            let wire = WireWithAccount {
                version: VERSION_WITH_ACCOUNT,
                entropy: *self.entropy,
                device_secret: *self.device_secret,
                account_secret: **account_secret,
            };
            return Zeroizing::new(cbor::encode_sized(&wire, ENCODED_BYTES_WITH_ACCOUNT));
        }
        let wire = Wire { version: VERSION, entropy: *self.entropy, device_secret: *self.device_secret };
        Zeroizing::new(cbor::encode_sized(&wire, ENCODED_BYTES))
    }

    /// Reads what [`StoredSecrets::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if cbor::check_version(bytes, VERSION_WITH_ACCOUNT).is_ok() {
            let wire: WireWithAccount = cbor::decode(bytes, ENCODED_BYTES_WITH_ACCOUNT)?;
            return Ok(Self {
                entropy: Zeroizing::new(wire.entropy),
                device_secret: Zeroizing::new(wire.device_secret),
                account_secret: Some(Zeroizing::new(wire.account_secret)),
            });
        }
        cbor::check_version(bytes, VERSION)?;
        let wire: Wire = cbor::decode(bytes, ENCODED_BYTES)?;
        Ok(Self {
            entropy: Zeroizing::new(wire.entropy),
            device_secret: Zeroizing::new(wire.device_secret),
            account_secret: None,
        })
    }

    /// A copy for a thread of its own. There is no `Clone`: copies of secrets are made on purpose only.
    pub(crate) fn duplicate(&self) -> Self {
        Self {
            entropy: self.entropy.clone(),
            device_secret: self.device_secret.clone(),
            account_secret: self.account_secret.clone(),
        }
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
        let accounts = match (&self.account_secret, &other.account_secret) {
            (Some(own), Some(theirs)) => own.ct_eq(theirs.as_slice()),
            (None, None) => 1.into(),
            _ => 0.into(),
        };
        (accounts & self.entropy.ct_eq(other.entropy.as_slice()) & devices).into()
    }
}

impl Eq for StoredSecrets {}

impl fmt::Debug for StoredSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredSecrets(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::{ENCODED_BYTES, ENCODED_BYTES_WITH_ACCOUNT, StoredSecrets};

    fn secrets(account: Option<u8>) -> StoredSecrets {
        StoredSecrets {
            entropy: Zeroizing::new([1; 32]),
            device_secret: Zeroizing::new([2; 32]),
            account_secret: account.map(|byte| Zeroizing::new([byte; 32])),
        }
    }

    #[test]
    fn an_account_of_ones_own_is_kept_and_without_one_the_format_is_the_old_one() {
        for (kept, bytes) in [(None, ENCODED_BYTES), (Some(3), ENCODED_BYTES_WITH_ACCOUNT)] {
            let encoded = secrets(kept).encode();
            assert_eq!((encoded.len(), encoded[1]), (bytes, u8::from(kept.is_some()) + 1));
            assert!(StoredSecrets::decode(&encoded).unwrap() == secrets(kept));
            assert!(StoredSecrets::decode(&encoded[..bytes - 1]).is_err());
            assert!(StoredSecrets::decode(&[&encoded[..], &[0]].concat()).is_err());
        }
        assert!(secrets(Some(3)) != secrets(None) && secrets(Some(3)) != secrets(Some(4)));
        // Neither form says the version of the other.
        let mut other = secrets(Some(3)).encode().to_vec();
        other[1] = 1;
        assert!(StoredSecrets::decode(&other).is_err());
        assert!(
            secrets(Some(3)).has_same_phrase(&secrets(None)),
            "so a store takes the one in the other's place"
        );
    }

    #[test]
    fn the_key_is_the_accounts_own_or_that_of_the_words() {
        let own = secrets(Some(3)).stellar_key();
        assert_eq!(*own.to_secret_bytes(), [3; 32]);
        assert_ne!(secrets(None).stellar_key().account().to_string(), own.account().to_string());
    }
}
