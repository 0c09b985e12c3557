//! Hosts whose calendar is off by a year: they serve as others do.

use layr_node::operation::OperationKind;

use crate::scene::{MIB, Scene, noise};

const YEAR_S: i64 = 365 * 86_400;

/// Stores, reads and checks a file; all hosts must have taken part.
async fn all_serve(scene: &Scene, number: u64) {
    let name = format!("file {number}");
    let content = noise(number, MIB);
    let path = scene.write(&name, &content);
    let report = scene.put(&[&path]).await.unwrap();
    assert_eq!(report.files[0].health.alive, 3, "{name}");
    assert!(scene.read(&name, None).await.unwrap() == content, "{name}");
    let operation = scene.owner.operation(OperationKind::Verify, &name);
    let verified = scene.owner.verify(vec![name.clone()], false, &operation).await.unwrap();
    assert_eq!((verified.passed, verified.failed, verified.unreachable), (3, 0, 0), "{name}");
    // What a host noted of when it stored and checked must not make it forget or give away space.
    for host in &scene.hosts {
        let report = host.host_show().await.unwrap();
        assert_eq!((report.shards, report.reserved_bytes), (number, 0), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_whose_calendar_is_a_year_off_serves_on() {
    let mut scene = Scene::new(195, 3).await;
    for host in &mut scene.hosts[..2] {
        host.get_own_clock();
        scene.network.kill(host).await;
        scene.network.revive(host).await;
    }
    let mut number = 1;
    all_serve(&scene, number).await;
    // One goes forward and the other back, while they run; then they change sides, by two years; then both are put right.
    for (first, second) in [(1, -1), (-2, 2), (1, -1)] {
        scene.hosts[0].clock().jump(first * YEAR_S);
        scene.hosts[1].clock().jump(second * YEAR_S);
        number += 1;
        all_serve(&scene, number).await;
        // Long enough for what a host does by the calendar, and for its answers to be asked for anew.
        tokio::time::sleep(std::time::Duration::from_mins(10)).await;
        number += 1;
        all_serve(&scene, number).await;
        for host in &mut scene.hosts[..2] {
            scene.network.kill(host).await;
            scene.network.revive(host).await;
        }
        number += 1;
        all_serve(&scene, number).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_set_back_a_year_still_gives_back_space_that_nobody_fills() {
    let mut scene = Scene::new(196, 4).await;
    let host = &mut scene.hosts[0];
    host.get_own_clock();
    scene.network.kill(host).await;
    scene.network.revive(host).await;
    let net = scene.network.net().clone();
    let slow = scene.hosts[0].peer();
    // Its line is so slow that the upload is still under way when the calendar goes back.
    net.set_bandwidth(slow, None, Some(20_000));
    let path = scene.write("a", &noise(196, MIB));
    let paths = [path.as_path()];
    let meddle = async {
        while scene.hosts[0].host_show().await.unwrap().reserved_bytes == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        scene.hosts[0].clock().jump(-YEAR_S);
        net.fail(slow, layr_testkit::Failure::Silent);
    };
    let (report, ()) = tokio::join!(scene.put(&paths), meddle);
    assert_eq!(report.unwrap().files[0].health.alive, 3);
    tokio::time::sleep(std::time::Duration::from_hours(2)).await;
    assert_eq!(scene.hosts[0].host_show().await.unwrap().reserved_bytes, 0);
}
