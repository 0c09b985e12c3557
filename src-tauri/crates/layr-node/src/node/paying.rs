//! What the node pays for storage, and does for what it is paid.

use layr_ledger::Stroops;

use super::Node;
use crate::agreements::price::MonthlyPrice;
use crate::agreements::{
    ALLOWED_WINDOWS, Haste, Looked, Noticed, Paying, PayingError, Planned, RenewalPlan, Renewed, Renewing,
    SpendingLimits, TERM_WINDOWS, report,
};
use crate::api::{
    AgreementInfo, AgreementObstacle, AgreementSide, AgreementsCheckReport, AgreementsEndReport,
    AgreementsEndRequest, AgreementsRenewPlan, AgreementsRenewRequest, AgreementsRequest, PlannedTerm,
};
use crate::catalogue::rfc3339;
use crate::error::{ErrorCode, NodeError};
use crate::upload::sentence;
use crate::wallet::explained;

impl Node {
    /// Does at once what is due about storage agreements, as a look each minute does it: in both roles.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] on a network whose hosts are not paid; [`ErrorCode::NetworkUnreachable`] and others of the ledger; what the
    /// database says. What was done until then stands.
    pub async fn agreements_check(&self) -> Result<AgreementsCheckReport, NodeError> {
        self.agreements_look(&Renewing::BY_ITSELF, None).await
    }

    /// As [`Node::agreements_check`], with a next term for agreements that end within 30 days. One that has its next term already gets no second
    /// one.
    ///
    /// # Errors
    /// As there; [`ErrorCode::InvalidRequest`] for what is no agreement's number, or no amount.
    pub async fn agreements_renew(
        &self,
        request: AgreementsRenewRequest,
    ) -> Result<AgreementsCheckReport, NodeError> {
        let most = request.most_xlm.as_deref().map(amount).transpose()?;
        self.agreements_look(&renewing(&request)?, most).await
    }

    /// What [`Node::agreements_renew`] would agree on, and what that would cost, by what hosts asked for last. Nothing is asked of them, and
    /// nothing is signed.
    ///
    /// # Errors
    /// As there.
    pub async fn agreements_plan(
        &self,
        request: AgreementsRenewRequest,
    ) -> Result<AgreementsRenewPlan, NodeError> {
        let renewing = renewing(&request)?;
        let paying = self.paying()?;
        let plan = self.until_stopped(async { paying.plan(&renewing).await.map_err(|error| told(&error)) });
        Ok(described(plan.await?))
    }

    /// Ends an agreement of this owner's with the window after the one that runs. What lies at the host stays there, unpaid from then on.
    ///
    /// # Errors
    /// As [`Node::agreements_check`]; [`ErrorCode::NotFound`] for what is no agreement; [`ErrorCode::InvalidRequest`] for one that does not run, or
    /// in which this node is paid.
    pub async fn agreements_end(
        &self,
        request: AgreementsEndRequest,
    ) -> Result<AgreementsEndReport, NodeError> {
        let (paying, id) = (self.paying()?, number(&request.id)?);
        let before = self.agreement(&request.id).await?;
        let refused = |reason: &str| {
            Err(NodeError::new(ErrorCode::InvalidRequest, reason).with("id", request.id.as_str()))
        };
        if before.role == AgreementSide::Host {
            return refused("Only who pays can end an agreement before its time; you are paid in this one.");
        }
        let noticed =
            self.until_stopped(async { paying.terminate(id).await.map_err(|error| told(&error)) }).await?;
        let is_shortened = match noticed {
            Noticed::NotRunning => return refused("This agreement does not run: there is nothing to end."),
            Noticed::EndsAnyway => false,
            Noticed::Shortened => true,
        };
        let agreement = self.agreement(&request.id).await?;
        Ok(AgreementsEndReport { agreement, is_shortened })
    }

    async fn agreement(&self, id: &str) -> Result<AgreementInfo, NodeError> {
        let found = self.agreements(AgreementsRequest { id: Some(id.to_owned()) }).await?;
        found.agreements.into_iter().next().ok_or_else(|| report::none(id))
    }

    fn paying(&self) -> Result<&Paying, NodeError> {
        self.inner.paying.as_ref().ok_or_else(|| {
            NodeError::new(
                ErrorCode::InvalidRequest,
                "This network names no contract for storage agreements: hosts store for free here.",
            )
        })
    }

    async fn agreements_look(
        &self,
        renewing: &Renewing,
        most: Option<Stroops>,
    ) -> Result<AgreementsCheckReport, NodeError> {
        let paying = self.paying()?;
        let looked = self.until_stopped(async {
            let looked = paying.look(Haste::Now, renewing, most).await.map_err(|error| told(&error))?;
            Ok((looked, self.inner.host.agreements_look().await))
        });
        let (looked, as_host) = looked.await?;
        let mut report = checked(looked);
        // What a host cannot do now it tries again by itself, too.
        report.obstacles.extend(as_host.err().map(|reason| AgreementObstacle { host: None, reason }));
        Ok(report)
    }

    /// Looks after agreements in the background, where hosts are paid.
    pub(super) fn start_paying(&self) {
        if let Some(paying) = self.inner.paying.clone() {
            let task = self.background().task(
                "Paying for storage",
                "Agrees with hosts that have parts of files, has them prove each window, and ends terms.",
            );
            self.inner.tasks.spawn(paying.run(self.stopping().clone(), task));
        }
    }

    /// Keeps to what may be spent from now on.
    pub(super) fn spending_changed(&self, limits: SpendingLimits) {
        if let Some(paying) = &self.inner.paying {
            paying.set_limits(limits);
        }
    }
}

fn renewing(request: &AgreementsRenewRequest) -> Result<Renewing, NodeError> {
    let which = match &request.ids {
        None => Renewed::All,
        Some(ids) => Renewed::These(ids.iter().map(|id| number(id)).collect::<Result<_, _>>()?),
    };
    let windows = request.windows.unwrap_or(TERM_WINDOWS);
    if !ALLOWED_WINDOWS.contains(&windows) {
        let (least, most) = (ALLOWED_WINDOWS.start(), ALLOWED_WINDOWS.end());
        let message = format!("A term has {least} to {most} windows of a week, and not {windows}.");
        return Err(NodeError::new(ErrorCode::InvalidRequest, message).with("field", "windows"));
    }
    Ok(Renewing { which, windows })
}

fn amount(text: &str) -> Result<Stroops, NodeError> {
    let wrong = |error: layr_ledger::AmountError| {
        NodeError::new(ErrorCode::InvalidRequest, sentence(&error.to_string())).with("field", "most_xlm")
    };
    text.parse().map_err(wrong)
}

fn described(plan: RenewalPlan) -> AgreementsRenewPlan {
    let term = |planned: Planned| PlannedTerm {
        host: planned.host.to_string(),
        is_renewal: planned.is_renewal,
        start: rfc3339(planned.begin_s),
        end: rfc3339(planned.end_s),
        leaf_count: planned.leaves,
        price_xlm_per_gib_month: MonthlyPrice::shown(planned.price_stroops_per_gib).to_string(),
        deposit_xlm: planned.deposit.to_string(),
        obstacle: planned.obstacle.as_deref().map(sentence),
    };
    AgreementsRenewPlan {
        terms: plan.terms.into_iter().map(term).collect(),
        deposits_xlm: plan.deposits.to_string(),
        fee_cap_xlm: plan.fee_cap.to_string(),
        spendable_xlm: plan.spendable.to_string(),
        missing_xlm: plan.missing.to_string(),
    }
}

/// The number that a person names an agreement by.
fn number(id: &str) -> Result<i64, NodeError> {
    id.parse::<i64>().map_err(|_| {
        NodeError::new(
            ErrorCode::InvalidRequest,
            format!("{id:?} is no agreement's number; `layr agreements` lists them."),
        )
    })
}

fn checked(looked: Looked) -> AgreementsCheckReport {
    let obstacle = |of: crate::agreements::Obstacle| AgreementObstacle {
        host: of.host.map(|host| host.to_string()),
        reason: sentence(&of.reason),
    };
    let deposited = Stroops::new(looked.deposited_stroops).unwrap_or(Stroops::ZERO);
    AgreementsCheckReport {
        opened: looked.opened,
        deposited_xlm: deposited.to_string(),
        windows_proven: looked.proven,
        windows_missed: looked.missed,
        settled: looked.settled,
        obstacles: looked.obstacles.into_iter().map(obstacle).collect(),
    }
}

fn told(error: &PayingError) -> NodeError {
    match error {
        PayingError::Ledger(error) => explained(error),
        PayingError::Store(error) => crate::catalogue::store_error(error),
        other => NodeError::new(ErrorCode::Internal, sentence(&other.to_string())),
    }
}
