use std::time::Duration;

use layr_net::{Net, NetConfig, Role, SHARD};
use libp2p::Multiaddr;
use tokio::io::AsyncWriteExt;

use crate::attacker::Attacker;
use crate::node::{LONG, addresses, config, echo, exchange, listening, open, peer, start};

async fn full_tcp_address(net: &Net) -> String {
    listening(net).await.into_iter().find(|address| address.contains("/tcp/")).unwrap()
}

/// The victim still serves a peer that behaves.
async fn still_serves(victim: &Net) {
    let (honest, _inbound) = start(config(99, &[])).await;
    let at = addresses(victim, "/tcp/").await;
    let stream = open(&honest, victim.local_peer(), &at).await;
    assert_eq!(exchange(stream, b"still there").await.unwrap(), b"still there");
    honest.shutdown().await;
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(LONG, work).await.expect("stalled")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_on_every_protocol_is_survived() {
    let (victim, inbound) = start(NetConfig { role: Role::Seed, ..config(1, &[]) }).await;
    echo(inbound);
    let at = full_tcp_address(&victim).await;
    let mut endless = vec![0xff; 9];
    endless.push(0x7f);
    let mut huge_frame = vec![0xff, 0xff, 0xff, 0xff, 0x0f];
    huge_frame.extend(vec![0x0a; 40_000]);
    let payloads: [&[u8]; 4] = [b"", &endless, &huge_frame, &[0x05, 0x08, 0xff, 0xff, 0xff, 0xff]];
    let protocols = [
        "/layr/test/kad/1",
        "/layr/test/shard/1",
        "/ipfs/id/1.0.0",
        "/ipfs/id/push/1.0.0",
        "/ipfs/ping/1.0.0",
        "/libp2p/circuit/relay/0.2.0/hop",
        "/libp2p/circuit/relay/0.2.0/stop",
        "/libp2p/dcutr",
        "/libp2p/autonat/2/dial-request",
        "/libp2p/autonat/2/dial-back",
        "/layr/test/unknown/9",
    ];
    let attacks = protocols.map(async |protocol| {
        let mut attacker = in_time(Attacker::connect(&at, protocol, false, vec![])).await;
        in_time(attacker.send_all(payloads.map(<[u8]>::to_vec).to_vec())).await;
    });
    futures::future::join_all(attacks).await;
    in_time(still_serves(&victim)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_streams_is_reset_and_others_are_served() {
    let (victim, inbound) = start(config(1, &[])).await;
    echo(inbound);
    let at = full_tcp_address(&victim).await;
    let mut attacker = in_time(Attacker::connect(&at, "/layr/test/shard/1", true, vec![])).await;
    // 150 are below the muxer's limit and above the peer's; all stay open and silent.
    let flood = tokio::spawn(async move {
        attacker.send(150, b"x").await;
        attacker
    });
    let wait = async {
        let mut events = victim.events();
        while victim.status().await.unwrap().streams_dropped == 0 {
            let _ = tokio::time::timeout(Duration::from_millis(20), events.recv()).await;
        }
    };
    in_time(wait).await;
    in_time(still_serves(&victim)).await;
    // More than the muxer allows costs the attacker the connection.
    let mut attacker = in_time(flood).await.unwrap();
    in_time(attacker.send(1000, b"x")).await;
    in_time(still_serves(&victim)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_connections_do_not_lock_others_out() {
    let mut few = config(1, &[]);
    few.limits.pending_inbound = 8;
    few.limits.handshake = Duration::from_secs(1);
    let (victim, inbound) = start(few).await;
    echo(inbound);
    let at = full_tcp_address(&victim).await;
    let port: u16 = at.split('/').nth(4).unwrap().parse().unwrap();
    let mut silent = Vec::new();
    for number in 0..40u8 {
        let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let _ = socket.write_all(&vec![number; usize::from(number)]).await;
        silent.push(socket);
    }
    // What exceeds the limit is refused at once, what is within it after the handshake's time.
    let wait = async {
        let (honest, _inbound) = start(config(99, &[])).await;
        let at = addresses(&victim, "/tcp/").await;
        loop {
            let opened =
                honest.open(peer(1), &at, SHARD, layr_net::Route::DirectOnly, Duration::from_secs(2)).await;
            if let Ok(stream) = opened {
                assert_eq!(exchange(stream, b"in").await.unwrap(), b"in");
                return;
            }
        }
    };
    in_time(wait).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_and_oversized_records_are_not_kept() {
    let (victim, inbound) = start(config(1, &[])).await;
    echo(inbound);
    let at = full_tcp_address(&victim).await;
    let mut attacker = in_time(Attacker::connect(&at, "/layr/test/kad/1", false, vec![])).await;
    let key = [b"/layr/rec/1/h".as_slice(), peer(7).as_bytes()].concat();
    let mut messages: Vec<Vec<u8>> =
        [vec![1; 100], vec![2; 12_000], vec![3; 60_000]].iter().map(|value| put_value(&key, value)).collect();
    messages.extend((0..27u8).map(|number| put_value(&[number; 40], &[number; 500])));
    in_time(attacker.send_all(messages)).await;
    assert_eq!(victim.status().await.unwrap().records, 0);
    in_time(still_serves(&victim)).await;
}

/// A DHT message `PUT_VALUE` as the protocol has it: length prefix, type 0, key, record { key, value }.
fn put_value(key: &[u8], value: &[u8]) -> Vec<u8> {
    let record = [field(1, key), field(2, value)].concat();
    let message = [vec![0x08, 0x00], field(2, key), field(3, &record)].concat();
    [varint(message.len()), message].concat()
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [vec![number << 3 | 2], varint(bytes.len()), bytes.to_vec()].concat()
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_liar_gets_no_place_in_the_routing_table() {
    let (victim, inbound) = start(config(1, &[])).await;
    echo(inbound);
    let at = full_tcp_address(&victim).await;
    let trap = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = trap.local_addr().unwrap().port();
    let mut lies: Vec<Multiaddr> =
        (0..100u16).map(|low| format!("/ip4/127.0.0.1/tcp/{}", 1 + low).parse().unwrap()).collect();
    lies.push(format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap());
    lies.push("/dns4/victim.example/tcp/4100".parse().unwrap());
    let mut attacker = in_time(Attacker::connect(&at, "/layr/test/kad/1", false, lies)).await;
    in_time(attacker.introduce()).await;
    // The one claim that may be dialled is checked, and nobody of that name answers there.
    let (knock, _) = in_time(trap.accept()).await.unwrap();
    drop(knock);
    tokio::spawn(async move {
        loop {
            attacker.introduce().await;
        }
    });
    in_time(still_serves(&victim)).await;
    assert!(victim.status().await.unwrap().routing_peers <= 1, "the honest peer at most");
    let named = victim.sample_peers(SHARD, 10, Duration::from_secs(1)).await;
    assert!(named.iter().all(|contact| contact.addresses.len() <= 8));
}
