//! A node that has just started and knows nobody.

use std::path::Path;
use std::time::Duration;

use layr_node::error::ErrorCode;
use layr_node::operation::OperationKind;
use layr_testkit::Failure;
use tokio::time::{Instant, sleep};

use crate::scene::{Scene, noise, request};

/// As long as a node without hosts looks for some.
const LOOKS_FOR: Duration = Duration::from_secs(6);

#[tokio::test(start_paused = true)]
async fn it_looks_again_until_somebody_is_there() {
    let scene = Scene::new(190, 3).await;
    let net = scene.network.net();
    for host in &scene.hosts {
        net.fail(host.peer(), Failure::Dead);
    }
    let path = scene.write("a", &noise(190, 10_000));
    let paths = [path.as_path()];
    let began = Instant::now();
    let join = async {
        sleep(LOOKS_FOR / 2).await;
        for host in &scene.hosts {
            net.heal(host.peer());
        }
    };
    let (report, ()) = tokio::join!(scene.put(&paths), join);
    assert_eq!(report.unwrap().files[0].health.alive, 3);
    assert!(began.elapsed() < LOOKS_FOR, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn where_nobody_comes_it_says_so_in_time() {
    let scene = Scene::new(191, 0).await;
    let path = scene.write("a", &noise(191, 10_000));
    let began = Instant::now();
    let error = scene.put(&[&path]).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotEnoughHosts);
    assert!((LOOKS_FOR..2 * LOOKS_FOR).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_network_in_which_nobody_is_there_is_told_apart_from_one_without_hosts() {
    let mut scene = Scene::new(193, 0).await;
    let path = scene.write("a", &noise(193, 10_000));
    let alone = put_now(&scene, &path).await;
    let _other = scene.network.add_owner().await;
    assert_eq!(
        (alone, put_now(&scene, &path).await),
        (ErrorCode::NetworkUnreachable, ErrorCode::NotEnoughHosts)
    );
}

async fn put_now(scene: &Scene, path: &Path) -> ErrorCode {
    let operation = scene.owner.operation(OperationKind::Put, "test");
    scene.owner.put_now(request(&[path]), &operation).await.unwrap_err().code
}

#[tokio::test(start_paused = true)]
async fn a_sample_that_takes_all_its_time_still_counts() {
    let scene = Scene::new(192, 3).await;
    scene.network.net().set_sample_overrun(Some(Duration::from_secs(1)));
    let path = scene.write("a", &noise(192, 10_000));
    let began = Instant::now();
    let report = scene.put(&[&path]).await.unwrap();
    assert_eq!(report.files[0].health.alive, 3);
    assert!(began.elapsed() < LOOKS_FOR, "it took a second sample: {:?}", began.elapsed());
}
