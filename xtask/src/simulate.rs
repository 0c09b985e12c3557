//! Years of a network's life in one process.

use crate::layout;
use crate::shell::{Failure, Program};

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    let args =
        ["run", "--quiet", "--release", "--locked", "-p", "layr-testkit", "--example", "simulate", "--"];
    Program::cargo().args(args).args(rest).dir(layout::root()).run()
}
