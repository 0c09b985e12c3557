//! A pause of everything that ends by itself.

use std::time::Duration;

use layr_node::api::Transfer;
use layr_node::api::TransferState::{self, Paused, Running, Waiting};
use layr_node::error::ErrorCode;
use layr_node::queue::MAX_PAUSE;
use tokio::time::Instant;

use crate::queue::{all_done, slow_scene, states, until};
use crate::scene::{MIB, Scene, noise, request};

const HALF_AN_HOUR: Duration = Duration::from_mins(30);
const YEAR_S: i64 = 365 * 24 * 60 * 60;

/// Two uploads, the second paused by itself, and then everything for half an hour.
async fn paused_scene(seed: u64) -> Scene {
    let scene = slow_scene(seed).await;
    for index in 0..2 {
        let path = scene.write(&format!("file {index}"), &noise(seed + index, 6 * MIB));
        let id = scene.owner.enqueue_put(request(&[&path])).await.unwrap();
        if index == 1 {
            scene.owner.transfer_pause(Some(id)).await.unwrap();
        }
    }
    let sends = |transfer: &Transfer| transfer.done_bytes > 0 && transfer.total_shards > 0;
    let report = until(&scene.owner, |report| sends(&report.transfers[0])).await;
    assert!(report.transfers[0].done_shards <= report.transfers[0].total_shards, "{report:?}");
    scene.owner.transfers_pause_for(HALF_AN_HOUR).await.unwrap();
    let report = scene.owner.transfers().await.unwrap();
    assert_eq!(states(&report), [Paused, Paused]);
    let with_all: Vec<bool> = report.transfers.iter().map(|transfer| transfer.paused_with_all).collect();
    assert_eq!(with_all, [true, false], "the second does not go on with the others");
    assert!(
        report.transfers[0].done_bytes > 0,
        "a pause does not forget what is done until it is written down"
    );
    scene
}

/// When the first transfer goes on; the second must not.
async fn first_goes_on(scene: &Scene) -> Duration {
    let began = Instant::now();
    let report = until(&scene.owner, |report| !report.paused_all).await;
    assert_eq!(report.paused_until, None);
    let moves = |state: TransferState| matches!(state, Waiting | Running);
    let report = until(&scene.owner, |report| moves(report.transfers[0].state)).await;
    assert_eq!(report.transfers[1].state, Paused, "the person paused this one by itself");
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn everything_goes_on_when_its_time_is_over_but_what_was_paused_by_itself() {
    let scene = paused_scene(420).await;
    let report = scene.owner.transfers().await.unwrap();
    assert_eq!(report.paused_until.as_deref().map(str::len), Some("2026-01-01T00:30:00Z".len()));
    let took = first_goes_on(&scene).await;
    assert!((HALF_AN_HOUR..HALF_AN_HOUR + Duration::from_secs(10)).contains(&took), "{took:?}");
    scene.owner.transfer_resume(None).await.unwrap();
    all_done(&scene.owner).await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_neither_forgets_it_nor_begins_it_anew() {
    let mut scene = paused_scene(421).await;
    tokio::time::sleep(HALF_AN_HOUR / 2).await;
    let until_before = scene.owner.transfers().await.unwrap().paused_until;
    let Scene { network, owner, .. } = &mut scene;
    network.crash(owner).await;
    network.revive(owner).await;
    let report = scene.owner.transfers().await.unwrap();
    assert_eq!((report.paused_until, report.paused_all), (until_before, true));
    let took = first_goes_on(&scene).await;
    assert!(took <= HALF_AN_HOUR / 2 + Duration::from_secs(10), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_calendar_that_is_set_back_does_not_lengthen_it() {
    let scene = paused_scene(422).await;
    scene.network.clock().jump(-YEAR_S);
    let took = first_goes_on(&scene).await;
    assert!(took < HALF_AN_HOUR + Duration::from_secs(10), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn it_can_be_ended_replaced_and_is_bounded() {
    let scene = paused_scene(423).await;
    scene.owner.transfer_resume(None).await.unwrap();
    assert!(!scene.owner.transfers().await.unwrap().paused_all);
    scene.owner.transfers_pause_for(HALF_AN_HOUR).await.unwrap();
    scene.owner.transfers_pause_for(2 * HALF_AN_HOUR).await.unwrap();
    tokio::time::sleep(HALF_AN_HOUR + Duration::from_mins(10)).await;
    assert!(scene.owner.transfers().await.unwrap().paused_all, "the longer one counts");
    scene.owner.transfer_pause(None).await.unwrap();
    tokio::time::sleep(2 * MAX_PAUSE).await;
    let report = scene.owner.transfers().await.unwrap();
    assert_eq!((report.paused_all, report.paused_until), (true, None), "until the person resumes");
    for length in [Duration::ZERO, Duration::from_secs(59), MAX_PAUSE + Duration::from_secs(1)] {
        let refused = scene.owner.transfers_pause_for(length).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidRequest);
    }
}
