//! What became of a transaction, read from a server's answer.

use stellar_xdr as xdr;

use crate::amount::Stroops;
use crate::bounded::{decode, encode};
use crate::error::LedgerError;
use crate::journal::EntryState;
use crate::rpc::answers::Looked;

const LOOK: &str = "getTransaction";

/// A transaction that is in the ledger and did what it should.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// Its hash.
    pub hash: [u8; 32],
    /// The ledger it is in.
    pub ledger: u32,
    /// The fee that was taken.
    pub fee: Stroops,
    /// What the contract returned.
    pub returned: Option<xdr::ScVal>,
}

/// Reads an answer that has the transaction: it has to be the very one that was asked for.
pub(crate) fn found(
    answer: &Looked,
    hash: &[u8; 32],
    network_id: [u8; 32],
) -> Result<EntryState, LedgerError> {
    let missing = |what: &str| LedgerError::malformed(LOOK, format!("it has no {what}"));
    let envelope = answer.envelope_xdr.as_deref().ok_or_else(|| missing("envelope"))?;
    let envelope: xdr::TransactionEnvelope = decode(LOOK, envelope)?;
    let hash_of = |envelope: &xdr::TransactionEnvelope| {
        envelope.hash(network_id).map_err(|error| LedgerError::malformed(LOOK, error))
    };
    let is_inner = match crate::envelope::inner(&envelope) {
        Ok(inner) => inner.hash(network_id).map_err(|error| LedgerError::malformed(LOOK, error))? == *hash,
        Err(_) => false,
    };
    if !is_inner && hash_of(&envelope)? != *hash {
        return Err(LedgerError::malformed(LOOK, "another transaction"));
    }
    let ledger = answer.ledger.ok_or_else(|| missing("ledger"))?;
    let result = answer.result_xdr.as_deref().ok_or_else(|| missing("result"))?;
    let result: xdr::TransactionResult = decode(LOOK, result)?;
    let fee =
        Stroops::from_ledger(result.fee_charged).map_err(|error| LedgerError::malformed(LOOK, error))?;
    match failure(&result) {
        Some(code) => Ok(EntryState::Failed { ledger, fee: Some(fee), code }),
        None => Ok(EntryState::Settled {
            ledger,
            fee,
            returned: answer.result_meta_xdr.as_deref().and_then(returned),
        }),
    }
}

/// What a contract returned. Money does not depend on it: meta of a kind that is not known yet has none.
fn returned(meta: &str) -> Option<Vec<u8>> {
    let value = match decode(LOOK, meta).ok()? {
        xdr::TransactionMeta::V3(meta) => meta.soroban_meta?.return_value,
        xdr::TransactionMeta::V4(meta) => meta.soroban_meta?.return_value?,
        _ => return None,
    };
    encode(&value).ok()
}

/// The name of a failure as Stellar's documentation has it, in its own way of writing: `txFailed paymentUnderfunded`. None of a success.
pub(crate) fn failure(result: &xdr::TransactionResult) -> Option<String> {
    use xdr::InnerTransactionResultResult as Inner;
    use xdr::TransactionResultResult as Outer;
    match &result.result {
        Outer::TxSuccess(_) | Outer::TxFeeBumpInnerSuccess(_) => None,
        Outer::TxFailed(operations) => Some(format!("txFailed {}", operation(operations))),
        Outer::TxFeeBumpInnerFailed(pair) => Some(match &pair.result.result {
            Inner::TxFailed(operations) => format!("txFailed {}", operation(operations)),
            other => lower_first(other.name()),
        }),
        other => Some(lower_first(other.name())),
    }
}

/// The name of the first operation that failed.
fn operation(results: &[xdr::OperationResult]) -> String {
    let name = |result: &xdr::OperationResult| {
        let xdr::OperationResult::OpInner(inner) = result else { return Some(lower_first(result.name())) };
        let (of, what) = match inner {
            xdr::OperationResultTr::Payment(xdr::PaymentResult::Success)
            | xdr::OperationResultTr::CreateAccount(xdr::CreateAccountResult::Success)
            | xdr::OperationResultTr::InvokeHostFunction(xdr::InvokeHostFunctionResult::Success(_))
            | xdr::OperationResultTr::RestoreFootprint(xdr::RestoreFootprintResult::Success)
            | xdr::OperationResultTr::ExtendFootprintTtl(xdr::ExtendFootprintTtlResult::Success) => {
                return None;
            }
            xdr::OperationResultTr::Payment(result) => ("payment", result.name()),
            xdr::OperationResultTr::CreateAccount(result) => ("createAccount", result.name()),
            xdr::OperationResultTr::InvokeHostFunction(result) => ("invokeHostFunction", result.name()),
            xdr::OperationResultTr::RestoreFootprint(result) => ("restoreFootprint", result.name()),
            xdr::OperationResultTr::ExtendFootprintTtl(result) => ("extendFootprintTtl", result.name()),
            other => ("operation", other.name()),
        };
        Some(format!("{of}{what}"))
    };
    results.iter().find_map(name).unwrap_or_else(|| "for no reason".to_owned())
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
