//! The recovery phrase: 24 English BIP-39 words.

use std::{borrow::Cow, fmt};

use bip39::{Language, Mnemonic};
use zeroize::Zeroizing;

use crate::random::{RandomnessError, random_bytes};

/// Words of a recovery phrase. BIP-39 allows 12 to 24; Layr knows only the strongest, 256 bits.
pub const WORD_COUNT: usize = 24;

/// Longest text that [`RecoveryPhrase::parse`] looks at: 24 words are at most 215 characters, the rest is room for
/// generous white space.
const MAX_INPUT_BYTES: usize = 4096;

/// The 24 words from which everything that an owner owns can be derived. Wiped when dropped.
pub struct RecoveryPhrase {
    mnemonic: Mnemonic,
}

/// Why a text is not a recovery phrase. None of these repeats a word of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhraseError {
    /// Not 24 words.
    #[error("a recovery phrase has 24 words; this text has {found}")]
    WordCount {
        /// Words found.
        found: usize,
    },
    /// A word that is not in the BIP-39 English list.
    #[error(
        "word {position} is not one of the 2048 words of recovery phrases; look for a typing error there"
    )]
    UnknownWord {
        /// Position of the first such word, counted from 1.
        position: usize,
    },
    /// All words exist, but together they don't pass the checksum.
    #[error("all 24 words exist, but they don't belong together; look for a swapped or a wrong word")]
    Checksum,
    /// Far too long for 24 words.
    #[error("a text of {size_bytes} bytes is not a recovery phrase of 24 words")]
    TooLong {
        /// Size of the text.
        size_bytes: usize,
    },
}

impl RecoveryPhrase {
    /// A new phrase from 256 bits of the operating system's randomness.
    pub fn generate() -> Result<Self, RandomnessError> {
        Ok(Self::from_entropy(&*random_bytes()?))
    }

    /// The phrase that stands for `entropy`.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "BIP-39 refuses only entropy that is not 128 to 256 bits long"
    )]
    pub fn from_entropy(entropy: &[u8; 32]) -> Self {
        let mnemonic = Mnemonic::from_entropy_in(Language::English, entropy).expect("256 bits are allowed");
        Self { mnemonic }
    }

    /// Reads 24 words. Upper case, any white space and any Unicode spelling (it is normalised to NFKD) are accepted.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        if text.len() > MAX_INPUT_BYTES {
            return Err(PhraseError::TooLong { size_bytes: text.len() });
        }
        let normalized = normalize(text);
        let found = normalized.split_whitespace().count();
        if found != WORD_COUNT {
            return Err(PhraseError::WordCount { found });
        }
        let mnemonic =
            Mnemonic::parse_in_normalized(Language::English, &normalized).map_err(|error| match error {
                bip39::Error::UnknownWord(index) => PhraseError::UnknownWord { position: index + 1 },
                bip39::Error::BadWordCount(found) => PhraseError::WordCount { found },
                _ => PhraseError::Checksum,
            })?;
        Ok(Self { mnemonic })
    }

    /// The words in order. They are static texts: what must be kept secret is which and in what order.
    pub fn words(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.mnemonic.words()
    }

    /// The words, separated by single spaces.
    pub fn to_text(&self) -> Zeroizing<String> {
        // 24 words of at most 8 letters: no reallocation leaves a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(WORD_COUNT * 9));
        for word in self.words() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        text
    }

    /// The 256 bits behind the words.
    pub fn entropy(&self) -> Zeroizing<[u8; 32]> {
        let (bytes, _) = self.mnemonic.to_entropy_array();
        let bytes = Zeroizing::new(bytes);
        let mut entropy = Zeroizing::new([0; 32]);
        for (to, from) in entropy.iter_mut().zip(bytes.iter()) {
            *to = *from;
        }
        entropy
    }

    /// The BIP-39 seed (PBKDF2-HMAC-SHA512, 2048 rounds). Layr's own passphrase is always empty.
    pub(crate) fn seed(&self, passphrase: &str) -> Zeroizing<[u8; 64]> {
        Zeroizing::new(self.mnemonic.to_seed_normalized(passphrase))
    }
}

impl fmt::Debug for RecoveryPhrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryPhrase(hidden)")
    }
}

/// `text` in NFKD and lower case.
fn normalize(text: &str) -> Zeroizing<String> {
    let mut decomposed = Cow::Borrowed(text);
    Mnemonic::normalize_utf8_cow(&mut decomposed);
    let decomposed = Zeroizing::new(decomposed.into_owned());
    Zeroizing::new(decomposed.to_lowercase())
}

#[cfg(test)]
mod tests;
