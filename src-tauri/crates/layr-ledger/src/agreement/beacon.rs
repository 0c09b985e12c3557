//! Rounds of the beacon, from where they are published.

use layr_agreement::{Calendar, round_at};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use stellar_xdr as xdr;

use crate::agreement::calls::AgreementContract;
use crate::agreement::deploy::BeaconSettings;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::rpc::{ObjectParams, with};

/// The method that local ledgers alone have.
const METHOD: &str = "layr_beacon";

/// A published round. Of a local ledger's the contract says whether its signature is right, of all others [`RoundSource`] has checked it.
///
/// [`RoundSource`]: crate::agreement::RoundSource
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeaconRound {
    /// Its number.
    pub round: u64,
    /// The signature, an uncompressed point of G1.
    pub signature: [u8; 96],
    /// The same point as it is published: compressed.
    pub compressed: [u8; 48],
    /// SHA-256 of the compressed signature.
    pub randomness: [u8; 32],
}

/// The round that asks for a window.
pub fn round_of(beacon: &BeaconSettings, calendar: &Calendar, window: u32) -> u64 {
    round_at(beacon.genesis_s, beacon.period_s, calendar.question_s(window))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    public_key: String,
    genesis: u64,
    period: u32,
    round: Option<u64>,
    signature: Option<String>,
    signature_compressed: Option<String>,
}

impl Ledger {
    /// The beacon that a local ledger brings along.
    ///
    /// # Errors
    /// What the server says; another kind of ledger has none.
    pub async fn local_beacon(&self) -> Result<BeaconSettings, LedgerError> {
        let answer: Answered = self.ask(METHOD, &ObjectParams::new()).await?;
        Ok(BeaconSettings {
            key: read(&answer.public_key)?,
            genesis_s: answer.genesis,
            period_s: answer.period,
        })
    }

    /// A round of it.
    ///
    /// # Errors
    /// As [`Self::local_beacon`]; a round that is still to come.
    pub async fn local_round(&self, round: u64) -> Result<BeaconRound, LedgerError> {
        let answer: Answered = self.ask(METHOD, &with(ObjectParams::new(), "round", round)?).await?;
        let missing = || LedgerError::malformed(METHOD, "no signature of the round asked for");
        let (Some(signature), Some(compressed)) = (answer.signature, answer.signature_compressed) else {
            return Err(missing());
        };
        if answer.round != Some(round) {
            return Err(missing());
        }
        let compressed: [u8; 48] = read(&compressed)?;
        let randomness = Sha256::digest(compressed).into();
        Ok(BeaconRound { round, signature: read(&signature)?, compressed, randomness })
    }
}

impl AgreementContract {
    /// Whether a round was published on this contract, and is still kept there.
    ///
    /// # Errors
    /// What the server says.
    pub async fn has_round(&self, ledger: &Ledger, round: u64) -> Result<bool, LedgerError> {
        let key = xdr::LedgerKey::ContractData(xdr::LedgerKeyContractData {
            contract: self.contract.to_xdr(),
            key: xdr::ScVal::U64(round),
            durability: xdr::ContractDataDurability::Temporary,
        });
        let (entries, _) = ledger.entries(&[key]).await?;
        Ok(entries.into_iter().flatten().next().is_some())
    }
}

fn read<const N: usize>(text: &str) -> Result<[u8; N], LedgerError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|error| LedgerError::malformed(METHOD, error))?;
    Ok(bytes)
}
