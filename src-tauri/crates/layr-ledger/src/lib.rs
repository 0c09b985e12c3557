//! Stellar over its RPC.
