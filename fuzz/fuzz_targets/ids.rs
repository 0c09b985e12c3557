//! Ids as text from a command line or a manifest.
#![no_main]

use layr_codec::{ChunkId, SegmentId, ShardRoot};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(id) = text.parse::<ChunkId>() {
        assert_eq!(id.to_string(), text);
    }
    if let Ok(id) = text.parse::<SegmentId>() {
        assert_eq!(id.to_string(), text);
    }
    if let Ok(root) = text.parse::<ShardRoot>() {
        assert_eq!(root.to_string(), text);
    }
});
