//! A delegate that takes every list and says whatever it likes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use layr_codec::{SegmentId, ShardRoot};
use layr_keys::{DeviceKey, LogEntry, LogHead, OwnerId, PeerId};
use layr_node::net::{Attached, BoxStream, Incoming, Net, Route};
use layr_node::wire::{
    ByteRange, ListItem, LogNews, MAX_REPORTED, PutTrailer, Refusal, Request, Response, WireBytes, WireRoot,
    read_frame, write_frame,
};
use layr_testkit::SimNetwork;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What it says of a copy; the fate as in [`LogNews`].
#[derive(Debug, Clone)]
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
    net: Arc<dyn Net>,
    entries: Mutex<Vec<LogEntry>>,
    delegation: Mutex<Vec<u8>>,
    is_chain_broken: AtomicBool,
    does_refuse_lists: AtomicBool,
    lists: AtomicUsize,
}

impl LyingDelegate {
    pub fn start(network: &mut SimNetwork, owner: OwnerId, claims: &[Claim]) -> Self {
        let (device, Attached { net, mut incoming }) = network.add_stranger();
        let shared = Shared {
            device,
            owner,
            net,
            entries: Mutex::default(),
            delegation: Mutex::default(),
            is_chain_broken: AtomicBool::default(),
            does_refuse_lists: AtomicBool::default(),
            lists: AtomicUsize::default(),
        };
        let liar = Self { shared: Arc::new(shared) };
        liar.tell(claims);
        let serving = Arc::clone(&liar.shared);
        tokio::spawn(async move {
            while let Some(Incoming { stream, .. }) = incoming.recv().await {
                let serving = Arc::clone(&serving);
                tokio::spawn(async move { serving.answer(stream).await });
            }
        });
        liar
    }

    /// Has this to tell from now on as well.
    pub fn tell(&self, claims: &[Claim]) {
        let mut entries = self.shared.entries.lock();
        for claim in claims {
            let news = LogNews {
                fate: claim.fate,
                segment: *claim.segment.parse::<SegmentId>().unwrap().as_bytes(),
                index: u8::try_from(claim.index).unwrap(),
                root: claim.root.parse::<ShardRoot>().unwrap().into(),
                host: *claim.host.as_bytes(),
                at_unix_s: 0,
            };
            let head = entries.last().map_or_else(LogHead::default, LogEntry::head);
            let payload = minicbor::to_vec(news).unwrap();
            entries.push(LogEntry::next(head, self.shared.owner, payload, &self.shared.device).unwrap());
        }
    }

    pub fn peer(&self) -> PeerId {
        self.shared.device.peer_id()
    }

    /// It tells an entry that is not the next one.
    pub fn break_chain(&self) {
        self.shared.is_chain_broken.store(true, Ordering::SeqCst);
    }

    /// It takes no list from now on, once it has all of one.
    pub fn refuse_lists(&self) {
        self.shared.does_refuse_lists.store(true, Ordering::SeqCst);
    }

    /// Lists that it was given, those among them that it refused.
    pub fn lists(&self) -> usize {
        self.shared.lists.load(Ordering::SeqCst)
    }

    /// The delegation that it was given last.
    pub fn delegation(&self) -> Vec<u8> {
        self.shared.delegation.lock().clone()
    }

    /// Stores at one host what lies at another, in the owner's name, with its delegation or what else lets it.
    pub async fn copy(
        &self,
        (root, size_bytes): (&str, u32),
        [from, to]: [PeerId; 2],
        certificate: Vec<u8>,
    ) -> Result<(), Refusal> {
        let root: WireRoot = root.parse::<ShardRoot>().unwrap().into();
        let get = Request::Get { root, ranges: vec![ByteRange { offset: 0, len: size_bytes }] };
        let (mut stream, response) = self.ask(from, &get).await;
        assert!(matches!(response, Response::Found { .. }), "{response:?}");
        let mut shard = Vec::new();
        stream.read_to_end(&mut shard).await.unwrap();
        let (mut stream, response) = self.ask(to, &Request::Put { certificate, size_bytes }).await;
        if let Response::Refused { reason } = response {
            return Err(reason);
        }
        stream.write_all(&shard).await.unwrap();
        write_frame(&mut stream, &PutTrailer { root }).await.unwrap();
        let response = read_frame(&mut stream).await.unwrap();
        assert!(matches!(response, Response::Stored), "{response:?}");
        Ok(())
    }

    async fn ask(&self, peer: PeerId, request: &Request) -> (BoxStream, Response) {
        let deadline = Duration::from_secs(5);
        let mut stream = self.shared.net.open(peer, &[], Route::Any, deadline).await.unwrap();
        write_frame(&mut stream, request).await.unwrap();
        let response = read_frame(&mut stream).await.unwrap();
        (stream, response)
    }
}

impl Shared {
    async fn answer(&self, mut stream: BoxStream) -> Option<()> {
        let response = match read_frame(&mut stream).await.ok()? {
            Request::Entrust { delegation, .. } => {
                *self.delegation.lock() = delegation;
                write_frame(&mut stream, &Response::Accepted).await.ok()?;
                loop {
                    if let ListItem::End { segments } = read_frame(&mut stream).await.ok()? {
                        self.lists.fetch_add(1, Ordering::SeqCst);
                        if self.does_refuse_lists.load(Ordering::SeqCst) {
                            break Response::Refused { reason: Refusal::BadRequest };
                        }
                        break Response::Entrusted { segments };
                    }
                }
            }
            Request::Report { after, .. } => self.report(after)?,
            _ => Response::Refused { reason: Refusal::NotHosting },
        };
        write_frame(&mut stream, &response).await.ok()?;
        stream.shutdown().await.ok()
    }

    fn report(&self, after: u64) -> Option<Response> {
        let all = self.entries.lock();
        let untold = all.get(usize::try_from(after).ok()?..)?;
        let is_last = untold.len() <= MAX_REPORTED;
        let told = untold.iter().take(MAX_REPORTED).map(LogEntry::encode);
        let mut entries: Vec<WireBytes> = told.map(WireBytes).collect();
        if self.is_chain_broken.load(Ordering::SeqCst) {
            let head = LogHead { number: after, digest: [7; 32] };
            let entry = LogEntry::next(head, self.owner, vec![1], &self.device).ok()?;
            entries.push(WireBytes(entry.encode()));
        }
        Some(Response::Report { entries, hosts: Vec::new(), is_last })
    }
}
