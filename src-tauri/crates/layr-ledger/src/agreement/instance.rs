//! A contract as the ledger has it: the code that it runs, and what it was made with.

use stellar_xdr as xdr;

use crate::address::Contract;
use crate::agreement::calls::AgreementContract;
use crate::agreement::deploy::BeaconSettings;
use crate::agreement::value::field;
use crate::error::LedgerError;
use crate::ledger::Ledger;

const LOOK: &str = "getLedgerEntries";
/// Under this name the contract keeps what it was made with.
const CONFIG: &str = "config";

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
        let beacon = field(&storage, CONFIG).and_then(|config| field(config, "beacon"));
        beacon.and_then(beacon_of).map(Some).ok_or_else(other)
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
        let key = xdr::LedgerKey::ContractData(xdr::LedgerKeyContractData {
            contract: contract.to_xdr(),
            key: xdr::ScVal::LedgerKeyContractInstance,
            durability: xdr::ContractDataDurability::Persistent,
        });
        let (mut entries, _) = self.entries(&[key]).await?;
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

fn beacon_of(value: &xdr::ScVal) -> Option<BeaconSettings> {
    let (xdr::ScVal::Bytes(key), xdr::ScVal::U64(genesis_s), xdr::ScVal::U32(period_s)) =
        (field(value, "key")?, field(value, "genesis_s")?, field(value, "period_s")?)
    else {
        return None;
    };
    let key = key.0.as_slice().try_into().ok()?;
    Some(BeaconSettings { key, genesis_s: *genesis_s, period_s: *period_s })
}
