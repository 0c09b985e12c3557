//! Audits and repairs that nobody asks for, over days.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use layr_node::api::{AuditsBehind, BandwidthSettings, PutRequest};
use layr_node::audit::{AuditsConfig, Leaves};
use layr_node::home::{Home, HomeConfig};
use layr_node::operation::OperationKind;
use layr_node::repair::When;
use layr_testkit::{Failure, Lie};
use tokio::time::Instant;
use tokio::time::sleep;

use crate::scene::{Scene, noise, request};

const DAY: Duration = Duration::from_hours(24);

/// A file of 2 of 6 among nine hosts; 5 have to stand.
async fn scene(seed: u64) -> (Scene, Vec<u8>, Vec<usize>) {
    let scene = Scene::new(seed, 9).await;
    let content = noise(seed, 200_000);
    let path = scene.write("file", &content);
    scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&path]) }).await.unwrap();
    let holders = scene.shards("file").await.into_values().collect();
    (scene, content, holders)
}

async fn told(scene: &Scene, kind: &str) -> usize {
    scene.owner.activity().await.unwrap().entries.iter().filter(|entry| entry.kind == kind).count()
}

#[tokio::test(start_paused = true)]
async fn what_hosts_lose_is_found_within_a_day_and_made_again() {
    let (scene, content, holders) = scene(700).await;
    for host in &holders[..2] {
        for body in scene.bodies(*host) {
            std::fs::remove_file(body).unwrap();
        }
    }
    sleep(DAY).await;
    assert_eq!(scene.health("file").await.alive, 6);
    let now: Vec<usize> = scene.shards("file").await.into_values().collect();
    assert!(holders[..2].iter().all(|host| !now.contains(host)));
    assert_eq!((told(&scene, "copies_failed").await, told(&scene, "repaired").await), (2, 1));
    scene.comes_back("file", &content).await;
}

#[tokio::test(start_paused = true)]
async fn hosts_that_stay_away_are_waited_for_and_then_replaced() {
    let scene = Scene::new(701, 11).await;
    let content = noise(701, 200_000);
    let path = scene.write("file", &content);
    scene.put_with(PutRequest { redundancy: Some((2, 8)), ..request(&[&path]) }).await.unwrap();
    let holders: Vec<usize> = scene.shards("file").await.into_values().collect();
    // Silent ones fail last in every look: they look like a network of ours that is away.
    for host in &holders[..3] {
        scene.network.net().fail(scene.hosts[*host].peer(), Failure::Silent);
    }
    sleep(DAY / 4).await;
    // It counts against health at once, and nothing is given up yet, nor after 8 h: enough is there.
    assert_eq!((scene.health("file").await.alive, told(&scene, "copies_failed").await), (5, 0));
    sleep(DAY / 2).await;
    assert_eq!((scene.health("file").await.alive, told(&scene, "copies_failed").await), (5, 0));
    sleep(DAY * 3 / 4).await;
    assert_eq!(scene.health("file").await.alive, 8);
    assert_eq!(told(&scene, "copies_failed").await, 3);
    scene.comes_back("file", &content).await;
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_back_in_time_keeps_its_shards() {
    let (mut scene, _, holders) = scene(702).await;
    for host in &holders[..3] {
        scene.kill(*host).await;
    }
    sleep(DAY / 4).await;
    assert_eq!(scene.health("file").await.alive, 3);
    for host in &holders[..3] {
        scene.network.revive(&mut scene.hosts[*host]).await;
    }
    sleep(DAY / 2).await;
    assert_eq!(scene.health("file").await.alive, 6);
    assert_eq!((told(&scene, "copies_failed").await, told(&scene, "repaired").await), (0, 0));
}

/// Half of a file's hosts are away: what is left is few, and is not watched for a day. Nothing is given up for it.
#[tokio::test(start_paused = true)]
async fn what_is_at_risk_for_eight_hours_is_made_again_before_anything_is_given_up() {
    let (mut scene, content, holders) = scene(713).await;
    for host in &holders[..3] {
        scene.kill(*host).await;
    }
    sleep(DAY / 6).await;
    scene.network.kill(&mut scene.owner).await;
    scene.network.revive(&mut scene.owner).await;
    sleep(Duration::from_mins(230)).await;
    assert_eq!((scene.health("file").await.alive, told(&scene, "repaired").await), (3, 0));
    sleep(Duration::from_mins(40)).await;
    assert_eq!((scene.health("file").await.alive, told(&scene, "repaired").await), (6, 1));
    assert_eq!(told(&scene, "copies_failed").await, 0);
    // Who is back holds what has another home by now.
    for host in &holders[..3] {
        scene.network.revive(&mut scene.hosts[*host]).await;
    }
    sleep(Duration::from_hours(1)).await;
    assert!(holders[..3].iter().all(|host| scene.bodies(*host).is_empty()));
    assert_eq!((scene.health("file").await.alive, told(&scene, "copies_failed").await), (6, 0));
    scene.comes_back("file", &content).await;
}

#[tokio::test(start_paused = true)]
async fn days_without_our_own_network_end_nothing() {
    let (scene, content, _) = scene(703).await;
    sleep(DAY / 4).await;
    scene.network.net().fail(scene.owner.peer(), Failure::Silent);
    sleep(DAY * 5 / 4).await;
    assert_eq!(told(&scene, "copies_failed").await, 0);
    scene.network.net().heal(scene.owner.peer());
    sleep(DAY / 2).await;
    assert_eq!(scene.health("file").await.alive, 6);
    assert_eq!((told(&scene, "copies_failed").await, told(&scene, "repaired").await), (0, 0));
    scene.comes_back("file", &content).await;
}

/// Writes settings of audits for the owner, as a person does where no node runs, and starts it with them.
async fn set_audits(scene: &mut Scene, audits: AuditsConfig) {
    scene.network.kill(&mut scene.owner).await;
    let home = Home::new(scene.owner.home());
    let config = HomeConfig { audits, ..home.config().unwrap() };
    home.write_config(&config).unwrap();
    scene.network.revive(&mut scene.owner).await;
}

/// It proves every leaf, and damages what it sends when it is read whole.
#[tokio::test(start_paused = true)]
async fn a_host_that_shows_leaves_and_not_the_whole_is_found_by_reading_and_not_during_a_pause() {
    let scene = Scene::new(714, 6).await;
    let put = async |number: u64| {
        let path = scene.write(&format!("file {number}"), &noise(720 + number, 2000));
        scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&path]) }).await.unwrap();
    };
    for number in 0..40 {
        put(number).await;
    }
    // 240 copies: one every six hours, of each file one at each host.
    scene.network.lie(&scene.hosts[2], Lie::WrongBytes);
    scene.owner.transfer_pause(None).await.unwrap();
    sleep(DAY).await;
    assert_eq!(told(&scene, "copies_failed").await, 0);
    scene.owner.transfer_resume(None).await.unwrap();
    sleep(DAY).await;
    assert!(told(&scene, "copies_failed").await >= 1);
    let liar = scene.hosts[2].peer().to_string();
    let entries = scene.owner.activity().await.unwrap().entries;
    let mut found = entries.iter().filter(|entry| entry.kind == "copies_failed");
    assert!(found.all(|entry| entry.text.contains(&liar)));
}

#[tokio::test(start_paused = true)]
async fn audits_that_are_switched_off_ask_nothing_and_say_so() {
    let (mut scene, _, holders) = scene(715).await;
    set_audits(&mut scene, AuditsConfig { enabled: false, ..AuditsConfig::default() }).await;
    for body in scene.bodies(holders[0]) {
        std::fs::remove_file(body).unwrap();
    }
    sleep(DAY / 4).await;
    assert_eq!((scene.health("file").await.alive, told(&scene, "copies_failed").await), (6, 0));
    let behind = scene.owner.status().await.unwrap().audits_behind;
    assert_eq!(behind, Some(AuditsBehind { covered_percent: 0, days: None }));
    set_audits(&mut scene, AuditsConfig::default()).await;
    sleep(DAY / 4).await;
    assert_eq!(told(&scene, "copies_failed").await, 1);
    assert_eq!(scene.owner.status().await.unwrap().audits_behind, None);
}

async fn audit(scene: &Scene) {
    let operation = scene.owner.operation(OperationKind::Audit, "test");
    scene.owner.audit(Vec::new(), Leaves::Each(1), &operation).await.unwrap();
}

/// How many of these files have all their shards.
async fn whole(scene: &Scene, names: &[String]) -> usize {
    let mut whole = 0;
    for name in names {
        let health = scene.health(name).await;
        whole += usize::from(health.alive == health.total);
    }
    whole
}

#[tokio::test(start_paused = true)]
async fn a_pause_ends_repairs_with_the_segment_at_hand() {
    let scene = Scene::new(704, 9).await;
    let names: Vec<String> = (0..5).map(|number| format!("file {number}")).collect();
    for (seed, name) in (704..).zip(&names) {
        let before: BTreeSet<PathBuf> = (0..9).flat_map(|host| scene.bodies(host)).collect();
        let path = scene.write(name, &noise(seed, 200_000));
        scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&path]) }).await.unwrap();
        let its_own = (0..9).flat_map(|host| scene.bodies(host)).filter(|body| !before.contains(body));
        for body in its_own.take(2) {
            std::fs::remove_file(body).unwrap();
        }
    }
    audit(&scene).await;
    assert_eq!(whole(&scene, &names).await, 0);
    scene.network.net().set_bandwidth(scene.owner.peer(), Some(20_000), None);
    while whole(&scene, &names).await == 0 {
        sleep(Duration::from_secs(2)).await;
    }
    scene.owner.transfer_pause(None).await.unwrap();
    sleep(Duration::from_mins(30)).await;
    let by_then = whole(&scene, &names).await;
    assert!(by_then <= 2, "{by_then} are whole: the first, and the one that was under way");
    // What was not tried does not rest.
    scene.owner.transfer_resume(None).await.unwrap();
    sleep(Duration::from_mins(20)).await;
    assert_eq!(whole(&scene, &names).await, 5);
}

/// While limits hold streams back, segments are sent one after the other, whoever sends them.
#[tokio::test(start_paused = true)]
async fn a_repair_waits_for_its_turn_at_a_limited_line() {
    let (mut scene, _, holders) = scene(710).await;
    scene.kill(holders[0]).await;
    audit(&scene).await;
    let limits = BandwidthSettings { up_bytes_per_s: Some(200_000), ..BandwidthSettings::default() };
    scene.owner.bandwidth_set(limits).await.unwrap();
    let path = scene.write("upload", &noise(711, 3 << 20));
    let upload = async {
        scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&path]) }).await.unwrap();
        Instant::now()
    };
    let repair = async {
        // The upload is sending by then.
        sleep(Duration::from_secs(5)).await;
        let operation = scene.owner.operation(OperationKind::Repair, "test");
        let report = scene.owner.repair(Vec::new(), When::Now, &operation).await.unwrap();
        assert_eq!(report.rebuilt, 1, "{report:?}");
        Instant::now()
    };
    let (uploaded, repaired) = tokio::join!(upload, repair);
    assert!(repaired > uploaded, "a shard of 128 KiB passed by an upload of 9 MiB");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_too_busy_for_audits_is_neither_doubted_nor_given_up() {
    let (scene, _, holders) = scene(712).await;
    scene.network.lie(&scene.hosts[holders[0]], Lie::TooBusy);
    sleep(DAY / 2).await;
    assert_eq!((scene.health("file").await.alive, told(&scene, "copies_failed").await), (6, 0));
}
