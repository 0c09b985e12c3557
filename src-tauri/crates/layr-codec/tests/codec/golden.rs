//! The formats as they were written once, byte for byte: what is stored must stay readable.
//!
//! `tests/fixtures/codec/v1.txt` is made by this test when `LAYR_WRITE_GOLDEN` is set, and was checked against an
//! implementation that shares no code with ours. A change to it is a new version of the format.

use std::fmt::Write as _;
use std::path::PathBuf;

use layr_codec::{Profile, SegmentEncoder, SegmentId, Stripe, open_chunk, seal_chunk};

use crate::support::{noise, secrets};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap())
        .join("../../../tests/fixtures/codec")
        .join(name)
}

/// The released bytes; those found become them when the environment says so.
fn released(name: &str, found: &[u8]) -> Vec<u8> {
    let path = fixture(name);
    if std::env::var_os("LAYR_WRITE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
    }
    std::fs::read(&path).unwrap()
}

fn chunks(text: &mut String) {
    let secrets = secrets();
    let mut rest = &noise(1, 12 << 20)[..];
    let mut lengths = Vec::new();
    while let Some(length) = secrets.chunker().cut(rest, true) {
        lengths.push(length.to_string());
        rest = &rest[length..];
    }
    writeln!(text, "chunk_lengths {}", lengths.join(" ")).unwrap();
    let plaintext = noise(2, 100);
    let id = secrets.chunk_id(&plaintext);
    let key = secrets.chunk_key(&id);
    let mut sealed = Vec::new();
    seal_chunk(&key, &id, &plaintext, [5; 12], &mut sealed).unwrap();
    writeln!(text, "chunk_id {id}").unwrap();
    writeln!(text, "chunk_key {}", hex::encode(key.as_bytes())).unwrap();
    writeln!(text, "sealed_raw {}", hex::encode(sealed)).unwrap();
}

fn segment(text: &mut String, profile: Profile, len_bytes: usize, whole_shards: bool) {
    let ciphertext = noise(3, len_bytes);
    let key = secrets().segment_blind_key(&SegmentId::from_bytes([6; 16]));
    let mut encoder = SegmentEncoder::new(profile, &key, len_bytes as u64).unwrap();
    writeln!(text, "segment {} of {}, {len_bytes} bytes", profile.k(), profile.n()).unwrap();
    writeln!(text, "blind_key {}", hex::encode(key.as_bytes())).unwrap();
    let mut shards = vec![Vec::new(); profile.n().into()];
    let mut stripe = Stripe::new();
    for number in 0..encoder.layout().stripes() {
        let range = encoder.layout().stripe(number).unwrap().ciphertext;
        encoder.encode_stripe(&ciphertext[range.start as usize..range.end as usize], &mut stripe).unwrap();
        for (index, shard) in (0_u8..).zip(&mut shards) {
            shard.extend_from_slice(stripe.piece(index));
        }
    }
    for (shard, encoded) in shards.iter().zip(encoder.finish().unwrap()) {
        writeln!(text, "root {} leaves {}", encoded.root, encoded.leaf_count).unwrap();
        if whole_shards {
            writeln!(text, "shard {}", hex::encode(shard)).unwrap();
        }
    }
}

#[test]
fn formats_are_those_of_version_1() {
    let mut text = String::new();
    chunks(&mut text);
    segment(&mut text, Profile::new(2, 5).unwrap(), 2500, true);
    segment(&mut text, Profile::new(10, 30).unwrap(), 700_000, false);
    segment(&mut text, Profile::new(1, 3).unwrap(), 131_073, false);
    assert!(released("v1.txt", text.as_bytes()) == text.as_bytes(), "version 1 is no longer what it was");
}

/// Compressed chunks are only opened: another zstd may write the same content differently.
#[test]
fn a_compressed_chunk_of_version_1_opens() {
    let plaintext: Vec<u8> = noise(4, 50).into_iter().cycle().take(1000).collect();
    let id = secrets().chunk_id(&plaintext);
    let key = secrets().chunk_key(&id);
    let mut sealed = Vec::new();
    seal_chunk(&key, &id, &plaintext, [5; 12], &mut sealed).unwrap();
    let mut sealed = released("sealed-zstd.v1.bin", &sealed);
    assert_eq!(sealed[..2], [1, 1]);
    let mut opened = Vec::new();
    open_chunk(&key, &id, &mut sealed, 1000, &mut opened).unwrap();
    assert_eq!(opened, plaintext);
}
