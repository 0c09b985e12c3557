//! The control socket: JSON-RPC 2.0, one JSON document a line, over a Unix socket (a named pipe on Windows) in the home
//! directory, mode 0600.
//!
//! The daemon and the desktop app serve it; the `layr` command is its client. While a call runs, the server may send
//! notifications that name it: `progress` with a [`layr_node::api::Progress`], `data` with bytes of a file. A client that
//! goes away cancels its calls: that is how Ctrl-C interrupts an upload, which a repeat then resumes.

mod client;
mod methods;
mod rpc;
mod server;
mod socket;

pub use client::{CallError, Client, ConnectError, Notification};
pub use methods::{
    AuditParams, DelegateIdParams, HostsParams, LinkParams, LsParams, MvParams, NameParams, NamesParams,
    NodeService, PathParams, ReadParams, RepairParams, RestoreParams, ShareParams, VerifyParams,
};
pub use server::{Answer, BindError, CallContext, ControlServer, Service};

/// Entry for a fuzz target: takes bytes from outside and must not panic.
#[doc(hidden)]
pub mod fuzz {
    pub use crate::rpc::fuzz_line as line;
}
