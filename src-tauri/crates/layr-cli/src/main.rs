//! The `layr` command.
fn main() {}
