//! Transactions as bytes: built, signed, and put into an envelope with a higher fee.

use layr_keys::StellarKey;
use stellar_xdr as xdr;

use crate::address::Account;
use crate::amount::Stroops;
use crate::bounded::too_large;
use crate::error::LedgerError;

/// Who signs for an account.
pub trait Signer: Send + Sync {
    /// The account.
    fn account(&self) -> Account;
    /// An Ed25519 signature of a hash.
    fn sign(&self, hash: &[u8; 32]) -> [u8; 64];
}

impl Signer for StellarKey {
    fn account(&self) -> Account {
        StellarKey::account(self).into()
    }

    fn sign(&self, hash: &[u8; 32]) -> [u8; 64] {
        self.sign_hash(hash).to_bytes()
    }
}

/// A transaction of one operation that is not signed yet.
pub(crate) struct Draft {
    pub(crate) source: Account,
    pub(crate) sequence: i64,
    pub(crate) operation: xdr::OperationBody,
    pub(crate) memo: xdr::Memo,
    pub(crate) valid_until_unix_s: u64,
    /// All of the fee, that for resources included.
    pub(crate) fee: Stroops,
    pub(crate) resources: Option<xdr::SorobanTransactionData>,
}

impl Draft {
    /// The transaction.
    pub(crate) fn transaction(self) -> Result<xdr::Transaction, LedgerError> {
        let most = Stroops::small(u32::MAX);
        let fee = u32::try_from(self.fee.stroops())
            .map_err(|_| LedgerError::FeeAboveCap { fee: self.fee, cap: most })?;
        let operation = xdr::Operation { source_account: None, body: self.operation };
        let bounds = xdr::TimeBounds {
            min_time: xdr::TimePoint(0),
            max_time: xdr::TimePoint(self.valid_until_unix_s),
        };
        Ok(xdr::Transaction {
            source_account: self.source.to_muxed(),
            fee,
            seq_num: xdr::SequenceNumber(self.sequence),
            cond: xdr::Preconditions::Time(bounds),
            memo: self.memo,
            operations: vec![operation].try_into().map_err(too_large)?,
            ext: self.resources.map_or(xdr::TransactionExt::V0, xdr::TransactionExt::V1),
        })
    }
}

/// A transaction's envelope without a signature, to be simulated.
pub(crate) fn unsigned(transaction: xdr::Transaction) -> xdr::TransactionEnvelope {
    xdr::TransactionEnvelope::Tx(xdr::TransactionV1Envelope {
        tx: transaction,
        signatures: xdr::VecM::default(),
    })
}

/// Signs a transaction.
pub(crate) fn signed(
    transaction: xdr::Transaction,
    signer: &dyn Signer,
    network_id: [u8; 32],
) -> Result<(xdr::TransactionEnvelope, [u8; 32]), LedgerError> {
    let hash = transaction.hash(network_id).map_err(too_large)?;
    let signatures = vec![signature(signer, &hash)?].try_into().map_err(too_large)?;
    Ok((xdr::TransactionEnvelope::Tx(xdr::TransactionV1Envelope { tx: transaction, signatures }), hash))
}

/// Puts a signed transaction into an envelope that offers `fee` in all. The transaction inside stays what it is: with its sequence number, its
/// time and its hash, so that only one of the envelopes can ever be taken in.
pub(crate) fn bumped(
    envelope: &xdr::TransactionEnvelope,
    fee: Stroops,
    signer: &dyn Signer,
    network_id: [u8; 32],
) -> Result<(xdr::TransactionEnvelope, [u8; 32]), LedgerError> {
    let inner = inner(envelope)?.clone();
    let bump = xdr::FeeBumpTransaction {
        fee_source: signer.account().to_muxed(),
        fee: fee.to_ledger(),
        inner_tx: xdr::FeeBumpTransactionInnerTx::Tx(inner),
        ext: xdr::FeeBumpTransactionExt::V0,
    };
    let hash = bump.hash(network_id).map_err(too_large)?;
    let signatures = vec![signature(signer, &hash)?].try_into().map_err(too_large)?;
    let envelope = xdr::FeeBumpTransactionEnvelope { tx: bump, signatures };
    Ok((xdr::TransactionEnvelope::TxFeeBump(envelope), hash))
}

/// The transaction in an envelope, with its signatures.
pub(crate) fn inner(envelope: &xdr::TransactionEnvelope) -> Result<&xdr::TransactionV1Envelope, LedgerError> {
    match envelope {
        xdr::TransactionEnvelope::Tx(inner) => Ok(inner),
        xdr::TransactionEnvelope::TxFeeBump(bump) => {
            let xdr::FeeBumpTransactionInnerTx::Tx(inner) = &bump.tx.inner_tx;
            Ok(inner)
        }
        // Nothing here makes one; it is how transactions were before 2020.
        xdr::TransactionEnvelope::TxV0(_) => {
            Err(LedgerError::NotApproved { reason: "it is a transaction of an old kind".to_owned() })
        }
    }
}

/// The fee for the resources of a transaction, which a higher offer leaves as it is.
pub(crate) fn resource_fee(transaction: &xdr::Transaction) -> Stroops {
    match &transaction.ext {
        xdr::TransactionExt::V1(data) => Stroops::from_ledger(data.resource_fee).unwrap_or_default(),
        xdr::TransactionExt::V0 => Stroops::ZERO,
    }
}

/// All of the fee that an envelope offers.
pub(crate) fn fee(envelope: &xdr::TransactionEnvelope) -> Stroops {
    match envelope {
        xdr::TransactionEnvelope::Tx(inner) => Stroops::small(inner.tx.fee),
        xdr::TransactionEnvelope::TxFeeBump(bump) => Stroops::from_ledger(bump.tx.fee).unwrap_or_default(),
        xdr::TransactionEnvelope::TxV0(old) => Stroops::small(old.tx.fee),
    }
}

fn signature(signer: &dyn Signer, hash: &[u8; 32]) -> Result<xdr::DecoratedSignature, LedgerError> {
    let account = signer.account();
    let [.., a, b, c, d] = *account.as_bytes();
    let bytes = signer.sign(hash).to_vec().try_into().map_err(too_large)?;
    Ok(xdr::DecoratedSignature { hint: xdr::SignatureHint([a, b, c, d]), signature: xdr::Signature(bytes) })
}
