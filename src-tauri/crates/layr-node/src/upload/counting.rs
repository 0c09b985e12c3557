//! How much an upload is, by a walk that only adds up sizes.

use std::path::PathBuf;

use layr_codec::{LEAF_BYTES, Profile};
use layr_library::LibraryPath;
use tokio_util::task::AbortOnDropHandle;

use super::filled::Filled;
use super::scan::{Found, Scan};
use super::{UploadError, check};
use crate::agreements::forecast::Weight;
use crate::api::PutRequest;
use crate::operation::Operation;
use crate::owner::Owner;

/// Finds counted at a time.
const COUNT_BATCH: usize = 4096;

/// The most that an upload can be to hosts, by names and sizes alone: as if nothing of it were stored yet. None where too few hosts are there.
///
/// # Errors
/// What [`put`] would say before it reads anything.
pub(crate) async fn most(owner: &Owner, request: &PutRequest) -> Result<Option<Weight>, UploadError> {
    let (to, redundancy) = check(request)?;
    let Some(profile) = redundancy.or(Profile::for_hosts(owner.hosts().count().eligible)) else {
        return Ok(None);
    };
    let (files, bytes) = count(owner, request.paths.clone(), to).await?;
    // Names, keys and rounding come to less than a sixteenth and a leaf for each file.
    let sealed = bytes.saturating_add(bytes / 16).saturating_add(files.saturating_mul(LEAF_BYTES as u64));
    let segments = sealed.div_ceil(profile.max_segment_bytes()).saturating_add(1);
    let shard_bytes =
        sealed.div_ceil(profile.k().into()).saturating_add(segments.saturating_mul(LEAF_BYTES as u64));
    let n = u64::from(profile.n());
    Ok(Some(Weight { bytes: shard_bytes.saturating_mul(n), shards: segments.saturating_mul(n) }))
}

/// A second walk that only adds up sizes, so that progress has a total long before the first walk is through.
pub(super) fn count_in_background(
    owner: &Owner,
    paths: Vec<PathBuf>,
    to: LibraryPath,
    operation: Operation,
) -> AbortOnDropHandle<()> {
    let owner = owner.clone();
    let count = async move {
        let Ok((files, bytes)) = count(&owner, paths, to).await else { return };
        operation.update(|progress| {
            progress.total_files = files;
            progress.total_bytes = bytes;
        });
    };
    AbortOnDropHandle::new(tokio::spawn(count))
}

/// Files, and the sum of their sizes.
async fn count(owner: &Owner, paths: Vec<PathBuf>, to: LibraryPath) -> Result<(u64, u64), UploadError> {
    let mut scan = owner.workers().run(move || Scan::new(&paths, &to, &Filled::default())).await??;
    let (mut files, mut bytes) = (0, 0);
    loop {
        let (next, batch) = owner.workers().run(move || count_batch(scan)).await?;
        scan = next;
        let Some((more_files, more_bytes)) = batch else { return Ok((files, bytes)) };
        files += more_files;
        bytes += more_bytes;
    }
}

fn count_batch(mut scan: Scan) -> (Scan, Option<(u64, u64)>) {
    let found = scan.next_batch(COUNT_BATCH);
    if found.is_empty() {
        return (scan, None);
    }
    let sizes = found.iter().filter_map(|found| match found {
        Found::File(file) => Some(file.look.size_bytes),
        _ => None,
    });
    let counted = sizes.fold((0, 0), |(files, bytes), size| (files + 1, bytes + size));
    (scan, Some(counted))
}
