//! A liar in front of an honest host: it lets some requests through and spoils the answers to others. Or a witness, who
//! lets everything through and remembers it.
//!
//! The liar sits between the network and the node, so that the node behind it is the real one with a real vault, and a lie
//! can begin and end at any time.

mod audits;

use std::sync::Arc;
use std::time::Duration;

use layr_keys::PeerId;
use layr_node::net::{BoxStream, Incoming};
use layr_node::wire::{Refusal, Request, Response, WireBytes, read_frame, write_frame};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

pub use self::audits::is_lost;
use crate::sim_net::SimNet;

/// Streams that wait for the liar, as at an honest node.
const INBOX_STREAMS: usize = 64;
/// A corrupting liar changes one byte in this many: at least one in every piece.
const CORRUPT_EVERY_BYTES: usize = 64 * 1024;

/// How long a two-faced liar waits whether a proof is asked for as well.
const PROOF_WAIT: Duration = Duration::from_millis(20);

/// What a host does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Sends bytes that differ from the shard's in every piece.
    WrongBytes,
    /// Announces the bytes asked for, sends half of them and ends.
    Truncated,
    /// Sends something of the right length that is another shard.
    OtherShard,
    /// Takes the request and says nothing for ever.
    Silence,
    /// Sends this many bytes a second.
    Slow {
        /// Rate.
        bytes_per_s: u64,
    },
    /// Says that it does not have what it acknowledged.
    Denies,
    /// Says that everything is there, and denies it when asked for bytes.
    ClaimsToHave,
    /// Acknowledges uploads without keeping them.
    KeepsNothing,
    /// Takes the question which shards it has, and never answers it.
    IgnoresQuestions,
    /// Takes an upload in full and says that it was not what was announced.
    SpoilsUploads,
    /// Sends wrong bytes unless it is asked to prove them at the same time.
    TwoFaced,
    /// Answers proofs with nonsense of a valid form, and gets with wrong bytes.
    FalseProofs,
    /// Sends random bytes instead of any answer.
    Garbage,
    /// Kept the hashes of a shard and not its bytes.
    HashesOnly,
    /// Proves other leaves than it is asked for.
    OtherLeaf,
    /// Kept every second leaf.
    EverySecondLeaf,
    /// Proves again the leaf that it was asked for first.
    RepeatsAnswers,
    /// Proves everything, when nobody waits any more.
    LateAnswers,
    /// Puts off what it is asked about some of its shards.
    StallsSome,
    /// Says nothing more once it comes to one of its shards, whenever it is asked about that one.
    HangsAtOne,
    /// Ends the stream whenever it comes to one of the shards that it lost, which [`is_lost`] names: about every second.
    BreaksAtLost,
    /// Has too much to do for an audit.
    TooBusy,
}

/// Begins to lie in the place of `peer`; until it is told otherwise every new stream to it meets the liar.
pub fn lie(network: &SimNet, peer: PeerId, lie: Lie) {
    let memory = Arc::new(Memory::default());
    stand_before(network, peer, move |network, stream| {
        let memory = Arc::clone(&memory);
        async move {
            // A stream that breaks ends the lie on it; the other side sees a reset.
            let _ = answer(&network, peer, lie, stream, &memory).await;
        }
    });
}

/// What a liar remembers from one stream to the next.
#[derive(Debug, Default)]
struct Memory {
    proof_asked_at: Mutex<Option<Instant>>,
    old_answers: audits::OldAnswers,
}

/// What a host was asked, in the order in which the questions came.
#[derive(Debug, Clone, Default)]
pub struct Witness {
    heard: Arc<Mutex<Vec<Heard>>>,
}

/// A request, as far as a witness cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Whether it takes shards.
    Offer,
    /// To take a shard.
    Put,
    /// Anything else.
    Other,
}

impl Witness {
    /// What it heard since it was asked last.
    pub fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock())
    }
}

/// Listens to what `peer` is asked from now on, and passes everything on.
pub fn witness(network: &SimNet, peer: PeerId) -> Witness {
    let witness = Witness::default();
    let heard = Arc::clone(&witness.heard);
    stand_before(network, peer, move |network, incoming| {
        let heard = Arc::clone(&heard);
        async move {
            let Incoming { peer: caller, mut stream, .. } = incoming;
            let Ok(request) = read_frame(&mut stream).await else { return };
            heard.lock().push(match request {
                Request::Offer => Heard::Offer,
                Request::Put { .. } => Heard::Put,
                _ => Heard::Other,
            });
            // A stream that breaks ends on both sides.
            let _ = pass_on(&network, peer, caller, stream, &request).await;
        }
    });
    witness
}

/// Waits for deletes that a host is asked for from now on, and lets them arrive `delay` later.
#[derive(Debug, Clone, Default)]
pub struct LateDeletes {
    sent: Arc<Notify>,
}

impl LateDeletes {
    /// Returns when one is under way.
    pub async fn next(&self) {
        self.sent.notified().await;
    }
}

/// Holds every delete up on its way to `peer`, and passes everything else on.
pub fn delay_deletes(network: &SimNet, peer: PeerId, delay: Duration) -> LateDeletes {
    let deletes = LateDeletes::default();
    let sent = Arc::clone(&deletes.sent);
    stand_before(network, peer, move |network, incoming| {
        let sent = Arc::clone(&sent);
        async move {
            let Incoming { peer: caller, mut stream, .. } = incoming;
            let Ok(request) = read_frame(&mut stream).await else { return };
            if matches!(request, Request::Delete { .. }) {
                sent.notify_one();
                tokio::time::sleep(delay).await;
            }
            // A stream that breaks ends on both sides.
            let _ = pass_on(&network, peer, caller, stream, &request).await;
        }
    });
    deletes
}

/// Lets `keeper` answer in the name of `peer` from now on, to everything but the question whether it takes shards: what `peer` is sent
/// goes there, and what it is asked for comes from there.
pub fn relay(network: &SimNet, peer: PeerId, keeper: PeerId) {
    stand_before(network, peer, move |network, incoming| async move {
        let Incoming { peer: caller, mut stream, .. } = incoming;
        let Ok(request) = read_frame(&mut stream).await else { return };
        let behind = if matches!(request, Request::Offer) { peer } else { keeper };
        // A stream that breaks ends on both sides.
        let _ = pass_on(&network, behind, caller, stream, &request).await;
    });
}

/// Lets `serve` have every new stream to `peer`.
fn stand_before<F>(network: &SimNet, peer: PeerId, serve: impl Fn(SimNet, Incoming) -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (inbox, mut incoming) = mpsc::channel::<Incoming>(INBOX_STREAMS);
    network.interpose(peer, Some(inbox));
    let network = network.clone();
    tokio::spawn(async move {
        while let Some(stream) = incoming.recv().await {
            tokio::spawn(serve(network.clone(), stream));
        }
    });
}

/// Lets the honest node answer again.
pub fn be_honest(network: &SimNet, peer: PeerId) {
    network.interpose(peer, None);
}

async fn answer(network: &SimNet, liar: PeerId, lie: Lie, incoming: Incoming, memory: &Memory) -> Option<()> {
    let Incoming { peer: caller, mut stream, .. } = incoming;
    let request: Request = read_frame(&mut stream).await.ok()?;
    if matches!(request, Request::Prove { .. }) {
        *memory.proof_asked_at.lock() = Some(Instant::now());
    }
    match (lie, &request) {
        (Lie::TwoFaced, Request::Get { ranges, .. }) => {
            tokio::time::sleep(PROOF_WAIT).await;
            let is_tried = memory.proof_asked_at.lock().is_some_and(|at| at.elapsed() <= 2 * PROOF_WAIT);
            if is_tried {
                return pass_on(network, liar, caller, stream, &request).await;
            }
            let len = ranges.iter().map(|range| range.len as usize).sum();
            spoiled_get(network, liar, caller, Lie::WrongBytes, stream, &request, len).await
        }
        (Lie::SpoilsUploads, Request::Put { size_bytes, .. }) => {
            swallow(stream, *size_bytes, &Response::Refused { reason: Refusal::RootMismatch }).await
        }
        (
            Lie::HashesOnly
            | Lie::OtherLeaf
            | Lie::OtherShard
            | Lie::EverySecondLeaf
            | Lie::RepeatsAnswers
            | Lie::LateAnswers
            | Lie::StallsSome
            | Lie::HangsAtOne
            | Lie::BreaksAtLost,
            Request::Audit { questions },
        ) => audits::spoiled(network, (liar, caller), lie, stream, questions, &memory.old_answers).await,
        (Lie::Denies | Lie::KeepsNothing, Request::Audit { questions }) => {
            audits::denied(stream, questions).await
        }
        (Lie::TooBusy, Request::Audit { .. }) => {
            say(stream, &Response::Refused { reason: Refusal::Busy }).await
        }
        (Lie::Silence, _) | (Lie::IgnoresQuestions, Request::Has { .. }) => hang(stream).await,
        (Lie::Garbage, _) => garbage(stream).await,
        (Lie::KeepsNothing, Request::Put { size_bytes, .. }) => {
            swallow(stream, *size_bytes, &Response::Stored).await
        }
        (
            Lie::Denies | Lie::ClaimsToHave | Lie::KeepsNothing,
            Request::Get { .. } | Request::Prove { .. },
        ) => say(stream, &Response::Refused { reason: Refusal::NotFound }).await,
        (Lie::Denies | Lie::KeepsNothing, Request::Has { roots }) => {
            say(stream, &Response::Has { bits: vec![0; roots.len().div_ceil(8)] }).await
        }
        (Lie::ClaimsToHave, Request::Has { roots }) => {
            say(stream, &Response::Has { bits: vec![0xff; roots.len().div_ceil(8)] }).await
        }
        (Lie::FalseProofs, Request::Prove { .. }) => {
            false_proofs(network, liar, caller, stream, &request).await
        }
        (_, Request::Get { ranges, .. }) => {
            let len = ranges.iter().map(|range| range.len as usize).sum();
            spoiled_get(network, liar, caller, lie, stream, &request, len).await
        }
        _ => pass_on(network, liar, caller, stream, &request).await,
    }
}

/// The honest node's own answer.
async fn pass_on(
    network: &SimNet,
    liar: PeerId,
    caller: PeerId,
    mut stream: BoxStream,
    request: &Request,
) -> Option<()> {
    let mut behind = network.open_behind(caller, liar)?;
    write_frame(&mut behind, request).await.ok()?;
    copy_bidirectional(&mut stream, &mut behind).await.ok()?;
    Some(())
}

async fn spoiled_get(
    network: &SimNet,
    liar: PeerId,
    caller: PeerId,
    lie: Lie,
    mut stream: BoxStream,
    request: &Request,
    len: usize,
) -> Option<()> {
    let mut behind = network.open_behind(caller, liar)?;
    write_frame(&mut behind, request).await.ok()?;
    let response: Response = read_frame(&mut behind).await.ok()?;
    write_frame(&mut stream, &response).await.ok()?;
    if !matches!(response, Response::Found { .. }) {
        return stream.shutdown().await.ok();
    }
    let mut bytes = vec![0; len];
    behind.read_exact(&mut bytes).await.ok()?;
    match lie {
        Lie::WrongBytes | Lie::FalseProofs => {
            bytes.iter_mut().step_by(CORRUPT_EVERY_BYTES).for_each(|byte| *byte ^= 0x40);
        }
        Lie::OtherShard => bytes.iter_mut().for_each(|byte| *byte = byte.wrapping_mul(31).wrapping_add(7)),
        Lie::Truncated => bytes.truncate(len / 2),
        _ => {}
    }
    match lie {
        Lie::Slow { bytes_per_s } => trickle(&mut stream, &bytes, bytes_per_s).await?,
        _ => stream.write_all(&bytes).await.ok()?,
    }
    stream.shutdown().await.ok()
}

async fn trickle(stream: &mut BoxStream, bytes: &[u8], bytes_per_s: u64) -> Option<()> {
    let step = usize::try_from((bytes_per_s / 10).max(1)).ok()?;
    for part in bytes.chunks(step) {
        stream.write_all(part).await.ok()?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Some(())
}

/// Real paths with one hash changed in each.
async fn false_proofs(
    network: &SimNet,
    liar: PeerId,
    caller: PeerId,
    stream: BoxStream,
    request: &Request,
) -> Option<()> {
    let mut behind = network.open_behind(caller, liar)?;
    write_frame(&mut behind, request).await.ok()?;
    let response: Response = read_frame(&mut behind).await.ok()?;
    let Response::Proofs { paths } = response else { return say(stream, &response).await };
    let bend = |WireBytes(mut path): WireBytes| {
        if let Some(last) = path.last_mut() {
            *last ^= 1;
        }
        WireBytes(path)
    };
    say(stream, &Response::Proofs { paths: paths.into_iter().map(bend).collect() }).await
}

/// Takes an upload in full, throws it away and says this of it.
async fn swallow(mut stream: BoxStream, size_bytes: u32, verdict: &Response) -> Option<()> {
    write_frame(&mut stream, &Response::Accepted).await.ok()?;
    let mut shard = (&mut stream).take(u64::from(size_bytes));
    tokio::io::copy(&mut shard, &mut tokio::io::sink()).await.ok()?;
    let _trailer: layr_node::wire::PutTrailer = read_frame(&mut stream).await.ok()?;
    say(stream, verdict).await
}

async fn say(mut stream: BoxStream, response: &Response) -> Option<()> {
    write_frame(&mut stream, response).await.ok()?;
    stream.shutdown().await.ok()
}

/// Holds the stream open until the caller gives up.
async fn hang(mut stream: BoxStream) -> Option<()> {
    let mut bin = [0; 4096];
    while stream.read(&mut bin).await.ok()? > 0 {}
    std::future::pending().await
}

async fn garbage(mut stream: BoxStream) -> Option<()> {
    let mut state = 0x9E37_79B9_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(8192)
    .collect();
    stream.write_all(&noise).await.ok()?;
    stream.shutdown().await.ok()
}
