//! The contract's calls.

use layr_agreement::MAX_PARTS_SETTLED;
use layr_proof::Path;
use stellar_xdr as xdr;

use crate::address::{Account, Contract};
use crate::agreement::authority::Consent;
use crate::agreement::groups::{groups_of, listed};
use crate::agreement::statement::{Closing, Receipt, Revision, shown_or_nothing};
use crate::agreement::terms::{EscrowId, EscrowTerms, HostTerms, Seat, TermsError};
use crate::agreement::value::{account, amount, bytes, contract, list};
use crate::amount::{AmountError, Stroops};
use crate::approval::Approval;
use crate::bounded::too_large;
use crate::error::LedgerError;
use crate::intent::ContractCall;

/// The contract as `cargo xtask contract` builds it.
pub const CONTRACT_WASM: &[u8] = include_bytes!("../../../../contracts/storage_agreement.wasm");

/// Entries that any call touches: contract, its code, the token and its code, the escrow, the owner's account, the newest round,
/// a round, an owner's question, and room for a signer's.
const FOOTPRINT_KEYS: usize = 16;
/// The most that a call may cost which brings an archived escrow or round back: ten times what that costs. Bringing the contract's code
/// back costs a hundred times more, and is a keeper's to pay.
const RESTORE_FEE_CAP: Stroops = Stroops::small(20_000_000);
/// Parts of an escrow of which something happens for the first time in the ledger that a call is carried into, before it: each adds a slot to
/// the entry. All hosts of a silent owner prove in the same day, of which a minute has twelve ledgers.
const OTHERS_IN_A_LEDGER: u32 = 8;
/// A slot, and the number of its host.
const GROWTH_BYTES: u32 = 17;
/// Entries that each host of a call adds: its account, and the nonce of what it signed.
const FOOTPRINT_KEYS_PER_HOST: usize = 2;

/// The agreement contract, with the token that it pays in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgreementContract {
    /// The agreement contract.
    pub contract: Contract,
    /// The native asset's contract.
    pub token: Contract,
}

/// A host in a new escrow.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Its terms.
    pub terms: HostTerms,
    /// Its signed consent to join at once. Without it, it may accept later.
    pub consent: Option<Consent>,
}

/// A window's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which window.
    pub window: u32,
    /// Whether the owner's question is answered, instead of the beacon's.
    pub to_owner: bool,
    /// The leaves asked for, in the question's order.
    pub leaves: Vec<ProvenLeaf>,
}

/// A leaf with its path to the data root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenLeaf {
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// Path of its digest to the root over all shards' leaves.
    pub path: Path,
}

/// How a part ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// As both sides signed, at any time.
    Agreed(Closing),
    /// By what is on chain, once nothing more can come.
    Overdue,
}

impl AgreementContract {
    /// Opens an escrow, and takes all deposits from the owner.
    ///
    /// # Errors
    /// Terms that the contract would refuse.
    pub fn open(&self, terms: &EscrowTerms, offers: &[Offer]) -> Result<ContractCall, LedgerError> {
        terms.check()?;
        let hosts: Vec<HostTerms> = offers.iter().map(|offer| offer.terms.clone()).collect();
        let id = terms.id(&hosts)?;
        let mut deposits = Stroops::ZERO;
        for host in &hosts {
            host.check()?;
            let deposit = Stroops::new(host.deposit_stroops)?;
            deposits = deposits.checked_add(deposit).ok_or(AmountError::TooLarge)?;
        }
        let paying = self.transfer(terms.owner, deposits.stroops())?;
        let own = self.invocation("open", vec![bytes(&id.0)?], vec![paying])?;
        let args = terms.to_values()?.into_iter().chain(offer_values(&hosts, offers)?).collect();
        let mut call = self.call("open", args, offers.len())?;
        call.auth = std::iter::once(by_source(own.clone()))
            .chain(offers.iter().filter_map(|offer| Some(offer.consent.clone()?.0)))
            .collect();
        call.approval.invocations = vec![own];
        call.approval.spends = deposits;
        Ok(call)
    }

    /// What a host consents to that joins in [`Self::open`].
    ///
    /// # Errors
    /// Terms that are larger than a transaction.
    pub fn joining(
        &self,
        terms: &EscrowTerms,
        host: &HostTerms,
    ) -> Result<xdr::SorobanAuthorizedInvocation, LedgerError> {
        self.joining_by("open", terms, host)
    }

    fn joining_by(
        &self,
        function: &str,
        terms: &EscrowTerms,
        host: &HostTerms,
    ) -> Result<xdr::SorobanAuthorizedInvocation, LedgerError> {
        let paying = match host.collateral_stroops {
            0 => Vec::new(),
            stroops => vec![self.transfer(host.account, stroops)?],
        };
        self.invocation(function, vec![bytes(&terms.digest()?)?, bytes(&host.digest()?)?], paying)
    }

    /// A host that was offered a part joins by itself.
    ///
    /// # Errors
    /// As [`Self::joining`].
    pub fn accept(&self, terms: &EscrowTerms, seat: &Seat) -> Result<ContractCall, LedgerError> {
        let consent = self.joining_by("accept", terms, &seat.terms)?;
        let args = [terms.to_values()?, seat.to_values()?].concat();
        let mut call = self.call("accept", args, 1)?;
        call.approval.spends = Stroops::new(seat.terms.collateral_stroops)?;
        Ok(authorised(beside_others(call), consent))
    }

    /// The owner takes back what it offered to a host that did not join.
    ///
    /// # Errors
    /// As [`Self::joining`].
    pub fn withdraw(
        &self,
        terms: &EscrowTerms,
        seat: &Seat,
        place: (EscrowId, u8),
    ) -> Result<ContractCall, LedgerError> {
        self.about("withdraw", (terms, seat), place, (Vec::new(), Vec::new()))
    }

    /// The owner ends an agreement with the window after the one that runs.
    ///
    /// # Errors
    /// As [`Self::joining`].
    pub fn terminate(
        &self,
        terms: &EscrowTerms,
        seat: &Seat,
        place: (EscrowId, u8),
    ) -> Result<ContractCall, LedgerError> {
        self.about("terminate", (terms, seat), place, (Vec::new(), Vec::new()))
    }

    /// Publishes a round of the beacon: its signature as an uncompressed point of G1.
    ///
    /// # Errors
    /// None in practice: a signature always fits.
    pub fn beacon(&self, round: u64, signature: &[u8; 96]) -> Result<ContractCall, LedgerError> {
        self.call("beacon", vec![xdr::ScVal::U64(round), bytes(signature)?], 0)
    }

    /// A host proves a window, in its response time.
    ///
    /// # Errors
    /// An answer that is larger than a transaction.
    pub fn prove(
        &self,
        (terms, seat): (&EscrowTerms, &Seat),
        place: (EscrowId, u8),
        answer: &Answer,
        (revision, receipt): (Option<&Revision>, Option<&Receipt>),
    ) -> Result<ContractCall, LedgerError> {
        let leaf = |proven: &ProvenLeaf| bytes(&[proven.path.encode(), proven.leaf.clone()].concat());
        let leaves = answer.leaves.iter().map(leaf).collect::<Result<_, _>>()?;
        let answered = [xdr::ScVal::U32(answer.window), xdr::ScVal::Bool(answer.to_owner), list(leaves)?];
        let shown = [
            shown_or_nothing(revision.map(Revision::to_value))?,
            shown_or_nothing(receipt.map(Receipt::to_value))?,
        ];
        let approved = [&[xdr::ScVal::U32(answer.window)], &shown[..]].concat();
        self.about("prove", (terms, seat), place, ([&answered[..], &shown].concat(), approved))
    }

    /// A host shows the owner's receipt.
    ///
    /// # Errors
    /// As [`Self::joining`].
    pub fn claim(
        &self,
        (terms, seat): (&EscrowTerms, &Seat),
        place: (EscrowId, u8),
        receipt: &Receipt,
    ) -> Result<ContractCall, LedgerError> {
        let receipt = vec![receipt.to_value()?];
        self.about("claim", (terms, seat), place, (receipt.clone(), receipt))
    }

    /// The owner asks all hosts for a window itself. The seat is any host's.
    ///
    /// # Errors
    /// As [`Self::joining`].
    pub fn challenge(
        &self,
        (terms, seat): (&EscrowTerms, &Seat),
        id: EscrowId,
        (window, seed): (u32, &[u8; 32]),
    ) -> Result<ContractCall, LedgerError> {
        let asked = [xdr::ScVal::U32(window), bytes(seed)?];
        let args = [terms.to_values()?, seat.to_values()?, asked.to_vec()].concat();
        let approved = self.invocation("challenge", [&[bytes(&id.0)?], &asked[..]].concat(), Vec::new())?;
        Ok(authorised(self.call("challenge", args, 1)?, approved))
    }

    /// A window counts for a host that nobody could ask.
    ///
    /// # Errors
    /// As [`Self::joining`].
    pub fn excuse(
        &self,
        (terms, seat): (&EscrowTerms, &Seat),
        place: (EscrowId, u8),
        (window, revision): (u32, Option<&Revision>),
    ) -> Result<ContractCall, LedgerError> {
        let revision = shown_or_nothing(revision.map(Revision::to_value))?;
        let shown = vec![xdr::ScVal::U32(window), revision];
        self.about("excuse", (terms, seat), place, (shown.clone(), shown))
    }

    /// Divides parts of one escrow and pays them out.
    ///
    /// # Errors
    /// More than [`MAX_PARTS_SETTLED`] parts.
    pub fn settle(&self, terms: &EscrowTerms, parts: &[(Seat, Ending)]) -> Result<ContractCall, LedgerError> {
        if parts.len() > MAX_PARTS_SETTLED {
            return Err(TermsError::PartCount { parts: parts.len() }.into());
        }
        let args = [terms.to_values()?, vec![groups_of(parts)?]].concat();
        Ok(beside_others(self.call("settle", args, parts.len())?))
    }

    /// A call about one host's part, authorised by `(id, host)` and what else is approved.
    fn about(
        &self,
        function: &str,
        (terms, seat): (&EscrowTerms, &Seat),
        (id, host): (EscrowId, u8),
        (rest, approved_too): (Vec<xdr::ScVal>, Vec<xdr::ScVal>),
    ) -> Result<ContractCall, LedgerError> {
        let mut approved = vec![bytes(&id.0)?, xdr::ScVal::U32(host.into())];
        approved.extend(approved_too);
        let approved = self.invocation(function, approved, Vec::new())?;
        let args = [terms.to_values()?, seat.to_values()?, rest].concat();
        Ok(authorised(beside_others(self.call(function, args, 1)?), approved))
    }

    fn call(&self, function: &str, args: Vec<xdr::ScVal>, hosts: usize) -> Result<ContractCall, LedgerError> {
        let keys = FOOTPRINT_KEYS.saturating_add(hosts.saturating_mul(FOOTPRINT_KEYS_PER_HOST));
        let restore_fee_cap = Some(RESTORE_FEE_CAP);
        let approval = Approval { footprint_keys: keys, restore_fee_cap, ..Approval::of_nothing() };
        ContractCall::invoke(self.contract, function, args, approval)
    }

    fn invocation(
        &self,
        function: &str,
        args: Vec<xdr::ScVal>,
        calls: Vec<xdr::SorobanAuthorizedInvocation>,
    ) -> Result<xdr::SorobanAuthorizedInvocation, LedgerError> {
        invocation(self.contract, function, args, calls)
    }

    /// A payment into the contract.
    fn transfer(&self, from: Account, stroops: u64) -> Result<xdr::SorobanAuthorizedInvocation, LedgerError> {
        let args = vec![account(from), contract(self.contract), amount(stroops)];
        invocation(self.token, "transfer", args, Vec::new())
    }
}

fn invocation(
    contract: Contract,
    function: &str,
    args: Vec<xdr::ScVal>,
    calls: Vec<xdr::SorobanAuthorizedInvocation>,
) -> Result<xdr::SorobanAuthorizedInvocation, LedgerError> {
    Ok(xdr::SorobanAuthorizedInvocation {
        function: xdr::SorobanAuthorizedFunction::ContractFn(xdr::InvokeContractArgs {
            contract_address: contract.to_xdr(),
            function_name: xdr::ScSymbol(function.as_bytes().to_vec().try_into().map_err(too_large)?),
            args: args.try_into().map_err(too_large)?,
        }),
        sub_invocations: calls.try_into().map_err(too_large)?,
    })
}

/// With room for what others' calls add to the same escrow.
fn beside_others(mut call: ContractCall) -> ContractCall {
    call.approval.room_bytes = OTHERS_IN_A_LEDGER * GROWTH_BYTES;
    call
}

/// Approved by the transaction's own signature.
fn authorised(mut call: ContractCall, approved: xdr::SorobanAuthorizedInvocation) -> ContractCall {
    call.auth = vec![by_source(approved.clone())];
    call.approval.invocations = vec![approved];
    call
}

fn by_source(root_invocation: xdr::SorobanAuthorizedInvocation) -> xdr::SorobanAuthorizationEntry {
    xdr::SorobanAuthorizationEntry { credentials: xdr::SorobanCredentials::SourceAccount, root_invocation }
}

/// Accounts, the rest of the hosts' terms, and a bit for each host that joins.
fn offer_values(hosts: &[HostTerms], offers: &[Offer]) -> Result<[xdr::ScVal; 3], LedgerError> {
    let bit = |(number, _): (u32, &Offer)| 1_u64.checked_shl(number).unwrap_or(0);
    let joining = (0..).zip(offers).filter(|(_, offer)| offer.consent.is_some());
    let joins = joining.map(bit).fold(0, |bits, bit| bits | bit);
    let (accounts, terms) = listed(hosts)?;
    Ok([accounts, bytes(&terms)?, xdr::ScVal::U64(joins)])
}
