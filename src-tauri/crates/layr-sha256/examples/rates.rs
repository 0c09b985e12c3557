//! Prints what each kernel does on this CPU, in GB/s of one core. `cargo run --release -p layr-sha256 --example rates`
#![allow(clippy::cast_precision_loss, reason = "a rate for people")]

use std::hint::black_box;
use std::time::Instant;

use layr_sha256::{Kernel, Kernels, digest_many_with, hash_leaves_with, hmac_many_with};

const DATA_BYTES: usize = 640 * 1024;
const ROUNDS: usize = 300;

fn main() {
    let data = vec![0x5a_u8; DATA_BYTES];
    let nodes = vec![[7_u8; 81]; DATA_BYTES / 81];
    for best in [Kernel::Avx512, Kernel::ShaNi, Kernel::Avx2, Kernel::Sha2] {
        let kernels = Kernels::detect().limited_to(best);
        if kernels.best() != best {
            continue;
        }
        let leaves = best_rate(|digests| hash_leaves_with(kernels, black_box(&data), digests));
        let inner = best_rate(|digests| digest_many_with(kernels, black_box(&nodes), digests));
        println!("{best:?}: leaves {leaves:.2} GB/s, inner nodes {inner:.2} GB/s");
        for count in [1, 2, 3, 4, 7, 8, 12, 16] {
            let messages: Vec<&[u8]> = data.chunks_exact(DATA_BYTES / count).collect();
            let macs =
                best_rate(|digests| digests.extend(hmac_many_with(kernels, &[1; 32], black_box(&messages))));
            println!("{best:?}: {count} HMACs {macs:.2} GB/s");
        }
    }
}

/// The best of many short runs: others share the core, and a short run has a chance to be alone.
fn best_rate(mut work: impl FnMut(&mut Vec<[u8; 32]>)) -> f64 {
    let mut digests = Vec::new();
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        digests.clear();
        work(&mut digests);
        best = best.min(start.elapsed().as_secs_f64());
    }
    DATA_BYTES as f64 / best / 1e9
}
