//! Any k shards → segment, stripe by stripe; and any k shards → other shards, for repair.

use std::ops::Range;

use crate::blind::KeyStream;
use crate::coder::Coder;
use crate::{DecodeError, Profile, SegmentBlindKey, SegmentLayout, StripeLayout};

/// Brings a segment's ciphertext back. Stripes may come in any order and from different hosts each.
pub struct SegmentDecoder {
    layout: SegmentLayout,
    coder: Coder,
    key_streams: Vec<KeyStream>,
}

impl SegmentDecoder {
    /// A decoder for a segment of `len_bytes` of ciphertext.
    pub fn new(profile: Profile, key: &SegmentBlindKey, len_bytes: u64) -> Result<Self, DecodeError> {
        Ok(Self {
            layout: SegmentLayout::new(profile, len_bytes)?,
            coder: Coder::new(profile).map_err(|error| DecodeError::Coder(error.into()))?,
            key_streams: KeyStream::all(key, profile.n()),
        })
    }

    /// Geometry of the segment.
    pub const fn layout(&self) -> &SegmentLayout {
        &self.layout
    }

    /// Unblinds bytes of a shard in place, which start at `shard_offset`. For a data shard the result is
    /// ciphertext: a range read without loss needs nothing else.
    pub fn unblind(&mut self, shard: u8, shard_offset: u64, bytes: &mut [u8]) -> Result<(), DecodeError> {
        let total_shards = self.layout.profile().n();
        let key_stream = self
            .key_streams
            .get_mut(usize::from(shard))
            .ok_or(DecodeError::NoSuchShard { shard, total_shards })?;
        key_stream.apply_at(shard_offset, bytes);
        Ok(())
    }

    /// Appends a stripe's ciphertext, without padding, to `out`. `pieces` are blinded pieces of any k different
    /// shards, by index; more than k are allowed, and then data pieces are preferred, since they need no
    /// decoding. After an error `out` is as before.
    pub fn decode_stripe(
        &mut self,
        stripe: u32,
        pieces: &[(u8, &[u8])],
        out: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let layout = self.stripe(stripe)?;
        let columns = 0..layout.piece_bytes;
        let chosen = self.choose(&columns, pieces)?;
        let start = out.len();
        let result = self.append_data(&layout, &columns, &chosen, out);
        let length = layout.ciphertext.end - layout.ciphertext.start;
        out.truncate(start + if result.is_ok() { usize::try_from(length).unwrap_or(0) } else { 0 });
        result
    }

    /// Decodes only some columns of a stripe: bytes `columns` of every piece, for a range read with a host missing.
    /// `pieces` are those bytes of any k different shards, blinded. Appends the columns of the k data pieces, one
    /// after the other, with padding where the stripe has it. After an error `out` is as before.
    pub fn decode_columns(
        &mut self,
        stripe: u32,
        columns: Range<usize>,
        pieces: &[(u8, &[u8])],
        out: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let layout = self.stripe(stripe)?;
        let Range { start, end } = columns;
        if start >= end || end > layout.piece_bytes {
            return Err(DecodeError::Columns { start, end, piece_bytes: layout.piece_bytes });
        }
        let chosen = self.choose(&columns, pieces)?;
        let before = out.len();
        let result = self.append_data(&layout, &columns, &chosen, out);
        if result.is_err() {
            out.truncate(before);
        }
        result
    }

    fn stripe(&self, stripe: u32) -> Result<StripeLayout, DecodeError> {
        let stripes = self.layout.stripes();
        self.layout.stripe(stripe).ok_or(DecodeError::NoSuchStripe { stripe, stripes })
    }

    /// k pieces of different shards, lowest index first, after checking all that were given.
    fn choose<'a>(
        &self,
        columns: &Range<usize>,
        pieces: &[(u8, &'a [u8])],
    ) -> Result<Vec<(u8, &'a [u8])>, DecodeError> {
        let profile = self.layout.profile();
        let expected_bytes = columns.len();
        for &(shard, bytes) in pieces {
            if shard >= profile.n() {
                return Err(DecodeError::NoSuchShard { shard, total_shards: profile.n() });
            }
            if bytes.len() != expected_bytes {
                return Err(DecodeError::PieceLength { shard, actual_bytes: bytes.len(), expected_bytes });
            }
        }
        let mut chosen = pieces.to_vec();
        chosen.sort_by_key(|&(shard, _)| shard);
        chosen.dedup_by_key(|&mut (shard, _)| shard);
        if chosen.len() < usize::from(profile.k()) {
            return Err(DecodeError::NotEnoughShards {
                available: chosen.len(),
                required: profile.k().into(),
            });
        }
        chosen.truncate(profile.k().into());
        Ok(chosen)
    }

    /// Appends the columns of the k data pieces. `chosen` are k pieces, lowest index first.
    fn append_data(
        &mut self,
        stripe: &StripeLayout,
        columns: &Range<usize>,
        chosen: &[(u8, &[u8])],
        out: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let k = self.layout.profile().k();
        let offset = stripe.shard_offset + columns.start as u64;
        out.reserve(columns.len() * usize::from(k));
        if chosen.last().is_some_and(|&(shard, _)| shard < k) {
            for &(shard, bytes) in chosen {
                let start = out.len();
                out.extend_from_slice(bytes);
                self.unblind(shard, offset, out.get_mut(start..).unwrap_or_default())?;
            }
            return Ok(());
        }
        self.load(offset, chosen);
        self.coder.complete_data().map_err(|error| DecodeError::Coder(error.into()))?;
        for shard in 0..k {
            out.extend_from_slice(self.coder.piece(shard).unwrap_or_default());
        }
        Ok(())
    }

    /// Hands unblinded copies of the pieces to the coder.
    fn load(&mut self, offset: u64, pieces: &[(u8, &[u8])]) {
        self.coder.clear();
        for &(shard, bytes) in pieces {
            let piece = self.coder.set(shard, bytes, bytes.len());
            if let (Some(piece), Some(key_stream)) = (piece, self.key_streams.get_mut(usize::from(shard))) {
                key_stream.apply_at(offset, piece);
            }
        }
    }
}

/// Makes lost shards again from any k others. Needs the blind key but no chunk key: a delegate who repairs
/// reads nothing.
pub struct ShardRebuilder {
    decoder: SegmentDecoder,
    wanted: Vec<u8>,
}

impl ShardRebuilder {
    /// A rebuilder of the shards `wanted`.
    pub fn new(
        profile: Profile,
        key: &SegmentBlindKey,
        len_bytes: u64,
        wanted: &[u8],
    ) -> Result<Self, DecodeError> {
        if let Some(&shard) = wanted.iter().find(|&&shard| shard >= profile.n()) {
            return Err(DecodeError::NoSuchShard { shard, total_shards: profile.n() });
        }
        Ok(Self { decoder: SegmentDecoder::new(profile, key, len_bytes)?, wanted: wanted.to_vec() })
    }

    /// Geometry of the segment.
    pub const fn layout(&self) -> &SegmentLayout {
        self.decoder.layout()
    }

    /// Appends the blinded pieces of the wanted shards, one after the other in the order of `wanted`, to `out`.
    /// `pieces` are blinded pieces of any k different shards, by index. After an error `out` is as before.
    pub fn rebuild_stripe(
        &mut self,
        stripe: u32,
        pieces: &[(u8, &[u8])],
        out: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let decoder = &mut self.decoder;
        let layout = decoder.stripe(stripe)?;
        let chosen = decoder.choose(&(0..layout.piece_bytes), pieces)?;
        decoder.load(layout.shard_offset, &chosen);
        let coder = &mut decoder.coder;
        coder
            .complete_data()
            .and_then(|()| coder.complete_parity(&self.wanted, layout.piece_bytes))
            .map_err(|error| DecodeError::Coder(error.into()))?;
        for &shard in &self.wanted {
            let start = out.len();
            out.extend_from_slice(coder.piece(shard).unwrap_or_default());
            if let Some(key_stream) = decoder.key_streams.get_mut(usize::from(shard)) {
                key_stream.apply_at(layout.shard_offset, out.get_mut(start..).unwrap_or_default());
            }
        }
        Ok(())
    }
}
