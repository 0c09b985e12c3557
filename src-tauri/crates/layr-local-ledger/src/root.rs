//! What the account with all the lumens does: it makes the native asset's contract, and gives lumens to those who ask.

use ed25519_dalek::{Signer as _, SigningKey};
use stellar_xdr::{
    AccountId, Asset, ContractExecutable, ContractIdPreimage, CreateAccountOp, CreateContractArgs,
    DecoratedSignature, HostFunction, InvokeHostFunctionOp, LedgerKey, LedgerKeyContractData, Memo,
    Operation, OperationBody, Preconditions, ScAddress, ScVal, SequenceNumber, Signature, SignatureHint,
    SorobanTransactionData, Transaction, TransactionEnvelope, TransactionExt, TransactionV1Envelope, VecM,
};

use crate::entries::Lookup;
use crate::envelope::Submitted;
use crate::error::{LedgerError, LocalLedgerError};
use crate::ledger::{Ledger, Sent};
use crate::network::{self, BASE_FEE_STROOPS, STROOPS_PER_LUMEN};
use crate::simulate::{AuthMode, Simulated, Trial};

/// What a new account gets from the friendbot, as on the public test network.
pub(crate) const GIFT_STROOPS: i64 = 10_000 * STROOPS_PER_LUMEN;

/// Accounts of a ledger beyond which the friendbot makes no more. All entries are in memory; whoever has a browser ask in a loop, or
/// another computer where it listens for them, shall not fill it. Whoever has lumens can make more.
pub(crate) const MAX_ACCOUNTS: usize = 10_000;

/// What came of asking for lumens.
pub(crate) enum Gift {
    /// The transaction that gave them.
    Given(Box<Submitted>),
    /// The account is there already.
    Exists,
    /// There are [`MAX_ACCOUNTS`].
    Full,
    /// The root account has no more, or its transaction was refused.
    Refused(stellar_xdr::TransactionResult),
}

impl Ledger {
    /// Makes the native asset's contract, if a crash or the first start left the ledger without.
    pub(crate) fn with_native_contract(mut self) -> Result<Self, LocalLedgerError> {
        let key = LedgerKey::ContractData(LedgerKeyContractData {
            contract: ScAddress::Contract(self.network.native.clone()),
            key: ScVal::LedgerKeyContractInstance,
            durability: stellar_xdr::ContractDataDurability::Persistent,
        });
        if Lookup::get(self.entries().as_ref(), &key).is_some() {
            return Ok(self);
        }
        let operation = InvokeHostFunctionOp {
            host_function: HostFunction::CreateContract(CreateContractArgs {
                contract_id_preimage: ContractIdPreimage::Asset(Asset::Native),
                executable: ContractExecutable::StellarAsset,
            }),
            auth: VecM::default(),
        };
        let trial =
            Trial { entries: self.entries().clone(), network: self.network.clone(), moment: self.next() };
        let root = self.root_account();
        let data = match trial.invoke(&root, &operation, AuthMode::Record, 0) {
            Simulated::Success(success) => success.data,
            Simulated::Failure { error, .. } => return Err(LedgerError::host(error).into()),
        };
        let submitted = self.signed_by_root(OperationBody::InvokeHostFunction(operation), Some(data))?;
        self.send_and_close(submitted)?;
        if Lookup::get(self.entries().as_ref(), &key).is_none() {
            return Err(LedgerError::host("the native asset's contract was not made").into());
        }
        Ok(self)
    }

    /// Gives lumens to an account that is not there yet, and closes a ledger with that.
    pub(crate) fn give(&mut self, destination: AccountId) -> Result<Gift, LedgerError> {
        if self.entries().account(&destination).is_some() {
            return Ok(Gift::Exists);
        }
        if self.entries().keys().filter(|key| matches!(key, LedgerKey::Account(_))).count() >= MAX_ACCOUNTS {
            return Ok(Gift::Full);
        }
        if self.is_waiting_for(&self.root_account()) {
            // Somebody uses the root account's key by hand.
            self.close(1, 0)?;
        }
        let create = CreateAccountOp { destination, starting_balance: GIFT_STROOPS };
        let submitted = self.signed_by_root(OperationBody::CreateAccount(create), None)?;
        Ok(match self.send_and_close(submitted.clone())? {
            Sent::Refused(result) => Gift::Refused(result),
            _ => Gift::Given(Box::new(submitted)),
        })
    }

    fn send_and_close(&mut self, submitted: Submitted) -> Result<Sent, LedgerError> {
        let before = self.sequence();
        let sent = self.send(submitted)?;
        if self.sequence() == before {
            self.close(1, 0)?;
        }
        Ok(sent)
    }

    fn root_key(&self) -> SigningKey {
        network::root_key(self.network.id)
    }

    fn root_account(&self) -> AccountId {
        network::account_id(&self.root_key().verifying_key())
    }

    fn signed_by_root(
        &self,
        body: OperationBody,
        data: Option<SorobanTransactionData>,
    ) -> Result<Submitted, LedgerError> {
        let root = self.root_account();
        let sequence = self.entries().account(&root).map_or(0, |account| account.seq_num.0);
        let resource_fee = data.as_ref().map_or(0, |data| data.resource_fee);
        let fee = u32::try_from(resource_fee.saturating_add(BASE_FEE_STROOPS.into()))
            .map_err(|_| LedgerError::UsedUp { what: "the largest fee" })?;
        let transaction = Transaction {
            source_account: root.into(),
            fee,
            seq_num: SequenceNumber(sequence.saturating_add(1)),
            cond: Preconditions::None,
            memo: Memo::None,
            operations: vec![Operation { source_account: None, body }].try_into()?,
            ext: data.map_or(TransactionExt::V0, TransactionExt::V1),
        };
        let key = self.root_key();
        let hash = transaction.hash(self.network.id)?;
        let [.., a, b, c, d] = key.verifying_key().to_bytes();
        let signature = DecoratedSignature {
            hint: SignatureHint([a, b, c, d]),
            signature: Signature(key.sign(&hash).to_bytes().to_vec().try_into()?),
        };
        let signed = TransactionV1Envelope { tx: transaction, signatures: vec![signature].try_into()? };
        Submitted::new(TransactionEnvelope::Tx(signed), self.network.id)
    }
}
