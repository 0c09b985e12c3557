//! Random bytes, handed in so that a simulated network can replay a run.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::error::StoreError;

type Fill = dyn Fn(&mut [u8]) -> io::Result<()> + Send + Sync;

/// Where file ids and the nonces of sealed rows come from.
#[derive(Clone)]
pub struct Entropy(Arc<Fill>);

impl Entropy {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self::from_fn(|out| getrandom::fill(out).map_err(|error| io::Error::other(error.to_string())))
    }

    /// A generator of the caller's, which fills the whole slice or fails.
    pub fn from_fn(fill: impl Fn(&mut [u8]) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    pub(crate) fn bytes<const COUNT: usize>(&self) -> Result<[u8; COUNT], StoreError> {
        let mut out = [0; COUNT];
        (self.0)(&mut out).map_err(|source| StoreError::Entropy { source })?;
        Ok(out)
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Entropy")
    }
}
