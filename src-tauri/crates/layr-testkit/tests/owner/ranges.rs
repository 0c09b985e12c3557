//! Parts of files.

use layr_node::api::GetRequest;
use layr_node::error::ErrorCode;

use crate::scene::{MIB, Scene, noise};

#[tokio::test(start_paused = true)]
async fn any_range_is_read_exactly_also_with_hosts_missing() {
    let mut scene = Scene::new(180, 12).await;
    let content = noise(180, 11 * MIB + 5);
    let path = scene.write("big", &content);
    scene.put(&[&path]).await.unwrap();
    let last = content.len() as u64 - 1;
    let ranges = [
        (0, 0),
        (0, last),
        (last, last),
        (1, 1000),
        (5_000_000, 5_000_001),
        (65_535, 65_536),
        (3_000_000, 9_000_000),
    ];
    for round in 0..2 {
        for (first, last) in ranges {
            let bytes = scene.read("big", Some((first, last))).await.unwrap();
            assert!(bytes == content[first as usize..=last as usize], "{first}-{last}, round {round}");
        }
        for index in [0, 3, 5, 7, 8, 9, 10, 11] {
            if round == 0 {
                scene.kill(index).await;
            }
        }
    }
    for (first, last) in [(last + 1, last + 1), (5, 4), (0, last + 1)] {
        let error = scene.read("big", Some((first, last))).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequest, "{first}-{last}");
    }
    let request = GetRequest {
        name: "big".to_owned(),
        output: scene.path("part"),
        range: Some((100, 299)),
        version: None,
    };
    scene.get_with(request).await.unwrap();
    assert_eq!(std::fs::read(scene.path("part")).unwrap(), &content[100..300]);
}

#[tokio::test(start_paused = true)]
async fn a_range_of_a_directory_is_refused() {
    let scene = Scene::new(181, 3).await;
    scene.write("docs/a", b"x");
    scene.put(&[&scene.path("docs")]).await.unwrap();
    assert_eq!(scene.read("docs", Some((0, 0))).await.unwrap_err().code, ErrorCode::InvalidRequest);
}
