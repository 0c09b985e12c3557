//! Result codes, in the forms that the protocol has for one and the same thing.

use stellar_xdr::{
    AccountMergeResult, BumpSequenceResult, CreateAccountResult, ExtendFootprintTtlResult, Hash,
    InnerTransactionResult, InnerTransactionResultExt, InnerTransactionResultPair,
    InnerTransactionResultResult as Inner, InvokeHostFunctionResult, OperationBody, OperationResult,
    OperationResultTr, PaymentResult, RestoreFootprintResult, SetOptionsResult, TransactionResult,
    TransactionResultExt, TransactionResultResult as Outer,
};

use crate::envelope::Submitted;

/// The whole result of a transaction: its code, wrapped where a fee bump is around it.
pub(crate) fn whole(submitted: &Submitted, code: Inner, fee_charged: i64) -> TransactionResult {
    let result = match (&submitted.fee_bump, code) {
        (None, code) => outer(code),
        (Some(_), Inner::TxSuccess(operations)) => {
            Outer::TxFeeBumpInnerSuccess(pair(submitted, Inner::TxSuccess(operations)))
        }
        (Some(_), code) => inner_failed(submitted, code),
    };
    refused(result, fee_charged)
}

/// The result of a transaction that never got into a ledger.
pub(crate) fn refused(result: Outer, fee_charged: i64) -> TransactionResult {
    TransactionResult { fee_charged, result, ext: TransactionResultExt::V0 }
}

/// A fee bump around something that failed.
pub(crate) fn inner_failed(submitted: &Submitted, code: Inner) -> Outer {
    Outer::TxFeeBumpInnerFailed(pair(submitted, code))
}

fn pair(submitted: &Submitted, result: Inner) -> InnerTransactionResultPair {
    InnerTransactionResultPair {
        transaction_hash: Hash(submitted.inner_hash),
        // What the wrapped transaction itself would have paid: nothing, somebody else does.
        result: InnerTransactionResult { fee_charged: 0, result, ext: InnerTransactionResultExt::V0 },
    }
}

pub(crate) fn outer(code: Inner) -> Outer {
    match code {
        Inner::TxSuccess(operations) => Outer::TxSuccess(operations),
        Inner::TxFailed(operations) => Outer::TxFailed(operations),
        Inner::TxTooEarly => Outer::TxTooEarly,
        Inner::TxTooLate => Outer::TxTooLate,
        Inner::TxMissingOperation => Outer::TxMissingOperation,
        Inner::TxBadSeq => Outer::TxBadSeq,
        Inner::TxBadAuth => Outer::TxBadAuth,
        Inner::TxInsufficientBalance => Outer::TxInsufficientBalance,
        Inner::TxNoAccount => Outer::TxNoAccount,
        Inner::TxInsufficientFee => Outer::TxInsufficientFee,
        Inner::TxBadAuthExtra => Outer::TxBadAuthExtra,
        Inner::TxInternalError => Outer::TxInternalError,
        Inner::TxNotSupported => Outer::TxNotSupported,
        Inner::TxBadSponsorship => Outer::TxBadSponsorship,
        Inner::TxBadMinSeqAgeOrGap => Outer::TxBadMinSeqAgeOrGap,
        Inner::TxMalformed => Outer::TxMalformed,
        Inner::TxSorobanInvalid => Outer::TxSorobanInvalid,
        Inner::TxFrozenKeyAccessed => Outer::TxFrozenKeyAccessed,
    }
}

/// A transaction of which an operation failed. It has no more operations than came in.
pub(crate) fn failed(operations: Vec<OperationResult>) -> Inner {
    operations.try_into().map_or(Inner::TxInternalError, Inner::TxFailed)
}

pub(crate) fn succeeded(operations: Vec<OperationResult>) -> Inner {
    operations.try_into().map_or(Inner::TxInternalError, Inner::TxSuccess)
}

pub(crate) fn is_success(result: &TransactionResult) -> bool {
    matches!(result.result, Outer::TxSuccess(_) | Outer::TxFeeBumpInnerSuccess(_))
}

/// What stands for an operation that was not reached because another one failed.
pub(crate) fn untouched(body: &OperationBody) -> OperationResult {
    use OperationResultTr as Tr;
    OperationResult::OpInner(match body {
        OperationBody::CreateAccount(_) => Tr::CreateAccount(CreateAccountResult::Success),
        OperationBody::Payment(_) => Tr::Payment(PaymentResult::Success),
        OperationBody::AccountMerge(_) => Tr::AccountMerge(AccountMergeResult::Success(0)),
        OperationBody::SetOptions(_) => Tr::SetOptions(SetOptionsResult::Success),
        OperationBody::BumpSequence(_) => Tr::BumpSequence(BumpSequenceResult::Success),
        OperationBody::InvokeHostFunction(_) => {
            Tr::InvokeHostFunction(InvokeHostFunctionResult::Success(Hash([0; 32])))
        }
        OperationBody::ExtendFootprintTtl(_) => Tr::ExtendFootprintTtl(ExtendFootprintTtlResult::Success),
        OperationBody::RestoreFootprint(_) => Tr::RestoreFootprint(RestoreFootprintResult::Success),
        _ => return OperationResult::OpNotSupported,
    })
}
