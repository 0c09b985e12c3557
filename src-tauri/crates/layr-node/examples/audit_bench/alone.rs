//! One answer without the network: what it costs the host, and what it costs to judge it.

use std::time::{Duration, Instant};

use layr_codec::{MAX_SHARD_BYTES, ShardHasher, ShardRoot, leaf_nodes};
use layr_keys::OwnerId;
use layr_proof::{Node, Path, leaf_digest, root_of, subtree_path};
use layr_vault::{Vault, VaultConfig};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::process::{cpu_s, tell};
use crate::{LEAF_BYTES, READ_GOAL_BYTES};

/// Leaves that an owner may have to judge a second, on one core.
const JUDGED_GOAL: f64 = 5000.0;
/// Long enough for ticks of 10 ms.
const JUDGING: Duration = Duration::from_secs(3);
/// Answers judged over and over.
const ANSWERS: usize = 256;
/// Full shards of the vault, and how many leaves each proves, one at a time.
const SHARDS: u64 = 64;
const LEAVES_EACH: usize = 16;

/// A leaf and its path as they come over the line.
struct Answer {
    leaf: u64,
    bytes: Vec<u8>,
    path: Vec<u8>,
}

/// Leaves of a full shard verified a second, on one core.
pub(crate) fn judge_answers() {
    let (shard, mut generator) = (noise(MAX_SHARD_BYTES, 1), StdRng::seed_from_u64(2));
    let nodes = leaf_nodes(&shard);
    let root = root_of(&nodes).unwrap().unwrap();
    let answers: Vec<Answer> = std::iter::repeat_with(|| {
        let leaf = draw(&mut generator, nodes.len());
        let (_, path) = subtree_path(&nodes, leaf, 1).unwrap();
        let bytes = shard.chunks(layr_codec::LEAF_BYTES).nth(leaf).unwrap().to_vec();
        Answer { leaf: leaf as u64, bytes, path: path.encode() }
    })
    .take(ANSWERS)
    .collect();
    let (began, before) = (Instant::now(), cpu_s(std::process::id()));
    let mut judged = 0_u32;
    while began.elapsed() < JUDGING {
        for answer in &answers {
            assert!(is_proven(root, answer));
            judged += 1;
        }
    }
    let rate = f64::from(judged) / (cpu_s(std::process::id()) - before);
    tell("audit: leaves verified", "leaves/CPU s", rate, Some(JUDGED_GOAL));
}

/// The steps of the owner's judge, which is not public.
fn is_proven(root: Node, answer: &Answer) -> bool {
    answer.bytes.len() == layr_codec::LEAF_BYTES
        && Path::decode(&answer.path).is_ok_and(|path| {
            path.root(Node::leaf(leaf_digest(&answer.bytes)))
                .is_ok_and(|proven| proven.root == root && proven.first_leaf == answer.leaf)
        })
}

/// What a host reads and computes for one leaf of a full shard.
pub(crate) fn prove_leaves() {
    let dir = tempfile::Builder::new().prefix("layr-bench").tempdir().unwrap();
    let (vault, _) = Vault::open(&VaultConfig::new(dir.path().join("vault"), u64::MAX / 4, 0)).unwrap();
    let roots: Vec<ShardRoot> =
        (0..SHARDS).map(|number| store(&vault, &noise(MAX_SHARD_BYTES, number))).collect();
    let mut generator = StdRng::seed_from_u64(3);
    let (before, mut read_bytes) = (cpu_s(std::process::id()), 0);
    for _ in 0..LEAVES_EACH {
        for root in &roots {
            let leaf = draw(&mut generator, MAX_SHARD_BYTES / layr_codec::LEAF_BYTES);
            let proven = vault.prove_leaves(root, &[u32::try_from(leaf).unwrap()]).unwrap();
            assert_eq!(proven.proofs.len(), 1);
            read_bytes += proven.read_bytes;
        }
    }
    let leaves = (roots.len() * LEAVES_EACH) as f64;
    let cost_ms = (cpu_s(std::process::id()) - before) * 1000.0 / leaves;
    let beyond = read_bytes as f64 / leaves - LEAF_BYTES;
    tell("audit: a host reads beyond a leaf of 4 MiB", "bytes/leaf", beyond, Some(READ_GOAL_BYTES));
    tell("audit: a host proves a leaf of 4 MiB", "CPU ms/leaf", cost_ms, None);
}

fn store(vault: &Vault, bytes: &[u8]) -> ShardRoot {
    let mut hasher = ShardHasher::new();
    hasher.update(bytes);
    let root = ShardRoot::from(hasher.finish().unwrap().0);
    // The clock of a reservation, which ends before it could matter.
    let mut reservation = vault.reserve(OwnerId::from_bytes([1; 32]), bytes.len() as u64, 0, 600).unwrap();
    reservation.write(bytes).unwrap();
    reservation.commit(root).unwrap();
    root
}

fn noise(size_bytes: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; size_bytes];
    StdRng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

fn draw(generator: &mut StdRng, leaves: usize) -> usize {
    usize::try_from(generator.next_u64() % leaves as u64).unwrap()
}
