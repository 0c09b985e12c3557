//! What a node does for its owner: every call here is the owner side's, in the words of the reports.

use crate::api::{InfoReport, ListReport, PutReport, PutRequest};
use crate::catalogue;
use crate::error::NodeError;
use crate::operation::{Operation, OperationKind};
use crate::upload;

use super::{Node, NodeEvent};

impl Node {
    /// Registers a long operation; it is listed in `status` until its last handle is gone.
    pub fn operation(&self, kind: OperationKind, name: &str) -> Operation {
        let operation = self.inner.transfers.begin(kind, name);
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
        let work =
            async { upload::put(&self.inner.owner, &request, operation).await.map_err(NodeError::from) };
        let report = self.transfer(operation, work).await;
        self.library_changed();
        report
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

    /// Everything about one file.
    ///
    /// # Errors
    /// As [`catalogue::info`].
    pub async fn info(&self, name: &str) -> Result<InfoReport, NodeError> {
        let name = name.to_owned();
        self.library(move |library| catalogue::info(library, &name)).await
    }

    /// What was deleted and can still come back.
    ///
    /// # Errors
    /// As [`catalogue::trash`].
    pub async fn trash(&self) -> Result<ListReport, NodeError> {
        self.library(catalogue::trash).await
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

    fn library_changed(&self) {
        self.inner.worst_health.forget();
        self.tell(NodeEvent::LibraryChanged);
    }
}
