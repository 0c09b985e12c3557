//! The use cases of a Layr node: upload, download, verify, hosting, discovery. One [`node::Node`] handle, one event
//! stream, no terminal and no window.
//!
//! The seam that matters most is [`net::Net`]: everything above it (placement, upload, download, the host's service)
//! runs the same over real libp2p and over the testkit's simulated network. Time and randomness are handed in as well
//! ([`clock::Clock`], [`clock::Entropy`]).

pub mod activity;
pub mod agreements;
pub mod api;
pub mod audit;
mod background;
pub mod bandwidth;
pub mod catalogue;
pub mod check;
pub mod client;
pub mod clock;
mod delegate;
pub mod discovery;
pub mod download;
pub mod durability;
pub mod error;
pub mod file_name;
pub mod home;
pub mod host;
pub mod identity;
mod letting_go;
mod look;
pub mod net;
pub mod network_file;
pub mod node;
pub mod offline;
pub mod operation;
pub mod owner;
pub mod queue;
pub mod remove;
pub mod repair;
pub mod reputation;
pub mod schedule;
pub mod seed;
pub mod share;
pub mod shutdown;
pub mod temporaries;
pub mod text;
pub mod threads;
pub mod upload;
pub mod verify;
pub mod wallet;
mod whole;
pub mod wire;
pub mod workers;
