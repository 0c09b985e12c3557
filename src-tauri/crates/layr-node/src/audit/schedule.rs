//! Audits without being asked: a sample of every host's shards each day, a leaf of every shard each week, and open questions
//! again when their wait is over.
//!
//! A look a minute at a few hosts, so that nothing comes in a storm, not after a sleep of weeks either. What is due the library
//! knows, so that a restart forgets nothing. While our own network is in doubt nothing is recorded and nothing ends: hosts are
//! only called to see whether one answers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{StreamExt, stream};
use layr_codec::LEAF_BYTES;
use layr_keys::PeerId;
use layr_library::{AskedShard, FailedCopy, HeldShard, HostDue, HostLook, HostPresence};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::ask::{Answers, Asked, GivenUp, ask_until};
use super::doubt::{Doubt, IN_A_ROW};
use super::draw;
use crate::activity::{Activity, words};
use crate::api::CheckReport;
use crate::background::TaskReport;
use crate::check::{CheckError, Findings, Looked, Told};
use crate::net::Route;
use crate::owner::Owner;

/// Time between two looks, and before the first: a computer that has just woken up finds its network first.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Hosts asked in one look: a hundred hosts have their daily sample within half an hour.
const HOSTS_PER_LOOK: usize = 4;
/// Longest time for the questions to one host: thousands of leaves on a slow line, and a bound for a host that dawdles. What it
/// answered by then counts.
const HOST_DEADLINE: Duration = Duration::from_mins(10);
/// Daily looks in a row at which a host may have too much to do. From then on it has nothing to show: who never answers an audit
/// would else be healthy for ever.
const BUSY_DAYS: u32 = 3;
/// Leaves of a daily sample over all shards of a host. A loss of 1 % is found within 30 days with 99.8 %, one of 5 % within 7
/// days with 99.9 %.
pub(super) const SAMPLE_LEAVES: u32 = 20;
/// Days from one leaf of a shard to the next: a day less than a week, so that the sample after next would be too late.
pub(super) const DAYS_PER_LEAF: u64 = 6;
/// A shard of which nothing was proven for so long is asked for a leaf with the daily sample.
const PROVEN_FOR_S: u64 = DAYS_PER_LEAF * 24 * 60 * 60;
/// Shards asked for their weekly leaf in one look at a host: the share of a day, and never fewer than this.
const FEWEST_WEEKLY: usize = 256;
/// Most shards asked for a leaf of their own in one look at a host, which reads 64 of them a second for one owner: less than half of
/// [`HOST_DEADLINE`]. It is the share of a day of 98 000 shards, which take 384 GiB there.
const MOST_SHARDS: usize = 16 * 1024;

/// Looks after hosts until cancelled.
pub(crate) async fn check_hosts(
    owner: Owner,
    activity: Activity,
    cancel: CancellationToken,
    task: TaskReport,
) {
    let mut doubt = Doubt::default();
    if !owner.audit_budget().is_enabled() {
        return cancel.cancelled().await;
    }
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        task.working();
        let looked = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            looked = look(&owner, &mut doubt) => looked,
        };
        task.ended(&looked);
        match looked {
            Ok(failed) if failed.is_empty() => {}
            Ok(failed) => {
                owner.library_changed();
                tell(&activity, &failed).await;
            }
            Err(error) => tracing::warn!(%error, "hosts could not be audited"),
        }
    }
}

/// One look. Returns the copies that failed.
pub(crate) async fn look(owner: &Owner, doubt: &mut Doubt) -> Result<Vec<FailedCopy>, CheckError> {
    let now_unix_s = owner.now_unix_s();
    let us = owner.client().local_peer();
    // Of more than these it makes no difference how many there are. A delegate may hold shards of those that it looks after, and cannot
    // call itself.
    let holders = owner.library_job(|library| library.holders(IN_A_ROW + 1)).await??;
    let holders = holders.iter().filter(|(peer, _)| *peer != us).count();
    if holders == 0 {
        return Ok(Vec::new());
    }
    let was_in_doubt = doubt.is_there(holders);
    owner.library_job(move |library| library.note_look(now_unix_s, was_in_doubt)).await??;
    if was_in_doubt {
        call(owner, &[us], doubt).await?;
        return Ok(Vec::new());
    }
    if !owner.audit_budget().has_any() {
        return Ok(Vec::new());
    }
    let mut due = owner.library_job(|library| library.hosts_to_audit(HOSTS_PER_LOOK + 1)).await??;
    due.retain(|host| host.peer != us);
    due.truncate(HOSTS_PER_LOOK);
    let mut answered = Vec::new();
    let mut asked = std::pin::pin!(
        stream::iter(due.into_iter().map(|host| audit_host(owner, host))).buffer_unordered(HOSTS_PER_LOOK)
    );
    while let Some(host) = asked.next().await {
        let host = host?;
        owner.audit_budget().spend(host.answers.received_bytes);
        answered.push(host);
    }
    // One answer says that we are there, whenever it came.
    answered.sort_by_key(|host| !host.is_silent());
    for host in &answered {
        doubt.note(host.peer, !host.is_silent());
    }
    if doubt.is_there(holders) {
        let asked: Vec<PeerId> = answered.iter().map(|host| host.peer).chain([us]).collect();
        call(owner, &asked, doubt).await?;
    }
    let is_in_doubt = doubt.is_there(holders);
    let mut failed = Vec::new();
    for host in answered {
        // A host that did not answer may be there, and we are not.
        if !(is_in_doubt && host.is_silent()) {
            failed.extend(host.record(owner).await?);
        }
    }
    if !is_in_doubt {
        failed.extend(owner.library_job(layr_library::Library::write_off).await??);
    }
    Ok(failed)
}

/// Calls some hosts beside those that were asked just now, others each time, until one answers.
async fn call(owner: &Owner, asked: &[PeerId], doubt: &mut Doubt) -> Result<(), CheckError> {
    let mut holders = owner.library_job(|library| library.holders(usize::MAX)).await??;
    holders.retain(|(peer, _)| !asked.contains(peer));
    let mut number = [0; 8];
    owner.surroundings().entropy.fill(&mut number)?;
    let start = usize::try_from(u64::from_be_bytes(number) % (holders.len().max(1) as u64)).unwrap_or(0);
    for (peer, addresses) in holders.iter().cycle().skip(start).take(HOSTS_PER_LOOK.min(holders.len())) {
        let contact = owner.hosts().contact(*peer, addresses);
        let is_there = owner.client().offer(&contact, Route::Any).await.is_ok();
        doubt.note(*peer, is_there);
        if is_there {
            return Ok(());
        }
    }
    Ok(())
}

/// What a host was asked, and what it said.
struct AuditedHost {
    peer: PeerId,
    is_sample: bool,
    busy_in_a_row: u32,
    shards: Vec<HeldShard>,
    answers: Answers,
}

async fn audit_host(owner: &Owner, due: HostDue) -> Result<AuditedHost, CheckError> {
    let HostDue { peer, addresses, is_sample_due, busy_in_a_row } = due;
    let shards = owner.library_job(move |library| library.held_by(&peer)).await??;
    let mut challenge = [0; 32];
    owner.surroundings().entropy.fill(&mut challenge)?;
    let leaves = questions(&challenge, &shards, is_sample_due);
    let asked = leaves.into_iter().filter_map(|(at, leaves)| {
        let shard = shards.get(at)?;
        Some(Asked::new(shard.root, leaf_count(shard), leaves, shard.open_leaf))
    });
    let contact = owner.hosts().contact(peer, &addresses);
    let ends_at = Instant::now() + HOST_DEADLINE;
    let answers = ask_until(owner, &contact, asked.collect(), Some(ends_at)).await;
    Ok(AuditedHost { peer, is_sample: is_sample_due, busy_in_a_row, shards, answers })
}

impl AuditedHost {
    fn is_silent(&self) -> bool {
        self.answers.given_up == Some(GivenUp::Silent)
    }

    /// Records it. Of a host that does not answer, or has nothing to show, all shards are out of reach, each with a question of
    /// its own. One that has too much to do is asked another time for [`BUSY_DAYS`], and so is one that answered for a while about what nobody got
    /// to.
    async fn record(mut self, owner: &Owner) -> Result<Vec<FailedCopy>, CheckError> {
        let is_busy = self.answers.given_up == Some(GivenUp::Busy);
        let is_excused = is_busy && self.busy_in_a_row < BUSY_DAYS;
        if is_busy {
            self.answers.by_root.clear();
        }
        let has_nothing = matches!(self.answers.given_up, Some(GivenUp::Silent | GivenUp::Refuses));
        if has_nothing || (is_busy && !is_excused) {
            let mut challenge = [0; 32];
            owner.surroundings().entropy.fill(&mut challenge)?;
            let rest = self.shards.iter().filter(|shard| !self.answers.by_root.contains_key(&shard.root));
            let rest: Vec<Asked> = rest
                .map(|shard| {
                    let leaves = draw::of_each(&challenge, &shard.root, leaf_count(shard), 1);
                    Asked::new(shard.root, leaf_count(shard), leaves, shard.open_leaf)
                })
                .collect();
            self.answers.by_root.extend(super::unasked(&rest).by_root);
        }
        let mut findings = Findings::new(Told::Counts);
        // Whether our network is there was judged before.
        findings.host_answered();
        for shard in &self.shards {
            let looked = Looked {
                segment: shard.segment,
                index: shard.index,
                host: Some(self.peer),
                shard: Some(AskedShard { root: shard.root, shard_bytes: shard.shard_bytes }),
            };
            if let Some(outcome) = self.answers.by_root.get(&shard.root) {
                outcome.tell(looked, &mut findings);
            }
        }
        findings.record(owner).await?;
        let look = HostLook {
            is_sample: self.is_sample,
            presence: match self.answers.given_up {
                Some(GivenUp::Silent) => HostPresence::Away,
                Some(GivenUp::Busy) => HostPresence::Busy,
                _ => HostPresence::There,
            },
            proven_leaves: self.answers.proven_leaves,
        };
        let peer = self.peer;
        owner.library_job(move |library| library.note_host_look(&peer, &look)).await??;
        let CheckReport { passed, failed, unreachable, .. } = findings.report();
        tracing::debug!(host = %self.peer, passed, failed, unreachable, "a host was audited");
        Ok(findings.failed().to_vec())
    }
}

/// Which leaves of which shards are asked for, by the shards' places in the list.
fn questions(challenge: &[u8; 32], shards: &[HeldShard], is_sample_due: bool) -> BTreeMap<usize, Vec<u32>> {
    let mut questions: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    let mut single: BTreeSet<usize> =
        shards.iter().enumerate().filter(|(_, shard)| shard.is_due).map(|(at, _)| at).collect();
    if is_sample_due {
        let counts: Vec<u64> = shards.iter().map(|shard| u64::from(leaf_count(shard))).collect();
        for (shard, leaf) in draw::sample(challenge, &counts, SAMPLE_LEAVES) {
            questions.entry(shard).or_default().push(leaf);
        }
        let mut weekly: Vec<(u64, usize)> = shards
            .iter()
            .enumerate()
            .map(|(at, shard)| (shard.proven_ago_s.unwrap_or(u64::MAX), at))
            .filter(|(ago_s, at)| *ago_s >= PROVEN_FOR_S && !questions.contains_key(at))
            .collect();
        weekly.sort_unstable_by(|left, right| right.cmp(left));
        weekly.truncate(shards.len().div_ceil(6).max(FEWEST_WEEKLY));
        single.extend(weekly.into_iter().map(|(_, at)| at));
    }
    for (at, shard) in most_urgent(shards, &single) {
        let leaves = questions.entry(at).or_default();
        // An open leaf that the shard does not have asks nothing.
        let is_open = shard.open_leaf.is_some_and(|leaf| leaf < leaf_count(shard));
        if leaves.is_empty() && !is_open {
            leaves.extend(draw::of_each(challenge, &shard.root, leaf_count(shard), 1));
        }
    }
    questions
}

/// The shards at these places, as many as one look can ask about: first those whose question is due, of which each waits its time
/// once it is put, then those of which nothing was proven for the longest time.
fn most_urgent<'a>(shards: &'a [HeldShard], places: &BTreeSet<usize>) -> Vec<(usize, &'a HeldShard)> {
    let mut urgent: Vec<(usize, &HeldShard)> =
        places.iter().filter_map(|at| shards.get(*at).map(|shard| (*at, shard))).collect();
    if urgent.len() > MOST_SHARDS {
        urgent.sort_by_key(|(_, shard)| Reverse((shard.is_due, shard.proven_ago_s.unwrap_or(u64::MAX))));
        urgent.truncate(MOST_SHARDS);
    }
    urgent
}

fn leaf_count(shard: &HeldShard) -> u32 {
    u32::try_from(shard.shard_bytes / LEAF_BYTES as u64).unwrap_or(u32::MAX)
}

pub(super) async fn tell(activity: &Activity, failed: &[FailedCopy]) {
    let mut by_host: BTreeMap<PeerId, u64> = BTreeMap::new();
    for copy in failed {
        *by_host.entry(copy.host).or_default() += 1;
        tracing::info!(segment = %copy.segment, index = copy.index, root = %copy.root, host = %copy.host, failure = ?copy.failure, "a copy failed");
    }
    for (host, copies) in by_host {
        activity.note(words::copies_failed(&host, copies)).await;
    }
}

#[cfg(test)]
mod tests {
    use layr_codec::{SegmentId, ShardRoot};
    use layr_library::HeldShard;

    use super::{FEWEST_WEEKLY, MOST_SHARDS, PROVEN_FOR_S, SAMPLE_LEAVES, questions};

    fn shards(count: u32, proven_ago_s: Option<u64>) -> Vec<HeldShard> {
        (0..count)
            .map(|number| {
                let mut root = [0; 32];
                root[..4].copy_from_slice(&number.to_be_bytes());
                HeldShard {
                    segment: SegmentId::from_bytes([1; 16]),
                    index: 0,
                    root: ShardRoot::from_bytes(root),
                    shard_bytes: 4 * 1024 * 1024,
                    open_leaf: None,
                    is_due: false,
                    proven_ago_s,
                }
            })
            .collect()
    }

    #[test]
    fn a_sample_is_drawn_over_all_shards() {
        let shards = shards(100_000, Some(0));
        let asked = questions(&[3; 32], &shards, true);
        assert_eq!(asked.values().map(Vec::len).sum::<usize>(), SAMPLE_LEAVES as usize);
        assert!(asked.len() >= 19, "hardly ever two of one shard");
        assert!(questions(&[3; 32], &shards, false).is_empty());
    }

    #[test]
    fn shards_without_a_proof_for_a_week_are_asked_in_shares_of_a_day() {
        let recent = questions(&[3; 32], &shards(7000, Some(PROVEN_FOR_S - 1)), true);
        assert!(recent.len() <= SAMPLE_LEAVES as usize);
        for ago in [Some(PROVEN_FOR_S), None] {
            let asked = questions(&[3; 32], &shards(7000, ago), true).len();
            assert!((7000_usize.div_ceil(6)..=7000_usize.div_ceil(6) + 20).contains(&asked), "{asked}");
        }
        assert_eq!(questions(&[3; 32], &shards(200, None), true).len(), 200.min(FEWEST_WEEKLY));
    }

    #[test]
    fn an_open_question_is_put_again_without_another() {
        let mut shards = shards(50, Some(0));
        (shards[7].open_leaf, shards[7].is_due) = (Some(5), true);
        shards[9].is_due = true;
        let asked = questions(&[3; 32], &shards, false);
        assert_eq!(asked.keys().copied().collect::<Vec<_>>(), [7, 9]);
        assert!(asked[&7].is_empty(), "the one that is open, and nothing easier");
        assert_eq!(asked[&9].len(), 1);
    }

    #[test]
    fn an_open_leaf_that_the_shard_does_not_have_is_no_question() {
        let mut shards = shards(50, Some(0));
        (shards[7].open_leaf, shards[7].is_due) = (Some(4096), true);
        let asked = questions(&[3; 32], &shards, false);
        assert_eq!(asked[&7].len(), 1, "another is drawn");
        assert!(asked[&7][0] < 4096);
    }

    #[test]
    fn no_look_asks_about_more_shards_than_there_is_time_for_and_the_most_urgent_come_first() {
        let mut shards = shards(40_000, Some(60));
        for (at, shard) in shards.iter_mut().enumerate() {
            shard.is_due = true;
            shard.proven_ago_s = if at % 4 == 1 { None } else { Some(60) };
        }
        let asked = questions(&[3; 32], &shards, false);
        assert_eq!(asked.len(), MOST_SHARDS);
        assert!((1..40_000).step_by(4).all(|at| asked.contains_key(&at)), "those never proven first");
        // What is due goes before what has its weekly turn, however long ago that was proven.
        for (at, shard) in shards.iter_mut().enumerate() {
            (shard.is_due, shard.proven_ago_s) = (at % 4 == 1, if at % 4 == 1 { Some(60) } else { None });
        }
        let asked = questions(&[3; 32], &shards, true);
        assert!(
            (MOST_SHARDS..=MOST_SHARDS + SAMPLE_LEAVES as usize).contains(&asked.len()),
            "{}",
            asked.len()
        );
        assert!((1..40_000).step_by(4).all(|at| asked.contains_key(&at)));
    }
}
