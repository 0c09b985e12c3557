//! What all transfers together may take of the line.

use layr_node::api::{BandwidthReport, BandwidthSettings};

use super::hosting::{rate_at_most, schedule_at_most};
use crate::ipc::{Check, UiError};
use crate::shell::Shell;

impl Check for BandwidthSettings {
    fn check(&self) -> Result<(), UiError> {
        rate_at_most("The upload limit", self.up_bytes_per_s)?;
        rate_at_most("The download limit", self.down_bytes_per_s)?;
        schedule_at_most(self.schedule.as_deref())
    }
}

pub(crate) async fn bandwidth(shell: &Shell) -> Result<BandwidthReport, UiError> {
    Ok(shell.host.node()?.bandwidth())
}

pub(crate) async fn bandwidth_set(
    shell: &Shell,
    request: BandwidthSettings,
) -> Result<BandwidthReport, UiError> {
    shell.host.node()?.bandwidth_set(request).await
}
