//! Writing past the page cache.
//!
//! A host stores far more than it serves, so bodies in the page cache only drive out what the machine's person works
//! with; and filling the cache costs more than the transfer itself: 0.3 to 2.8 CPU s/GiB against 0.3 when written
//! directly (256 files of 4 MiB, ext4 on a virtual disk).

use std::{
    fs::File,
    io::{self, Write as _},
    os::fd::AsFd as _,
    path::Path,
};

use rustix::{
    fs::{Advice, FallocateFlags, Mode, OFlags},
    io::Errno,
};

use super::DiskFile;
use crate::buffer::ALIGNMENT;

/// A file that is written directly as long as the writes allow it.
pub(super) struct DirectFile {
    file: File,
    is_direct: bool,
    has_its_space: bool,
}

impl DirectFile {
    /// Creates the file and has its space set aside in one piece: many small direct writes to several files at a
    /// time would scatter them, and a full disk is noticed before the first byte.
    pub(super) fn create(path: &Path, size_bytes: u64) -> io::Result<Self> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o644);
        let (fd, is_direct) = match rustix::fs::open(path, flags | OFlags::DIRECT, mode) {
            Err(Errno::INVAL | Errno::OPNOTSUPP) => (rustix::fs::open(path, flags, mode)?, false),
            opened => (opened?, true),
        };
        let has_its_space = match rustix::fs::fallocate(&fd, FallocateFlags::empty(), 0, size_bytes) {
            Ok(()) => true,
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => false,
            Err(error) => {
                // Nobody knows of the file yet, so that nobody else would remove it.
                drop(fd);
                std::fs::remove_file(path)?;
                return Err(error.into());
            }
        };
        Ok(Self { file: fd.into(), is_direct, has_its_space })
    }

    /// Goes on through the page cache: after an odd piece no later one would start at a multiple of the alignment.
    fn leave_direct(&mut self) -> io::Result<()> {
        self.is_direct = false;
        Ok(rustix::fs::fcntl_setfl(self.file.as_fd(), OFlags::empty())?)
    }

    /// Writes a whole number of blocks directly; answers what is left to write.
    fn write_direct<'a>(&mut self, bytes: &'a [u8]) -> io::Result<&'a [u8]> {
        let (blocks, odd) = bytes.split_at(bytes.len() - bytes.len() % ALIGNMENT);
        let mut left = blocks;
        while !left.is_empty() {
            match self.file.write(left) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written_bytes) => left = left.get(written_bytes..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Some file systems take the flag and refuse the write.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    return Ok(bytes.get(blocks.len() - left.len()..).unwrap_or_default());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(odd)
    }
}

/// Asks the system to drop what it has of a file in memory. Only advice: it may have reasons not to.
pub(super) fn forget_cached(file: &File) {
    if let Err(error) = rustix::fs::fadvise(file, 0, None, Advice::DontNeed) {
        tracing::debug!(%error, "the page cache keeps a body");
    }
}

impl DiskFile for DirectFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut left = bytes;
        if self.is_direct && bytes.as_ptr().align_offset(ALIGNMENT) == 0 {
            left = self.write_direct(bytes)?;
        }
        if left.is_empty() {
            return Ok(());
        }
        if self.is_direct {
            self.leave_direct()?;
        }
        self.file.write_all(left)
    }

    fn has_its_space(&self) -> bool {
        self.has_its_space
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{ALIGNMENT, DirectFile};
    use crate::{buffer::AlignedBuffer, disk::DiskFile as _};

    fn programs() -> PathBuf {
        std::env::current_exe().unwrap().parent().unwrap().to_owned()
    }

    fn bytes(len: usize) -> Vec<u8> {
        (0..len).map(|index| u8::try_from(index % 251).unwrap()).collect()
    }

    /// On the disk of the test programs, and in the directory of temporaries, which may be memory.
    fn check(writes: &[usize]) {
        for parent in [programs(), std::env::temp_dir()] {
            let dir = tempfile::tempdir_in(parent).unwrap();
            let path = dir.path().join("file");
            let all = bytes(writes.iter().sum());
            let mut file = DirectFile::create(&path, all.len() as u64).unwrap();
            let mut left = all.as_slice();
            for &len in writes {
                let mut buffer = AlignedBuffer::new(len);
                left = buffer.fill(left);
                file.write_all(buffer.bytes()).unwrap();
            }
            file.sync().unwrap();
            assert!(std::fs::read(&path).unwrap() == all, "writes of {writes:?}");
        }
    }

    #[test]
    fn writes_of_any_size_end_up_in_order() {
        check(&[64 * ALIGNMENT, 64 * ALIGNMENT]);
        check(&[1024]);
        check(&[64 * ALIGNMENT, ALIGNMENT + 1024]);
        check(&[3 * 1024, 8 * ALIGNMENT, 5]);
    }

    #[test]
    fn bytes_at_an_odd_place_are_written_too() {
        let dir = tempfile::tempdir_in(programs()).unwrap();
        let path = dir.path().join("file");
        let all = bytes(4 * ALIGNMENT);
        let mut file = DirectFile::create(&path, all.len() as u64).unwrap();
        let mut odd = vec![0; 1];
        odd.extend_from_slice(&all);
        file.write_all(&odd[1..]).unwrap();
        assert!(std::fs::read(&path).unwrap() == all);
    }
}
