//! What a node does for its owner: every call here is the owner side's, in the words of the reports.

use layr_keys::atomic::Existing;
use tokio::io::AsyncWrite;

use crate::activity::words;
use crate::agreements::forecast::Forecast;
use crate::api::{
    CheckPlan, CheckReport, ExportRequest, FileDetails, GetReport, GetRequest, HostsReport, InfoReport,
    ListReport, ListedFile, ManifestReport, PageReport, PageRequest, PutReport, PutRequest, RepairPlan,
    RepairReport, ShareReport,
};
use crate::audit::Leaves;
use crate::catalogue;
use crate::check::Told;
use crate::download::Queued;
use crate::error::{ErrorCode, NodeError};
use crate::operation::{Operation, OperationKind};
use crate::repair::When;
use crate::share::{ManifestDigest, ManifestPreview, ManifestSource, shown_name};
use crate::upload::{Filled, UploadError};
use crate::{audit, discovery, download, remove, repair, share, upload, verify};

use super::{Node, NodeEvent};

impl Node {
    /// Registers a long operation; it is listed in `status` until its last handle is gone.
    pub fn operation(&self, kind: OperationKind, name: &str) -> Operation {
        let operation = self.inner.transfers.begin(kind, shown_name(name));
        if self.inner.cancel.is_cancelled() {
            operation.cancel().cancel();
        }
        operation
    }

    /// Stores files and trees; returns when every segment is safe. A repeat resumes.
    ///
    /// # Errors
    /// See [`upload::UploadError`].
    pub async fn put(&self, request: PutRequest, operation: &Operation) -> Result<PutReport, NodeError> {
        self.put_queued(request, Filled::default(), operation).await
    }

    /// As [`Node::put`], of what was chosen a while ago, when the directories `filled` held something.
    pub(crate) async fn put_queued(
        &self,
        request: PutRequest,
        filled: Filled,
        operation: &Operation,
    ) -> Result<PutReport, NodeError> {
        let owner = &self.inner.owner;
        let work = async {
            if !request.dry_run {
                self.refuse_unaffordable(&request, &filled, operation).await?;
            }
            let stored = Box::pin(upload::put_chosen(owner, &request, filled, operation)).await;
            let (mut report, weight) = stored.map_err(NodeError::from)?;
            if let Some(cost) = &mut report.cost
                && let Some(room) = self.room().await
            {
                let forecast = Forecast::of(weight, &owner.hosts().asked(), room.held_leaves);
                *cost = forecast.report(forecast.shortage(&room));
            }
            Ok(report)
        };
        let report = self.transfer(operation, work).await;
        self.library_changed();
        report
    }

    /// As [`Node::put`], for somebody who waits for it and can see to the connection: a network in which nobody is there is
    /// told apart from one with too few hosts. To a queue, which waits for hosts either way, the two are the same.
    ///
    /// # Errors
    /// As [`Node::put`], and [`ErrorCode::NetworkUnreachable`].
    pub async fn put_now(&self, request: PutRequest, operation: &Operation) -> Result<PutReport, NodeError> {
        let stored = self.put(request, operation).await;
        let knows_nobody = |error: &NodeError| {
            error.code == ErrorCode::NotEnoughHosts
                && error.params.get("known").is_some_and(|known| *known == 0)
        };
        if stored.as_ref().is_err_and(knows_nobody) && self.inner.net.status().await.connected_peers == 0 {
            return Err(UploadError::NobodyThere.into());
        }
        stored
    }

    /// Brings a file or directory back; the target appears whole or not at all.
    ///
    /// # Errors
    /// See [`download::DownloadError`].
    pub async fn get(&self, request: GetRequest, operation: &Operation) -> Result<GetReport, NodeError> {
        let work =
            async { download::get(&self.inner.owner, &request, operation).await.map_err(NodeError::from) };
        let report = self.transfer(operation, work).await;
        // Hosts that failed are on record.
        self.library_changed();
        report
    }

    /// Runs a download of the queue: `request.output` is the target itself, where nothing may be that is not to give way.
    ///
    /// # Errors
    /// As [`Node::get`].
    pub(crate) async fn get_queued(
        &self,
        request: &GetRequest,
        queued: Queued,
        operation: &Operation,
    ) -> Result<GetReport, NodeError> {
        let work = async {
            download::get_queued(&self.inner.owner, request, queued, operation).await.map_err(NodeError::from)
        };
        let report = self.transfer(operation, work).await;
        self.library_changed();
        report
    }

    /// Reads a file, or bytes `first..=last` of it, to a stream; returns how many bytes were written.
    ///
    /// # Errors
    /// See [`download::DownloadError`].
    pub async fn read(
        &self,
        name: &str,
        range: Option<(u64, u64)>,
        version: Option<u64>,
        sink: &mut (dyn AsyncWrite + Send + Sync + Unpin),
        operation: &Operation,
    ) -> Result<u64, NodeError> {
        let work = async {
            download::read(&self.inner.owner, name, range, version, sink, operation)
                .await
                .map_err(NodeError::from)
        };
        self.transfer(operation, work).await
    }

    /// Checks all shards of what is named, of everything when nothing is; with `quick` as many as suffice to read it.
    ///
    /// # Errors
    /// See [`crate::check::CheckError`].
    pub async fn verify(
        &self,
        names: Vec<String>,
        quick: bool,
        operation: &Operation,
    ) -> Result<CheckReport, NodeError> {
        self.check(names, quick, Told::Shards, operation).await
    }

    /// As [`Node::verify`], for who wants the numbers and not every shard: takes no memory for each.
    ///
    /// # Errors
    /// See [`crate::check::CheckError`].
    pub async fn verify_counts(
        &self,
        names: Vec<String>,
        quick: bool,
        operation: &Operation,
    ) -> Result<CheckReport, NodeError> {
        self.check(names, quick, Told::Counts, operation).await
    }

    async fn check(
        &self,
        names: Vec<String>,
        quick: bool,
        told: Told,
        operation: &Operation,
    ) -> Result<CheckReport, NodeError> {
        let work = async {
            verify::verify(&self.inner.owner, &names, quick, told, operation).await.map_err(NodeError::from)
        };
        let report = self.transfer(operation, work).await;
        self.library_changed();
        report
    }

    /// Has hosts prove leaves of all shards of what is named, of everything when nothing is.
    ///
    /// # Errors
    /// See [`crate::check::CheckError`].
    pub async fn audit(
        &self,
        names: Vec<String>,
        leaves: Leaves,
        operation: &Operation,
    ) -> Result<CheckReport, NodeError> {
        self.prove(names, leaves, Told::Shards, operation).await
    }

    /// As [`Node::audit`], for who wants the numbers and not every shard: takes no memory for each.
    ///
    /// # Errors
    /// See [`crate::check::CheckError`].
    pub async fn audit_counts(
        &self,
        names: Vec<String>,
        leaves: Leaves,
        operation: &Operation,
    ) -> Result<CheckReport, NodeError> {
        self.prove(names, leaves, Told::Counts, operation).await
    }

    async fn prove(
        &self,
        names: Vec<String>,
        leaves: Leaves,
        told: Told,
        operation: &Operation,
    ) -> Result<CheckReport, NodeError> {
        let work = async {
            audit::audit(&self.inner.owner, &names, leaves, told, operation).await.map_err(NodeError::from)
        };
        let report = self.transfer(operation, work).await;
        self.library_changed();
        report
    }

    /// Makes lost shards of what is named again, of everything when nothing is, and brings them to hosts. What was made again is
    /// noted among what happened, whoever asked for it.
    ///
    /// # Errors
    /// See [`repair::RepairError`].
    pub async fn repair(
        &self,
        names: Vec<String>,
        when: When,
        operation: &Operation,
    ) -> Result<RepairReport, NodeError> {
        let work = async {
            repair::repair(&self.inner.owner, &names, when, operation).await.map_err(NodeError::from)
        };
        let report = self.transfer(operation, work).await;
        self.library_changed();
        if let Ok(done) = &report
            && done.rebuilt > 0
        {
            self.happenings().note(words::repaired(done.rebuilt)).await;
        }
        report
    }

    /// What a [`Node::repair`] of these would do, and what it lacks. Reads and sends no shard.
    ///
    /// # Errors
    /// See [`repair::RepairError`].
    pub async fn repair_plan(&self, names: Vec<String>, when: When) -> Result<RepairPlan, NodeError> {
        Ok(repair::plan(&self.inner.owner, names, when).await?)
    }

    /// What a [`Node::verify`] of these would read, of both kinds. Asks nobody.
    ///
    /// # Errors
    /// See [`crate::check::CheckError`].
    pub async fn verify_plan(&self, names: Vec<String>) -> Result<CheckPlan, NodeError> {
        Ok(verify::plan(&self.inner.owner, names).await?)
    }

    /// Moves files and directories to the trash; returns the paths they had.
    ///
    /// # Errors
    /// See [`remove::RemoveError`].
    pub async fn rm(&self, names: Vec<String>) -> Result<Vec<String>, NodeError> {
        let removed = remove::remove(&self.inner.owner, names).await?;
        self.library_changed();
        Ok(removed)
    }

    /// Gives an entry another path; returns it.
    ///
    /// # Errors
    /// See [`remove::RemoveError`].
    pub async fn mv(&self, from: &str, to: &str) -> Result<String, NodeError> {
        let path = remove::rename(&self.inner.owner, from.to_owned(), to.to_owned()).await?;
        self.library_changed();
        Ok(path)
    }

    /// Gives an entry another name where it is; returns its path. Nothing gives way, and nothing moves into a directory of that
    /// name.
    ///
    /// # Errors
    /// See [`remove::RemoveError`].
    pub async fn rename(&self, name: &str, new_name: &str) -> Result<String, NodeError> {
        let path = remove::rename_here(&self.inner.owner, name.to_owned(), new_name.to_owned()).await?;
        self.library_changed();
        Ok(path)
    }

    /// Brings an entry back from the trash, or an old version to the front; returns its path.
    ///
    /// # Errors
    /// See [`remove::RemoveError`].
    pub async fn restore(&self, name: &str, version: Option<u64>) -> Result<String, NodeError> {
        let path = remove::restore(&self.inner.owner, name.to_owned(), version).await?;
        self.library_changed();
        Ok(path)
    }

    /// Writes a `.layr` file.
    ///
    /// # Errors
    /// See [`share::ShareError`].
    pub async fn export(&self, request: ExportRequest) -> Result<ManifestReport, NodeError> {
        self.export_over(request, Existing::Stays).await
    }

    /// The same over a file that somebody has said may give way.
    ///
    /// # Errors
    /// See [`share::ShareError`]; the file is then as it was.
    pub async fn export_over(
        &self,
        request: ExportRequest,
        existing: Existing,
    ) -> Result<ManifestReport, NodeError> {
        Ok(share::export(&self.inner.owner, &request, existing).await?)
    }

    /// The `layr://` link to a file or directory, which ends in `expires_in_s` seconds if that is given.
    ///
    /// # Errors
    /// See [`share::ShareError`].
    pub async fn share(&self, name: &str, expires_in_s: Option<u64>) -> Result<ShareReport, NodeError> {
        Ok(share::share(&self.inner.owner, name, expires_in_s).await?)
    }

    /// What a `.layr` file or link would bring; takes nothing in.
    ///
    /// # Errors
    /// See [`share::ShareError`].
    pub async fn import_preview(&self, source: &ManifestSource) -> Result<ManifestPreview, NodeError> {
        Ok(share::preview(&self.inner.owner, source).await?)
    }

    /// Takes what a `.layr` file or link names into the library.
    ///
    /// # Errors
    /// See [`share::ShareError`].
    pub async fn import(&self, source: &ManifestSource) -> Result<ManifestReport, NodeError> {
        self.take_in(source, None).await
    }

    /// Takes in what a preview of this source has shown, and nothing else.
    ///
    /// # Errors
    /// See [`share::ShareError`]; [`ErrorCode::Conflict`] where the source has changed since.
    pub async fn import_previewed(
        &self,
        source: &ManifestSource,
        digest: ManifestDigest,
    ) -> Result<ManifestReport, NodeError> {
        self.take_in(source, Some(digest)).await
    }

    async fn take_in(
        &self,
        source: &ManifestSource,
        previewed: Option<ManifestDigest>,
    ) -> Result<ManifestReport, NodeError> {
        let report = share::import(&self.inner.owner, source, previewed).await?;
        self.library_changed();
        Ok(report)
    }

    /// The hosts known; with `offers` they are asked now.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hosts(&self, offers: bool) -> Result<HostsReport, NodeError> {
        discovery::report(&self.inner.owner, offers).await
    }

    /// Lists a directory of the library, the root when absent.
    ///
    /// # Errors
    /// As [`catalogue::list`].
    pub async fn ls(
        &self,
        dir: Option<&str>,
        recursive: bool,
        versions: bool,
    ) -> Result<ListReport, NodeError> {
        let dir = dir.map(str::to_owned);
        self.library(move |library| catalogue::list(library, dir.as_deref(), recursive, versions)).await
    }

    /// A page of a directory, of a search or of the trash, sorted. Only the page's rows are loaded.
    ///
    /// # Errors
    /// As [`catalogue::page`].
    pub async fn ls_page(&self, request: PageRequest) -> Result<PageReport, NodeError> {
        let now_unix_s = self.inner.owner.now_unix_s();
        self.library(move |library| catalogue::page(library, &request, now_unix_s)).await
    }

    /// The line of one entry.
    ///
    /// # Errors
    /// As [`catalogue::entry`].
    pub async fn entry(&self, name: &str) -> Result<ListedFile, NodeError> {
        let name = name.to_owned();
        self.library(move |library| catalogue::entry(library, &name)).await
    }

    /// One file with its weakest segments.
    ///
    /// # Errors
    /// As [`catalogue::details`].
    pub async fn details(&self, name: &str) -> Result<FileDetails, NodeError> {
        let name = name.to_owned();
        self.library(move |library| catalogue::details(library, &name)).await
    }

    /// Everything about one file.
    ///
    /// # Errors
    /// As [`catalogue::info`].
    pub async fn info(&self, name: &str) -> Result<InfoReport, NodeError> {
        let name = name.to_owned();
        self.library(move |library| catalogue::info(library, &name)).await
    }

    /// The versions of a file, the newest first.
    ///
    /// # Errors
    /// As [`catalogue::versions`].
    pub async fn versions(&self, name: &str) -> Result<ListReport, NodeError> {
        let (name, now_unix_s) = (name.to_owned(), self.inner.owner.now_unix_s());
        self.library(move |library| catalogue::versions(library, &name, now_unix_s)).await
    }

    /// What was deleted and can still come back.
    ///
    /// # Errors
    /// As [`catalogue::trash`].
    pub async fn trash(&self) -> Result<ListReport, NodeError> {
        let now_unix_s = self.inner.owner.now_unix_s();
        self.library(move |library| catalogue::trash(library, now_unix_s)).await
    }

    /// Tells the beginning and the end of a long operation.
    async fn transfer<T>(
        &self,
        operation: &Operation,
        work: impl Future<Output = Result<T, NodeError>>,
    ) -> Result<T, NodeError> {
        let id = operation.id();
        self.tell(NodeEvent::TransferStarted { id, kind: operation.kind().name().to_owned() });
        let outcome = work.await;
        self.tell(NodeEvent::TransferEnded { id, error: outcome.as_ref().err().map(|error| error.code) });
        outcome
    }

    pub(super) fn library_changed(&self) {
        self.inner.last_health.forget();
        self.inner.owner.library_changed();
    }
}
