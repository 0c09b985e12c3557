//! Recovery phrase, key hierarchy, device certificates, signed records, keyring and key file.
//!
//! ```text
//! 24 words ─BIP-39→ seed ─┬─SLIP-0010 m/44'/148'/0'→ Stellar account
//!                         └─HKDF-SHA-256→ owner signing key, library key, chunk-id key, …
//! OS randomness → device key ← certified by the owner signing key
//! ```
//!
//! Secrets are wiped from memory when they are dropped, and no `Debug` or `Display` of this crate shows one.
//! Every format that is written here is specified in `docs/formats.md`.

pub mod atomic;
mod cbor;
mod certificate;
mod delegation;
mod device;
mod hierarchy;
mod ids;
mod phrase;
mod random;
mod record;
mod regular;
mod secrets;
mod signing;
mod slip10;
mod stellar;
mod store;

pub use cbor::DecodeError;
pub use certificate::{
    CertificateError, CertificateSubject, DeviceCertificate, MAX_CERTIFICATE_BYTES, MAX_DEVICE_NAME_CHARS,
    VerifiedCertificate,
};
pub use delegation::{
    DELEGATION_TOLERANCE_S, Delegation, DelegationError, DelegationSubject, LogEntry, LogError, LogHead,
    MAX_DELEGATION_BYTES, MAX_DELEGATION_S, MAX_LOG_ENTRY_BYTES, MAX_LOG_PAYLOAD_BYTES, VerifiedDelegation,
};
pub use device::DeviceKey;
pub use hierarchy::OwnerKeys;
pub use ids::{IdError, OwnerId, PeerId};
pub use phrase::{PhraseError, RecoveryPhrase, WORD_COUNT};
pub use random::RandomnessError;
pub use record::{
    MAX_NETWORK_NAME_BYTES, MAX_RECORD_BYTES, MAX_RECORD_PAYLOAD_BYTES, RecordError, RecordKind, SignedRecord,
};
pub use regular::{Links, open_regular};
pub use secrets::StoredSecrets;
pub use signing::{Domain, Signature, SignatureError};
pub use stellar::{StellarAccount, StellarKey, StellarKeyError};
pub use store::{
    KEYRING_TIMEOUT, KdfCost, KeyFile, KeyFileStore, KeyStore, KeyStoreError, KeyStoreKind, KeyringStore,
    MAX_KEY_FILE_BYTES, SealedPhrase,
};
