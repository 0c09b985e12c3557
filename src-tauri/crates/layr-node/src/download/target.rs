//! Where a manifest's entries go, and what they may replace there.

use std::path::{Path, PathBuf};

use layr_library::Manifest;

use super::origin::Origin;
use super::single_file;
use super::stage::{Existing, Stage, StageError};
use crate::look::Look;

/// What a target is chosen by. Not the request itself, whose name may be a link with keys in it.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Whether it is the whole library.
    pub is_root: bool,
    /// The target that was asked for, or a directory for it.
    pub output: PathBuf,
    pub origin: Origin,
}

/// Where a manifest's entries go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub path: PathBuf,
    /// Whether it is a single file.
    pub is_single: bool,
    /// Whether the first part of the entries' paths is the target itself.
    pub strips_top: bool,
    /// What becomes of what is there.
    pub existing: Existing,
}

impl Target {
    /// Like `cp`: into `output` where that is a directory, else as `output`.
    ///
    /// What a person named may be replaced. Names that somebody else chose, in a link or a `.layr` file, take the place of
    /// nothing: such a name could be `.bashrc`.
    ///
    /// # Errors
    /// [`StageError::InTheWay`] for a link that leads nowhere.
    pub(super) fn choose(manifest: &Manifest, wanted: &Wanted) -> Result<Self, StageError> {
        let is_single = single_file(manifest).is_some();
        let output = &wanted.output;
        let is_directory = output.is_dir();
        let kept = |otherwise: Existing| match wanted.origin {
            Origin::Library => Existing::GivesWay,
            Origin::Elsewhere => otherwise,
        };
        Ok(match own_top(manifest, wanted) {
            Some(top) if is_directory => {
                let existing = kept(Existing::Stays);
                Self { path: output.join(top), is_single, strips_top: true, existing }
            }
            Some(_) => {
                // A directory that comes to be there meanwhile holds names that nobody named.
                let existing = if is_single { Existing::GivesWay } else { kept(Existing::Stays) };
                Self { path: followed(output)?, is_single, strips_top: true, existing }
            }
            None => {
                let (path, existing) = (followed(output)?, kept(Existing::StaysBeside));
                Self { path, is_single: false, strips_top: false, existing }
            }
        })
    }

    /// The very path that was asked for, where nothing may be but the very file that gives way to a single one.
    pub(super) fn queued(manifest: &Manifest, wanted: &Wanted, gives_way: Option<Look>) -> Self {
        let strips_top = own_top(manifest, wanted).is_some();
        let is_single = strips_top && single_file(manifest).is_some();
        let path = wanted.output.clone();
        let gives_way = gives_way.filter(|_| is_single);
        let existing = gives_way.map_or(Existing::Stays, Existing::GivesWayAs);
        Self { path, is_single, strips_top, existing }
    }

    /// Looks whether something is in the way already, before anything is fetched.
    ///
    /// # Errors
    /// [`StageError::InTheWay`].
    pub(super) fn check(&self, manifest: &Manifest) -> Result<(), StageError> {
        match self.existing {
            Existing::GivesWay => Ok(()),
            Existing::GivesWayAs(look) => Stage::check_same(&self.path, look),
            Existing::Stays => Stage::check_new(&self.path),
            Existing::StaysBeside => {
                tops(manifest).into_iter().try_for_each(|top| Stage::check_new(&self.path.join(top)))
            }
        }
    }
}

/// The name that everything is below, which the target takes the place of. The top of a library, and a share of several
/// things, have none: all of them go into the directory.
fn own_top<'a>(manifest: &'a Manifest, wanted: &Wanted) -> Option<&'a str> {
    match tops(manifest).as_slice() {
        [top] if !wanted.is_root => Some(top),
        _ => None,
    }
}

/// The first parts of the entries' paths; entries are in the order of their paths.
fn tops(manifest: &Manifest) -> Vec<&str> {
    let tops = manifest.entries.iter().filter_map(|entry| entry.path.components().next());
    let mut tops: Vec<&str> = tops.collect();
    tops.dedup();
    tops
}

/// What a person named, or what their link of that name leads to: the link stays one.
fn followed(output: &Path) -> Result<PathBuf, StageError> {
    if !output.is_symlink() {
        return Ok(output.to_owned());
    }
    let reason = "is a link that leads nowhere";
    output.canonicalize().map_err(|_| StageError::InTheWay { path: output.to_owned(), reason })
}
