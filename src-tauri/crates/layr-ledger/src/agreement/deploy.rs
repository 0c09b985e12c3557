//! Bringing the contract onto a ledger. Whoever does it has no power over it afterwards.

use sha2::{Digest, Sha256};
use stellar_xdr as xdr;

use crate::address::{Account, Contract};
use crate::agreement::calls::{AgreementContract, CONTRACT_WASM};
use crate::agreement::value::{bytes, contract};
use crate::approval::Approval;
use crate::bounded::{encode, too_large};
use crate::error::LedgerError;
use crate::intent::ContractCall;

/// A beacon's key and calendar, as the contract is made with them for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeaconSettings {
    /// Public key, an uncompressed point of G2.
    pub key: [u8; 192],
    /// When round 1 was published, in seconds since 1970.
    pub genesis_s: u64,
    /// Seconds from one round to the next.
    pub period_s: u32,
}

impl BeaconSettings {
    /// As a contract is made with it, and keeps it.
    fn to_bytes(&self) -> Vec<u8> {
        [&self.key[..], &self.period_s.to_be_bytes(), &self.genesis_s.to_be_bytes()].concat()
    }

    /// What a contract keeps.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (key, numbers) = bytes.split_first_chunk::<192>()?;
        let (period_s, genesis_s) = numbers.split_first_chunk::<4>()?;
        let genesis_s = u64::from_be_bytes(genesis_s.try_into().ok()?);
        Some(Self { key: *key, genesis_s, period_s: u32::from_be_bytes(*period_s) })
    }
}

impl AgreementContract {
    /// The contract that `deployer` makes with this salt, and the lumen's own contract.
    ///
    /// # Errors
    /// None in practice: both always fit.
    pub fn of(network_id: [u8; 32], deployer: Account, salt: [u8; 32]) -> Result<Self, LedgerError> {
        Self::at(network_id, id(network_id, preimage(deployer, salt))?)
    }

    /// The contract with this id, and the lumen's own contract. What code it runs, [`Ledger::contract_code`](crate::Ledger::contract_code)
    /// says.
    ///
    /// # Errors
    /// None in practice: an asset always fits.
    pub fn at(network_id: [u8; 32], contract: Contract) -> Result<Self, LedgerError> {
        let token = id(network_id, xdr::ContractIdPreimage::Asset(xdr::Asset::Native))?;
        Ok(Self { contract, token })
    }

    /// SHA-256 of [`CONTRACT_WASM`]: an instance of another code is another contract.
    pub fn code_hash() -> [u8; 32] {
        Sha256::digest(CONTRACT_WASM).into()
    }

    /// Brings the contract's code onto the ledger. It costs the most of all: rent for its size in memory.
    ///
    /// # Errors
    /// None in practice: the code fits a transaction.
    pub fn upload() -> Result<ContractCall, LedgerError> {
        let code = CONTRACT_WASM.to_vec().try_into().map_err(too_large)?;
        let function = xdr::HostFunction::UploadContractWasm(code);
        Ok(ContractCall { function, auth: Vec::new(), approval: Approval::of_nothing() })
    }

    /// Makes the contract out of code that is there.
    ///
    /// # Errors
    /// None in practice: its arguments always fit.
    pub fn create(
        &self,
        deployer: Account,
        salt: [u8; 32],
        beacon: &BeaconSettings,
    ) -> Result<ContractCall, LedgerError> {
        let beacon = bytes(&beacon.to_bytes())?;
        let made = xdr::CreateContractArgsV2 {
            contract_id_preimage: preimage(deployer, salt),
            executable: xdr::ContractExecutable::Wasm(xdr::Hash(Self::code_hash())),
            constructor_args: vec![contract(self.token), beacon].try_into().map_err(too_large)?,
        };
        let approved = xdr::SorobanAuthorizedInvocation {
            function: xdr::SorobanAuthorizedFunction::CreateContractV2HostFn(made.clone()),
            sub_invocations: xdr::VecM::default(),
        };
        let approval = Approval { invocations: vec![approved], ..Approval::of_nothing() };
        Ok(ContractCall { function: xdr::HostFunction::CreateContractV2(made), auth: Vec::new(), approval })
    }
}

fn preimage(deployer: Account, salt: [u8; 32]) -> xdr::ContractIdPreimage {
    let address = xdr::ScAddress::Account(deployer.to_xdr());
    xdr::ContractIdPreimage::Address(xdr::ContractIdPreimageFromAddress { address, salt: xdr::Uint256(salt) })
}

/// What a contract that is made like this is called on a network.
fn id(network_id: [u8; 32], contract_id_preimage: xdr::ContractIdPreimage) -> Result<Contract, LedgerError> {
    let preimage = xdr::HashIdPreimage::ContractId(xdr::HashIdPreimageContractId {
        network_id: xdr::Hash(network_id),
        contract_id_preimage,
    });
    Ok(Contract::from_bytes(Sha256::digest(encode(&preimage)?).into()))
}
