//! What a caller wants of a ledger.

use std::str::FromStr;

use sha2::{Digest, Sha256};
use stellar_xdr as xdr;

use crate::address::{Account, Contract};
use crate::amount::Stroops;
use crate::approval::Approval;
use crate::bounded::{encode, too_large};
use crate::error::LedgerError;

/// Longest memo: the ledger's own bound.
const MAX_MEMO_BYTES: usize = 28;

/// A transaction to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Lumens to somebody.
    Pay(Payment),
    /// A call of a contract, or making one.
    Call(ContractCall),
    /// A longer life for entries.
    Keep(Keep),
}

/// A longer life for entries on the ledger, whosever they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// Which.
    pub entries: Vec<xdr::LedgerKey>,
    /// How.
    pub how: KeepHow,
}

/// How entries get a longer life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepHow {
    /// Those that are archived come back, for as long as new ones live.
    Restore,
    /// Those that live do so for so many ledgers after the one that this is in; whichever lives longer stays as it is.
    Extend(u32),
}

/// Lumens to somebody; an account that does not exist yet is opened with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// To whom.
    pub destination: Account,
    /// How much.
    pub amount: Stroops,
    /// A word with it, for everybody to read.
    pub memo: Option<Memo>,
}

/// A text of at most 28 bytes that goes with a payment, as exchanges ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memo(xdr::StringM<28>);

/// A call of a contract, or making one.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractCall {
    /// What is called.
    pub function: xdr::HostFunction,
    /// Authorisations that others signed, with those of this account among them; empty where the simulation is to record those of this account.
    pub auth: Vec<xdr::SorobanAuthorizationEntry>,
    /// What may come of it.
    pub approval: Approval,
}

impl FromStr for Memo {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let bytes = text.len();
        if bytes > MAX_MEMO_BYTES {
            return Err(LedgerError::MemoTooLong { bytes });
        }
        text.as_bytes().to_vec().try_into().map(Self).map_err(|_| LedgerError::MemoTooLong { bytes })
    }
}

impl Memo {
    pub(crate) fn from_xdr(text: xdr::StringM<28>) -> Self {
        Self(text)
    }

    /// The text; what is no UTF-8 of it is marked.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.0.as_slice()).into_owned()
    }

    pub(crate) fn to_xdr(&self) -> xdr::Memo {
        xdr::Memo::Text(self.0.clone())
    }
}

impl ContractCall {
    /// A call of a contract's function.
    ///
    /// # Errors
    /// [`LedgerError::NotApproved`] for a name that no function can have, or more arguments than a transaction holds.
    pub fn invoke(
        contract: Contract,
        function: &str,
        args: Vec<xdr::ScVal>,
        approval: Approval,
    ) -> Result<Self, LedgerError> {
        let function = xdr::HostFunction::InvokeContract(xdr::InvokeContractArgs {
            contract_address: contract.to_xdr(),
            function_name: xdr::ScSymbol(function.as_bytes().to_vec().try_into().map_err(too_large)?),
            args: args.try_into().map_err(too_large)?,
        });
        Ok(Self { function, auth: Vec::new(), approval })
    }
}

impl Intent {
    /// What tells this intent from another one under the same key.
    pub(crate) fn digest(&self) -> Result<[u8; 32], LedgerError> {
        let mut hash = Sha256::new();
        match self {
            Self::Pay(payment) => {
                hash.update(b"pay");
                hash.update(payment.destination.as_bytes());
                hash.update(payment.amount.stroops().to_be_bytes());
                hash.update(payment.memo.as_ref().map_or(&[][..], |memo| memo.0.as_slice()));
            }
            Self::Call(call) => {
                hash.update(b"call");
                hash.update(encode(&call.function)?);
            }
            Self::Keep(keep) => {
                hash.update(b"keep");
                match keep.how {
                    KeepHow::Restore => hash.update([0; 4]),
                    KeepHow::Extend(ledgers) => hash.update(ledgers.to_be_bytes()),
                }
                for entry in &keep.entries {
                    hash.update(encode(entry)?);
                }
            }
        }
        Ok(hash.finalize().into())
    }
}
