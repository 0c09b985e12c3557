//! Measures what storing and reading shards costs a host, without the network. Prints one JSON object a line:
//! figure, unit, value, goal. Run with `--release`; argument: GiB to store (default 1), directory (default: a
//! temporary one in the current directory, so that it is a disk and not memory that is measured).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot be made must stop, and its figures need no 53 bits"
)]

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use layr_codec::{ShardHasher, ShardRoot};
use layr_keys::OwnerId;
use layr_vault::{Vault, VaultConfig};

const SHARD_BYTES: usize = 4 << 20;
/// What a stream hands over at a time.
const WRITE_BYTES: usize = 256 * 1024;
const GIB: f64 = (1u64 << 30) as f64;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let gib: usize = arguments.next().map_or(1, |text| text.parse().expect("GiB to store"));
    let parent = arguments.next().map_or_else(|| PathBuf::from("."), PathBuf::from);
    let shards = gib * 256;
    let roots: Vec<ShardRoot> = {
        let mut buffer = random_shard();
        (0..shards).map(|number| root_of(shard(&mut buffer, number))).collect()
    };
    for threads in [1, 4] {
        let home = tempfile::tempdir_in(&parent).unwrap();
        run(home.path(), &roots, threads);
    }
}

fn run(home: &Path, roots: &[ShardRoot], threads: usize) {
    let (vault, _) = Vault::open(&VaultConfig::new(home.join("vault"), u64::MAX / 4, 0)).unwrap();
    let stored_gib = (roots.len() * SHARD_BYTES) as f64 / GIB;
    // Filling the buffer is the stream's work, not the vault's: measured by itself and taken off.
    let fill = measure(|| each(roots, threads, |_, _| ()));
    let store = measure(|| each(roots, threads, |number, bytes| put(&vault, number, roots, bytes)));
    report(
        &format!("vault_store_cpu_{threads}_threads"),
        "s/GiB",
        (store.0 - fill.0) / stored_gib,
        Some(1.5),
    );
    report(
        &format!("vault_store_rate_{threads}_threads"),
        "MiB/s",
        stored_gib * 1024.0 / (store.1 - fill.1),
        None,
    );
    let read = measure(|| each_index(roots.len(), threads, |number| get(&vault, &roots[number])));
    report(&format!("vault_read_cpu_{threads}_threads"), "s/GiB", read.0 / stored_gib, Some(0.5));
    let prove = measure(|| each_index(roots.len(), threads, |number| prove(&vault, &roots[number])));
    report(
        &format!("vault_prove_cpu_{threads}_threads"),
        "ms/answer",
        prove.0 * 1e3 / roots.len() as f64,
        None,
    );
    let scrub = measure(|| {
        let report = vault.scrub_next(u64::MAX, now_unix_s()).unwrap();
        assert_eq!(report.bodies_checked, roots.len().min(4096) as u64);
    });
    report(&format!("vault_scrub_cpu_{threads}_threads"), "s/GiB", scrub.0 / stored_gib, None);
    assert!(vault.check_ledger().unwrap().is_equal());
    drop(vault);
    let reopen =
        measure(|| drop(Vault::open(&VaultConfig::new(home.join("vault"), u64::MAX / 4, 0)).unwrap()));
    report(&format!("vault_open_{threads}_threads"), "s", reopen.1, None);
    report("vault_peak_resident", "MiB", peak_resident_mib(), Some(64.0));
}

fn put(vault: &Vault, number: usize, roots: &[ShardRoot], bytes: &[u8]) {
    let now = now_unix_s();
    let owner = OwnerId::from_bytes([u8::try_from(number % 4).unwrap(); 32]);
    let mut reservation = vault.reserve(owner, SHARD_BYTES as u64, now, now + 600).unwrap();
    for part in bytes.chunks(WRITE_BYTES) {
        reservation.write(part).unwrap();
    }
    reservation.commit(roots[number]).unwrap();
}

fn get(vault: &Vault, root: &ShardRoot) {
    let mut reader = vault.reader(root).unwrap();
    let mut bytes = Vec::with_capacity(WRITE_BYTES);
    for start in (0..SHARD_BYTES as u64).step_by(WRITE_BYTES) {
        bytes.clear();
        reader.read_into(start..start + WRITE_BYTES as u64, &mut bytes).unwrap();
    }
}

fn prove(vault: &Vault, root: &ShardRoot) {
    let proofs = vault.prove_pieces(root, 17, 1).unwrap();
    assert_eq!(proofs[0].path.root(proofs[0].node).unwrap().root.hash, *root.as_bytes());
}

/// Runs over all shards in threads, each with a buffer of its own.
fn each(roots: &[ShardRoot], threads: usize, run: impl Fn(usize, &[u8]) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut buffer = random_shard();
                while let Some(number) = take(&next, roots.len()) {
                    run(number, shard(&mut buffer, number));
                }
            });
        }
    });
}

fn each_index(count: usize, threads: usize, run: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(number) = take(&next, count) {
                    run(number);
                }
            });
        }
    });
}

fn take(next: &AtomicUsize, end: usize) -> Option<usize> {
    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&number| number < end)
}

fn random_shard() -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .take(SHARD_BYTES / 8)
    .flatten()
    .collect()
}

/// The same bytes with another start: another root at no cost.
fn shard(buffer: &mut [u8], number: usize) -> &[u8] {
    buffer[..8].copy_from_slice(&(number as u64).to_le_bytes());
    buffer
}

fn root_of(bytes: &[u8]) -> ShardRoot {
    let mut hasher = ShardHasher::new();
    hasher.update(bytes);
    hasher.finish().unwrap().0.into()
}

/// CPU seconds of the process, user and system, and wall seconds.
fn measure(run: impl FnOnce()) -> (f64, f64) {
    let (cpu, start) = (cpu_s(), Instant::now());
    run();
    (cpu_s() - cpu, start.elapsed().as_secs_f64())
}

/// Linux: ticks of 10 ms.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

fn peak_resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn now_unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn report(figure: &str, unit: &str, value: f64, goal: Option<f64>) {
    let goal = goal.map_or("null".to_owned(), |goal| goal.to_string());
    println!(r#"{{"figure":"{figure}","unit":"{unit}","value":{value:.3},"goal":{goal}}}"#);
}
