//! Consent to a call that somebody else sends: the entry that a host signs to join.

use sha2::{Digest, Sha256};
use stellar_xdr as xdr;

use crate::agreement::value::{bytes, list, record};
use crate::bounded::encode;
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
    ) -> Result<xdr::SorobanAuthorizationEntry, LedgerError> {
        let preimage = xdr::HashIdPreimage::SorobanAuthorization(xdr::HashIdPreimageSorobanAuthorization {
            network_id: xdr::Hash(network_id),
            nonce: self.nonce,
            signature_expiration_ledger: self.until_ledger,
            invocation: invocation.clone(),
        });
        let hash: [u8; 32] = Sha256::digest(encode(&preimage)?).into();
        let by = signer.account();
        let signature =
            record(vec![("public_key", bytes(by.as_bytes())?), ("signature", bytes(&signer.sign(&hash))?)])?;
        let credentials = xdr::SorobanAddressCredentials {
            address: xdr::ScAddress::Account(by.to_xdr()),
            nonce: self.nonce,
            signature_expiration_ledger: self.until_ledger,
            signature: list(vec![signature])?,
        };
        Ok(xdr::SorobanAuthorizationEntry {
            credentials: xdr::SorobanCredentials::Address(credentials),
            root_invocation: invocation,
        })
    }
}
