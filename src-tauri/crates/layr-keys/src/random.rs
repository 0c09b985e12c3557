//! Randomness of the operating system, the only source of secrets in this crate.

use zeroize::Zeroizing;

/// The operating system gave no randomness; nothing may be generated then.
#[derive(Debug, thiserror::Error)]
#[error("the operating system provides no randomness")]
pub struct RandomnessError {
    #[source]
    source: getrandom::Error,
}

/// `N` fresh bytes for a secret, salt or nonce.
pub(crate) fn random_bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, RandomnessError> {
    let mut bytes = Zeroizing::new([0u8; N]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|source| RandomnessError { source })?;
    Ok(bytes)
}
