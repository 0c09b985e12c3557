//! Homes behind routers, as network namespaces of this machine: which of them find a direct way to each other, and what
//! is left for those that do not. Needs root, iproute2 and nftables: `cargo xtask test --only nat`.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod homes;
mod hosts;
mod lab;
mod peer;

/// The program under test, as cargo built it for this target.
const PROGRAM: &str = env!("CARGO_BIN_EXE_layr");
