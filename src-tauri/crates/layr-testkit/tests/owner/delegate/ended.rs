//! What a delegate does no more once somebody pauses or ends it.

use std::path::PathBuf;
use std::time::Duration;

use layr_keys::{DELEGATION_TOLERANCE_S, Delegation};
use layr_node::api::PutRequest;
use layr_node::clock::Clock;
use layr_node::wire::Refusal;
use layr_testkit::SimNode;
use tokio::time::sleep;

use super::liar::LyingDelegate;
use super::{DAY, HOUR, MINUTE, asked, asleep, bodies, entrust, only, scene, untold};
use crate::scene::{Scene, noise, request};

/// One way between any two nodes, where something is to happen in the middle.
const LATENCY: Duration = Duration::from_millis(100);

/// A visit takes eleven of them.
const MOMENTS: u32 = 14;

/// Where a delegate keeps what is its owners'.
fn kept_in(delegate: &SimNode) -> PathBuf {
    delegate.home().join("delegated")
}

fn is_empty(dir: PathBuf) -> bool {
    std::fs::read_dir(dir).unwrap().next().is_none()
}

/// Two files, each of which loses two of its six shards. The owner is away, the delegate has found it, and its person paused everything.
async fn robbed(seed: u64) -> (Scene, SimNode) {
    let (mut scene, _, delegate) = scene(seed).await;
    let path = scene.write("other", &noise(seed + 1, 200_000));
    scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&path]) }).await.unwrap();
    entrust(&scene, &delegate).await;
    let both = [scene.shards("file").await, scene.shards("other").await];
    let holds_both = |host: &usize| both.iter().all(|shards| shards.values().any(|holder| holder == host));
    for host in (0..9).filter(holds_both).take(2) {
        for body in scene.bodies(host) {
            std::fs::remove_file(body).unwrap();
        }
    }
    scene.network.kill(&mut scene.owner).await;
    delegate.transfer_pause(None).await.unwrap();
    asleep(DAY).await;
    assert_eq!((untold(&delegate).await, bodies(&scene)), (4, 8), "hosts are asked, nothing is made again");
    (scene, delegate)
}

/// The pause ends, and the first new shard is stored.
async fn repair_begins(scene: &Scene, delegate: &SimNode) {
    delegate.transfer_resume(None).await.unwrap();
    scene.network.net().set_latency(LATENCY);
    while bodies(scene) == 8 {
        sleep(LATENCY * 4).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_reaches_what_is_done_for_others_and_also_in_the_middle() {
    let (scene, delegate) = robbed(910).await;
    repair_begins(&scene, &delegate).await;
    delegate.transfers_pause_for(DAY).await.unwrap();
    sleep(HOUR).await;
    assert_eq!(bodies(&scene), 10, "what is under way is made whole, and the next one not begun");
    asleep(DAY).await;
    assert_eq!((untold(&delegate).await, bodies(&scene)), (8, 12));
}

#[tokio::test(start_paused = true)]
async fn a_delegate_that_is_revoked_by_its_person_ends_a_repair_under_way() {
    let (scene, delegate) = robbed(911).await;
    repair_begins(&scene, &delegate).await;
    delegate.delegate_revoke(&scene.owner.owner_keys().owner_id().to_string()).await.unwrap();
    assert!(is_empty(kept_in(&delegate)));
    let calls = || scene.hosts.iter().map(|host| scene.network.net().calls_to(host.peer())).sum::<u64>();
    let (before, stored) = (calls(), bodies(&scene));
    assert!((9..12).contains(&stored), "it was not at its end");
    sleep(HOUR * 3).await;
    assert_eq!((calls(), bodies(&scene)), (before, stored), "nobody is asked or given anything any more");
    assert!(delegate.delegates().await.unwrap().owners.is_empty() && is_empty(kept_in(&delegate)));
}

/// At each moment of a visit, one after the other.
#[tokio::test(start_paused = true)]
async fn an_owner_that_revokes_in_the_middle_of_a_visit_leaves_nothing_there() {
    let (scene, _, delegate) = scene(912).await;
    let (us, them) = (scene.owner.owner_id().to_string(), delegate.peer().to_string());
    scene.network.net().set_latency(LATENCY);
    let mut given = 0;
    for moment in 0..MOMENTS {
        delegate.delegate_accept(&us).await.unwrap();
        scene.owner.delegate_create(asked(delegate.peer())).await.unwrap();
        sleep(LATENCY * moment).await;
        given += delegate.delegates().await.unwrap().owners[0].segments;
        let ended = scene.owner.delegate_revoke(&them).await.unwrap();
        assert_eq!(ended.untold_until, None, "it was told");
        for _ in 0..2 {
            assert!(delegate.delegates().await.unwrap().owners.is_empty(), "{moment}");
            assert!(is_empty(kept_in(&delegate)), "{moment}");
            assert!(scene.owner.delegates().await.unwrap().delegates.is_empty(), "{moment}");
            sleep(MINUTE * 2).await;
        }
        // Nor is anything remembered that would be in the way of a new beginning.
        delegate.delegate_accept(&us).await.unwrap();
        scene.owner.delegate_create(asked(delegate.peer())).await.unwrap();
        sleep(LATENCY * 40).await;
        assert_eq!(delegate.delegates().await.unwrap().owners[0].segments, 1, "{moment}");
        scene.owner.delegate_revoke(&them).await.unwrap();
    }
    assert!(
        (1..u64::from(MOMENTS)).contains(&given),
        "some moments were before the list was there, and some after: {given}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_person_that_revokes_in_the_middle_of_a_visit_keeps_nothing_and_the_owner_is_told_why() {
    let (scene, _, delegate) = scene(913).await;
    let (us, them) = (scene.owner.owner_id().to_string(), delegate.peer().to_string());
    scene.network.net().set_latency(LATENCY);
    let mut told = 0;
    for moment in 0..MOMENTS {
        delegate.delegate_accept(&us).await.unwrap();
        scene.owner.delegate_create(asked(delegate.peer())).await.unwrap();
        sleep(LATENCY * moment).await;
        delegate.delegate_revoke(&us).await.unwrap();
        assert!(is_empty(kept_in(&delegate)), "{moment}");
        sleep(LATENCY * 40).await;
        if let Some(problem) = only(&scene).await.problem {
            assert!(problem.contains("has not agreed"), "{moment}: {problem}");
            told += 1;
        }
        sleep(MINUTE * 16).await;
        assert!(only(&scene).await.problem.unwrap().contains("has not agreed"), "{moment}");
        assert!(delegate.delegates().await.unwrap().owners.is_empty(), "{moment}");
        assert!(is_empty(kept_in(&delegate)), "{moment}");
        scene.owner.delegate_revoke(&them).await.unwrap();
    }
    assert!((1..MOMENTS).contains(&told), "some visits were over before: {told}");
}

/// What is given up is renamed, and deleted then. A power cut may come between, and a disk may refuse the second step.
#[tokio::test(start_paused = true)]
async fn what_was_given_up_and_is_not_deleted_yet_is_not_looked_after_and_in_nobodys_way() {
    let (scene, _, mut delegate) = scene(914).await;
    let us = scene.owner.owner_id().to_string();
    entrust(&scene, &delegate).await;
    let (live, gone) = (kept_in(&delegate).join(&us), kept_in(&delegate).join(format!("{us}.gone")));
    scene.network.kill(&mut delegate).await;
    std::fs::rename(&live, &gone).unwrap();
    scene.network.revive(&mut delegate).await;
    assert!(delegate.delegates().await.unwrap().owners.is_empty());
    assert!(is_empty(kept_in(&delegate)));
    delegate.delegate_accept(&us).await.unwrap();
    std::fs::create_dir_all(gone.join("left")).unwrap();
    delegate.delegate_revoke(&us).await.unwrap();
    assert!(is_empty(kept_in(&delegate)));
}

#[tokio::test(start_paused = true)]
async fn who_could_not_be_told_stores_until_the_time_that_is_said_and_no_longer() {
    let (mut scene, _, _) = scene(915).await;
    let liar = LyingDelegate::start(&mut scene.network, scene.owner.owner_id(), &[]);
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    while liar.delegation().is_empty() {
        sleep(MINUTE).await;
    }
    let shards = scene.shards("file").await;
    let spare = (0..9).find(|host| !shards.values().any(|holder| holder == host)).unwrap();
    let holder = *shards.values().next().unwrap();
    let root = scene.owner.info("file").await.unwrap().segments[0].shards[0].root.clone().unwrap();
    let body = &scene.bodies(holder)[0];
    let size_bytes = u32::try_from(body.metadata().unwrap().len()).unwrap();
    // It takes the word for it, and does not say that it forgets.
    let until = scene.owner.delegate_revoke(&liar.peer().to_string()).await.unwrap().untold_until.unwrap();
    let last_use =
        Delegation::decode(&liar.delegation()).unwrap().expires_at_unix_s() + DELEGATION_TOLERANCE_S;
    assert_eq!(until, "2026-01-31T01:00:00Z");
    let way = [holder, spare].map(|host| scene.hosts[host].peer());
    let jump = |to: u64| {
        let clock = scene.network.clock();
        clock.jump(to.cast_signed() - clock.now_unix_s().cast_signed());
    };
    jump(last_use);
    let delegation = liar.delegation();
    assert_eq!(liar.copy((&root, size_bytes), way, delegation.clone()).await, Ok(()));
    jump(last_use + 1);
    let refused = liar.copy((&root, size_bytes), way, delegation).await;
    assert_eq!(refused, Err(Refusal::BadCertificate));
}
