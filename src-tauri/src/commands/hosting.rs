//! Lending space, and who lends it to us.

use layr_node::api::{HostReport, HostSettings, HostsReport};

use crate::ipc::{Check, UiError, at_most};
use crate::shell::Shell;

/// The largest number that the page can say exactly; as bytes nine petabytes, more than any disk.
const MAX_NUMBER: u64 = (1 << 53) - 1;
/// Ten years: longer than any disk promises to live.
const MAX_TERM_DAYS: u64 = 3650;
/// Several times a schedule with as many spans as one may have.
const MAX_SCHEDULE_BYTES: u64 = 1024;

impl Check for HostSettings {
    fn check(&self) -> Result<(), UiError> {
        at_most("The space to lend", self.quota_bytes.unwrap_or(0), MAX_NUMBER)?;
        at_most("The upload limit", self.up_bytes_per_s.unwrap_or(0), MAX_NUMBER)?;
        at_most("The download limit", self.down_bytes_per_s.unwrap_or(0), MAX_NUMBER)?;
        at_most(
            "The upload limit for each other computer",
            self.peer_up_bytes_per_s.unwrap_or(0),
            MAX_NUMBER,
        )?;
        at_most(
            "The download limit for each other computer",
            self.peer_down_bytes_per_s.unwrap_or(0),
            MAX_NUMBER,
        )?;
        let schedule_bytes = self.schedule.as_ref().map_or(0, String::len) as u64;
        at_most("The length of the schedule in bytes", schedule_bytes, MAX_SCHEDULE_BYTES)?;
        at_most("The longest term in days", self.max_term_days.map_or(0, u64::from), MAX_TERM_DAYS)
    }
}

pub(crate) async fn hosting(shell: &Shell) -> Result<HostReport, UiError> {
    shell.host.node()?.host_show().await
}

pub(crate) async fn hosting_set(shell: &Shell, request: HostSettings) -> Result<HostReport, UiError> {
    shell.host.node()?.host_set(request).await
}

pub(crate) async fn hosting_pause(shell: &Shell) -> Result<HostReport, UiError> {
    shell.host.node()?.host_pause().await
}

pub(crate) async fn hosting_resume(shell: &Shell) -> Result<HostReport, UiError> {
    shell.host.node()?.host_resume().await
}

pub(crate) async fn network_hosts(shell: &Shell) -> Result<HostsReport, UiError> {
    shell.host.node()?.hosts(true).await
}
