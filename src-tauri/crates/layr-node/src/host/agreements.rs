//! Being paid for space: the host's side of storage agreements ([ADR 0023](../../../../../docs/adr/0023-agreements.md)).
//!
//! An owner asks for consent to terms ([`consent`]), opens the escrow with it and says so ([`opened`]; one that does not is found out,
//! [`search`]), asks for each window and hands a receipt over ([`window`], [`receipt`]), has what it is about changed ([`revising`]), and asks for
//! a signature at the end ([`closing`]).
//! Where it is silent, this host proves, is excused, claims and settles on the ledger ([`care`]). What is deleted meanwhile stays ([`keeping`]); what is not paid for
//! any more goes a week later ([`lapsing`]).
//!
//! | limit | bound |
//! |---|---|
//! | consents that may still be used, of an owner and of all | [`consent::MAX_CONSENTS_OF_OWNER`], [`consent::MAX_CONSENTS`] |
//! | lists taken in at once, of all and of a peer | [`MAX_LISTS`], one |
//! | windows proven | as audits are |
//! | fees of a transaction | see [`care`] |

mod care;
mod closing;
mod consent;
mod earnings;
mod keeping;
mod lapsing;
mod look;
mod opened;
mod promised;
mod proving;
mod receipt;
mod revising;
mod search;
mod sight;
mod terms;
mod window;

use std::path::PathBuf;
use std::sync::Arc;

use layr_keys::{DeviceKey, OwnerId, PeerId};
use layr_ledger::agreement::{EscrowId, Place};
use layr_ledger::{Account, LedgerError};
use layr_library::{AgreementRecord, AgreementRole, AgreementState, Library, StoreError};
use tokio::sync::Semaphore;

pub(super) use self::earnings::Earnings;
pub(super) use self::keeping::Deleting;
use self::lapsing::Lapsing;
use self::promised::{Promised, PromisedError};
use self::search::Search;
use self::sight::Sight;
use super::audit::Auditing;
use super::{Ended, Service, answer};
use crate::agreements::price::MonthlyPrice;
use crate::agreements::{Agreement, AgreementLedger};
use crate::clock::Entropy;
use crate::error::{ErrorCode, NodeError};
use crate::net::BoxStream;
use crate::wire::{Refusal, Request, WireKey};

/// Lists of shards in memory at once, of 9 MiB each, read and once more as they are looked up.
const MAX_LISTS: usize = 4;

/// What a host needs for its agreements.
pub(super) struct AgreementDesk {
    /// None on a network where nobody is paid.
    ledger: Option<AgreementLedger>,
    library: Library,
    entropy: Arc<dyn Entropy>,
    /// Signs for the end of an agreement.
    device: DeviceKey,
    lists: Semaphore,
    /// The peers whose lists are taken in.
    listing: Auditing,
    /// Held from adding up what is promised until one more is, and from looking at a revision until it is written down.
    consenting: tokio::sync::Mutex<()>,
    /// Held from reading an agreement until it is changed; never while the ledger is asked.
    changing: tokio::sync::Mutex<()>,
    /// Read by whoever stores or deletes bodies for owners, written by whoever makes one stay, or lets it go at last.
    bodies: tokio::sync::RwLock<()>,
    /// Held by a look; what it knows of the contract's events.
    looking: tokio::sync::Mutex<Search>,
    /// Held while what has lapsed is deleted.
    lapsing: tokio::sync::Mutex<Lapsing>,
    /// Since when it can look.
    sight: parking_lot::Mutex<Sight>,
    /// Changed by whoever holds `consenting`.
    promised: Arc<Promised>,
}

/// What an [`AgreementDesk`] is made of.
pub(super) struct DeskParts<'a> {
    pub(super) library: Library,
    pub(super) ledger: Option<AgreementLedger>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) device: &'a DeviceKey,
    /// The file of promises.
    pub(super) promised: PathBuf,
}

/// Why an agreement could not be looked after. All of it is tried again.
#[derive(Debug, thiserror::Error)]
enum CareError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The library.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault is away, or has no time.
    #[error("what is kept for others cannot be used now: {0}")]
    Vault(#[from] Refusal),
    /// What owners were promised.
    #[error("what owners were promised is not known: {0}")]
    Promised(#[from] PromisedError),
    /// Data is gone or damaged.
    #[error("{0} is asked for data that is not here any more")]
    Unprovable(EscrowId),
    /// The escrow is not where it must be.
    #[error("the ledger does not show escrow {0}, though its time is not over")]
    Gone(EscrowId),
}

/// What this host asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    pub(super) account: Account,
    pub(super) price_stroops_per_gib_window: u64,
    pub(super) collateral_percent: u8,
    max_term_days: u32,
}

impl AgreementDesk {
    pub(super) fn new(parts: DeskParts<'_>) -> Self {
        Self {
            ledger: parts.ledger,
            library: parts.library,
            entropy: parts.entropy,
            device: DeviceKey::from_bytes(&parts.device.to_bytes()),
            lists: Semaphore::new(MAX_LISTS),
            listing: Auditing::default(),
            consenting: tokio::sync::Mutex::default(),
            changing: tokio::sync::Mutex::default(),
            bodies: tokio::sync::RwLock::default(),
            looking: tokio::sync::Mutex::default(),
            lapsing: tokio::sync::Mutex::default(),
            sight: parking_lot::Mutex::default(),
            promised: Arc::new(Promised::at(parts.promised)),
        }
    }

    /// Whether hosts are paid on this network.
    pub(super) fn is_paid(&self) -> bool {
        self.ledger.is_some()
    }

    /// The ledger, for a request that needs it.
    fn ledger(&self) -> Result<&AgreementLedger, Refusal> {
        self.ledger.as_ref().ok_or(Refusal::NoAgreement)
    }

    /// Runs a question to the library on a blocking thread.
    async fn library<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Library) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let library = self.library.clone();
        crate::threads::spawn_blocking(move || work(&library)).await.unwrap_or(Err(StoreError::Closed))
    }

    /// As [`Self::library`], for a request.
    async fn recorded<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Library) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.library(work).await.map_err(|error| {
            tracing::warn!(%error, "an agreement cannot be read or written");
            Refusal::DiskUnusable
        })
    }

    /// As [`Self::library`], to the file of promises.
    async fn promises<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Promised) -> Result<T, PromisedError> + Send + 'static,
    ) -> Result<T, CareError> {
        let promised = Arc::clone(&self.promised);
        let done = crate::threads::spawn_blocking(move || work(&promised)).await;
        done.map_err(|_| StoreError::Closed)?.map_err(CareError::from)
    }

    async fn write(&self, record: AgreementRecord) -> Result<(), StoreError> {
        self.library(move |library| library.write_agreements(&[(record, None)]).map(drop)).await
    }

    /// All that are neither settled nor dropped, on this ledger's contract. One of another is for whoever is on that network again.
    async fn open(&self) -> Result<Vec<Agreement>, StoreError> {
        let records = self.library(|library| library.open_agreements(AgreementRole::Host)).await?;
        let is_here = |record: &AgreementRecord| self.is_here(record);
        records.into_iter().filter(is_here).map(Agreement::read).collect()
    }

    fn is_here(&self, record: &AgreementRecord) -> bool {
        self.ledger.as_ref().is_some_and(|ledger| {
            let network = ledger.network();
            (record.network_id, record.contract) == (network.network_id, *network.contract.as_bytes())
        })
    }

    /// The open agreement with this owner at this place.
    async fn open_at(&self, owner: OwnerId, place: Place) -> Result<Agreement, Refusal> {
        let (role, host) = (AgreementRole::Host, place.host);
        let found = self.recorded(move |library| library.agreement_at(role, &place.escrow.0, host)).await?;
        let is_open = |record: &AgreementRecord| {
            record.state == AgreementState::Open && record.other == *owner.as_bytes() && self.is_here(record)
        };
        let record = found.filter(is_open).ok_or(Refusal::NoAgreement)?;
        Agreement::read(record).map_err(|error| {
            tracing::warn!(%error, "an agreement cannot be read");
            Refusal::DiskUnusable
        })
    }

    /// What was earned, and what is at risk.
    pub(super) async fn earnings(&self) -> Result<Earnings, NodeError> {
        let records = self.library(|library| library.agreements(AgreementRole::Host)).await;
        let records = records.map_err(|error| crate::catalogue::store_error(&error))?;
        Earnings::of(&records).map_err(|error| NodeError::new(ErrorCode::DatabaseUnusable, error.to_string()))
    }
}

/// Serves a request about agreements; other ones are none of its.
pub(super) async fn serve(
    service: &Service,
    stream: &mut BoxStream,
    peer: PeerId,
    request: Request,
) -> Result<(), Ended> {
    let owner = |certificate: &[u8]| service.certificates.owner_behind(peer, certificate);
    let place = |escrow: WireKey, host| Place { escrow: EscrowId(escrow.0), host };
    let response = match request {
        Request::Agree { certificate, terms, seat, shards } => {
            let owner = owner(&certificate)?;
            return consent::serve(service, stream, (peer, owner), (terms, seat, shards)).await;
        }
        Request::Opened { certificate, escrow, path, hosts } => {
            let owner = owner(&certificate)?;
            service.opened(owner, EscrowId(escrow.0), (&path, hosts)).await?
        }
        Request::Window { certificate, escrow, host, window, randomness } => {
            let owner = owner(&certificate)?;
            let asked = (place(escrow, host), window.into(), randomness.0);
            return window::serve(service, stream, (peer, owner), asked).await;
        }
        Request::Close { certificate, escrow, host, to_host_stroops, until_unix_s } => {
            let owner = owner(&certificate)?;
            service.close_agreement(owner, place(escrow, host), (to_host_stroops, until_unix_s)).await?
        }
        Request::Revise { certificate, escrow, host, revision, shards } => {
            let owner = owner(&certificate)?;
            let asked = (place(escrow, host), revision, shards);
            return revising::serve(service, stream, (peer, owner), asked).await;
        }
        _ => return Err(Refusal::BadRequest.into()),
    };
    answer(stream, &response).await
}

impl Service {
    /// What this host asks for; none where it lends for free, and where nobody could pay.
    pub(super) fn asking(&self) -> Option<Asking> {
        let account = self.agreements.ledger.as_ref()?.account();
        let settings = self.settings.read();
        let price = settings.price_xlm_per_gib_month;
        (price > MonthlyPrice::FREE).then(|| Asking {
            account,
            price_stroops_per_gib_window: price.per_window(),
            collateral_percent: settings.collateral_percent,
            max_term_days: settings.max_term_days,
        })
    }
}

/// Why the ledger says nothing to a request.
fn not_on_ledger(error: &LedgerError) -> Refusal {
    tracing::debug!(%error, "the ledger could not be asked for an agreement");
    Refusal::NotOnLedger
}
