//! Rounds over HTTP, from relays of drand (<https://docs.drand.love>). Relays are believed nothing: a round has one signature by the contract's key,
//! and what is none is no answer. So a relay can be silent, and no more: it cannot ask an owner's or a host's question for another data leaf.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::{Mutex as Turn, OnceCell};
use tokio::time::{Instant, timeout, timeout_at};

use crate::agreement::beacon::BeaconRound;
use crate::agreement::bls;
use crate::agreement::deploy::BeaconSettings;
use crate::error::{LedgerError, shortened};
use crate::ledger::Ledger;
use crate::rpc::Endpoint;
use crate::web::Web;

/// Quicknet's chain hash, by which relays name it.
const QUICKNET_CHAIN: &str = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
/// Its key, a compressed point of G2.
const QUICKNET_KEY: &str = "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451\
    0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a";
const QUICKNET_GENESIS_S: u64 = 1_692_803_367;
const QUICKNET_PERIOD_S: u32 = 3;
/// Public relays of several operators, as drand's documentation names them.
const PUBLIC_RELAYS: [&str; 4] = [
    "https://api.drand.sh",
    "https://drand.cloudflare.com",
    "https://api2.drand.sh",
    "https://api3.drand.sh",
];
/// Most relays that are tried for a round: the last of them is asked while a look still has time for its answer.
const MAX_RELAYS: usize = 8;
/// Longest that a look for a round takes, relays, names and other looks that it waits for included: whoever wants a round has more to do.
const LOOK_TIMEOUT: Duration = Duration::from_secs(10);
/// So long a relay is asked alone; then the next is asked beside it. They answer from their memory, mostly within a fifth of this.
const HEAD_START: Duration = Duration::from_secs(1);
/// Longest answer in bytes that is read: a round has about 250.
const MAX_ANSWER_BYTES: usize = 4096;
/// Rounds that are remembered: all agreements ask for that of the window that runs, and hosts for those of other calendars.
const KEPT_ROUNDS: usize = 16;
/// Rounds that no relay had and that are remembered; without the oldest of them it is asked for once more, and no harm done.
const KEPT_MISSING: usize = 16;
/// So long a round that no relay had is not asked for again, nor any round where all relays hung: many agreements want the same one, and would wait
/// for dead relays one after the other.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Which relays, and what they call the beacon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrandSettings {
    /// The chain hash in hex.
    pub chain: String,
    /// Addresses of relays, in the order in which they are tried.
    pub relays: Vec<String>,
}

impl DrandSettings {
    /// Quicknet on its public relays.
    pub fn quicknet() -> Self {
        Self { chain: QUICKNET_CHAIN.to_owned(), relays: PUBLIC_RELAYS.map(str::to_owned).to_vec() }
    }
}

impl BeaconSettings {
    /// Drand's quicknet, by which the contracts of public networks are made; none in no case: its key is a point.
    pub fn quicknet() -> Option<Self> {
        let mut key = [0; 96];
        hex::decode_to_slice(QUICKNET_KEY, &mut key).ok()?;
        let key = bls::uncompressed_key(&key)?;
        Some(Self { key, genesis_s: QUICKNET_GENESIS_S, period_s: QUICKNET_PERIOD_S })
    }
}

/// Where the rounds of a contract's beacon are fetched.
#[derive(Debug, Default)]
pub struct RoundSource {
    /// Relays that the network names.
    named: Option<Drand>,
    /// The public ones, where it names none and its contract is made with quicknet.
    public: OnceCell<Drand>,
}

impl RoundSource {
    /// From these relays; without any from the public ones where a contract is made with quicknet, else from the ledger, which has a beacon of
    /// its own where it is a local one. Nothing is asked yet.
    ///
    /// # Errors
    /// [`LedgerError::BadAddress`] for relays that cannot be asked.
    pub fn new(relays: Option<&DrandSettings>) -> Result<Self, LedgerError> {
        Ok(Self { named: relays.map(Drand::new).transpose()?, public: OnceCell::new() })
    }

    /// A round of `beacon`, with its signature checked where it comes from a relay; it has to be out.
    ///
    /// # Errors
    /// [`LedgerError::NoRound`] where no relay has it; what a local ledger says.
    pub async fn round(
        &self,
        ledger: &Ledger,
        beacon: &BeaconSettings,
        round: u64,
    ) -> Result<BeaconRound, LedgerError> {
        if let Some(named) = &self.named {
            return named.round(beacon, round).await;
        }
        if self.public.initialized() || BeaconSettings::quicknet().as_ref() == Some(beacon) {
            let drand = async { Drand::new(&DrandSettings::quicknet()) };
            return self.public.get_or_try_init(|| drand).await?.round(beacon, round).await;
        }
        ledger.local_round(round).await
    }
}

/// Relays of one beacon.
#[derive(Debug)]
struct Drand {
    relays: Vec<Endpoint>,
    chain: String,
    web: Web,
    /// The relay that answered last is asked first.
    first: AtomicUsize,
    /// What relays said last. Never held while they are asked: what is known is had at once.
    heard: Mutex<Heard>,
    /// Held while they are asked: all who want a round share one question.
    asking: Turn<()>,
}

#[derive(Debug, Default)]
struct Heard {
    /// The newest rounds that were fetched.
    rounds: VecDeque<BeaconRound>,
    /// What was looked for in vain, the newest last.
    missing: VecDeque<Missing>,
}

/// A look in vain.
#[derive(Debug)]
struct Missing {
    /// The round that no relay had; none where no relay said anything: then all rounds are missing.
    round: Option<u64>,
    since: Instant,
    reason: String,
}

impl Heard {
    /// What is known of a round without asking.
    fn of(&self, round: u64) -> Option<Result<BeaconRound, LedgerError>> {
        if let Some(found) = self.rounds.iter().find(|found| found.round == round) {
            return Some(Ok(found.clone()));
        }
        let missing = |missing: &&Missing| {
            missing.round.is_none_or(|which| which == round) && missing.since.elapsed() < ASKED_AGAIN_AFTER
        };
        let Missing { reason, .. } = self.missing.iter().rev().find(missing)?;
        Some(Err(LedgerError::NoRound { round, reason: reason.clone() }))
    }

    fn found(&mut self, round: &BeaconRound) {
        self.missing.retain(|missing| missing.round.is_some());
        self.rounds.push_back(round.clone());
        if self.rounds.len() > KEPT_ROUNDS {
            self.rounds.pop_front();
        }
    }

    fn missed(&mut self, round: Option<u64>, reason: String) {
        self.missing.push_back(Missing { round, since: Instant::now(), reason });
        if self.missing.len() > KEPT_MISSING {
            self.missing.pop_front();
        }
    }
}

/// `/{chain}/public/{round}` of a relay.
#[derive(Deserialize)]
struct Published {
    round: u64,
    signature: String,
}

impl Drand {
    fn new(settings: &DrandSettings) -> Result<Self, LedgerError> {
        let DrandSettings { chain, relays } = settings;
        let bad = |url: &str, reason| LedgerError::BadAddress { url: url.to_owned(), reason };
        if hex::decode(chain).map_or(0, |hash| hash.len()) != 32 {
            return Err(bad(chain, "a beacon's chain hash has 64 hex digits"));
        }
        let first = relays.first().ok_or_else(|| bad("", "a beacon needs a relay"))?;
        if relays.len() > MAX_RELAYS {
            return Err(bad(first, "there are more than 8 relays"));
        }
        if let Some(relay) = relays.iter().find(|relay| relay.contains('?')) {
            return Err(bad(relay, "a relay takes no parameters"));
        }
        Ok(Self {
            web: Web::new().ok_or_else(|| bad(first, "this machine cannot do TLS"))?,
            relays: relays.iter().map(|relay| Endpoint::parse(relay)).collect::<Result<_, _>>()?,
            chain: chain.clone(),
            first: AtomicUsize::new(0),
            heard: Mutex::default(),
            asking: Turn::default(),
        })
    }

    async fn round(&self, beacon: &BeaconSettings, round: u64) -> Result<BeaconRound, LedgerError> {
        if let Some(known) = self.heard.lock().of(round) {
            return known;
        }
        let end = Instant::now() + LOOK_TIMEOUT;
        let Ok(_turn) = timeout_at(end, self.asking.lock()).await else {
            return Err(LedgerError::NoRound {
                round,
                reason: "the relays are slow with another round".into(),
            });
        };
        if let Some(known) = self.heard.lock().of(round) {
            return known;
        }
        let mut said = Vec::new();
        let found = timeout_at(end, self.first_answer(beacon, round, &mut said)).await;
        let mut heard = self.heard.lock();
        if let Ok(Some(found)) = found {
            heard.found(&found);
            return Ok(found);
        }
        let silent = self.relays.len() - said.len();
        if silent > 0 {
            said.push(format!("{silent} of {} relays did not answer in time", self.relays.len()));
        }
        let reason = shortened(&said.join("; "));
        heard.missed((silent < self.relays.len()).then_some(round), reason.clone());
        Err(LedgerError::NoRound { round, reason })
    }

    /// The first round that any relay has, the one that answered last first; what the others said, each with its name. None where none has it.
    async fn first_answer(
        &self,
        beacon: &BeaconSettings,
        round: u64,
        said: &mut Vec<String>,
    ) -> Option<BeaconRound> {
        let (first, count) = (self.first.load(Ordering::Relaxed), self.relays.len());
        let mut next = (first..first + count).map(|place| place % count);
        let mut asked = FuturesUnordered::new();
        loop {
            if let Some((place, relay)) = next.next().and_then(|place| Some((place, self.relays.get(place)?)))
            {
                asked.push(async move { (place, relay, self.ask(relay, beacon, round).await) });
            } else if asked.is_empty() {
                return None;
            }
            let answer = if next.len() > 0 {
                timeout(HEAD_START, asked.next()).await.ok().flatten()
            } else {
                asked.next().await
            };
            match answer {
                Some((place, _, Ok(found))) => {
                    self.first.store(place, Ordering::Relaxed);
                    return Some(found);
                }
                Some((_, relay, Err(reason))) => said.push(format!("{relay} {reason}")),
                None => {}
            }
        }
    }

    /// What one relay says; else why that is no answer.
    async fn ask(
        &self,
        relay: &Endpoint,
        beacon: &BeaconSettings,
        round: u64,
    ) -> Result<BeaconRound, String> {
        let url = relay.below(&format!("{}/public/{round}", self.chain));
        let uri = url.parse().map_err(|_| "is no address".to_owned())?;
        let (status, body) = self.web.get(uri, MAX_ANSWER_BYTES).await?;
        if !status.is_success() {
            return Err(format!("answers {status}"));
        }
        let body = body.ok_or_else(|| format!("answers with more than {MAX_ANSWER_BYTES} bytes"))?;
        let published: Published =
            serde_json::from_slice(&body).map_err(|_| "answers with what is no round".to_owned())?;
        let mut signature = [0; 48];
        hex::decode_to_slice(&published.signature, &mut signature)
            .map_err(|_| "answers with what is no signature".to_owned())?;
        if published.round != round {
            return Err("answers with another round".to_owned());
        }
        bls::checked(&beacon.key, round, &signature)
            .ok_or_else(|| "answers with a signature that the beacon did not make".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{DrandSettings, RoundSource};
    use crate::agreement::BeaconSettings;

    /// Quicknet's key as an uncompressed point, as the contract's own tests have it.
    const UNCOMPRESSED_KEY: &str = "03cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451\
        0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a\
        01a714f2edb74119a2f2b0d5a7c75ba902d163700a61bc224ededd8e63aef7be1aaf8e93d7a9718b047ccddb3eb5d68b\
        0e5db2b6bfbb01c867749cadffca88b36c24f3012ba09fc4d3022c5c37dce0f977d3adb5d183c7477c442b1f04515273";

    #[test]
    fn the_public_beacon_is_the_one_that_the_contracts_own_tests_know() {
        let quicknet = BeaconSettings::quicknet().unwrap();
        assert_eq!(hex::encode(quicknet.key), UNCOMPRESSED_KEY);
        assert!(RoundSource::new(Some(&DrandSettings::quicknet())).is_ok());
    }

    #[test]
    fn relays_that_cannot_be_asked_are_refused_when_they_are_named() {
        let settings = |chain: &str, relays: &[&str]| DrandSettings {
            chain: chain.to_owned(),
            relays: relays.iter().map(|relay| (*relay).to_owned()).collect(),
        };
        let chain = "ab".repeat(32);
        assert!(RoundSource::new(Some(&settings(&chain, &["https://relay.example"]))).is_ok());
        for bad in [
            settings("ab", &["https://relay.example"]),
            settings(&"zz".repeat(32), &["https://relay.example"]),
            settings(&chain, &[]),
            settings(&chain, &["http://relay.example"]),
            settings(&chain, &["https://relay.example/?key=1"]),
            settings(&chain, &["https://relay.example"; 9]),
        ] {
            assert!(RoundSource::new(Some(&bad)).is_err(), "{bad:?}");
        }
    }
}
