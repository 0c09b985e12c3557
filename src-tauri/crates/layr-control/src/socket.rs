//! Where the socket of a home lies.

use std::io;
use std::path::Path;

use interprocess::local_socket::{GenericFilePath, Name, ToFsName};

/// Longest path that a Unix socket address holds, less its closing zero (unix(7)).
const MAX_SOCKET_PATH_BYTES: usize = 107;

/// The socket's name for the operating system.
///
/// # Errors
/// The path is too long for a socket address.
pub(crate) fn name(path: &Path) -> io::Result<Name<'static>> {
    let length = path.as_os_str().len();
    if cfg!(unix) && length > MAX_SOCKET_PATH_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "its path has {length} bytes and a socket path holds {MAX_SOCKET_PATH_BYTES}; choose a home with a shorter path"
            ),
        ));
    }
    os_name(path)
}

#[cfg(not(windows))]
fn os_name(path: &Path) -> io::Result<Name<'static>> {
    path.to_path_buf().to_fs_name::<GenericFilePath>()
}

#[cfg(windows)]
fn os_name(path: &Path) -> io::Result<Name<'static>> {
    // A pipe has no place in the file system: its name carries the home's path instead.
    let flat: String =
        path.display().to_string().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    format!(r"\\.\pipe\layr-{flat}").to_fs_name::<GenericFilePath>()
}
