use super::{PhraseError, RecoveryPhrase, WORD_COUNT};

/// Line by line: entropy, phrase, seed with the passphrase TREZOR.
const BIP39_VECTORS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/keys/bip39-24-words.tsv"));

const ZERO_PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
     abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";

#[test]
fn the_vectors_of_bip_39() {
    let mut checked = 0;
    for line in BIP39_VECTORS.lines().filter(|line| !line.starts_with('#')) {
        let [entropy, words, seed] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let phrase = RecoveryPhrase::parse(words).unwrap();
        assert_eq!(hex::encode(*phrase.entropy()), entropy);
        assert_eq!(*RecoveryPhrase::from_entropy(&phrase.entropy()).to_text(), words);
        assert_eq!(hex::encode(*phrase.seed("TREZOR")), seed);
        checked += 1;
    }
    assert_eq!(checked, 8);
}

#[test]
fn new_phrases_differ_and_read_back() {
    let (one, other) = (RecoveryPhrase::generate().unwrap(), RecoveryPhrase::generate().unwrap());
    assert_ne!(one.entropy(), other.entropy());
    assert_eq!(one.words().count(), WORD_COUNT);
    assert_eq!(RecoveryPhrase::parse(&one.to_text()).unwrap().entropy(), one.entropy());
}

#[test]
fn case_white_space_and_unicode_spelling_do_not_matter() {
    let shouted = ZERO_PHRASE.to_uppercase().replace(' ', "\r\n\t ");
    let ideographic = format!("\u{3000}{}\u{a0}\n", ZERO_PHRASE.replace(' ', "\u{3000}"));
    // Full-width letters are letters in NFKD.
    let full_width = ZERO_PHRASE.replace("art", "\u{ff41}\u{ff32}\u{ff54}");
    for text in [&shouted, &ideographic, &full_width] {
        assert_eq!(*RecoveryPhrase::parse(text).unwrap().entropy(), [0; 32], "{text}");
    }
}

#[test]
fn a_wrong_word_is_named_by_its_position() {
    for position in 1..=WORD_COUNT {
        let mut words: Vec<_> = ZERO_PHRASE.split(' ').collect();
        words[position - 1] = "abandom";
        let error = RecoveryPhrase::parse(&words.join(" ")).unwrap_err();
        assert_eq!(error, PhraseError::UnknownWord { position });
        assert!(!error.to_string().contains("abandom"), "an error message may end up in a log");
    }
}

#[test]
fn only_24_words_are_a_phrase() {
    let twelve =
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    assert_eq!(RecoveryPhrase::parse(twelve).unwrap_err(), PhraseError::WordCount { found: 12 });
    assert_eq!(RecoveryPhrase::parse("").unwrap_err(), PhraseError::WordCount { found: 0 });
    let one_more = format!("{ZERO_PHRASE} art");
    assert_eq!(RecoveryPhrase::parse(&one_more).unwrap_err(), PhraseError::WordCount { found: 25 });
    let size_bytes = 100_000;
    assert_eq!(RecoveryPhrase::parse(&"a ".repeat(50_000)).unwrap_err(), PhraseError::TooLong { size_bytes });
}

#[test]
fn swapped_words_fail_the_checksum() {
    let swapped = ZERO_PHRASE.replacen("abandon abandon", "abandon ability", 1);
    assert_eq!(RecoveryPhrase::parse(&swapped).unwrap_err(), PhraseError::Checksum);
}

#[test]
fn debug_hides_the_words() {
    let phrase = RecoveryPhrase::parse(ZERO_PHRASE).unwrap();
    assert_eq!(format!("{phrase:?}"), "RecoveryPhrase(hidden)");
}
