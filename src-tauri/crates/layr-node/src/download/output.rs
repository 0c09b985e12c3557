//! Where plaintext goes: files under construction, or memory on its way to a stream.

use layr_library::{Manifest, ManifestContent, PlacedFile, RelativePath};

use super::plan::Want;
use super::stage::{Attributes, Stage, StageError, StagedFile};

/// Where plaintext goes.
pub(super) enum Output {
    /// Files of a stage.
    Files(Box<Files>),
    /// Memory that the caller empties between jobs.
    Memory(Vec<u8>),
}

/// The stage and the file that is being written.
pub(super) struct Files {
    stage: Stage,
    /// Whether the stage is one file instead of a directory.
    is_single: bool,
    /// Whether the first part of every path is the target itself.
    strips_top: bool,
    open: Option<StagedFile>,
    /// Bytes and files written since somebody asked.
    written: (u64, u64),
}

impl Files {
    /// Files of this stage.
    pub(super) fn new(stage: Stage, is_single: bool, strips_top: bool) -> Self {
        Self { stage, is_single, strips_top, open: None, written: (0, 0) }
    }

    /// Makes directories, remembers links and makes files without content.
    ///
    /// # Errors
    /// [`StageError`].
    pub(super) fn prepare(&mut self, manifest: &Manifest) -> Result<(), StageError> {
        for (position, entry) in manifest.entries.iter().enumerate() {
            let attributes = Attributes { mode: entry.mode, mtime_ns: Some(entry.mtime_ns) };
            let path = below_top(&entry.path, self.strips_top);
            match &entry.content {
                ManifestContent::File { size_bytes: 0, .. } => self.empty_file(manifest, position)?,
                ManifestContent::File { .. } => {}
                ManifestContent::Directory => match path {
                    Some(path) => self.stage.directory(&path, attributes)?,
                    None => self.stage.top(attributes),
                },
                ManifestContent::Symlink { target } => match path {
                    Some(path) => self.stage.link(&path, target, attributes),
                    None => return Err(StageError::Contradiction { path: entry.path.escaped() }),
                },
            }
        }
        Ok(())
    }

    /// The stage, when all files are written.
    pub(super) fn into_stage(self) -> Stage {
        self.stage
    }

    /// What the target will be, whatever its name.
    ///
    /// # Errors
    /// [`StageError::Io`].
    pub(super) fn identity(&self) -> Result<PlacedFile, StageError> {
        self.stage.identity()
    }

    /// Bytes and files written since the last call.
    pub(super) fn take_written(&mut self) -> (u64, u64) {
        std::mem::take(&mut self.written)
    }

    fn empty_file(&mut self, manifest: &Manifest, entry: usize) -> Result<(), StageError> {
        let file = self.begin(manifest, entry)?;
        self.written.1 += 1;
        file.map_or(Ok(()), |file| file.finish(self.is_single))
    }

    fn begin(&mut self, manifest: &Manifest, entry: usize) -> Result<Option<StagedFile>, StageError> {
        let Some(entry) = manifest.entries.get(entry) else { return Ok(None) };
        let attributes = Attributes { mode: entry.mode, mtime_ns: Some(entry.mtime_ns) };
        if self.is_single {
            return self.stage.single_file(attributes).map(Some);
        }
        match below_top(&entry.path, self.strips_top) {
            Some(path) => self.stage.file(&path, attributes).map(Some),
            None => Ok(None),
        }
    }

    fn take(&mut self, manifest: &Manifest, want: &Want, content: &[u8]) -> Result<(), StageError> {
        let mut file = match self.open.take() {
            Some(file) => file,
            None => match self.begin(manifest, want.entry)? {
                Some(file) => file,
                None => return Ok(()),
            },
        };
        file.append(content)?;
        self.written.0 += content.len() as u64;
        if want.ends_entry {
            self.written.1 += 1;
            return file.finish(self.is_single);
        }
        self.open = Some(file);
        Ok(())
    }
}

impl Output {
    /// Takes the next content.
    ///
    /// # Errors
    /// [`StageError`].
    pub(super) fn take(
        &mut self,
        manifest: &Manifest,
        want: &Want,
        content: &[u8],
    ) -> Result<(), StageError> {
        match self {
            Self::Files(files) => files.take(manifest, want, content),
            Self::Memory(memory) => {
                memory.extend_from_slice(content);
                Ok(())
            }
        }
    }
}

/// A path without its first part, where that is the target itself; none for the target.
fn below_top(path: &RelativePath, strips_top: bool) -> Option<RelativePath> {
    if !strips_top {
        return Some(path.clone());
    }
    path.as_str().split_once('/').and_then(|(_, below)| RelativePath::parse(below).ok())
}
