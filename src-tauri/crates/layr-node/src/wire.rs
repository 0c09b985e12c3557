//! Messages between owner and host on a shard stream, `/layr/<network>/shard/1`.
//!
//! A stream carries one request. A message is a frame: length as u32 big-endian, then that many bytes of CBOR (RFC 8949,
//! arrays, one encoding only; `docs/formats.md`, chapter "Shard protocol"). Bulk bytes follow a frame raw, their count known from it. The caller closes its side after the
//! request (after the trailer, for [`Request::Put`]); whoever breaks the protocol gets a reset.
//!
//! * `Put`: → `Put`; ← `Accepted` or `Refused`; → `size_bytes` raw bytes; → `PutTrailer`; ← `Stored` or `Refused`.
//! * `Get`: → `Get`; ← `Found` or `Refused`; ← the ranges' bytes, one after the other.
//! * `Prove`, `Has`, `Delete`, `Offer`: one frame each way.
//! * `Audit`: see [`LeafAnswer`].
//! * `Entrust`: see [`ListItem`].
//! * `Report`, `Release`: one frame each way.

mod audit;
mod entrust;

use layr_codec::ShardRoot;
use layr_keys::PeerId;
use minicbor::{Decode, Encode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

pub(crate) use audit::is_well_formed;
pub use audit::{LeafAnswer, MAX_AUDITED_LEAVES, Question};
pub use entrust::{
    HostHint, ListItem, ListedShard, LogNews, MAX_LISTED_HOSTS, MAX_LISTED_SEGMENTS, MAX_REPORTED,
};

/// Largest frame: a `Has` or `Delete` of [`MAX_ROOTS`] roots is 35 KiB; a `Proofs` answer of [`MAX_PROVEN_PIECES`]
/// paths of a dozen steps is 40 KiB.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;
/// Shards named in one request.
pub const MAX_ROOTS: usize = 1024;
/// Ranges in one `Get`: the pieces of a shard.
pub const MAX_RANGES: usize = 64;
/// Pieces proven by one `Prove`: the pieces of a shard.
pub const MAX_PROVEN_PIECES: u32 = 64;
/// Longest encoded device certificate.
pub const MAX_CERTIFICATE_BYTES: usize = 512;

/// A shard's root on the wire: 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct WireRoot(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 32],
);

impl From<ShardRoot> for WireRoot {
    fn from(root: ShardRoot) -> Self {
        Self(*root.as_bytes())
    }
}

impl From<WireRoot> for ShardRoot {
    fn from(root: WireRoot) -> Self {
        Self::from_bytes(root.0)
    }
}

/// Bytes `offset .. offset + len` of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct ByteRange {
    /// First byte.
    #[n(0)]
    pub offset: u32,
    /// Bytes; 0 is refused.
    #[n(1)]
    pub len: u32,
}

/// What a caller asks.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Request {
    /// The host's current signed offer.
    #[n(0)]
    Offer,
    /// Store a shard of `size_bytes`. The certificate names the owner whose device, or delegate, the caller is.
    #[n(1)]
    Put {
        /// Encoded device certificate, or delegation.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        certificate: Vec<u8>,
        /// Size of the shard: whole leaves, at most 4 MiB.
        #[n(1)]
        size_bytes: u32,
    },
    /// Bytes of a shard. Whoever knows the root may read.
    #[n(2)]
    Get {
        /// The shard.
        #[n(0)]
        root: WireRoot,
        /// What of it, at most [`MAX_RANGES`].
        #[n(1)]
        ranges: Vec<ByteRange>,
    },
    /// Paths from pieces to the root, so that a liar can be named.
    #[n(3)]
    Prove {
        /// The shard.
        #[n(0)]
        root: WireRoot,
        /// First piece.
        #[n(1)]
        first_piece: u32,
        /// Pieces, at most [`MAX_PROVEN_PIECES`].
        #[n(2)]
        count: u32,
    },
    /// Which of these shards are stored. A claim, not a proof.
    #[n(4)]
    Has {
        /// The shards, at most [`MAX_ROOTS`].
        #[n(0)]
        roots: Vec<WireRoot>,
    },
    /// Forget these shards of the owner whom the certificate names.
    #[n(5)]
    Delete {
        /// Encoded device certificate.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        certificate: Vec<u8>,
        /// The shards, at most [`MAX_ROOTS`].
        #[n(1)]
        roots: Vec<WireRoot>,
    },
    /// Prove these leaves of any number of shards. Whoever knows a root may ask.
    #[n(6)]
    Audit {
        /// At most [`MAX_AUDITED_LEAVES`] in all, none twice.
        #[n(0)]
        questions: Vec<Question>,
    },
    /// Look after the segments that follow while the owner's devices sleep.
    #[n(7)]
    Entrust {
        /// Encoded device certificate.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        certificate: Vec<u8>,
        /// Encoded delegation, to whom is asked.
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        delegation: Vec<u8>,
    },
    /// What became of them since; what is before that number, with it, is heard and need not be kept.
    #[n(8)]
    Report {
        /// Encoded device certificate.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        certificate: Vec<u8>,
        /// Number of the last entry that the owner has.
        #[n(1)]
        after: u64,
    },
    /// Look after nothing of this owner any more, and forget what was entrusted.
    #[n(9)]
    Release {
        /// Encoded device certificate.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        certificate: Vec<u8>,
    },
}

/// Sent by the owner after the last byte of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct PutTrailer {
    /// The root that the owner computed; the host must come to the same.
    #[n(0)]
    pub root: WireRoot,
}

/// What a host answers.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Response {
    /// The offer, an encoded signed record.
    #[n(0)]
    Offer {
        /// `layr_keys::SignedRecord`, encoded.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        record: Vec<u8>,
    },
    /// Space is reserved: send.
    #[n(1)]
    Accepted,
    /// The shard is on disk, synced, and accounted for.
    #[n(2)]
    Stored,
    /// The bytes follow.
    #[n(3)]
    Found {
        /// Size of the whole shard.
        #[n(0)]
        shard_bytes: u32,
    },
    /// Encoded `layr_proof::Path`s, one for each piece asked.
    #[n(4)]
    Proofs {
        /// In order of the pieces.
        #[n(0)]
        paths: Vec<WireBytes>,
    },
    /// One bit a root asked, most significant first: stored and not known to be bad.
    #[n(5)]
    Has {
        /// `ceil(roots / 8)` bytes.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        bits: Vec<u8>,
    },
    /// One bit a root: it was this owner's and is gone now. Unset: this host had no such shard of this owner.
    #[n(6)]
    Deleted {
        /// `ceil(roots / 8)` bytes.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        bits: Vec<u8>,
    },
    /// No, and why.
    #[n(7)]
    Refused {
        /// The reason.
        #[n(0)]
        reason: Refusal,
    },
    /// A [`LeafAnswer`] for each leaf follows.
    #[n(8)]
    Auditing {
        /// Seconds until this host stops; none of one that stays. At most [`LONGEST_LEAVE_S`].
        #[n(0)]
        leaves_in_s: Option<u32>,
    },
    /// The list is on disk: so many segments are looked after from now on.
    #[n(9)]
    Entrusted {
        /// How many.
        #[n(0)]
        segments: u64,
    },
    /// What became of them.
    #[n(10)]
    Report {
        /// Encoded `layr_keys::LogEntry`s, each with a [`LogNews`] in it, one after the other.
        #[n(0)]
        entries: Vec<WireBytes>,
        /// Where to reach hosts that are named in them, as far as is known.
        #[n(1)]
        hosts: Vec<HostHint>,
        /// Whether there is nothing after these.
        #[n(2)]
        is_last: bool,
    },
    /// Nothing of this owner is kept here.
    #[n(11)]
    Released,
}

/// A byte string inside a list.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct WireBytes(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub Vec<u8>,
);

/// Why a host says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, thiserror::Error)]
#[cbor(index_only)]
#[non_exhaustive]
pub enum Refusal {
    /// This node lends no space.
    #[n(0)]
    #[error("it lends no space")]
    NotHosting,
    /// The quota is used up.
    #[n(1)]
    #[error("its quota is full")]
    QuotaFull,
    /// The host's disk is full, away or unusable: nothing is said about what is stored.
    #[n(2)]
    #[error("its disk is full or unusable")]
    DiskUnusable,
    /// The person paused hosting.
    #[n(3)]
    #[error("hosting is paused there")]
    Paused,
    /// Too much at once from this peer or in total; try later.
    #[n(4)]
    #[error("it is busy")]
    Busy,
    /// The certificate does not verify or names another device.
    #[n(5)]
    #[error("it does not accept our certificate")]
    BadCertificate,
    /// The shard is not here.
    #[n(6)]
    #[error("it does not have the shard")]
    NotFound,
    /// The shard is here but damaged.
    #[n(7)]
    #[error("its copy is damaged")]
    Corrupt,
    /// The bytes sent do not hash to the root sent.
    #[n(8)]
    #[error("the bytes do not match their root")]
    RootMismatch,
    /// The request itself is malformed or out of bounds.
    #[n(9)]
    #[error("it calls the request malformed")]
    BadRequest,
    /// Bulk data is refused over a relayed connection.
    #[n(10)]
    #[error("it takes no bulk data through a relay")]
    RelayedStream,
    /// This node has not agreed to look after files of this owner.
    #[n(11)]
    #[error("it has not agreed to be a delegate of this owner")]
    NotAccepted,
}

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The stream broke or ended.
    #[error("the stream ended: {source}")]
    Stream {
        /// What the stream said.
        #[from]
        source: std::io::Error,
    },
    /// The frame is longer than allowed.
    #[error("a frame of {len_bytes} bytes is over the limit of {MAX_FRAME_BYTES}")]
    TooLong {
        /// Length claimed.
        len_bytes: u64,
    },
    /// The frame is not a message, or has bytes behind it.
    #[error("a frame does not hold a message: {reason}")]
    Malformed {
        /// What the decoder saw.
        reason: String,
    },
}

/// Encodes a message as a frame.
///
/// # Errors
/// [`FrameError::TooLong`] when it exceeds [`MAX_FRAME_BYTES`].
pub fn encode_frame<T: Encode<()>>(message: &T) -> Result<Vec<u8>, FrameError> {
    let body =
        minicbor::to_vec(message).map_err(|source| FrameError::Malformed { reason: source.to_string() })?;
    let len = u32::try_from(body.len())
        .ok()
        .filter(|_| body.len() <= MAX_FRAME_BYTES)
        .ok_or(FrameError::TooLong { len_bytes: body.len() as u64 })?;
    let mut frame = Vec::with_capacity(4 + body.len());
    frame.extend_from_slice(&len.to_be_bytes());
    frame.extend_from_slice(&body);
    Ok(frame)
}

/// Decodes the body of a frame; hostile bytes give an error, and so does every encoding but the one that
/// [`encode_frame`] makes.
///
/// # Errors
/// [`FrameError::Malformed`], [`FrameError::TooLong`].
pub fn decode_body<'b, T: Decode<'b, ()> + Encode<()>>(body: &'b [u8]) -> Result<T, FrameError> {
    if body.len() > MAX_FRAME_BYTES {
        return Err(FrameError::TooLong { len_bytes: body.len() as u64 });
    }
    let mut decoder = minicbor::Decoder::new(body);
    let message: T =
        decoder.decode().map_err(|source| FrameError::Malformed { reason: source.to_string() })?;
    if decoder.position() != body.len() {
        return Err(FrameError::Malformed { reason: "bytes after the message".to_owned() });
    }
    let canonical = minicbor::to_vec(&message).is_ok_and(|again| again == body);
    if canonical {
        Ok(message)
    } else {
        Err(FrameError::Malformed { reason: "not the one encoding".to_owned() })
    }
}

/// Writes one message and flushes it.
///
/// # Errors
/// As [`encode_frame`], or the stream's.
pub async fn write_frame<T: Encode<()>>(
    stream: &mut (impl AsyncWrite + Unpin + ?Sized),
    message: &T,
) -> Result<(), FrameError> {
    let frame = encode_frame(message)?;
    stream.write_all(&frame).await?;
    stream.flush().await?;
    Ok(())
}

/// Reads one message. Memory is bounded by [`MAX_FRAME_BYTES`]; time is the caller's to bound.
///
/// # Errors
/// [`FrameError`].
pub async fn read_frame<T: for<'b> Decode<'b, ()> + Encode<()>>(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
) -> Result<T, FrameError> {
    let len = stream.read_u32().await?;
    let len_bytes = usize::try_from(len)
        .ok()
        .filter(|len| *len <= MAX_FRAME_BYTES)
        .ok_or(FrameError::TooLong { len_bytes: u64::from(len) })?;
    let mut body = vec![0_u8; len_bytes];
    stream.read_exact(&mut body).await?;
    decode_body(&body)
}

/// A host's terms: the payload of its signed `Host` record, which goes to the DHT and answers [`Request::Offer`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Offer {
    /// Where to reach it: at most eight multiaddresses of at most 256 bytes.
    #[n(0)]
    pub addresses: Vec<String>,
    /// Room it offers now, in bytes.
    #[n(1)]
    pub free_bytes: u64,
    /// Price in stroops per GiB and window of seven days; 0 is free.
    #[n(2)]
    pub price_stroops_per_gib_window: u64,
    /// Longest term in days.
    #[n(3)]
    pub max_term_days: u32,
    /// Whether it accepts shards at this moment.
    #[n(4)]
    pub accepting: bool,
    /// When it was signed.
    #[n(5)]
    pub issued_at_unix_s: u64,
    /// Seconds from then until it stops; none of one that stays. At most [`LONGEST_LEAVE_S`].
    #[n(6)]
    pub leaves_in_s: Option<u32>,
}

/// Longest time in which a host may leave, in seconds: 90 days, as long as an owner remembers a host that it does not see.
pub const LONGEST_LEAVE_S: u32 = 90 * 24 * 60 * 60;

/// Whether a host may say that it stops in so many seconds.
pub(crate) fn is_leave_bounded(leaves_in_s: Option<u32>) -> bool {
    leaves_in_s.is_none_or(|leaves_in_s| leaves_in_s <= LONGEST_LEAVE_S)
}

/// Most addresses in an offer.
pub const MAX_OFFER_ADDRESSES: usize = 8;
/// Longest address in an offer, in bytes.
pub const MAX_ADDRESS_BYTES: usize = 256;

impl Offer {
    /// Decodes and bounds an offer.
    ///
    /// # Errors
    /// [`FrameError::Malformed`] for anything out of bounds.
    pub fn decode_bounded(payload: &[u8]) -> Result<Self, FrameError> {
        let offer: Self = decode_body(payload)?;
        if offer.addresses.len() > MAX_OFFER_ADDRESSES
            || offer.addresses.iter().any(|address| address.len() > MAX_ADDRESS_BYTES)
        {
            return Err(FrameError::Malformed { reason: "too many or too long addresses".to_owned() });
        }
        if !is_leave_bounded(offer.leaves_in_s) {
            return Err(FrameError::Malformed { reason: "it leaves for too long".to_owned() });
        }
        Ok(offer)
    }
}

/// A host that answered, with its verified offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHost {
    /// Who.
    pub peer: PeerId,
    /// Its terms.
    pub offer: Offer,
}
