//! An encoded Merkle path from a host.
#![no_main]

use layr_proof::{Node, Path};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u64, &[u8])| {
    let (leaf_count, bytes) = input;
    if let Ok(path) = Path::decode(bytes) {
        assert_eq!(path.encode(), bytes);
        if let Ok(proven) = path.root(Node { hash: [0; 32], leaf_count }) {
            assert!(proven.first_leaf < proven.root.leaf_count);
        }
    }
});
