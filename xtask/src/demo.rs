//! The main job in the terminal.

use crate::debian;
use crate::layout;
use crate::shell::{Failure, Program, section};

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    debian::install(debian::TERMINAL)?;
    section("build");
    Program::cargo().args(["build", "--locked", "-p", "layr-cli"]).dir(layout::root()).run()?;
    section("demo");
    Program::new(layout::program("debug", "layr")).args(["demo"]).args(rest).dir(layout::root()).run()
}
