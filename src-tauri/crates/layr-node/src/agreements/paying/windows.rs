//! A window: the beacon's question to the host, its answer, our receipt.

use std::collections::BTreeMap;

use futures::{StreamExt as _, stream};
use layr_agreement::{Slot, State, rent};
use layr_ledger::LedgerTip;
use layr_ledger::agreement::{Escrow, EscrowId, Place, Receipt};
use layr_library::{AgreementData, AgreementState, StoreError};
use layr_proof::{LEAF_BYTES, Node, Path, leaf_digest, positions};

use super::opening::peer_of;
use super::{Agreement, HOSTS_AT_ONCE, Looked, Paying, PayingError, now_s};
use crate::client::ClientError;
use crate::wire::{LeafAnswer, WireReceipt};

/// Escrows looked up in one question to the ledger, which takes 200 entries at most.
const ESCROWS_AT_ONCE: usize = 100;
/// Between two attempts to ask a host late, which may be away.
const ASK_LATE_EVERY_S: u64 = 60 * 60;

/// Why a host did not get a receipt.
#[derive(Debug, thiserror::Error)]
enum WindowError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Paying(#[from] PayingError),
    #[error("it cannot read what it was asked for now")]
    Later,
    #[error("its answer is wrong: {reason}")]
    Wrong { reason: &'static str },
}

impl Paying {
    /// Takes over what the ledger says, and asks each host about the windows whose questions are out.
    pub(super) async fn ask_windows(&self, tip: &LedgerTip, looked: &mut Looked) -> Result<(), PayingError> {
        let open = self.taken_over(tip, looked).await?;
        let asked = stream::iter(open)
            .map(|agreement| async move {
                let peer = peer_of(&agreement);
                let mut of_one = Looked::default();
                let outcome = self.windows_of(agreement, tip, &mut of_one).await;
                (peer, of_one, outcome)
            })
            .buffer_unordered(HOSTS_AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        for (peer, of_one, outcome) in asked {
            looked.proven += of_one.proven;
            looked.missed += of_one.missed;
            if let Err(error) = outcome {
                looked.hinder(Some(peer), error);
            }
        }
        Ok(())
    }

    /// The open agreements, as far as hosts showed the ledger more than we know; what is closed there is settled.
    async fn taken_over(&self, tip: &LedgerTip, looked: &mut Looked) -> Result<Vec<Agreement>, PayingError> {
        let open: Vec<Agreement> = self
            .open()
            .await?
            .into_iter()
            .filter(|agreement| agreement.record.state == AgreementState::Open)
            .collect();
        let ids: Vec<EscrowId> = open.iter().filter_map(Agreement::place).map(|place| place.escrow).collect();
        let mut escrows: BTreeMap<EscrowId, Option<Escrow>> = BTreeMap::new();
        for ids in ids.chunks(ESCROWS_AT_ONCE) {
            escrows.extend(ids.iter().copied().zip(self.shared.ledger.escrows(ids).await?));
        }
        let (mut still_open, mut closed, mut changed) = (Vec::new(), Vec::new(), Vec::new());
        for mut agreement in open {
            let Some(place) = agreement.place() else { continue };
            let Some(Some(escrow)) = escrows.get(&place.escrow) else {
                if agreement.may_be_settled(now_s(tip)) {
                    closed.push(agreement);
                } else {
                    let reason = format!("the ledger does not show escrow {}", place.escrow);
                    looked.hinder(Some(peer_of(&agreement)), reason);
                }
                continue;
            };
            let slot = escrow.slot(place.host, agreement.terms.calendar.windows);
            if slot.state == State::Closed {
                closed.push(agreement);
                continue;
            }
            // Also with as many windows decided: a host may have proven on the ledger what our receipt did not reach it for.
            let before = agreement.record.proven;
            let beside = self.due_beside(&agreement, &slot).await?;
            if agreement.take_over_beside(&slot, beside) {
                looked.proven += u64::from((agreement.record.proven & !before).count_ones());
                changed.push((agreement.record.clone(), None));
            }
            still_open.push(agreement);
        }
        self.write(changed).await?;
        looked.settled += closed.len() as u64;
        self.set_state(closed, AgreementState::Settled).await?;
        Ok(still_open)
    }

    /// What is due for windows that count here and not yet on the ledger. Nothing is asked where it has none: then all is counted here.
    async fn due_beside(&self, agreement: &Agreement, slot: &Slot) -> Result<u64, PayingError> {
        let (id, revision, windows) = (agreement.record.id, agreement.record.revision, agreement.windows());
        let only_here = agreement.record.proven & !slot.proven;
        if slot.proven == 0 || only_here == 0 {
            return Ok(0);
        }
        let counts = move |window: &u32| only_here.checked_shr(*window).is_some_and(|bits| bits & 1 == 1);
        let leaves =
            self.library(move |library| library.agreed_leaves(id, (0..windows).filter(counts), revision));
        let price = agreement.host.price_stroops_per_gib;
        leaves.await?.into_iter().try_fold(0_u64, |sum, leaves| Ok(sum.saturating_add(rent(leaves, price)?)))
    }

    async fn windows_of(
        &self,
        mut agreement: Agreement,
        tip: &LedgerTip,
        looked: &mut Looked,
    ) -> Result<(), WindowError> {
        let over = agreement.windows_over(now_s(tip));
        if over > agreement.record.decided {
            let decided = agreement.record.decided..over;
            looked.missed += decided.filter(|window| agreement.is_asked(*window)).count() as u64;
            agreement.record.decided = over;
            self.write(vec![(agreement.record.clone(), None)]).await?;
        }
        self.ask_running(&mut agreement, tip, looked).await?;
        self.ask_late(&mut agreement, tip, looked).await
    }

    /// Asks about the window that runs, once its question is out, until the receipt has arrived. After three that the host missed in a row the contract
    /// counts no more.
    async fn ask_running(
        &self,
        agreement: &mut Agreement,
        tip: &LedgerTip,
        looked: &mut Looked,
    ) -> Result<(), WindowError> {
        let (calendar, window) = (agreement.terms.calendar, agreement.windows_over(now_s(tip)));
        let is_out = window < agreement.windows() && calendar.question_s(window) <= now_s(tip);
        let is_new = window >= agreement.record.decided;
        let is_delivered = agreement.record.receipt.is_none()
            || self.shared.seen.lock().delivered.contains(&agreement.record.id);
        let mut missed_by_host = agreement.slot();
        missed_by_host.proven |= agreement.unasked_windows().fold(0, |bits, window| bits | 1 << window);
        if !is_out || missed_by_host.has_ended(window) || (is_delivered && !is_new) {
            return Ok(());
        }
        self.ask_window(agreement, window).await?;
        looked.proven += u64::from(is_new);
        Ok(())
    }

    /// Asks about windows of which this owner could not ask while they ran: it was off, or saw no ledger. The same question, the same answer, and the
    /// receipt counts them all the same; what a host's answer shows to be gone stays missed.
    async fn ask_late(
        &self,
        agreement: &mut Agreement,
        tip: &LedgerTip,
        looked: &mut Looked,
    ) -> Result<(), WindowError> {
        let id = agreement.record.id;
        let unasked: Vec<u32> = agreement.unasked_windows().collect();
        let asked_s = self.shared.seen.lock().asked_late_s.get(&id).copied();
        let is_due = asked_s.is_none_or(|asked_s| now_s(tip) >= asked_s.saturating_add(ASK_LATE_EVERY_S));
        if unasked.is_empty() || !is_due {
            return Ok(());
        }
        self.shared.seen.lock().asked_late_s.insert(id, now_s(tip));
        let mut unanswered = Ok(());
        for window in unasked {
            match self.ask_window(agreement, window).await {
                Ok(()) => looked.proven += 1,
                Err(WindowError::Wrong { reason }) => {
                    tracing::debug!(agreement = id, window, reason, "a late answer is wrong");
                    agreement.mark_asked(window);
                    self.write(vec![(agreement.record.clone(), None)]).await?;
                    looked.missed += 1;
                }
                // Of another window it may still have what this one asks for.
                Err(error) => unanswered = Err(error),
            }
        }
        unanswered
    }

    /// Asks about a window, and hands the receipt over. It is written down before the host sees it; that a window was asked about while it ran, before the
    /// host is.
    async fn ask_window(&self, agreement: &mut Agreement, window: u32) -> Result<(), WindowError> {
        let place = agreement.place().ok_or(WindowError::Wrong { reason: "it has no place" })?;
        let randomness = self.randomness_of(agreement, place, window).await?;
        let number =
            u8::try_from(window).map_err(|_| WindowError::Wrong { reason: "there is no such window" })?;
        let host = self.contact(peer_of(agreement)).await?;
        if window >= agreement.record.decided && agreement.mark_asked(window) {
            self.write(vec![(agreement.record.clone(), None)]).await?;
        }
        let client = self.shared.owner.client();
        let mut answers = client.window(&host, place, (number, randomness)).await?;
        let data = self.data_of(agreement, window).await?;
        let root = Node { hash: data.data_root, leaf_count: data.leaves };
        let question = place.question(&randomness, window);
        for position in positions(&question, data.leaves, agreement.terms.samples) {
            check(root, position, answers.next().await?)?;
        }
        let receipt = self.sign_receipt(agreement, place, (window, data.leaves)).await?;
        agreement.record.receipt = minicbor::to_vec(WireReceipt::of(&receipt)).ok();
        let id = agreement.record.id;
        self.write(vec![(agreement.record.clone(), None)]).await?;
        self.shared.seen.lock().delivered.remove(&id);
        answers.hand_over(&receipt).await?;
        self.shared.seen.lock().delivered.insert(id);
        Ok(())
    }

    /// What an agreement is about in a window, without its list.
    pub(super) async fn data_of(
        &self,
        agreement: &Agreement,
        window: u32,
    ) -> Result<AgreementData, PayingError> {
        let (id, revision) = (agreement.record.id, agreement.record.revision);
        let data = self.library(move |library| library.agreed_data(id, window, revision)).await?;
        let detail = || format!("agreement {id} is about nothing in window {window}");
        Ok(data.ok_or_else(|| StoreError::Damaged { detail: detail() })?)
    }

    /// Counts the window as proven, and signs for all so far.
    async fn sign_receipt(
        &self,
        agreement: &mut Agreement,
        place: Place,
        (window, leaves): (u32, u64),
    ) -> Result<Receipt, PayingError> {
        let mut slot = agreement.slot();
        if !slot.counts(window) {
            let due = rent(leaves, agreement.host.price_stroops_per_gib)?;
            slot.count(window, due, &agreement.stake())?;
            agreement.advance(slot.decided.max(window + 1), slot.proven, slot.earned);
        }
        let next = self.data_of(agreement, agreement.record.decided).await?;
        let body = agreement.receipt_body(next.revision);
        let (domain, message) = self.shared.ledger.network().receipt_message(place, &body)?;
        let signature = self.shared.keys.sign(domain, &message).to_bytes();
        Ok(Receipt { body, key: 0, signature })
    }
}

/// Whether a leaf is the one at this position of the data that was agreed on.
fn check(root: Node, position: u64, answer: LeafAnswer) -> Result<(), WindowError> {
    let wrong = |reason| WindowError::Wrong { reason };
    let (leaf, path) = match answer {
        LeafAnswer::Proven { leaf, path } => (leaf, path),
        LeafAnswer::Later => return Err(WindowError::Later),
        LeafAnswer::Missing | LeafAnswer::Corrupt => return Err(wrong("it has a leaf no more")),
    };
    if leaf.len() != LEAF_BYTES {
        return Err(wrong("a leaf of another size"));
    }
    let path = Path::decode(&path).map_err(|_| wrong("no path"))?;
    let proven = path.root(Node::leaf(leaf_digest(&leaf))).map_err(|_| wrong("a path that leads nowhere"))?;
    if proven.root == root && proven.first_leaf == position { Ok(()) } else { Err(wrong("another leaf")) }
}

#[cfg(test)]
mod tests {
    use layr_proof::{LEAF_BYTES, Node, leaf_digest, root_of, subtree_path};

    use super::{WindowError, check};
    use crate::wire::LeafAnswer;

    #[test]
    fn only_the_leaf_that_was_asked_for_is_an_answer() {
        let leaves: Vec<Vec<u8>> = (0..5_u8).map(|number| vec![number; LEAF_BYTES]).collect();
        let nodes: Vec<Node> = leaves.iter().map(|leaf| Node::leaf(leaf_digest(leaf))).collect();
        let root = root_of(&nodes).unwrap().unwrap();
        let answer = |index: usize, leaf: &[u8]| LeafAnswer::Proven {
            leaf: leaf.to_vec(),
            path: subtree_path(&nodes, index, 1).unwrap().1.encode(),
        };
        check(root, 3, answer(3, &leaves[3])).unwrap();
        check(root, 2, answer(3, &leaves[3])).unwrap_err();
        check(root, 3, answer(3, &leaves[2])).unwrap_err();
        check(root, 3, answer(3, &leaves[3][1..])).unwrap_err();
        assert!(matches!(check(root, 3, LeafAnswer::Missing), Err(WindowError::Wrong { .. })));
        assert!(matches!(check(root, 3, LeafAnswer::Later), Err(WindowError::Later)), "it may have it");
        let fewer = Node { leaf_count: 4, ..root };
        check(fewer, 3, answer(3, &leaves[3])).unwrap_err();
    }
}
