//! Letting go: files to the trash, and shards that nobody needs any more off their hosts.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use layr_codec::ShardRoot;
use layr_keys::PeerId;
use layr_library::{FileId, GarbageItem, Library, LibraryPath, NameError, StoreError, VersionNumber};
use tokio_util::sync::CancellationToken;

use crate::background::TaskReport;
use crate::error::{ErrorCode, NodeError};
use crate::owner::Owner;
use crate::upload::sentence;
use crate::wire::MAX_ROOTS;
use crate::workers::WorkerLost;

/// How often the queue is looked at: the library itself says which entries are due.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Entries taken from the queue at a time.
const DUE_AT_ONCE: usize = 4096;
/// Hosts asked at once: deletion is never urgent.
const HOSTS_AT_ONCE: usize = 8;

/// Why something could not be removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoveError {
    /// No such entry; nothing was removed.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The library failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A worker was lost.
    #[error(transparent)]
    Worker(#[from] WorkerLost),
}

impl From<RemoveError> for NodeError {
    fn from(error: RemoveError) -> Self {
        match error {
            RemoveError::Name(error) => crate::catalogue::name_error(error),
            RemoveError::Store(error) => crate::catalogue::store_error(&error),
            RemoveError::Worker(error) => Self::new(ErrorCode::Internal, sentence(&error.to_string())),
        }
    }
}

/// Moves files and directories to the trash; returns their paths. Either all names are found or nothing is removed. What is
/// named twice, or lies below another one that is named, goes with that one.
///
/// # Errors
/// [`RemoveError`].
pub async fn remove(owner: &Owner, names: Vec<String>) -> Result<Vec<String>, RemoveError> {
    let now_unix_s = owner.now_unix_s();
    let job = move |library: &Library| -> Result<Vec<String>, NameError> {
        let found = names.iter().map(|name| library.resolve(name)).collect::<Result<Vec<_>, _>>()?;
        let by_path: BTreeMap<LibraryPath, FileId> =
            found.into_iter().map(|row| (row.path, row.file)).collect();
        let mut removed = Vec::with_capacity(by_path.len());
        for (path, file) in &by_path {
            if !goes_with_another(path, &by_path) {
                removed.push(library.remove(*file, now_unix_s)?.to_string());
            }
        }
        Ok(removed)
    };
    Ok(owner.library_job(job).await??)
}

fn goes_with_another(path: &LibraryPath, by_path: &BTreeMap<LibraryPath, FileId>) -> bool {
    std::iter::successors(path.parent(), LibraryPath::parent).any(|above| by_path.contains_key(&above))
}

/// Gives a file or directory another path, or moves it into a directory that exists; returns the path that it has now.
///
/// # Errors
/// [`RemoveError`].
pub async fn rename(owner: &Owner, from: String, to: String) -> Result<String, RemoveError> {
    let job = move |library: &Library| -> Result<String, NameError> {
        let from = library.resolve(&from)?.path;
        Ok(library.rename(&from, &LibraryPath::parse(&to)?)?.to_string())
    };
    Ok(owner.library_job(job).await??)
}

/// Gives a file or directory another name where it is; returns the path that it has now.
///
/// # Errors
/// [`RemoveError`].
pub async fn rename_here(owner: &Owner, name: String, new_name: String) -> Result<String, RemoveError> {
    let job = move |library: &Library| -> Result<String, NameError> {
        let file = library.resolve(&name)?.file;
        Ok(library.rename_here(file, &new_name)?.to_string())
    };
    Ok(owner.library_job(job).await??)
}

/// Brings a file or directory back from the trash, or makes an old version of a file current; returns its path.
///
/// # Errors
/// [`RemoveError`].
pub async fn restore(owner: &Owner, name: String, version: Option<u64>) -> Result<String, RemoveError> {
    let job = move |library: &Library| -> Result<String, NameError> {
        let version = version.map(VersionNumber);
        // An id first, as everywhere: a name like it does not take its place.
        let by_id = match name.parse::<FileId>() {
            Ok(file) => library.restore(file, version),
            Err(_) => Err(NameError::NotFound { name: name.clone() }),
        };
        let restored = match by_id {
            Err(NameError::NotFound { .. }) => library.restore(&LibraryPath::parse(&name)?, version)?,
            outcome => outcome?,
        };
        Ok(restored.path.to_string())
    };
    Ok(owner.library_job(job).await??)
}

/// Asks hosts to drop what is garbage, until cancelled. What cannot be done now is due again later, as the library decides.
pub(crate) async fn collect_garbage(owner: Owner, cancel: CancellationToken, task: TaskReport) {
    loop {
        task.working();
        let outcome = collect_due(&owner, &cancel).await;
        task.ended(&outcome);
        match outcome {
            Ok(0) => {}
            // A full batch: there may be more.
            Ok(done) if done >= DUE_AT_ONCE => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "garbage could not be collected"),
        }
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Asks hosts once to drop what is due; returns how many entries were dealt with.
///
/// # Errors
/// [`RemoveError`].
async fn collect_due(owner: &Owner, cancel: &CancellationToken) -> Result<usize, RemoveError> {
    let due = owner.library_job(|library| library.garbage_due(DUE_AT_ONCE)).await??;
    let count = due.len();
    let mut by_host: BTreeMap<PeerId, Vec<GarbageItem>> = BTreeMap::new();
    for item in due {
        by_host.entry(item.host).or_default().push(item);
    }
    let requests = by_host
        .into_values()
        .flat_map(|items| items.chunks(MAX_ROOTS).map(<[GarbageItem]>::to_vec).collect::<Vec<_>>());
    let outcomes = stream::iter(requests).map(|items| drop_at_host(owner, items));
    let mut outcomes = std::pin::pin!(outcomes.buffer_unordered(HOSTS_AT_ONCE));
    loop {
        let next = tokio::select! {
            biased;
            () = cancel.cancelled() => return Ok(0),
            next = outcomes.next() => next,
        };
        let Some(dropped) = next else { return Ok(count) };
        let Dropped { gone, put_off } = dropped?;
        let settle = move |library: &Library| {
            library.garbage_done(&gone)?;
            library.garbage_failed(&put_off)
        };
        owner.library_job(settle).await??;
    }
}

/// Entries that a host was to be asked about.
#[derive(Debug, Default)]
struct Dropped {
    /// The host answered: what it had of us is gone, and the rest it never had.
    gone: Vec<u64>,
    /// It did not, or the shard is looked for or in use.
    put_off: Vec<u64>,
}

/// Asks one host about all of these. Some may have come into use since they were taken from the queue: they are left out.
async fn drop_at_host(owner: &Owner, items: Vec<GarbageItem>) -> Result<Dropped, RemoveError> {
    let Some(host) = items.first().map(|item| item.host) else { return Ok(Dropped::default()) };
    let leaving = owner.letting_go().let_go(items.iter().map(|item| item.root));
    let ids: Vec<u64> = items.iter().map(|item| item.id).collect();
    let still = owner.library_job(move |library| library.garbage_still(&host, &ids)).await??;
    let (asked, kept): (Vec<GarbageItem>, Vec<GarbageItem>) =
        items.into_iter().partition(|item| leaving.contains(&item.root) && still.contains(&item.id));
    let ids_of = |items: Vec<GarbageItem>| items.into_iter().map(|item| item.id);
    let mut dropped = Dropped { gone: Vec::new(), put_off: ids_of(kept).collect() };
    let Some(first) = asked.first() else { return Ok(dropped) };
    let contact = owner.hosts().contact(first.host, &first.addresses);
    let roots: Vec<ShardRoot> = asked.iter().map(|item| item.root).collect();
    match owner.client().delete(&contact, &roots).await {
        Ok(_) => dropped.gone.extend(ids_of(asked)),
        Err(error) => {
            tracing::debug!(host = %first.host, %error, attempts = first.attempts, "a host could not be asked to delete");
            dropped.put_off.extend(ids_of(asked));
        }
    }
    Ok(dropped)
}
