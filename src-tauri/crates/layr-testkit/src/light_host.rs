//! A host without a disk: it speaks the real protocol and keeps shards in memory, so that hundreds of them and a year of their
//! lives fit one process. The owner's node that they serve is the real one.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use layr_codec::PIECE_BYTES;
use layr_keys::{DeviceKey, PeerId, SignedRecord};
use layr_node::net::{Attached, BoxStream, Incoming};
use layr_node::wire::{
    LeafAnswer, Offer, PutTrailer, Question, Refusal, Request, Response, WireBytes, WireRoot, read_frame,
    write_frame,
};
use layr_proof::{LEAF_BYTES, Node, leaf_digest, subtree_path};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

/// Room that each host offers: simulations are not about full disks.
const FREE_BYTES: u64 = 1 << 40;

/// Leaves of a piece, the unit of which a download has liars named.
const PIECE_LEAVES: usize = PIECE_BYTES / LEAF_BYTES;

/// How a host answers about leaves that it dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    /// It sends other bytes in their place.
    Forges,
    /// It puts the question off, for ever.
    PutsOff,
}

/// What hosts were asked, in bytes and numbers, all of them together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes of shards that hosts received.
    pub put_bytes: u64,
    /// Bytes of shards that hosts sent.
    pub get_bytes: u64,
    /// Requests to prove leaves.
    pub audits: u64,
    /// Leaves that were proven.
    pub leaves: u64,
}

/// What all light hosts of a network write into.
#[derive(Debug, Clone)]
pub struct Tally {
    began: Instant,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    traffic: Traffic,
    course: DefaultHasher,
}

impl Default for Tally {
    fn default() -> Self {
        Self { began: Instant::now(), state: Arc::default() }
    }
}

impl Tally {
    /// What was asked so far.
    pub fn traffic(&self) -> Traffic {
        self.state.lock().traffic
    }

    /// A digest of everything that hosts were asked, and when: two runs with the same one took the same course.
    pub fn course(&self) -> u64 {
        self.state.lock().course.finish()
    }

    fn note(&self, host: PeerId, request: &Request, sent: impl FnOnce(&mut Traffic)) {
        let mut state = self.state.lock();
        sent(&mut state.traffic);
        (self.began.elapsed(), host.as_bytes()).hash(&mut state.course);
        match request {
            Request::Offer => 0_u8.hash(&mut state.course),
            Request::Put { size_bytes, .. } => (1_u8, size_bytes).hash(&mut state.course),
            Request::Get { root, ranges } => (2_u8, root.0, ranges.len()).hash(&mut state.course),
            Request::Prove { root, first_piece, .. } => (3_u8, root.0, first_piece).hash(&mut state.course),
            Request::Has { roots } => (4_u8, roots.len()).hash(&mut state.course),
            Request::Delete { roots, .. } => (5_u8, roots.len()).hash(&mut state.course),
            Request::Entrust { .. } | Request::Report { .. } | Request::Release { .. } => {
                7_u8.hash(&mut state.course);
            }
            Request::Agree { .. }
            | Request::Opened { .. }
            | Request::Window { .. }
            | Request::Close { .. }
            | Request::Revise { .. } => 8_u8.hash(&mut state.course),
            Request::Audit { questions } => {
                for Question { root, leaves } in questions {
                    (6_u8, root.0, leaves).hash(&mut state.course);
                }
            }
        }
    }
}

/// A host in memory. Cheap to clone; all clones are the same host.
#[derive(Clone)]
pub struct LightHost {
    shelf: Arc<Shelf>,
}

struct Shelf {
    device: DeviceKey,
    network: String,
    address: String,
    tally: Tally,
    shards: Mutex<BTreeMap<[u8; 32], Arc<[u8]>>>,
    dropped: Mutex<Option<Dropped>>,
    short_since: Mutex<Option<Instant>>,
}

/// Which leaves a host no longer has, and what it says about them.
#[derive(Debug, Clone, Copy)]
struct Dropped {
    per_mille: u64,
    manner: Manner,
}

impl std::fmt::Debug for LightHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LightHost({})", self.peer())
    }
}

impl LightHost {
    /// Serves `attached` until the network forgets it. Must be called inside a tokio runtime.
    pub fn serve(
        device: DeviceKey,
        network: &str,
        address: String,
        attached: Attached,
        tally: &Tally,
    ) -> Self {
        let shelf = Arc::new(Shelf {
            device,
            network: network.to_owned(),
            address,
            tally: tally.clone(),
            shards: Mutex::default(),
            dropped: Mutex::default(),
            short_since: Mutex::default(),
        });
        let host = Self { shelf };
        let serving = host.clone();
        let Attached { net, mut incoming } = attached;
        tokio::spawn(async move {
            // The end of the network lives as long as it is served.
            let _net = net;
            while let Some(Incoming { stream, .. }) = incoming.recv().await {
                let host = serving.clone();
                tokio::spawn(async move {
                    // A stream that breaks ends the answer; the other side sees a reset.
                    let _ = host.answer(stream).await;
                });
            }
        });
        host
    }

    /// Its identity.
    pub fn peer(&self) -> PeerId {
        self.shelf.device.peer_id()
    }

    /// Shards that it keeps, and their bytes.
    pub fn kept(&self) -> (u64, u64) {
        let shards = self.shelf.shards.lock();
        (shards.len() as u64, shards.values().map(|shard| shard.len() as u64).sum())
    }

    /// Its disk is gone; the machine is not.
    pub fn lose_everything(&self) {
        self.shelf.shards.lock().clear();
    }

    /// Drops this share of its leaves, now and of what comes.
    pub fn drop_leaves(&self, per_mille: u64, manner: Manner) {
        *self.shelf.dropped.lock() = Some(Dropped { per_mille, manner });
        self.shelf.look_for_shortage();
    }

    /// Since when it lacks a leaf of what it is to keep: of few leaves its share may be none, and a copy that it could not prove when it
    /// took it is deleted again.
    pub fn short_since(&self) -> Option<Instant> {
        *self.shelf.short_since.lock()
    }

    async fn answer(&self, mut stream: BoxStream) -> Option<()> {
        let request: Request = read_frame(&mut stream).await.ok()?;
        match &request {
            Request::Put { size_bytes, .. } => self.put(&mut stream, &request, *size_bytes).await?,
            Request::Get { root, ranges } => {
                let ranges: Vec<_> =
                    ranges.iter().map(|range| (range.offset as usize, range.len as usize)).collect();
                self.get(&mut stream, &request, *root, &ranges).await?;
            }
            Request::Audit { questions } => self.audit(&mut stream, &request, questions).await?,
            _ => {
                self.shelf.tally.note(self.peer(), &request, |_| {});
                let response = match &request {
                    Request::Offer => self.shelf.offer()?,
                    Request::Prove { root, first_piece, count } => {
                        let not_there = Response::Refused { reason: Refusal::NotFound };
                        self.shelf.paths(root, *first_piece as usize, *count as usize).unwrap_or(not_there)
                    }
                    Request::Has { roots } => {
                        Response::Has { bits: bits(roots, |root| self.shelf.has(root)) }
                    }
                    Request::Delete { roots, .. } => {
                        let deleted = bits(roots, |root| self.shelf.shards.lock().remove(&root.0).is_some());
                        self.shelf.look_for_shortage();
                        Response::Deleted { bits: deleted }
                    }
                    _ => Response::Refused { reason: Refusal::BadRequest },
                };
                write_frame(&mut stream, &response).await.ok()?;
            }
        }
        stream.shutdown().await.ok()
    }

    async fn put(&self, stream: &mut BoxStream, request: &Request, size_bytes: u32) -> Option<()> {
        write_frame(stream, &Response::Accepted).await.ok()?;
        let mut shard = vec![0; size_bytes as usize];
        stream.read_exact(&mut shard).await.ok()?;
        let trailer: PutTrailer = read_frame(stream).await.ok()?;
        self.shelf.tally.note(self.peer(), request, |traffic| traffic.put_bytes += u64::from(size_bytes));
        self.shelf.shards.lock().insert(trailer.root.0, shard.into());
        self.shelf.look_for_shortage();
        write_frame(stream, &Response::Stored).await.ok()
    }

    async fn get(
        &self,
        stream: &mut BoxStream,
        request: &Request,
        root: WireRoot,
        ranges: &[(usize, usize)],
    ) -> Option<()> {
        let Some(shard) = self.shelf.read(&root) else {
            self.shelf.tally.note(self.peer(), request, |_| {});
            return write_frame(stream, &Response::Refused { reason: Refusal::NotFound }).await.ok();
        };
        let sent: u64 = ranges.iter().map(|(_, len)| *len as u64).sum();
        self.shelf.tally.note(self.peer(), request, |traffic| traffic.get_bytes += sent);
        let shard_bytes = u32::try_from(shard.len()).ok()?;
        write_frame(stream, &Response::Found { shard_bytes }).await.ok()?;
        for (offset, len) in ranges {
            stream.write_all(shard.get(*offset..offset + len)?).await.ok()?;
        }
        Some(())
    }

    async fn audit(&self, stream: &mut BoxStream, request: &Request, questions: &[Question]) -> Option<()> {
        let asked: usize = questions.iter().map(|question| question.leaves.len()).sum();
        self.shelf.tally.note(self.peer(), request, |traffic| {
            traffic.audits += 1;
            traffic.leaves += asked as u64;
        });
        write_frame(stream, &Response::Auditing { leaves_in_s: None }).await.ok()?;
        for Question { root, leaves } in questions {
            let shard = self.shelf.shards.lock().get(&root.0).cloned();
            for leaf in leaves {
                let answer = shard.as_ref().map_or(Some(LeafAnswer::Missing), |shard| {
                    prove(shard, *leaf as usize, self.shelf.manner_of(&root.0, *leaf as usize))
                });
                write_frame(stream, &answer?).await.ok()?;
            }
        }
        Some(())
    }
}

impl Shelf {
    fn offer(&self) -> Option<Response> {
        let offer = Offer {
            addresses: vec![format!("{}/p2p/{}", self.address, self.device.peer_id())],
            free_bytes: FREE_BYTES,
            price_stroops_per_gib_window: 0,
            max_term_days: 365,
            accepting: true,
            issued_at_unix_s: 0,
            leaves_in_s: None,
            account: None,
            collateral_percent: None,
        };
        let record =
            SignedRecord::for_host(&self.network, &self.device, 1, minicbor::to_vec(&offer).ok()?).ok()?;
        Some(Response::Offer { record: record.encode() })
    }

    fn has(&self, root: &WireRoot) -> bool {
        self.shards.lock().contains_key(&root.0)
    }

    /// Paths from pieces to the root: of every leaf it kept the digest.
    fn paths(&self, root: &WireRoot, first: usize, count: usize) -> Option<Response> {
        let shard = self.shards.lock().get(&root.0).cloned()?;
        let leaves = leaf_nodes(&shard);
        let path = |piece: usize| {
            let first = piece * PIECE_LEAVES;
            let (_, path) = subtree_path(&leaves, first, PIECE_LEAVES.min(leaves.len() - first)).ok()?;
            Some(WireBytes(path.encode()))
        };
        let pieces = first..leaves.len().div_ceil(PIECE_LEAVES);
        Some(Response::Proofs { paths: pieces.take(count).map(path).collect::<Option<_>>()? })
    }

    /// A shard as it is sent: dropped leaves are zeros.
    fn read(&self, root: &WireRoot) -> Option<Vec<u8>> {
        let mut shard = self.shards.lock().get(&root.0)?.to_vec();
        for (number, leaf) in shard.chunks_mut(LEAF_BYTES).enumerate() {
            if self.manner_of(&root.0, number).is_some() {
                leaf.fill(0);
            }
        }
        Some(shard)
    }

    /// Notes since when it lacks anything.
    fn look_for_shortage(&self) {
        let does_drop = self.dropped.lock().is_some();
        let is_short = does_drop && self.shards.lock().iter().any(|(root, shard)| self.is_short(root, shard));
        let mut since = self.short_since.lock();
        *since = is_short.then(|| since.unwrap_or_else(Instant::now));
    }

    /// Whether it drops a leaf of this shard.
    fn is_short(&self, root: &[u8; 32], shard: &[u8]) -> bool {
        (0..shard.len() / LEAF_BYTES).any(|leaf| self.manner_of(root, leaf).is_some())
    }

    /// How it speaks of this leaf if it dropped it. The same leaves each time: the root is as good as random.
    fn manner_of(&self, root: &[u8; 32], leaf: usize) -> Option<Manner> {
        let Dropped { per_mille, manner } = (*self.dropped.lock())?;
        let mut chance = DefaultHasher::new();
        (self.device.peer_id().as_bytes(), root, leaf).hash(&mut chance);
        (chance.finish() % 1000 < per_mille).then_some(manner)
    }
}

/// The answer about a leaf; none where the shard has no such leaf, which ends the answer.
fn prove(shard: &[u8], leaf: usize, manner: Option<Manner>) -> Option<LeafAnswer> {
    if manner == Some(Manner::PutsOff) {
        return Some(LeafAnswer::Later);
    }
    let (_, path) = subtree_path(&leaf_nodes(shard), leaf, 1).ok()?;
    let mut bytes = shard.chunks(LEAF_BYTES).nth(leaf)?.to_vec();
    if manner == Some(Manner::Forges) {
        bytes.fill(0);
    }
    Some(LeafAnswer::Proven { leaf: bytes, path: path.encode() })
}

fn leaf_nodes(shard: &[u8]) -> Vec<Node> {
    shard.chunks(LEAF_BYTES).map(|leaf| Node { hash: leaf_digest(leaf), leaf_count: 1 }).collect()
}

/// One bit a root, most significant first.
fn bits(roots: &[WireRoot], mut is_set: impl FnMut(&WireRoot) -> bool) -> Vec<u8> {
    let mut packed = vec![0_u8; roots.len().div_ceil(8)];
    for (index, root) in roots.iter().enumerate() {
        if is_set(root) {
            packed[index / 8] |= 0x80 >> (index % 8);
        }
    }
    packed
}
