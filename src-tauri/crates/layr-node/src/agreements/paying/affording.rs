//! What there is for more: asked before an upload, so that nobody's files lie with hosts that are not paid.

use std::collections::{BTreeMap, BTreeSet};

use layr_keys::PeerId;
use layr_ledger::{LedgerTip, Stroops};

use super::negotiating::Shards;
use super::{Paying, PayingError, Renewing, now_s};
use crate::agreements::forecast::Room;
use crate::agreements::{FirstWindow, TERM_WINDOWS, calendar, deposit_stroops, monthly_stroops};

impl Paying {
    /// What the account and the monthly limit have room for, without what lies with hosts already and waits for its escrow.
    ///
    /// # Errors
    /// [`PayingError`].
    pub(crate) async fn room(&self) -> Result<Room, PayingError> {
        let tip = self.shared.ledger.tip().await?;
        let soonest = calendar(now_s(&tip), FirstWindow::Soonest);
        let (waiting, waiting_monthly) = self.waiting(&tip).await?;
        let monthly = self.monthly_from(soonest.begin_s(0)).await?.saturating_add(waiting_monthly);
        let left = self.limits().monthly_stroops.saturating_sub(monthly);
        Ok(Room {
            spendable: self.spendable().await?.saturating_sub(waiting),
            monthly: Stroops::new(left).unwrap_or(Stroops::MAX),
        })
    }

    /// Deposits of what no agreement covers yet, and their part of 30 days.
    async fn waiting(&self, tip: &LedgerTip) -> Result<(Stroops, u64), PayingError> {
        let terms = self.running(tip, &Renewing::These(BTreeSet::new())).await?;
        let uncovered = self.uncovered(&terms, FirstWindow::Soonest, tip).await?;
        let hosts = self.shared.owner.hosts();
        let prices: BTreeMap<PeerId, u64> = hosts
            .offers()
            .into_iter()
            .map(|known| (known.peer, known.offer.price_stroops_per_gib_window))
            .collect();
        let windows = calendar(now_s(tip), FirstWindow::Soonest);
        let (mut deposits, mut monthly) = (Stroops::ZERO, 0_u64);
        for (peer, shards) in uncovered {
            // Who is dear now is not agreed with.
            let price =
                prices.get(&peer).copied().filter(|price| *price <= self.limits().price_stroops_per_gib);
            let Some(price) = price else { continue };
            let deposit = deposit_stroops(leaves_of(&shards), price, TERM_WINDOWS)?;
            deposits = deposits.saturating_add(Stroops::new(deposit).unwrap_or(Stroops::MAX));
            monthly = monthly.saturating_add(monthly_stroops(deposit, &windows));
        }
        Ok((deposits, monthly))
    }
}

fn leaves_of(shards: &Shards) -> u64 {
    shards.iter().map(|(_, leaves)| u64::from(*leaves)).sum()
}
