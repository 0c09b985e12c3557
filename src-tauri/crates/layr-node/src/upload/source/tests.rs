use std::collections::VecDeque;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use layr_codec::CodecSecrets;
use layr_library::LibraryPath;

use super::{BATCH_BYTES, Batch, BatchEnd, Reader};
use crate::look::Look;
use crate::upload::scan::FoundFile;

fn secrets() -> CodecSecrets {
    CodecSecrets { chunk_id_key: [1; 32], chunk_key_secret: [2; 32], blind_secret: [3; 32], chunker_seed: 4 }
}

fn found(path: &Path) -> FoundFile {
    let look = Look::of(&std::fs::metadata(path).unwrap());
    FoundFile { local: path.to_owned(), library: LibraryPath::root().child("x").unwrap(), look }
}

fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut bytes: Vec<u8> =
        std::iter::repeat_with(|| step().to_le_bytes()).take(len / 8 + 1).flatten().collect();
    bytes.truncate(len);
    bytes
}

/// Everything that a reader gives for files, with `between` called after each batch.
fn read(paths: &[&Path], mut between: impl FnMut(usize)) -> Vec<Batch> {
    let mut queue: VecDeque<_> = paths.iter().map(|path| found(path)).collect();
    let mut reader = Reader::new(&secrets());
    let mut batches = Vec::new();
    loop {
        let batch = reader.next_batch(&secrets(), || queue.pop_front());
        if batch.files.is_empty() {
            return batches;
        }
        batches.push(batch);
        between(batches.len());
    }
}

/// The content of a file that begins in the first batch, put together from its chunks.
fn content(batches: &[Batch]) -> Vec<u8> {
    let mut content = Vec::new();
    for batch in batches {
        for chunk in &batch.chunks {
            assert_eq!(chunk.offset_bytes, content.len() as u64);
            let bytes = &batch.bytes[chunk.range.clone()];
            assert_eq!(secrets().chunk_id(bytes), chunk.id);
            content.extend_from_slice(bytes);
        }
    }
    content
}

#[test]
fn a_file_of_any_length_is_cut_without_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    for len in [0, 1, 512 << 10, (512 << 10) + 1, BATCH_BYTES, BATCH_BYTES + 1, 3 * BATCH_BYTES - 7] {
        let path = dir.path().join("file");
        let expected = noise(len as u64, len);
        std::fs::write(&path, &expected).unwrap();
        let batches = read(&[&path], |_| {});
        assert!(content(&batches) == expected, "{len} bytes");
        let last = batches.last().unwrap().files.last().unwrap();
        assert_eq!(last.end, BatchEnd::Whole);
        assert!(batches[0].files[0].begins);
        assert!(batches.iter().skip(1).all(|batch| !batch.files[0].begins));
    }
}

#[test]
fn small_files_share_a_batch() {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..100).map(|index| dir.path().join(index.to_string())).collect();
    for (index, path) in paths.iter().enumerate() {
        std::fs::write(path, noise(index as u64, 4096)).unwrap();
    }
    let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
    let batches = read(&paths, |_| {});
    assert_eq!(batches.len(), 1);
    assert_eq!((batches[0].files.len(), batches[0].chunks.len()), (100, 100));
}

#[test]
fn a_file_that_grows_or_shrinks_once_is_read_again_from_the_start() {
    for grows in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, noise(1, 2 * BATCH_BYTES)).unwrap();
        let batches = read(&[&path], |done| {
            if done == 1 {
                let file = OpenOptions::new().append(true).open(&path).unwrap();
                if grows {
                    (&file).write_all(b"more").unwrap();
                } else {
                    file.set_len(BATCH_BYTES as u64).unwrap();
                }
            }
        });
        let again = batches.iter().rposition(|batch| batch.files[0].begins).unwrap();
        assert!(again > 0, "the file was not begun again");
        assert!(content(&batches[again..]) == std::fs::read(&path).unwrap());
        assert_eq!(batches.last().unwrap().files[0].end, BatchEnd::Whole);
    }
}

#[test]
fn a_file_that_keeps_changing_is_not_stored() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    std::fs::write(&path, noise(1, 2 * BATCH_BYTES)).unwrap();
    let other = dir.path().join("other");
    std::fs::write(&other, b"stored all the same").unwrap();
    let batches = read(&[&path, &other], |_| {
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"line\n").unwrap();
    });
    let ends: Vec<_> = batches.iter().flat_map(|batch| &batch.files).map(|file| file.end.clone()).collect();
    let failed =
        ends.iter().filter(|end| matches!(end, BatchEnd::Unreadable(reason) if reason.contains("changing")));
    assert_eq!(failed.count(), 1, "{ends:?}");
    assert_eq!(ends.last(), Some(&BatchEnd::Whole));
}

#[test]
fn what_is_no_file_any_more_is_skipped_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let (gone, pipe) = (dir.path().join("gone"), dir.path().join("pipe"));
    let mut queue = VecDeque::new();
    for path in [&gone, &pipe] {
        std::fs::write(path, b"x").unwrap();
        queue.push_back(found(path));
        std::fs::remove_file(path).unwrap();
    }
    // Whoever opens a pipe without a writer waits for ever, unless they know better.
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    let batch = Reader::new(&secrets()).next_batch(&secrets(), || queue.pop_front());
    let reasons: Vec<_> = batch.files.iter().map(|file| format!("{:?}", file.end)).collect();
    assert!(reasons[0].contains("disappeared"), "{reasons:?}");
    assert!(reasons[1].contains("no regular file"), "{reasons:?}");
}
