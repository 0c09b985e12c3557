use layr_codec::{ChunkId, ChunkKey, Profile, SegmentBlindKey, SegmentId};
use layr_library::{Manifest, ManifestChunk, ManifestContent, ManifestEntry, ManifestSegment, RelativePath};
use proptest::prelude::*;

use super::{Groups, Want, wants};

/// A manifest of files given as positions of chunks; chunk i has `100 + i` bytes of plaintext, 10 chunks to a segment.
fn manifest(chunks: u32, files: &[Vec<u32>]) -> Manifest {
    let chunk = |index: u32| ManifestChunk {
        id: ChunkId::from_bytes([u8::try_from(index % 256).unwrap(); 32]),
        key: ChunkKey::from_bytes([0; 32]),
        plain_bytes: 100 + index,
        sealed_bytes: 130 + index,
        segment: index / 10,
        offset_bytes: (index % 10) * 1000,
    };
    let segment = |index: u32| ManifestSegment {
        id: SegmentId::from_bytes([u8::try_from(index).unwrap(); 16]),
        profile: Profile::new(1, 3).unwrap(),
        len_bytes: 10_000,
        blind_key: SegmentBlindKey::from_bytes([0; 32]),
        shards: Vec::new(),
    };
    let file = |(index, chunks): (usize, &Vec<u32>)| ManifestEntry {
        path: RelativePath::parse(&format!("file{index}")).unwrap(),
        content: ManifestContent::File {
            size_bytes: chunks.iter().map(|chunk| 100 + u64::from(*chunk)).sum(),
            chunks: chunks.clone(),
        },
        mtime_ns: 0,
        mode: None,
    };
    Manifest {
        entries: files.iter().enumerate().map(file).collect(),
        chunks: (0..chunks).map(chunk).collect(),
        segments: (0..chunks.div_ceil(10)).map(segment).collect(),
        ..Manifest::default()
    }
}

fn all(manifest: &Manifest) -> Vec<Want> {
    wants(manifest, 0..manifest.entries.len(), None).collect()
}

#[test]
fn a_range_takes_only_the_chunks_that_it_touches() {
    let manifest = manifest(5, &[vec![0, 1, 2, 3, 4]]);
    // Chunks begin at 0, 100, 201, 303, 406.
    let taken: Vec<_> = wants(&manifest, [0].into_iter(), Some(150..304))
        .map(|want| (want.chunk, want.skip, want.take, want.ends_entry))
        .collect();
    assert_eq!(taken, [(1, 50, 51, false), (2, 0, 102, false), (3, 0, 1, true)]);
    let group = Groups::new(&manifest, wants(&manifest, [0].into_iter(), Some(150..304))).next().unwrap();
    assert_eq!(group.ciphertext(&manifest), [1000..1131, 2000..2132, 3000..3133]);
}

#[test]
fn a_chunk_that_comes_again_soon_is_fetched_once() {
    let manifest = manifest(3, &[vec![0, 0, 1, 0, 2], vec![2, 2]]);
    let kept: Vec<_> = all(&manifest).iter().map(|want| want.kept).collect();
    assert_eq!(kept, [false, true, false, true, false, true, true]);
    let groups: Vec<_> = Groups::new(&manifest, all(&manifest).into_iter()).collect();
    assert_eq!(groups.len(), 1, "{groups:?}");
}

proptest! {
    #[test]
    fn groups_hold_every_use_in_order_and_go_forward(
        files in prop::collection::vec(prop::collection::vec(0_u32..40, 1..20), 1..6),
    ) {
        let manifest = manifest(40, &files);
        let planned = all(&manifest);
        let groups: Vec<_> = Groups::new(&manifest, planned.iter().copied()).collect();
        let regrouped: Vec<_> = groups.iter().flat_map(|group| group.wants.clone()).collect();
        prop_assert_eq!(&regrouped, &planned);
        for group in &groups {
            let fetched: Vec<_> = group.wants.iter().filter(|want| !want.kept).collect();
            prop_assert!(fetched.iter().all(|want| want.chunk / 10 == group.segment || fetched.is_empty()));
            prop_assert!(fetched.windows(2).all(|pair| pair[0].chunk < pair[1].chunk));
            let ranges = group.ciphertext(&manifest);
            prop_assert!(ranges.windows(2).all(|pair| pair[0].end < pair[1].start));
        }
        for (file, chunks) in files.iter().enumerate() {
            let uses: Vec<_> = planned.iter().filter(|want| want.entry == file).collect();
            prop_assert_eq!(uses.len(), chunks.len());
            prop_assert!(uses.last().unwrap().ends_entry);
        }
    }
}
