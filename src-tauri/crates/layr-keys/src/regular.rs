//! Opening what must be a file, whatever somebody put under its name.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// What becomes of a name that is a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// What it leads to is opened.
    Follow,
    /// It is an error, where the system can tell.
    Refuse,
}

/// Opens a regular file for reading without waiting for anybody: a pipe under its name would keep the thread for ever.
///
/// # Errors
/// What the system says; [`io::ErrorKind::InvalidInput`] for anything that is no regular file.
pub fn open_regular(path: &Path, links: Links) -> io::Result<(File, Metadata)> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let refusal = if links == Links::Refuse { OFlags::NOFOLLOW } else { OFlags::empty() };
        options.custom_flags(i32::try_from((OFlags::NONBLOCK | refusal).bits()).unwrap_or(0));
    }
    #[cfg(not(unix))]
    let _ = links;
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    Ok((file, metadata))
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{ErrorKind, Read};
    use std::os::unix::fs::symlink;

    use super::{Links, open_regular};

    #[test]
    fn only_a_file_is_opened_and_a_link_to_one_where_that_is_wanted() {
        let dir = tempfile::tempdir().unwrap();
        let [file, link, pipe] = ["file", "link", "pipe"].map(|name| dir.path().join(name));
        std::fs::write(&file, "words").unwrap();
        symlink(&file, &link).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
        for (path, links) in [(&file, Links::Refuse), (&file, Links::Follow), (&link, Links::Follow)] {
            let (mut opened, metadata) = open_regular(path, links).unwrap();
            let mut text = String::new();
            opened.read_to_string(&mut text).unwrap();
            assert_eq!((text.as_str(), metadata.len()), ("words", 5));
        }
        assert!(open_regular(&link, Links::Refuse).is_err());
        for path in [&pipe, &dir.path().to_path_buf()] {
            assert_eq!(open_regular(path, Links::Follow).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }
}
