//! Parts of files.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use layr_node::api::GetRequest;
use layr_node::error::ErrorCode;

use layr_node::operation::OperationKind;
use tokio::io::AsyncWrite;
use tokio::time::Instant;

use crate::scene::{MIB, Scene, noise};

#[tokio::test(start_paused = true)]
async fn any_range_is_read_exactly_also_with_hosts_missing() {
    let mut scene = Scene::new(180, 12).await;
    let content = noise(180, 11 * MIB + 5);
    let path = scene.write("big", &content);
    scene.put(&[&path]).await.unwrap();
    let last = content.len() - 1;
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
            let bytes = scene.read("big", Some((first as u64, last as u64))).await.unwrap();
            assert!(bytes == content[first..=last], "{first}-{last}, round {round}");
        }
        for index in [0, 3, 5, 7, 8, 9, 10, 11] {
            if round == 0 {
                scene.kill(index).await;
            }
        }
    }
    for (first, last) in [(last + 1, last + 1), (5, 4), (0, last + 1)] {
        let error = scene.read("big", Some((first as u64, last as u64))).await.unwrap_err();
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

/// Takes all bytes and remembers when the first came.
#[derive(Default)]
struct FirstByte {
    at: Option<Instant>,
}

impl AsyncWrite for FirstByte {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.at.get_or_insert_with(Instant::now);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// One to open the streams, one to ask and be answered; nothing is asked beforehand, of hosts or of the DHT. Of ten hosts each
/// sends so little of a chunk that a stream's window does not matter.
#[tokio::test(start_paused = true)]
async fn the_first_byte_of_a_range_costs_two_round_trips() {
    const ONE_WAY: Duration = Duration::from_millis(100);
    let scene = Scene::new(182, 40).await;
    let content = noise(182, 12 * MIB);
    let path = scene.write("big", &content);
    scene.put(&[&path]).await.unwrap();
    scene.network.net().set_latency(ONE_WAY);
    for first in [0, 5_000_000, 11_000_000] {
        let operation = scene.owner.operation(OperationKind::Get, "test");
        let (began, mut sink) = (Instant::now(), FirstByte::default());
        scene.owner.read("big", Some((first, first + 99_999)), None, &mut sink, &operation).await.unwrap();
        let waited = sink.at.unwrap() - began;
        // The virtual clock steps by whole milliseconds.
        assert!(waited <= 4 * ONE_WAY + Duration::from_millis(20), "{first}: {waited:?}");
    }
}
