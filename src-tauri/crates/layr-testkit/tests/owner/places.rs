//! Who gets shards, and what happens when there are too few who can.

use layr_node::api::PutRequest;
use layr_node::error::ErrorCode;
use layr_testkit::Failure;

use crate::scene::{GIB, MIB, Scene, noise, request};

#[tokio::test(start_paused = true)]
async fn every_shard_of_a_segment_lies_elsewhere_and_load_spreads() {
    let scene = Scene::new(80, 20).await;
    let path = scene.write("big", &noise(80, 40 * MIB));
    scene.put(&[&path]).await.unwrap();
    let shards = scene.shards("big").await;
    let mut segments: std::collections::BTreeMap<&str, Vec<usize>> = std::collections::BTreeMap::new();
    for ((segment, _), host) in &shards {
        segments.entry(segment).or_default().push(*host);
    }
    assert!(segments.len() >= 3);
    for hosts in segments.values() {
        let distinct: std::collections::BTreeSet<_> = hosts.iter().collect();
        assert_eq!(distinct.len(), 12, "{segments:?}");
    }
    let used: std::collections::BTreeSet<_> = shards.values().collect();
    assert!(used.len() > 14, "only {} of 20 hosts got anything", used.len());
}

#[tokio::test(start_paused = true)]
async fn a_young_network_mirrors_and_two_hosts_are_too_few() {
    let scene = Scene::new(81, 3).await;
    let path = scene.write("small", b"three copies");
    let report = scene.put(&[&path]).await.unwrap();
    assert_eq!((report.files[0].health.needed, report.files[0].health.total), (1, 3));

    let scene = Scene::new(82, 2).await;
    let path = scene.write("small", b"not enough");
    let error = scene.put(&[&path]).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotEnoughHosts);
    assert_eq!((&error.params["available"], &error.params["needed"]), (&2.into(), &3.into()));
    assert_eq!(scene.stored_bytes().await, 0);
}

#[tokio::test(start_paused = true)]
async fn hosts_behind_a_relay_paused_or_without_room_get_nothing() {
    let mut scene = Scene::new(83, 12).await;
    let relayed = scene.network.add_host(GIB).await;
    scene.network.net().set_relayed_only(relayed.peer(), true);
    let paused = scene.network.add_host(GIB).await;
    paused.host_pause().await.unwrap();
    let tiny = scene.network.add_host(MIB as u64).await;
    let path = scene.write("big", &noise(83, 5 * MIB));
    scene.put(&[&path]).await.unwrap();
    for host in [&relayed, &paused, &tiny] {
        assert_eq!(host.host_show().await.unwrap().used_bytes, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn asked_redundancy_is_given_or_refused() {
    let scene = Scene::new(84, 8).await;
    let path = scene.write("a", &noise(84, MIB));
    let wanted = |k, n| PutRequest { redundancy: Some((k, n)), ..request(&[&path]) };
    let report = scene.put_with(wanted(3, 7)).await.unwrap();
    assert_eq!((report.files[0].health.needed, report.files[0].health.total), (3, 7));
    let path = scene.write("b", &noise(85, MIB));
    let wanted = |k, n| PutRequest { redundancy: Some((k, n)), ..request(&[&path]) };
    assert_eq!(scene.put_with(wanted(3, 9)).await.unwrap_err().code, ErrorCode::NotEnoughHosts);
    assert_eq!(scene.put_with(wanted(0, 9)).await.unwrap_err().code, ErrorCode::InvalidRequest);
    assert_eq!(scene.put_with(wanted(9, 3)).await.unwrap_err().code, ErrorCode::InvalidRequest);
}

#[tokio::test(start_paused = true)]
async fn dead_hosts_that_are_known_get_nothing_and_cost_little() {
    let scene = Scene::new(86, 16).await;
    let first = scene.write("first", &noise(86, MIB));
    scene.put(&[&first]).await.unwrap();
    for host in &scene.hosts[..4] {
        scene.network.net().fail(host.peer(), Failure::Silent);
    }
    tokio::time::sleep(std::time::Duration::from_secs(61)).await;
    let second = scene.write("second", &noise(87, MIB));
    let began = tokio::time::Instant::now();
    let report = scene.put(&[&second]).await.unwrap();
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(report.files[0].health.alive, 12);
    assert!(scene.shards("second").await.values().all(|host| *host >= 4));
}
