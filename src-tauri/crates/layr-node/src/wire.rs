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
//! * `Agree`, `Opened`, `Window`, `Close`, `Revise`: see [`WireTerms`].

mod agreement;
mod audit;
mod entrust;
mod frame;
mod offer;

use layr_codec::ShardRoot;
use minicbor::{Decode, Encode};

pub use agreement::{
    LISTED_SHARD_BYTES, MAX_AGREED_SHARDS, WireKey, WireReceipt, WireRevision, WireSeat, WireTerms,
    listed_shard, read_listed_shards,
};
pub(crate) use audit::is_well_formed;
pub use audit::{LeafAnswer, MAX_AUDITED_LEAVES, Question};
pub use entrust::{
    HostHint, ListItem, ListedShard, LogNews, MAX_LISTED_HOSTS, MAX_LISTED_SEGMENTS, MAX_REPORTED,
};
pub use frame::{FrameError, decode_body, encode_frame, read_frame, write_frame};
pub(crate) use offer::is_leave_bounded;
pub use offer::{KnownHost, LONGEST_LEAVE_S, MAX_ADDRESS_BYTES, MAX_OFFER_ADDRESSES, Offer};

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
    /// Join an escrow on these terms, for the shards that follow.
    #[n(10)]
    Agree {
        /// Encoded device certificate.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        certificate: Vec<u8>,
        /// What holds for all hosts of the escrow.
        #[n(1)]
        terms: WireTerms,
        /// What holds for this one.
        #[n(2)]
        seat: WireSeat,
        /// How many shards, at most [`MAX_AGREED_SHARDS`].
        #[n(3)]
        shards: u32,
    },
    /// The escrow is on the ledger.
    #[n(11)]
    Opened {
        /// Encoded device certificate.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        certificate: Vec<u8>,
        /// Which escrow.
        #[n(1)]
        escrow: WireKey,
        /// Encoded path from the host's terms to the root over all hosts'.
        #[n(2)]
        #[cbor(with = "minicbor::bytes")]
        path: Vec<u8>,
        /// How many hosts it has.
        #[n(3)]
        hosts: u8,
    },
    /// Prove a window.
    #[n(12)]
    Window {
        /// Encoded device certificate.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        certificate: Vec<u8>,
        /// Which escrow.
        #[n(1)]
        escrow: WireKey,
        /// Number of the host in it.
        #[n(2)]
        host: u8,
        /// Which window.
        #[n(3)]
        window: u8,
        /// Randomness of the window's beacon.
        #[n(4)]
        randomness: WireKey,
    },
    /// Sign for the end.
    #[n(13)]
    Close {
        /// Encoded device certificate.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        certificate: Vec<u8>,
        /// Which escrow.
        #[n(1)]
        escrow: WireKey,
        /// Number of the host in it.
        #[n(2)]
        host: u8,
        /// Stroops of deposit and collateral that the host gets.
        #[n(3)]
        to_host_stroops: u64,
        /// The last second of the ledger's clock at which that holds.
        #[n(4)]
        until_unix_s: u64,
    },
    /// Sign for other data, whose shards follow.
    #[n(14)]
    Revise {
        /// Encoded device certificate.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        certificate: Vec<u8>,
        /// Which escrow.
        #[n(1)]
        escrow: WireKey,
        /// Number of the host in it.
        #[n(2)]
        host: u8,
        /// What the owner signed.
        #[n(3)]
        revision: WireRevision,
        /// How many shards, at most [`MAX_AGREED_SHARDS`].
        #[n(4)]
        shards: u32,
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
    /// The host's signed consent to join.
    #[n(12)]
    Consent {
        /// As the ledger takes it.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        consent: Vec<u8>,
        /// The last ledger in which it holds.
        #[n(1)]
        until_ledger: u32,
    },
    /// These shards of the list are not here, or not of that size: the first of them, at most [`MAX_ROOTS`].
    #[n(13)]
    Lacking {
        /// The shards.
        #[n(0)]
        roots: Vec<WireRoot>,
    },
    /// The window's leaves follow.
    #[n(14)]
    Answering,
    /// It is written down.
    #[n(15)]
    Taken,
    /// Signed.
    #[n(16)]
    Closed {
        /// The host's signature of the closing.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        signature: [u8; 64],
    },
    /// Signed, and written down.
    #[n(17)]
    Revised {
        /// The host's signature of the revision.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        signature: [u8; 64],
    },
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
    /// It asks for more, or for other terms.
    #[n(12)]
    #[error("it does not agree to these terms")]
    TermsRefused,
    /// It cannot put the collateral in.
    #[n(13)]
    #[error("it cannot pay its collateral")]
    CannotAfford,
    /// There is no such agreement here, or it is over.
    #[n(14)]
    #[error("it knows of no such agreement")]
    NoAgreement,
    /// The ledger does not show it, or not yet; or it cannot be asked.
    #[n(15)]
    #[error("it does not see it on the ledger")]
    NotOnLedger,
    /// It signs for the end of a term later: a window that it missed may still be excused.
    #[n(16)]
    #[error("it signs for the end once no window that nobody asked about can be excused any more")]
    NotYet,
}
