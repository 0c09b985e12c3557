//! No host is asked for a shard before it is known to be alive, and a dead one costs a bounded wait.

use std::time::Duration;

use layr_testkit::{Failure, Heard};
use tokio::time::Instant;

use crate::scene::{MIB, Scene, noise};

/// How long an answer counts, and how long a host that failed is passed over.
const A_WHILE: Duration = Duration::from_secs(61);

#[tokio::test(start_paused = true)]
async fn every_host_answers_before_it_is_asked_for_a_shard() {
    let scene = Scene::new(170, 15).await;
    let witnesses: Vec<_> = scene.hosts.iter().map(|host| scene.network.witness(host)).collect();
    // The first time nobody is known; later they are known, and their answers are too old.
    for round in 0..3 {
        let path = scene.write(&format!("big-{round}"), &noise(170 + round, 9 * MIB));
        scene.put(&[&path]).await.unwrap();
        let mut asked_for_shards = 0;
        for witness in &witnesses {
            let heard = witness.take();
            // An audit is an answer, too.
            assert_ne!(heard.first(), Some(&Heard::Put), "round {round}: {heard:?}");
            asked_for_shards += heard.iter().filter(|heard| **heard == Heard::Put).count();
        }
        assert!(asked_for_shards >= 12, "round {round}: {asked_for_shards}");
        tokio::time::sleep(A_WHILE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_host_is_called_once_and_not_for_a_shard() {
    for failure in [Failure::Silent, Failure::Dead] {
        let scene = Scene::new(171, 16).await;
        let first = scene.write("first", &noise(171, MIB));
        scene.put(&[&first]).await.unwrap();
        tokio::time::sleep(A_WHILE).await;
        let net = scene.network.net();
        let dead: Vec<_> = scene.hosts[..4].iter().map(layr_testkit::SimNode::peer).collect();
        for peer in &dead {
            net.fail(*peer, failure);
        }
        let calls = || dead.iter().map(|peer| net.calls_to(*peer)).collect::<Vec<_>>();
        let before = calls();

        let began = Instant::now();
        // Three files: whoever did not answer the first time is not called again for the others.
        for number in 0..3 {
            let path = scene.write(&format!("more-{number}"), &noise(172 + number, 9 * MIB));
            let report = scene.put(&[&path]).await.unwrap();
            assert_eq!(report.files[0].health.alive, 12, "{failure:?}");
        }
        assert!(began.elapsed() < Duration::from_secs(7), "{failure:?}: {:?}", began.elapsed());
        let once: Vec<u64> = before.iter().map(|calls| calls + 1).collect();
        assert_eq!(calls(), once, "{failure:?}: the hosts were called more than once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_stops_does_not_wait_for_late_answers() {
    let scene = Scene::new(173, 16).await;
    let first = scene.write("first", &noise(173, MIB));
    scene.put(&[&first]).await.unwrap();
    tokio::time::sleep(A_WHILE).await;
    let net = scene.network.net();
    for host in &scene.hosts[..3] {
        net.fail(host.peer(), Failure::Silent);
    }
    let path = scene.write("big", &noise(174, 9 * MIB));
    scene.put(&[&path]).await.unwrap();
    let began = Instant::now();
    scene.owner.stop().await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}
