//! An owner's requests to its delegate.

use layr_keys::PeerId;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use super::{ANSWER_DEADLINE, Client, ClientError, HostContact, STALL_DEADLINE, STORED_DEADLINE};
use super::{frame_error, receive, unexpected};
use crate::net::{BoxStream, Route};
use crate::wire::{self, HostHint, ListItem, MAX_REPORTED, Request, Response, WireBytes};

/// What a delegate tells.
#[derive(Debug)]
pub struct DelegateReport {
    /// Encoded entries of its log.
    pub entries: Vec<WireBytes>,
    /// Where to reach hosts named in them.
    pub hosts: Vec<HostHint>,
    /// Whether there is nothing after these.
    pub is_last: bool,
}

/// A list on its way to a delegate.
pub struct ListStream {
    peer: PeerId,
    stream: BoxStream,
    deadline: tokio::time::Duration,
    stored_deadline: tokio::time::Duration,
}

impl Client {
    /// Asks a delegate to look after the list that is sent on the stream.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn entrust(
        &self,
        delegate: &HostContact,
        delegation: Vec<u8>,
    ) -> Result<ListStream, ClientError> {
        let peer = delegate.peer;
        let mut stream = self.open(delegate, Route::Direct).await?;
        let request = Request::Entrust { certificate: self.certificate.to_vec(), delegation };
        self.send(peer, &mut stream, &request).await?;
        match receive(peer, &mut stream, "take a list", self.patient(ANSWER_DEADLINE)).await? {
            Response::Accepted => Ok(ListStream {
                peer,
                stream,
                deadline: self.patient(STALL_DEADLINE),
                stored_deadline: self.patient(STORED_DEADLINE),
            }),
            Response::Refused { reason } => Err(ClientError::Refused { peer, reason }),
            _ => Err(unexpected(peer, "Entrust")),
        }
    }

    /// What became of what a delegate looks after, since the entry of its log that we have.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn report(&self, delegate: &HostContact, after: u64) -> Result<DelegateReport, ClientError> {
        let request = Request::Report { certificate: self.certificate.to_vec(), after };
        match self.ask_over(Route::Any, delegate, &request).await? {
            Response::Report { entries, hosts, is_last }
                if entries.len() <= MAX_REPORTED && hosts.len() <= MAX_REPORTED =>
            {
                Ok(DelegateReport { entries, hosts, is_last })
            }
            _ => Err(unexpected(delegate.peer, "Report")),
        }
    }

    /// Asks a delegate to forget us.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn release(&self, delegate: &HostContact) -> Result<(), ClientError> {
        let request = Request::Release { certificate: self.certificate.to_vec() };
        match self.ask_over(Route::Any, delegate, &request).await? {
            Response::Released => Ok(()),
            _ => Err(unexpected(delegate.peer, "Release")),
        }
    }
}

impl ListStream {
    /// Sends one part.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn send(&mut self, item: &ListItem) -> Result<(), ClientError> {
        let (peer, waited_s) = (self.peer, self.deadline.as_secs());
        let frame =
            zeroize::Zeroizing::new(wire::encode_frame(item).map_err(|error| frame_error(peer, error))?);
        timeout(self.deadline, self.stream.write_all(&frame))
            .await
            .map_err(|_| ClientError::TooSlow { peer, step: "take a list", waited_s })?
            .map_err(|source| ClientError::Broken { peer, source })
    }

    /// Ends the list; returns how many segments the delegate looks after.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn finish(mut self, segments: u64) -> Result<u64, ClientError> {
        let peer = self.peer;
        self.send(&ListItem::End { segments }).await?;
        self.stream.flush().await.map_err(|source| ClientError::Broken { peer, source })?;
        match receive(peer, &mut self.stream, "store a list", self.stored_deadline).await? {
            Response::Entrusted { segments } => Ok(segments),
            Response::Refused { reason } => Err(ClientError::Refused { peer, reason }),
            _ => Err(unexpected(peer, "Entrust")),
        }
    }
}
