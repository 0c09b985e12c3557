//! The test cases of SEP-0005.

use super::{PRIMARY_ACCOUNT_PATH, StellarKey, StellarKeyError};
use crate::{phrase::RecoveryPhrase, slip10::ExtendedKey};

/// Seed, private key at m/44'/148', account at m/44'/148'/0'.
const CASES: [(&str, &str, &str); 5] = [
    (
        "e4a5a632e70943ae7f07659df1332160937fad82587216a4c64315a0fb39497ee4a01f76ddab4cba68147977f3a147b6ad584c41808e8238a07f6cc4b582f186",
        "e0eec84fe165cd427cb7bc9b6cfdef0555aa1cb6f9043ff1fe986c3c8ddd22e3",
        "GDRXE2BQUC3AZNPVFSCEZ76NJ3WWL25FYFK6RGZGIEKWE4SOOHSUJUJ6",
    ),
    (
        "7b36d4e725b48695c3ffd2b4b317d5552cb157c1a26c46d36a05317f0d3053eb8b3b6496ba39ebd9312d10e3f9937b47a6790541e7c577da027a564862e92811",
        "2e5d4e6b54a4b96c5e887c9ec92f619a3c134d8b1059dcef15c1a9b228ae3751",
        "GAVXVW5MCK7Q66RIBWZZKZEDQTRXWCZUP4DIIFXCCENGW2P6W4OA34RH",
    ),
    (
        "937ae91f6ab6f12461d9936dfc1375ea5312d097f3f1eb6fed6a82fbe38c85824da8704389831482db0433e5f6c6c9700ff1946aa75ad8cc2654d6e40f567866",
        "df474e0dc2711089b89af6b089aceeb77e73120e9f895bd330a36fa952835ea8",
        "GC3MMSXBWHL6CPOAVERSJITX7BH76YU252WGLUOM5CJX3E7UCYZBTPJQ",
    ),
    (
        "d425d39998fb42ce4cf31425f0eaec2f0a68f47655ea030d6d26e70200d8ff8bd4326b4bdf562ea8640a1501ae93ccd0fd7992116da5dfa24900e570a742a489",
        "c83c61dc97d37832f0f20e258c3ba4040a258800fd14abaff124a4dee114b17e",
        "GDAHPZ2NSYIIHZXM56Y36SBVTV5QKFIZGYMMBHOU53ETUSWTP62B63EQ",
    ),
    (
        "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc19a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4",
        "03df7921b4f789040e361d07d5e4eddad277c376350d7b5d585400a0ef18f2f5",
        "GB3JDWCQJCWMJ3IILWIGDTQJJC5567PGVEVXSCVPEQOTDN64VJBDQBYX",
    ),
];

#[test]
fn published_seeds_give_the_published_accounts() {
    for (seed, parent, account) in CASES {
        let seed = hex::decode(seed).unwrap();
        let [purpose, coin, _] = PRIMARY_ACCOUNT_PATH;
        let node = ExtendedKey::master(&seed).child(purpose).child(coin);
        assert_eq!(hex::encode(*node.secret), parent);
        assert_eq!(StellarKey::derive(&seed).account().to_string(), account);
    }
}

#[test]
fn published_phrases_of_24_words_give_the_published_seeds() {
    let phrases = [
        (
            "bench hurt jump file august wise shallow faculty impulse spring exact slush thunder author capable act festival slice deposit sauce coconut afford frown better",
            "",
            CASES[2].0,
        ),
        (
            "cable spray genius state float twenty onion head street palace net private method loan turn phrase state blanket interest dry amazing dress blast tube",
            "p4ssphr4se",
            CASES[3].0,
        ),
    ];
    for (words, passphrase, seed) in phrases {
        let phrase = RecoveryPhrase::parse(words).unwrap();
        assert_eq!(hex::encode(*phrase.seed(passphrase)), seed);
    }
}

#[test]
fn a_hash_is_signed_as_it_is() {
    use ed25519_dalek::{Signature, VerifyingKey};

    let key = StellarKey::derive(&[7; 64]);
    let hash = [9; 32];
    let public = VerifyingKey::from_bytes(key.account().as_bytes()).unwrap();
    let signature = Signature::from_bytes(&key.sign_hash(&hash).to_bytes());
    public.verify_strict(&hash, &signature).unwrap();
}

/// Secret key and account of the specification's first case.
const SECRET: &str = "SBGWSG6BTNCKCOB3DIFBGCVMUPQFYPA2G4O34RMTB343OYPXU5DJDVMN";

#[test]
fn a_secret_key_is_read_as_stellars_tools_write_it() {
    let key = StellarKey::parse(SECRET).unwrap();
    assert_eq!(key.account().to_string(), CASES[0].2);
    assert!(!format!("{key:?}").contains(SECRET));
}

#[test]
fn what_is_no_secret_key_is_told_apart() {
    let parse = |text: &str| StellarKey::parse(text).map(|key| key.account()).unwrap_err();
    assert_eq!(parse(CASES[0].2), StellarKeyError::PublicKey);
    for place in [1, 20, 55] {
        let mut letters = SECRET.as_bytes().to_vec();
        letters[place] = if letters[place] == b'A' { b'B' } else { b'A' };
        let told = parse(std::str::from_utf8(&letters).unwrap());
        assert!(matches!(told, StellarKeyError::Checksum | StellarKeyError::Malformed), "{place}: {told}");
    }
    for text in
        ["", "S", &SECRET[..55], &format!("{SECRET}A"), &SECRET.to_lowercase(), &SECRET.replace('B', "0")]
    {
        assert_eq!(parse(text), StellarKeyError::Malformed, "{text}");
    }
    // As many bytes, and not one letter for each.
    assert_eq!(parse(&"é".repeat(28)), StellarKeyError::Malformed);
}
