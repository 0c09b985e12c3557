//! What happened that a person should know, and what is still to be done about it.
//!
//! Entries are rows of the library: there they outlive a crash like the queue that many of them are about, are bounded and
//! backed up with it, and need no second store. Only what really happened is written, by the part of the node that
//! saw it; whoever sees a problem pass resolves its entry. Failing to write an entry fails nothing else.
//!
//! Words are for people and end up in notifications: what happened, what is safe, what to do next.

pub(crate) mod words;

use std::sync::Arc;

use layr_library::{ActivityRow, Library, NewActivity, StoreError};
use tokio::sync::broadcast;

use crate::api::{ActivityCounts, ActivityEntry, ActivityLevel, ActivityReport};
use crate::catalogue::{rfc3339, store_error};
use crate::clock::Clock;
use crate::error::{ErrorCode, NodeError};
use crate::node::{Node, NodeEvent};

/// What sort of thing happened. The codes are a contract: they are in databases and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityKind {
    /// A transfer stopped and waits for the person.
    TransferFailed,
    /// An upload that took long is through.
    UploadDone,
    /// An upload is through, but left things out.
    UploadIncomplete,
    /// Files are back.
    DownloadDone,
    /// Transfers wait for hosts.
    TooFewHosts,
    /// Files have few shards to spare.
    FilesAtRisk,
    /// Files have fewer shards left than it takes.
    FilesLost,
    /// No files are in danger any more.
    FilesSafeAgain,
    /// Copies at a host failed for good.
    CopiesFailed,
    /// Lost shards were made again.
    Repaired,
    /// Copies were brought from hosts that leave to others.
    CopiesMoved,
    /// Copies at hosts that leave find no other host.
    CopiesStay,
    /// A delegate made lost shards again, and they were taken over.
    DelegateHelped,
    /// A delegate said what is not so.
    DelegateRefuted,
    /// A delegate is not heard any more: what it tells does not go on from what was heard.
    DelegateUnheard,
    /// This host left, and everything was fetched.
    HostLeft,
    /// The time of this host's leaving is over, and something lies here still.
    HostLeftEarly,
    /// Agreements came onto the ledger.
    AgreementsOpened,
    /// Agreements are over and their money is divided.
    AgreementsSettled,
    /// Hosts that have shards are not paid.
    AgreementsUnpaid,
    /// Agreements end soon, or have ended, and have no next term.
    AgreementsEnd,
    /// Windows passed in which nothing was proven.
    WindowMissed,
    /// A part of the collateral went to an owner.
    CollateralLost,
    /// Nobody can be reached.
    NetworkAway,
    /// Shards of others cannot be read any more.
    VaultDamaged,
    /// The disk with the shards of others is not there.
    VaultAway,
    /// What is kept for others lies there, but cannot be used.
    VaultUnusable,
    /// The disk has no room for what was promised to others.
    LentDiskFull,
    /// The recovery phrase could not be taken off the clipboard.
    PhraseOnClipboard,
    /// Other programs have no way to this node.
    NoControlSocket,
}

impl ActivityKind {
    /// The stable word for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::TransferFailed => "transfer_failed",
            Self::UploadDone => "upload_done",
            Self::UploadIncomplete => "upload_incomplete",
            Self::DownloadDone => "download_done",
            Self::TooFewHosts => "too_few_hosts",
            Self::FilesAtRisk => "files_at_risk",
            Self::FilesLost => "files_lost",
            Self::FilesSafeAgain => "files_safe_again",
            Self::CopiesFailed => "copies_failed",
            Self::Repaired => "repaired",
            Self::CopiesMoved => "copies_moved",
            Self::CopiesStay => "copies_stay",
            Self::DelegateHelped => "delegate_helped",
            Self::DelegateRefuted => "delegate_refuted",
            Self::DelegateUnheard => "delegate_unheard",
            Self::HostLeft => "host_left",
            Self::HostLeftEarly => "host_left_early",
            Self::AgreementsOpened => "agreements_opened",
            Self::AgreementsSettled => "agreements_settled",
            Self::AgreementsUnpaid => "agreements_unpaid",
            Self::AgreementsEnd => "agreements_end",
            Self::WindowMissed => "window_missed",
            Self::CollateralLost => "collateral_lost",
            Self::NetworkAway => "network_away",
            Self::VaultDamaged => "vault_damaged",
            Self::VaultAway => "vault_away",
            Self::VaultUnusable => "vault_unusable",
            Self::LentDiskFull => "lent_disk_full",
            Self::NoControlSocket => "no_control_socket",
            Self::PhraseOnClipboard => "phrase_on_clipboard",
        }
    }
}

/// Where the parts of a node write what they saw. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Activity {
    library: Library,
    clock: Arc<dyn Clock>,
    events: broadcast::Sender<NodeEvent>,
}

impl Activity {
    pub(crate) fn new(library: Library, clock: Arc<dyn Clock>, events: broadcast::Sender<NodeEvent>) -> Self {
        Self { library, clock, events }
    }

    /// Notes an entry. Tells whether it was kept: who says a thing only once says it again otherwise.
    pub(crate) async fn note(&self, entry: NewActivity) -> bool {
        self.change(move |library, now| library.note_activity(&entry, now).map(|_| true)).await
    }

    /// Resolves the entry about a problem that has passed, if there is one. Tells as [`Activity::note`].
    pub(crate) async fn resolve(&self, kind: ActivityKind, subject: &'static str) -> bool {
        self.change(move |library, now| library.resolve_activity_of(kind.code(), subject, now)).await
    }

    /// Notes a problem once when it comes, and resolves it once when it has passed. `told` is what was kept last; at the start
    /// nothing is known.
    pub(crate) async fn follow(
        &self,
        told: &mut Option<bool>,
        kind: ActivityKind,
        problem: Option<NewActivity>,
    ) {
        let is_there = problem.is_some();
        if *told == Some(is_there) {
            return;
        }
        let is_kept = match problem {
            Some(entry) => self.note(entry).await,
            None => self.resolve(kind, "").await,
        };
        if is_kept {
            *told = Some(is_there);
        }
    }

    /// Changes entries on a blocking thread; `change` says whether it did. Tells whether that is on the disk.
    pub(crate) async fn change(
        &self,
        change: impl FnOnce(&Library, u64) -> Result<bool, StoreError> + Send + 'static,
    ) -> bool {
        let activity = self.clone();
        let done = crate::threads::spawn_blocking(move || activity.change_here(change)).await;
        done.unwrap_or_else(|error| {
            tracing::warn!(%error, "what happened could not be noted");
            false
        })
    }

    /// The same on this thread, which may block.
    pub(crate) fn change_here(&self, change: impl FnOnce(&Library, u64) -> Result<bool, StoreError>) -> bool {
        match change(&self.library, self.clock.now_unix_s()) {
            // Nobody listening is fine.
            Ok(true) => drop(self.events.send(NodeEvent::ActivityChanged)),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "what happened could not be noted");
                return false;
            }
        }
        true
    }
}

impl Node {
    /// What happened, the newest first, and how the background workers fare.
    ///
    /// # Errors
    /// What the database says.
    pub async fn activity(&self) -> Result<ActivityReport, NodeError> {
        let workers = self.background().report();
        let rows = self.library(|library| library.activity().map_err(|error| store_error(&error))).await?;
        Ok(ActivityReport { entries: rows.into_iter().map(described).collect(), workers })
    }

    /// How much of what happened is still open.
    ///
    /// # Errors
    /// What the database says.
    pub async fn activity_counts(&self) -> Result<ActivityCounts, NodeError> {
        let counts = |library: &Library| {
            let open = library.open_activity()?;
            let due = [ActivityKind::AgreementsEnd, ActivityKind::AgreementsUnpaid].map(ActivityKind::code);
            Ok(ActivityCounts {
                unresolved: open.warnings + open.actions,
                open_actions: open.actions,
                renewals_due: library.has_open_activity(&due)?,
            })
        };
        self.library(move |library| counts(library).map_err(|error: StoreError| store_error(&error))).await
    }

    /// Resolves an entry: the person has seen to it, or does not want to.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when there is no such entry; what the database says.
    pub async fn activity_resolve(&self, id: u64) -> Result<(), NodeError> {
        let now = self.owner().now_unix_s();
        let is_there = self
            .library(move |library| library.resolve_activity(id, now).map_err(|error| store_error(&error)))
            .await?;
        if !is_there {
            let message = format!("There is no entry {id} in the activity list.");
            return Err(NodeError::new(ErrorCode::NotFound, message).with("id", id));
        }
        self.tell(NodeEvent::ActivityChanged);
        Ok(())
    }

    /// Notes that the recovery phrase may still be on the clipboard though its time there is over, or that it is gone from there.
    pub async fn phrase_left_on_clipboard(&self, is_left: bool) {
        if is_left {
            self.happenings().note(words::phrase_on_clipboard()).await;
        } else {
            self.happenings().resolve(ActivityKind::PhraseOnClipboard, "").await;
        }
    }

    /// Notes that the control socket could not be made, and why; or that it could.
    pub async fn control_socket_missing(&self, reason: Option<&str>) {
        match reason {
            Some(reason) => self.happenings().note(words::no_control_socket(reason)).await,
            None => self.happenings().resolve(ActivityKind::NoControlSocket, "").await,
        };
    }

    /// Forgets what is resolved.
    ///
    /// # Errors
    /// What the database says.
    pub async fn activity_clear(&self) -> Result<(), NodeError> {
        self.library(|library| library.clear_activity().map_err(|error| store_error(&error))).await?;
        self.tell(NodeEvent::ActivityChanged);
        Ok(())
    }
}

fn described(row: ActivityRow) -> ActivityEntry {
    ActivityEntry {
        id: row.id,
        at: rfc3339(row.noted_unix_s),
        level: match row.entry.level {
            layr_library::ActivityLevel::Info => ActivityLevel::Info,
            layr_library::ActivityLevel::Warning => ActivityLevel::Warning,
            layr_library::ActivityLevel::Action => ActivityLevel::Action,
        },
        kind: row.entry.kind,
        title: row.entry.title,
        text: row.entry.text,
        resolved: row.resolved_unix_s.is_some(),
        times: (row.times > 1).then_some(row.times),
        opens: row.entry.opens,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use layr_keys::OwnerId;
    use layr_library::{Entropy, Library};
    use tokio::sync::broadcast;

    use super::{Activity, ActivityKind, words};
    use crate::clock::SystemClock;

    fn activity(dir: &std::path::Path) -> Activity {
        let file = dir.join(Library::FILE_NAME);
        let library = Library::create(&file, OwnerId::from_bytes([7; 32]), Entropy::system(), 1).unwrap();
        Activity::new(library, Arc::new(SystemClock), broadcast::Sender::new(8))
    }

    #[tokio::test]
    async fn what_could_not_be_kept_is_told_again_and_what_was_is_not() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (broken, works) = (activity(first.path()), activity(second.path()));
        broken.library.close();
        let times = || works.library.activity().unwrap().iter().map(|row| row.times).sum::<u64>();
        let (mut told, kind) = (None, ActivityKind::VaultAway);
        broken.follow(&mut told, kind, Some(words::vault_away())).await;
        assert_eq!(told, None);
        for is_there in [true, false] {
            for _ in 0..2 {
                works.follow(&mut told, kind, is_there.then(words::vault_away)).await;
                assert_eq!((told, times()), (Some(is_there), 1));
            }
        }
        assert!(works.library.activity().unwrap()[0].resolved_unix_s.is_some());
    }
}
