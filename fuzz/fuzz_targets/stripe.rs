//! Geometry from a manifest and pieces from hosts.
#![no_main]

use layr_codec::{Profile, SegmentBlindKey, SegmentDecoder, SegmentLayout, ShardRebuilder};
use libfuzzer_sys::fuzz_target;

type Input<'a> = (u8, u8, u64, u32, (u16, u16), Vec<(u8, u16)>, &'a [u8]);

fuzz_target!(|input: Input| {
    let (k, n, len_bytes, stripe, (from, to), lengths, wanted) = input;
    let Ok(profile) = Profile::new(k, n) else { return };
    let len_bytes = len_bytes % (1 << 20);
    let key = SegmentBlindKey::from_bytes([1; 32]);
    let Ok(mut decoder) = SegmentDecoder::new(profile, &key, len_bytes) else {
        assert!(SegmentLayout::new(profile, len_bytes).is_err());
        return;
    };
    let bytes = vec![7; usize::from(u16::MAX) + 1];
    let piece_bytes = decoder.layout().piece_bytes(stripe);
    // Every second piece has the right length: otherwise nothing would ever be decoded.
    let pieces: Vec<(u8, &[u8])> = lengths
        .iter()
        .map(|&(shard, length)| {
            (shard, &bytes[..if length % 2 == 0 { piece_bytes } else { usize::from(length) }])
        })
        .collect();
    let mut out = Vec::new();
    let _ = decoder.decode_stripe(stripe, &pieces, &mut out);
    let _ = decoder.decode_columns(stripe, from.into()..to.into(), &pieces, &mut out);
    let _ = decoder.layout().map(u64::from(from)..u64::from(to)).count();
    if let Ok(mut rebuilder) = ShardRebuilder::new(profile, &key, len_bytes, wanted) {
        let _ = rebuilder.rebuild_stripe(stripe, &pieces, &mut out);
    }
});
