//! Where downloads go, settled when they are queued.

use std::collections::BTreeSet;
use std::path::PathBuf;

use layr_keys::atomic::Existing;
use layr_library::{EntryKind, Library};

use super::relative;
use super::stored::Request;
use crate::api::GetRequest;
use crate::catalogue;
use crate::error::NodeError;
use crate::file_name::{MAX_NAME_BYTES, marked};
use crate::look::Look;

/// What the whole library is called where it is downloaded to.
const WHOLE_LIBRARY: &str = "Layr library";

/// A download whose target may still be another one's as well.
struct Wanted {
    name: String,
    request: GetRequest,
    /// The directory that receives it; none where the target itself was named.
    receives: Option<PathBuf>,
    is_directory: bool,
}

/// What is downloaded when these run, whatever happens to names until then, and where to: no two into one target that nobody
/// named. A name that something in the request has of its own is nobody's number.
pub(super) fn settle(
    library: &Library,
    requests: Vec<GetRequest>,
    existing: Existing,
) -> Result<Vec<(String, Request)>, NodeError> {
    let wanted =
        requests.into_iter().map(|request| wanted(library, request)).collect::<Result<Vec<_>, _>>()?;
    let own: BTreeSet<PathBuf> = wanted.iter().map(|wanted| wanted.request.output.clone()).collect();
    let mut taken = BTreeSet::new();
    // Fewer names are taken than these numbers make: each download has one of its own and takes one.
    let most = 2 * wanted.len() + 2;
    let mut settled = Vec::with_capacity(wanted.len());
    for Wanted { name, mut request, receives, is_directory } in wanted {
        if let Some(directory) = receives
            && taken.contains(&request.output)
        {
            let numbered = |number: usize| {
                directory.join(marked(&name, &format!(" ({number})"), MAX_NAME_BYTES, is_directory))
            };
            let is_free = |path: &PathBuf| !own.contains(path) && !taken.contains(path);
            request.output = (2..=most).map(numbered).find(is_free).unwrap_or(request.output);
        }
        taken.insert(request.output.clone());
        let gives_way = (existing == Existing::GivesWay).then(|| Look::of_file(&request.output)).flatten();
        settled.push((name, Request::Get(request, gives_way)));
    }
    Ok(settled)
}

fn wanted(library: &Library, request: GetRequest) -> Result<Wanted, NodeError> {
    if !request.output.is_absolute() {
        return Err(relative(&request.output));
    }
    let found = library.resolve(&request.name).map_err(catalogue::name_error)?;
    let name = found.path.name().unwrap_or(WHOLE_LIBRARY).to_owned();
    // Decided now, as a repeat of a download that was through would find a directory and go into it.
    let receives = request.output.is_dir().then(|| request.output.clone());
    let output = receives.as_ref().map_or(request.output, |directory| directory.join(&name));
    // By its id, as its name may be another one's when this runs; the root has a name that stays.
    let asked = if found.path.is_root() { found.path.to_string() } else { found.file.to_string() };
    let is_directory = found.kind == EntryKind::Directory;
    Ok(Wanted { name, request: GetRequest { name: asked, output, ..request }, receives, is_directory })
}
