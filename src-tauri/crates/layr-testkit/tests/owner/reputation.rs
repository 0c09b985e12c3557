//! What hosts get for what they have shown.

use std::collections::BTreeMap;
use std::time::Duration;

use layr_node::api::{HostInfo, PutRequest, Reputation};
use layr_testkit::Failure;
use tokio::time::sleep;

use crate::scene::{Scene, noise, request};

const DAY: Duration = Duration::from_hours(24);

/// Each host by its index.
async fn hosts(scene: &Scene) -> BTreeMap<usize, HostInfo> {
    let report = scene.owner.hosts(true).await.unwrap();
    report.hosts.into_iter().map(|host| (scene.host(&host.peer_id.parse().unwrap()), host)).collect()
}

async fn put(scene: &Scene, name: &str, seed: u64) -> Vec<usize> {
    let path = scene.write(name, &noise(seed, 2_000_000));
    scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&path]) }).await.unwrap();
    scene.shards(name).await.into_values().collect()
}

#[tokio::test(start_paused = true)]
async fn hosts_prove_themselves_in_a_week_and_those_that_are_away_score_less() {
    let scene = Scene::new(720, 8).await;
    let holders = put(&scene, "file", 720).await;
    assert!(
        hosts(&scene).await.values().all(|host| host.reputation == Reputation::New && host.score.is_none())
    );
    sleep(DAY * 4).await;
    let early = hosts(&scene).await;
    assert!(holders.iter().all(|host| early[host].reputation == Reputation::New), "however much they prove");
    // Back before its shards are given up, again and again.
    for _ in 0..4 {
        scene.network.net().fail(scene.hosts[holders[0]].peer(), Failure::Silent);
        sleep(DAY * 2 / 3).await;
        scene.network.net().heal(scene.hosts[holders[0]].peer());
        sleep(DAY / 3).await;
    }
    let late = hosts(&scene).await;
    assert!(holders[1..].iter().all(|host| late[host].reputation == Reputation::Vetted), "{late:?}");
    let score = |index: usize| late[&index].score.unwrap();
    assert!(holders[1..].iter().all(|host| 0.8 * score(*host) > score(holders[0])), "{late:?}");
    let idle = late.iter().filter(|(host, _)| !holders.contains(host));
    assert!(idle.clone().count() == 2 && idle.into_iter().all(|(_, host)| host.score.is_none()));
}

#[tokio::test(start_paused = true)]
async fn who_damages_shards_gets_nothing_new_and_is_audited_as_before() {
    let scene = Scene::new(721, 8).await;
    let mut holders = put(&scene, "a", 721).await;
    holders.retain(|host| scene.bodies(*host).len() == 1);
    let bad = holders[0];
    for name in ["b", "c", "d"] {
        put(&scene, name, u64::from(name.as_bytes()[0])).await;
    }
    let held = scene.bodies(bad);
    assert!(held.len() >= 2, "of four files");
    for body in held {
        let bytes = std::fs::read(&body).unwrap();
        std::fs::write(&body, noise(9, bytes.len())).unwrap();
    }
    sleep(DAY * 2).await;
    let seen = hosts(&scene).await;
    assert_eq!(seen[&bad].reputation, Reputation::Poor, "{seen:?}");
    assert!(seen.iter().all(|(host, info)| *host == bad || info.reputation != Reputation::Poor), "{seen:?}");
    for seed in 0..4 {
        let holders = put(&scene, &format!("new-{seed}"), 800 + seed).await;
        assert!(!holders.contains(&bad));
        assert_eq!(holders.len(), 6);
    }
}
