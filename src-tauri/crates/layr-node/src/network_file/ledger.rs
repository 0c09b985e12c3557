//! `ledger` of a network file: `"none"`, or a table that names one.

use std::fmt;

use layr_ledger::agreement::{AgreementContract, DrandSettings, RoundSource, contract_on_local_ledger};
use layr_ledger::{Contract, Ledger, LedgerError, LedgerSettings};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest passphrase: those of Stellar's own networks have 33 and 50 letters.
const MAX_PASSPHRASE_BYTES: usize = 256;
/// Bytes of a SHA-256 hash.
const HASH_BYTES: usize = 32;
/// What the file says where there is none.
const NONE: &str = "none";

/// How hosts are paid on a network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LedgerKind {
    /// Not at all: friends host for free, by quota.
    #[default]
    None,
    /// In lumens, on a Stellar ledger.
    Stellar(StellarNetwork),
}

/// A Stellar ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StellarNetwork {
    /// The kind of ledger; there is one.
    kind: Kind,
    /// Address of a Stellar RPC: https, or http on this computer.
    pub rpc: String,
    /// The network's passphrase, which every signature is bound to.
    pub passphrase: String,
    /// Address of a friendbot, where lumens are for trying out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendbot: Option<String>,
    /// The agreement contract, `C…`. Without it hosts are free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// SHA-256 of that contract's code in hex: the code whose rules this program knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wasm: Option<String>,
    /// Where rounds of the contract's beacon are published. Without it: drand's public relays for a contract that is made with quicknet, and the
    /// ledger itself for any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beacon: Option<BeaconRelays>,
}

/// `[ledger.beacon]`: relays of drand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeaconRelays {
    /// The chain hash in hex, by which relays name the beacon; quicknet's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// Addresses of at most eight relays, in the order in which they are tried: https, or http on this computer.
    pub relays: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Stellar,
}

impl StellarNetwork {
    /// A ledger at this address; no friendbot, no contract.
    pub fn new(rpc: String, passphrase: String) -> Self {
        Self {
            kind: Kind::Stellar,
            rpc,
            passphrase,
            friendbot: None,
            contract: None,
            wasm: None,
            beacon: None,
        }
    }

    /// The same ledger with this contract, made out of the code that this program knows.
    #[must_use]
    pub fn with_contract(self, contract: Contract) -> Self {
        let wasm = hex::encode(AgreementContract::code_hash());
        Self { contract: Some(contract.to_string()), wasm: Some(wasm), ..self }
    }

    /// How a client reaches it.
    pub fn settings(&self) -> LedgerSettings {
        LedgerSettings {
            rpc: self.rpc.clone(),
            passphrase: self.passphrase.clone(),
            friendbot: self.friendbot.clone(),
        }
    }

    /// The local ledger at this address, with the agreement contract that it has then.
    ///
    /// # Errors
    /// What the ledger says; one that is no local ledger.
    pub async fn on_local_ledger(url: &str, passphrase: &str) -> Result<Self, LedgerError> {
        let mut network = Self::new(url.to_owned(), passphrase.to_owned());
        network.friendbot = Some(format!("{url}/friendbot"));
        let contract = contract_on_local_ledger(network.settings()).await?;
        Ok(network.with_contract(contract))
    }

    /// The relays that it names.
    pub fn relays(&self) -> Option<DrandSettings> {
        let BeaconRelays { chain, relays } = self.beacon.clone()?;
        Some(DrandSettings { chain: chain.unwrap_or(DrandSettings::quicknet().chain), relays })
    }

    fn check(&self) -> Result<(), String> {
        if self.passphrase.trim().is_empty() || self.passphrase.len() > MAX_PASSPHRASE_BYTES {
            return Err(format!("the ledger's passphrase must have 1 to {MAX_PASSPHRASE_BYTES} bytes"));
        }
        Ledger::new(self.settings()).map_err(|error| error.to_string())?;
        RoundSource::new(self.relays().as_ref()).map_err(|error| error.to_string())?;
        self.check_contract()
    }

    /// A contract is named with its code, which has to be the one whose rules this program knows: it would misread any other.
    fn check_contract(&self) -> Result<(), String> {
        let (contract, wasm) = match (&self.contract, &self.wasm) {
            (None, None) => return Ok(()),
            (Some(contract), Some(wasm)) => (contract, wasm),
            (Some(_), None) => {
                return Err("contract needs wasm beside it, the SHA-256 of its code".to_owned());
            }
            (None, Some(_)) => return Err("wasm needs contract beside it, the code's instance".to_owned()),
        };
        contract.parse::<Contract>().map_err(|error| error.to_string())?;
        let mut code = [0; HASH_BYTES];
        hex::decode_to_slice(wasm, &mut code).map_err(|_| {
            format!("wasm must be the {} hex digits of the contract's SHA-256", HASH_BYTES * 2)
        })?;
        if code != AgreementContract::code_hash() {
            return Err(format!(
                "its contract runs the code {wasm}, and this program knows {}: it is too old or too new for that network",
                hex::encode(AgreementContract::code_hash())
            ));
        }
        Ok(())
    }
}

impl LedgerKind {
    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Self::None => Ok(()),
            Self::Stellar(network) => network.check(),
        }
    }
}

impl Serialize for LedgerKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str(NONE),
            Self::Stellar(network) => network.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for LedgerKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// A word or a table; each has errors of its own.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = LedgerKind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"none\" or a table [ledger] with kind, rpc and passphrase")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<LedgerKind, E> {
        if word == NONE {
            return Ok(LedgerKind::None);
        }
        Err(E::custom(format!(
            "there is no ledger {word:?}; write \"none\", or a table [ledger] with kind, rpc and passphrase"
        )))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LedgerKind, A::Error> {
        StellarNetwork::deserialize(MapAccessDeserializer::new(map)).map(LedgerKind::Stellar)
    }
}
