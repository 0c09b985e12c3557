//! Takes the pictures of the documentation from the real app on a real network.

use crate::shell::{Failure, no_arguments};
use crate::window;

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    no_arguments(rest)?;
    window::build_all(&[])?;
    window::node(&["tests/desktop/pictures.mjs"])?.run()
}
