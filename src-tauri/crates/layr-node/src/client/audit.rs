//! The answers to an audit on their way back.

use layr_keys::PeerId;
use tokio::time::{Duration, Instant, timeout_at};

use super::{ANSWER_DEADLINE, Client, ClientError, HostContact, frame_error, receive, unexpected};
use crate::net::{BoxStream, Route};
use crate::wire::{self, LeafAnswer, Question, Request, Response};

/// What a host may take for each leaf in the middle: it reads and hashes up to 1 MiB, behind others. An honest host is far
/// quicker; one that has to fetch the shard from elsewhere first is not.
const LEAF_DEADLINE: Duration = Duration::from_millis(100);

/// Answers to the leaves asked for, in that order.
pub struct AuditStream {
    peer: PeerId,
    stream: BoxStream,
    /// For one answer, and for all of them.
    a_leaf: Duration,
    ends_at: Instant,
    received_bytes: u64,
    leaves_in_s: Option<u32>,
}

impl Client {
    /// Asks a host to prove leaves of shards.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn audit(
        &self,
        host: &HostContact,
        questions: Vec<Question>,
    ) -> Result<AuditStream, ClientError> {
        if !wire::is_well_formed(&questions) {
            return Err(ClientError::OutOfBounds { reason: "leaves to be proven".to_owned() });
        }
        let leaves: usize = questions.iter().map(|question| question.leaves.len()).sum();
        let for_leaves = LEAF_DEADLINE.saturating_mul(u32::try_from(leaves).unwrap_or(u32::MAX));
        let mut stream = self.open(host, Route::Direct).await?;
        self.send(host.peer, &mut stream, &Request::Audit { questions }).await?;
        let a_leaf = self.patient(ANSWER_DEADLINE);
        let ends_at = Instant::now() + self.patient(ANSWER_DEADLINE + for_leaves);
        match receive(host.peer, &mut stream, "begin an audit", a_leaf).await? {
            Response::Auditing { leaves_in_s } if wire::is_leave_bounded(leaves_in_s) => {
                Ok(AuditStream { peer: host.peer, stream, a_leaf, ends_at, received_bytes: 0, leaves_in_s })
            }
            Response::Refused { reason } => Err(ClientError::Refused { peer: host.peer, reason }),
            _ => Err(unexpected(host.peer, "Audit")),
        }
    }
}

impl AuditStream {
    /// The next answer.
    ///
    /// # Errors
    /// [`ClientError`]: what is still open stays open.
    pub async fn next(&mut self) -> Result<LeafAnswer, ClientError> {
        let deadline = self.ends_at.min(Instant::now() + self.a_leaf);
        let read = timeout_at(deadline, wire::read_frame(&mut self.stream)).await;
        let answer = read
            .map_err(|_| ClientError::TooSlow {
                peer: self.peer,
                step: "prove a leaf",
                waited_s: self.a_leaf.as_secs(),
            })?
            .map_err(|source| frame_error(self.peer, source))?;
        if let LeafAnswer::Proven { leaf, path } = &answer {
            self.received_bytes += (leaf.len() + path.len()) as u64;
        }
        Ok(answer)
    }

    /// In how many seconds the host stops; none of one that stays.
    pub fn leaves_in_s(&self) -> Option<u32> {
        self.leaves_in_s
    }

    /// Bytes of leaves and paths received.
    pub fn received_bytes(&self) -> u64 {
        self.received_bytes
    }
}
