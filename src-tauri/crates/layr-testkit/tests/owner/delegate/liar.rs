//! A delegate that takes every list and says whatever it likes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use layr_codec::{SegmentId, ShardRoot};
use layr_keys::{DeviceKey, LogEntry, LogHead, OwnerId, PeerId};
use layr_node::net::{Attached, BoxStream, Incoming};
use layr_node::wire::{ListItem, LogNews, Refusal, Request, Response, WireBytes, read_frame, write_frame};
use layr_testkit::SimNetwork;
use tokio::io::AsyncWriteExt;

/// What it says of a copy; the fate as in [`LogNews`].
pub struct Claim {
    pub fate: u8,
    pub segment: String,
    pub index: u32,
    pub root: String,
    pub host: PeerId,
}

pub struct LyingDelegate {
    shared: Arc<Shared>,
}

struct Shared {
    device: DeviceKey,
    owner: OwnerId,
    entries: Vec<LogEntry>,
    is_chain_broken: AtomicBool,
    lists: AtomicUsize,
}

impl LyingDelegate {
    pub fn start(network: &mut SimNetwork, owner: OwnerId, claims: &[Claim]) -> Self {
        let (device, attached) = network.add_stranger();
        let mut head = LogHead::default();
        let entries = claims.iter().map(|claim| {
            let news = LogNews {
                fate: claim.fate,
                segment: *claim.segment.parse::<SegmentId>().unwrap().as_bytes(),
                index: u8::try_from(claim.index).unwrap(),
                root: claim.root.parse::<ShardRoot>().unwrap().into(),
                host: *claim.host.as_bytes(),
                at_unix_s: 0,
            };
            let entry = LogEntry::next(head, owner, minicbor::to_vec(news).unwrap(), &device).unwrap();
            head = entry.head();
            entry
        });
        let entries = entries.collect();
        let shared = Shared {
            entries,
            device,
            owner,
            is_chain_broken: AtomicBool::default(),
            lists: AtomicUsize::default(),
        };
        let liar = Self { shared: Arc::new(shared) };
        let (serving, Attached { net, mut incoming }) = (Arc::clone(&liar.shared), attached);
        tokio::spawn(async move {
            let _net = net;
            while let Some(Incoming { stream, .. }) = incoming.recv().await {
                let serving = Arc::clone(&serving);
                tokio::spawn(async move { serving.answer(stream).await });
            }
        });
        liar
    }

    pub fn peer(&self) -> PeerId {
        self.shared.device.peer_id()
    }

    /// It tells an entry that is not the next one.
    pub fn break_chain(&self) {
        self.shared.is_chain_broken.store(true, Ordering::SeqCst);
    }

    /// Lists that it was given.
    pub fn lists(&self) -> usize {
        self.shared.lists.load(Ordering::SeqCst)
    }
}

impl Shared {
    async fn answer(&self, mut stream: BoxStream) -> Option<()> {
        let response = match read_frame(&mut stream).await.ok()? {
            Request::Entrust { .. } => {
                write_frame(&mut stream, &Response::Accepted).await.ok()?;
                loop {
                    if let ListItem::End { segments } = read_frame(&mut stream).await.ok()? {
                        self.lists.fetch_add(1, Ordering::SeqCst);
                        break Response::Entrusted { segments };
                    }
                }
            }
            Request::Report { after, .. } => {
                let told = self.entries.iter().skip(usize::try_from(after).ok()?).map(LogEntry::encode);
                let mut entries: Vec<WireBytes> = told.map(WireBytes).collect();
                if self.is_chain_broken.load(Ordering::SeqCst) {
                    let head = LogHead { number: after, digest: [7; 32] };
                    let entry = LogEntry::next(head, self.owner, vec![1], &self.device).ok()?;
                    entries.push(WireBytes(entry.encode()));
                }
                Response::Report { entries, hosts: Vec::new(), is_last: true }
            }
            _ => Response::Refused { reason: Refusal::NotHosting },
        };
        write_frame(&mut stream, &response).await.ok()?;
        stream.shutdown().await.ok()
    }
}
