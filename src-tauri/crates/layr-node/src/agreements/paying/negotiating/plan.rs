//! What a look that renews would agree on, and what it would cost: by what hosts offered last, with nobody asked.

use std::collections::{BTreeMap, BTreeSet};

use layr_agreement::Calendar;
use layr_keys::PeerId;
use layr_ledger::Stroops;

use super::{DAY_S, FirstWindow, Paying, PayingError, Renewed, Renewing, Shards, Term, now_s};
use crate::agreements::forecast::Room;
use crate::agreements::paying::ESCROW_FEE_CAP;
use crate::agreements::paying::budget::{Budget, Short};
use crate::agreements::paying::proposing::NegotiationError;
use crate::agreements::{calendar_of, roomy_deposit_stroops};
use crate::discovery::priced_holders;
use crate::wire::Offer;

/// A term with a host that would be agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) host: PeerId,
    /// Whether it follows on one that ends.
    pub(crate) is_renewal: bool,
    pub(crate) begin_s: u64,
    pub(crate) end_s: u64,
    pub(crate) leaves: u64,
    pub(crate) price_stroops_per_gib: u64,
    pub(crate) deposit: Stroops,
    /// Why it would not be agreed on; none where it would.
    pub(crate) obstacle: Option<String>,
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RenewalPlan {
    pub(crate) terms: Vec<Planned>,
    /// The deposits of those that would be agreed on.
    pub(crate) deposits: Stroops,
    /// The most that the ledger takes for them.
    pub(crate) fee_cap: Stroops,
    /// What the account can spend now.
    pub(crate) spendable: Stroops,
    /// What it lacks for all that the limits allow.
    pub(crate) missing: Stroops,
}

impl Paying {
    /// What [`Paying::look`] in haste would agree on with this.
    ///
    /// # Errors
    /// [`PayingError`].
    pub(crate) async fn plan(&self, renewing: &Renewing) -> Result<RenewalPlan, PayingError> {
        Ok(self.plan_and_rest(renewing).await?.0)
    }

    /// What the account and the monthly limit have room for, without what lies with hosts already and waits for its escrow.
    ///
    /// # Errors
    /// [`PayingError`].
    pub(crate) async fn room(&self) -> Result<Room, PayingError> {
        let nothing = Renewing { which: Renewed::These(BTreeSet::new()), ..Renewing::BY_ITSELF };
        let (_, mut left) = self.plan_and_rest(&nothing).await?;
        // What is stored has its own fees counted beside it.
        let monthly = left.monthly();
        left.open_escrow();
        let tip = self.shared.ledger.tip().await?;
        let (spare_leaves, spare_hosts) = self.spare_leaves(&tip).await?;
        let holders = self.offers_of_holders().await?.into_keys().collect();
        let held_leaves = self.leaves_at(holders).await?.into_values().max().unwrap_or(0);
        Ok(Room { spendable: left.room(), monthly, held_leaves, spare_leaves, spare_hosts })
    }

    /// With what is left after it.
    async fn plan_and_rest(&self, renewing: &Renewing) -> Result<(RenewalPlan, Budget), PayingError> {
        let tip = self.shared.ledger.tip().await?;
        let mut budget = Budget::of(self, now_s(&tip), now_s(&tip)).await?;
        let spendable = budget.room();
        let mut plan = RenewalPlan {
            terms: Vec::new(),
            deposits: Stroops::ZERO,
            fee_cap: Stroops::ZERO,
            spendable,
            missing: Stroops::ZERO,
        };
        if self.limits().price_stroops_per_gib == 0 {
            return Ok((plan, budget));
        }
        let terms = self.running(&tip, renewing).await?;
        let offers = self.offers_of_holders().await?;
        let held = self.leaves_at(offers.keys().copied().collect()).await?;
        let next: BTreeSet<FirstWindow> =
            terms.iter().filter(|term| term.is_renewed && term.is_running).map(Term::next).collect();
        for first in std::iter::once(FirstWindow::Soonest).chain(next) {
            let uncovered = self.uncovered(&terms, first, &tip).await?;
            if uncovered.is_empty() {
                continue;
            }
            let calendar = calendar_of(now_s(&tip), first, renewing.windows);
            budget = budget.left_in(Budget::of(self, calendar.begin_s(0), now_s(&tip)).await?);
            budget.open_escrow();
            let mut planned = self.planned(&calendar, uncovered, (&offers, &held))?;
            for one in &mut planned {
                one.is_renewal = first != FirstWindow::Soonest;
                plan.take(one, &calendar, &mut budget);
            }
            if planned.iter().any(|one| one.obstacle.is_none()) {
                plan.fee_cap = plan.fee_cap.saturating_add(ESCROW_FEE_CAP);
            }
            plan.terms.extend(planned);
        }
        plan.missing = plan.missing.saturating_sub(budget.room());
        Ok((plan, budget))
    }

    /// A term with each host that has shards which nothing covers, the cheapest first, as a look takes them.
    fn planned(
        &self,
        calendar: &Calendar,
        uncovered: BTreeMap<PeerId, Shards>,
        (offers, held): (&BTreeMap<PeerId, Offer>, &BTreeMap<PeerId, u64>),
    ) -> Result<Vec<Planned>, PayingError> {
        let (begin_s, end_s) = (calendar.begin_s(0), calendar.begin_s(calendar.windows));
        let mut planned = Vec::new();
        for (host, shards) in uncovered {
            let Some(offer) = offers.get(&host) else { continue };
            let leaves = leaves_of(&shards);
            let price_stroops_per_gib = offer.price_stroops_per_gib_window;
            let at_host = held.get(&host).copied().unwrap_or(leaves);
            let deposit = roomy_deposit_stroops(leaves, at_host, price_stroops_per_gib, calendar.windows)?;
            planned.push(Planned {
                host,
                is_renewal: false,
                begin_s,
                end_s,
                leaves,
                price_stroops_per_gib,
                deposit: Stroops::new(deposit).map_err(layr_ledger::LedgerError::from)?,
                obstacle: self.obstacle(offer, end_s - begin_s),
            });
        }
        planned.sort_by_key(|one| (one.price_stroops_per_gib, one.host));
        Ok(planned)
    }

    /// What is known before the host is asked.
    fn obstacle(&self, offer: &Offer, length_s: u64) -> Option<String> {
        if offer.price_stroops_per_gib_window > self.limits().price_stroops_per_gib {
            return Some(NegotiationError::TooDear.to_string());
        }
        if u64::from(offer.max_term_days) * DAY_S < length_s {
            return Some(NegotiationError::TooShort { days: offer.max_term_days }.to_string());
        }
        offer.account.is_none().then(|| NegotiationError::NoAccount.to_string())
    }

    /// What lies at each of these hosts.
    async fn leaves_at(&self, hosts: Vec<PeerId>) -> Result<BTreeMap<PeerId, u64>, PayingError> {
        self.library(move |library| {
            let at = |host: PeerId| Ok((host, leaves_of(&library.shards_at(&host)?)));
            hosts.into_iter().map(at).collect()
        })
        .await
    }

    /// What hosts with shards of ours asked for last.
    async fn offers_of_holders(&self) -> Result<BTreeMap<PeerId, Offer>, PayingError> {
        let fresh = self.shared.owner.hosts().offers().into_iter().map(|known| (known.peer, known.offer));
        let fresh: BTreeMap<PeerId, Offer> = fresh.collect();
        self.library(move |library| Ok(priced_holders(library, &fresh)?.into_iter().collect())).await
    }
}

impl RenewalPlan {
    /// Takes a term's deposit out of the budget, or notes what hinders that.
    fn take(&mut self, term: &mut Planned, calendar: &Calendar, budget: &mut Budget) {
        if term.obstacle.is_some() {
            return;
        }
        match budget.take(calendar, term.deposit) {
            Ok(()) => self.deposits = self.deposits.saturating_add(term.deposit),
            Err(short) => {
                if let Short::Money(_) = short {
                    self.missing = self.missing.saturating_add(term.deposit);
                }
                term.obstacle = Some(short.to_string());
            }
        }
    }
}

fn leaves_of(shards: &Shards) -> u64 {
    shards.iter().map(|(_, leaves)| u64::from(*leaves)).sum()
}
