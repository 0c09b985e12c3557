//! Lending space, and who lends it to us.

use layr_node::api::{HostReport, HostSettings, HostsReport, LeaveRequest};
use layr_node::wire::LONGEST_LEAVE_S;

use crate::ipc::{Check, UiError, at_most};
use crate::shell::Shell;

/// The largest number that the page can say exactly; as bytes nine petabytes, more than any disk.
const MAX_NUMBER: u64 = (1 << 53) - 1;
/// Ten years: longer than any disk promises to live.
const MAX_TERM_DAYS: u64 = 3650;
/// Longer than any price.
const MAX_PRICE_BYTES: u64 = 64;
/// Several times a schedule with as many spans as one may have.
const MAX_SCHEDULE_BYTES: u64 = 1024;

impl Check for HostSettings {
    fn check(&self) -> Result<(), UiError> {
        at_most("The space to lend", self.quota_bytes.unwrap_or(0), MAX_NUMBER)?;
        rate_at_most("The upload limit", self.up_bytes_per_s)?;
        rate_at_most("The download limit", self.down_bytes_per_s)?;
        rate_at_most("The upload limit for each other computer", self.peer_up_bytes_per_s)?;
        rate_at_most("The download limit for each other computer", self.peer_down_bytes_per_s)?;
        schedule_at_most(self.schedule.as_deref())?;
        let price_bytes = self.price_xlm_per_gib_month.as_deref().map_or(0, str::len);
        at_most("The length of the price in bytes", price_bytes as u64, MAX_PRICE_BYTES)?;
        at_most("The longest term in days", self.max_term_days.map_or(0, u64::from), MAX_TERM_DAYS)
    }
}

impl Check for LeaveRequest {
    fn check(&self) -> Result<(), UiError> {
        at_most("The time to leave in seconds", self.until_s.unwrap_or(0).into(), LONGEST_LEAVE_S.into())
    }
}

pub(super) fn rate_at_most(what: &str, bytes_per_s: Option<u64>) -> Result<(), UiError> {
    at_most(what, bytes_per_s.unwrap_or(0), MAX_NUMBER)
}

pub(super) fn schedule_at_most(schedule: Option<&str>) -> Result<(), UiError> {
    at_most("The length of the schedule in bytes", schedule.map_or(0, str::len) as u64, MAX_SCHEDULE_BYTES)
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

pub(crate) async fn hosting_leave(shell: &Shell, request: LeaveRequest) -> Result<HostReport, UiError> {
    shell.host.node()?.host_leave(request).await
}

pub(crate) async fn hosting_stay(shell: &Shell) -> Result<HostReport, UiError> {
    shell.host.node()?.host_stay().await
}

pub(crate) async fn network_hosts(shell: &Shell) -> Result<HostsReport, UiError> {
    shell.host.node()?.hosts(true).await
}
