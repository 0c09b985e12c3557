//! Clients that do not say all that they have to say. The tests' time stands still, and goes on when nobody has anything to do.

use std::time::Duration;

use layr_local_ledger::LocalLedger;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Client, Net, settings};

/// As many as the ledger has open at once.
const CONNECTIONS: usize = 256;

/// Connections that begin in different ways, and are never closed by those who began them.
async fn begun(client: &Client, count: usize) -> Vec<TcpStream> {
    let beginnings: [&[u8]; 4] = [
        b"",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
    ];
    let mut all = Vec::with_capacity(count);
    for beginning in beginnings.into_iter().cycle().take(count) {
        let mut stream = TcpStream::connect(&client.address).await.unwrap();
        stream.write_all(beginning).await.unwrap();
        all.push(stream);
    }
    all
}

#[tokio::test(start_paused = true)]
async fn its_end_waits_for_none_of_them() {
    let net = Net::start().await;
    let client = net.client();
    let open = begun(&client, 8).await;
    // Those before it were taken before it.
    assert_eq!(client.call("getHealth", json!({})).await["status"], "healthy");
    timeout(Duration::from_secs(6), net.ledger.stop()).await.expect("it ends within five seconds");
    LocalLedger::start(settings(net.directory.path())).await.expect("its directory is free").stop().await;
    drop(open);
}

#[tokio::test(start_paused = true)]
async fn they_keep_their_places_for_a_while_only() {
    let net = Net::start().await;
    let client = net.client();
    let mut open = begun(&client, CONNECTIONS).await;
    let asked = client.call("getHealth", json!({}));
    let health = timeout(Duration::from_mins(1), asked).await.expect("a place is free within a minute");
    assert_eq!(health["status"], "healthy");
    for (place, stream) in open.iter_mut().enumerate() {
        let told = timeout(Duration::from_mins(1), stream.read_to_end(&mut Vec::new())).await;
        assert!(told.is_ok(), "connection {place} is still open");
    }
    net.ledger.stop().await;
}
