//! What the library promises, tested from outside.
#![allow(missing_docs, reason = "tests")]

mod chunks;
mod clock;
mod crash;
mod golden;
mod hosts;
mod import;
mod journal;
mod kit;
mod layr_file;
mod listing;
mod manifest;
mod model;
mod names;
mod opening;
mod scale;
mod sources;
mod sweep;
mod trash;
