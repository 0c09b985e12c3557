//! What owner and host sign off chain for each other.

use layr_agreement::{CLOSING_LABEL, RECEIPT_LABEL, REVISION_LABEL, ReceiptBody, RevisionBody, closing_body};
use layr_keys::Domain;
use sha2::{Digest, Sha256};
use stellar_xdr as xdr;

use crate::address::Contract;
use crate::agreement::terms::EscrowId;
use crate::agreement::value::{bytes, contract, encoded};
use crate::error::LedgerError;

const RECEIPT: Domain = Domain::new(RECEIPT_LABEL);
const REVISION: Domain = Domain::new(REVISION_LABEL);
const CLOSING: Domain = Domain::new(CLOSING_LABEL);

/// Where statements hold: a network and the contract on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgreementNetwork {
    /// SHA-256 of the network's passphrase.
    pub network_id: [u8; 32],
    /// The agreement contract.
    pub contract: Contract,
}

/// A host's place in an escrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which escrow.
    pub escrow: EscrowId,
    /// Which of its hosts.
    pub host: u8,
}

/// The owner's word on all windows so far, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What it says.
    pub body: ReceiptBody,
    /// Which of the escrow's receipt keys signed.
    pub key: u32,
    /// The owner's signature.
    pub signature: [u8; 64],
}

/// The data from a window on, signed by both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// What it says.
    pub body: RevisionBody,
    /// Which of the escrow's receipt keys signed.
    pub key: u32,
    /// The owner's signature.
    pub owner_signature: [u8; 64],
    /// The host's signature.
    pub host_signature: [u8; 64],
}

/// Both sides' word on how a part is divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Stroops of deposit and collateral that the host gets.
    pub to_host_stroops: u64,
    /// The last second of the ledger's clock at which it holds.
    pub until_unix_s: u64,
    /// Which of the escrow's receipt keys signed.
    pub key: u32,
    /// The owner's signature.
    pub owner_signature: [u8; 64],
    /// The host's signature.
    pub host_signature: [u8; 64],
}

impl AgreementNetwork {
    /// The domain and the message of a receipt's signature.
    ///
    /// # Errors
    /// None in practice: a contract's address always fits.
    pub fn receipt_message(
        &self,
        place: Place,
        body: &ReceiptBody,
    ) -> Result<(Domain, Vec<u8>), LedgerError> {
        Ok((RECEIPT, self.message(place, &body.encode())?))
    }

    /// The domain and the message of both signatures of a revision.
    ///
    /// # Errors
    /// As [`Self::receipt_message`].
    pub fn revision_message(
        &self,
        place: Place,
        body: &RevisionBody,
    ) -> Result<(Domain, Vec<u8>), LedgerError> {
        Ok((REVISION, self.message(place, &body.encode())?))
    }

    /// The domain and the message of both signatures of a closing.
    ///
    /// # Errors
    /// As [`Self::receipt_message`].
    pub fn closing_message(
        &self,
        place: Place,
        to_host_stroops: u64,
        until_unix_s: u64,
    ) -> Result<(Domain, Vec<u8>), LedgerError> {
        Ok((CLOSING, self.message(place, &closing_body(to_host_stroops, until_unix_s))?))
    }

    fn message(&self, place: Place, body: &[u8]) -> Result<Vec<u8>, LedgerError> {
        let contract = encoded(&contract(self.contract))?;
        Ok([&self.network_id[..], &contract, &place.escrow.0, &[place.host], body].concat())
    }
}

impl Place {
    /// What a window asks this host, by the randomness of its beacon or by the owner's seed.
    pub fn question(&self, randomness: &[u8; 32], window: u32) -> [u8; 32] {
        let [.., window] = window.to_be_bytes();
        let digest = Sha256::new()
            .chain_update(randomness)
            .chain_update(self.escrow.0)
            .chain_update([self.host, window]);
        digest.finalize().into()
    }
}

impl Receipt {
    pub(crate) fn to_value(&self) -> Result<xdr::ScVal, LedgerError> {
        shown(&self.body.encode(), self.key, &[self.signature])
    }
}

impl Revision {
    pub(crate) fn to_value(&self) -> Result<xdr::ScVal, LedgerError> {
        shown(&self.body.encode(), self.key, &[self.owner_signature, self.host_signature])
    }
}

impl Closing {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let body = closing_body(self.to_host_stroops, self.until_unix_s);
        joined(&body, self.key, &[self.owner_signature, self.host_signature])
    }
}

/// A statement as the contract takes it; nothing where there is none.
pub(crate) fn shown_or_nothing(
    statement: Option<Result<xdr::ScVal, LedgerError>>,
) -> Result<xdr::ScVal, LedgerError> {
    statement.unwrap_or_else(|| bytes(&[]))
}

fn shown(body: &[u8], key: u32, signatures: &[[u8; 64]]) -> Result<xdr::ScVal, LedgerError> {
    bytes(&joined(body, key, signatures))
}

fn joined(body: &[u8], key: u32, signatures: &[[u8; 64]]) -> Vec<u8> {
    // There are two keys at most; the contract refuses any other number.
    let key = u8::try_from(key).unwrap_or(u8::MAX);
    [body, &[key], &signatures.concat()].concat()
}
