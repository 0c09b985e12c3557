//! The node's money.

use super::Node;
use crate::api::{
    LedgerKeepPlan, LedgerKeepReport, LedgerKeepRequest, WalletHistory, WalletHistoryRequest, WalletReport,
    WalletSendPlan, WalletSendReport, WalletSendRequest,
};
use crate::error::{ErrorCode, NodeError};

impl Node {
    /// What the owner's account has.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] on a network without a ledger; [`ErrorCode::NetworkUnreachable`].
    pub async fn wallet(&self) -> Result<WalletReport, NodeError> {
        self.until_stopped(self.inner.wallet.status()).await
    }

    /// The owner's account, `G…`: where to send lumens to.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] on a network without a ledger.
    pub fn wallet_account(&self) -> Result<String, NodeError> {
        self.inner.wallet.account()
    }

    /// Has the friendbot of a test network open and fill the account.
    ///
    /// # Errors
    /// As [`Node::wallet`]; [`ErrorCode::InvalidRequest`] where the network names no friendbot.
    pub async fn wallet_fund(&self) -> Result<WalletReport, NodeError> {
        self.until_stopped(self.inner.wallet.fund()).await
    }

    /// What a payment would come to: with every check of [`Node::wallet_send`], and nothing signed.
    ///
    /// # Errors
    /// As there.
    pub async fn wallet_plan(&self, request: WalletSendRequest) -> Result<WalletSendPlan, NodeError> {
        self.until_stopped(self.inner.wallet.plan(request)).await
    }

    /// What keeping the agreement contract's code alive on the ledger would come to.
    ///
    /// # Errors
    /// As [`Node::ledger_keep`].
    pub async fn ledger_keep_plan(&self, request: LedgerKeepRequest) -> Result<LedgerKeepPlan, NodeError> {
        self.until_stopped(self.inner.wallet.keep_plan(&request)).await
    }

    /// Keeps the agreement contract's code alive on the ledger: restores it where it is archived, and lengthens its life where that is short.
    /// A repeat pays only for what is still due.
    ///
    /// # Errors
    /// As [`Node::wallet`]; [`ErrorCode::InvalidRequest`] on a network without a contract; [`ErrorCode::NotEnoughFunds`];
    /// [`ErrorCode::Conflict`] where it costs more than is allowed.
    pub async fn ledger_keep(&self, request: LedgerKeepRequest) -> Result<LedgerKeepReport, NodeError> {
        self.until_stopped(self.inner.wallet.keep(&request)).await
    }

    /// What this home signed for the ledger, the newest first. Asks nobody.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] on a network without a ledger; what the database says.
    pub async fn wallet_history(&self, request: WalletHistoryRequest) -> Result<WalletHistory, NodeError> {
        self.inner.wallet.history(request).await
    }

    /// Pays somebody. Under the same name a payment is made once.
    ///
    /// # Errors
    /// As [`Node::wallet`]; [`ErrorCode::NotEnoughFunds`] with what is missing; [`ErrorCode::InvalidRequest`] for what is no amount or account;
    /// [`ErrorCode::Conflict`] where the ledger refuses it.
    pub async fn wallet_send(&self, request: WalletSendRequest) -> Result<WalletSendReport, NodeError> {
        let key = request.key.clone();
        let sent = self.until_stopped(self.inner.wallet.send(request)).await;
        sent.map_err(|error| if error.code == ErrorCode::Interrupted { cut_off(&key) } else { error })
    }

    /// Finds out, in the background, what became of payments that an earlier run left undecided.
    pub(super) fn start_wallet(&self) {
        if self.inner.wallet.has_ledger() {
            let task = self.background().task(
                "Undecided payments",
                "Finds out after a start what became of transactions that were sent before it.",
            );
            self.inner.tasks.spawn(self.inner.wallet.clone().resume(self.stopping().clone(), task));
        }
    }

    /// What waits for a ledger does not hold up a node that stops: what was signed is in the journal.
    pub(super) async fn until_stopped<T>(
        &self,
        work: impl Future<Output = Result<T, NodeError>>,
    ) -> Result<T, NodeError> {
        tokio::select! {
            outcome = Box::pin(work) => outcome,
            () = self.stopping().cancelled() => Err(NodeError::new(
                ErrorCode::Interrupted,
                "The node stops; ask again when it runs.",
            )),
        }
    }
}

/// A payment at which the node was stopped.
fn cut_off(key: &str) -> NodeError {
    let message = format!(
        "The node stops, and the payment may be made all the same. Repeat it under the same name, {key}, and it is paid once."
    );
    NodeError::new(ErrorCode::Interrupted, message).with("key", key)
}
