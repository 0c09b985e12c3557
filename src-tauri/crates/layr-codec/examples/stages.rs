//! What each stage of the codec costs: JSON lines with CPU seconds per GiB of plaintext at 10 of 30.
//!
//! `cargo run --release -p layr-codec --example stages`
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement"
)]
#![allow(clippy::cast_possible_truncation, reason = "its segments are short")]

use std::hint::black_box;

use layr_codec::{
    ChunkId, CodecSecrets, MAX_CHUNK_BYTES, PIECE_BYTES, Profile, SEAL_HEADROOM_BYTES, SEALED_OVERHEAD_BYTES,
    SealedInfo, SegmentBlindKey, SegmentDecoder, SegmentEncoder, SegmentId, ShardEncoder, Stripe, open_chunk,
    piece_node, seal_chunk,
};

const DATA_BYTES: usize = 192 * 1024 * 1024;
const K: u8 = 10;
const N: u8 = 30;
const BATCH_BYTES: usize = 2 * MAX_CHUNK_BYTES;
const GIB: f64 = (1_u64 << 30) as f64;

/// Goal of the whole pipeline, from the issue that this crate was built for.
const PIPELINE_GOAL: f64 = 5.0;
/// A download with n − k hosts lost may cost this much of one without loss.
const LOSS_RATIO_GOAL: f64 = 1.3;
/// Receiving over TCP and TLS, measured in an earlier spike: part of every download.
const RECEIVE_CPU_S_PER_GIB: f64 = 2.0;

fn main() {
    let secrets = CodecSecrets {
        chunk_id_key: [1; 32],
        chunk_key_secret: [2; 32],
        blind_secret: [3; 32],
        chunker_seed: 4,
    };
    // What the figures depend on most.
    let kernel = layr_sha256::Kernels::detect().best();
    print_line("sha256_kernel", &format!("{kernel:?}"), kernel.lanes() as f64, None);
    let data = noise(DATA_BYTES);
    single_stages(&secrets, &data);
    line("file_to_shards", measure(|| Upload::new(&secrets, &data, false)), Some(PIPELINE_GOAL));
    let file = Upload::new(&secrets, &data, true);
    let all: Vec<u8> = (0..K).collect();
    let worst: Vec<u8> = (N - K..N).collect();
    let without_loss = measure(|| file.download(&secrets, &all, &data));
    let with_loss = measure(|| file.download(&secrets, &worst, &data));
    line("shards_to_file_without_loss", without_loss, None);
    line("shards_to_file_20_of_30_lost", with_loss, None);
    let ratio = (with_loss + RECEIVE_CPU_S_PER_GIB) / (without_loss + RECEIVE_CPU_S_PER_GIB);
    print_line("download_loss_ratio_with_receiving", "ratio", ratio, Some(LOSS_RATIO_GOAL));
}

/// Each stage alone, over inputs as the pipeline has them.
fn single_stages(secrets: &CodecSecrets, data: &[u8]) {
    let chunks = cut(secrets, data);
    line("fastcdc", measure(|| cut(secrets, data).len()), None);
    line(
        "chunk_id",
        measure(|| chunks.iter().map(|chunk| secrets.chunk_id(chunk)).collect::<Vec<_>>()),
        None,
    );
    line(
        "chunk_id_in_batches",
        measure(|| batches(&chunks).iter().map(|batch| secrets.chunk_ids(batch)).collect::<Vec<_>>()),
        None,
    );
    let mut out = Vec::with_capacity(MAX_CHUNK_BYTES + SEAL_HEADROOM_BYTES);
    line(
        "zstd_probe",
        measure(|| {
            for chunk in &chunks {
                out.clear();
                let mut compressor = zstd::bulk::Compressor::new(1).unwrap();
                out.reserve(chunk.len() + SEAL_HEADROOM_BYTES);
                black_box(compressor.compress_to_buffer(chunk, &mut out).unwrap());
            }
        }),
        None,
    );
    let id = ChunkId::from_bytes([5; 32]);
    let key = secrets.chunk_key(&id);
    line(
        "seal_with_probe",
        measure(|| {
            for chunk in &chunks {
                out.clear();
                black_box(seal_chunk(&key, &id, chunk, [6; 12], &mut out).unwrap());
            }
        }),
        None,
    );
    line("aes_gcm", measure(|| seal_in_place(data)), None);
    small_files(secrets, data);
    coding_stages(secrets, data.len() / (usize::from(K) * PIECE_BYTES));
}

/// The stages over stripes.
fn coding_stages(secrets: &CodecSecrets, stripes: usize) {
    let coded = usize::from(N) * PIECE_BYTES;
    let mut stripe = noise(coded);
    let code = sia_reed_solomon::ReedSolomon::new(K.into(), (N - K).into()).unwrap();
    line(
        "rs_encode",
        measure(|| {
            for _ in 0..stripes {
                let mut pieces: Vec<&mut [u8]> = stripe.chunks_exact_mut(PIECE_BYTES).collect();
                code.encode(&mut pieces).unwrap();
            }
        }),
        None,
    );
    let blind_key = secrets.segment_blind_key(&SegmentId::from_bytes([7; 16]));
    let mut decoder = SegmentDecoder::new(profile(), &blind_key, profile().max_segment_bytes()).unwrap();
    line(
        "blind",
        measure(|| {
            for _ in 0..stripes {
                for (shard, piece) in (0_u8..).zip(stripe.chunks_exact_mut(PIECE_BYTES)) {
                    decoder.unblind(shard, 0, piece).unwrap();
                }
            }
        }),
        None,
    );
    one_shard_again(&blind_key);
    let mut digests = Vec::new();
    line(
        "leaf_hash",
        measure(|| {
            for _ in 0..stripes {
                digests.clear();
                layr_sha256::hash_leaves(black_box(&stripe), &mut digests);
            }
        }),
        None,
    );
    line(
        "leaf_hash_and_piece_nodes",
        measure(|| {
            for _ in 0..stripes {
                black_box(stripe.chunks_exact(PIECE_BYTES).map(piece_node).collect::<Vec<_>>());
            }
        }),
        None,
    );
}

/// A spare host takes over one parity shard.
fn one_shard_again(blind_key: &SegmentBlindKey) {
    let segment = noise(profile().max_segment_bytes() as usize);
    let segments = DATA_BYTES.div_ceil(segment.len());
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    let seconds = measure(|| {
        for _ in 0..segments {
            let mut encoder = ShardEncoder::new(profile(), blind_key, segment.len() as u64, N - 1).unwrap();
            for stripe in segment.chunks(usize::from(K) * PIECE_BYTES) {
                piece.clear();
                encoder.encode_piece(stripe, &mut piece).unwrap();
            }
            black_box(encoder.finish().unwrap());
        }
    });
    line("one_parity_shard_again", seconds * DATA_BYTES as f64 / (segments * segment.len()) as f64, None);
}

/// Id and sealing of files of 4 KiB, which pay for every fixed cost.
fn small_files(secrets: &CodecSecrets, data: &[u8]) {
    let files = data.as_chunks::<4096>().0;
    let mut out = Vec::with_capacity(DATA_BYTES * 2);
    let seconds = measure(|| {
        out.clear();
        for file in files {
            let id = secrets.chunk_id(file);
            black_box(seal_chunk(&secrets.chunk_key(&id), &id, file, [6; 12], &mut out).unwrap());
        }
    });
    let us_per_file = seconds * (DATA_BYTES as f64 / GIB) / files.len() as f64 * 1e6;
    print_line("file_of_4_kib_id_and_seal", "CPU us/file", us_per_file, None);
}

fn seal_in_place(data: &[u8]) {
    use aes_gcm::KeyInit;
    use aes_gcm::aead::AeadInOut;
    let cipher = aes_gcm::Aes256Gcm::new(&[1; 32].into());
    let mut buffer = data[..1 << 20].to_vec();
    for _ in 0..data.len() >> 20 {
        black_box(cipher.encrypt_inout_detached(&[0; 12].into(), &[], buffer.as_mut_slice().into()).unwrap());
    }
}

fn profile() -> Profile {
    Profile::new(K, N).unwrap()
}

fn cut<'a>(secrets: &CodecSecrets, data: &'a [u8]) -> Vec<&'a [u8]> {
    let chunker = secrets.chunker();
    let mut rest = data;
    let mut chunks = Vec::new();
    while let Some(length) =
        chunker.cut(&rest[..rest.len().min(MAX_CHUNK_BYTES)], rest.len() <= MAX_CHUNK_BYTES)
    {
        let (chunk, behind) = rest.split_at(length);
        chunks.push(chunk);
        rest = behind;
    }
    chunks
}

/// The chunks by what an owner's node reads before it names them: see `BATCH_BYTES` of its `upload/source.rs`.
fn batches<'c, 'a>(chunks: &'c [&'a [u8]]) -> Vec<&'c [&'a [u8]]> {
    let mut rest = chunks;
    let mut batches = Vec::new();
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |chunk: &&&[u8]| {
            bytes += chunk.len();
            bytes <= BATCH_BYTES
        };
        let (batch, behind) = rest.split_at(rest.iter().take_while(fits).count());
        batches.push(batch);
        rest = behind;
    }
    batches
}

/// A file as its hosts have it.
struct Upload {
    segments: Vec<Segment>,
}

struct Segment {
    id: SegmentId,
    len_bytes: u64,
    chunks: Vec<(ChunkId, u32, SealedInfo)>,
    /// Kept only as far as a download needs: the first and the last k shards.
    shards: Vec<Vec<u8>>,
}

impl Upload {
    /// Codes the file. Keeping the shards costs fresh memory that a node, which sends them, does not touch.
    fn new(secrets: &CodecSecrets, data: &[u8], keep_shards: bool) -> Self {
        let capacity = profile().max_segment_bytes() as usize;
        let mut buffer = Vec::with_capacity(capacity + SEAL_HEADROOM_BYTES);
        let mut stripe = Stripe::new();
        let mut segments = Vec::new();
        let mut sealed = Vec::new();
        let chunks = cut(secrets, data);
        let mut finish = |buffer: &mut Vec<u8>, sealed: &mut Vec<_>| {
            segments.push(Segment::new(secrets, buffer, std::mem::take(sealed), &mut stripe, keep_shards));
            buffer.clear();
        };
        for batch in batches(&chunks) {
            for (chunk, id) in batch.iter().zip(secrets.chunk_ids(batch)) {
                if buffer.len() + chunk.len() + SEALED_OVERHEAD_BYTES > capacity {
                    finish(&mut buffer, &mut sealed);
                }
                let info = seal_chunk(&secrets.chunk_key(&id), &id, chunk, [8; 12], &mut buffer).unwrap();
                sealed.push((id, chunk.len() as u32, info));
            }
        }
        finish(&mut buffer, &mut sealed);
        Self { segments }
    }

    /// Reads the file from these shards.
    fn download(&self, secrets: &CodecSecrets, from: &[u8], expected: &[u8]) -> usize {
        let mut done = 0;
        let mut ciphertext = Vec::new();
        let mut plaintext = Vec::new();
        for segment in &self.segments {
            let key = secrets.segment_blind_key(&segment.id);
            let mut decoder = SegmentDecoder::new(profile(), &key, segment.len_bytes).unwrap();
            ciphertext.clear();
            for number in 0..decoder.layout().stripes() {
                let stripe = decoder.layout().stripe(number).unwrap();
                let start = stripe.shard_offset as usize;
                let pieces: Vec<(u8, &[u8])> = from
                    .iter()
                    .map(|&shard| {
                        (shard, &segment.shards[usize::from(shard)][start..start + stripe.piece_bytes])
                    })
                    .collect();
                decoder.decode_stripe(number, &pieces, &mut ciphertext).unwrap();
            }
            let mut rest = ciphertext.as_mut_slice();
            for (id, plain_bytes, info) in &segment.chunks {
                let (sealed, behind) = rest.split_at_mut(info.sealed_bytes as usize);
                plaintext.clear();
                open_chunk(&secrets.chunk_key(id), id, sealed, *plain_bytes, &mut plaintext).unwrap();
                assert_eq!(plaintext[..16], expected[done..done + 16]);
                done += plaintext.len();
                rest = behind;
            }
        }
        assert_eq!(done, expected.len());
        done
    }
}

impl Segment {
    fn new(
        secrets: &CodecSecrets,
        ciphertext: &[u8],
        chunks: Vec<(ChunkId, u32, SealedInfo)>,
        stripe: &mut Stripe,
        keep_shards: bool,
    ) -> Self {
        let id = SegmentId::from_bytes([7; 16]);
        let len_bytes = ciphertext.len() as u64;
        let mut encoder = SegmentEncoder::new(profile(), &secrets.segment_blind_key(&id), len_bytes).unwrap();
        let layout = *encoder.layout();
        let mut shards = vec![Vec::new(); N.into()];
        for number in 0..layout.stripes() {
            let range = layout.stripe(number).unwrap().ciphertext;
            encoder.encode_stripe(&ciphertext[range.start as usize..range.end as usize], stripe).unwrap();
            for (index, shard) in (0_u8..).zip(&mut shards) {
                if keep_shards && !(K..N - K).contains(&index) {
                    shard.extend_from_slice(stripe.piece(index));
                }
            }
        }
        black_box(encoder.finish().unwrap());
        Self { id, len_bytes, chunks, shards }
    }
}

/// CPU seconds per GiB of the data, the lesser of three runs: others share the cores.
fn measure<T>(mut work: impl FnMut() -> T) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..3 {
        let start = cpu_seconds();
        black_box(work());
        best = best.min(cpu_seconds() - start);
    }
    best / (DATA_BYTES as f64 / GIB)
}

#[cfg(unix)]
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Elsewhere the wall clock has to do.
#[cfg(not(unix))]
fn cpu_seconds() -> f64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

fn line(figure: &str, value: f64, goal: Option<f64>) {
    print_line(figure, "CPU s/GiB", value, goal);
}

fn print_line(figure: &str, unit: &str, value: f64, goal: Option<f64>) {
    let goal = goal.map_or_else(|| "null".to_owned(), |goal| format!("{goal:.3}"));
    println!(r#"{{"figure":"{figure}","unit":"{unit}","value":{value:.3},"goal":{goal}}}"#);
}

/// Incompressible bytes by `SplitMix64`.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(z ^ (z >> 31)).to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}
