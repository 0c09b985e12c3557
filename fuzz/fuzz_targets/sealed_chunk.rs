//! A sealed chunk: as it comes from hosts, and with a valid tag, as from whoever made a manifest for us.
#![no_main]

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use layr_codec::{ChunkId, ChunkKey, open_chunk};
use libfuzzer_sys::fuzz_target;

const KEY: [u8; 32] = [1; 32];
const ID: [u8; 32] = [2; 32];

fuzz_target!(|input: (u8, u32, &[u8])| {
    let (encoding, plain_bytes, body) = input;
    open(body.to_vec(), plain_bytes);
    let plain_bytes = plain_bytes % 100_000;
    let aad = [&[1, encoding][..], &ID, &plain_bytes.to_be_bytes()].concat();
    let mut sealed = [&[1, encoding][..], &[3; 12], body].concat();
    let cipher = Aes256Gcm::new(&KEY.into());
    let tag = cipher.encrypt_inout_detached(&[3; 12].into(), &aad, (&mut sealed[14..]).into());
    sealed.extend_from_slice(&tag.expect("a short message"));
    open(sealed, plain_bytes);
});

fn open(mut sealed: Vec<u8>, plain_bytes: u32) {
    let mut out = Vec::new();
    let result =
        open_chunk(&ChunkKey::from_bytes(KEY), &ChunkId::from_bytes(ID), &mut sealed, plain_bytes, &mut out);
    assert_eq!(out.len(), if result.is_ok() { plain_bytes as usize } else { 0 });
}
