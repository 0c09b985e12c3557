//! A contract as the ledger has it: the code that it runs, and what it was made with.

use stellar_xdr as xdr;

use crate::address::Contract;
use crate::agreement::calls::AgreementContract;
use crate::agreement::deploy::BeaconSettings;
use crate::agreement::value::field;
use crate::error::LedgerError;
use crate::ledger::Ledger;

const LOOK: &str = "getLedgerEntries";
/// Under this name the contract keeps the beacon that it was made with.
const BEACON: &str = "beacon";

impl Ledger {
    /// SHA-256 of the code that a contract runs. None where there is no such contract, and where it has no code of its own,
    /// as an asset's has none.
    ///
    /// # Errors
    /// What the server says.
    pub async fn contract_code(&self, contract: Contract) -> Result<Option<[u8; 32]>, LedgerError> {
        Ok(self.instance(contract).await?.and_then(|instance| match instance.executable {
            xdr::ContractExecutable::Wasm(hash) => Some(hash.0),
            _ => None,
        }))
    }

    /// The beacon that an agreement contract was made with for ever; none where there is no such contract.
    ///
    /// # Errors
    /// What the server says; a contract that was not made as an agreement contract is.
    pub async fn contract_beacon(&self, contract: Contract) -> Result<Option<BeaconSettings>, LedgerError> {
        let Some(instance) = self.instance(contract).await? else { return Ok(None) };
        let other = || LedgerError::malformed(LOOK, "a contract that is none for agreements");
        let storage = xdr::ScVal::Map(instance.storage);
        let Some(xdr::ScVal::Bytes(beacon)) = field(&storage, BEACON) else { return Err(other()) };
        BeaconSettings::read(beacon.0.as_slice()).map(Some).ok_or_else(other)
    }

    /// The beacon of a contract that runs the code whose rules this program knows, made for ever with that beacon.
    ///
    /// # Errors
    /// [`LedgerError::OtherContract`] for any other contract; what the server says.
    pub async fn agreement_beacon(&self, contract: Contract) -> Result<BeaconSettings, LedgerError> {
        let other = || LedgerError::OtherContract { contract };
        if self.contract_code(contract).await? != Some(AgreementContract::code_hash()) {
            return Err(other());
        }
        self.contract_beacon(contract).await?.ok_or_else(other)
    }

    async fn instance(&self, contract: Contract) -> Result<Option<xdr::ScContractInstance>, LedgerError> {
        let (mut entries, _) = self.entries(&[instance_key(contract)]).await?;
        match entries.pop().flatten() {
            None => Ok(None),
            Some(xdr::LedgerEntryData::ContractData(xdr::ContractDataEntry {
                val: xdr::ScVal::ContractInstance(instance),
                ..
            })) => Ok(Some(instance)),
            Some(_) => Err(LedgerError::malformed(LOOK, "a contract that is none")),
        }
    }
}

/// Where a contract's instance stands.
pub(super) fn instance_key(contract: Contract) -> xdr::LedgerKey {
    xdr::LedgerKey::ContractData(xdr::LedgerKeyContractData {
        contract: contract.to_xdr(),
        key: xdr::ScVal::LedgerKeyContractInstance,
        durability: xdr::ContractDataDurability::Persistent,
    })
}
