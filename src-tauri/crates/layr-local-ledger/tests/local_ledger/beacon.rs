//! The beacon: what it signs is what a contract can check.

use serde_json::json;
use sha2::{Digest, Sha256};
use soroban_env_host::budget::Budget;
use soroban_env_host::storage::Storage;
use soroban_env_host::{Env, EnvBase, Host, LedgerInfo};

use layr_local_ledger::{BEACON_DOMAIN, BEACON_PERIOD_S};

use crate::support::Net;

/// The generator of G2 with y negated.
const MINUS_G2: &str = "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb813fa4d4a0ad8b1ce186ed5061789213d993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed0d1b3cc2c7027888be51d9ef691d77bcb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa";

/// As a contract does it: e(signature, −G2) · e(H(round), key) = 1.
fn verifies(round: u64, signature: &str, key: &str) -> bool {
    let host = Host::with_storage_and_budget(Storage::default(), Budget::default());
    host.set_ledger_info(LedgerInfo { protocol_version: 29, ..LedgerInfo::default() }).unwrap();
    let bytes = |text: &str| host.bytes_new_from_slice(&hex::decode(text).unwrap()).unwrap();
    let message = host.bytes_new_from_slice(&Sha256::digest(round.to_be_bytes())).unwrap();
    let domain = host.bytes_new_from_slice(BEACON_DOMAIN).unwrap();
    let hashed = host.bls12_381_hash_to_g1(message, domain).unwrap();
    let ones = host.vec_new_from_slice(&[bytes(signature).to_val(), hashed.to_val()]).unwrap();
    let twos = host.vec_new_from_slice(&[bytes(MINUS_G2).to_val(), bytes(key).to_val()]).unwrap();
    host.bls12_381_multi_pairing_check(ones, twos).unwrap().into()
}

#[tokio::test]
async fn signs_what_a_contract_can_check() {
    let net = Net::start().await;
    let client = net.client();
    net.ledger.close(1, 9 * BEACON_PERIOD_S).await;
    let signed = client.call("layr_beacon", json!({"round": 10})).await;
    let text = |name: &str| signed[name].as_str().unwrap().to_owned();
    let (signature, key) = (text("signature"), text("publicKey"));
    assert!(verifies(10, &signature, &key));
    assert!(!verifies(9, &signature, &key), "of another round");
    let other = Net::start().await;
    let others = other.client().call("layr_beacon", json!({})).await;
    assert!(!verifies(10, &signature, others["publicKey"].as_str().unwrap()), "of another ledger");
    // The short form: the same x, and in its leading bits that it is short and which y it has.
    let short = hex::decode(text("signatureCompressed")).unwrap();
    let long = hex::decode(&signature).unwrap();
    assert_eq!((short.len(), short[0] & 0x80), (48, 0x80));
    assert_eq!((short[0] & 0x1F, &short[1..]), (long[0] & 0x1F, &long[1..48]));
}

#[tokio::test]
async fn says_nothing_of_rounds_to_come() {
    let net = Net::start().await;
    let client = net.client();
    assert_eq!(client.call("layr_beacon", json!({})).await["newestRound"], 1);
    for round in [0, 2, u64::MAX] {
        let answer = client.raw("layr_beacon", json!({"round": round})).await;
        assert_eq!(answer["error"]["code"], -32_602, "round {round}: {answer}");
    }
    net.ledger.close(1, BEACON_PERIOD_S).await;
    let second = client.call("layr_beacon", json!({"round": 2})).await;
    assert_eq!(client.call("layr_beacon", json!({"round": 2})).await, second, "it is always the same");
}
