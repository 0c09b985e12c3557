//! Until when owners were promised space, beside the library.
//!
//! A library that is put back from its copy does not know what this host consented to since. Its lists then say of a shard that nobody pays for it any
//! more, though a later agreement does. So the end of the last term that an owner was promised is on the disk, in a file of its own, before the consent is given:
//! where it is later than the ends of all agreements that the library knows, this owner may be paying for something that it does not know of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use layr_keys::OwnerId;
use minicbor::{Decode, Encode};

use crate::home::{HomeError, replace_file};

/// A hundred thousand owners.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The file could not be read or written. Nothing is deleted until it can.
#[derive(Debug, thiserror::Error)]
pub(super) enum PromisedError {
    /// The disk.
    #[error("{} cannot be read", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// It is something else.
    #[error("{} is damaged; move it away if all that owners paid for here since the library's last copy is in the library", path.display())]
    Damaged { path: PathBuf },
    /// It could not be replaced.
    #[error(transparent)]
    Home(#[from] HomeError),
}

/// An owner and the end of the last term that it was promised.
#[derive(Debug, Encode, Decode)]
struct Row(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    [u8; 32],
    #[n(1)] u64,
);

/// The file.
#[derive(Debug)]
pub(super) struct Promised {
    path: PathBuf,
}

impl Promised {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// When the last term ends that each owner was promised, on the ledger's clock.
    pub(super) fn ends(&self) -> Result<BTreeMap<OwnerId, u64>, PromisedError> {
        let Some(bytes) = read(&self.path)? else { return Ok(BTreeMap::new()) };
        let rows: Vec<Row> =
            minicbor::decode(&bytes).map_err(|_| PromisedError::Damaged { path: self.path.clone() })?;
        Ok(rows.into_iter().map(|Row(owner, end_s)| (OwnerId::from_bytes(owner), end_s)).collect())
    }

    /// On the disk before it answers.
    pub(super) fn promise(&self, owner: OwnerId, end_s: u64) -> Result<(), PromisedError> {
        let mut promised = self.ends()?;
        if promised.get(&owner).is_some_and(|promised_s| *promised_s >= end_s) {
            return Ok(());
        }
        promised.insert(owner, end_s);
        self.write(&promised)
    }

    /// Forgets the promises that ended by then.
    pub(super) fn forget_until(&self, end_s: u64) -> Result<(), PromisedError> {
        let mut promised = self.ends()?;
        let before = promised.len();
        promised.retain(|_, promised_s| *promised_s > end_s);
        if promised.len() == before { Ok(()) } else { self.write(&promised) }
    }

    fn write(&self, ends: &BTreeMap<OwnerId, u64>) -> Result<(), PromisedError> {
        let rows: Vec<Row> = ends.iter().map(|(owner, end_s)| Row(*owner.as_bytes(), *end_s)).collect();
        let bytes = minicbor::to_vec(rows).map_err(|_| PromisedError::Damaged { path: self.path.clone() })?;
        Ok(replace_file(&self.path, &bytes)?)
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, PromisedError> {
    let io = |source| PromisedError::Io { path: path.to_owned(), source };
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
        Ok(found) if found.len() > MAX_BYTES => {
            return Err(PromisedError::Damaged { path: path.to_owned() });
        }
        Ok(_) => {}
    }
    std::fs::read(path).map(Some).map_err(io)
}

#[cfg(test)]
mod tests {
    use layr_keys::OwnerId;

    use super::{Promised, PromisedError};

    #[test]
    fn the_last_end_of_each_owner_is_kept_until_it_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("promised");
        let promised = Promised::at(path.clone());
        let (one, other) = (OwnerId::from_bytes([1; 32]), OwnerId::from_bytes([2; 32]));
        assert!(promised.ends().unwrap().is_empty());
        for (owner, end_s) in [(one, 50), (other, 70), (one, 90), (one, 60)] {
            promised.promise(owner, end_s).unwrap();
        }
        let ends = |promised: &Promised| promised.ends().unwrap().into_iter().collect::<Vec<_>>();
        assert_eq!(ends(&Promised::at(path.clone())), [(one, 90), (other, 70)]);
        promised.forget_until(69).unwrap();
        assert_eq!(ends(&promised).len(), 2);
        promised.forget_until(70).unwrap();
        assert_eq!(ends(&promised), [(one, 90)]);
        // What cannot be read promises nothing and forgets nothing.
        std::fs::write(&path, b"?").unwrap();
        assert!(matches!(promised.ends(), Err(PromisedError::Damaged { .. })));
        assert!(promised.promise(one, 100).is_err());
    }
}
