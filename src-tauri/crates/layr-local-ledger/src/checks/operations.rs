//! What an operation says of itself, whatever the ledger holds.

use stellar_xdr::{
    AccountId, AccountMergeResult, Asset, BumpSequenceResult, CreateAccountResult, ExtendFootprintTtlResult,
    HostFunction, InvokeHostFunctionResult, Operation, OperationBody, OperationResult,
    OperationResultTr as Inner, PaymentResult, SetOptionsOp, SetOptionsResult, SignerKey, Uint256,
};

use crate::account::Threshold;
use crate::envelope::{account, key};
use crate::network::{MAX_CODE_BYTES, MAX_LIFE};

/// Flags of an account that exist: authorisation required, revocable, immutable, clawback.
const KNOWN_FLAGS: u32 = 0xF;
/// Heaviest a signer or threshold may be.
const MAX_WEIGHT: u32 = 255;

pub(super) fn threshold(body: &OperationBody) -> Threshold {
    match body {
        OperationBody::AccountMerge(_) => Threshold::High,
        OperationBody::SetOptions(options) if changes_signers(options) => Threshold::High,
        OperationBody::BumpSequence(_)
        | OperationBody::ExtendFootprintTtl(_)
        | OperationBody::RestoreFootprint(_) => Threshold::Low,
        _ => Threshold::Medium,
    }
}

fn changes_signers(options: &SetOptionsOp) -> bool {
    options.master_weight.is_some()
        || options.low_threshold.is_some()
        || options.med_threshold.is_some()
        || options.high_threshold.is_some()
        || options.signer.is_some()
}

/// What is wrong with an operation by itself.
pub(crate) fn malformed(operation: &Operation, source: &AccountId) -> Option<OperationResult> {
    let inner = match &operation.body {
        OperationBody::CreateAccount(create) => {
            let wrong = create.destination == *source || create.starting_balance < 0;
            wrong.then_some(Inner::CreateAccount(CreateAccountResult::Malformed))
        }
        OperationBody::Payment(payment) if payment.asset != Asset::Native => {
            return Some(OperationResult::OpNotSupported);
        }
        OperationBody::Payment(payment) => {
            (payment.amount <= 0).then_some(Inner::Payment(PaymentResult::Malformed))
        }
        OperationBody::AccountMerge(heir) => {
            (account(heir) == *source).then_some(Inner::AccountMerge(AccountMergeResult::Malformed))
        }
        OperationBody::BumpSequence(bump) => {
            (bump.bump_to.0 < 0).then_some(Inner::BumpSequence(BumpSequenceResult::BadSeq))
        }
        OperationBody::SetOptions(options) => options_malformed(options, source).map(Inner::SetOptions),
        OperationBody::InvokeHostFunction(invoke) => {
            let wrong = match &invoke.host_function {
                HostFunction::UploadContractWasm(code) => {
                    crate::codec::size(code.as_slice()) > MAX_CODE_BYTES
                }
                _ => false,
            };
            wrong.then_some(Inner::InvokeHostFunction(InvokeHostFunctionResult::Malformed))
        }
        OperationBody::ExtendFootprintTtl(extend) => {
            // The ledger in which it is carried out counts as one of them.
            let wrong = extend.extend_to > MAX_LIFE.saturating_sub(1);
            wrong.then_some(Inner::ExtendFootprintTtl(ExtendFootprintTtlResult::Malformed))
        }
        OperationBody::RestoreFootprint(_) => None,
        _ => return Some(OperationResult::OpNotSupported),
    };
    inner.map(OperationResult::OpInner)
}

fn options_malformed(options: &SetOptionsOp, source: &AccountId) -> Option<SetOptionsResult> {
    let (set, clear) = (options.set_flags.unwrap_or(0), options.clear_flags.unwrap_or(0));
    if (set | clear) & !KNOWN_FLAGS != 0 {
        return Some(SetOptionsResult::UnknownFlag);
    }
    if set & clear != 0 {
        return Some(SetOptionsResult::BadFlags);
    }
    let weights =
        [options.master_weight, options.low_threshold, options.med_threshold, options.high_threshold];
    if weights.into_iter().flatten().any(|weight| weight > MAX_WEIGHT) {
        return Some(SetOptionsResult::ThresholdOutOfRange);
    }
    if let Some(signer) = &options.signer {
        let is_own = signer.key == SignerKey::Ed25519(Uint256(key(source)));
        let is_empty =
            matches!(&signer.key, SignerKey::Ed25519SignedPayload(signed) if signed.payload.is_empty());
        if is_own || is_empty || signer.weight > MAX_WEIGHT {
            return Some(SetOptionsResult::BadSigner);
        }
    }
    let domain = options.home_domain.as_ref().map(|domain| domain.as_slice()).unwrap_or_default();
    let is_plain = domain.iter().all(|byte| byte.is_ascii() && !byte.is_ascii_control());
    (!is_plain).then_some(SetOptionsResult::InvalidHomeDomain)
}
