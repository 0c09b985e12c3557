//! Escrows as they were opened: found among the contract's events, which name their hosts.
//!
//! An event has the digests of all hosts' terms. With them a host whose consent was used finds its seat without the owner, also where that
//! called through a contract of its own, and the hosts' terms stand in no transaction that a server could show.

use layr_proof::{Node, subtree_path};
use stellar_xdr as xdr;

use crate::address::Contract;
use crate::agreement::terms::{EscrowId, EscrowTerms, HostTerms, Seat};
use crate::agreement::value::symbol;
use crate::bounded::encode_base64;
use crate::error::LedgerError;
use crate::ledger::{ContractEvent, EventsFrom, Ledger};

/// The first two topics of the event of an escrow that was opened; the third is its id.
const OPENED: [&str; 2] = ["agreement", "open"];

/// An escrow that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedEscrow {
    /// Which.
    pub id: EscrowId,
    /// The ledger in which it was.
    pub ledger: u32,
    /// The digests of its hosts' terms, in their order.
    pub hosts: Vec<[u8; 32]>,
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
        let [agreement, open] = OPENED.map(|topic| symbol(topic).and_then(|topic| encode_base64(&topic)));
        let page = self.events_about(contract, from, &[agreement?, open?, "*".to_owned()]).await?;
        let read = |event| {
            OpenedEscrow::read(event)
                .ok_or_else(|| LedgerError::malformed("getEvents", "an event of no escrow"))
        };
        let until_ledger = page.until_ledger();
        Ok(OpenedPage {
            escrows: page.events.iter().map(read).collect::<Result<_, _>>()?,
            next: EventsFrom::Cursor(page.cursor),
            until_ledger,
        })
    }
}

impl OpenedEscrow {
    /// The seats of the host with these terms, the number of each, and how many hosts there are; none in an escrow that is on other terms or
    /// has no such host. An owner may give a host more of them than the one that it consented to.
    ///
    /// # Errors
    /// None in practice: terms always fit.
    pub fn seats(&self, terms: &EscrowTerms, host: &HostTerms) -> Result<Vec<(Seat, u8, u8)>, LedgerError> {
        let own = host.digest()?;
        let nodes: Vec<Node> = self.hosts.iter().copied().map(Node::leaf).collect();
        let Ok(hosts) = u8::try_from(nodes.len()) else { return Ok(Vec::new()) };
        let mut seats = Vec::new();
        for (place, _) in self.hosts.iter().enumerate().filter(|(_, digest)| **digest == own) {
            let Ok((_, path)) = subtree_path(&nodes, place, 1) else { continue };
            let seat = Seat { terms: host.clone(), path };
            if let Ok((id, number)) = terms.id_of_seat(&seat, hosts)
                && id == self.id
            {
                seats.push((seat, number, hosts));
            }
        }
        Ok(seats)
    }

    /// What an event says: topics and the id, and as values what is held and the digests one after the other.
    fn read(event: &ContractEvent) -> Option<Self> {
        let [_, _, xdr::ScVal::Bytes(id)] = event.topics.as_slice() else { return None };
        let xdr::ScVal::Vec(Some(values)) = &event.value else { return None };
        let [_, xdr::ScVal::Bytes(digests)] = values.0.as_slice() else { return None };
        let (hosts, []) = digests.0.as_slice().as_chunks::<32>() else { return None };
        let id = EscrowId(id.0.as_slice().try_into().ok()?);
        Some(Self { id, ledger: event.ledger, hosts: hosts.to_vec() })
    }
}
