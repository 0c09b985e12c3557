//! File to chunks to segments to shards and back: pure functions over bytes.
