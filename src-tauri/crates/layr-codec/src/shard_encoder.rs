//! Segment → one shard, for a spare host that takes over in the middle of an upload.

use layr_proof::Node;

use crate::blind::KeyStream;
use crate::coder::Coder;
use crate::encoder::{check_stripe_length, encoded_shard};
use crate::merkle::piece_node;
use crate::{EncodeError, EncodedShard, Profile, SegmentBlindKey, SegmentLayout};

/// Makes one shard of a segment again without coding the others: the same bytes that
/// [`SegmentEncoder`](crate::SegmentEncoder) made for it.
pub struct ShardEncoder {
    layout: SegmentLayout,
    shard: u8,
    coder: Coder,
    key_stream: KeyStream,
    pieces: Vec<Node>,
    next_stripe: u32,
}

impl ShardEncoder {
    /// An encoder for shard `shard` of a segment of `len_bytes` of ciphertext.
    pub fn new(
        profile: Profile,
        key: &SegmentBlindKey,
        len_bytes: u64,
        shard: u8,
    ) -> Result<Self, EncodeError> {
        if shard >= profile.n() {
            return Err(EncodeError::NoSuchShard { shard, total_shards: profile.n() });
        }
        Ok(Self {
            layout: SegmentLayout::new(profile, len_bytes)?,
            shard,
            coder: Coder::new(profile).map_err(|error| EncodeError::Coder(error.into()))?,
            key_stream: KeyStream::new(key, shard),
            pieces: Vec::new(),
            next_stripe: 0,
        })
    }

    /// Geometry of the segment.
    pub const fn layout(&self) -> &SegmentLayout {
        &self.layout
    }

    /// Appends the shard's blinded piece of the next stripe to `out`. `ciphertext` is the whole stripe, without
    /// padding.
    pub fn encode_piece(&mut self, ciphertext: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let stripes = self.layout.stripes();
        let stripe = self.layout.stripe(self.next_stripe).ok_or(EncodeError::NoMoreStripes { stripes })?;
        check_stripe_length(&stripe, ciphertext)?;
        let piece_bytes = stripe.piece_bytes;
        let k = self.layout.profile().k();
        let data = ciphertext.chunks(piece_bytes).chain(std::iter::repeat(&[][..]));
        let start = out.len();
        if self.shard < k {
            out.extend_from_slice(data.into_iter().nth(self.shard.into()).unwrap_or_default());
        } else {
            self.coder.clear();
            for (shard, bytes) in (0..k).zip(data) {
                self.coder.set(shard, bytes, piece_bytes);
            }
            self.coder
                .complete_parity(&[self.shard], piece_bytes)
                .map_err(|error| EncodeError::Coder(error.into()))?;
            out.extend_from_slice(self.coder.piece(self.shard).unwrap_or_default());
        }
        out.resize(start + piece_bytes, 0);
        let piece = out.get_mut(start..).unwrap_or_default();
        self.key_stream.apply_at(stripe.shard_offset, piece);
        self.pieces.extend(piece_node(piece));
        self.next_stripe += 1;
        Ok(())
    }

    /// The shard's root, once all stripes are encoded.
    pub fn finish(self) -> Result<EncodedShard, EncodeError> {
        let unfinished =
            EncodeError::Unfinished { encoded_stripes: self.next_stripe, stripes: self.layout.stripes() };
        if self.next_stripe < self.layout.stripes() {
            return Err(unfinished);
        }
        encoded_shard(self.pieces).ok_or(unfinished)
    }
}
