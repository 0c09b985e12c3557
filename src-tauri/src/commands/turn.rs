//! Long work that the page asks for and of which there is at most one of a kind: it takes the line for as long as it lasts.

use layr_node::error::ErrorCode;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::ipc::UiError;

/// Whose turn it is: of the work under way, if there is one.
#[derive(Default)]
pub(crate) struct Turn(Mutex<Option<CancellationToken>>);

/// A turn that was taken; the next may begin when it is dropped.
pub(super) struct TakenTurn<'a>(&'a Turn);

impl Turn {
    /// Takes the turn for what `stop` ends.
    ///
    /// # Errors
    /// [`ErrorCode::Conflict`] with this message while somebody else has it.
    pub(super) fn take(&self, stop: CancellationToken, busy: &str) -> Result<TakenTurn<'_>, UiError> {
        let mut under_way = self.0.lock();
        if under_way.is_some() {
            return Err(UiError::new(ErrorCode::Conflict, busy));
        }
        *under_way = Some(stop);
        Ok(TakenTurn(self))
    }

    /// Stops what is under way, if anything is.
    pub(crate) fn stop(&self) {
        if let Some(stop) = &*self.0.lock() {
            stop.cancel();
        }
    }
}

#[cfg(test)]
impl Turn {
    /// Takes the turn for as long as the test likes.
    pub(crate) fn taken(&self) -> impl Drop + '_ {
        self.take(CancellationToken::new(), "").unwrap()
    }
}

impl Drop for TakenTurn<'_> {
    fn drop(&mut self) {
        *self.0.0.lock() = None;
    }
}
