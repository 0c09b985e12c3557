//! Trees and files to store.

use std::path::Path;

/// `len_bytes` bytes that nothing compresses, the same for the same seed (xorshift64*).
pub fn noise(seed: u64, len_bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(len_bytes + 8);
    while bytes.len() < len_bytes {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        bytes.extend_from_slice(&state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes());
    }
    bytes.truncate(len_bytes);
    bytes
}

/// A tree with what trees have: nested directories, an empty file, an empty directory, a link, odd names, small and large.
pub fn tree(dir: &Path, large_bytes: usize) {
    std::fs::create_dir_all(dir.join("deep/er/est")).unwrap();
    std::fs::create_dir_all(dir.join("empty directory")).unwrap();
    std::fs::write(dir.join("empty"), b"").unwrap();
    std::fs::write(dir.join("small.txt"), "just a few words").unwrap();
    std::fs::write(dir.join("deep/er/est/line\nbreak"), "a name with a newline").unwrap();
    std::fs::write(dir.join("deep/größe.bin"), noise(7, 70_000)).unwrap();
    std::fs::write(dir.join("text.log"), "the same line again and again\n".repeat(50_000)).unwrap();
    std::fs::write(dir.join("large.bin"), noise(42, large_bytes)).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../small.txt", dir.join("deep/link")).unwrap();
}

/// Asserts that both trees have the same names, kinds, links and bytes.
pub fn assert_same(left: &Path, right: &Path) {
    let kind = left.symlink_metadata().unwrap().file_type();
    let other = right.symlink_metadata().unwrap_or_else(|error| panic!("{}: {error}", right.display()));
    assert_eq!(kind, other.file_type(), "{}", right.display());
    if kind.is_symlink() {
        assert_eq!(std::fs::read_link(left).unwrap(), std::fs::read_link(right).unwrap());
    } else if kind.is_file() {
        let same = std::fs::read(left).unwrap() == std::fs::read(right).unwrap();
        assert!(same, "{} differs from {}", right.display(), left.display());
    } else {
        let names = |dir: &Path| {
            let mut names: Vec<_> =
                std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        assert_eq!(names(left), names(right), "{}", right.display());
        for name in names(left) {
            assert_same(&left.join(&name), &right.join(&name));
        }
    }
}
