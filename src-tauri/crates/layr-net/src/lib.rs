//! The network of a node: connections, streams, records and discovery over libp2p, which no other crate knows.
//!
//! One task ([`driver`]) owns the swarm. [`Net`] is the handle to it: it speaks commands and events, and opens streams
//! straight on the connection's task, without a detour over the swarm. Everything that a peer can make this node hold is
//! bounded ([`Limits`]).

mod address;
mod behaviour;
mod bootstrap;
mod candidates;
mod config;
mod contacts;
mod dial;
mod driver;
mod error;
mod event;
mod identity;
mod meter;
mod net;
mod protocol;
mod records;
mod routing;
#[cfg(test)]
mod samples;
mod stream;
mod transport;

pub use config::{Limits, NetConfig, RelayLimits, Role, is_network_name};
pub use contacts::PeerContact;
pub use error::{OpenError, RecordError, StartError};
pub use event::{NetEvent, NetStatus, Reachability};
pub use meter::{Meter, Pacing, Rates};
pub use net::{Inbound, Net};
pub use protocol::{SHARD, StreamName};
pub use stream::registry::Route;
pub use stream::{InboundStream, NetStream};

/// Entries for fuzz targets: each takes bytes from outside and must neither panic nor grow without bound.
#[doc(hidden)]
pub mod fuzz {
    pub use crate::address::fuzz_claims as claims;
    pub use crate::contacts::fuzz_saved as saved_peers;
    pub use crate::records::disk::fuzz_decode as records_file;
    pub use crate::records::fuzz_value as record_value;
}
