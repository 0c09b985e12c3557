//! `daemon --metrics ADDR`: the node's state in the Prometheus text format, over HTTP/1.1.
//!
//! Owns one listening socket; at most [`MAX_SCRAPES`] connections, each closed after one answer or [`SCRAPE_TIMEOUT`].
//! Stops with its token; nothing is lost if it dies.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use layr_node::api::StatusReport;
use layr_node::node::Node;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::failure::{Outcome, local};

/// Scrapers at once: one monitoring system and a curious person.
const MAX_SCRAPES: usize = 8;
/// Time for one scrape.
const SCRAPE_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest request line and headers that are read.
const MAX_REQUEST_BYTES: u64 = 8 * 1024;
/// Rest after a connection could not be taken, for want of descriptors: asking at once again would only burn the processor.
const ACCEPT_REST: Duration = Duration::from_millis(200);

/// Binds `address` and serves until `stop`.
pub(crate) async fn serve(address: SocketAddr, node: Node, stop: CancellationToken) -> Outcome<()> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| local(&format!("cannot serve metrics at {address}"), &error))?;
    tokio::spawn(async move {
        let slots = Arc::new(Semaphore::new(MAX_SCRAPES));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else {
                tokio::time::sleep(ACCEPT_REST).await;
                continue;
            };
            let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else { continue };
            let node = node.clone();
            tokio::spawn(async move {
                let _ = tokio::time::timeout(SCRAPE_TIMEOUT, answer(stream, node)).await;
                drop(slot);
            });
        }
    });
    Ok(())
}

async fn answer(stream: TcpStream, node: Node) -> std::io::Result<()> {
    let (receive, mut send) = stream.into_split();
    let mut lines = BufReader::new(receive.take(MAX_REQUEST_BYTES)).lines();
    let request = lines.next_line().await?.unwrap_or_default();
    while lines.next_line().await?.is_some_and(|line| !line.is_empty()) {}
    let (status, body) = if request.starts_with("GET /metrics ") {
        match node.status().await {
            Ok(report) => ("200 OK", exposition(&report)),
            Err(error) => ("503 Service Unavailable", format!("{error}\n")),
        }
    } else {
        ("404 Not Found", "metrics are at /metrics\n".to_owned())
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    send.write_all(head.as_bytes()).await?;
    send.write_all(body.as_bytes()).await?;
    send.shutdown().await
}

/// The gauges, as the exposition format wants them.
fn exposition(status: &StatusReport) -> String {
    let reachable = u64::from(status.reachability == "public");
    let gauges = [
        ("layr_peers", "Peers connected.", status.peers),
        ("layr_reachable", "1 when confirmed reachable from outside.", reachable),
        ("layr_files", "Files in the library.", status.files),
        ("layr_file_bytes", "Their size in bytes.", status.bytes),
        ("layr_transfers", "Transfers under way.", status.transfers.len() as u64),
        ("layr_hosting_used_bytes", "Bytes stored for others.", status.hosting.used_bytes),
        ("layr_hosting_reserved_bytes", "Bytes promised to uploads.", status.hosting.reserved_bytes),
        ("layr_hosting_quota_bytes", "Bytes lent at most.", status.hosting.quota_bytes),
    ];
    let mut text = String::new();
    for (name, help, value) in gauges {
        // Writing to a string cannot fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
    }
    text
}
