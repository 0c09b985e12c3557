//! A transaction as it came in: taken apart, hashed and measured.

use stellar_xdr::{
    AccountId, DecoratedSignature, Error, FeeBumpTransactionInnerTx, LedgerBounds, Memo, MuxedAccount,
    Operation, OperationBody, Preconditions, PreconditionsV2, PublicKey, SequenceNumber,
    SorobanTransactionData, TimeBounds, Transaction, TransactionEnvelope, TransactionExt, TransactionV0Ext,
    Uint256,
};

use crate::codec;
use crate::error::LedgerError;

/// A transaction with its signatures, inside a fee bump or not.
#[derive(Clone, Debug)]
pub(crate) struct Submitted {
    pub(crate) envelope: TransactionEnvelope,
    /// Of the whole, by which clients ask for it.
    pub(crate) hash: [u8; 32],
    pub(crate) transaction: Transaction,
    pub(crate) signatures: Vec<DecoratedSignature>,
    /// Of the transaction itself; the same as `hash` without a fee bump.
    pub(crate) inner_hash: [u8; 32],
    pub(crate) fee_bump: Option<FeeBump>,
    /// Of the transaction with its signatures, without a fee bump around it.
    pub(crate) size_bytes: u32,
}

/// Somebody else pays, or more is paid.
#[derive(Clone, Debug)]
pub(crate) struct FeeBump {
    pub(crate) source: AccountId,
    pub(crate) fee: i64,
    pub(crate) signatures: Vec<DecoratedSignature>,
}

impl Submitted {
    pub(crate) fn new(envelope: TransactionEnvelope, network_id: [u8; 32]) -> Result<Self, LedgerError> {
        let hash = envelope.hash(network_id)?;
        let (transaction, signatures, inner_hash, fee_bump, size_bytes) = match &envelope {
            TransactionEnvelope::TxV0(old) => {
                let transaction = Transaction {
                    source_account: MuxedAccount::Ed25519(old.tx.source_account_ed25519.clone()),
                    fee: old.tx.fee,
                    seq_num: old.tx.seq_num.clone(),
                    cond: old.tx.time_bounds.clone().map_or(Preconditions::None, Preconditions::Time),
                    memo: old.tx.memo.clone(),
                    operations: old.tx.operations.clone(),
                    ext: match old.tx.ext {
                        TransactionV0Ext::V0 => TransactionExt::V0,
                    },
                };
                (transaction, old.signatures.to_vec(), hash, None, codec::size(&codec::bytes(old)?))
            }
            TransactionEnvelope::Tx(one) => {
                (one.tx.clone(), one.signatures.to_vec(), hash, None, codec::size(&codec::bytes(one)?))
            }
            TransactionEnvelope::TxFeeBump(bump) => {
                let FeeBumpTransactionInnerTx::Tx(one) = &bump.tx.inner_tx;
                let fee_bump = FeeBump {
                    source: account(&bump.tx.fee_source),
                    fee: bump.tx.fee,
                    signatures: bump.signatures.to_vec(),
                };
                let inner_hash = TransactionEnvelope::Tx(one.clone()).hash(network_id)?;
                let size = codec::size(&codec::bytes(one)?);
                (one.tx.clone(), one.signatures.to_vec(), inner_hash, Some(fee_bump), size)
            }
        };
        Ok(Self { envelope, hash, transaction, signatures, inner_hash, fee_bump, size_bytes })
    }

    /// Whose sequence number it uses.
    pub(crate) fn source(&self) -> AccountId {
        account(&self.transaction.source_account)
    }

    /// Who pays its fee.
    pub(crate) fn payer(&self) -> AccountId {
        self.fee_bump.as_ref().map_or_else(|| self.source(), |bump| bump.source.clone())
    }

    /// Most that is paid for it, in stroops.
    pub(crate) fn fee_bid(&self) -> i64 {
        self.fee_bump.as_ref().map_or_else(|| self.transaction.fee.into(), |bump| bump.fee)
    }

    pub(crate) fn sequence(&self) -> i64 {
        let SequenceNumber(number) = self.transaction.seq_num;
        number
    }

    pub(crate) fn soroban(&self) -> Option<&SorobanTransactionData> {
        match &self.transaction.ext {
            TransactionExt::V0 => None,
            TransactionExt::V1(data) => Some(data),
        }
    }

    /// Whether one of its operations is Soroban's.
    pub(crate) fn has_soroban_operation(&self) -> bool {
        self.transaction.operations.iter().any(is_soroban)
    }

    pub(crate) fn operation_source(&self, operation: &Operation) -> AccountId {
        account(operation.source_account.as_ref().unwrap_or(&self.transaction.source_account))
    }

    pub(crate) fn conditions(&self) -> Conditions<'_> {
        match &self.transaction.cond {
            Preconditions::None => Conditions::default(),
            Preconditions::Time(time) => Conditions { time: Some(time), ..Conditions::default() },
            Preconditions::V2(all) => Conditions {
                time: all.time_bounds.as_ref(),
                ledgers: all.ledger_bounds.as_ref(),
                more: Some(all),
            },
        }
    }

    /// The memo, to tell apart who an exchange's payment is for.
    pub(crate) fn memo(&self) -> &Memo {
        &self.transaction.memo
    }
}

/// When a transaction holds.
#[derive(Default)]
pub(crate) struct Conditions<'transaction> {
    pub(crate) time: Option<&'transaction TimeBounds>,
    pub(crate) ledgers: Option<&'transaction LedgerBounds>,
    pub(crate) more: Option<&'transaction PreconditionsV2>,
}

pub(crate) fn is_soroban(operation: &Operation) -> bool {
    matches!(
        operation.body,
        OperationBody::InvokeHostFunction(_)
            | OperationBody::ExtendFootprintTtl(_)
            | OperationBody::RestoreFootprint(_)
    )
}

/// The account behind a muxed one.
pub(crate) fn account(muxed: &MuxedAccount) -> AccountId {
    muxed.clone().account_id()
}

/// The key that an account is named by.
pub(crate) fn key(account: &AccountId) -> [u8; 32] {
    let AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key))) = account;
    *key
}

/// An envelope from a client.
pub(crate) fn read(text: &str) -> Result<TransactionEnvelope, Error> {
    codec::from_text(text)
}
