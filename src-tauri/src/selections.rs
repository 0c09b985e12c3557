//! What a person chose in a native dialog or dropped onto the window. The paths stay here; the page holds an id that says
//! nothing about them and is good for what it was made for only.

use std::collections::VecDeque;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use layr_node::api::WalletSendRequest;
use layr_node::clock::{Entropy, SystemEntropy};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::network_file::NetworkFile;
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
    /// A network file, as it was when it was chosen.
    Network(NetworkFile),
    /// A sealed file with 24 words.
    SealedPhrase(PathBuf),
    /// A payment, as it was planned.
    Payment(WalletSendRequest),
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
    /// Whether somebody uses it up right now.
    is_taken: AtomicBool,
}

/// A selection that is being used up. Dropped without [`Taken::used`] it can be taken again.
#[derive(Debug)]
pub(crate) struct Taken<'a> {
    selections: &'a Selections,
    id: &'a str,
    selection: Arc<Selection>,
}

impl Taken<'_> {
    /// Forgets the selection: it has served, or cannot serve any more.
    pub(crate) fn used(self) {
        self.selections.forget(self.id);
    }
}

impl Deref for Taken<'_> {
    type Target = Selection;

    fn deref(&self) -> &Selection {
        &self.selection
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.selection.is_taken.store(false, Ordering::Release);
    }
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
        let selection = Arc::new(Selection {
            chosen,
            forgotten: CancellationToken::new(),
            is_taken: AtomicBool::new(false),
        });
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
        found.ok_or_else(unknown)
    }

    /// The same for who uses it up: one at a time, so that two who come at once do not both get it.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`], also while somebody else has it.
    pub(crate) fn take<'a>(&'a self, id: &'a str) -> Result<Taken<'a>, NodeError> {
        let selection = self.get(id)?;
        if selection.is_taken.swap(true, Ordering::AcqRel) {
            return Err(unknown());
        }
        Ok(Taken { selections: self, id, selection })
    }

    /// Forgets all that nobody uses up right now, and returns it, the oldest first.
    pub(crate) fn forget_all(&self) -> Vec<Arc<Selection>> {
        let mut kept = self.kept.lock();
        let (taken, free): (VecDeque<_>, VecDeque<_>) =
            kept.drain(..).partition(|(_, selection)| selection.is_taken.load(Ordering::Acquire));
        *kept = taken;
        for (_, selection) in &free {
            selection.forgotten.cancel();
        }
        free.into_iter().map(|(_, selection)| selection).collect()
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

fn unknown() -> NodeError {
    NodeError::new(ErrorCode::NotFound, "What was chosen is no longer known; please choose it again.")
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
    fn one_at_a_time_takes_it_and_what_was_not_used_can_be_taken_again() {
        let selections = Selections::default();
        let id = selections.keep(upload("/a")).unwrap();
        let taken = selections.take(&id).unwrap();
        assert_eq!(selections.take(&id).unwrap_err().code, ErrorCode::NotFound);
        drop(taken);
        selections.take(&id).unwrap().used();
        assert_eq!(selections.take(&id).unwrap_err().code, ErrorCode::NotFound);
        // What was dropped meanwhile does not come back.
        let id = selections.keep(upload("/b")).unwrap();
        let taken = selections.take(&id).unwrap();
        selections.forget(&id);
        drop(taken);
        assert!(selections.get(&id).is_err());
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
