//! Years of a network's life in one process.

use std::path::Path;

use crate::layout;
use crate::shell::{Failure, Program};

/// Memory that is a directory: a year writes some GiB of library, each change of it synced.
const MEMORY: &str = "/dev/shm";

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    let args =
        ["run", "--quiet", "--release", "--locked", "-p", "layr-testkit", "--example", "simulate", "--"];
    let simulation = Program::cargo().args(args).args(rest).dir(layout::root());
    if Path::new(MEMORY).is_dir() { simulation.env("TMPDIR", MEMORY) } else { simulation }.run()
}
