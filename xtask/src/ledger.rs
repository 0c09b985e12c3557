//! The official JavaScript SDK against the local ledger, as a process.

use crate::shell::Failure;
use crate::{layout, tools, window};

/// Runs it on the program that the build step made.
pub(crate) fn test() -> Result<(), Failure> {
    window::install_page()?;
    window::build_with_tests()?;
    let dir = layout::root().join("tests/ledger");
    window::install_packages(&dir)?;
    tools::npm(&["run", "--silent", "test"])?
        .env("LAYR_BIN", layout::program("debug", "layr"))
        .dir(&dir)
        .run()
}
