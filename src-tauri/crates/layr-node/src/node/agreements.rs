//! The node's storage agreements.

use super::Node;
use crate::agreements::report;
use crate::api::{AgreementSide, AgreementsReport, AgreementsRequest, SpendingReport, SpendingSettings};
use crate::error::NodeError;

impl Node {
    /// The storage agreements of both roles, and what may be spent on them.
    ///
    /// # Errors
    /// [`NotFound`](crate::error::ErrorCode::NotFound) where there is none with the id asked for; what the database says.
    pub async fn agreements(&self, request: AgreementsRequest) -> Result<AgreementsReport, NodeError> {
        let (own, limits, now_unix_s) =
            (Some(self.owner_id()), self.spending(), self.inner.wallet.now_unix_s());
        let (is_renewed, network_id) = (limits.auto_renew, self.inner.wallet.network_id());
        let told = move |library: &layr_library::Library| {
            report::report(library, own, request.id.as_deref(), (limits, network_id, now_unix_s))
        };
        let mut report = self.library(told).await?;
        for agreement in &mut report.agreements {
            agreement.auto_renew = is_renewed && agreement.role == AgreementSide::Owner;
        }
        Ok(report)
    }

    /// What may be spent on storage agreements.
    pub fn spending(&self) -> SpendingReport {
        self.inner.spending.report()
    }

    /// Changes what may be spent on storage agreements. What was agreed on before stays.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::error::ErrorCode::InvalidRequest) for what is no amount; what writing the configuration says.
    pub async fn spending_set(&self, settings: SpendingSettings) -> Result<SpendingReport, NodeError> {
        let report = self.inner.spending.set(settings).await?;
        self.spending_changed(self.inner.spending.limits());
        Ok(report)
    }
}
