//! An owner's requests about storage agreements.

use layr_codec::ShardRoot;
use layr_keys::PeerId;
use layr_ledger::agreement::{EscrowId, EscrowTerms, HostTerms, Place, Receipt, Seat};
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use super::{
    ANSWER_DEADLINE, Client, ClientError, HostContact, STALL_DEADLINE, STORED_DEADLINE, frame_error, receive,
    unexpected,
};
use crate::net::{BoxStream, Route};
use crate::wire::{
    self, LeafAnswer, MAX_AGREED_SHARDS, MAX_ROOTS, Request, Response, WireKey, WireReceipt, WireRevision,
    WireSeat, WireTerms, listed_shard,
};

/// Listed shards that are sent at once: 64 KiB of them, for each of which the host has the deadline of a piece.
const LISTED_AT_ONCE: usize = 1820;

/// A host's answer to terms.
#[derive(Debug)]
pub enum AgreeAnswer {
    /// It consents.
    Consent {
        /// Its signed consent, encoded.
        consent: Vec<u8>,
        /// The last ledger in which it says that it holds.
        until_ledger: u32,
    },
    /// It lacks some of the shards.
    Lacking(Vec<ShardRoot>),
}

/// A host's answer to a revision.
#[derive(Debug)]
pub enum ReviseAnswer {
    /// Its signature.
    Signed([u8; 64]),
    /// It lacks some of the shards that the revision adds.
    Lacking(Vec<ShardRoot>),
}

/// A window's answer on its way.
pub struct WindowStream {
    peer: PeerId,
    stream: BoxStream,
    a_leaf: tokio::time::Duration,
}

impl Client {
    /// Asks a host to join an escrow on these terms, for these shards.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn agree(
        &self,
        host: &HostContact,
        (terms, seat): (&EscrowTerms, &HostTerms),
        shards: &[(ShardRoot, u32)],
    ) -> Result<AgreeAnswer, ClientError> {
        let peer = host.peer;
        let request = Request::Agree {
            certificate: self.certificate.to_vec(),
            terms: WireTerms::of(terms),
            seat: WireSeat::of(seat),
            shards: counted(shards)?,
        };
        let mut stream = self.open(host, Route::Direct).await?;
        self.send(peer, &mut stream, &request).await?;
        match receive(peer, &mut stream, "look at terms", self.patient(ANSWER_DEADLINE)).await? {
            Response::Accepted => {}
            Response::Refused { reason } => return Err(ClientError::Refused { peer, reason }),
            _ => return Err(unexpected(peer, "Agree")),
        }
        self.send_list(peer, &mut stream, shards).await?;
        // It looks each of them up, and its ledger.
        match receive(peer, &mut stream, "consent", self.patient(STORED_DEADLINE)).await? {
            Response::Consent { consent, until_ledger } => Ok(AgreeAnswer::Consent { consent, until_ledger }),
            Response::Lacking { roots } if !roots.is_empty() && roots.len() <= MAX_ROOTS => {
                Ok(AgreeAnswer::Lacking(roots.into_iter().map(ShardRoot::from).collect()))
            }
            Response::Refused { reason } => Err(ClientError::Refused { peer, reason }),
            _ => Err(unexpected(peer, "Agree")),
        }
    }

    /// Asks a host to sign for other data: for these shards.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn revise(
        &self,
        host: &HostContact,
        place: Place,
        revision: WireRevision,
        shards: &[(ShardRoot, u32)],
    ) -> Result<ReviseAnswer, ClientError> {
        let peer = host.peer;
        let request = Request::Revise {
            certificate: self.certificate.to_vec(),
            escrow: WireKey(place.escrow.0),
            host: place.host,
            revision,
            shards: counted(shards)?,
        };
        let mut stream = self.open(host, Route::Direct).await?;
        self.send(peer, &mut stream, &request).await?;
        match receive(peer, &mut stream, "look at a revision", self.patient(ANSWER_DEADLINE)).await? {
            Response::Accepted => {}
            Response::Revised { signature } => return Ok(ReviseAnswer::Signed(signature)),
            Response::Refused { reason } => return Err(ClientError::Refused { peer, reason }),
            _ => return Err(unexpected(peer, "Revise")),
        }
        self.send_list(peer, &mut stream, shards).await?;
        match receive(peer, &mut stream, "sign a revision", self.patient(STORED_DEADLINE)).await? {
            Response::Revised { signature } => Ok(ReviseAnswer::Signed(signature)),
            Response::Lacking { roots } if !roots.is_empty() && roots.len() <= MAX_ROOTS => {
                Ok(ReviseAnswer::Lacking(roots.into_iter().map(ShardRoot::from).collect()))
            }
            Response::Refused { reason } => Err(ClientError::Refused { peer, reason }),
            _ => Err(unexpected(peer, "Revise")),
        }
    }

    async fn send_list(
        &self,
        peer: PeerId,
        stream: &mut BoxStream,
        shards: &[(ShardRoot, u32)],
    ) -> Result<(), ClientError> {
        let deadline = self.patient(STALL_DEADLINE);
        let slow = || ClientError::TooSlow { peer, step: "take a list", waited_s: deadline.as_secs() };
        for part in shards.chunks(LISTED_AT_ONCE) {
            let bytes: Vec<u8> = part.iter().flat_map(|(root, leaves)| listed_shard(root, *leaves)).collect();
            timeout(deadline, stream.write_all(&bytes))
                .await
                .map_err(|_| slow())?
                .map_err(|source| ClientError::Broken { peer, source })?;
        }
        let flushed = timeout(deadline, stream.flush()).await.map_err(|_| slow())?;
        flushed.map_err(|source| ClientError::Broken { peer, source })
    }

    /// Tells a host that the escrow is on the ledger.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn opened(
        &self,
        host: &HostContact,
        escrow: EscrowId,
        (seat, hosts): (&Seat, u8),
    ) -> Result<(), ClientError> {
        let request = Request::Opened {
            certificate: self.certificate.to_vec(),
            escrow: WireKey(escrow.0),
            path: seat.path.encode(),
            hosts,
        };
        match self.ask(host, &request).await? {
            Response::Taken => Ok(()),
            _ => Err(unexpected(host.peer, "Opened")),
        }
    }

    /// Asks a host to prove a window.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn window(
        &self,
        host: &HostContact,
        place: Place,
        (window, randomness): (u8, [u8; 32]),
    ) -> Result<WindowStream, ClientError> {
        let peer = host.peer;
        let request = Request::Window {
            certificate: self.certificate.to_vec(),
            escrow: WireKey(place.escrow.0),
            host: place.host,
            window,
            randomness: WireKey(randomness),
        };
        let mut stream = self.open(host, Route::Direct).await?;
        self.send(peer, &mut stream, &request).await?;
        let a_leaf = self.patient(ANSWER_DEADLINE);
        match receive(peer, &mut stream, "prove a window", a_leaf).await? {
            Response::Answering => Ok(WindowStream { peer, stream, a_leaf }),
            Response::Refused { reason } => Err(ClientError::Refused { peer, reason }),
            _ => Err(unexpected(peer, "Window")),
        }
    }

    /// Asks a host to sign for the end of an agreement.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn close(
        &self,
        host: &HostContact,
        place: Place,
        (to_host_stroops, until_unix_s): (u64, u64),
    ) -> Result<[u8; 64], ClientError> {
        let request = Request::Close {
            certificate: self.certificate.to_vec(),
            escrow: WireKey(place.escrow.0),
            host: place.host,
            to_host_stroops,
            until_unix_s,
        };
        match self.ask(host, &request).await? {
            Response::Closed { signature } => Ok(signature),
            _ => Err(unexpected(host.peer, "Close")),
        }
    }
}

/// How many shards a list has.
fn counted(shards: &[(ShardRoot, u32)]) -> Result<u32, ClientError> {
    let count = u32::try_from(shards.len()).ok().filter(|count| *count <= MAX_AGREED_SHARDS);
    count.ok_or_else(|| ClientError::OutOfBounds { reason: format!("{} shards", shards.len()) })
}

impl WindowStream {
    /// The next leaf.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn next(&mut self) -> Result<LeafAnswer, ClientError> {
        let (peer, waited_s) = (self.peer, self.a_leaf.as_secs());
        timeout(self.a_leaf, wire::read_frame(&mut self.stream))
            .await
            .map_err(|_| ClientError::TooSlow { peer, step: "prove a leaf", waited_s })?
            .map_err(|source| frame_error(peer, source))
    }

    /// Hands the receipt over, and waits until the host has written it down.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn hand_over(mut self, receipt: &Receipt) -> Result<(), ClientError> {
        let (peer, waited_s) = (self.peer, self.a_leaf.as_secs());
        timeout(self.a_leaf, wire::write_frame(&mut self.stream, &WireReceipt::of(receipt)))
            .await
            .map_err(|_| ClientError::TooSlow { peer, step: "take a receipt", waited_s })?
            .map_err(|source| frame_error(peer, source))?;
        match receive(peer, &mut self.stream, "take a receipt", self.a_leaf).await? {
            Response::Taken => Ok(()),
            Response::Refused { reason } => Err(ClientError::Refused { peer, reason }),
            _ => Err(unexpected(peer, "Window")),
        }
    }
}
