//! One peer of the NAT lab, for network namespaces: prints what happens as JSON lines.
//!
//! ```text
//! natpeer seed     --key 1 --port 4100
//! natpeer listener --key 2 --port 4100 --seed ADDRESS [--transport tcp|quic]
//! natpeer dialer   --key 3 --port 4100 --seed ADDRESS [--transport tcp|quic] --to 2 [--wait 30] [--bulk-mib 16] [--linger 10]
//! ```
//! Keys are one byte repeated, so that scripts know the peer ids: the first line of each says its own. The dialer opens a
//! stream over whatever way there is, then asks for a direct one, has bulk echoed over it if told to, stays for `--linger`
//! seconds, and ends: 0 direct, 3 only relayed, 4 not at all.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use layr_keys::{DeviceKey, PeerId};
use layr_net::{Inbound, Limits, Net, NetConfig, NetEvent, OpenError, Reachability, Role, Route, SHARD};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use zeroize::Zeroizing;

/// Bytes of one echo: a control message, far below what a relay cuts.
const ECHO_BYTES: usize = 16 * 1024;

struct Arguments {
    role: String,
    key: u8,
    to: u8,
    port: u16,
    seeds: Vec<String>,
    transport: String,
    wait: Duration,
    bulk_bytes: usize,
    linger: Duration,
}

fn arguments() -> Option<Arguments> {
    let mut words = std::env::args().skip(1);
    let mut parsed = Arguments {
        role: words.next()?,
        key: 1,
        to: 0,
        port: 4100,
        seeds: vec![],
        transport: String::new(),
        wait: Duration::from_secs(30),
        bulk_bytes: ECHO_BYTES,
        linger: Duration::ZERO,
    };
    while let Some(flag) = words.next() {
        let value = words.next()?;
        match flag.as_str() {
            "--key" => parsed.key = value.parse().ok()?,
            "--to" => parsed.to = value.parse().ok()?,
            "--port" => parsed.port = value.parse().ok()?,
            "--seed" => parsed.seeds.push(value),
            "--transport" => parsed.transport = value,
            "--wait" => parsed.wait = Duration::from_secs(value.parse().ok()?),
            "--bulk-mib" => parsed.bulk_bytes = value.parse::<usize>().ok()?.checked_mul(1 << 20)?,
            "--linger" => parsed.linger = Duration::from_secs(value.parse().ok()?),
            _ => return None,
        }
    }
    Some(parsed)
}

fn say(line: &Value) {
    println!("{line}");
}

fn peer(key: u8) -> PeerId {
    DeviceKey::from_bytes(&[key; 32]).peer_id()
}

fn config(arguments: &Arguments) -> NetConfig {
    let port = arguments.port;
    let listen =
        [("tcp", format!("/ip4/0.0.0.0/tcp/{port}")), ("quic", format!("/ip4/0.0.0.0/udp/{port}/quic-v1"))];
    let wanted = |name: &str| arguments.transport.is_empty() || arguments.transport == name;
    let seed = arguments.role == "seed";
    NetConfig {
        device_secret: Zeroizing::new([arguments.key; 32]),
        network: "natlab".into(),
        role: if seed { Role::Seed } else { Role::Node },
        listen: listen.into_iter().filter(|(name, _)| wanted(name)).map(|(_, address)| address).collect(),
        bootstrap: arguments.seeds.clone(),
        accept: if seed { vec![] } else { vec![SHARD] },
        enable_mdns: false,
        enable_upnp: false,
        assume_reachable: seed,
        state_dir: None,
        limits: if seed { Limits::seed() } else { Limits::default() },
    }
}

fn report_events(net: &Net, start: Instant) {
    let mut events = net.events();
    tokio::spawn(async move {
        while let Ok(event) = events.recv().await {
            let ms = start.elapsed().as_millis();
            let line = match event {
                NetEvent::Connected { peer, address, relayed, outbound } => json!({
                    "event": if relayed { "relayed-connection" } else { "direct-connection" },
                    "peer": peer.to_string(), "address": address, "outbound": outbound,
                    "transport": if address.contains("/quic-v1") { "quic" } else { "tcp" }, "ms": ms,
                }),
                NetEvent::ConnectionClosed { peer, relayed } => {
                    json!({"event": "connection-closed", "peer": peer.to_string(), "relayed": relayed, "ms": ms})
                }
                NetEvent::Disconnected { peer } => {
                    json!({"event": "disconnected", "peer": peer.to_string(), "ms": ms})
                }
                NetEvent::Reserved { relay } => {
                    json!({"event": "reservation", "relay": relay.to_string(), "ms": ms})
                }
                NetEvent::Reachability(reachability) => {
                    let text = match reachability {
                        Reachability::Public => "public",
                        Reachability::Private => "private",
                        Reachability::Unknown => "unknown",
                    };
                    json!({"event": "reachability", "state": text, "ms": ms})
                }
                NetEvent::PunchFailed { peer, reason } => {
                    json!({"event": "punch-failed", "peer": peer.to_string(), "reason": reason, "ms": ms})
                }
                NetEvent::ExternalAddress { address } => {
                    json!({"event": "external", "address": address, "ms": ms})
                }
                _ => continue,
            };
            say(&line);
        }
    });
}

fn echo(mut inbound: Inbound) {
    tokio::spawn(async move {
        while let Some(incoming) = inbound.next().await {
            say(
                &json!({"event": "inbound-stream", "peer": incoming.peer.to_string(), "relayed": incoming.relayed}),
            );
            tokio::spawn(async move {
                let (mut read, mut write) = tokio::io::split(incoming.stream);
                let _ = tokio::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            });
        }
    });
}

/// Opens a stream and has bytes echoed; says how that went.
async fn try_echo(net: &Net, to: PeerId, route: Route, wait: Duration, size: usize) -> Result<(), OpenError> {
    let start = Instant::now();
    let name = if route == Route::DirectOnly { "direct" } else { "any" };
    let stream = match net.open(to, &[], SHARD, route, wait).await {
        Ok(stream) => stream,
        Err(error) => {
            say(
                &json!({"event": "no-stream", "route": name, "error": error.to_string(), "ms": start.elapsed().as_millis()}),
            );
            return Err(error);
        }
    };
    let relayed = stream.is_relayed();
    let (mut read, mut write) = tokio::io::split(stream);
    // Both ways at once: the other side sends back while it reads, and would stop reading if nobody took that.
    let give = async {
        let block = vec![7; ECHO_BYTES];
        for _ in 0..size / ECHO_BYTES {
            write.write_all(&block).await?;
        }
        write.shutdown().await
    };
    let take = async { tokio::io::copy(&mut read, &mut tokio::io::sink()).await };
    let exchange = async { tokio::try_join!(give, take).map(|((), back)| back) };
    let echoed = tokio::time::timeout(wait, exchange).await;
    let bytes = echoed.ok().and_then(Result::ok).unwrap_or(0);
    say(&json!({
        "event": "echo", "route": name, "relayed": relayed, "bytes": bytes, "complete": u64::try_from(size) == Ok(bytes),
        "ms": start.elapsed().as_millis(),
    }));
    Ok(())
}

async fn dial(net: &Net, to: PeerId, arguments: &Arguments) -> ExitCode {
    let wait = arguments.wait;
    let until = Instant::now() + wait;
    // The listener may still be looking for its relay.
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return ExitCode::from(4);
        }
        if try_echo(net, to, Route::PreferDirect, left, ECHO_BYTES).await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let direct = try_echo(net, to, Route::DirectOnly, wait, arguments.bulk_bytes).await;
    let found = net.sample_peers(SHARD, 8, Duration::from_secs(3)).await;
    for contact in found {
        say(&json!({
            "event": "contact", "peer": contact.peer.to_string(), "addresses": contact.addresses,
            "relayed_only": contact.relayed_only,
        }));
    }
    tokio::time::sleep(arguments.linger).await;
    match direct {
        Ok(()) => ExitCode::SUCCESS,
        Err(OpenError::OnlyRelayed { .. }) => ExitCode::from(3),
        Err(_) => ExitCode::from(4),
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let Some(arguments) = arguments() else {
        eprintln!(
            "usage: natpeer seed|listener|dialer --key N --port N [--seed ADDRESS] [--transport tcp|quic] [--to N] [--wait S] [--bulk-mib N] [--linger S]"
        );
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let (net, inbound) = match Net::start(config(&arguments)).await {
        Ok(started) => started,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let listening = net.status().await.map(|status| status.listening).unwrap_or_default();
    say(&json!({"event": "listening", "peer": net.local_peer().to_string(), "addresses": listening}));
    report_events(&net, start);
    echo(inbound);
    let code = if arguments.role == "dialer" {
        dial(&net, peer(arguments.to), &arguments).await
    } else {
        std::future::pending().await
    };
    net.shutdown().await;
    code
}
