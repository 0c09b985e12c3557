//! A Stellar ledger behind its RPC: what it is asked, and whether its answers can be those of the ledger that is meant.

use std::sync::Arc;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use stellar_rpc_client::{
    GetHealthResponse, GetLedgerEntriesResponse, GetNetworkResponse, SimulateTransactionResponse,
};
use stellar_xdr as xdr;

use crate::address::{Account, Contract};
use crate::amount::Stroops;
use crate::bounded::{decode, encode_base64};
use crate::error::{LedgerError, shortened};
use crate::friendbot::Friendbot;
use crate::rpc::answers::{Events, Looked, Sent};
use crate::rpc::{Endpoint, ObjectParams, Rpc, with};

/// What half of an account's minimum balance is, and each further entry of it costs to keep: 0.5 lumen, on the public network since 2018.
pub const BASE_RESERVE: Stroops = Stroops::small(5_000_000);
/// A new account needs two base reserves.
pub const MINIMUM_BALANCE: Stroops = Stroops::small(10_000_000);
/// So far an answer may be behind an earlier one: servers behind one address differ by a ledger or two, and a sequence number or balance
/// that old is refused or waited out.
const USUAL_LAG_LEDGERS: u32 = 3;
/// So far back a ledger cannot be when what was signed at a later one is over by its clock: a transaction is valid for 60 ledgers of 5 s. That
/// ledger was begun anew.
pub(crate) const MAX_LAG_LEDGERS: u32 = 60;
/// A hash that no transaction has.
const NO_TRANSACTION: [u8; 32] = [0; 32];
/// Ledger entries asked for at once: what servers allow.
const MAX_ENTRIES: usize = 200;
/// Events taken from one answer: a page of the servers has at most so many.
const MAX_EVENTS: u32 = 1000;

/// A cursor is a number with the ledger above these bits, and an event's number behind it (SEP-0035).
const CURSOR_LEDGER_SHIFT: u32 = 32;
/// Passphrase of the only network whose lumens are bought and sold.
const PUBLIC_PASSPHRASE: &str = "Public Global Stellar Network ; September 2015";

/// An entry, and the last ledger of its life where it has one.
pub(crate) type LivingEntry = (xdr::LedgerEntryData, Option<u32>);

/// Which ledger, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerSettings {
    /// Address of a Stellar RPC.
    pub rpc: String,
    /// The network's passphrase: signatures are bound to it.
    pub passphrase: String,
    /// Address of the friendbot, on networks whose money is for trying out.
    pub friendbot: Option<String>,
}

/// A client of one ledger. Cheap to clone; all clones remember the same.
#[derive(Debug, Clone)]
pub struct Ledger {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    rpc: Rpc,
    passphrase: String,
    network_id: [u8; 32],
    friendbot: Option<Friendbot>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    is_our_network: bool,
    latest: u32,
    /// The latest ledger of which it is known when it closed, and when: number, Unix seconds.
    closed: (u32, u64),
}

/// The ledger that closed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerTip {
    /// Its number.
    pub sequence: u32,
    /// When it closed by its own clock, in Unix seconds.
    pub close_time_unix_s: u64,
}

impl LedgerTip {
    /// By how many seconds the ledger's clock is ahead of `now_unix_s`; negative when it is behind. Nothing that is signed depends on this
    /// computer's clock.
    pub fn ahead_s(&self, now_unix_s: u64) -> i64 {
        let ahead = i128::from(self.close_time_unix_s) - i128::from(now_unix_s);
        i64::try_from(ahead).unwrap_or(if ahead < 0 { i64::MIN } else { i64::MAX })
    }
}

/// An account as the ledger has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountState {
    /// All that it has.
    pub balance: Stroops,
    /// What has to stay in it: base reserves for itself and what it keeps, and what it has promised to sell.
    pub reserve: Stroops,
    /// Number of its last transaction.
    pub sequence: i64,
    /// Entries that it keeps.
    pub subentries: u32,
    /// The ledger by which this was so.
    pub ledger: u32,
}

impl AccountState {
    /// What it can pay with, fees included.
    pub fn spendable(&self) -> Stroops {
        self.balance.saturating_sub(self.reserve)
    }
}

/// An event that a contract published.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractEvent {
    /// Its place in the ledger's history.
    pub id: String,
    /// The ledger it is in.
    pub ledger: u32,
    /// Who published it.
    pub contract: Contract,
    /// The transaction, in hex.
    pub transaction: String,
    /// What it is about.
    pub topics: Vec<xdr::ScVal>,
    /// What it says.
    pub value: xdr::ScVal,
}

/// A page of events.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPage {
    /// The events, in order.
    pub events: Vec<ContractEvent>,
    /// Where the next page begins.
    pub cursor: String,
    /// The oldest ledger of which the server still has events.
    pub oldest_ledger: u32,
    /// The latest ledger.
    pub latest_ledger: u32,
}

/// Where a page of events begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventsFrom {
    /// With a ledger.
    Ledger(u32),
    /// After an earlier page.
    Cursor(String),
}

impl EventPage {
    /// All up to this ledger were looked at: the one in which the cursor stands is through only where the page is not full.
    pub(crate) fn until_ledger(&self) -> u32 {
        let place = self.cursor.split_once('-').and_then(|(place, _)| place.parse::<u64>().ok());
        let ledger = u32::try_from(place.unwrap_or(0) >> CURSOR_LEDGER_SHIFT).unwrap_or(0);
        let is_full = u32::try_from(self.events.len()).is_ok_and(|count| count >= MAX_EVENTS);
        if is_full { ledger.saturating_sub(1) } else { ledger.min(self.latest_ledger) }
    }
}

impl Ledger {
    /// A client for the ledger that `settings` name; nothing is asked yet.
    ///
    /// # Errors
    /// [`LedgerError::BadAddress`].
    pub fn new(settings: LedgerSettings) -> Result<Self, LedgerError> {
        let rpc = Rpc::new(&Endpoint::parse(&settings.rpc)?)?;
        let friendbot = settings.friendbot.as_deref().map(Friendbot::new).transpose()?;
        let network_id = Sha256::digest(settings.passphrase.as_bytes()).into();
        let shared =
            Shared { rpc, passphrase: settings.passphrase, network_id, friendbot, seen: Mutex::default() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What signatures are bound to: SHA-256 of the passphrase.
    pub fn network_id(&self) -> [u8; 32] {
        self.shared.network_id
    }

    /// Whether the network gives money away.
    pub fn has_friendbot(&self) -> bool {
        self.shared.friendbot.is_some()
    }

    /// Whether its lumens are for trying out: on every network but the public one.
    pub fn has_test_money(&self) -> bool {
        self.shared.passphrase != PUBLIC_PASSPHRASE
    }

    /// When the latest ledger closed that was heard of, in Unix seconds; none before the first answer that tells one.
    pub fn last_heard_unix_s(&self) -> Option<u64> {
        let (_, closed_unix_s) = self.shared.seen.lock().closed;
        (closed_unix_s > 0).then_some(closed_unix_s)
    }

    /// Asks whether the server is there, is of this network and keeps up with it.
    ///
    /// # Errors
    /// [`LedgerError::Unreachable`], [`LedgerError::WrongNetwork`], [`LedgerError::Lagging`], [`LedgerError::Reset`].
    pub async fn check(&self) -> Result<LedgerTip, LedgerError> {
        self.shared.seen.lock().is_our_network = false;
        let health: GetHealthResponse = self.ask("getHealth", &ObjectParams::new()).await?;
        if health.status != "healthy" {
            return Err(LedgerError::Lagging { reason: shortened(&health.status) });
        }
        self.tip().await
    }

    /// The ledger that closed last.
    ///
    /// # Errors
    /// As [`Ledger::check`].
    pub async fn tip(&self) -> Result<LedgerTip, LedgerError> {
        // `getLatestLedger` brings the whole ledger with it, megabytes on the public network. What a server says of no transaction is as new and
        // has a hundred bytes.
        let Looked { latest_ledger, latest_ledger_close_time, .. } = self.look(&NO_TRANSACTION).await?;
        Ok(LedgerTip { sequence: latest_ledger, close_time_unix_s: latest_ledger_close_time })
    }

    /// The oldest ledger of which the server still has transactions and events.
    ///
    /// # Errors
    /// As [`Ledger::check`].
    pub async fn oldest(&self) -> Result<u32, LedgerError> {
        Ok(self.look(&NO_TRANSACTION).await?.oldest_ledger)
    }

    /// An account.
    ///
    /// # Errors
    /// [`LedgerError::AccountNotFound`]; what the server says.
    pub async fn account(&self, account: Account) -> Result<AccountState, LedgerError> {
        self.find_account(account).await?.ok_or(LedgerError::AccountNotFound { account })
    }

    /// An account, where there is one.
    ///
    /// # Errors
    /// What the server says.
    pub async fn find_account(&self, account: Account) -> Result<Option<AccountState>, LedgerError> {
        Ok(self.account_as_of(account).await?.0)
    }

    /// As [`Ledger::find_account`], and the ledger by which it was so: that there is none is as old as that there is one.
    pub(crate) async fn account_as_of(
        &self,
        account: Account,
    ) -> Result<(Option<AccountState>, u32), LedgerError> {
        let (mut entries, ledger) = self.entries(&[account.key()]).await?;
        match entries.pop().flatten() {
            None => Ok((None, ledger)),
            Some(xdr::LedgerEntryData::Account(entry)) => Ok((Some(state(&entry, ledger)?), ledger)),
            Some(_) => Err(LedgerError::malformed("getLedgerEntries", "an account that is none")),
        }
    }

    /// Ledger entries in the order of their keys, none where there is none, and the ledger by which it was so.
    ///
    /// # Errors
    /// What the server says; more keys than servers take.
    pub async fn entries(
        &self,
        keys: &[xdr::LedgerKey],
    ) -> Result<(Vec<Option<xdr::LedgerEntryData>>, u32), LedgerError> {
        let (found, ledger) = Box::pin(self.entries_with_life(keys)).await?;
        Ok((found.into_iter().map(|entry| entry.map(|(data, _)| data)).collect(), ledger))
    }

    /// As [`Ledger::entries`], each with the last ledger of its life where it has one. What is archived is there, with the end that it had.
    pub(crate) async fn entries_with_life(
        &self,
        keys: &[xdr::LedgerKey],
    ) -> Result<(Vec<Option<LivingEntry>>, u32), LedgerError> {
        const METHOD: &str = "getLedgerEntries";
        if keys.len() > MAX_ENTRIES {
            let reason = format!("at most {MAX_ENTRIES} entries can be asked for at once");
            return Err(LedgerError::NotApproved { reason });
        }
        let texts: Vec<String> = keys.iter().map(encode_base64).collect::<Result<_, _>>()?;
        let params = with(ObjectParams::new(), "keys", &texts)?;
        let answer: GetLedgerEntriesResponse = self.ask(METHOD, &params).await?;
        let ledger =
            u32::try_from(answer.latest_ledger).map_err(|error| LedgerError::malformed(METHOD, error))?;
        self.note_without_time(ledger).await?;
        let found = answer.entries.unwrap_or_default();
        let entry_of = |(key, text): (&xdr::LedgerKey, &String)| {
            let Some(entry) = found.iter().find(|entry| entry.key == *text) else { return Ok(None) };
            let data: xdr::LedgerEntryData = decode(METHOD, &entry.xdr)?;
            // The key is what was asked for; what stands under it has to be its own.
            if data.to_key() == *key {
                Ok(Some((data, entry.live_until_ledger_seq_ledger_seq)))
            } else {
                Err(LedgerError::malformed(METHOD, "another entry"))
            }
        };
        Ok((keys.iter().zip(&texts).map(entry_of).collect::<Result<_, _>>()?, ledger))
    }

    /// A page of what one contract published.
    ///
    /// # Errors
    /// What the server says.
    pub async fn events(&self, contract: Contract, from: &EventsFrom) -> Result<EventPage, LedgerError> {
        self.events_about(contract, from, &[]).await
    }

    /// As [`Ledger::events`], of those with these topics: each encoded, or `*` for any; all events for none.
    pub(crate) async fn events_about(
        &self,
        contract: Contract,
        from: &EventsFrom,
        topics: &[String],
    ) -> Result<EventPage, LedgerError> {
        const METHOD: &str = "getEvents";
        let mut filter = serde_json::json!({ "type": "contract", "contractIds": [contract.to_string()] });
        if let (false, Some(filter)) = (topics.is_empty(), filter.as_object_mut()) {
            filter.insert("topics".to_owned(), serde_json::json!([topics]));
        }
        let filter = serde_json::json!([filter]);
        let params = with(ObjectParams::new(), "filters", filter)?;
        let params = match from {
            EventsFrom::Ledger(ledger) => {
                let limit = serde_json::json!({ "limit": MAX_EVENTS });
                with(with(params, "startLedger", ledger)?, "pagination", limit)?
            }
            EventsFrom::Cursor(cursor) => {
                let page = serde_json::json!({ "cursor": cursor, "limit": MAX_EVENTS });
                with(params, "pagination", page)?
            }
        };
        let Events { page: found, latest_ledger, oldest_ledger, cursor } = self.ask(METHOD, &params).await?;
        self.note_without_time(latest_ledger).await?;
        let mut events = Vec::new();
        for event in found {
            let topics = event.topic.iter().map(|topic| decode(METHOD, topic));
            let by: Contract =
                event.contract_id.parse().map_err(|error| LedgerError::malformed(METHOD, error))?;
            if by != contract {
                return Err(LedgerError::malformed(METHOD, "an event of another contract"));
            }
            events.push(ContractEvent {
                ledger: event.ledger,
                contract: by,
                topics: topics.collect::<Result<_, _>>()?,
                value: decode(METHOD, &event.value)?,
                transaction: event.tx_hash,
                id: event.id,
            });
        }
        Ok(EventPage { events, cursor, oldest_ledger, latest_ledger })
    }

    /// Has the friendbot open and fill an account.
    ///
    /// # Errors
    /// [`LedgerError::NoFriendbot`], [`LedgerError::FriendbotRefused`]; what the server says.
    pub async fn fund(&self, account: Account) -> Result<(), LedgerError> {
        let friendbot = self.shared.friendbot.as_ref().ok_or(LedgerError::NoFriendbot)?;
        self.ensure_our_network().await?;
        friendbot.fund(account).await
    }

    /// What a transaction would do and cost.
    pub(crate) async fn simulate(
        &self,
        envelope: &xdr::TransactionEnvelope,
    ) -> Result<SimulateTransactionResponse, LedgerError> {
        let params = with(ObjectParams::new(), "transaction", encode_base64(envelope)?)?;
        let answer: SimulateTransactionResponse = self.ask("simulateTransaction", &params).await?;
        match answer.error {
            Some(reason) => Err(LedgerError::Refused { reason: shortened(&reason) }),
            None => Ok(answer),
        }
    }

    /// Sends a signed transaction.
    pub(crate) async fn send(&self, envelope: &xdr::TransactionEnvelope) -> Result<Sent, LedgerError> {
        self.ask("sendTransaction", &with(ObjectParams::new(), "transaction", encode_base64(envelope)?)?)
            .await
    }

    /// What the server knows of a transaction.
    pub(crate) async fn look(&self, hash: &[u8; 32]) -> Result<Looked, LedgerError> {
        let params = with(ObjectParams::new(), "hash", hex::encode(hash))?;
        let answer: Looked = self.ask("getTransaction", &params).await?;
        self.note(answer.latest_ledger, Some(answer.latest_ledger_close_time))?;
        Ok(answer)
    }

    pub(crate) async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        method: &'static str,
        params: &ObjectParams,
    ) -> Result<T, LedgerError> {
        self.ensure_our_network().await?;
        let answer = self.shared.rpc.ask(method, params).await;
        if matches!(answer, Err(LedgerError::Unreachable { .. })) {
            // Who answers next may be another server.
            self.shared.seen.lock().is_our_network = false;
        }
        answer
    }

    async fn ensure_our_network(&self) -> Result<(), LedgerError> {
        if self.shared.seen.lock().is_our_network {
            return Ok(());
        }
        let network: GetNetworkResponse = self.shared.rpc.ask("getNetwork", &ObjectParams::new()).await?;
        if network.passphrase != self.shared.passphrase {
            return Err(LedgerError::WrongNetwork {
                expected: self.shared.passphrase.clone(),
                found: shortened(&network.passphrase),
            });
        }
        self.shared.seen.lock().is_our_network = true;
        Ok(())
    }

    /// Remembers how far the ledger is, and when it closed, where an answer says that. A server may be behind by any number of ledgers and
    /// is only that; but a ledger with a lower number that closed later is another ledger.
    fn note(&self, latest: u32, close_time_unix_s: Option<u64>) -> Result<(), LedgerError> {
        let mut seen = self.shared.seen.lock();
        let before = seen.latest;
        if let Some(close_time) = close_time_unix_s {
            let (ledger, closed) = seen.closed;
            if latest < ledger && close_time > closed {
                *seen = Seen { is_our_network: false, latest, closed: (latest, close_time) };
                return Err(LedgerError::Reset { seen: before, latest });
            }
            seen.closed = seen.closed.max((latest, close_time));
        }
        if latest.saturating_add(USUAL_LAG_LEDGERS) < before {
            let reason = format!("it was at ledger {before} and answers as of {latest}");
            return Err(LedgerError::Lagging { reason });
        }
        seen.latest = before.max(latest);
        Ok(())
    }

    /// As [`Ledger::note`], of an answer that does not say when its ledger closed. Where it is behind, the clock tells what that means.
    async fn note_without_time(&self, latest: u32) -> Result<(), LedgerError> {
        let noted = self.note(latest, None);
        if matches!(noted, Err(LedgerError::Lagging { .. })) {
            self.tip().await?;
        }
        noted
    }
}

fn state(entry: &xdr::AccountEntry, ledger: u32) -> Result<AccountState, LedgerError> {
    let malformed = |error| LedgerError::malformed("getLedgerEntries", error);
    let (mut reserves, mut selling) = (2_u64 + u64::from(entry.num_sub_entries), Stroops::ZERO);
    if let xdr::AccountEntryExt::V1(extension) = &entry.ext {
        selling = Stroops::from_ledger(extension.liabilities.selling).map_err(malformed)?;
        if let xdr::AccountEntryExtensionV1Ext::V2(sponsored) = &extension.ext {
            reserves = (reserves + u64::from(sponsored.num_sponsoring))
                .saturating_sub(u64::from(sponsored.num_sponsored));
        }
    }
    Ok(AccountState {
        balance: Stroops::from_ledger(entry.balance).map_err(malformed)?,
        reserve: BASE_RESERVE.checked_mul(reserves).unwrap_or(Stroops::MAX).saturating_add(selling),
        sequence: entry.seq_num.0,
        subentries: entry.num_sub_entries,
        ledger,
    })
}
