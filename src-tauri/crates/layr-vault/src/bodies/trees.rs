//! Leaf trees, in a directory of their own: everything that looks for files below `shards` finds shards only. None of them is
//! worth a failure, nor a sync.

use std::{
    fs::{self, File},
    io,
    path::PathBuf,
};

use layr_codec::ShardRoot;

use super::{BodyStore, Found, file_name, is_absent, parse_root};
use crate::error::StoreError;

impl BodyStore {
    /// Opens a tree of this length; `None` if there is no such one, or it can't be read.
    pub(crate) fn open_tree(&self, root: &ShardRoot, tree_bytes: u64) -> Option<File> {
        let file = self.disk.open(&self.tree(root)).ok()?;
        is_whole(file.metadata(), tree_bytes).then_some(file)
    }

    /// Whether a tree of this length is there.
    pub(crate) fn has_tree(&self, root: &ShardRoot, tree_bytes: u64) -> bool {
        is_whole(fs::metadata(self.tree(root)), tree_bytes)
    }

    /// Writes part of a tree. The rest of one that was not there is a hole.
    pub(crate) fn write_tree(
        &self,
        root: &ShardRoot,
        tree_bytes: u64,
        at_byte: u64,
        part: &[u8],
    ) -> Result<(), StoreError> {
        self.check_present()?;
        let path = self.tree(root);
        let written = match self.disk.write_part(&path, tree_bytes, at_byte, part) {
            Err(error) if is_absent(&error) => {
                self.create_tree_dirs(root)?;
                self.disk.write_part(&path, tree_bytes, at_byte, part)
            }
            written => written,
        };
        written.map_err(|error| self.fail("write", &path, error))
    }

    /// Removes a tree. Harmless when there is none; what can't be removed is removed at a later start.
    pub(crate) fn discard_tree(&self, root: &ShardRoot) {
        if let Err(error) = self.remove_file(&self.tree(root)) {
            tracing::debug!(%error, "a leaf tree is left for the next start");
        }
    }

    /// Trees whose roots start with this byte. By their names only: what is in them is found out when they are used.
    pub(crate) fn list_trees(&self, first_byte: u8) -> Result<Found<ShardRoot>, StoreError> {
        let mut found = Found { ours: Vec::new(), foreign: 0 };
        let dir = self.trees.join(format!("{first_byte:02x}"));
        let fail = |error| StoreError::io("list", &dir, error);
        let entries = match fs::read_dir(&dir) {
            Err(error) if is_absent(&error) => return Ok(found),
            entries => entries.map_err(fail)?,
        };
        for entry in entries {
            let root = parse_root(file_name(&entry.map_err(fail)?.path()));
            match root.filter(|root| root.as_bytes().first() == Some(&first_byte)) {
                Some(root) => found.ours.push(root),
                None => found.foreign += 1,
            }
        }
        Ok(found)
    }

    fn create_tree_dirs(&self, root: &ShardRoot) -> Result<(), StoreError> {
        for dir in [&self.trees, &self.tree_dir(root)] {
            match self.disk.create_dir(dir) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(self.fail("create", dir, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// One level of directories: trees are no more than bodies, and none has to be found by hand.
    fn tree_dir(&self, root: &ShardRoot) -> PathBuf {
        let [first, ..] = *root.as_bytes();
        self.trees.join(format!("{first:02x}"))
    }

    fn tree(&self, root: &ShardRoot) -> PathBuf {
        self.tree_dir(root).join(root.to_string())
    }
}

fn is_whole(metadata: io::Result<fs::Metadata>, tree_bytes: u64) -> bool {
    metadata.is_ok_and(|metadata| metadata.is_file() && metadata.len() == tree_bytes)
}
