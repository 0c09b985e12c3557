//! Hosts that answer wrongly: detected, named, worked around.

use layr_node::api::ShardState;
use layr_node::error::ErrorCode;
use layr_testkit::Lie;

use crate::scene::{MIB, Scene, noise};

async fn get_from_liars(seed: u64, lie: Lie, liars: &[usize]) -> (Scene, Vec<u8>, String) {
    let scene = Scene::new(seed, 12).await;
    let content = noise(seed, 9 * MIB + 777);
    let path = scene.write("big", &content);
    scene.put(&[&path]).await.unwrap();
    // The hosts of the data shards: those that a download asks first.
    let shards = scene.shards("big").await;
    let by_index = |wanted: usize| {
        shards.iter().find(|((_, index), _)| *index as usize == wanted).map(|(_, host)| *host)
    };
    for index in liars {
        scene.network.lie(&scene.hosts[by_index(*index).unwrap()], lie);
    }
    let report = scene.get("big", &scene.path("back")).await;
    let outcome = match report {
        Ok(_) => "ok".to_owned(),
        Err(error) => format!("{:?}", error.code),
    };
    (scene, content, outcome)
}

async fn states(scene: &Scene, wanted: ShardState) -> usize {
    let info = scene.owner.info("big").await.unwrap();
    info.segments.iter().flat_map(|segment| &segment.shards).filter(|shard| shard.state == wanted).count()
}

async fn is_worked_around(seed: u64, lie: Lie, expected: ShardState) {
    let (scene, content, outcome) = get_from_liars(seed, lie, &[0, 2, 3]).await;
    assert_eq!(outcome, "ok", "{lie:?}");
    assert!(std::fs::read(scene.path("back")).unwrap() == content, "{lie:?}");
    assert_eq!(states(&scene, expected).await, 3, "{lie:?}: {:?}", scene.owner.info("big").await.unwrap());
    assert_eq!(states(&scene, ShardState::Healthy).await, 9, "{lie:?} cost an honest host its name");
}

#[tokio::test(start_paused = true)]
async fn wrong_bytes() {
    is_worked_around(40, Lie::WrongBytes, ShardState::Corrupt).await;
}

#[tokio::test(start_paused = true)]
async fn truncated_bytes() {
    is_worked_around(41, Lie::Truncated, ShardState::Corrupt).await;
}

#[tokio::test(start_paused = true)]
async fn another_shard() {
    is_worked_around(42, Lie::OtherShard, ShardState::Corrupt).await;
}

#[tokio::test(start_paused = true)]
async fn silence() {
    let (scene, content, outcome) = get_from_liars(43, Lie::Silence, &[0, 2, 3]).await;
    assert_eq!(outcome, "ok");
    assert!(std::fs::read(scene.path("back")).unwrap() == content);
}

#[tokio::test(start_paused = true)]
async fn denial() {
    is_worked_around(44, Lie::Denies, ShardState::Missing).await;
}

#[tokio::test(start_paused = true)]
async fn false_proofs() {
    is_worked_around(45, Lie::FalseProofs, ShardState::Corrupt).await;
}

#[tokio::test(start_paused = true)]
async fn garbage_instead_of_an_answer() {
    is_worked_around(46, Lie::Garbage, ShardState::Corrupt).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_lies_only_where_no_proof_is_asked_for_is_asked_last() {
    let scene = Scene::new(48, 12).await;
    let content = noise(48, 14 * MIB);
    let path = scene.write("big", &content);
    scene.put(&[&path]).await.unwrap();
    let shards = scene.shards("big").await;
    let liar = &scene.hosts[*shards.values().next().unwrap()];
    scene.network.lie(liar, Lie::TwoFaced);
    let calls = || scene.network.net().calls_to(liar.peer());
    let before = calls();
    scene.get("big", &scene.path("back")).await.unwrap();
    assert!(std::fs::read(scene.path("back")).unwrap() == content);
    // Each wrong chunk costs it two calls, and there are a dozen.
    assert!((2..=7).contains(&(calls() - before)), "{} calls", calls() - before);
    assert_eq!(states(&scene, ShardState::Corrupt).await, 0, "nothing was proven");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_spoils_uploads_is_passed_over() {
    let scene = Scene::new(49, 13).await;
    scene.network.lie(&scene.hosts[3], Lie::SpoilsUploads);
    let path = scene.write("big", &noise(49, 110 * MIB));
    let before = scene.network.net().calls_to(scene.hosts[3].peer());
    let report = scene.put(&[&path]).await.unwrap();
    assert_eq!(report.files[0].health.alive, 12);
    let calls = scene.network.net().calls_to(scene.hosts[3].peer()) - before;
    // Its offer, and the segments that were on their way at once: not each of seven, twice.
    assert!(calls <= 4, "{calls} calls");
}

#[tokio::test(start_paused = true)]
async fn too_many_liars_are_an_error_and_write_nothing() {
    let (scene, _, outcome) = get_from_liars(47, Lie::WrongBytes, &[0, 1, 2, 3, 4, 5, 6, 7, 8]).await;
    assert_eq!(outcome, format!("{:?}", ErrorCode::NotEnoughHosts));
    assert!(!scene.path("back").exists());
    assert!(scene.temporaries().is_empty());
}
