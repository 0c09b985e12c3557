//! Fake relays of drand: each serves a local ledger's beacon as drand's relays serve theirs, or misbehaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use layr_ledger::Ledger;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What a fake relay calls its beacon.
pub const FAKE_CHAIN: &str = "00000000000000000000000000000000000000000000000000000000000000fa";
/// Longest head of a request.
const MAX_HEAD_BYTES: usize = 4096;
/// So much comes behind a round where an answer has no end.
const PADDING_BYTES: usize = 1 << 20;

/// How a relay behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It serves each round that is out.
    Honest,
    /// It serves the signature of the round before, under the number that was asked for.
    Lying,
    /// It serves the round before, as that.
    Behind,
    /// It takes a request and never answers.
    Silent,
    /// It serves a round with a megabyte behind it.
    Oversized,
    /// It has none.
    Refusing,
}

/// A relay on a port of its own; it ends with this.
#[derive(Debug)]
pub struct FakeDrand {
    url: String,
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl FakeDrand {
    /// A relay of this ledger's beacon.
    pub async fn start(ledger: &Ledger, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<AtomicUsize>::default();
        let (ledger, counter) = (ledger.clone(), Arc::clone(&asked));
        let task = tokio::spawn(async move {
            let mut answering = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::Relaxed);
                let ledger = ledger.clone();
                answering.spawn(async move { answer(stream, &ledger, manner).await });
            }
        });
        Self { url, asked, task }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Drop for FakeDrand {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request. A client that goes away before its answer is no failure.
async fn answer(mut stream: TcpStream, ledger: &Ledger, manner: Manner) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if head.len() > MAX_HEAD_BYTES || stream.read_exact(&mut byte).await.is_err() {
            return;
        }
        head.push(byte[0]);
    }
    if manner == Manner::Silent {
        std::future::pending::<()>().await;
    }
    let body = match round_asked_for(&head).filter(|_| manner != Manner::Refusing) {
        Some(round) => served(ledger, manner, round).await,
        None => None,
    };
    let (status, body) = body.map_or(("404 Not Found", String::new()), |body| ("200 OK", body));
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n");
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn round_asked_for(head: &[u8]) -> Option<u64> {
    let head = std::str::from_utf8(head).ok()?;
    let path = head.strip_prefix("GET /")?.split(' ').next()?;
    path.strip_prefix(FAKE_CHAIN)?.strip_prefix("/public/")?.parse().ok()
}

/// A round as drand writes it.
async fn served(ledger: &Ledger, manner: Manner, round: u64) -> Option<String> {
    let published = match manner {
        Manner::Lying | Manner::Behind => ledger.local_round(round - 1).await.ok()?,
        _ => ledger.local_round(round).await.ok()?,
    };
    let number = if manner == Manner::Behind { round - 1 } else { round };
    let (signature, randomness) = (hex::encode(published.compressed), hex::encode(published.randomness));
    let text = format!(r#"{{"round":{number},"randomness":"{randomness}","signature":"{signature}"}}"#);
    let padding = if manner == Manner::Oversized { PADDING_BYTES } else { 0 };
    Some(format!("{text}{}", " ".repeat(padding)))
}
