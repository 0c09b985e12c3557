//! `.layr` files: who can open them, and what happens to altered ones.

use layr_library::{
    LayrFileError, LayrKind, LibraryKey, Manifest, layr_kind, read_layr, write_bearer, write_private,
};
use proptest::prelude::*;

use crate::kit::{Kit, NOW_S, library_key, path, secrets, with_keys};

fn manifest() -> Manifest {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/secret name", &[10]);
    with_keys(|keys| kit.library.manifest(&path("/secret name"), None, keys, NOW_S)).unwrap()
}

#[test]
fn a_bearer_file_opens_everywhere() {
    let file = write_bearer(&manifest()).unwrap();
    assert_eq!(layr_kind(&file), Ok(LayrKind::Bearer));
    assert_eq!(read_layr(&file, None), Ok(manifest()));
    assert_eq!(read_layr(&file, Some(&LibraryKey::from_bytes([0; 32]))), Ok(manifest()));
}

#[test]
fn a_private_file_opens_with_the_same_words_only_and_shows_nothing() {
    let file = write_private(&manifest(), &library_key(), [3; 12]).unwrap();
    assert_eq!(layr_kind(&file), Ok(LayrKind::Private));
    assert_eq!(read_layr(&file, Some(&library_key())), Ok(manifest()));
    assert_eq!(read_layr(&file, None), Err(LayrFileError::WrongKey));
    assert_eq!(read_layr(&file, Some(&LibraryKey::from_bytes([8; 32]))), Err(LayrFileError::WrongKey));
    let key = secrets().chunk_key(&crate::kit::chunk(10));
    for hidden in [b"secret name".as_slice(), key.as_bytes()] {
        assert!(!file.windows(hidden.len()).any(|window| window == hidden));
    }
}

#[test]
fn damage_on_the_way_and_foreign_files_are_told_apart() {
    let good = write_bearer(&manifest()).unwrap();
    for at in 7..good.len() {
        let mut bad = good.to_vec();
        bad[at] ^= 1;
        assert_eq!(read_layr(&bad, None), Err(LayrFileError::Damaged), "byte {at}");
    }
    assert_eq!(read_layr(&good[..good.len() - 1], None), Err(LayrFileError::Damaged));
    assert_eq!(read_layr(b"PK\x03\x04", None), Err(LayrFileError::NotALayrFile));
    assert_eq!(read_layr(b"", None), Err(LayrFileError::NotALayrFile));
    assert_eq!(read_layr(b"LAYR", None), Err(LayrFileError::Damaged));
    let mut newer = good.to_vec();
    newer[5] = 2;
    assert_eq!(read_layr(&newer, None), Err(LayrFileError::NewerFormat { found: 2 }));
}

#[test]
fn a_private_file_cannot_pass_as_bearer_nor_the_other_way() {
    use sha2::{Digest as _, Sha256};
    for file in
        [write_bearer(&manifest()).unwrap(), write_private(&manifest(), &library_key(), [3; 12]).unwrap()]
    {
        for kind in [0, 1, 2] {
            let mut changed = file.to_vec();
            if changed[6] == kind {
                continue;
            }
            changed[6] = kind;
            let body = changed.len() - 32;
            let checksum = Sha256::digest(&changed[..body]);
            changed[body..].copy_from_slice(&checksum);
            assert!(read_layr(&changed, Some(&library_key())).is_err(), "kind {kind}");
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_layr(&bytes, Some(&library_key()));
        let framed = [b"LAYR\0\x01\0".as_slice(), &bytes].concat();
        prop_assert!(read_layr(&framed, None).is_err());
    }
}
