//! Who signed a transaction: keys, hashes and promises against thresholds, and none that nobody asked for.

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use stellar_xdr::{AccountEntry, AccountId, DecoratedSignature, SignerKey, Uint256};

use crate::account::{Threshold, master_weight, threshold};
use crate::envelope::key;

/// Heaviest a signer counts, whatever is written: thresholds go no higher.
const MAX_WEIGHT: u32 = 255;

/// The signatures of one transaction, and which of them were needed.
pub(crate) struct Signatures<'transaction> {
    hash: [u8; 32],
    all: &'transaction [DecoratedSignature],
    used: Vec<bool>,
}

impl<'transaction> Signatures<'transaction> {
    pub(crate) fn new(hash: [u8; 32], all: &'transaction [DecoratedSignature]) -> Self {
        Self { hash, all, used: vec![false; all.len()] }
    }

    /// Whether an account's signers together reach a threshold.
    pub(crate) fn reach(&mut self, account: &AccountEntry, which: Threshold) -> bool {
        let mut signers: Vec<(SignerKey, u32)> =
            account.signers.iter().map(|signer| (signer.key.clone(), signer.weight)).collect();
        if master_weight(account) > 0 {
            signers.push((SignerKey::Ed25519(Uint256(key(&account.account_id))), master_weight(account)));
        }
        self.weigh(&signers, threshold(account, which))
    }

    /// Whether the key of an account that is not there yet signed.
    pub(crate) fn has_key_of(&mut self, account: &AccountId) -> bool {
        self.weigh(&[(SignerKey::Ed25519(Uint256(key(account))), 1)], 0)
    }

    /// Whether a signer that the transaction itself asks for signed.
    pub(crate) fn has(&mut self, signer: &SignerKey) -> bool {
        self.weigh(&[(signer.clone(), 1)], 1)
    }

    /// Whether every signature was needed by somebody.
    pub(crate) fn all_used(&self) -> bool {
        self.used.iter().all(|used| *used)
    }

    /// Promises need no signature and count first; then hashes, keys and signed payloads, each signer once.
    fn weigh(&mut self, signers: &[(SignerKey, u32)], needed: u32) -> bool {
        let mut weight = 0;
        for (signer, worth) in signers {
            if *signer == SignerKey::PreAuthTx(Uint256(self.hash)) {
                weight += (*worth).min(MAX_WEIGHT);
                if weight >= needed {
                    return true;
                }
            }
        }
        let kinds: [fn(&SignerKey) -> bool; 3] = [
            |signer| matches!(signer, SignerKey::HashX(_)),
            |signer| matches!(signer, SignerKey::Ed25519(_)),
            |signer| matches!(signer, SignerKey::Ed25519SignedPayload(_)),
        ];
        for kind in kinds {
            let mut left: Vec<&(SignerKey, u32)> =
                signers.iter().filter(|(signer, _)| kind(signer)).collect();
            for (signature, used) in self.all.iter().zip(&mut self.used) {
                let found = left.iter().position(|(signer, _)| fits(signer, signature, self.hash));
                let Some(found) = found else { continue };
                let (_, worth) = left.remove(found);
                *used = true;
                weight += (*worth).min(MAX_WEIGHT);
                if weight >= needed {
                    return true;
                }
            }
        }
        false
    }
}

fn fits(signer: &SignerKey, signature: &DecoratedSignature, hash: [u8; 32]) -> bool {
    let bytes = signature.signature.0.as_slice();
    let hinted = signature.hint.0;
    match signer {
        SignerKey::PreAuthTx(_) => false,
        SignerKey::HashX(Uint256(image)) => {
            hinted == tail(image) && Sha256::digest(bytes).as_slice() == image
        }
        SignerKey::Ed25519(Uint256(key)) => hinted == tail(key) && verifies(key, &hash, bytes),
        SignerKey::Ed25519SignedPayload(bound) => {
            let payload = bound.payload.as_slice();
            let mut expected = tail(&bound.ed25519.0);
            // Of a payload shorter than four bytes all, and nothing of the rest.
            let last = payload.get(payload.len().saturating_sub(4)..).unwrap_or_default();
            for (byte, other) in expected.iter_mut().zip(last) {
                *byte ^= other;
            }
            hinted == expected && verifies(&bound.ed25519.0, payload, bytes)
        }
    }
}

fn tail(key: &[u8; 32]) -> [u8; 4] {
    let [.., a, b, c, d] = *key;
    [a, b, c, d]
}

fn verifies(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_bytes(key), Signature::from_slice(signature)) else {
        return false;
    };
    key.verify_strict(message, &signature).is_ok()
}
