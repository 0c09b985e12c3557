//! Segment → n blinded shards, stripe by stripe.

use layr_proof::{Digest, Node};

use crate::blind::KeyStream;
use crate::coder::Coder;
use crate::merkle::{nodes_of, shard_node};
use crate::{EncodeError, LEAF_BYTES, Profile, SegmentBlindKey, SegmentLayout, ShardRoot};

/// Codes a segment into n shards. Feed it the stripes in order; it needs memory for the keys and 40 bytes a piece.
pub struct SegmentEncoder {
    layout: SegmentLayout,
    coder: Coder,
    key_streams: Vec<KeyStream>,
    /// Nodes of the pieces so far, for each shard.
    piece_nodes: Vec<Vec<Node>>,
    /// Leaf digests of the current stripe's pieces, one shard's after the other's.
    leaves: Vec<Digest>,
    next_stripe: u32,
}

/// Buffer for the n blinded pieces of one stripe; use it again for the next.
#[derive(Clone, Debug, Default)]
pub struct Stripe {
    bytes: Vec<u8>,
    piece_bytes: usize,
    number: u32,
}

/// What is known of a shard once it is encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedShard {
    /// Name of the shard.
    pub root: ShardRoot,
    /// Leaves of its tree.
    pub leaf_count: u64,
    /// Nodes of its pieces, in order.
    pub pieces: Vec<Node>,
}

impl Stripe {
    /// An empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of the stripe within its segment.
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// Length of the pieces.
    pub const fn piece_bytes(&self) -> usize {
        self.piece_bytes
    }

    /// The blinded piece of a shard; empty if there is no such shard.
    pub fn piece(&self, shard: u8) -> &[u8] {
        let start = usize::from(shard) * self.piece_bytes;
        self.bytes.get(start..start + self.piece_bytes).unwrap_or_default()
    }
}

impl SegmentEncoder {
    /// An encoder for a segment of `len_bytes` of ciphertext.
    pub fn new(profile: Profile, key: &SegmentBlindKey, len_bytes: u64) -> Result<Self, EncodeError> {
        let layout = SegmentLayout::new(profile, len_bytes)?;
        let shards = usize::from(profile.n());
        Ok(Self {
            layout,
            coder: Coder::new(profile).map_err(|error| EncodeError::Coder(error.into()))?,
            key_streams: KeyStream::all(key, profile.n()),
            piece_nodes: vec![Vec::with_capacity(layout.stripes() as usize); shards],
            leaves: Vec::new(),
            next_stripe: 0,
        })
    }

    /// Geometry of the segment.
    pub const fn layout(&self) -> &SegmentLayout {
        &self.layout
    }

    /// Number of the stripe that [`encode_stripe`](Self::encode_stripe) takes next.
    pub const fn next_stripe(&self) -> u32 {
        self.next_stripe
    }

    /// Codes, blinds and hashes the next stripe. `ciphertext` has exactly the stripe's bytes, without padding; see
    /// [`SegmentLayout::stripe`]. After an error the encoder is as before.
    pub fn encode_stripe(&mut self, ciphertext: &[u8], out: &mut Stripe) -> Result<(), EncodeError> {
        let stripes = self.layout.stripes();
        let stripe = self.layout.stripe(self.next_stripe).ok_or(EncodeError::NoMoreStripes { stripes })?;
        check_stripe_length(&stripe, ciphertext)?;
        let profile = self.layout.profile();
        let piece_bytes = stripe.piece_bytes;
        out.number = stripe.stripe;
        out.piece_bytes = piece_bytes;
        out.bytes.resize(piece_bytes * usize::from(profile.n()), 0);
        let (data, _) = out.bytes.split_at_mut(piece_bytes * usize::from(profile.k()));
        let (used, padding) = data.split_at_mut(ciphertext.len());
        used.copy_from_slice(ciphertext);
        padding.fill(0);

        // Coding in narrower columns, so that a column is still in the innermost cache when it is hashed, was measured:
        // from 16 to 64 KiB it makes no difference, below it costs.
        let mut pieces: Vec<&mut [u8]> = out.bytes.chunks_exact_mut(piece_bytes).collect();
        self.coder.encode(&mut pieces).map_err(|error| EncodeError::Coder(error.into()))?;
        self.leaves.clear();
        for (piece, key_stream) in pieces.into_iter().zip(&mut self.key_streams) {
            key_stream.apply_at(stripe.shard_offset, piece);
            layr_sha256::hash_leaves(piece, &mut self.leaves);
        }
        let nodes = nodes_of(&self.leaves, piece_bytes.div_ceil(LEAF_BYTES));
        for (shard, node) in self.piece_nodes.iter_mut().zip(nodes) {
            shard.push(node);
        }
        self.next_stripe += 1;
        Ok(())
    }

    /// Roots of the shards, in order, once all stripes are encoded.
    pub fn finish(self) -> Result<Vec<EncodedShard>, EncodeError> {
        let unfinished =
            EncodeError::Unfinished { encoded_stripes: self.next_stripe, stripes: self.layout.stripes() };
        if self.next_stripe < self.layout.stripes() {
            return Err(unfinished);
        }
        self.piece_nodes.into_iter().map(encoded_shard).collect::<Option<_>>().ok_or(unfinished)
    }
}

/// The shard of these pieces.
pub(crate) fn encoded_shard(pieces: Vec<Node>) -> Option<EncodedShard> {
    let root = shard_node(&pieces).ok().flatten()?;
    Some(EncodedShard { root: root.into(), leaf_count: root.leaf_count, pieces })
}

/// Refuses ciphertext of another length than the stripe's.
pub(crate) fn check_stripe_length(
    stripe: &crate::StripeLayout,
    ciphertext: &[u8],
) -> Result<(), EncodeError> {
    let expected = stripe.ciphertext.end - stripe.ciphertext.start;
    if ciphertext.len() as u64 == expected {
        return Ok(());
    }
    Err(EncodeError::StripeLength {
        stripe: stripe.stripe,
        actual_bytes: ciphertext.len(),
        expected_bytes: usize::try_from(expected).unwrap_or(usize::MAX),
    })
}
