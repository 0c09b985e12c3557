//! What the two ways of looking for shards at their hosts have in common: [`crate::verify`] reads them whole, [`crate::audit`] has
//! some of their leaves proven.

mod walk;

use layr_codec::{LayoutError, SegmentId};
use layr_keys::PeerId;
use layr_library::{
    AskedShard, AuditMark, AuditOutcome, FailedCopy, Failure, NameError, SegmentRecord, ShardState,
    StoreError,
};
use tokio::time::Instant;

pub(crate) use self::walk::Walk;
use crate::api::{CheckReport, CheckResult, CheckedShard};
use crate::clock::EntropyError;
use crate::error::{ErrorCode, NodeError};
use crate::owner::Owner;
use crate::upload::sentence;
use crate::workers::WorkerLost;

/// Outcomes recorded in one transaction.
const MARKED_AT_ONCE: usize = 256;
/// Silent hosts' shards that are remembered until a host answers: 8 MiB of them. Those beyond are told and not recorded.
const MAX_SILENT: usize = 64 * 1024;

/// Why a check could not be made. Bad shards are no error: they are in the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// No such file.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The library failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Impossible geometry: the database is damaged.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// Nothing unforeseeable could be asked.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The person or a signal stopped it.
    #[error("the check was interrupted")]
    Interrupted,
    /// A worker was lost.
    #[error(transparent)]
    Worker(#[from] WorkerLost),
}

impl From<CheckError> for NodeError {
    fn from(error: CheckError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            CheckError::Name(error) => crate::catalogue::name_error(error),
            CheckError::Store(error) => crate::catalogue::store_error(&error),
            CheckError::Layout(_) => Self::new(ErrorCode::DatabaseUnusable, text),
            CheckError::Interrupted => Self::new(ErrorCode::Interrupted, text),
            CheckError::Worker(_) | CheckError::Entropy(_) => Self::new(ErrorCode::Internal, text),
        }
    }
}

/// How much a report tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Every shard that was checked. Takes memory for each.
    Shards,
    /// How many of each kind.
    Counts,
}

/// What stands behind a finding that a copy is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Bytes that do not hash, or the host's own word in an audit: the copy failed for good.
    Proof,
    /// A refusal, a stream that ended: to be asked about.
    Hearsay,
    /// Nobody was asked, as it was found before: it is only counted.
    Known,
}

/// A shard that was looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Looked {
    pub(crate) segment: SegmentId,
    pub(crate) index: u8,
    /// None for one that no host ever took: it is missing without asking.
    pub(crate) host: Option<PeerId>,
    /// The shard that is looked for.
    pub(crate) shard: Option<AskedShard>,
}

/// What was found so far, and what of it the library does not know yet.
pub(crate) struct Findings {
    told: Told,
    began: Instant,
    report: CheckReport,
    marks: Vec<AuditMark>,
    /// What is to be recorded of hosts that did not answer once one has: until then it may be our own network that is away.
    silent: Option<Vec<AuditMark>>,
    failed: Vec<FailedCopy>,
}

impl Findings {
    pub(crate) fn new(told: Told) -> Self {
        Self {
            told,
            began: Instant::now(),
            report: CheckReport::default(),
            marks: Vec::new(),
            silent: Some(Vec::new()),
            failed: Vec::new(),
        }
    }

    /// Takes that a host answered, whatever it said: our own network is there.
    pub(crate) fn host_answered(&mut self) {
        self.marks.extend(self.silent.take().into_iter().flatten());
    }

    /// What is counted besides outcomes.
    pub(crate) fn report(&mut self) -> &mut CheckReport {
        &mut self.report
    }

    /// Takes what a look at a whole shard found, or what its host said of it.
    pub(crate) fn add(&mut self, looked: Looked, result: CheckResult, evidence: Evidence) {
        let outcome = match (result, evidence) {
            (_, Evidence::Known) => return self.count(looked, result),
            (CheckResult::Passed, _) => AuditOutcome::ReadWhole,
            (CheckResult::Missing, Evidence::Proof) => AuditOutcome::Failed(Failure::Missing),
            (CheckResult::Corrupt, Evidence::Proof) => AuditOutcome::Failed(Failure::Corrupt),
            (CheckResult::Missing, Evidence::Hearsay) => AuditOutcome::Heard(ShardState::Missing),
            (CheckResult::Corrupt, Evidence::Hearsay) => AuditOutcome::Heard(ShardState::Corrupt),
            (CheckResult::Unreachable, _) => AuditOutcome::Heard(ShardState::Unreachable),
        };
        self.note(looked, outcome, result);
    }

    /// Counts a shard that there was no time to ask about, or that nobody can be asked about.
    pub(crate) fn add_unasked(&mut self, looked: Looked) {
        self.count(looked, CheckResult::Unreachable);
    }

    /// Takes that all leaves asked for were proven, this one among them.
    pub(crate) fn add_proven(&mut self, looked: Looked, leaf: u32) {
        self.note(looked, AuditOutcome::Proven { leaf }, CheckResult::Passed);
    }

    /// Takes that a question from before was answered, while another was not.
    pub(crate) fn close(&mut self, looked: Looked, leaf: u32) {
        let Looked { segment, index, host, shard } = looked;
        let outcome = AuditOutcome::Proven { leaf };
        self.marks.extend(host.map(|host| AuditMark { segment, index, host, shard, outcome }));
    }

    /// Takes a question that was not answered.
    pub(crate) fn add_open(&mut self, looked: Looked, leaf: u32) {
        self.note(looked, AuditOutcome::Open { leaf }, CheckResult::Unreachable);
    }

    fn note(&mut self, looked: Looked, outcome: AuditOutcome, result: CheckResult) {
        let Looked { segment, index, host, shard } = looked;
        if let Some(host) = host {
            let mark = AuditMark { segment, index, host, shard, outcome };
            let is_silence =
                matches!(outcome, AuditOutcome::Open { .. } | AuditOutcome::Heard(ShardState::Unreachable));
            match &mut self.silent {
                Some(silent) if is_silence => {
                    if silent.len() < MAX_SILENT {
                        silent.push(mark);
                    }
                }
                _ => {
                    self.host_answered();
                    self.marks.push(mark);
                }
            }
        }
        self.count(looked, result);
    }

    fn count(&mut self, looked: Looked, result: CheckResult) {
        let Looked { segment, index, host, .. } = looked;
        match result {
            CheckResult::Passed => self.report.passed += 1,
            CheckResult::Missing => self.report.failed += 1,
            CheckResult::Corrupt => {
                self.report.failed += 1;
                self.report.corrupt += 1;
            }
            CheckResult::Unreachable => self.report.unreachable += 1,
        }
        if self.told == Told::Shards {
            let host = host.map(|host| host.to_string()).unwrap_or_default();
            let (segment, index) = (segment.to_string(), u32::from(index));
            self.report.shards.push(CheckedShard { segment, index, host, result });
        }
    }

    /// Tells the library once there is much to tell.
    pub(crate) async fn record_full(&mut self, owner: &Owner) -> Result<(), CheckError> {
        if self.marks.len() < MARKED_AT_ONCE { Ok(()) } else { self.record(owner).await }
    }

    /// Tells the library. What was found is true however the rest ends.
    pub(crate) async fn record(&mut self, owner: &Owner) -> Result<(), CheckError> {
        if self.marks.is_empty() {
            return Ok(());
        }
        let (marks, now_unix_s) = (std::mem::take(&mut self.marks), owner.now_unix_s());
        let noted = owner.library_job(move |library| library.note_audit(&marks, now_unix_s)).await??;
        self.failed.extend(noted.failed);
        if noted.is_news {
            owner.library_changed();
        }
        Ok(())
    }

    /// The copies that failed for good by what was recorded so far.
    pub(crate) fn failed(&self) -> &[FailedCopy] {
        &self.failed
    }

    /// The report, once everything is recorded.
    pub(crate) async fn finish(mut self, owner: &Owner) -> Result<CheckReport, CheckError> {
        self.record(owner).await?;
        self.report.nobody_answered = self.silent.is_some_and(|silent| !silent.is_empty());
        self.report
            .shards
            .sort_by(|left, right| (&left.segment, left.index).cmp(&(&right.segment, right.index)));
        self.report.duration_s = self.began.elapsed().as_secs_f64();
        Ok(self.report)
    }
}

/// Whether fewer shards of it lie anywhere than bring it back.
pub(crate) fn is_short(segment: &SegmentRecord) -> bool {
    segment.shards.len() < usize::from(segment.profile.k())
}

/// The shards of a segment that no host ever took.
pub(crate) fn unplaced(segment: &SegmentRecord) -> impl Iterator<Item = u8> {
    let held = |index: &u8| segment.shards.iter().any(|shard| shard.index == *index);
    (0..segment.profile.n()).filter(move |index| !held(index))
}

/// How a copy that failed before is told.
pub(crate) fn result_of(failure: Failure) -> CheckResult {
    match failure {
        Failure::Missing => CheckResult::Missing,
        Failure::Corrupt => CheckResult::Corrupt,
        Failure::WrittenOff => CheckResult::Unreachable,
    }
}
