//! Chunk boundaries follow the content and the owner, not the reads.

use layr_codec::{AVERAGE_CHUNK_BYTES, Chunker, MAX_CHUNK_BYTES, MIN_CHUNK_BYTES};
use proptest::prelude::*;

use crate::support::noise;

/// Lengths of the chunks when the whole file is in one window.
fn lengths(chunker: &Chunker, mut file: &[u8]) -> Vec<usize> {
    let mut lengths = Vec::new();
    while let Some(length) = chunker.cut(file, true) {
        lengths.push(length);
        file = &file[length..];
    }
    lengths
}

#[test]
fn an_empty_file_has_no_chunk_and_a_small_one_is_one() {
    let chunker = Chunker::new(1);
    let file = noise(1, MIN_CHUNK_BYTES + 1);
    assert_eq!(chunker.cut(&[], true), None);
    assert_eq!(chunker.cut(&file[..1], true), Some(1));
    assert_eq!(chunker.cut(&file[..MIN_CHUNK_BYTES], true), Some(MIN_CHUNK_BYTES));
    assert_eq!(chunker.cut(&file[..MIN_CHUNK_BYTES], false), None);
}

#[test]
fn bytes_without_a_boundary_are_cut_at_the_limit() {
    let chunker = Chunker::new(1);
    let zeros = vec![0; MAX_CHUNK_BYTES + 5];
    assert_eq!(chunker.cut(&zeros, false), Some(MAX_CHUNK_BYTES));
    assert_eq!(chunker.cut(&zeros[..MAX_CHUNK_BYTES], false), Some(MAX_CHUNK_BYTES));
    assert_eq!(chunker.cut(&zeros[..MAX_CHUNK_BYTES - 1], false), None);
    assert_eq!(lengths(&chunker, &zeros), [MAX_CHUNK_BYTES, 5]);
}

#[test]
fn chunks_are_about_as_long_as_they_should() {
    let lengths = lengths(&Chunker::new(7), &noise(7, 64 << 20));
    let (last, full) = lengths.split_last().unwrap();
    assert!(*last <= MAX_CHUNK_BYTES);
    assert!(full.iter().all(|length| (MIN_CHUNK_BYTES..=MAX_CHUNK_BYTES).contains(length)));
    let mean = full.iter().sum::<usize>() / full.len();
    assert!((AVERAGE_CHUNK_BYTES * 3 / 4..AVERAGE_CHUNK_BYTES * 3 / 2).contains(&mean), "{mean}");
}

#[test]
fn another_owner_cuts_elsewhere() {
    let file = noise(9, 16 << 20);
    assert_ne!(lengths(&Chunker::new(1), &file), lengths(&Chunker::new(2), &file));
}

#[test]
fn a_byte_inserted_changes_few_chunks() {
    let chunker = Chunker::new(3);
    let file = noise(3, 48 << 20);
    let mut changed = file.clone();
    changed.insert(24 << 20, 0x55);
    let chunks = |file: &[u8]| -> std::collections::HashSet<Vec<u8>> {
        let mut rest = file;
        lengths(&chunker, file)
            .into_iter()
            .map(|length| {
                let (chunk, behind) = rest.split_at(length);
                rest = behind;
                chunk.to_vec()
            })
            .collect()
    };
    let known = chunks(&file);
    let new_bytes: usize =
        chunks(&changed).iter().filter(|chunk| !known.contains(*chunk)).map(Vec::len).sum();
    assert!(new_bytes <= 8 << 20, "{new_bytes}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn reads_of_any_size_give_the_same_chunks(seed: u64, length in 0_usize..12 << 20, read in 100_000_usize..5 << 20) {
        let chunker = Chunker::new(seed);
        let file = noise(seed, length);
        let mut incremental = Vec::new();
        let (mut start, mut end) = (0, 0);
        loop {
            match chunker.cut(&file[start..end], end == length) {
                Some(length) => {
                    incremental.push(length);
                    start += length;
                }
                None if end == length => break,
                None => end = length.min(end + read),
            }
        }
        prop_assert_eq!(incremental, lengths(&chunker, &file));
    }
}
