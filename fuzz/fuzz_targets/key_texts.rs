//! Recovery phrases and ids as people type them.
#![no_main]

use layr_keys::{OwnerId, PeerId, RecoveryPhrase};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(peer) = text.parse::<PeerId>() {
        assert_eq!(peer.to_string(), text);
    }
    if let Ok(owner) = text.parse::<OwnerId>() {
        assert_eq!(owner.to_string(), text);
    }
    if let Ok(phrase) = RecoveryPhrase::parse(text) {
        let again = RecoveryPhrase::parse(&phrase.to_text()).map(|phrase| phrase.entropy());
        assert_eq!(again, Ok(phrase.entropy()));
    }
});
