//! Bytes a second and CPU seconds per GiB of one stream over loopback, sender and receiver in processes of their own.
//!
//! ```text
//! cargo run --release -p layr-net --example throughput -- [--mib 2048] [--streams 1] [--pin]
//! ```
//! Prints one JSON line per figure: `{"figure","unit","value","goal"}`. `--pin` puts the receiver on core 1 (start the
//! whole with `taskset -c 0` to have the sender on core 0). CPU time is the process's own, from /proc, so this is for Linux.
//! The goals are what bare libp2p was measured at on the same kind of machine; the difference is this crate's share.

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use layr_keys::DeviceKey;
use layr_net::{Inbound, Limits, Net, NetConfig, Role, Route, SHARD};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use zeroize::Zeroizing;

/// What a piece of a shard is.
const BUFFER_BYTES: usize = 64 * 1024;
const MIB: u64 = 1024 * 1024;

fn config(key: u8, transport: &str) -> NetConfig {
    let listen = if transport == "quic" { "/ip4/127.0.0.1/udp/0/quic-v1" } else { "/ip4/127.0.0.1/tcp/0" };
    NetConfig {
        device_secret: Zeroizing::new([key; 32]),
        network: "throughput".into(),
        role: Role::Node,
        listen: vec![listen.into()],
        bootstrap: vec![],
        accept: vec![SHARD],
        enable_mdns: false,
        enable_upnp: false,
        assume_reachable: true,
        state_dir: None,
        limits: Limits::default(),
    }
}

/// User and system time of this process so far, in seconds.
fn cpu_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_SECOND
}

async fn receive(mut inbound: Inbound, streams: u64) -> std::io::Result<()> {
    let mut tasks = Vec::new();
    let mut before = 0.0;
    for number in 0..streams {
        let Some(mut incoming) = inbound.next().await else { break };
        if number == 0 {
            before = cpu_seconds();
        }
        tasks.push(tokio::spawn(async move {
            let mut buffer = vec![0; BUFFER_BYTES];
            while incoming.stream.read(&mut buffer).await? > 0 {}
            incoming.stream.write_all(b"k").await?;
            incoming.stream.shutdown().await
        }));
    }
    for task in tasks {
        task.await??;
    }
    println!("{}", cpu_seconds() - before);
    Ok(())
}

async fn serve(transport: &str, streams: u64) -> std::io::Result<()> {
    let (net, inbound) = Net::start(config(1, transport)).await.map_err(std::io::Error::other)?;
    let status = net.status().await.ok_or_else(|| std::io::Error::other("stopped"))?;
    let address = status.listening.first().cloned().unwrap_or_default();
    println!("{}", address.split("/p2p/").next().unwrap_or_default());
    receive(inbound, streams).await?;
    net.shutdown().await;
    Ok(())
}

async fn send(net: &Net, address: &str, bytes: u64) -> std::io::Result<()> {
    let to = DeviceKey::from_bytes(&[1; 32]).peer_id();
    let mut stream = net
        .open(to, &[address.to_owned()], SHARD, Route::DirectOnly, Duration::from_secs(10))
        .await
        .map_err(std::io::Error::other)?;
    let block = vec![7; BUFFER_BYTES];
    let mut left = bytes;
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(BUFFER_BYTES).min(BUFFER_BYTES);
        stream.write_all(block.get(..part).unwrap_or_default()).await?;
        left -= u64::try_from(part).unwrap_or(left);
    }
    stream.shutdown().await?;
    let mut done = [0];
    stream.read_exact(&mut done).await?;
    Ok(())
}

async fn measure(transport: &str, mib: u64, streams: u64, pin: bool) -> std::io::Result<()> {
    let own = std::env::current_exe()?;
    let mut command = if pin {
        let mut pinned = Command::new("taskset");
        pinned.args(["-c", "1"]).arg(own);
        pinned
    } else {
        Command::new(own)
    };
    command.args(["serve", transport, &streams.to_string()]).stdout(Stdio::piped());
    let mut child = tokio::process::Command::from(command).spawn()?;
    let output = child.stdout.take().ok_or_else(|| std::io::Error::other("no output"))?;
    let mut lines = tokio::io::BufReader::new(output).lines();
    let address = lines.next_line().await?.unwrap_or_default();
    let (net, _inbound) = Net::start(config(2, transport)).await.map_err(std::io::Error::other)?;
    send(&net, &address, 0).await.ok();
    let before = cpu_seconds();
    let start = Instant::now();
    let sends = (1..streams).map(|_| send(&net, &address, mib * MIB / (streams - 1)));
    for sent in futures::future::join_all(sends).await {
        sent?;
    }
    let wall = start.elapsed().as_secs_f64();
    let sender = cpu_seconds() - before;
    let receiver: f64 = lines.next_line().await?.and_then(|line| line.parse().ok()).unwrap_or(f64::NAN);
    child.wait().await?;
    net.shutdown().await;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand MiB")]
    let (mib, gib) = (mib as f64, mib as f64 / 1024.0);
    let (rate_goal, sender_goal, receiver_goal) =
        if transport == "quic" { (220.0, 3.8, 3.3) } else { (450.0, 2.1, 2.0) };
    for (figure, unit, value, goal) in [
        ("throughput", "MiB/s", mib / wall, rate_goal),
        ("sender-cpu", "CPU s/GiB", sender / gib, sender_goal),
        ("receiver-cpu", "CPU s/GiB", receiver / gib, receiver_goal),
    ] {
        let value = (value * 100.0).round() / 100.0;
        println!(
            "{}",
            json!({"figure": format!("net-{transport}-{figure}"), "unit": unit, "value": value, "goal": goal})
        );
    }
    Ok(())
}

fn option(words: &[String], flag: &str, default: u64) -> u64 {
    let at = words.iter().position(|word| word == flag);
    at.and_then(|at| words.get(at + 1)).and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match words.as_slice() {
        [serve_word, transport, streams] if serve_word == "serve" => {
            serve(transport, streams.parse().unwrap_or(2)).await
        }
        _ => {
            let (mib, streams) = (option(&words, "--mib", 1024), option(&words, "--streams", 1));
            let pin = words.iter().any(|word| word == "--pin");
            let mut outcome = Ok(());
            for transport in ["tcp", "quic"] {
                // One stream more: the first is a short one that makes the connection.
                outcome = outcome.and(measure(transport, mib, streams + 1, pin).await);
            }
            outcome
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
