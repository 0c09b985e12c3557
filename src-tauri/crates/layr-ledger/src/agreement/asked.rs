//! What of a window's question is on the ledger: rounds of the beacon that somebody published, and what owners asked themselves.

use stellar_xdr as xdr;

use crate::agreement::calls::AgreementContract;
use crate::agreement::terms::EscrowId;
use crate::agreement::value::{bytes, symbol};
use crate::error::LedgerError;
use crate::ledger::Ledger;

const LOOK: &str = "getLedgerEntries";
/// Under this name the contract keeps the number of the newest round.
const NEWEST: &str = "newest";

impl AgreementContract {
    /// The newest round of the beacon that was published on this contract, 0 for none. It never goes back, and excuses for windows of it and
    /// before are refused.
    ///
    /// # Errors
    /// What the server says.
    pub async fn newest_round(&self, ledger: &Ledger) -> Result<u64, LedgerError> {
        match self.kept(ledger, symbol(NEWEST)?, xdr::ContractDataDurability::Persistent).await? {
            None => Ok(0),
            Some(xdr::ScVal::U64(round)) => Ok(round),
            Some(_) => Err(LedgerError::malformed(LOOK, "a newest round that is no number")),
        }
    }

    /// The seed by which an escrow's owner asked for a window itself; none where it did not, or that is two months ago.
    ///
    /// # Errors
    /// What the server says.
    pub async fn question_of_owner(
        &self,
        ledger: &Ledger,
        escrow: EscrowId,
        window: u32,
    ) -> Result<Option<[u8; 32]>, LedgerError> {
        let [.., number] = window.to_be_bytes();
        let key = bytes(&[&escrow.0[..], &[number]].concat())?;
        let malformed = || LedgerError::malformed(LOOK, "an owner's question of another length");
        match self.kept(ledger, key, xdr::ContractDataDurability::Temporary).await? {
            None => Ok(None),
            Some(xdr::ScVal::Bytes(seed)) => seed.0.as_slice().try_into().map(Some).map_err(|_| malformed()),
            Some(_) => Err(malformed()),
        }
    }

    async fn kept(
        &self,
        ledger: &Ledger,
        key: xdr::ScVal,
        durability: xdr::ContractDataDurability,
    ) -> Result<Option<xdr::ScVal>, LedgerError> {
        let contract = self.contract.to_xdr();
        let key = xdr::LedgerKey::ContractData(xdr::LedgerKeyContractData { contract, key, durability });
        let (mut entries, _) = ledger.entries(&[key]).await?;
        match entries.pop().flatten() {
            None => Ok(None),
            Some(xdr::LedgerEntryData::ContractData(data)) => Ok(Some(data.val)),
            Some(_) => Err(LedgerError::malformed(LOOK, "an entry of another kind")),
        }
    }
}
