//! Hosts that would be paid for less than they promise, and what holds against each. Those whose lies a proof gives away are in
//! `audit.rs`; what no protocol can tell apart is here, with what it does cost.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use layr_codec::{CodecSecrets, Profile, SegmentBlindKey, ShardRebuilder, ShardRoot};
use layr_node::api::{
    CheckReport, CheckResult, PartEventKind, PutRequest, Reputation, SegmentInfo, ShardInfo,
};
use layr_node::audit::Leaves;
use layr_node::operation::OperationKind;
use layr_node::repair::When;
use layr_proof::{Node, leaf_digest, root_of};
use layr_testkit::{Failure, Lie, SimNode};

use crate::scene::{GIB, Scene, noise, request};

async fn audit(scene: &Scene) -> CheckReport {
    let operation = scene.owner.operation(OperationKind::Audit, "test");
    scene.owner.audit(Vec::new(), Leaves::Each(4), &operation).await.unwrap()
}

/// What came out at a host that holds one shard.
fn result(report: &CheckReport, host: &SimNode) -> CheckResult {
    let peer = host.peer().to_string();
    report.shards.iter().find(|shard| shard.host == peer).unwrap().result
}

async fn put(scene: &Scene, content: &[u8], redundancy: (u8, u8)) {
    let path = scene.write("file", content);
    scene.put_with(PutRequest { redundancy: Some(redundancy), ..request(&[&path]) }).await.unwrap();
}

async fn segment(scene: &Scene) -> SegmentInfo {
    scene.owner.info("file").await.unwrap().segments.swap_remove(0)
}

/// The bytes of a shard, from the disk of its host.
fn body(scene: &Scene, shard: &ShardInfo) -> Vec<u8> {
    let root = shard.root.as_ref().unwrap();
    let host = &scene.hosts[scene.host(&shard.host.as_ref().unwrap().parse().unwrap())];
    std::fs::read(body_at(host.home(), root)).unwrap()
}

fn body_at(home: &Path, root: &str) -> PathBuf {
    home.join("vault/shards").join(&root[..2]).join(&root[2..4]).join(root)
}

fn root_of_shard(bytes: &[u8]) -> ShardRoot {
    let leaves: Vec<Node> =
        bytes.chunks(1024).map(|leaf| Node { hash: leaf_digest(leaf), leaf_count: 1 }).collect();
    ShardRoot::from_bytes(root_of(&leaves).unwrap().unwrap().hash)
}

/// A host that has its shards lie at another and fetches what it is asked for. Nothing tells it from an honest one; but the bytes are
/// somewhere, once, and are gone for it when they are gone there.
#[tokio::test(start_paused = true)]
async fn whoever_stores_elsewhere_and_relays_has_bytes_that_somebody_keeps() {
    let mut scene = Scene::new(950, 6).await;
    let mut keeper = scene.network.add_host(GIB).await;
    // No host of the owner's: it cannot be reached but through its friend.
    scene.network.net().set_pair_cut(scene.owner.peer(), keeper.peer(), true);
    scene.network.relay(&scene.hosts[0], &keeper);
    let content = noise(950, 300_000);
    put(&scene, &content, (2, 6)).await;
    assert_eq!(audit(&scene).await.passed, 6, "it has all the proofs that its friend has");
    let (relay, shards) = (scene.hosts[0].peer().to_string(), segment(&scene).await.shards);
    let of_relay = shards.iter().find(|shard| shard.host.as_ref() == Some(&relay)).unwrap();
    let at_keeper = body_at(keeper.home(), of_relay.root.as_ref().unwrap());
    assert!(scene.bodies(0).is_empty() && at_keeper.exists(), "the bytes are at one place");

    scene.network.kill(&mut keeper).await;
    let report = audit(&scene).await;
    assert_eq!((report.passed, result(&report, &scene.hosts[0])), (5, CheckResult::Unreachable));
    scene.network.revive(&mut keeper).await;
    assert_eq!(audit(&scene).await.passed, 6);
    std::fs::remove_file(at_keeper).unwrap();
    let report = audit(&scene).await;
    assert_eq!((report.passed, result(&report, &scene.hosts[0])), (5, CheckResult::Missing));
    scene.comes_back("file", &content).await;
}

/// Of a file that is only mirrored each host has other bytes: who dropped its shard finds it nowhere else to fetch it from, and one
/// stored shard cannot be shown by two.
#[tokio::test(start_paused = true)]
async fn whoever_drops_its_shard_finds_nobody_to_fetch_it_from() {
    let scene = Scene::new(951, 3).await;
    put(&scene, &noise(951, 300_000), (1, 3)).await;
    let shards = segment(&scene).await.shards;
    let bodies: BTreeSet<Vec<u8>> = shards.iter().map(|shard| body(&scene, shard)).collect();
    assert_eq!(bodies.len(), 3, "mirrors are blinded as well");
    let dropped = scene.bodies(0).swap_remove(0);
    std::fs::remove_file(dropped).unwrap();
    scene.network.relay(&scene.hosts[0], &scene.hosts[1]);
    let report = audit(&scene).await;
    assert_eq!((report.passed, report.failed), (2, 1));
    assert_eq!(result(&report, &scene.hosts[0]), CheckResult::Missing);
}

/// One operator behind k hosts has all that the owner rebuilds a shard from, but for the blind key.
#[tokio::test(start_paused = true)]
async fn an_operator_with_k_shards_cannot_make_one_that_it_dropped() {
    let scene = Scene::new(952, 6).await;
    put(&scene, &noise(952, 300_000), (2, 6)).await;
    let segment = segment(&scene).await;
    let pieces: Vec<(u8, Vec<u8>)> =
        [1_u8, 4].map(|index| (index, body(&scene, &segment.shards[usize::from(index)]))).into();
    let rebuilt = |key: &SegmentBlindKey| {
        let profile = Profile::new(segment.k, segment.n).unwrap();
        let len_bytes = (pieces[0].1.len() * usize::from(segment.k)) as u64;
        let mut rebuilder = ShardRebuilder::new(profile, key, len_bytes, &[0]).unwrap();
        let (mut bytes, mut at) = (Vec::new(), 0);
        for stripe in 0..rebuilder.layout().stripes() {
            let end = at + rebuilder.layout().piece_bytes(stripe);
            let parts: Vec<(u8, &[u8])> =
                pieces.iter().map(|(index, bytes)| (*index, &bytes[at..end])).collect();
            rebuilder.rebuild_stripe(stripe, &parts, &mut bytes).unwrap();
            at = end;
        }
        root_of_shard(&bytes).to_string()
    };
    let lost = segment.shards[0].root.clone().unwrap();
    let key = |blind_secret| {
        let (other, chunker_seed) = ([0; 32], 0);
        CodecSecrets { chunk_id_key: other, chunk_key_secret: other, blind_secret, chunker_seed }
            .segment_blind_key(&segment.id.parse().unwrap())
    };
    let owners = *scene.owner.owner_keys().blind_secret();
    assert_eq!(rebuilt(&key(owners)), lost, "with the key any k shards suffice");
    assert_ne!(rebuilt(&key([0; 32])), lost);
}

/// Twenty names in one network against ten hosts elsewhere: all of them may end at once.
#[tokio::test(start_paused = true)]
async fn one_operator_with_many_names_takes_no_file_with_it() {
    let mut scene = Scene::new(953, 30).await;
    for (number, host) in scene.hosts.iter_mut().enumerate() {
        let (network, last) = if number < 20 { (100, number) } else { (number, 1) };
        let address = format!("/ip4/203.0.{network}.{last}/tcp/4001");
        scene.network.net().move_to_new_address(host.peer(), &address);
        // Its offer says so from its next start on.
        scene.network.kill(host).await;
        scene.network.revive(host).await;
    }
    for file in 0..4 {
        let path = scene.write(&format!("f{file}"), &noise(953 + file, 200_000));
        scene.put_with(PutRequest { redundancy: Some((4, 12)), ..request(&[&path]) }).await.unwrap();
    }
    for file in 0..4 {
        let hosts = scene.shards(&format!("f{file}")).await;
        let of_operator = hosts.values().filter(|host| **host < 20).count();
        assert!(of_operator <= 4, "half of the parity, not {of_operator}");
    }
    for host in &scene.hosts[..20] {
        scene.network.net().fail(host.peer(), Failure::Silent);
    }
    for file in 0..4 {
        scene.comes_back(&format!("f{file}"), &noise(953 + file, 200_000)).await;
    }
}

/// A host has no word for another's shards. What it can do is to spoil what is made with its own, in a download and in a repair, so
/// that the others seem to be wrong.
#[tokio::test(start_paused = true)]
async fn whoever_spoils_what_is_made_with_its_neighbours_shards_is_blamed_alone() {
    let scene = Scene::new(954, 12).await;
    let content = noise(954, 300_000);
    put(&scene, &content, (4, 9)).await;
    let held: Vec<usize> = scene.shards("file").await.into_values().collect();
    let (gone, liars) = (held[0], &held[1..4]);
    scene.network.lie(&scene.hosts[gone], Lie::Denies);
    audit(&scene).await;
    for liar in liars {
        scene.network.lie(&scene.hosts[*liar], Lie::WrongBytes);
    }
    let operation = scene.owner.operation(OperationKind::Repair, "test");
    scene.owner.repair(Vec::new(), When::Now, &operation).await.unwrap();
    scene.comes_back("file", &content).await;
    let guilty: BTreeSet<String> =
        held[..4].iter().map(|host| scene.hosts[*host].peer().to_string()).collect();
    let info = scene.owner.info("file").await.unwrap();
    let failures = info
        .history
        .events
        .iter()
        .filter(|event| !matches!(event.event, PartEventKind::Renewed | PartEventKind::Moved));
    let blamed: BTreeSet<String> = failures.map(|event| event.host.clone()).collect();
    assert!(blamed.len() > 1 && blamed.is_subset(&guilty), "{blamed:?} of {guilty:?}");
    let hosts = scene.owner.hosts(false).await.unwrap().hosts;
    let honest = hosts.iter().filter(|host| !guilty.contains(&host.peer_id));
    assert!(honest.clone().all(|host| host.reputation != Reputation::Poor), "{hosts:?}");
    assert!(honest.clone().all(|host| host.score.is_none_or(|score| score >= 0.5)), "{hosts:?}");
}
