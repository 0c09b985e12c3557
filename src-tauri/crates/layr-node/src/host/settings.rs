//! What the person decides about lending space: applied at once, and written down first.

use std::path::Path;

use layr_vault::{OpenError, ReconcileReport, Usage, Vault, VaultConfig};

use super::agreements::Earnings;
use super::rate_limit::ByteRates;
use super::{Host, Service};
use crate::agreements::price::MonthlyPrice;
use crate::api::{HostLimits, HostReport, HostSettings, HostingSpace, OfferInfo};
use crate::catalogue::rfc3339;
use crate::clock::{Clock, SystemClock};
use crate::error::{ErrorCode, NodeError};
use crate::home::{Home, HostingConfig};
use crate::network_file::LedgerKind;
use crate::wire::Refusal;

/// Space on the disk that shards never take: the system and Layr's own databases need it.
pub(super) const RESERVED_DISK_BYTES: u64 = 256 * 1024 * 1024;

/// A vault that is open, and how its files were found.
pub(crate) struct OpenedVault {
    pub(crate) vault: Vault,
    pub(crate) found: ReconcileReport,
}

/// Opens the vault of a home that lends space, or that still holds shards of others. The first one is made here; one that
/// was there before and is gone is most likely on a disk that is not mounted, and answers `None`.
///
/// # Errors
/// [`ErrorCode::DatabaseUnusable`] for a damaged or foreign ledger, [`ErrorCode::HomeInUse`], [`ErrorCode::DiskFull`],
/// [`ErrorCode::LocalFile`]. Nothing is changed then.
pub(crate) fn open_vault(
    home: &Home,
    settings: &mut HostingConfig,
) -> Result<Option<OpenedVault>, NodeError> {
    if !settings.enabled && !settings.has_vault {
        return Ok(None);
    }
    let mut config = VaultConfig::new(home.vault(), settings.quota_bytes, RESERVED_DISK_BYTES);
    config.create_if_absent = !settings.has_vault;
    match Vault::open(&config) {
        Ok((vault, found)) => {
            tracing::info!(?found, "the vault is open");
            vault.set_paused(settings.paused);
            settings.has_vault = true;
            Ok(Some(OpenedVault { vault, found }))
        }
        Err(OpenError::Absent { dir }) => {
            tracing::warn!(dir = %dir.display(), "the vault is gone; mount its disk, or set the quota again for a new one");
            Ok(None)
        }
        Err(error) => Err(of_open(&error)),
    }
}

/// What a node has of its vault when it starts.
pub(crate) struct VaultAtStart {
    pub(crate) opened: Option<OpenedVault>,
    /// Why it could not be opened.
    pub(crate) unusable: Option<String>,
}

/// [`open_vault`] for a start. A vault that cannot be used keeps nobody from their own files: the node starts without it, and
/// it stays as it is.
///
/// # Errors
/// [`ErrorCode::HomeInUse`]: what holds it will let go of it.
pub(crate) fn open_at_start(home: &Home, settings: &mut HostingConfig) -> Result<VaultAtStart, NodeError> {
    match open_vault(home, settings) {
        Ok(opened) => Ok(VaultAtStart { opened, unusable: None }),
        Err(error) if error.code == ErrorCode::HomeInUse => Err(error),
        Err(error) => {
            tracing::error!(%error, "the node starts without its vault");
            Ok(VaultAtStart { opened: None, unusable: Some(error.message) })
        }
    }
}

fn of_open(error: &OpenError) -> NodeError {
    use layr_vault::StoreError;
    let code = match error {
        OpenError::InUse { .. } => ErrorCode::HomeInUse,
        OpenError::Store(StoreError::DiskFull) => ErrorCode::DiskFull,
        OpenError::Store(StoreError::DamagedLedger { .. })
        | OpenError::LedgerMissing { .. }
        | OpenError::ForeignLedger { .. }
        | OpenError::NewerLedger { .. }
        | OpenError::DamagedLedger { .. }
        | OpenError::ForeignBodies { .. } => ErrorCode::DatabaseUnusable,
        _ => ErrorCode::LocalFile,
    };
    NodeError::new(code, format!("The space lent to others cannot be used: {error}. Nothing was changed."))
}

/// Changes the settings of a home in which no node runs; see [`HostSettings`]. Its next start follows them.
///
/// # Errors
/// As for a running node, for the same reasons; [`ErrorCode::NoIdentity`]; [`ErrorCode::HomeInUse`]. Who lends nothing any more
/// needs no vault that can be used.
pub fn set_offline(home: &Home, settings: &HostSettings) -> Result<HostReport, NodeError> {
    // A home without an identity stays as it is: taking it would leave a lock file there.
    home.config()?;
    let _lock = home.lock()?;
    let mut config = home.config()?;
    let opened = open_at_start(home, &mut config.hosting)?;
    let (vault, unusable) = (opened.opened.map(|opened| opened.vault), opened.unusable);
    let is_paid =
        matches!(home.network()?.ledger, LedgerKind::Stellar(network) if network.contract.is_some());
    let Decision { changed, vault, .. } = decide(home, config.hosting, settings, (vault, is_paid))?;
    config.hosting = changed;
    home.write_config(&config)?;
    let usage = vault.as_ref().and_then(|vault| vault.usage().ok());
    let disk_left_bytes = vault.as_ref().and_then(|_| disk_room_bytes(&home.vault()).ok());
    let in_force = config.hosting.schedule.holds_now(SystemClock.now_unix_s());
    let state = VaultState { is_open: vault.is_some(), unusable, usage, disk_left_bytes };
    Ok(report(&config.hosting, state, (None, Earnings::default()), in_force))
}

/// What comes of a change of settings.
struct Decision {
    changed: HostingConfig,
    vault: Option<Vault>,
    /// How its files were found, where the vault was opened for it.
    found: Option<ReconcileReport>,
}

/// What `settings` make of the settings and of the vault, once it is sure that the disk can keep what they promise. `is_paid`: this network has
/// a ledger with the contract that hosts are paid by.
fn decide(
    home: &Home,
    current: HostingConfig,
    settings: &HostSettings,
    (mut vault, is_paid): (Option<Vault>, bool),
) -> Result<Decision, NodeError> {
    let (mut changed, mut found) = (current, None);
    changed.apply(settings)?;
    // A price that was set elsewhere stays, and asks for nothing here.
    let asks_anew = settings.price_xlm_per_gib_month.is_some();
    if asks_anew && changed.price_xlm_per_gib_month > MonthlyPrice::FREE && !is_paid {
        return Err(nobody_pays());
    }
    if let Some(quota_bytes) = settings.quota_bytes {
        check_room(home, quota_bytes, vault.as_ref())?;
    }
    if changed.enabled && vault.is_none() {
        // Whoever sets a quota anew has given up a vault that is gone.
        changed.has_vault &= settings.quota_bytes.is_none();
        let opened = open_vault(home, &mut changed)?;
        (vault, found) = opened.map(|opened| (opened.vault, opened.found)).unzip();
    }
    Ok(Decision { changed, vault, found })
}

/// Refuses a quota that this disk cannot hold: a promise that would fail when it is needed.
fn check_room(home: &Home, quota_bytes: u64, vault: Option<&Vault>) -> Result<(), NodeError> {
    let used_bytes = vault.and_then(|vault| vault.usage().ok()).map_or(0, |usage| usage.used_bytes);
    // The vault may lie on a disk of its own.
    let dir = if vault.is_some() { home.vault() } else { home.dir().to_owned() };
    let free_bytes = disk_room_bytes(&dir).map_err(|errno| {
        let message = format!("The free space of the disk of {} cannot be read: {errno}.", dir.display());
        NodeError::new(ErrorCode::LocalFile, message)
    })?;
    let room_bytes = used_bytes.saturating_add(free_bytes);
    if quota_bytes <= room_bytes {
        return Ok(());
    }
    let message = format!(
        "The disk has room for at most {room_bytes} bytes of other people's data, not {quota_bytes}. Choose a smaller \
         quota, free some space, or use a home on a larger disk."
    );
    Err(NodeError::new(ErrorCode::InvalidRequest, message)
        .with("room_bytes", room_bytes)
        .with("quota_bytes", quota_bytes))
}

/// What a report says of the vault.
struct VaultState {
    is_open: bool,
    unusable: Option<String>,
    usage: Option<Usage>,
    disk_left_bytes: Option<u64>,
}

fn report(
    settings: &HostingConfig,
    vault: VaultState,
    (offer, earnings): (Option<OfferInfo>, Earnings),
    in_force: bool,
) -> HostReport {
    let VaultState { is_open, unusable, usage, disk_left_bytes } = vault;
    let is_disk_away = match usage {
        Some(usage) => !usage.available,
        // A vault whose database cannot say what it holds is there all the same.
        None => settings.has_vault && !is_open && unusable.is_none(),
    };
    HostReport {
        hosting: settings.enabled && is_open,
        paused: settings.paused,
        leaves_at: settings.leaves_unix_s.map(rfc3339),
        free_bytes: offer.as_ref().map_or(0, |offer| offer.free_bytes),
        // Where the disk should be mounted another one answers meanwhile.
        disk_left_bytes: disk_left_bytes.filter(|_| !is_disk_away),
        disk_floor_bytes: RESERVED_DISK_BYTES,
        is_disk_away,
        unusable,
        offer,
        used_bytes: usage.map_or(0, |usage| usage.used_bytes),
        reserved_bytes: usage.map_or(0, |usage| usage.reserved_bytes),
        quota_bytes: settings.quota_bytes,
        shards: usage.map_or(0, |usage| usage.shards),
        owners: usage.map_or(0, |usage| usage.owners),
        earned_xlm: earnings.earned.to_string(),
        at_risk_xlm: earnings.at_risk.to_string(),
        limits: HostLimits {
            up_bytes_per_s: settings.up_bytes_per_s,
            down_bytes_per_s: settings.down_bytes_per_s,
            peer_up_bytes_per_s: settings.peer_up_bytes_per_s,
            peer_down_bytes_per_s: settings.peer_down_bytes_per_s,
            schedule: settings.schedule.to_string(),
            in_force,
            max_term_days: settings.max_term_days,
            price_xlm_per_gib_month: settings.price_xlm_per_gib_month.to_string(),
            collateral_percent: settings.collateral_percent,
        },
    }
}

impl Host {
    /// Changes the settings; see [`HostSettings`].
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] for a quota that the disk has no room for; what [`open_vault`] says; what writing the
    /// configuration says.
    pub(crate) async fn set(&self, settings: HostSettings) -> Result<HostReport, NodeError> {
        let service = &self.service;
        let _turn = service.config_change.lock().await;
        let (home, current, vault) = (service.home.clone(), service.settings(), service.vault());
        let vault = (vault, service.agreements.is_paid());
        let decide = move || decide(&home, current, &settings, vault);
        let Decision { changed, vault, found } = service.blocking(decide).await.map_err(|_| lost())??;
        service.apply(changed, vault).await?;
        if let Some(found) = found {
            service.tell_damage(found.newly_missing, found.newly_corrupt).await;
        }
        self.show().await
    }

    /// Stops accepting shards, or accepts them again. What is stored is served all the time.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] where hosting was never switched on; what writing the configuration says.
    pub(crate) async fn set_paused(&self, paused: bool) -> Result<HostReport, NodeError> {
        let service = &self.service;
        let _turn = service.config_change.lock().await;
        let changed = HostingConfig { paused, ..service.settings() };
        if !changed.enabled {
            return Err(lends_nothing());
        }
        service.apply(changed, service.vault()).await?;
        self.show().await
    }

    /// The state of hosting.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] when the vault's thread is gone.
    pub(crate) async fn show(&self) -> Result<HostReport, NodeError> {
        let service = &self.service;
        let settings = service.settings();
        let usage = service.usage().await;
        let offer = match service.terms().await {
            Ok(offer) => Some(OfferInfo {
                price_xlm_per_gib_month: MonthlyPrice::shown(offer.price_stroops_per_gib_window).to_string(),
                free_bytes: offer.free_bytes,
                max_term_days: offer.max_term_days,
            }),
            Err(Refusal::NotHosting) => None,
            Err(_) => return Err(lost()),
        };
        let disk_left_bytes = service.disk_left_bytes().await;
        let in_force = settings.schedule.holds_now(service.clock.now_unix_s());
        let vault = VaultState {
            is_open: service.vault().is_some(),
            unusable: service.unusable(),
            usage,
            disk_left_bytes,
        };
        let earnings = service.agreements.earnings().await?;
        Ok(report(&settings, vault, (offer, earnings), in_force))
    }

    /// Space lent, for `status`: what the vault knows by heart, as a look at the state of a node must not wait for its disk.
    pub(crate) async fn space(&self) -> HostingSpace {
        let vault = self.service.vault();
        // A reservation under way may hold it for as long as a look at the free space of the disk takes.
        let space =
            crate::threads::spawn_blocking(move || vault.map(|vault| vault.space())).await.ok().flatten();
        HostingSpace {
            used_bytes: space.map_or(0, |space| space.used_bytes),
            reserved_bytes: space.map_or(0, |space| space.reserved_bytes),
            quota_bytes: self.service.settings().quota_bytes,
        }
    }
}

impl Service {
    /// What the vault holds; `None` without a vault, and while its database cannot be read.
    pub(super) async fn usage(&self) -> Option<Usage> {
        let vault = self.vault()?;
        match self.blocking(move || vault.usage()).await.ok()? {
            Ok(usage) => Some(usage),
            Err(error) => {
                tracing::warn!(%error, "the vault cannot say what it holds");
                None
            }
        }
    }

    /// Room for more shards: what quota and disk leave, 0 while the disk is away, and of a host that leaves.
    pub(super) async fn free_bytes(&self) -> u64 {
        if self.settings.read().leaves_unix_s.is_some() {
            return 0;
        }
        let Some(usage) = self.usage().await.filter(|usage| usage.available) else { return 0 };
        let quota_left =
            usage.quota_bytes.saturating_sub(usage.used_bytes.saturating_add(usage.reserved_bytes));
        self.disk_left_bytes().await.map_or(0, |disk_left| quota_left.min(disk_left))
    }

    /// What the disk leaves for shards; `None` while that cannot be found out.
    pub(super) async fn disk_left_bytes(&self) -> Option<u64> {
        let dir = self.home.vault();
        self.blocking(move || disk_room_bytes(&dir)).await.ok()?.ok()
    }

    /// Lets the limits hold, or rest, as the schedule says for this moment.
    pub(super) fn follow_schedule(&self) {
        // Held until the rates are set: a change of the settings in between would be undone.
        let settings = self.settings.read();
        let in_force = settings.schedule.holds_now(self.clock.now_unix_s());
        let rates = |total_bytes_per_s, peer_bytes_per_s| {
            if in_force { ByteRates { total_bytes_per_s, peer_bytes_per_s } } else { ByteRates::default() }
        };
        self.up.set(rates(settings.up_bytes_per_s, settings.peer_up_bytes_per_s));
        self.down.set(rates(settings.down_bytes_per_s, settings.peer_down_bytes_per_s));
    }

    /// Writes the settings down, then lets everything follow them.
    pub(super) async fn apply(&self, settings: HostingConfig, vault: Option<Vault>) -> Result<(), NodeError> {
        let (home, hosting) = (self.home.clone(), settings.clone());
        self.blocking(move || {
            let mut config = home.config()?;
            config.hosting = hosting;
            home.write_config(&config)
        })
        .await
        .map_err(|_| lost())??;
        if let Some(vault) = &vault {
            vault.set_quota(settings.quota_bytes);
            vault.set_paused(settings.paused);
            *self.unusable.write() = None;
        }
        *self.vault.write() = vault;
        *self.settings.write() = settings;
        self.follow_schedule();
        self.desk.forget();
        self.offer_changed.notify_one();
        Ok(())
    }
}

/// Free bytes of a disk above what must stay free.
fn disk_room_bytes(dir: &Path) -> Result<u64, rustix::io::Errno> {
    let disk = rustix::fs::statvfs(dir)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize).saturating_sub(RESERVED_DISK_BYTES))
}

pub(super) fn lends_nothing() -> NodeError {
    let message =
        "This node lends no space. Set a quota first, for example with `layr host set --quota 500GB`.";
    NodeError::new(ErrorCode::InvalidRequest, message)
}

fn nobody_pays() -> NodeError {
    let message = "This network has no ledger on which hosts are paid, so that a price would keep owners away and earn nothing. \
                   Lend for free with a price of 0, or join a network whose file names a ledger and its contract.";
    NodeError::new(ErrorCode::InvalidRequest, message)
}

fn lost() -> NodeError {
    NodeError::new(ErrorCode::Internal, "A thread of the host's store ended unexpectedly; restart the node.")
}
