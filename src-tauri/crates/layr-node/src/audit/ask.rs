//! The questions to one host, request by request, and what came of them.

use std::collections::BTreeMap;

use layr_codec::ShardRoot;
use tokio::time::sleep;

use super::judge::{Finding, judge};
use crate::api::CheckResult;
use crate::check::{Evidence, Findings, Looked};
use crate::client::{BUSY_ATTEMPTS, BUSY_WAIT, ClientError, HostContact, Verdict};
use crate::owner::Owner;
use crate::wire::{MAX_AUDITED_LEAVES, Question};

/// Answers in one round that count as progress of a host that wants to be asked later: it proves hundreds of leaves a second
/// to one owner, and a host that dawdles must not hold an audit up for hours.
const MIN_PROGRESS_LEAVES: u64 = 16;

/// What is known of a shard after the questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All leaves were proven: among them this one, which stayed without an answer before where one did.
    Passed(u32),
    Missing,
    Corrupt,
    /// This leaf was not answered.
    Open(u32),
    /// The question from before was answered, and another was not.
    OpenAnew {
        answered: u32,
        open: u32,
    },
}

impl Outcome {
    /// The host's own word and what it proved count as evidence.
    pub(crate) fn tell(self, looked: Looked, findings: &mut Findings) {
        match self {
            Self::Passed(leaf) => findings.add_proven(looked, leaf),
            Self::Missing => findings.add(looked, CheckResult::Missing, Evidence::Proof),
            Self::Corrupt => findings.add(looked, CheckResult::Corrupt, Evidence::Proof),
            Self::Open(leaf) => findings.add_open(looked, leaf),
            Self::OpenAnew { answered, open } => {
                findings.close(looked, answered);
                findings.add_open(looked, open);
            }
        }
    }
}

/// What one host said.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Every shard that it was asked about.
    pub(super) by_root: BTreeMap<ShardRoot, Outcome>,
    pub(super) proven_leaves: u64,
    answered_leaves: u64,
    pub(super) received_bytes: u64,
    /// Why it was given up before everything was asked.
    pub(super) given_up: Option<GivenUp>,
}

/// How a host ended its audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GivenUp {
    /// It never answered: nobody is there.
    Silent,
    /// It never answered, since it had too much to do.
    Busy,
    /// It refuses: it is there, and has nothing to show now.
    Refuses,
    /// It answered for a while.
    Later,
}

/// Where a question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The host did not get to it.
    ToCome,
    /// Its host was at it.
    Asked,
    /// Its host stalled at it: it is left alone, so that those behind it have their turn.
    Stalled,
}

/// A shard that is asked about.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    root: ShardRoot,
    shard_leaves: u32,
    /// A leaf that stayed without an answer before.
    pinned: Option<u32>,
    /// The leaf by which an answer to all of them is known: that one, or else the first.
    known_by: u32,
    /// Leaves without an answer, ascending.
    open: Vec<u32>,
    turn: Turn,
    is_missing: bool,
    is_corrupt: bool,
}

impl Asked {
    /// A question about `leaves` of a shard of `shard_leaves`, and about one that stayed open before.
    pub(super) fn new(root: ShardRoot, shard_leaves: u32, mut leaves: Vec<u32>, pinned: Option<u32>) -> Self {
        let pinned = pinned.filter(|leaf| *leaf < shard_leaves);
        leaves.extend(pinned);
        leaves.sort_unstable();
        leaves.dedup();
        Self {
            root,
            shard_leaves,
            pinned,
            known_by: pinned.or_else(|| leaves.first().copied()).unwrap_or(0),
            open: leaves,
            turn: Turn::ToCome,
            is_missing: false,
            is_corrupt: false,
        }
    }

    /// What the answers say of the shard: the worst of them.
    fn outcome(&self) -> Outcome {
        let still = self.pinned.filter(|leaf| self.open.contains(leaf));
        match (still, self.open.first()) {
            _ if self.is_corrupt => Outcome::Corrupt,
            _ if self.is_missing => Outcome::Missing,
            (_, None) => Outcome::Passed(self.known_by),
            (Some(leaf), _) => Outcome::Open(leaf),
            (None, Some(leaf)) if self.pinned.is_none() => Outcome::Open(*leaf),
            (None, Some(open)) => Outcome::OpenAnew { answered: self.known_by, open: *open },
        }
    }
}

/// Asks a host about shards, which ascend by root, until it has answered or does not answer any more.
pub(super) async fn ask(owner: &Owner, host: &HostContact, mut shards: Vec<Asked>) -> Answers {
    let mut answers = Answers::default();
    let mut rest = shards.as_mut_slice();
    while !rest.is_empty() {
        let (request, after) = rest.split_at_mut(fitting(rest));
        if let Err(error) = ask_patiently(owner, host, request, &mut answers).await {
            tracing::debug!(host = %host.peer, %error, "an audit ended early");
            owner.hosts().note_failure(host.peer, &error);
            answers.given_up = Some(match error.verdict() {
                _ if answers.answered_leaves > 0 => GivenUp::Later,
                Verdict::Busy => GivenUp::Busy,
                _ if is_silence(&error) => GivenUp::Silent,
                _ => GivenUp::Refuses,
            });
            break;
        }
        rest = after;
    }
    // Who was never asked has left nothing unanswered.
    answers.by_root = shards
        .iter()
        .filter(|shard| shard.turn != Turn::ToCome)
        .map(|shard| (shard.root, shard.outcome()))
        .collect();
    answers
}

/// What is known of shards whose host is not asked, since it did not answer a moment ago.
pub(super) fn unasked(shards: &[Asked]) -> Answers {
    let by_root = shards.iter().map(|shard| (shard.root, shard.outcome())).collect();
    Answers { by_root, given_up: Some(GivenUp::Silent), ..Answers::default() }
}

/// How many of the next shards one request can ask about; at least one.
fn fitting(shards: &[Asked]) -> usize {
    let mut leaves = 0;
    let fits = shards.iter().take_while(|shard| {
        leaves += shard.open.len();
        leaves <= MAX_AUDITED_LEAVES
    });
    fits.count().max(1)
}

/// Repeats a request while the host is busy or the stream breaks, a few times in a row without progress.
async fn ask_patiently(
    owner: &Owner,
    host: &HostContact,
    shards: &mut [Asked],
    answers: &mut Answers,
) -> Result<(), ClientError> {
    let (mut attempts, mut wait) = (0, BUSY_WAIT);
    loop {
        let (before, stalled) = (answers.answered_leaves, stalled_shards(shards));
        let outcome = ask_once(owner, host, shards, answers).await;
        let answered = answers.answered_leaves - before;
        if answered > 0 {
            owner.hosts().note_alive(host.peer);
        }
        if shards.iter().all(|shard| shard.open.is_empty() || shard.turn == Turn::Stalled) {
            return Ok(());
        }
        (attempts, wait) =
            if answered >= MIN_PROGRESS_LEAVES { (1, BUSY_WAIT) } else { (attempts + 1, wait) };
        let goes_on = answered > 0 || stalled_shards(shards) > stalled;
        match outcome {
            Err(error) if attempts >= BUSY_ATTEMPTS || !(goes_on || is_passing(&error)) => return Err(error),
            Ok(()) if attempts >= BUSY_ATTEMPTS => return Ok(()),
            _ => {}
        }
        sleep(wait).await;
        wait *= 2;
    }
}

fn stalled_shards(shards: &[Asked]) -> usize {
    shards.iter().filter(|shard| shard.turn == Turn::Stalled).count()
}

/// Whether the next moment may bring another answer.
fn is_passing(error: &ClientError) -> bool {
    error.verdict() == Verdict::Busy || matches!(error, ClientError::Broken { .. })
}

/// Whether nobody was there. Who refuses is.
fn is_silence(error: &ClientError) -> bool {
    matches!(error, ClientError::Open(_) | ClientError::Broken { .. } | ClientError::TooSlow { .. })
        && error.verdict() != Verdict::Busy
}

/// One request about what is open. What came before an error counts.
async fn ask_once(
    owner: &Owner,
    host: &HostContact,
    shards: &mut [Asked],
    answers: &mut Answers,
) -> Result<(), ClientError> {
    let open = |shard: &&mut Asked| !shard.open.is_empty() && shard.turn != Turn::Stalled;
    let questions = shards.iter().filter(|shard| !shard.open.is_empty() && shard.turn != Turn::Stalled);
    let questions = questions.map(|shard| Question { root: shard.root.into(), leaves: shard.open.clone() });
    let mut stream = owner.client().audit(host, questions.collect()).await?;
    let mut outcome = Ok(());
    'shards: for shard in shards.iter_mut().filter(open) {
        shard.turn = Turn::Asked;
        let leaves = std::mem::take(&mut shard.open);
        for (number, leaf) in leaves.iter().copied().enumerate() {
            let answer = match stream.next().await {
                Ok(answer) => answer,
                Err(error) => {
                    shard.open.extend(leaves.iter().skip(number));
                    if matches!(error, ClientError::TooSlow { .. }) {
                        shard.turn = Turn::Stalled;
                    }
                    outcome = Err(error);
                    break 'shards;
                }
            };
            let finding = judge(&shard.root, shard.shard_leaves, leaf, &answer);
            answers.answered_leaves += u64::from(finding != Finding::Open);
            match finding {
                Finding::Proven => answers.proven_leaves += 1,
                Finding::Missing => shard.is_missing = true,
                Finding::Corrupt => shard.is_corrupt = true,
                Finding::Open => shard.open.push(leaf),
            }
        }
    }
    answers.received_bytes += stream.received_bytes();
    outcome
}

#[cfg(test)]
mod tests {
    use layr_codec::ShardRoot;

    use super::{Asked, Outcome};

    /// Which question an outcome answers: the one that was put, and no other.
    #[test]
    fn an_outcome_names_the_leaf_that_it_answers() {
        let of = |leaves: &[u32], pinned, open: &[u32]| {
            let mut asked = Asked::new(ShardRoot::from_bytes([1; 32]), 16, leaves.to_vec(), pinned);
            asked.open = open.to_vec();
            asked.outcome()
        };
        assert_eq!(of(&[3, 8], Some(5), &[]), Outcome::Passed(5));
        assert_eq!(of(&[3, 8], None, &[]), Outcome::Passed(3));
        assert_eq!(of(&[3, 8], Some(5), &[3, 5]), Outcome::Open(5));
        assert_eq!(of(&[3, 8], Some(5), &[8]), Outcome::OpenAnew { answered: 5, open: 8 });
        assert_eq!(of(&[3, 8], None, &[8]), Outcome::Open(8));
    }
}
