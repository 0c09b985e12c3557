//! The calls by which bodies change the disk. A seam of its own, so that tests can fail, count and interrupt them.

#[cfg(target_os = "linux")]
mod direct;

use std::{
    fmt::Debug,
    fs::{self, File},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::Path,
};

/// What the body store does to a disk.
pub(crate) trait Disk: Debug + Send + Sync {
    /// Creates a file, or replaces one, for writing `size_bytes` bytes.
    fn create(&self, path: &Path, size_bytes: u64) -> io::Result<Box<dyn DiskFile>>;
    /// Renames a file, replacing what is there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Creates a directory whose parent exists.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Makes the entries of a directory survive a loss of power.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Opens a file for reading.
    fn open(&self, path: &Path) -> io::Result<File>;
    /// Opens a file to be read once, from the disk itself as far as the system allows: what it has in memory says
    /// nothing about the medium, and what is read once should not drive out what people work with.
    fn open_once(&self, path: &Path) -> io::Result<File> {
        let file = self.open(path)?;
        #[cfg(target_os = "linux")]
        direct::forget_cached(&file);
        Ok(file)
    }
    /// Writes part of a file of `size_bytes` bytes, which is made if it is not there. Not to be relied upon after a loss of power.
    fn write_part(&self, path: &Path, size_bytes: u64, at_byte: u64, bytes: &[u8]) -> io::Result<()>;
    /// Bytes that this process may still write.
    fn available_bytes(&self, path: &Path) -> io::Result<u64>;
}

/// A file that is being written.
pub(crate) trait DiskFile: Send + Sync {
    /// Appends. Cheapest from [`AlignedBuffer`](crate::buffer::AlignedBuffer), in multiples of its alignment.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Whether the space for the whole file is taken from the disk already.
    fn has_its_space(&self) -> bool;
    /// Makes contents and size survive a loss of power.
    fn sync(&mut self) -> io::Result<()>;
}

/// The operating system's file systems.
#[derive(Debug)]
pub(crate) struct RealDisk;

impl Disk for RealDisk {
    #[cfg(target_os = "linux")]
    fn create(&self, path: &Path, size_bytes: u64) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(direct::DirectFile::create(path, size_bytes)?))
    }

    #[cfg(not(target_os = "linux"))]
    fn create(&self, path: &Path, _size_bytes: u64) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File::create(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    #[cfg(unix)]
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    /// NTFS journals its directories and has no call to sync one.
    #[cfg(not(unix))]
    fn sync_dir(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        File::open(path)
    }

    fn write_part(&self, path: &Path, size_bytes: u64, at_byte: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::options().create(true).truncate(false).write(true).open(path)?;
        if file.metadata()?.len() != size_bytes {
            file.set_len(size_bytes)?;
        }
        file.seek(SeekFrom::Start(at_byte))?;
        file.write_all(bytes)
    }

    fn available_bytes(&self, path: &Path) -> io::Result<u64> {
        fs4::available_space(path)
    }
}

#[cfg(not(target_os = "linux"))]
impl DiskFile for File {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::Write::write_all(self, bytes)
    }

    fn has_its_space(&self) -> bool {
        false
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}
