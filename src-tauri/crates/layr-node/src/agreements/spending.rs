//! What an owner may spend: nothing, unless a person says so.

use std::sync::Arc;

use layr_ledger::Stroops;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};

use super::SpendingLimits;
use super::price::MonthlyPrice;
use crate::api::{SpendingReport, SpendingSettings};
use crate::error::{ErrorCode, NodeError};
use crate::home::Home;

/// `[spending]` of a home, as the person set it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SpendingConfig {
    /// The most that a host may ask for a GiB and month; where it is absent, only hosts that are free store anything.
    pub max_price_xlm_per_gib_month: MonthlyPrice,
    /// The most that hosts are paid and the ledger takes in 30 days; where it is absent, nothing is spent.
    pub monthly_cap_xlm: Stroops,
    /// Whether agreements that end are agreed on anew by themselves, within these limits.
    pub auto_renew: bool,
}

impl SpendingConfig {
    /// Takes over what `settings` names; nothing where something of it is no amount.
    fn apply(&mut self, settings: &SpendingSettings) -> Result<(), NodeError> {
        let price = settings.max_price_xlm_per_gib_month.as_deref();
        let price = price.map(str::parse::<MonthlyPrice>).transpose().map_err(|error| wrong(&error))?;
        let cap = settings.monthly_cap_xlm.as_deref();
        let cap = cap.map(str::parse::<Stroops>).transpose().map_err(|error| wrong(&error))?;
        self.max_price_xlm_per_gib_month = price.unwrap_or(self.max_price_xlm_per_gib_month);
        self.monthly_cap_xlm = cap.unwrap_or(self.monthly_cap_xlm);
        self.auto_renew = settings.auto_renew.unwrap_or(self.auto_renew);
        Ok(())
    }

    /// As people see it.
    fn report(&self) -> SpendingReport {
        SpendingReport {
            max_price_xlm_per_gib_month: self.max_price_xlm_per_gib_month.to_string(),
            monthly_cap_xlm: self.monthly_cap_xlm.to_string(),
            auto_renew: self.auto_renew,
        }
    }

    /// As the owner's side keeps to them.
    fn limits(&self) -> SpendingLimits {
        SpendingLimits {
            price_stroops_per_gib: self.max_price_xlm_per_gib_month.per_window(),
            monthly_stroops: self.monthly_cap_xlm.stroops(),
            renews: self.auto_renew,
        }
    }
}

/// Changes the limits of a home in which no node runs; its next start keeps to them.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] for what is no amount; [`ErrorCode::NoIdentity`]; [`ErrorCode::HomeInUse`]; [`ErrorCode::LocalFile`].
pub fn set_offline(home: &Home, settings: &SpendingSettings) -> Result<SpendingReport, NodeError> {
    // A home without an identity stays as it is: taking it would leave a lock file there.
    home.config()?;
    let _lock = home.lock()?;
    let mut config = home.config()?;
    config.spending.apply(settings)?;
    home.write_config(&config)?;
    Ok(config.spending.report())
}

/// The limits of a home in which no node runs.
///
/// # Errors
/// [`ErrorCode::NoIdentity`]; [`ErrorCode::LocalFile`].
pub fn show_offline(home: &Home) -> Result<SpendingReport, NodeError> {
    Ok(home.config()?.spending.report())
}

/// The limits of a running node.
pub(crate) struct Spending {
    home: Home,
    config: RwLock<SpendingConfig>,
    /// Serialises changes of the configuration's file, whatever part of it they change.
    config_change: Arc<tokio::sync::Mutex<()>>,
}

impl Spending {
    pub(crate) fn new(
        home: Home,
        config: SpendingConfig,
        config_change: Arc<tokio::sync::Mutex<()>>,
    ) -> Self {
        Self { home, config: RwLock::new(config), config_change }
    }

    /// What may be spent now.
    pub(crate) fn limits(&self) -> SpendingLimits {
        self.config.read().limits()
    }

    pub(crate) fn report(&self) -> SpendingReport {
        self.config.read().report()
    }

    /// Writes the limits down, then keeps to them.
    pub(crate) async fn set(&self, settings: SpendingSettings) -> Result<SpendingReport, NodeError> {
        let _turn = self.config_change.lock().await;
        let mut changed = self.config.read().clone();
        changed.apply(&settings)?;
        let (home, spending) = (self.home.clone(), changed.clone());
        let write = crate::threads::spawn_blocking(move || {
            let mut config = home.config()?;
            config.spending = spending;
            home.write_config(&config)
        });
        write
            .await
            .map_err(|source| NodeError::new(ErrorCode::Internal, format!("A thread ended: {source}.")))??;
        *self.config.write() = changed;
        Ok(self.report())
    }
}

fn wrong(error: &dyn std::error::Error) -> NodeError {
    NodeError::new(ErrorCode::InvalidRequest, crate::upload::sentence(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{SpendingConfig, SpendingLimits, SpendingSettings};
    use crate::error::ErrorCode;

    fn settings(price: Option<&str>, monthly: Option<&str>) -> SpendingSettings {
        SpendingSettings {
            max_price_xlm_per_gib_month: price.map(str::to_owned),
            monthly_cap_xlm: monthly.map(str::to_owned),
            auto_renew: None,
        }
    }

    #[test]
    fn nothing_may_be_spent_unless_somebody_says_so_and_what_was_said_is_kept() {
        let mut config = SpendingConfig::default();
        assert_eq!(config.limits(), SpendingLimits::default());
        assert_eq!(toml::from_str::<SpendingConfig>("").unwrap(), config);
        config.apply(&settings(Some("0.3"), None)).unwrap();
        config.apply(&settings(None, Some("12.5"))).unwrap();
        let limits =
            SpendingLimits { price_stroops_per_gib: 700_000, monthly_stroops: 125_000_000, renews: false };
        assert_eq!(config.limits(), limits);
        let kept = toml::to_string(&config).unwrap();
        assert_eq!(
            kept,
            "max_price_xlm_per_gib_month = \"0.3\"\nmonthly_cap_xlm = \"12.5\"\nauto_renew = false\n"
        );
        assert_eq!(toml::from_str::<SpendingConfig>(&kept).unwrap(), config);
        config.apply(&settings(Some("0"), Some("0"))).unwrap();
        assert_eq!(config, SpendingConfig::default());
    }

    #[test]
    fn what_is_no_amount_changes_nothing() {
        let mut config = SpendingConfig::default();
        config.apply(&settings(Some("1"), Some("2"))).unwrap();
        let before = config.clone();
        for wrong in ["-1", "9223372036854775808", "1e3", "", "much", "0.00000001"] {
            for asked in [settings(Some(wrong), Some("5")), settings(Some("5"), Some(wrong))] {
                let refused = config.apply(&asked).unwrap_err();
                assert_eq!(refused.code, ErrorCode::InvalidRequest, "{wrong}: {refused}");
            }
        }
        assert_eq!(config, before);
        for wrong in ["monthly_cap_xlm = \"-1\"", "max_price_xlm_per_gib_month = \"1000\"", "more = 1"] {
            assert!(toml::from_str::<SpendingConfig>(wrong).is_err(), "{wrong}");
        }
    }
}
