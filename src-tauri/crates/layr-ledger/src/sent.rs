//! What a signed transaction was for, read back from its bytes.

use stellar_xdr::{self as xdr, ReadXdr};

use crate::address::Account;
use crate::amount::Stroops;
use crate::bounded::limits;
use crate::envelope::inner;
use crate::intent::{Memo, Payment};

/// The payment in a signed envelope; none in one that calls a contract, or that this program does not write.
pub fn payment_in(envelope: &[u8]) -> Option<Payment> {
    let envelope = xdr::TransactionEnvelope::from_xdr(envelope, limits()).ok()?;
    let transaction = &inner(&envelope).ok()?.tx;
    let [operation] = transaction.operations.as_slice() else { return None };
    let (destination, stroops) = match &operation.body {
        xdr::OperationBody::Payment(xdr::PaymentOp {
            destination: xdr::MuxedAccount::Ed25519(xdr::Uint256(key)),
            asset: xdr::Asset::Native,
            amount,
        }) => (*key, *amount),
        xdr::OperationBody::CreateAccount(xdr::CreateAccountOp {
            destination: xdr::AccountId(xdr::PublicKey::PublicKeyTypeEd25519(xdr::Uint256(key))),
            starting_balance,
        }) => (*key, *starting_balance),
        _ => return None,
    };
    let memo = match &transaction.memo {
        xdr::Memo::Text(text) => Some(Memo::from_xdr(text.clone())),
        _ => None,
    };
    let amount = Stroops::from_ledger(stroops).ok()?;
    Some(Payment { destination: Account::from_bytes(destination), amount, memo })
}
