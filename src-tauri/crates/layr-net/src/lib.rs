//! The only crate that knows libp2p: swarm task, streams, records, limits.
