//! Whether what is to be stored can be paid for.

use std::time::Duration;

use layr_ledger::Stroops;

use super::Node;
use crate::agreements::forecast::{Forecast, Room, Shortage};
use crate::api::PutRequest;
use crate::error::{ErrorCode, NodeError, Retry};
use crate::operation::{Operation, OperationKind, Transfers};
use crate::upload::{self, Filled, sentence};

/// So long an upload waits for the ledger: a few questions, which take a second together where the way is long.
const LEDGER_PATIENCE: Duration = Duration::from_secs(5);

impl Node {
    /// Refuses an upload that hosts would not be paid for, before anything of it is sent. Where the most that it can be fits, nothing is read for
    /// that; else all of it is read once more than it has to be.
    ///
    /// # Errors
    /// [`ErrorCode::NotEnoughFunds`] with what is missing; what [`upload::put`] says.
    pub(super) async fn refuse_unaffordable(
        &self,
        request: &PutRequest,
        filled: &Filled,
        operation: &Operation,
    ) -> Result<(), NodeError> {
        let owner = &self.inner.owner;
        // Who cannot be asked now is asked by the upload itself, which says what is wrong.
        if self.inner.paying.is_none()
            || owner.hosts().refresh().await.is_err()
            || owner.hosts().asked().is_nothing()
        {
            return Ok(());
        }
        let Some(room) = self.room().await else { return Ok(()) };
        let asked = owner.hosts().asked();
        let most = upload::most(owner, request).await?;
        if most.is_some_and(|most| Forecast::of(most, &asked, room.held_leaves).shortage(&room).is_none()) {
            return Ok(());
        }
        let dry = PutRequest { dry_run: true, ..request.clone() };
        // Its progress is nobody's: the upload begins after it.
        let look = Transfers::default().begin(OperationKind::Put, "");
        let (_, weight) = tokio::select! {
            weighed = Box::pin(upload::put_chosen(owner, &dry, filled.clone(), &look)) => weighed?,
            () = operation.cancel().cancelled_owned() => return Err(upload::UploadError::Interrupted.into()),
        };
        let forecast = Forecast::of(weight, &asked, room.held_leaves);
        forecast.shortage(&room).map_or(Ok(()), |shortage| Err(refused(&shortage)))
    }

    /// What there is for more; none on a network without a contract, and while the ledger does not say.
    pub(super) async fn room(&self) -> Option<Room> {
        let room = tokio::time::timeout(LEDGER_PATIENCE, self.inner.paying.as_ref()?.room()).await;
        let Ok(room) = room else {
            tracing::info!("what can be paid is not known: the ledger does not answer");
            return None;
        };
        room.inspect_err(|error| tracing::info!(%error, "what can be paid is not known")).ok()
    }
}

fn refused(shortage: &Shortage) -> NodeError {
    let (missing, needed, available, what_to_do): (Stroops, Stroops, Stroops, &str) = match *shortage {
        Shortage::Funds { missing, needed, available } => {
            (missing, needed, available, "Send lumens to your account (`layr wallet` shows its address)")
        }
        Shortage::Limit { missing, needed, available } => {
            (missing, needed, available, "Raise the limit (`layr agreements limit --monthly`)")
        }
    };
    let message = format!("Nothing was sent: {shortage}. {what_to_do}, or store less.");
    NodeError::new(ErrorCode::NotEnoughFunds, sentence(&message))
        .with_retry(Retry::AfterUserAction)
        .with("missing_xlm", missing.to_string())
        .with("needed_xlm", needed.to_string())
        .with("available_xlm", available.to_string())
}
