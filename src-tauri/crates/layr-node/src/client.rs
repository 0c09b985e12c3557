//! The owner's side of the wire protocol: one function a request, each with its deadlines.
//!
//! Nothing that a host says is believed further than it can be checked here: frames are bounded, counts must match what
//! was asked, offers must be signed by the host's own key. Every wait is bounded by one of the constants below.

mod agreement;
mod audit;
mod entrust;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use layr_codec::ShardRoot;
use layr_keys::{PeerId, RecordKind, SignedRecord};
use layr_proof::Path;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

pub use agreement::{AgreeAnswer, ReviseAnswer, WindowStream};
pub use audit::AuditStream;
pub use entrust::{DelegateReport, ListStream};
pub use stream::{GetStream, PutStream};

use crate::net::{BoxStream, Net, OpenError, Route};
use crate::wire::{
    self, ByteRange, FrameError, MAX_PROVEN_PIECES, MAX_ROOTS, Offer, Refusal, Request, Response, WireRoot,
};

/// Longest wait for a connection and a stream: two round trips to the far side of the earth take 1 s, a lost first packet
/// costs another; beyond that a host counts as down.
pub const OPEN_DEADLINE: Duration = Duration::from_secs(4);
/// Longest wait for a one-frame answer: the host may have to hash up to 1 MiB, wait for its disk, or queue us.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);
/// How often a busy host is asked, and the first wait between; it doubles. Together 1.75 s.
pub(crate) const BUSY_ATTEMPTS: u32 = 4;
pub(crate) const BUSY_WAIT: Duration = Duration::from_millis(250);
/// How often a busy host is asked for room. Together 7.75 s: one that is busy for longer is replaced.
const ROOM_ATTEMPTS: u32 = 5;
/// Longest time for a piece on a bulk stream: 64 KiB in 20 s is 3 KiB/s, slower than any line worth waiting for.
pub const STALL_DEADLINE: Duration = Duration::from_secs(20);
/// Longest wait for `Stored`: a host syncs 4 MiB and commits a row, on a busy disk behind many others.
pub const STORED_DEADLINE: Duration = Duration::from_mins(1);

/// A host and where it can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostContact {
    /// Who.
    pub peer: PeerId,
    /// Multiaddresses, the most promising first; may be empty when the network knows some.
    pub addresses: Arc<[String]>,
}

impl HostContact {
    /// A contact.
    pub fn new(peer: PeerId, addresses: impl Into<Arc<[String]>>) -> Self {
        Self { peer, addresses: addresses.into() }
    }
}

/// A host's terms and the record in which it signed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOffer {
    /// The terms.
    pub offer: Offer,
    /// Sequence number of the record.
    pub sequence: u64,
    /// The record, encoded; its signature was checked.
    pub record: Vec<u8>,
}

/// Why a request to a host failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// No stream to it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The stream broke.
    #[error("{peer} broke off: {source}")]
    Broken {
        /// The host.
        peer: PeerId,
        /// What the stream said.
        source: std::io::Error,
    },
    /// It did not answer in time.
    #[error("{peer} did not {step} within {waited_s} s")]
    TooSlow {
        /// The host.
        peer: PeerId,
        /// What we waited for.
        step: &'static str,
        /// How long, in seconds.
        waited_s: u64,
    },
    /// It said no.
    #[error("{peer} refuses: {reason}")]
    Refused {
        /// The host.
        peer: PeerId,
        /// Its reason.
        reason: Refusal,
    },
    /// It ended a body before all bytes were there.
    #[error("{peer} sent {received_bytes} of {expected_bytes} bytes")]
    Truncated {
        /// The host.
        peer: PeerId,
        /// Bytes that came.
        received_bytes: u64,
        /// Bytes that were due.
        expected_bytes: u64,
    },
    /// It answered with something that this request cannot have as an answer.
    #[error("{peer} breaks the protocol: {reason}")]
    Protocol {
        /// The host.
        peer: PeerId,
        /// What was wrong.
        reason: String,
    },
    /// The request itself is out of bounds; nothing was sent.
    #[error("the request is out of bounds: {reason}")]
    OutOfBounds {
        /// What was wrong.
        reason: String,
    },
}

/// What a failed request says about the host's copy of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: the host cannot be reached or broke off.
    Unreachable,
    /// Nothing: it asks to come back later.
    Busy,
    /// It has no room, or takes none now.
    NoRoom,
    /// It says that it has no such shard.
    Missing,
    /// It says so itself, or sent something else.
    Corrupt,
}

impl ClientError {
    /// What this failure says about the host.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Open(OpenError::Refused { .. }) => Verdict::Busy,
            Self::Open(_) | Self::Broken { .. } | Self::TooSlow { .. } | Self::OutOfBounds { .. } => {
                Verdict::Unreachable
            }
            Self::Truncated { .. } | Self::Protocol { .. } => Verdict::Corrupt,
            Self::Refused { reason, .. } => match reason {
                Refusal::NotHosting | Refusal::QuotaFull | Refusal::DiskUnusable | Refusal::Paused => {
                    Verdict::NoRoom
                }
                Refusal::NotFound => Verdict::Missing,
                Refusal::Corrupt | Refusal::RootMismatch => Verdict::Corrupt,
                Refusal::Busy => Verdict::Busy,
                _ => Verdict::Unreachable,
            },
        }
    }
}

/// Requests to hosts. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    net: Arc<dyn Net>,
    network: Arc<str>,
    certificate: Arc<[u8]>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({}, {})", self.network, self.net.local_peer())
    }
}

impl Client {
    /// A client in the network of this name that shows `certificate` to hosts.
    pub fn new(net: Arc<dyn Net>, network: &str, certificate: Vec<u8>) -> Self {
        Self { net, network: network.into(), certificate: certificate.into() }
    }

    /// The host's offer, signed by its own key; a relay may carry the question.
    ///
    /// # Errors
    /// [`ClientError`]; a record of another key, kind or network is [`ClientError::Protocol`].
    pub async fn offer(&self, host: &HostContact, route: Route) -> Result<SignedOffer, ClientError> {
        let protocol = |reason: String| ClientError::Protocol { peer: host.peer, reason };
        let Response::Offer { record: encoded } = self.ask_over(route, host, &Request::Offer).await? else {
            return Err(protocol("not an offer".to_owned()));
        };
        let record = SignedRecord::decode(&encoded).map_err(|source| protocol(source.to_string()))?;
        record.verify(&self.network).map_err(|source| protocol(source.to_string()))?;
        if record.kind() != RecordKind::Host || record.key() != host.peer.as_bytes() {
            return Err(protocol("an offer of another host".to_owned()));
        }
        let offer = Offer::decode_bounded(record.payload()).map_err(|source| protocol(source.to_string()))?;
        Ok(SignedOffer { offer, sequence: record.sequence(), record: encoded })
    }

    /// Asks for room and returns the stream to send the shard on.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn begin_put(&self, host: &HostContact, size_bytes: u32) -> Result<PutStream, ClientError> {
        let request = Request::Put { certificate: self.certificate.to_vec(), size_bytes };
        let mut stream = self.open(host, Route::Direct).await?;
        self.send(host.peer, &mut stream, &request).await?;
        match receive(host.peer, &mut stream, "accept a shard", self.patient(ANSWER_DEADLINE)).await? {
            Response::Accepted => Ok(PutStream::new(host.peer, stream, size_bytes, self.net.patience())),
            Response::Refused { reason } => Err(ClientError::Refused { peer: host.peer, reason }),
            _ => Err(unexpected(host.peer, "Put")),
        }
    }

    /// Asks for ranges of a shard whose whole size is known to be `shard_bytes`.
    ///
    /// # Errors
    /// [`ClientError`]; a shard of another size is [`ClientError::Protocol`].
    pub async fn get(
        &self,
        host: &HostContact,
        root: ShardRoot,
        ranges: Vec<ByteRange>,
        shard_bytes: u32,
    ) -> Result<GetStream, ClientError> {
        if ranges.is_empty() || ranges.len() > wire::MAX_RANGES {
            return Err(ClientError::OutOfBounds { reason: format!("{} ranges", ranges.len()) });
        }
        let total_bytes = ranges.iter().map(|range| u64::from(range.len)).sum();
        let mut stream = self.open(host, Route::Direct).await?;
        self.send(host.peer, &mut stream, &Request::Get { root: root.into(), ranges }).await?;
        match receive(host.peer, &mut stream, "find a shard", self.patient(ANSWER_DEADLINE)).await? {
            Response::Found { shard_bytes: found } if found == shard_bytes => {
                Ok(GetStream::new(host.peer, stream, total_bytes, self.net.patience()))
            }
            Response::Found { shard_bytes: found } => Err(ClientError::Protocol {
                peer: host.peer,
                reason: format!("the shard has {found} bytes there instead of {shard_bytes}"),
            }),
            Response::Refused { reason } => Err(ClientError::Refused { peer: host.peer, reason }),
            _ => Err(unexpected(host.peer, "Get")),
        }
    }

    /// As [`Client::get`], of a host that may be busy for a moment.
    ///
    /// # Errors
    /// [`ClientError`].
    pub(crate) async fn get_patiently(
        &self,
        host: &HostContact,
        root: ShardRoot,
        ranges: Vec<ByteRange>,
        shard_bytes: u32,
    ) -> Result<GetStream, ClientError> {
        patiently(BUSY_ATTEMPTS, || self.get(host, root, ranges.clone(), shard_bytes)).await
    }

    /// As [`Client::begin_put`], of a host that may be busy for a while.
    ///
    /// # Errors
    /// [`ClientError`].
    pub(crate) async fn begin_put_patiently(
        &self,
        host: &HostContact,
        size_bytes: u32,
    ) -> Result<PutStream, ClientError> {
        patiently(ROOM_ATTEMPTS, || self.begin_put(host, size_bytes)).await
    }

    /// Paths of pieces `first_piece .. first_piece + count` to the shard's root, as the host claims them.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn prove(
        &self,
        host: &HostContact,
        root: ShardRoot,
        first_piece: u32,
        count: u32,
    ) -> Result<Vec<Path>, ClientError> {
        if count == 0 || count > MAX_PROVEN_PIECES {
            return Err(ClientError::OutOfBounds { reason: format!("{count} pieces") });
        }
        let request = Request::Prove { root: root.into(), first_piece, count };
        let Response::Proofs { paths } = self.ask(host, &request).await? else {
            return Err(unexpected(host.peer, "Prove"));
        };
        if u32::try_from(paths.len()) != Ok(count) {
            return Err(ClientError::Protocol {
                peer: host.peer,
                reason: format!("{} proofs for {count} pieces", paths.len()),
            });
        }
        let decode = |path: &wire::WireBytes| {
            Path::decode(&path.0)
                .map_err(|source| ClientError::Protocol { peer: host.peer, reason: source.to_string() })
        };
        paths.iter().map(decode).collect()
    }

    /// Which of these shards the host says that it stores; one answer a root.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn has(&self, host: &HostContact, roots: &[ShardRoot]) -> Result<Vec<bool>, ClientError> {
        let request = Request::Has { roots: wire_roots(roots)? };
        match self.ask(host, &request).await? {
            Response::Has { bits } => unpack_bits(host.peer, &bits, roots.len()),
            _ => Err(unexpected(host.peer, "Has")),
        }
    }

    /// Makes the host forget shards; true for each that it had from this owner.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn delete(&self, host: &HostContact, roots: &[ShardRoot]) -> Result<Vec<bool>, ClientError> {
        let request = Request::Delete { certificate: self.certificate.to_vec(), roots: wire_roots(roots)? };
        match self.ask(host, &request).await? {
            Response::Deleted { bits } => unpack_bits(host.peer, &bits, roots.len()),
            _ => Err(unexpected(host.peer, "Delete")),
        }
    }

    async fn open(&self, host: &HostContact, route: Route) -> Result<BoxStream, ClientError> {
        // The network bounds the dial itself; the timeout covers an implementation that does not.
        timeout(OPEN_DEADLINE, self.net.open(host.peer, &host.addresses, route, OPEN_DEADLINE))
            .await
            .map_err(|_| ClientError::TooSlow {
                peer: host.peer,
                step: "answer a call",
                waited_s: OPEN_DEADLINE.as_secs(),
            })?
            .map_err(ClientError::Open)
    }

    /// This device.
    pub(crate) fn local_peer(&self) -> PeerId {
        self.net.local_peer()
    }

    /// Whether limits of this node hold its streams back.
    pub(crate) fn is_limited(&self) -> bool {
        self.net.patience() > 1
    }

    /// A deadline for what may wait for bytes.
    pub(crate) fn patient(&self, deadline: Duration) -> Duration {
        deadline.saturating_mul(self.net.patience())
    }

    async fn send(&self, peer: PeerId, stream: &mut BoxStream, request: &Request) -> Result<(), ClientError> {
        let deadline = self.patient(STALL_DEADLINE);
        timeout(deadline, wire::write_frame(stream, request))
            .await
            .map_err(|_| ClientError::TooSlow { peer, step: "take a request", waited_s: deadline.as_secs() })?
            .map_err(|source| frame_error(peer, source))
    }

    async fn ask(&self, host: &HostContact, request: &Request) -> Result<Response, ClientError> {
        self.ask_over(Route::Direct, host, request).await
    }

    async fn ask_over(
        &self,
        route: Route,
        host: &HostContact,
        request: &Request,
    ) -> Result<Response, ClientError> {
        let mut stream = self.open(host, route).await?;
        self.send(host.peer, &mut stream, request).await?;
        // A host that does not read our end of stream still answers; that we close is a courtesy.
        let _ = stream.shutdown().await;
        match receive(host.peer, &mut stream, "answer a question", self.patient(ANSWER_DEADLINE)).await? {
            Response::Refused { reason } => Err(ClientError::Refused { peer: host.peer, reason }),
            response => Ok(response),
        }
    }
}

/// Asks again while the host is busy.
async fn patiently<T, F>(attempts: u32, ask: impl Fn() -> F) -> Result<T, ClientError>
where
    F: Future<Output = Result<T, ClientError>>,
{
    let mut wait = BUSY_WAIT;
    for _ in 1..attempts {
        match ask().await {
            Err(error) if error.verdict() == Verdict::Busy => tokio::time::sleep(wait).await,
            outcome => return outcome,
        }
        wait *= 2;
    }
    ask().await
}

async fn receive(
    peer: PeerId,
    stream: &mut BoxStream,
    step: &'static str,
    deadline: Duration,
) -> Result<Response, ClientError> {
    timeout(deadline, wire::read_frame(stream))
        .await
        .map_err(|_| ClientError::TooSlow { peer, step, waited_s: deadline.as_secs() })?
        .map_err(|source| frame_error(peer, source))
}

fn frame_error(peer: PeerId, error: FrameError) -> ClientError {
    match error {
        FrameError::Stream { source } => ClientError::Broken { peer, source },
        other => ClientError::Protocol { peer, reason: other.to_string() },
    }
}

fn unexpected(peer: PeerId, request: &str) -> ClientError {
    ClientError::Protocol { peer, reason: format!("not an answer to {request}") }
}

fn wire_roots(roots: &[ShardRoot]) -> Result<Vec<WireRoot>, ClientError> {
    if roots.is_empty() || roots.len() > MAX_ROOTS {
        return Err(ClientError::OutOfBounds { reason: format!("{} shards", roots.len()) });
    }
    Ok(roots.iter().map(|root| WireRoot::from(*root)).collect())
}

fn unpack_bits(peer: PeerId, bits: &[u8], count: usize) -> Result<Vec<bool>, ClientError> {
    if bits.len() != count.div_ceil(8) {
        return Err(ClientError::Protocol {
            peer,
            reason: format!("{} bytes of bits for {count} shards", bits.len()),
        });
    }
    let all = bits.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0));
    Ok(all.take(count).collect())
}

#[cfg(test)]
mod tests {
    use layr_keys::PeerId;

    use super::unpack_bits;

    #[test]
    fn bits_come_most_significant_first_and_in_the_right_number() {
        let peer = PeerId::from_bytes([7; 32]);
        assert_eq!(unpack_bits(peer, &[0b1010_0000], 3).unwrap(), [true, false, true]);
        assert_eq!(unpack_bits(peer, &[0, 0x80], 9).unwrap().last(), Some(&true));
        assert!(unpack_bits(peer, &[0], 9).is_err());
        assert!(unpack_bits(peer, &[0, 0], 8).is_err());
    }
}
