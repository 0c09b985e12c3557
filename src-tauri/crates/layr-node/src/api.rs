//! Requests and reports of a node: what the command line prints with `--json`, what the control socket carries and
//! what the page shows. Field names are a contract with scripts.

mod activity;
mod agreements;
mod bandwidth;
mod check;
mod delegates;
mod details;
mod hosting;
mod keeping;
mod paying;
mod repair;
mod transfers;
mod wallet;

use std::path::PathBuf;

pub use self::activity::{ActivityCounts, ActivityEntry, ActivityLevel, ActivityReport, Worker, WorkerState};
pub use self::agreements::{
    AgreementInfo, AgreementPhase, AgreementSide, AgreementWindow, AgreementsEndReport, AgreementsEndRequest,
    AgreementsReport, AgreementsRequest, ProofDue, SpendingReport, SpendingSettings,
};
pub use self::bandwidth::{BandwidthReport, BandwidthSettings};
pub use self::check::{AuditsBehind, CheckPlan, CheckReport, CheckResult, CheckSize, CheckedShard};
pub use self::delegates::{DelegateInfo, DelegateRequest, DelegatesReport, EntrustingOwner};
pub use self::details::{
    FileDetails, InfoReport, PartEvent, PartEventKind, PartHistory, SegmentInfo, ShardFailure, ShardInfo,
    ShardState, WeakSegment,
};
pub use self::hosting::{HostLimits, HostReport, HostSettings, HostingSpace, LeaveRequest};
pub use self::keeping::{ContractLifeReport, LedgerKeepPlan, LedgerKeepReport, LedgerKeepRequest};
pub use self::paying::{
    AgreementObstacle, AgreementsCheckReport, AgreementsRenewPlan, AgreementsRenewRequest, PlannedTerm,
    StorageCost,
};
pub use self::repair::{PlacedShard, RepairPlan, RepairReport, RepairedSegment, WaitReason, WaitingSegment};
pub use self::transfers::{
    PageKind, PageReport, PageRequest, PageSort, PageState, Transfer, TransferKind, TransferState,
    TransfersReport,
};
pub use self::wallet::{
    Money, WalletHistory, WalletHistoryRequest, WalletReport, WalletSendPlan, WalletSendReport,
    WalletSendRequest, WalletTransaction, WalletTransactionKind, WalletTransactionState,
};
pub use self::wallet::{WalletSource, WalletUseReport};
/// Shards of a segment at most: the bound of a redundancy K/N.
pub use layr_codec::MAX_SHARDS;
use serde::{Deserialize, Serialize};

pub use crate::reputation::Reputation;

/// Shards alive of one file: the worst of its segments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Health {
    /// Shards known to be stored.
    pub alive: u32,
    /// Shards that suffice to get the file back.
    pub needed: u32,
    /// Shards that were meant to exist.
    pub total: u32,
    /// What that means: nobody who shows it judges the numbers anew.
    pub state: HealthState,
}

/// How near something is to being lost; the bounds are [`layr_library::HealthState`]'s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum HealthState {
    /// Nothing is to be done; also where there is nothing to lose.
    #[default]
    Safe,
    /// Nobody has looked for more than 14 days; by then nothing was to be done.
    Waiting,
    /// Few more shards may be lost.
    AtRisk,
    /// Too few shards live.
    Lost,
}

/// `put`: store files and trees.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PutRequest {
    /// Absolute local paths.
    pub paths: Vec<PathBuf>,
    /// Library directory that receives them; the root when absent.
    #[serde(default)]
    pub to: Option<String>,
    /// `K/N`; chosen by the number of eligible hosts when absent.
    #[serde(default)]
    pub redundancy: Option<(u8, u8)>,
    /// Only say what it would do.
    #[serde(default)]
    pub dry_run: bool,
}

/// What happened to one file of a `put`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PutFile {
    /// File id, 16 hex digits.
    pub id: String,
    /// Library path.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Bytes of content that were new and went to hosts, before redundancy.
    pub uploaded_bytes: u64,
    /// Bytes of content that were stored already.
    pub deduplicated_bytes: u64,
    /// Shards of the worst segment.
    pub health: Health,
}

/// A path that `put` could not store, and why; the others are stored all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SkippedPath {
    /// The local path, lossily as text.
    pub path: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// Result of `put`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PutReport {
    /// The files, in the order in which they were found.
    pub files: Vec<PutFile>,
    /// What could not be stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SkippedPath>,
    /// Directories and symbolic links recorded.
    #[serde(default)]
    pub other_entries: u64,
    /// Bytes that hosts store or would store for this, redundancy included.
    #[serde(default)]
    pub stored_bytes: u64,
    /// With `dry_run`: nothing was sent.
    #[serde(default)]
    pub dry_run: bool,
    /// With `dry_run`: lumens a month, `"0"` where hosts are free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_xlm_per_month: Option<String>,
    /// With `dry_run`: what a term costs, and what is missing for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<StorageCost>,
    /// Seconds it took.
    pub duration_s: f64,
}

/// `get`: bring a file or directory back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GetRequest {
    /// Library name, file id, link, or the path of a `.layr` file.
    pub name: String,
    /// Absolute target: a file, or a directory to put it into; the caller resolves the working directory.
    pub output: PathBuf,
    /// Bytes `first..=last` of one file only.
    #[serde(default)]
    pub range: Option<(u64, u64)>,
    /// An older version.
    #[serde(default)]
    pub version: Option<u64>,
}

/// One file that `get` wrote.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GotFile {
    /// Library path.
    pub name: String,
    /// Where it was written.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
}

/// Result of `get`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct GetReport {
    /// The files written.
    pub files: Vec<GotFile>,
    /// Seconds it took.
    pub duration_s: f64,
}

/// One line of `ls`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ListedFile {
    /// File id, 16 hex digits.
    pub id: String,
    /// Library path.
    pub name: String,
    /// `file`, `directory` or `symlink`.
    #[cfg_attr(feature = "bindings", ts(type = "'file' | 'directory' | 'symlink'"))]
    pub kind: String,
    /// Size in bytes.
    pub size: u64,
    /// RFC 3339 UTC.
    pub modified: String,
    /// Version number of this file.
    pub version: u64,
    /// Worst segment; absent where there is none (directories, empty files).
    pub health: Option<Health>,
    /// Modelled chance to lose the file within a year, over all its segments as they are now: 1 where one is lost, else above 0.
    /// Absent where there is none (directories, empty files) and in the trash. What it rests on is in the report's `model`.
    pub durability: Option<f64>,
    /// When it was deleted (trash listings), RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub deleted: Option<String>,
    /// When it goes for good (trash, older versions), RFC 3339 UTC; later if this computer is off for long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub expires: Option<String>,
}

/// What the modelled chances to lose a file rest on, beside hosts that go one by one and independently.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct DurabilityModel {
    /// Whether the hosts' life is assumed, for want of evidence.
    pub assumed: bool,
    /// How long a host stays on average, in days.
    pub host_life_days: f64,
    /// How long a repair takes on average from the loss that makes it due, in days.
    pub repair_days: f64,
}

/// Result of `ls` and `trash`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ListReport {
    /// The lines.
    pub files: Vec<ListedFile>,
    /// What their durability rests on; absent in the trash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<DurabilityModel>,
}

/// A host's terms as the owner sees them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct OfferInfo {
    /// Price in lumens; `"0"` where hosting is free.
    pub price_xlm_per_gib_month: String,
    /// Room it offers, in bytes.
    pub free_bytes: u64,
    /// Longest term it accepts, in days.
    pub max_term_days: u32,
}

/// One host.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct HostInfo {
    /// Peer id.
    pub peer_id: String,
    /// Where it was last reached.
    pub addresses: Vec<String>,
    /// Whether only a relay leads there, as last heard of: such a host gets no shards.
    #[serde(default)]
    pub relayed_only: bool,
    /// Its terms; absent when it has not answered since this node started.
    pub offer: Option<OfferInfo>,
    /// Score from our own evidence, 0 to 1; absent without evidence.
    pub score: Option<f64>,
    /// How far it is trusted with new shards.
    #[serde(default)]
    pub reputation: Reputation,
    /// When it stops, in RFC 3339, as it said itself; absent of one that stays. Its shards are brought to others until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub leaves_at: Option<String>,
    /// Shards of ours that lie there.
    pub shards: u64,
    /// Bytes of ours that lie there.
    pub bytes: u64,
}

/// Result of `hosts`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct HostsReport {
    /// The hosts known.
    pub hosts: Vec<HostInfo>,
}

/// A transfer under way, in `status`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct TransferInfo {
    /// Operation id.
    pub id: u64,
    /// `put`, `get` or `verify`.
    pub kind: String,
    /// What it works on.
    pub name: String,
    /// Bytes done.
    pub done_bytes: u64,
    /// Bytes in all, as far as known.
    pub total_bytes: u64,
}

/// Result of `status`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct StatusReport {
    /// This node's peer id.
    pub peer_id: String,
    /// Owner id in hex.
    pub owner: String,
    /// Multiaddresses with `/p2p/`.
    pub listening: Vec<String>,
    /// `public`, `private` or `unknown`.
    #[cfg_attr(feature = "bindings", ts(type = "'public' | 'private' | 'unknown'"))]
    pub reachability: String,
    /// Peers connected.
    pub peers: u64,
    /// Relays through which others reach this node.
    pub relays: u64,
    /// Network name.
    pub network: String,
    /// Files in the library.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// Worst file of the library; absent while it is empty.
    pub health: Option<Health>,
    /// What moves right now.
    pub transfers: Vec<TransferInfo>,
    /// Storage agreements of both roles that are not over; 0 where hosting is free.
    pub agreements: u64,
    /// What the network's lumens are; absent where it has no ledger, and hosts store for free.
    #[serde(default)]
    pub money: Option<Money>,
    /// Lumens in the account, at most half a minute ago; absent where the network has no ledger, or none that answers.
    pub balance_xlm: Option<String>,
    /// How long the network's agreement contract can still be called, an hour ago at most; absent where the network has none, or none answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub contract_life: Option<ContractLifeReport>,
    /// Space lent.
    pub hosting: HostingSpace,
    /// What audits that nobody asks for cover, where that is not all.
    #[serde(default)]
    pub audits_behind: Option<AuditsBehind>,
    /// What went over the network.
    pub traffic: Traffic,
}

/// Bytes of all streams for shards since the node started, its own and those of hosting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Traffic {
    /// Sent.
    pub up_bytes: u64,
    /// Received.
    pub down_bytes: u64,
}

/// `export`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportRequest {
    /// Library name or id of a file or directory.
    pub name: String,
    /// Absolute target path.
    pub output: PathBuf,
    /// Sealed for this owner's own devices instead of readable by whoever holds the file.
    #[serde(default)]
    pub private: bool,
}

/// Result of `share`.
#[derive(Clone, Serialize, Deserialize)]
pub struct ShareReport {
    /// The link: whoever has it can read what it names.
    pub link: String,
    /// Library paths in it.
    pub names: Vec<String>,
    /// Size of the content in bytes.
    pub size: u64,
    /// When it ends, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// Result of `export` and `import`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ManifestReport {
    /// Library paths in it.
    pub names: Vec<String>,
    /// Size of the content in bytes.
    pub size: u64,
    /// The file that was written or read; empty for a link.
    pub path: String,
}

/// Where a long operation stands; sent at most ten times a second.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Progress {
    /// Operation id; the same in all events of one operation.
    pub operation: u64,
    /// `scanning`, `reading`, `sending`, `finishing`, `receiving`, `checking`.
    pub stage: String,
    /// What it works on right now.
    pub name: String,
    /// Bytes of content done.
    pub done_bytes: u64,
    /// Bytes of content in all, 0 while unknown.
    pub total_bytes: u64,
    /// Files done.
    pub done_files: u64,
    /// Files in all, 0 while unknown.
    pub total_files: u64,
    /// Shards that hosts have taken, in an upload.
    #[serde(default)]
    pub done_shards: u64,
    /// Shards of the segments that were begun so far, in an upload.
    #[serde(default)]
    pub total_shards: u64,
}
