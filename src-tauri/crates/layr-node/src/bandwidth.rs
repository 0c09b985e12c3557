//! How much of the line this node takes for everything that it does: what the person allows, and when.

use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};

use crate::api::{BandwidthReport, BandwidthSettings};
use crate::clock::{Clock, SystemClock};
use crate::error::{ErrorCode, NodeError};
use crate::home::Home;
use crate::net::{MAX_RATE_BYTES_PER_S, MIN_RATE_BYTES_PER_S, Net};
use crate::schedule::{Schedule, ScheduleError};

/// Limits of all transfers together, as the person set them. What is lent to others has limits of its own besides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BandwidthConfig {
    /// Bytes a second sent; 0 is no limit.
    pub up_bytes_per_s: u64,
    /// Bytes a second received; 0 is no limit.
    pub down_bytes_per_s: u64,
    /// When these limits hold.
    pub schedule: Schedule,
}

impl BandwidthConfig {
    fn apply(&mut self, settings: &BandwidthSettings) -> Result<(), NodeError> {
        let schedule = settings.schedule.as_deref().map(of_person).transpose()?;
        for asked in [settings.up_bytes_per_s, settings.down_bytes_per_s] {
            check_rate(asked)?;
        }
        self.up_bytes_per_s = settings.up_bytes_per_s.unwrap_or(self.up_bytes_per_s);
        self.down_bytes_per_s = settings.down_bytes_per_s.unwrap_or(self.down_bytes_per_s);
        self.schedule = schedule.unwrap_or_else(|| self.schedule.clone());
        Ok(())
    }

    fn report(&self, now_unix_s: u64) -> BandwidthReport {
        BandwidthReport {
            up_bytes_per_s: self.up_bytes_per_s,
            down_bytes_per_s: self.down_bytes_per_s,
            schedule: self.schedule.to_string(),
            in_force: self.schedule.holds_now(now_unix_s),
        }
    }
}

/// Refuses a limit under which transfers would run into deadlines instead of going slowly; 0 is none.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`].
pub(crate) fn check_rate(bytes_per_s: Option<u64>) -> Result<(), NodeError> {
    match bytes_per_s {
        None | Some(0 | MIN_RATE_BYTES_PER_S..=MAX_RATE_BYTES_PER_S) => Ok(()),
        Some(bytes_per_s) => {
            let message = format!(
                "{bytes_per_s} bytes a second is no limit that can be kept: it is at least {MIN_RATE_BYTES_PER_S} and at most \
                 {MAX_RATE_BYTES_PER_S}, or 0 for none."
            );
            Err(NodeError::new(ErrorCode::InvalidRequest, message).with("bytes_per_s", bytes_per_s))
        }
    }
}

/// A schedule that a person wrote.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`].
pub(crate) fn of_person(text: &str) -> Result<Schedule, NodeError> {
    let wrong = |error: ScheduleError| {
        NodeError::new(ErrorCode::InvalidRequest, format!("{error}.")).with("schedule", error.text)
    };
    text.parse().map_err(wrong)
}

/// Changes the limits of a home in which no node runs; its next start follows them.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] for a schedule that is none; [`ErrorCode::NoIdentity`]; [`ErrorCode::HomeInUse`];
/// [`ErrorCode::LocalFile`].
pub fn set_offline(home: &Home, settings: &BandwidthSettings) -> Result<BandwidthReport, NodeError> {
    // A home without an identity stays as it is: taking it would leave a lock file there.
    home.config()?;
    let _lock = home.lock()?;
    let mut config = home.config()?;
    config.bandwidth.apply(settings)?;
    home.write_config(&config)?;
    Ok(config.bandwidth.report(SystemClock.now_unix_s()))
}

/// The limits of a home in which no node runs.
///
/// # Errors
/// [`ErrorCode::NoIdentity`]; [`ErrorCode::LocalFile`].
pub fn show_offline(home: &Home) -> Result<BandwidthReport, NodeError> {
    Ok(home.config()?.bandwidth.report(SystemClock.now_unix_s()))
}

/// The limits of a running node.
pub(crate) struct Bandwidth {
    home: Home,
    clock: Arc<dyn Clock>,
    net: Arc<dyn Net>,
    config: RwLock<BandwidthConfig>,
    /// Limits in both directions that the network was told last; a new one has none.
    told: Mutex<[Option<u64>; 2]>,
    /// Serialises changes of the configuration's file, whatever part of it they change.
    config_change: Arc<tokio::sync::Mutex<()>>,
}

impl Bandwidth {
    pub(crate) fn new(
        home: Home,
        clock: Arc<dyn Clock>,
        net: Arc<dyn Net>,
        config: BandwidthConfig,
        config_change: Arc<tokio::sync::Mutex<()>>,
    ) -> Self {
        let bandwidth =
            Self { home, clock, net, config: RwLock::new(config), told: Mutex::default(), config_change };
        bandwidth.follow_schedule();
        bandwidth
    }

    /// Lets the limits hold, or rest, as the schedule says for this moment.
    pub(crate) fn follow_schedule(&self) {
        let config = self.config.read();
        let in_force = config.schedule.holds_now(self.clock.now_unix_s());
        let limit = |bytes_per_s: u64| (in_force && bytes_per_s > 0).then_some(bytes_per_s);
        let limits = [limit(config.up_bytes_per_s), limit(config.down_bytes_per_s)];
        let mut told = self.told.lock();
        if *told != limits {
            let [up_bytes_per_s, down_bytes_per_s] = limits;
            self.net.set_rates(up_bytes_per_s, down_bytes_per_s);
            *told = limits;
        }
    }

    pub(crate) fn report(&self) -> BandwidthReport {
        self.config.read().report(self.clock.now_unix_s())
    }

    /// Writes the limits down, then lets everything follow them.
    pub(crate) async fn set(&self, settings: BandwidthSettings) -> Result<BandwidthReport, NodeError> {
        let _turn = self.config_change.lock().await;
        let mut changed = self.config.read().clone();
        changed.apply(&settings)?;
        let (home, bandwidth) = (self.home.clone(), changed.clone());
        let write = crate::threads::spawn_blocking(move || {
            let mut config = home.config()?;
            config.bandwidth = bandwidth;
            home.write_config(&config)
        });
        write
            .await
            .map_err(|source| NodeError::new(ErrorCode::Internal, format!("A thread ended: {source}.")))??;
        *self.config.write() = changed;
        self.follow_schedule();
        Ok(self.report())
    }
}
