//! File systems in memory. Needs root, as CI has.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A tmpfs of a given size, beside the disk that the test runs on; unmounted when dropped.
pub(crate) struct MemoryDisk(PathBuf);

impl MemoryDisk {
    pub(crate) fn mount(at: &Path, size_mib: usize) -> Self {
        std::fs::create_dir_all(at).unwrap();
        let options = format!("size={size_mib}m,mode=0700");
        let status =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at).status().unwrap();
        assert!(status.success(), "this test mounts a file system in memory and needs root for it");
        Self(at.to_path_buf())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Takes all that is left.
    pub(crate) fn fill(&self) -> PathBuf {
        let filler = self.0.join("filler");
        let block = vec![1_u8; 64 * 1024];
        let mut file = std::fs::File::create(&filler).unwrap();
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
        filler
    }
}

impl Drop for MemoryDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
