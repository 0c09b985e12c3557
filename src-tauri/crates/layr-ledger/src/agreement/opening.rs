//! Escrows as they were opened: found among the contract's events, and read from the transactions that did it.
//!
//! An event names the escrow and not its hosts; a host whose consent was used learns the others from the call, and so its own place.

use layr_proof::{Node, leaf_digest, subtree_path};
use sha2::{Digest, Sha256};
use stellar_xdr as xdr;

use crate::address::{Account, Contract};
use crate::agreement::terms::{EscrowId, EscrowTerms, HostTerms, Seat};
use crate::agreement::value::encoded;
use crate::bounded::{decode, encode_base64, too_large};
use crate::envelope;
use crate::error::LedgerError;
use crate::ledger::{EventsFrom, Ledger};
use crate::rpc::answers::LookedStatus;

const LOOK: &str = "getTransaction";
/// First topic of the event of an escrow that was opened; the second is its id.
const OPENED: &str = "opened";
/// Functions that open an escrow, and which of their arguments are its terms and its hosts.
const OPENING: [(&str, usize, usize); 2] = [("open", 0, 1), ("renew", 2, 3)];

/// An escrow that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedEscrow {
    /// Which.
    pub id: EscrowId,
    /// The ledger in which it was.
    pub ledger: u32,
    /// The transaction that did it.
    pub transaction: [u8; 32],
}

/// A page of escrows that were opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedPage {
    /// The escrows, in order.
    pub escrows: Vec<OpenedEscrow>,
    /// Where the next page begins.
    pub next: EventsFrom,
    /// All up to this ledger were looked at.
    pub until_ledger: u32,
}

/// What a transaction was that opened an escrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpeningCall {
    /// The terms and the hosts' terms, as they were passed.
    Read(Opening),
    /// It called another contract, which opened the escrow: the hosts are not in it.
    Indirect {
        /// Who consented to something in it.
        consenting: Vec<Account>,
    },
    /// The server does not keep it any more.
    Forgotten,
}

/// The arguments of a call that opened an escrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    terms: [u8; 32],
    /// The hosts' terms as the contract hashes them, in their order.
    hosts: Vec<Vec<u8>>,
}

impl Ledger {
    /// Escrows that were opened on this contract.
    ///
    /// # Errors
    /// What the server says.
    pub async fn opened_escrows(
        &self,
        contract: Contract,
        from: &EventsFrom,
    ) -> Result<OpenedPage, LedgerError> {
        let name = xdr::ScSymbol(OPENED.as_bytes().to_vec().try_into().map_err(too_large)?);
        let topics = [encode_base64(&xdr::ScVal::Symbol(name))?, "*".to_owned()];
        let page = self.events_about(contract, from, &topics).await?;
        let escrows = page.events.iter().map(|event| {
            let malformed = || LedgerError::malformed("getEvents", "an event of no escrow");
            let [_, xdr::ScVal::Bytes(id)] = event.topics.as_slice() else { return Err(malformed()) };
            let id = EscrowId(id.0.as_slice().try_into().map_err(|_| malformed())?);
            let mut transaction = [0; 32];
            hex::decode_to_slice(&event.transaction, &mut transaction).map_err(|_| malformed())?;
            Ok(OpenedEscrow { id, ledger: event.ledger, transaction })
        });
        let until_ledger = page.until_ledger();
        Ok(OpenedPage {
            escrows: escrows.collect::<Result<_, _>>()?,
            next: EventsFrom::Cursor(page.cursor),
            until_ledger,
        })
    }

    /// The call by which an escrow of this contract was opened.
    ///
    /// # Errors
    /// What the server says; [`LedgerError::Lagging`] where it does not know the transaction yet.
    pub async fn opening(
        &self,
        contract: Contract,
        escrow: &OpenedEscrow,
    ) -> Result<OpeningCall, LedgerError> {
        let looked = self.look(&escrow.transaction).await?;
        if looked.status == LookedStatus::NotFound {
            if escrow.ledger < looked.oldest_ledger {
                return Ok(OpeningCall::Forgotten);
            }
            return Err(LedgerError::Lagging { reason: "it has an event of no transaction".to_owned() });
        }
        let envelope: xdr::TransactionEnvelope = decode(LOOK, &looked.envelope_xdr.unwrap_or_default())?;
        let inner = envelope::inner(&envelope)?;
        let call = inner.tx.operations.first().map(|operation| &operation.body);
        let Some(xdr::OperationBody::InvokeHostFunction(call)) = call else {
            return Err(LedgerError::malformed(LOOK, "an event of a transaction that calls nothing"));
        };
        match &call.host_function {
            xdr::HostFunction::InvokeContract(call) if call.contract_address == contract.to_xdr() => {
                Opening::read(call).map(OpeningCall::Read)
            }
            _ => Ok(OpeningCall::Indirect { consenting: call.auth.iter().filter_map(consenting).collect() }),
        }
    }
}

fn consenting(entry: &xdr::SorobanAuthorizationEntry) -> Option<Account> {
    let xdr::SorobanCredentials::Address(credentials) = &entry.credentials else { return None };
    let xdr::ScAddress::Account(account) = &credentials.address else { return None };
    let xdr::PublicKey::PublicKeyTypeEd25519(key) = &account.0;
    Some(Account::from_bytes(key.0))
}

impl Opening {
    fn read(call: &xdr::InvokeContractArgs) -> Result<Self, LedgerError> {
        let other = || LedgerError::malformed(LOOK, "a call that opens no escrow");
        let name = call.function_name.0.as_slice();
        let of = OPENING.iter().find(|(function, ..)| function.as_bytes() == name).ok_or_else(other)?;
        let (terms, offers) = call.args.get(of.1).zip(call.args.get(of.2)).ok_or_else(other)?;
        let xdr::ScVal::Vec(Some(offers)) = offers else { return Err(other()) };
        let host = |offer: &xdr::ScVal| {
            let xdr::ScVal::Map(Some(fields)) = offer else { return Err(other()) };
            let is_terms = |field: &&xdr::ScMapEntry| matches!(&field.key, xdr::ScVal::Symbol(name) if name.0.as_slice() == b"terms");
            encoded(&fields.0.iter().find(is_terms).ok_or_else(other)?.val)
        };
        let hosts = offers.0.iter().map(host).collect::<Result<_, _>>()?;
        Ok(Self { terms: Sha256::digest(encoded(terms)?).into(), hosts })
    }

    /// The seat of the host with these terms, and the number of hosts; none in an escrow that is on other terms or has no such host.
    ///
    /// # Errors
    /// Terms that are larger than a transaction.
    pub fn seat(&self, terms: &EscrowTerms, host: &HostTerms) -> Result<Option<(Seat, u8)>, LedgerError> {
        if self.terms != terms.digest()? {
            return Ok(None);
        }
        let own = encoded(&host.to_value()?)?;
        let nodes: Vec<Node> = self.hosts.iter().map(|host| Node::leaf(leaf_digest(host))).collect();
        let place = self.hosts.iter().position(|host| *host == own);
        let Some((place, hosts)) = place.zip(u8::try_from(nodes.len()).ok()) else { return Ok(None) };
        let path = subtree_path(&nodes, place, 1).ok();
        Ok(path.map(|(_, path)| (Seat { terms: host.clone(), path }, hosts)))
    }
}
