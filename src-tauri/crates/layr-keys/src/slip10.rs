//! SLIP-0010 for Ed25519: hardened private derivation, nothing else exists for this curve.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;
use zeroize::Zeroizing;

/// A private key and its chain code.
pub(crate) struct ExtendedKey {
    pub(crate) secret: Zeroizing<[u8; 32]>,
    pub(crate) chain_code: Zeroizing<[u8; 32]>,
}

impl ExtendedKey {
    /// The master key of a seed.
    pub(crate) fn master(seed: &[u8]) -> Self {
        Self::split(b"ed25519 seed", &[seed])
    }

    /// The hardened child `index'`; the hardening bit is added here.
    pub(crate) fn child(&self, index: u32) -> Self {
        let hardened = index | (1 << 31);
        Self::split(self.chain_code.as_slice(), &[&[0], self.secret.as_slice(), &hardened.to_be_bytes()])
    }

    fn split(key: &[u8], message: &[&[u8]]) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC is defined for keys of every length")]
        let mut mac = Hmac::<Sha512>::new_from_slice(key).expect("HMAC takes any key");
        for part in message {
            mac.update(part);
        }
        let digest = Zeroizing::new(<[u8; 64]>::from(mac.finalize().into_bytes()));
        let mut child = Self { secret: Zeroizing::new([0; 32]), chain_code: Zeroizing::new([0; 32]) };
        let (secret, chain_code) = digest.split_at(32);
        child.secret.copy_from_slice(secret);
        child.chain_code.copy_from_slice(chain_code);
        child
    }
}

#[cfg(test)]
mod tests;
