//! The control socket: JSON-RPC 2.0 over a local socket, server and client.
