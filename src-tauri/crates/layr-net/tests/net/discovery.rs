use std::collections::HashSet;
use std::time::Duration;

use layr_keys::{DeviceKey, RecordKind, SignedRecord};
use layr_net::{Net, NetConfig, NetEvent, RecordError, Route, SHARD};

use crate::node::{
    LONG, addresses, config, echo, exchange, listening, open, peer, secret, seed_config, start, with_state,
};

fn host_record(seed: u8, sequence: u64, payload: &[u8]) -> SignedRecord {
    SignedRecord::for_host("test", &DeviceKey::from_bytes(&secret(seed)), sequence, payload.to_vec()).unwrap()
}

/// Waits until the node is connected to anybody.
async fn connected(net: &Net) {
    let mut events = net.events();
    let wait = async {
        while net.status().await.unwrap().connected_peers == 0 {
            let _ = tokio::time::timeout(Duration::from_millis(100), events.recv()).await;
        }
    };
    tokio::time::timeout(LONG, wait).await.expect("nobody to connect to");
}

/// Waits until `condition` holds, asked again after every event.
async fn until(net: &Net, mut condition: impl AsyncFnMut() -> bool) {
    let mut events = net.events();
    let wait = async {
        while !condition().await {
            let _ = tokio::time::timeout(Duration::from_millis(50), events.recv()).await;
        }
    };
    tokio::time::timeout(LONG, wait).await.expect("did not come true");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_nodes_find_each_other() {
    let (seed, _inbound) = start(seed_config(200)).await;
    let bootstrap = listening(&seed).await;
    let mut nodes = Vec::new();
    for number in 1..=30 {
        // One transport: on a loaded machine the second would be dialled as well, twice the handshakes for nothing.
        let listen = vec!["/ip4/127.0.0.1/tcp/0".to_owned()];
        nodes.push(start(NetConfig { listen, ..config(number, &bootstrap) }).await);
    }
    let samples = nodes.iter().map(|(net, _)| net.sample_peers(SHARD, 64, 3 * LONG));
    let samples = futures::future::join_all(samples).await;
    for ((net, _), found) in nodes.iter().zip(&samples) {
        let who: HashSet<_> = found.iter().map(|contact| contact.peer).collect();
        assert!(who.len() >= 28, "{} of 29", who.len());
        assert!(!who.contains(&net.local_peer()), "never this node itself");
        assert!(!who.contains(&peer(200)), "never a seed");
        assert!(found.iter().all(|contact| !contact.relayed_only && !contact.addresses.is_empty()));
        assert_eq!(who.len(), found.len());
    }
    assert_eq!(nodes[0].0.sample_peers(SHARD, 5, LONG).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sample_gives_streams() {
    let (seed, _inbound) = start(seed_config(200)).await;
    let bootstrap = listening(&seed).await;
    let (host, inbound) = start(config(1, &bootstrap)).await;
    echo(inbound);
    let (owner, _inbound) = start(NetConfig { accept: vec![], ..config(2, &bootstrap) }).await;
    connected(&host).await;
    let found = owner.sample_peers(SHARD, 1, LONG).await;
    assert_eq!(found[0].peer, peer(1));
    let stream = open(&owner, peer(1), &found[0].addresses).await;
    assert_eq!(exchange(stream, b"shard").await.unwrap(), b"shard");
    assert!(host.sample_peers(SHARD, 1, Duration::from_secs(2)).await.is_empty(), "an owner serves nothing");
}

/// As on a local network of one machine, where multicast leads a host to a new node's interface address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_on_the_loopback_alone_is_found_by_the_node_that_it_called() {
    // No packet is sent: the system only chooses the address that it would send from.
    let probe = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    probe.connect("192.0.2.77:9").expect("needs a network interface beside the loopback");
    let interface = probe.local_addr().unwrap().ip();
    let (host, inbound) = start(config(1, &[])).await;
    echo(inbound);
    for (number, transport) in [(2, "tcp/0"), (3, "udp/0/quic-v1")] {
        let listen = vec![format!("/ip4/{interface}/{transport}")];
        let (owner, _inbound) = start(NetConfig { accept: vec![], listen, ..config(number, &[]) }).await;
        let called = addresses(&owner, "/ip4").await;
        // It serves nothing: what counts is the connection.
        let _refused = host.open(peer(number), &called, SHARD, Route::PreferDirect, LONG).await;
        let found = owner.sample_peers(SHARD, 1, LONG).await;
        assert_eq!(found.iter().map(|contact| contact.peer).collect::<Vec<_>>(), [peer(1)], "{transport}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_found_by_all_and_the_newest_wins() {
    let (seed, _inbound) = start(seed_config(200)).await;
    let bootstrap = listening(&seed).await;
    let mut nodes = Vec::new();
    for number in 1..=6 {
        nodes.push(start(config(number, &bootstrap)).await);
    }
    for (net, _) in &nodes {
        connected(net).await;
    }
    let (publisher, reader) = (&nodes[0].0, &nodes[5].0);
    until(publisher, async || publisher.status().await.unwrap().routing_peers >= 3).await;
    let key = *peer(1).as_bytes();
    publisher.put_record(host_record(1, 1, b"first")).await.unwrap();
    publisher.put_record(host_record(1, 2, b"second")).await.unwrap();
    assert_eq!(publisher.put_record(host_record(1, 1, b"first")).await, Err(RecordError::Stale));
    let found = reader.get_record(RecordKind::Host, key, LONG).await.unwrap().unwrap();
    assert_eq!((found.sequence(), found.payload()), (2, b"second".as_slice()));
    assert_eq!(reader.get_record(RecordKind::Owner, key, LONG).await.unwrap(), None);
    let foreign = SignedRecord::for_host("other", &DeviceKey::from_bytes(&secret(1)), 9, vec![]).unwrap();
    assert_eq!(publisher.put_record(foreign).await, Err(RecordError::Unsigned));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lonely_node_says_that_nobody_took_its_record_and_keeps_it() {
    let directory = tempfile::tempdir().unwrap();
    let (net, _inbound) = start(with_state(config(1, &[]), directory.path())).await;
    let outcome = net.put_record(host_record(1, 7, b"mine")).await;
    assert!(matches!(outcome, Err(RecordError::NotStored { .. })), "{outcome:?}");
    net.shutdown().await;
    let (net, _inbound) = start(with_state(config(1, &[]), directory.path())).await;
    let kept = net.get_record(RecordKind::Host, *peer(1).as_bytes(), LONG).await.unwrap().unwrap();
    assert_eq!(kept.sequence(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seed_may_start_after_its_nodes() {
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = format!("/ip4/127.0.0.1/tcp/{}", elsewhere.local_addr().unwrap().port());
    let (node, _inbound) = start(config(1, &[format!("{listen}/p2p/{}", peer(200))])).await;
    // The first knock is heard, and nobody is at home.
    let (knock, _) = tokio::time::timeout(LONG, elsewhere.accept()).await.unwrap().unwrap();
    drop((knock, elsewhere));
    assert_eq!(node.status().await.unwrap().connected_peers, 0);
    let (_seed, _inbound) = start(NetConfig { listen: vec![listen], ..seed_config(200) }).await;
    connected(&node).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_survives_its_seed() {
    let directory = tempfile::tempdir().unwrap();
    let (seed, _inbound) = start(seed_config(200)).await;
    let bootstrap = listening(&seed).await;
    let (host, _inbound) = start(config(1, &bootstrap)).await;
    let (owner, _inbound) = start(with_state(config(2, &bootstrap), directory.path())).await;
    connected(&host).await;
    assert_eq!(owner.sample_peers(SHARD, 1, LONG).await.len(), 1);
    owner.shutdown().await;
    seed.shutdown().await;
    let (owner, _inbound) = start(with_state(config(2, &bootstrap), directory.path())).await;
    connected(&owner).await;
    assert!(owner.is_connected(peer(1)));
    assert_eq!(owner.sample_peers(SHARD, 1, LONG).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_finds_out_whether_this_node_is_reachable() {
    let (seed, _inbound) = start(seed_config(200)).await;
    let bootstrap = listening(&seed).await;
    let (node, _inbound) = start(NetConfig { assume_reachable: false, ..config(1, &bootstrap) }).await;
    let mut events = node.events();
    let wait = async {
        loop {
            if let NetEvent::Reachability(reachability) = events.recv().await.unwrap() {
                return reachability;
            }
        }
    };
    let reachability = tokio::time::timeout(LONG, wait).await.unwrap();
    assert_eq!(reachability, layr_net::Reachability::Public);
    let status = node.status().await.unwrap();
    assert!(!status.external.is_empty() && status.relays.is_empty());
}
