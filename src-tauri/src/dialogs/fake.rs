//! A person at the dialogs whose answers a test hands in.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use parking_lot::Mutex;

use super::{Asker, Question};

/// Answers in the order in which they were handed in; without one it dismisses the dialog.
#[derive(Clone, Default)]
pub(crate) struct FakeDialogs {
    next: Arc<Mutex<VecDeque<Vec<PathBuf>>>>,
    /// What was asked.
    #[cfg(test)]
    pub(crate) asked: Arc<Mutex<Vec<Question>>>,
}

impl FakeDialogs {
    /// What the next dialog without an answer answers.
    pub(crate) fn will_choose(&self, paths: Vec<PathBuf>) {
        self.next.lock().push_back(paths);
    }

    /// The same for one path.
    #[cfg(test)]
    pub(crate) fn will_be(&self, path: &std::path::Path) {
        self.will_choose(vec![path.to_owned()]);
    }
}

impl Asker for FakeDialogs {
    #[cfg_attr(not(test), expect(unused_variables, reason = "only tests of the shell look at the questions"))]
    fn ask(&self, question: Question) -> BoxFuture<'_, Vec<PathBuf>> {
        #[cfg(test)]
        self.asked.lock().push(question);
        Box::pin(std::future::ready(self.next.lock().pop_front().unwrap_or_default()))
    }
}
