//! Geometry from a manifest and pieces from hosts.
//!
//! Geometry is tried at every length. What is decoded is kept small: several stripes of a few shards, or one short stripe of
//! any number of them. More bytes would only be more of the same columns.
#![no_main]

use std::ops::Range;

use layr_codec::{PIECE_BYTES, Profile, SegmentBlindKey, SegmentDecoder, SegmentLayout, ShardRebuilder};
use libfuzzer_sys::fuzz_target;

/// Shards of most segments: setting a code up takes the cube of their number.
const SOME_SHARDS: u8 = 16;
/// Shards up to which segments have several stripes.
const FEW_SHARDS: u8 = 3;
const SEVERAL_STRIPES: u64 = 3;
/// Length of a piece in the only stripe of the others.
const SHORT_PIECE_BYTES: u64 = 2048;
/// Extents looked at of one range.
const EXTENTS: usize = 256;
/// Shards rebuilt at once; each costs a piece.
const WANTED: usize = 4;

static CONTENT: [u8; 2 * PIECE_BYTES] = [7; 2 * PIECE_BYTES];

type Input<'a> = ((u8, u8), u64, Range<u64>, (bool, u32, (u16, u16)), Vec<(u8, u16)>, &'a [u8]);

fuzz_target!(|input: Input| {
    let ((k, n), any_bytes, any_range, (is_rebuild, stripe, (from, to)), lengths, wanted) = input;
    let Ok(profile) = Profile::new(k, n) else { return };
    let is_any_profile = stripe % 64 == 0;
    if let Ok(layout) = SegmentLayout::new(profile, any_bytes) {
        let _ = layout.map(any_range.clone()).take(EXTENTS).count();
        let _ = (layout.stripes_of(&any_range), layout.stripe(stripe), layout.piece_bytes(stripe));
    }
    let n = if is_any_profile { n } else { n % SOME_SHARDS + 1 };
    let k = if is_any_profile { k } else { k % n + 1 };
    let Ok(profile) = Profile::new(k, n) else { return };
    let longest = match k {
        ..=FEW_SHARDS => SEVERAL_STRIPES * u64::from(k) * PIECE_BYTES as u64,
        _ => u64::from(k) * SHORT_PIECE_BYTES,
    };
    let len_bytes = any_bytes % (longest + 1);
    let key = SegmentBlindKey::from_bytes([1; 32]);
    let Ok(layout) = SegmentLayout::new(profile, len_bytes) else {
        assert!(SegmentDecoder::new(profile, &key, len_bytes).is_err());
        return;
    };
    // Stripes that are there, most of the time.
    let stripe = if stripe % 16 == 0 { stripe } else { stripe % layout.stripes().max(1) };
    let piece_bytes = layout.piece_bytes(stripe);
    let columns = usize::from(from)..usize::from(to);
    // Every second piece has the right length, of the stripe or of the columns: otherwise nothing would ever be decoded.
    let pieces = |right_bytes: usize| -> Vec<(u8, &[u8])> {
        let length = |length: u16| if length % 2 == 0 { right_bytes } else { usize::from(length) };
        lengths.iter().map(|&(shard, bytes)| (shard, CONTENT.get(..length(bytes)).unwrap_or_default())).collect()
    };
    let mut out = Vec::new();
    if is_rebuild {
        let wanted = &wanted[..wanted.len().min(WANTED)];
        if let Ok(mut rebuilder) = ShardRebuilder::new(profile, &key, len_bytes, wanted) {
            let _ = rebuilder.rebuild_stripe(stripe, &pieces(piece_bytes), &mut out);
        }
    } else if let Ok(mut decoder) = SegmentDecoder::new(profile, &key, len_bytes) {
        let _ = decoder.decode_stripe(stripe, &pieces(piece_bytes), &mut out);
        let _ = decoder.decode_columns(stripe, columns.clone(), &pieces(columns.len()), &mut out);
    }
});
