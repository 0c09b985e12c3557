//! The questions to one host, request by request, and what came of them.

use std::collections::BTreeMap;

use layr_codec::ShardRoot;
use tokio::time::{Instant, sleep, timeout_at};

use super::judge::{Finding, judge};
use crate::api::CheckResult;
use crate::check::{Evidence, Findings, Looked};
use crate::client::{BUSY_ATTEMPTS, BUSY_WAIT, ClientError, HostContact, Verdict};
use crate::owner::Owner;
use crate::wire::{MAX_AUDITED_LEAVES, Question};

/// Answers in one round that count as progress of a host that wants to be asked later: it proves hundreds of leaves a second
/// to one owner, and a host that dawdles must not hold an audit up for hours.
const MIN_PROGRESS_LEAVES: u64 = 16;
/// How often the answers break off at the same shard before it is passed over: once is a bad line.
const BREAKS_TO_STALL: u8 = 2;
/// Shards of one request that are passed over for that without counting as attempts: a host that breaks off wherever it has
/// nothing to show must not hide what lies behind, nor hold an audit up for long.
const MAX_PASSED_OVER: usize = 64;

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
    /// Answers of any kind.
    heard_leaves: u64,
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
    /// It answered for a while, or for all the time there was: what it was not asked by then is asked another time.
    Later,
}

/// Why a request ended before everything was answered.
#[derive(Debug, thiserror::Error)]
enum Ended {
    /// By the host or on the way.
    #[error(transparent)]
    Failed(#[from] ClientError),
    /// By us.
    #[error("the time for its questions is over")]
    OutOfTime,
}

/// Where a question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The host did not get to it.
    ToCome,
    /// Its host was at it.
    Asked,
    /// Its host stalled at it, or broke off at it again: it is left alone, so that those behind it have their turn.
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
    /// How often the answers broke off at it.
    breaks: u8,
    is_missing: bool,
    is_corrupt: bool,
}

impl Asked {
    /// A question about `leaves` of a shard of `shard_leaves`, and about one that stayed open before, if the shard has it. Without
    /// any leaf nothing is asked, and nothing comes out.
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
            breaks: 0,
            is_missing: false,
            is_corrupt: false,
        }
    }

    /// Takes that the answers ended at this shard. That our time was over says nothing about it.
    fn note_end(&mut self, ended: &Ended) {
        match ended {
            Ended::OutOfTime => {}
            Ended::Failed(ClientError::TooSlow { .. }) => self.turn = Turn::Stalled,
            Ended::Failed(_) => {
                self.breaks = self.breaks.saturating_add(1);
                if self.breaks >= BREAKS_TO_STALL {
                    self.turn = Turn::Stalled;
                }
            }
        }
    }

    fn is_settled(&self) -> bool {
        self.open.is_empty() || self.turn == Turn::Stalled
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
pub(super) async fn ask(owner: &Owner, host: &HostContact, shards: Vec<Asked>) -> Answers {
    ask_until(owner, host, shards, None).await
}

/// As [`ask`], until `ends_at` at the latest. What came by then counts, and what was not asked by then is not told.
pub(super) async fn ask_until(
    owner: &Owner,
    host: &HostContact,
    mut shards: Vec<Asked>,
    ends_at: Option<Instant>,
) -> Answers {
    shards.retain(|shard| !shard.open.is_empty());
    let mut answers = Answers::default();
    let mut rest = shards.as_mut_slice();
    while !rest.is_empty() {
        let (request, after) = rest.split_at_mut(fitting(rest));
        if let Err(ended) = ask_patiently(owner, host, request, &mut answers, ends_at).await {
            tracing::debug!(host = %host.peer, %ended, "an audit ended early");
            if let Ended::Failed(error) = &ended {
                owner.hosts().note_failure(host.peer, error);
            }
            answers.given_up = Some(given_up(&ended, &answers));
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
    let asked = shards.iter().filter(|shard| !shard.open.is_empty());
    let by_root = asked.map(|shard| (shard.root, shard.outcome())).collect();
    Answers { by_root, given_up: Some(GivenUp::Silent), ..Answers::default() }
}

/// Who answers until our time is over is there, whatever the answers are.
fn given_up(ended: &Ended, answers: &Answers) -> GivenUp {
    match ended {
        Ended::OutOfTime if answers.heard_leaves > 0 => GivenUp::Later,
        Ended::OutOfTime => GivenUp::Silent,
        Ended::Failed(_) if answers.answered_leaves > 0 => GivenUp::Later,
        Ended::Failed(error) if error.verdict() == Verdict::Busy => GivenUp::Busy,
        Ended::Failed(error) if is_silence(error) => GivenUp::Silent,
        Ended::Failed(_) => GivenUp::Refuses,
    }
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
    ends_at: Option<Instant>,
) -> Result<(), Ended> {
    let (mut attempts, mut wait) = (0, BUSY_WAIT);
    loop {
        if ends_at.is_some_and(|ends_at| ends_at <= Instant::now()) {
            return Err(Ended::OutOfTime);
        }
        let (before, stalled, broken) = (answers.answered_leaves, stalled_shards(shards), breaks(shards));
        let outcome = ask_once(owner, host, shards, answers, ends_at).await;
        let answered = answers.answered_leaves - before;
        if answered > 0 {
            owner.hosts().note_alive(host.peer);
        }
        if shards.iter().all(Asked::is_settled) {
            return Ok(());
        }
        let has_broken = breaks(shards) > broken;
        let now_stalled = stalled_shards(shards);
        let is_passed_over = has_broken && now_stalled > stalled && now_stalled <= MAX_PASSED_OVER;
        (attempts, wait) = if answered >= MIN_PROGRESS_LEAVES || is_passed_over {
            (1, BUSY_WAIT)
        } else {
            (attempts + 1, wait)
        };
        let goes_on = answered > 0 || now_stalled > stalled || has_broken;
        match outcome {
            Err(ended) if attempts >= BUSY_ATTEMPTS || !(goes_on || is_passing(&ended)) => return Err(ended),
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

/// How often the answers broke off in the middle.
fn breaks(shards: &[Asked]) -> u32 {
    shards.iter().map(|shard| u32::from(shard.breaks)).sum()
}

/// Whether the next moment may bring another answer.
fn is_passing(ended: &Ended) -> bool {
    match ended {
        Ended::Failed(error) => {
            error.verdict() == Verdict::Busy || matches!(error, ClientError::Broken { .. })
        }
        Ended::OutOfTime => false,
    }
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
    ends_at: Option<Instant>,
) -> Result<(), Ended> {
    let questions = shards.iter().filter(|shard| !shard.is_settled());
    let questions = questions.map(|shard| Question { root: shard.root.into(), leaves: shard.open.clone() });
    let mut stream = within(ends_at, owner.client().audit(host, questions.collect())).await?;
    owner.hosts().note_leaving(host.peer, stream.leaves_in_s()).await;
    let mut outcome = Ok(());
    'shards: for shard in shards.iter_mut().filter(|shard| !shard.is_settled()) {
        shard.turn = Turn::Asked;
        let leaves = std::mem::take(&mut shard.open);
        for (number, leaf) in leaves.iter().copied().enumerate() {
            let answer = match within(ends_at, stream.next()).await {
                Ok(answer) => answer,
                Err(ended) => {
                    shard.open.extend(leaves.iter().skip(number));
                    shard.note_end(&ended);
                    outcome = Err(ended);
                    break 'shards;
                }
            };
            answers.heard_leaves += 1;
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

/// A step of a request, for no longer than there is time. Only the step is dropped then: what came before it is kept.
async fn within<T>(
    ends_at: Option<Instant>,
    step: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, Ended> {
    match ends_at {
        Some(ends_at) => Ok(timeout_at(ends_at, step).await.map_err(|_| Ended::OutOfTime)??),
        None => Ok(step.await?),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use layr_codec::ShardRoot;
    use layr_keys::PeerId;
    use tokio::time::{Duration, Instant};

    use super::{Answers, Asked, Ended, GivenUp, Outcome, Turn, given_up, unasked, within};
    use crate::client::ClientError;

    fn broken() -> Ended {
        let source = std::io::ErrorKind::ConnectionReset.into();
        ClientError::Broken { peer: PeerId::from_bytes([1; 32]), source }.into()
    }

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

    /// A leaf that the shard does not have is no question, and no question is no answer.
    #[test]
    fn without_a_leaf_nothing_is_asked_and_nothing_comes_out() {
        let asked = |leaves, pinned| Asked::new(ShardRoot::from_bytes([1; 32]), 16, leaves, pinned);
        assert!(unasked(&[asked(vec![], Some(16))]).by_root.is_empty());
        let outcomes = |shard| unasked(&[shard]).by_root.into_values().collect::<Vec<_>>();
        assert_eq!(outcomes(asked(vec![], Some(15))), [Outcome::Open(15)]);
        assert_eq!(outcomes(asked(vec![3], Some(16))), [Outcome::Open(3)]);
    }

    #[test]
    fn a_shard_is_passed_over_at_the_second_break_and_at_once_when_its_host_hangs() {
        let asked = || Asked::new(ShardRoot::from_bytes([1; 32]), 16, vec![3], None);
        let slow =
            ClientError::TooSlow { peer: PeerId::from_bytes([1; 32]), step: "prove a leaf", waited_s: 10 };
        let (mut breaks, mut hangs) = (asked(), asked());
        breaks.note_end(&broken());
        breaks.note_end(&Ended::OutOfTime);
        assert_eq!(breaks.turn, Turn::ToCome, "once is a bad line");
        breaks.note_end(&broken());
        hangs.note_end(&Ended::from(slow));
        assert_eq!((breaks.turn, hangs.turn), (Turn::Stalled, Turn::Stalled));
    }

    /// A host with more of our shards than there is time for is not silent.
    #[test]
    fn a_host_that_answers_until_the_time_is_over_is_there() {
        let heard =
            |heard_leaves, answered_leaves| Answers { answered_leaves, heard_leaves, ..Answers::default() };
        assert_eq!(given_up(&Ended::OutOfTime, &heard(9, 9)), GivenUp::Later);
        assert_eq!(given_up(&Ended::OutOfTime, &heard(9, 0)), GivenUp::Later, "to put off is an answer");
        assert_eq!(given_up(&Ended::OutOfTime, &heard(0, 0)), GivenUp::Silent);
        assert_eq!(given_up(&broken(), &heard(9, 9)), GivenUp::Later);
        assert_eq!(given_up(&broken(), &heard(0, 0)), GivenUp::Silent);
    }

    #[tokio::test(start_paused = true)]
    async fn no_step_takes_longer_than_there_is_time() {
        let ends_at = Some(Instant::now() + Duration::from_mins(10));
        let ended = within(ends_at, pending::<Result<(), ClientError>>()).await;
        assert!(matches!(ended, Err(Ended::OutOfTime)));
        assert!(matches!(within(None, ready(Ok::<_, ClientError>(7))).await, Ok(7)));
    }
}
