//! A calendar that a test sets for one node.
//!
//! It is that of the Debian package `faketime`: a library loaded into the program, which reads the shift from a file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use layr_suites::Node;

/// The shift of a clock that is right.
pub(crate) const RIGHT: &str = "+0d";

/// A clock that a test sets.
pub(crate) struct WrongClock {
    shift: PathBuf,
}

impl WrongClock {
    /// Puts a clock into the node's next start.
    pub(crate) fn put_into(node: &mut Node, dir: &Path) -> Self {
        let clock = Self { shift: dir.join(format!("shift-of-{}", node.peer_id)) };
        clock.set(RIGHT);
        let preload = preload();
        node.layr = node.layr.with_environment(&[
            ("LD_PRELOAD", preload.as_ref()),
            ("FAKETIME_TIMESTAMP_FILE", clock.shift.as_os_str()),
            ("FAKETIME_NO_CACHE", OsStr::new("1")),
            // A wrong calendar is no wrong stopwatch, and does not change what is written on a disk.
            ("FAKETIME_DONT_FAKE_MONOTONIC", OsStr::new("1")),
            ("NO_FAKE_STAT", OsStr::new("1")),
        ]);
        restart(node);
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", node.pid().unwrap())).unwrap();
        assert!(maps.contains("libfaketime"), "the node runs by the machine's clock");
        clock
    }

    /// Sets it, at once for a node that runs.
    pub(crate) fn set(&self, shift: &str) {
        let new = self.shift.with_extension("new");
        std::fs::write(&new, format!("{shift}\n")).unwrap();
        std::fs::rename(new, &self.shift).unwrap();
    }
}

/// The library that the program `faketime` would load.
fn preload() -> String {
    let output = Command::new("faketime").args(["-m", "-f", RIGHT, "printenv", "LD_PRELOAD"]).output();
    let output = output.expect("this test needs the package faketime");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Cuts the power of a node, and starts it again.
pub(crate) fn restart(node: &mut Node) {
    node.kill();
    node.start(&[]);
}
