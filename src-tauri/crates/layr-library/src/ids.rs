//! Names of files and versions that stay when a path changes.

use std::fmt;
use std::str::FromStr;

/// Id of an entry (file, symbolic link or directory) for as long as it exists, whatever its path: 64 random bits,
/// written as 16 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u64);

impl FileId {
    /// The id with these bits.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Its bits.
    pub fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// A text that is not 16 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a file id is 16 lower-case hexadecimal digits")]
pub struct FileIdError;

impl FromStr for FileId {
    type Err = FileIdError;

    fn from_str(text: &str) -> Result<Self, FileIdError> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 16 || !digits {
            return Err(FileIdError);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| FileIdError)
    }
}

/// Number of a version of one file, counted from 1 in the order in which versions arrived. Never used twice for one
/// file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VersionNumber(pub u64);

impl fmt::Display for VersionNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_id_reads_back_what_it_prints() {
        let id = FileId::from_bits(0x0123_4567_89ab_cdef);
        assert_eq!(id.to_string(), "0123456789abcdef");
        assert_eq!("0123456789abcdef".parse(), Ok(id));
        for text in ["", "123", "0123456789ABCDEF", "+123456789abcdef", "0123456789abcdef0"] {
            assert!(text.parse::<FileId>().is_err(), "{text:?}");
        }
    }
}
