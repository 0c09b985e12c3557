//! Consent to a call that somebody else sends: the entry that a host signs to join.

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use stellar_xdr as xdr;

use crate::address::Account;
use crate::agreement::value::{bytes, list, record};
use crate::bounded::{encode, limits};
use crate::envelope::Signer;
use crate::error::LedgerError;

/// How an authorisation is bounded, so that it cannot be used twice or for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authority {
    /// Random; the ledger takes each once.
    pub nonce: i64,
    /// The last ledger in which it holds. The ledger keeps the nonce until then, which costs rent: an hour is plenty.
    pub until_ledger: u32,
}

/// A signed consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent(pub(crate) xdr::SorobanAuthorizationEntry);

impl Authority {
    /// What `signer` consents to, signed.
    ///
    /// # Errors
    /// A call that is larger than a transaction.
    pub fn sign(
        &self,
        signer: &dyn Signer,
        network_id: [u8; 32],
        invocation: xdr::SorobanAuthorizedInvocation,
    ) -> Result<Consent, LedgerError> {
        let hash = self.hash(network_id, &invocation)?;
        self.consent(signer.account(), signer.sign(&hash), invocation)
    }

    fn hash(
        &self,
        network_id: [u8; 32],
        invocation: &xdr::SorobanAuthorizedInvocation,
    ) -> Result<[u8; 32], LedgerError> {
        let preimage = xdr::HashIdPreimage::SorobanAuthorization(xdr::HashIdPreimageSorobanAuthorization {
            network_id: xdr::Hash(network_id),
            nonce: self.nonce,
            signature_expiration_ledger: self.until_ledger,
            invocation: invocation.clone(),
        });
        Ok(Sha256::digest(encode(&preimage)?).into())
    }

    fn consent(
        &self,
        by: Account,
        signature: [u8; 64],
        invocation: xdr::SorobanAuthorizedInvocation,
    ) -> Result<Consent, LedgerError> {
        let signature =
            record(vec![("public_key", bytes(by.as_bytes())?), ("signature", bytes(&signature)?)])?;
        let credentials = xdr::SorobanAddressCredentials {
            address: xdr::ScAddress::Account(by.to_xdr()),
            nonce: self.nonce,
            signature_expiration_ledger: self.until_ledger,
            signature: list(vec![signature])?,
        };
        Ok(Consent(xdr::SorobanAuthorizationEntry {
            credentials: xdr::SorobanCredentials::Address(credentials),
            root_invocation: invocation,
        }))
    }
}

impl Consent {
    /// As it goes over the wire: XDR.
    ///
    /// # Errors
    /// None in practice: a consent always fits.
    pub fn encode(&self) -> Result<Vec<u8>, LedgerError> {
        encode(&self.0)
    }

    /// Reads a consent that is `account`'s to just this, and the last ledger in which it holds; none for anything else, also for one that
    /// is written in another way or needs a second signature.
    pub fn read(
        encoded: &[u8],
        account: Account,
        network_id: [u8; 32],
        invocation: &xdr::SorobanAuthorizedInvocation,
    ) -> Option<(Self, u32)> {
        use xdr::ReadXdr as _;
        let entry = xdr::SorobanAuthorizationEntry::from_xdr(encoded, limits()).ok()?;
        let xdr::SorobanCredentials::Address(credentials) = &entry.credentials else { return None };
        let until_ledger = credentials.signature_expiration_ledger;
        let authority = Authority { nonce: credentials.nonce, until_ledger };
        let signature = signature_in(&credentials.signature)?;
        let hash = authority.hash(network_id, invocation).ok()?;
        let key = VerifyingKey::from_bytes(account.as_bytes()).ok()?;
        key.verify_strict(&hash, &Signature::from_bytes(&signature)).ok()?;
        let expected = authority.consent(account, signature, invocation.clone()).ok()?;
        (expected.0 == entry).then_some((expected, until_ledger))
    }
}

/// The only signature.
fn signature_in(value: &xdr::ScVal) -> Option<[u8; 64]> {
    let xdr::ScVal::Vec(Some(signatures)) = value else { return None };
    let xdr::ScVal::Map(Some(fields)) = signatures.0.first()? else { return None };
    let field = |entry: &&xdr::ScMapEntry| matches!(&entry.key, xdr::ScVal::Symbol(name) if name.0.as_slice() == b"signature");
    let xdr::ScVal::Bytes(signature) = &fields.0.iter().find(field)?.val else { return None };
    signature.0.as_slice().try_into().ok()
}
