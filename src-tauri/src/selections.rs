//! What a person chose in a native dialog or dropped onto the window. The paths stay here; the page holds an id that says
//! nothing about them and is good for what it was made for only.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use layr_node::clock::{Entropy, SystemEntropy};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::share::{ManifestDigest, ManifestSource};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// Most selections kept; the oldest makes room. A person looks at one review at a time.
const MAX_KEPT: usize = 16;
/// Most paths in one: more than a file manager drags; a folder counts as one.
const MAX_PATHS: usize = 10_000;
/// Bytes of an id: not to be guessed.
const ID_BYTES: usize = 16;
/// Hex digits of an id.
pub(crate) const ID_DIGITS: usize = ID_BYTES * 2;

/// What was chosen, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// Files and folders to store.
    Upload(Vec<PathBuf>),
    /// A sealed file with 24 words.
    SealedPhrase(PathBuf),
    /// A `.layr` file or link to take in, and what it held when the person was asked.
    Manifest {
        /// The file or link.
        source: ManifestSource,
        /// What it held.
        digest: ManifestDigest,
    },
}

/// One selection.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) chosen: Chosen,
    /// Cancelled once it is forgotten: what is under way for it is wanted no more.
    pub(crate) forgotten: CancellationToken,
}

/// An id that cannot be guessed.
///
/// # Errors
/// [`ErrorCode::Internal`] without randomness.
pub(crate) fn random_id() -> Result<String, NodeError> {
    let mut id = [0_u8; ID_BYTES];
    SystemEntropy
        .fill(&mut id)
        .map_err(|error| NodeError::new(ErrorCode::Internal, format!("No id can be drawn: {error}.")))?;
    Ok(hex::encode(id))
}

/// The selections kept, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Selections {
    kept: Mutex<VecDeque<(String, Arc<Selection>)>>,
}

impl Selections {
    /// Keeps a selection and returns its id.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] for nothing at all or more than [`MAX_PATHS`]; [`ErrorCode::Internal`] without
    /// randomness.
    pub(crate) fn keep(&self, chosen: Chosen) -> Result<String, NodeError> {
        if let Chosen::Upload(paths) = &chosen
            && (paths.is_empty() || paths.len() > MAX_PATHS)
        {
            let message = format!(
                "{} items were chosen; from 1 to {MAX_PATHS} can be stored at a time. Nothing was taken; choose the folder that they are in.",
                paths.len()
            );
            return Err(NodeError::new(ErrorCode::InvalidRequest, message));
        }
        let id = random_id()?;
        let selection = Arc::new(Selection { chosen, forgotten: CancellationToken::new() });
        let mut kept = self.kept.lock();
        kept.push_back((id.clone(), selection));
        if kept.len() > MAX_KEPT
            && let Some((_, oldest)) = kept.pop_front()
        {
            oldest.forgotten.cancel();
        }
        Ok(id)
    }

    /// The selection with this id.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] for one that was used or has made room.
    pub(crate) fn get(&self, id: &str) -> Result<Arc<Selection>, NodeError> {
        let kept = self.kept.lock();
        let found = kept.iter().find(|(other, _)| other == id).map(|(_, selection)| Arc::clone(selection));
        found.ok_or_else(|| {
            NodeError::new(ErrorCode::NotFound, "What was chosen is no longer known; please choose it again.")
        })
    }

    /// Forgets a selection. Without effect on one that is gone already.
    pub(crate) fn forget(&self, id: &str) {
        let mut kept = self.kept.lock();
        if let Some(at) = kept.iter().position(|(other, _)| other == id)
            && let Some((_, selection)) = kept.remove(at)
        {
            selection.forgotten.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(name: &str) -> Chosen {
        Chosen::Upload(vec![name.into()])
    }

    #[test]
    fn an_id_leads_to_its_selection_until_it_is_forgotten() {
        let selections = Selections::default();
        let (first, second) =
            (selections.keep(upload("/a")).unwrap(), selections.keep(upload("/b")).unwrap());
        assert_ne!(first, second);
        assert_eq!((first.len(), selections.get(&first).unwrap().chosen.clone()), (ID_DIGITS, upload("/a")));
        let held = selections.get(&first).unwrap();
        selections.forget(&first);
        assert!(held.forgotten.is_cancelled());
        assert_eq!(selections.get(&first).unwrap_err().code, ErrorCode::NotFound);
        assert_eq!(selections.get(&second).unwrap().chosen, upload("/b"));
    }

    #[test]
    fn the_oldest_makes_room() {
        let selections = Selections::default();
        let ids: Vec<String> = (0..=MAX_KEPT).map(|_| selections.keep(upload("/a")).unwrap()).collect();
        assert!(selections.get(&ids[0]).is_err());
        assert!(ids[1..].iter().all(|id| selections.get(id).is_ok()));
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        let selections = Selections::default();
        for paths in [vec![], vec![PathBuf::from("/a"); MAX_PATHS + 1]] {
            assert_eq!(selections.keep(Chosen::Upload(paths)).unwrap_err().code, ErrorCode::InvalidRequest);
        }
    }
}
