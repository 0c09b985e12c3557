//! A calendar that a test sets for one node.
//!
//! It is that of the Debian package `libfaketime`: a library loaded into the program, which reads the shift from a file. The program
//! `faketime` around it is not used: it refuses to work where a killed process of the same number left its shared memory.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use layr_suites::Node;

/// The shift of a clock that is right.
pub(crate) const RIGHT: &str = "+0d";

/// The library, in the words of the loader.
const LIBRARY: &str = "/usr/$LIB/faketime/libfaketimeMT.so.1";

const SHARED_MEMORY: &str = "/dev/shm";

/// A clock that a test sets.
pub(crate) struct WrongClock {
    shift: PathBuf,
}

impl WrongClock {
    /// Puts a clock into the node's next start.
    pub(crate) fn put_into(node: &mut Node, dir: &Path) -> Self {
        let clock = Self { shift: dir.join(format!("shift-of-{}", node.peer_id)) };
        clock.set(RIGHT);
        node.layr = node.layr.with_environment(&[
            ("LD_PRELOAD", OsStr::new(LIBRARY)),
            ("FAKETIME_TIMESTAMP_FILE", clock.shift.as_os_str()),
            ("FAKETIME_NO_CACHE", OsStr::new("1")),
            // A wrong calendar is no wrong stopwatch, and does not change what is written on a disk.
            ("FAKETIME_DONT_FAKE_MONOTONIC", OsStr::new("1")),
            ("NO_FAKE_STAT", OsStr::new("1")),
        ]);
        restart(node);
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", node.pid().unwrap())).unwrap();
        assert!(maps.contains("libfaketime"), "the node runs by the machine's clock: this test needs the package libfaketime");
        clock
    }

    /// Sets it, at once for a node that runs.
    pub(crate) fn set(&self, shift: &str) {
        let new = self.shift.with_extension("new");
        std::fs::write(&new, format!("{shift}\n")).unwrap();
        std::fs::rename(new, &self.shift).unwrap();
    }
}

impl Drop for WrongClock {
    /// A process that is killed leaves the library's shared memory behind, named after a process number that comes again.
    fn drop(&mut self) {
        for entry in std::fs::read_dir(SHARED_MEMORY).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let process = name.strip_prefix("sem.faketime_sem_").or_else(|| name.strip_prefix("faketime_shm_"));
            if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// Cuts the power of a node, and starts it again.
pub(crate) fn restart(node: &mut Node) {
    node.kill();
    node.start(&[]);
}
