//! Messages between an owner and a delegate: what is to be looked after, and what became of it.
//!
//! → [`super::Request::Entrust`]; ← `Accepted` or a refusal; → [`ListItem`]s, the last one [`ListItem::End`]; ← `Entrusted` or a refusal.
//! There are blind keys and roots in it and no chunk keys: who has it can rebuild shards, and read nothing.

use layr_codec::{Profile, SegmentBlindKey, SegmentId, ShardRoot};
use layr_keys::PeerId;
use layr_library::{CopyFate, CopyNews, Failure, WatchedSegment, WatchedShard};
use minicbor::{Decode, Encode};
use zeroize::Zeroize as _;

use super::{MAX_ADDRESS_BYTES, MAX_OFFER_ADDRESSES, WireRoot};

/// Segments on a list: 40 TB at 10 of 30. A frame of each takes 1.2 KiB there.
pub const MAX_LISTED_SEGMENTS: u64 = 1_000_000;
/// Hosts on a list, more than any network has that one owner uses.
pub const MAX_LISTED_HOSTS: usize = 16 * 1024;
/// Entries in one answer to [`super::Request::Report`]: with two addresses of a host for each 45 KiB.
pub const MAX_REPORTED: usize = 64;
/// Addresses of a host in such an answer.
const MAX_HINTED_ADDRESSES: usize = 2;

/// A part of a list.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub enum ListItem {
    /// A host, before the first shard at it. Hosts are counted from 0.
    #[n(0)]
    Host {
        /// Who.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        peer: [u8; 32],
        /// Where it was last dialled, as in an offer.
        #[n(1)]
        addresses: Vec<String>,
    },
    /// A segment.
    #[n(1)]
    Segment {
        /// Its id.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        id: [u8; 16],
        /// Shards that bring it back.
        #[n(1)]
        k: u8,
        /// Shards.
        #[n(2)]
        n: u8,
        /// Its length in bytes.
        #[n(3)]
        len_bytes: u32,
        /// What its shards are blinded with.
        #[n(4)]
        #[cbor(with = "minicbor::bytes")]
        blind_key: [u8; 32],
        /// Its copies, by index.
        #[n(5)]
        shards: Vec<ListedShard>,
    },
    /// Everything was said. So many segments were named: who counted others must not end what is not on the list.
    #[n(2)]
    End {
        /// How many.
        #[n(0)]
        segments: u64,
    },
}

impl std::fmt::Debug for ListItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Host { .. } => f.write_str("Host(..)"),
            Self::Segment { .. } => f.write_str("Segment(.., key hidden)"),
            Self::End { segments } => write!(f, "End({segments})"),
        }
    }
}

impl Drop for ListItem {
    fn drop(&mut self) {
        if let Self::Segment { blind_key, .. } = self {
            blind_key.zeroize();
        }
    }
}

/// A copy on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct ListedShard {
    /// The shard's index.
    #[n(0)]
    pub index: u8,
    /// The shard.
    #[n(1)]
    pub root: WireRoot,
    /// Its host, by its place on the list.
    #[n(2)]
    pub host: u32,
    /// Why it does not count; see [`LogNews::fate`].
    #[n(3)]
    pub failure: Option<u8>,
}

/// Where a host can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct HostHint {
    /// Who.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub peer: [u8; 32],
    /// Where.
    #[n(1)]
    pub addresses: Vec<String>,
}

/// What an entry of a delegate's log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct LogNews {
    /// 1 it is missing, 2 damaged, 3 out of reach for too long, 4 it was placed anew, 5 it was stored and is not needed: of that segment and
    /// index say nothing.
    #[n(0)]
    pub fate: u8,
    /// The segment.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub segment: [u8; 16],
    /// The shard's index.
    #[n(2)]
    pub index: u8,
    /// The shard.
    #[n(3)]
    pub root: WireRoot,
    /// Its host.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub host: [u8; 32],
    /// When, by the delegate's clock.
    #[n(5)]
    pub at_unix_s: u64,
}

const PLACED: u8 = 4;
const SPARE: u8 = 5;

fn failure_code(failure: Failure) -> u8 {
    match failure {
        Failure::Missing => 1,
        Failure::Corrupt => 2,
        Failure::WrittenOff => 3,
    }
}

fn failure_of(code: u8) -> Option<Failure> {
    match code {
        1 => Some(Failure::Missing),
        2 => Some(Failure::Corrupt),
        3 => Some(Failure::WrittenOff),
        _ => None,
    }
}

/// Whether addresses are as in an offer.
fn are_bounded(addresses: &[String]) -> bool {
    addresses.len() <= MAX_OFFER_ADDRESSES
        && addresses.iter().all(|address| address.len() <= MAX_ADDRESS_BYTES)
}

impl ListItem {
    /// A host; of more addresses than allowed the first ones.
    pub(crate) fn host(peer: PeerId, addresses: &[String]) -> Self {
        Self::Host { peer: *peer.as_bytes(), addresses: fitting(addresses, MAX_OFFER_ADDRESSES) }
    }

    /// A segment, whose hosts have the places that `place` tells.
    pub(crate) fn segment(segment: &WatchedSegment, place: impl Fn(&PeerId) -> Option<u32>) -> Option<Self> {
        let listed = |shard: &WatchedShard| {
            Some(ListedShard {
                index: shard.index,
                root: shard.root.into(),
                host: place(&shard.host)?,
                failure: shard.failure.map(failure_code),
            })
        };
        Some(Self::Segment {
            id: *segment.id.as_bytes(),
            k: segment.profile.k(),
            n: segment.profile.n(),
            len_bytes: segment.len_bytes,
            blind_key: *segment.blind_key.as_bytes(),
            shards: segment.shards.iter().map(listed).collect::<Option<_>>()?,
        })
    }

    /// The host in it, if it is one within its bounds.
    pub(crate) fn as_host(&self) -> Option<(PeerId, Vec<String>)> {
        match self {
            Self::Host { peer, addresses } if are_bounded(addresses) => {
                Some((PeerId::from_bytes(*peer), addresses.clone()))
            }
            _ => None,
        }
    }

    /// The segment in it, if it is one whose hosts were all named.
    pub(crate) fn as_segment(&self, hosts: &[PeerId]) -> Option<WatchedSegment> {
        let Self::Segment { id, k, n, len_bytes, blind_key, shards } = self else { return None };
        let watched = |shard: &ListedShard| {
            Some(WatchedShard {
                index: shard.index,
                root: shard.root.into(),
                host: *hosts.get(usize::try_from(shard.host).ok()?)?,
                failure: match shard.failure {
                    Some(code) => Some(failure_of(code)?),
                    None => None,
                },
            })
        };
        Some(WatchedSegment {
            id: SegmentId::from_bytes(*id),
            profile: Profile::new(*k, *n).ok()?,
            len_bytes: *len_bytes,
            blind_key: SegmentBlindKey::from_bytes(*blind_key),
            shards: shards.iter().map(watched).collect::<Option<_>>()?,
        })
    }
}

impl HostHint {
    pub(crate) fn new(peer: PeerId, addresses: &[String]) -> Self {
        Self { peer: *peer.as_bytes(), addresses: fitting(addresses, MAX_HINTED_ADDRESSES) }
    }

    /// The hint, if it is within its bounds.
    pub(crate) fn bounded(&self) -> Option<(PeerId, Vec<String>)> {
        are_bounded(&self.addresses).then(|| (PeerId::from_bytes(self.peer), self.addresses.clone()))
    }
}

fn fitting(addresses: &[String], count: usize) -> Vec<String> {
    addresses.iter().filter(|address| address.len() <= MAX_ADDRESS_BYTES).take(count).cloned().collect()
}

impl From<CopyNews> for LogNews {
    fn from(news: CopyNews) -> Self {
        Self {
            fate: match news.fate {
                CopyFate::Failed(failure) => failure_code(failure),
                CopyFate::Placed => PLACED,
                CopyFate::Spare => SPARE,
            },
            segment: *news.segment.as_bytes(),
            index: news.index,
            root: news.root.into(),
            host: *news.host.as_bytes(),
            at_unix_s: news.at_unix_s,
        }
    }
}

impl LogNews {
    /// What it tells; none if it is nothing that can be.
    pub(crate) fn fate(&self) -> Option<CopyFate> {
        match self.fate {
            PLACED => Some(CopyFate::Placed),
            SPARE => Some(CopyFate::Spare),
            code => failure_of(code).map(CopyFate::Failed),
        }
    }

    /// The segment.
    pub(crate) fn segment(&self) -> SegmentId {
        SegmentId::from_bytes(self.segment)
    }

    /// The shard.
    pub(crate) fn root(&self) -> ShardRoot {
        self.root.into()
    }

    /// The host.
    pub(crate) fn host(&self) -> PeerId {
        PeerId::from_bytes(self.host)
    }
}
