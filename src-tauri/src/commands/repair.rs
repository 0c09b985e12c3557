//! Making lost shards again: first what that means, then, after a yes, the work.

use layr_node::api::{RepairPlan, RepairReport, WaitReason};
use layr_node::operation::OperationKind;
use layr_node::repair::When;
use serde::Serialize;

use super::library::NamesRequest;
use crate::ipc::UiError;
use crate::shell::Shell;

/// What a repair did, and what it left.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RepairAnswer {
    /// Shards that were made again and that hosts proved to have.
    rebuilt: u64,
    /// Bytes received for it.
    received_bytes: u64,
    /// Bytes sent for it.
    sent_bytes: u64,
    /// Segments that wait for hosts which hold nothing of them yet and have room.
    segments_without_host: u64,
    /// Segments of which fewer shards answer than it takes.
    short_segments: u64,
    /// Segments that an upload or another repair is at.
    busy_segments: u64,
    /// Segments of which what answers does not fit together.
    damaged_segments: u64,
}

impl From<RepairReport> for RepairAnswer {
    fn from(report: RepairReport) -> Self {
        let waiting =
            |reason| report.waiting.iter().filter(|segment| segment.reason == reason).count() as u64;
        Self {
            rebuilt: report.rebuilt,
            received_bytes: report.bytes_received,
            sent_bytes: report.bytes_sent,
            segments_without_host: waiting(WaitReason::NotEnoughHosts),
            short_segments: waiting(WaitReason::TooFewShards),
            busy_segments: waiting(WaitReason::Busy),
            damaged_segments: waiting(WaitReason::Damaged),
        }
    }
}

// The person has seen that something is lacking and says now: nothing is waited for.
const WHEN: When = When::Now;

pub(crate) async fn files_repair_plan(shell: &Shell, request: NamesRequest) -> Result<RepairPlan, UiError> {
    shell.host.node()?.repair_plan(request.names, WHEN).await
}

pub(crate) async fn files_repair(shell: &Shell, request: NamesRequest) -> Result<RepairAnswer, UiError> {
    let node = shell.host.node()?;
    let NamesRequest { names } = request;
    let operation = node.operation(OperationKind::Repair, names.first().map_or("/", String::as_str));
    let busy = "A repair is under way already; wait for its end, or stop it.";
    let _turn = shell.repairing.take(operation.cancel(), busy)?;
    Ok(node.repair(names, WHEN, &operation).await?.into())
}

pub(crate) async fn repair_cancel(shell: &Shell) -> Result<(), UiError> {
    shell.repairing.stop();
    Ok(())
}
