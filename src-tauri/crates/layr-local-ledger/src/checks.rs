//! Whether a transaction may be taken, in the order in which stellar-core asks, so that the first thing wrong has the same result code.

pub(crate) mod operations;
pub(crate) mod soroban;

use stellar_xdr::{
    AccountEntry, InnerTransactionResultResult as Code, OperationResult, TransactionResultResult,
};

use crate::account::{Threshold, first_sequence, last_use, spendable};
use crate::entries::Lookup;
use crate::envelope::Submitted;
use crate::fees;
use crate::network::Network;
use crate::results;
use crate::signatures::Signatures;

/// The ledger in which a transaction would be, and its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) sequence: u32,
    pub(crate) time: u64,
}

/// When the question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It was just sent: its fee must be there.
    Sent,
    /// Its ledger closes: its fee is taken already.
    Closing,
}

/// An answer while a ledger closes.
pub(crate) struct Judgement {
    pub(crate) verdict: Result<(), Code>,
    /// A refused transaction uses up its sequence number unless that itself, or something before it, was wrong.
    pub(crate) uses_sequence: bool,
}

/// Whether a transaction that was sent may wait for the next ledger.
pub(crate) fn sent(
    network: &Network,
    submitted: &Submitted,
    view: &dyn Lookup,
    moment: Moment,
) -> Result<(), TransactionResultResult> {
    let judgement = |stage| Judge { network, submitted, view, moment, stage }.judge();
    if submitted.fee_bump.is_some() {
        bump(submitted, view)?;
        return match judgement(Stage::Sent).verdict {
            Ok(()) => Ok(()),
            Err(code) => Err(results::inner_failed(submitted, code)),
        };
    }
    judgement(Stage::Sent).verdict.map_err(results::outer)
}

/// Whether a transaction whose fee is taken may be carried out.
pub(crate) fn closing(
    network: &Network,
    submitted: &Submitted,
    view: &dyn Lookup,
    moment: Moment,
) -> Judgement {
    Judge { network, submitted, view, moment, stage: Stage::Closing }.judge()
}

/// What a fee bump itself must be.
fn bump(submitted: &Submitted, view: &dyn Lookup) -> Result<(), TransactionResultResult> {
    let Some(bump) = &submitted.fee_bump else { return Ok(()) };
    if fees::inclusion_bid(submitted) < fees::least_inclusion(submitted) || !fees::bump_is_no_worse(submitted)
    {
        return Err(TransactionResultResult::TxInsufficientFee);
    }
    let Some(payer) = view.account(&bump.source) else { return Err(TransactionResultResult::TxNoAccount) };
    let mut signatures = Signatures::new(submitted.hash, &bump.signatures);
    if !signatures.reach(payer, Threshold::Low) {
        return Err(TransactionResultResult::TxBadAuth);
    }
    if spendable(payer) < bump.fee {
        return Err(TransactionResultResult::TxInsufficientBalance);
    }
    if !signatures.all_used() {
        return Err(TransactionResultResult::TxBadAuthExtra);
    }
    Ok(())
}

/// One transaction and what it is judged by.
struct Judge<'all> {
    network: &'all Network,
    submitted: &'all Submitted,
    view: &'all dyn Lookup,
    moment: Moment,
    stage: Stage,
}

impl Judge<'_> {
    fn judge(&self) -> Judgement {
        match self.before_sequence() {
            Err(code) => Judgement { verdict: Err(code), uses_sequence: false },
            Ok(()) => Judgement { verdict: self.after_sequence(), uses_sequence: true },
        }
    }

    /// Whether this transaction's own account must have the fee still.
    fn pays(&self) -> bool {
        self.stage == Stage::Sent && self.submitted.fee_bump.is_none()
    }

    fn before_sequence(&self) -> Result<(), Code> {
        let submitted = self.submitted;
        let extra = submitted.conditions().more.map(|more| more.extra_signers.as_slice());
        if let Some([one, other]) = extra
            && one == other
        {
            return Err(Code::TxMalformed);
        }
        if submitted.transaction.operations.is_empty() {
            return Err(Code::TxMissingOperation);
        }
        soroban::check(self.network, submitted)?;
        in_time(submitted, self.moment)?;
        if self.pays() && fees::inclusion_bid(submitted) < fees::least_inclusion(submitted) {
            return Err(Code::TxInsufficientFee);
        }
        let Some(account) = self.view.account(&submitted.source()) else { return Err(Code::TxNoAccount) };
        self.sequence_fits(account)
    }

    fn sequence_fits(&self, account: &AccountEntry) -> Result<(), Code> {
        let (current, wanted) = (account.seq_num.0, self.submitted.sequence());
        let more = self.submitted.conditions().more;
        let fits = match more.and_then(|more| more.min_seq_num.as_ref()) {
            Some(least) => current >= least.0 && current < wanted,
            None => current.checked_add(1) == Some(wanted),
        };
        // The first number of a ledger to come belongs to an account that it makes.
        if !fits || wanted == first_sequence(self.moment.sequence) {
            return Err(Code::TxBadSeq);
        }
        if let Some(more) = more {
            let (used_ledger, used_time) = last_use(account);
            let age = self.moment.time.saturating_sub(used_time);
            let gap = self.moment.sequence.saturating_sub(used_ledger);
            if age < more.min_seq_age.0 || gap < more.min_seq_ledger_gap {
                return Err(Code::TxBadMinSeqAgeOrGap);
            }
        }
        Ok(())
    }

    fn after_sequence(&self) -> Result<(), Code> {
        let submitted = self.submitted;
        let Some(account) = self.view.account(&submitted.source()) else { return Err(Code::TxNoAccount) };
        let mut signatures = Signatures::new(submitted.inner_hash, &submitted.signatures);
        if !signatures.reach(account, Threshold::Low) {
            return Err(Code::TxBadAuth);
        }
        if let Some(more) = submitted.conditions().more
            && !more.extra_signers.iter().all(|signer| signatures.has(signer))
        {
            return Err(Code::TxBadAuth);
        }
        if self.pays() && spendable(account) < submitted.fee_bid() {
            return Err(Code::TxInsufficientBalance);
        }
        self.operations(&mut signatures)?;
        if !signatures.all_used() {
            return Err(Code::TxBadAuthExtra);
        }
        Ok(())
    }

    fn operations(&self, signatures: &mut Signatures<'_>) -> Result<(), Code> {
        let submitted = self.submitted;
        let mut is_refused = false;
        let mut found = Vec::with_capacity(submitted.transaction.operations.len());
        for operation in &submitted.transaction.operations {
            let source = submitted.operation_source(operation);
            let signed = match self.view.account(&source) {
                Some(account) => signatures.reach(account, operations::threshold(&operation.body)),
                // An earlier operation may make it; carrying out says so if none did.
                None => operation.source_account.is_some() && signatures.has_key_of(&source),
            };
            let wrong = match (signed, self.stage) {
                (false, _) => Some(OperationResult::OpBadAuth),
                (true, Stage::Sent) => operations::malformed(operation, &source),
                (true, Stage::Closing) => None,
            };
            is_refused |= wrong.is_some();
            found.push(wrong.unwrap_or_else(|| results::untouched(&operation.body)));
        }
        if is_refused { Err(results::failed(found)) } else { Ok(()) }
    }
}

fn in_time(submitted: &Submitted, moment: Moment) -> Result<(), Code> {
    let conditions = submitted.conditions();
    if let Some(time) = conditions.time {
        if time.min_time.0 > moment.time {
            return Err(Code::TxTooEarly);
        }
        if time.max_time.0 != 0 && time.max_time.0 < moment.time {
            return Err(Code::TxTooLate);
        }
    }
    if let Some(ledgers) = conditions.ledgers {
        if ledgers.min_ledger > moment.sequence {
            return Err(Code::TxTooEarly);
        }
        if ledgers.max_ledger != 0 && ledgers.max_ledger <= moment.sequence {
            return Err(Code::TxTooLate);
        }
    }
    Ok(())
}
