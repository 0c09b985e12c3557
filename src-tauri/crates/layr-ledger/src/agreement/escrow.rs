//! What the ledger keeps of an escrow.

use std::collections::BTreeMap;

use layr_agreement::{MAX_HOSTS, SLOT_BYTES, Slot, State};
use stellar_xdr as xdr;

use crate::address::Contract;
use crate::agreement::terms::EscrowId;
use crate::agreement::value::bytes;
use crate::error::LedgerError;
use crate::ledger::Ledger;

const LOOK: &str = "getLedgerEntries";
const ENTRY_BYTES: usize = 1 + SLOT_BYTES;

/// An escrow as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escrow {
    /// Stroops that the contract holds for it.
    pub held_stroops: u64,
    /// The hosts of which something happened on chain; under 255 the owner, if it could not be paid.
    slots: BTreeMap<u8, Slot>,
}

impl Escrow {
    /// The key of the entry.
    ///
    /// # Errors
    /// None in practice: an id always fits.
    pub fn key(contract: Contract, id: EscrowId) -> Result<xdr::LedgerKey, LedgerError> {
        Ok(xdr::LedgerKey::ContractData(xdr::LedgerKeyContractData {
            contract: contract.to_xdr(),
            key: bytes(&id.0)?,
            durability: xdr::ContractDataDurability::Persistent,
        }))
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// What the contract never writes.
    pub fn read(entry: &xdr::LedgerEntryData) -> Result<Self, LedgerError> {
        let malformed = || LedgerError::malformed(LOOK, "an entry that is no escrow");
        let xdr::LedgerEntryData::ContractData(data) = entry else { return Err(malformed()) };
        let xdr::ScVal::Bytes(stored) = &data.val else { return Err(malformed()) };
        let (held, entries) = stored.0.as_slice().split_first_chunk::<8>().ok_or_else(malformed)?;
        let (entries, rest) = entries.as_chunks::<ENTRY_BYTES>();
        let is_bounded = u32::try_from(entries.len()).is_ok_and(|count| count <= MAX_HOSTS + 1);
        if !rest.is_empty() || !is_bounded {
            return Err(malformed());
        }
        let slot = |[host, slot @ ..]: &[u8; ENTRY_BYTES]| {
            Slot::decode(slot).map(|slot| (*host, slot)).map_err(|_| malformed())
        };
        let slots = entries.iter().map(slot).collect::<Result<_, _>>()?;
        Ok(Self { held_stroops: u64::from_be_bytes(*held), slots })
    }

    /// The escrows with these ids, in that order, and the ledger that was the latest then; none for one that there is not, or not any more.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn find(
        ledger: &Ledger,
        contract: Contract,
        ids: &[EscrowId],
    ) -> Result<(Vec<Option<Self>>, u32), LedgerError> {
        let keys = ids.iter().map(|id| Self::key(contract, *id)).collect::<Result<Vec<_>, _>>()?;
        let (entries, latest) = ledger.entries(&keys).await?;
        let read = |entry: Option<xdr::LedgerEntryData>| entry.as_ref().map(Self::read).transpose();
        Ok((entries.into_iter().map(read).collect::<Result<_, _>>()?, latest))
    }

    /// A host's state in a term of so many windows.
    pub fn slot(&self, host: u8, windows: u32) -> Slot {
        self.slots.get(&host).copied().unwrap_or_else(|| Slot::new(State::Active, windows))
    }
}
