//! Steps of a history that pay out: parts settled in groups, and one term after the other.

use soroban_sdk::BytesN;

use crate::history::{Escrow, History, Step};
use crate::model::{Agreed, Model, Who};
use crate::scene::Scene;
use crate::shown::{EscrowTerms, Group, Offer, nodes, steps};
use crate::world::Approval;

/// A renewal that the owner and the hosts that join approved, and which is not sent yet.
#[derive(Clone)]
pub(crate) struct Signed {
    /// Which escrow ends with it.
    at: usize,
    terms: EscrowTerms,
    offers: std::vec::Vec<Offer>,
    approvals: std::vec::Vec<Approval>,
    is_used: bool,
}

impl History {
    /// By anybody, for nobody has to approve.
    pub(crate) fn settle(&mut self, step: Step) {
        let (groups, parts) = self.groups(step, step.detail % 4 == 0);
        let done = self.scene().settle_groups(&groups).is_ok();
        let now_s = self.world.now_s();
        let expected = self.model().settle(now_s, &parts);
        let name = match &groups[..] {
            [group] if group.hosts.len() > 1 => "settle a group",
            [_, _, ..] => "settle groups",
            [group] if group.closings.is_empty() => "settle",
            _ => "settle as agreed",
        };
        self.agree(name, (done, expected), &parts);
    }

    /// Parts as they are settled together, and the same for the model.
    fn groups(
        &mut self,
        step: Step,
        is_agreed: bool,
    ) -> (std::vec::Vec<Group>, std::vec::Vec<(usize, Agreed)>) {
        let own = [(step.host, 1)];
        let subtrees: &[(u8, usize)] = match step.window % 8 {
            0 => &[(0, 3)],
            1 => &[(0, 2)],
            2 => &[(0, 2), (2, 1)],
            3 => &[(2, 1), (0, 2)],
            4 => &[(0, 1), (2, 1)],
            5 if step.window / 8 % 4 == 0 => &[(1, 1), (1, 1)],
            _ => &own,
        };
        let hosts = self.scene().hosts();
        let (mut groups, mut parts) = (std::vec::Vec::new(), std::vec::Vec::new());
        for (first, count) in subtrees.iter().copied() {
            let mut closings = std::vec::Vec::new();
            for host in (first..).take(count) {
                let to_host = (u64::from(step.amount) + 37 * u64::from(host)) % 1100;
                let (place, is_elsewhere) = self.place(host, step.detail >> 6);
                let mut closing = self.world.closing(place, to_host);
                let is_forged = step.detail >> 3 & 15 == 0;
                if is_forged {
                    closing.host_signature = closing.owner_signature;
                }
                let agreed = is_agreed.then_some((to_host, !is_forged && !is_elsewhere));
                parts.push((usize::from(host), agreed));
                closings.extend(is_agreed.then_some(closing));
            }
            let (_, path) = layr_proof::subtree_path(&nodes(&hosts), first.into(), count).unwrap();
            groups.push(Group {
                hosts: hosts[first.into()..][..count].to_vec(),
                path: steps(&path),
                closings,
            });
        }
        if parts.iter().any(|(_, agreed)| agreed.is_some_and(|(_, is_signed)| !is_signed)) {
            let signed: std::vec::Vec<_> = parts
                .iter()
                .map(|(host, agreed)| (*host, agreed.map(|(to_host, _)| (to_host, true))))
                .collect();
            let now_s = self.world.now_s();
            let would = self.model().clone().settle(now_s, &signed);
            self.count("a closing of another escrow's, or a forged one", would);
        }
        (groups, parts)
    }

    /// The owner, and hosts that will join, approve the next term before its time.
    pub(crate) fn sign(&mut self, step: Step) {
        let renewal = self.renewal(step);
        self.signed.push(renewal);
    }

    /// The next term as the owner may want it: from when the last one ends, or soon.
    fn renewal(&self, step: Step) -> Signed {
        let Scene { terms, .. } = self.scene();
        let running = u32::try_from(self.world.now_s() / u64::from(terms.window_s)).unwrap();
        let first_window = match step.detail >> 8 & 7 {
            0 | 1 => terms.first_window + terms.windows,
            2 => running,
            later => running + 1 + u32::from(later) % 3,
        };
        let windows = [1, 5, 14, 17][usize::from(step.amount % 4)];
        let nonce = [10 + (self.escrows.len() + self.signed.len()) as u8; 16];
        let terms = EscrowTerms { first_window, windows, nonce, ..terms.clone() };
        let joins = |host: usize| step.amount >> (4 + 2 * host) & 3 != 0;
        let offer = |(host, terms)| Offer { terms, joins: joins(host) };
        let offers: std::vec::Vec<_> = self.scene().hosts().into_iter().enumerate().map(offer).collect();
        let approvals = self.scene().renewal(&terms, &offers);
        Signed { at: self.at, terms, offers, approvals, is_used: false }
    }

    /// With what was approved before its time, mostly the newest, if there is something and the step says so; or with what is approved now.
    pub(crate) fn renew(&mut self, step: Step) {
        let is_early = step.escrow >> 6 != 0 && !self.signed.is_empty();
        let back =
            if step.amount % 3 == 0 { usize::from(step.amount / 3) } else { 0 } % self.signed.len().max(1);
        let number = self.signed.len().saturating_sub(1 + back);
        let mut next = if is_early { self.signed[number].clone() } else { self.renewal(step) };
        self.at = next.at;
        let who = if is_early { Who::Owner } else { Self::who(step, Who::Owner) };
        if who != Who::Owner {
            next.approvals[0].by = self.account(who);
        }
        let (groups, parts) = self.groups(step, step.detail % 4 != 0);
        let sent = self.scene().renew(&groups, (&next.terms, &next.offers), &next.approvals);
        let now_s = self.world.now_s();
        let hosts: std::vec::Vec<_> = next.offers.iter().map(|offer| offer.terms.clone()).collect();
        let joins: std::vec::Vec<_> = next.offers.iter().map(|offer| offer.joins).collect();
        let mut ended = self.model().clone();
        let is_settled = ended.settle(now_s, &parts);
        let opened = ended.next(now_s, (&next.terms, &hosts, &joins));
        let opened = opened.filter(|_| is_settled && who == Who::Owner && !next.is_used);
        let name = if is_early { "renew as approved before" } else { "renew" };
        self.agree(name, (sent.is_ok(), opened.is_some()), &(&next.terms, &parts, who, joins));
        let (Ok(id), Some(model)) = (sent, opened) else { return };
        if is_early {
            self.signed[number].is_used = true;
        }
        *self.model() = ended;
        self.follow(next.terms, id, model);
    }

    fn follow(&mut self, terms: EscrowTerms, id: BytesN<32>, model: Model) {
        let old = self.scene();
        let (data, seats) = (old.data.clone(), old.seats.clone());
        let scene = Scene { world: self.world.clone(), terms, id, data, seats };
        self.escrows.push(Escrow { scene, model });
        if self.at == self.main {
            self.main = self.escrows.len() - 1;
        }
    }
}
