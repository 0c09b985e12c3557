//! Files waiting for their segments, and their commit once those are safe.

use std::collections::{BTreeMap, HashMap};

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use layr_codec::SegmentId;
use layr_library::{CommitError, Committed, FileId, NameError, NewVersion};
use tokio::sync::watch;

use super::UploadError;
use super::in_flight::{Fate, settled};
use super::pack::{Event, PackedFile};
use super::scan::FoundFile;
use crate::api::{Health, PutFile, SkippedPath};
use crate::catalogue;
use crate::operation::Operation;
use crate::owner::Owner;

/// Versions in one transaction: a sync for each would cost milliseconds, and a longer transaction would keep other writers
/// waiting.
const COMMIT_BATCH: usize = 512;

/// Files that wait for segments before no more are read, at about 1 KiB each. Segments bring fewer (see `pack`): what makes
/// more are files whose content is on its way already, of which there may be any number.
const MAX_WAITING: usize = 16_384;

/// A file that will be committed.
#[derive(Debug)]
struct Waiting {
    file: Box<PackedFile>,
    order: u64,
    missing: usize,
    failed: bool,
}

/// A version that can be committed now.
#[derive(Debug)]
struct Ready {
    version: NewVersion,
    order: u64,
    /// None for directories and links.
    file: Option<Box<PackedFile>>,
}

/// Everything that was found and is not reported yet, and the report so far.
#[derive(Default)]
pub(super) struct Settling {
    /// Nothing is sent or committed: files are reported as they are found.
    is_dry: bool,
    next_order: u64,
    waiting: BTreeMap<u64, Waiting>,
    by_segment: HashMap<SegmentId, Vec<u64>>,
    fates: FuturesUnordered<BoxFuture<'static, (SegmentId, Fate)>>,
    ready: Vec<Ready>,
    again: Vec<FoundFile>,
    done: Vec<(u64, FileId, PutFile)>,
    skipped: Vec<SkippedPath>,
    other_entries: u64,
}

impl Settling {
    /// For a dry run: what is found is reported at once, as nothing is committed.
    pub(super) fn dry() -> Self {
        Self { is_dry: true, ..Self::default() }
    }

    /// Takes in what the packer came upon.
    pub(super) fn note(&mut self, event: Event, operation: &Operation) {
        let order = self.next_order;
        self.next_order += 1;
        match event {
            Event::Skipped(skipped) => self.skipped.push(skipped),
            Event::Entry(_) if self.is_dry => self.other_entries += 1,
            Event::Entry(version) => self.ready.push(Ready { version, order, file: None }),
            Event::Unchanged { found, file } => {
                let size = found.look.size_bytes;
                operation.update(|progress| {
                    progress.done_bytes += size;
                    progress.done_files += 1;
                });
                self.done.push((order, file, report(found.library.as_str(), size, 0, size)));
            }
            Event::File(file) if self.is_dry => {
                operation.update(|progress| progress.done_bytes += file.known_bytes);
                self.push_dry(order, &file);
            }
            Event::File(file) if file.stranded => self.again.push(file.found),
            Event::File(file) => {
                operation.update(|progress| progress.done_bytes += file.known_bytes);
                self.wait(order, file);
            }
        }
    }

    fn wait(&mut self, order: u64, mut file: Box<PackedFile>) {
        let waits = std::mem::take(&mut file.waits);
        if waits.is_empty() {
            self.ready.push(Ready { version: file.version.clone(), order, file: Some(file) });
            return;
        }
        self.waiting.insert(order, Waiting { file, order, missing: waits.len(), failed: false });
        for (segment, fate) in waits {
            self.await_segment(segment, fate, order);
        }
    }

    fn await_segment(&mut self, segment: SegmentId, fate: watch::Receiver<Fate>, order: u64) {
        let files = self.by_segment.entry(segment).or_default();
        if files.is_empty() {
            self.fates.push(async move { (segment, settled(fate).await) }.boxed());
        }
        files.push(order);
    }

    /// Waits for the next segment to end; never returns while none is awaited.
    pub(super) async fn next_fate(&mut self) {
        let Some((segment, fate)) = self.fates.next().await else { return std::future::pending().await };
        for order in self.by_segment.remove(&segment).unwrap_or_default() {
            let Some(waiting) = self.waiting.get_mut(&order) else { continue };
            waiting.failed |= fate == Fate::Failed;
            waiting.missing = waiting.missing.saturating_sub(1);
            if waiting.missing > 0 {
                continue;
            }
            let Some(Waiting { file, order, failed, .. }) = self.waiting.remove(&order) else { continue };
            if failed {
                self.again.push(file.found);
            } else {
                self.ready.push(Ready { version: file.version.clone(), order, file: Some(file) });
            }
        }
    }

    /// Whether enough is ready for a transaction.
    pub(super) fn is_batch_ready(&self) -> bool {
        self.ready.len() >= COMMIT_BATCH
    }

    /// Whether as many files wait for segments as may.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_WAITING
    }

    /// Whether files still wait for segments.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Files that must be read again, since a segment that they relied on was not stored.
    pub(super) fn take_again(&mut self) -> Vec<FoundFile> {
        std::mem::take(&mut self.again)
    }

    /// Reports a file as not stored.
    pub(super) fn skip(&mut self, found: &FoundFile, reason: &str) {
        let path = found.local.to_string_lossy().into_owned();
        self.skipped.push(SkippedPath { path, reason: reason.to_owned() });
    }

    /// Commits what is ready.
    pub(super) async fn commit(&mut self, owner: &Owner, operation: &Operation) -> Result<(), UploadError> {
        while !self.ready.is_empty() {
            let batch: Vec<Ready> = self.ready.drain(..self.ready.len().min(COMMIT_BATCH)).collect();
            let versions: Vec<NewVersion> = batch.iter().map(|ready| ready.version.clone()).collect();
            match commit_versions(owner, versions).await {
                Ok(committed) => {
                    for (ready, committed) in batch.into_iter().zip(committed) {
                        self.note_committed(ready, committed, operation);
                    }
                    owner.library_changed();
                }
                Err(UploadError::Commit(error)) if is_about_one_file(&error) => {
                    self.commit_one_by_one(owner, batch, operation).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// One of a batch cannot be committed: the others can.
    async fn commit_one_by_one(
        &mut self,
        owner: &Owner,
        batch: Vec<Ready>,
        operation: &Operation,
    ) -> Result<(), UploadError> {
        for ready in batch {
            match commit_versions(owner, vec![ready.version.clone()]).await {
                Ok(committed) => {
                    if let Some(committed) = committed.first() {
                        self.note_committed(ready, *committed, operation);
                    }
                }
                Err(UploadError::Commit(
                    CommitError::ChunkNotSafe { .. } | CommitError::NoSuchVersion { .. },
                )) if ready.file.is_some() => {
                    self.again.extend(ready.file.map(|file| file.found));
                }
                Err(UploadError::Commit(error)) if is_about_one_file(&error) => {
                    let path = match &ready.file {
                        Some(file) => file.found.local.to_string_lossy().into_owned(),
                        None => ready.version.path.to_string(),
                    };
                    self.skipped.push(SkippedPath { path, reason: error.to_string() });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn note_committed(&mut self, ready: Ready, committed: Committed, operation: &Operation) {
        let Some(file) = ready.file else {
            self.other_entries += 1;
            return;
        };
        operation.update(|progress| progress.done_files += 1);
        let name = file.found.library.as_str();
        let report = report(name, file.found.look.size_bytes, file.new_bytes, file.known_bytes);
        self.done.push((ready.order, committed.file, report));
    }

    /// The report's files in the order in which they were found, with their health from the library.
    pub(super) async fn finish(mut self, owner: &Owner) -> Result<Settled, UploadError> {
        self.done.sort_by_key(|(order, _, _)| *order);
        let done = self.done;
        let look_up = move |library: &layr_library::Library| {
            let with_health = |(_, file, mut report): (u64, FileId, PutFile)| {
                let health = match library.info(file, None) {
                    Ok(info) => info.row.health,
                    // Somebody let go of it while the rest was on its way: it was stored all the same, and so is the rest.
                    Err(NameError::NotFound { .. } | NameError::NoSuchVersion { .. }) => None,
                    Err(error) => return Err(error),
                };
                report.id = file.to_string();
                report.health = health.map(catalogue::health).unwrap_or_default();
                Ok(report)
            };
            done.into_iter().map(with_health).collect::<Result<Vec<_>, _>>()
        };
        let files = owner.library_job(look_up).await??;
        Ok(Settled { files, skipped: self.skipped, other_entries: self.other_entries })
    }

    /// What a dry run reports: nothing is committed, so there are no new ids and no health.
    pub(super) fn finish_dry(mut self) -> Settled {
        self.done.sort_by_key(|(order, _, _)| *order);
        let files = self.done.into_iter().map(|(_, _, report)| report).collect();
        Settled { files, skipped: self.skipped, other_entries: self.other_entries }
    }

    fn push_dry(&mut self, order: u64, file: &PackedFile) {
        let name = file.found.library.as_str();
        let report = report(name, file.found.look.size_bytes, file.new_bytes, file.known_bytes);
        self.done.push((order, FileId::from_bits(0), report));
    }
}

/// What an upload did, for its report.
pub(super) struct Settled {
    pub(super) files: Vec<PutFile>,
    pub(super) skipped: Vec<SkippedPath>,
    pub(super) other_entries: u64,
}

async fn commit_versions(owner: &Owner, versions: Vec<NewVersion>) -> Result<Vec<Committed>, UploadError> {
    let now_unix_s = owner.now_unix_s();
    Ok(owner.library_job(move |library| library.commit_versions(&versions, now_unix_s)).await??)
}

/// Whether only the file in the error is concerned.
fn is_about_one_file(error: &CommitError) -> bool {
    !matches!(error, CommitError::Store(_))
}

fn report(name: &str, size: u64, uploaded_bytes: u64, deduplicated_bytes: u64) -> PutFile {
    PutFile {
        id: String::new(),
        name: name.to_owned(),
        size,
        uploaded_bytes,
        deduplicated_bytes,
        health: Health::default(),
    }
}
