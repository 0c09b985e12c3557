//! The standards' own vectors, through the types that the codec uses. HMAC has its own in `layr-sha256`, HKDF
//! beside the code that expands.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use ctr::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).unwrap();
    bytes
}

/// The GCM specification of 2004, appendix B, test case 16, which NIST took over.
#[test]
fn aes_256_gcm() {
    let key: [u8; 32] = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    let nonce: [u8; 12] = bytes("cafebabefacedbaddecaf888");
    let aad: [u8; 20] = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let mut buffer: [u8; 60] = bytes(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
         1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    let tag = Aes256Gcm::new(&key.into())
        .encrypt_inout_detached(&nonce.into(), &aad, buffer.as_mut_slice().into())
        .unwrap();
    assert_eq!(
        hex::encode(buffer),
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
         8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
    );
    assert_eq!(hex::encode(tag), "76fc6ece0f4e1768cddf8853bb2d551b");
}

/// NIST SP 800-38A, F.5.5: the counter is one 128-bit big-endian number, whose last bytes carry over here.
#[test]
fn aes_256_ctr() {
    let key: [u8; 32] = bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
    let counter: [u8; 16] = bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    let plaintext: [u8; 64] = bytes(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
         30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    );
    let expected = "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5\
                    2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6";
    let mut cipher = ctr::Ctr128BE::<aes::Aes256Enc>::new(&key.into(), &counter.into());
    let mut whole = plaintext;
    cipher.apply_keystream(&mut whole);
    assert_eq!(hex::encode(whole), expected);
    let mut tail: [u8; 23] = plaintext[41..].try_into().unwrap();
    cipher.seek(41_u64);
    cipher.apply_keystream(&mut tail);
    assert_eq!(hex::encode(tail), expected[82..]);
}

/// `TestOneEncode` of klauspost/reedsolomon, the code that ours is compatible with.
#[test]
fn reed_solomon() {
    let code = sia_reed_solomon::ReedSolomon::new(5, 5).unwrap();
    let mut shards = [[0, 1], [4, 5], [2, 3], [6, 7], [8, 9], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2]];
    code.encode(&mut shards).unwrap();
    assert_eq!(shards[5..], [[12, 13], [10, 11], [14, 15], [90, 91], [94, 95]]);
}
