//! Having hosts prove that they hold what they took: leaves that nobody could foresee, with their paths to the shards' roots.
//!
//! One request asks a host about all of its shards; nothing is stored for it beforehand, so that a shard can be asked about
//! for ever. Memory holds the ids of files and segments and [`SHARDS_AT_ONCE`] shards.

mod ask;
mod budget;
mod doubt;
mod draw;
mod judge;
mod reading;
mod schedule;

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use futures::{StreamExt, stream};
use layr_codec::{LEAF_BYTES, SegmentLayout, ShardRoot};
use layr_keys::PeerId;
use layr_library::{AskedShard, Library, SegmentRecord, ShardRecord, ShardState};

pub(crate) use self::ask::Outcome;
use self::ask::{Answers, Asked, GivenUp, ask, unasked};
pub(crate) use self::budget::AuditBudget;
pub use self::budget::AuditsConfig;
pub(crate) use self::doubt::Doubt;
pub(crate) use self::reading::read_in_background;
pub(crate) use self::schedule::{check_hosts, look};
use crate::api::{CheckReport, CheckResult};
use crate::check::{CheckError, Evidence, Findings, Looked, Told, Walk, result_of, unplaced};
use crate::client::HostContact;
use crate::clock::EntropyError;
use crate::operation::Operation;
use crate::owner::Owner;
use crate::verify;

/// Shards looked up before their hosts are asked: enough for full requests to some dozen hosts, in 2 MiB.
const SHARDS_AT_ONCE: usize = 16 * 1024;
/// Hosts asked at once. Each answers one request at a time, of at most 1.6 MiB.
const HOSTS_AT_ONCE: usize = 16;

/// How much of each shard is to be proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// So many of its leaves; all of a shard that has fewer.
    Each(u32),
    /// All: the shard is read whole, which takes fewer bytes than a proof of each leaf.
    All,
}

/// Has the hosts of these files and directories prove leaves of all their shards; of everything when `names` is empty.
///
/// # Errors
/// [`CheckError`].
pub async fn audit(
    owner: &Owner,
    names: &[String],
    leaves: Leaves,
    told: Told,
    operation: &Operation,
) -> Result<CheckReport, CheckError> {
    let Leaves::Each(count) = leaves else {
        return verify::verify(owner, names, false, told, operation).await;
    };
    operation.stage("scanning");
    let mut challenge = [0; 32];
    owner.surroundings().entropy.fill(&mut challenge)?;
    let names = names.to_vec();
    let (plan, short_segments) = verify::look(owner, names.clone()).await?;
    operation.update(|progress| progress.total_shards = plan.thorough.shards);
    operation.stage("checking");
    let walk = owner.library_job(move |library| Walk::new(library, &names)).await??;
    let mut findings = Findings::new(told);
    findings.report().short_segments = short_segments;
    let audit = Audit { owner, operation, challenge, count };
    // What was found so far is true all the same.
    let outcome = audit.run(walk, &mut findings).await;
    let report = findings.finish(owner).await?;
    operation.publish();
    outcome.map(|()| report)
}

/// What one host proves of `count` leaves of a shard of `leaves`.
///
/// # Errors
/// Nothing unforeseeable could be asked.
pub(crate) async fn has_proven(
    owner: &Owner,
    host: &HostContact,
    (root, leaves): (ShardRoot, u32),
    count: u32,
) -> Result<Outcome, EntropyError> {
    let mut challenge = [0; 32];
    owner.surroundings().entropy.fill(&mut challenge)?;
    let drawn = draw::of_each(&challenge, &root, leaves, count);
    let answers = ask(owner, host, vec![Asked::new(root, leaves, drawn, None)]).await;
    Ok(answers.by_root.get(&root).copied().unwrap_or(Outcome::Open(0)))
}

/// Asks the hosts of a segment's copies that are out of reach, or of which something bad was only heard, once more, and records what
/// they prove: of each the leaf that is open, or another. Those that are `silent` are not called, and who is becomes one of them.
///
/// # Errors
/// [`CheckError`].
pub(crate) async fn ask_again(
    owner: &Owner,
    segment: &SegmentRecord,
    addresses: &BTreeMap<PeerId, Vec<String>>,
    silent: &mut BTreeSet<PeerId>,
) -> Result<(), CheckError> {
    let is_away = |shard: &&ShardRecord| shard.failed.is_none() && shard.state != ShardState::Healthy;
    let away: Vec<&ShardRecord> =
        segment.shards.iter().filter(|shard| is_away(shard) && !silent.contains(&shard.host)).collect();
    ask_copies(owner, segment, away, addresses, silent).await.map(drop)
}

/// Asks the hosts of these copies of a segment, and records what they prove: of each the leaf that is open, or another. Tells what each
/// has shown, none of one that said nothing. Who does not answer becomes one of the `silent`.
///
/// # Errors
/// [`CheckError`].
pub(crate) async fn ask_copies(
    owner: &Owner,
    segment: &SegmentRecord,
    copies: Vec<&ShardRecord>,
    addresses: &BTreeMap<PeerId, Vec<String>>,
    silent: &mut BTreeSet<PeerId>,
) -> Result<Vec<Option<Outcome>>, CheckError> {
    let mut challenge = [0; 32];
    owner.surroundings().entropy.fill(&mut challenge)?;
    let shard_bytes = SegmentLayout::new(segment.profile, u64::from(segment.len_bytes))?.shard_bytes();
    let leaves = u32::try_from(shard_bytes / LEAF_BYTES as u64).unwrap_or(u32::MAX);
    let asked = copies.into_iter().map(|shard| {
        let recorded = addresses.get(&shard.host).map(Vec::as_slice).unwrap_or_default();
        let host = owner.hosts().contact(shard.host, recorded);
        let drawn = match shard.open_leaf {
            Some(_) => Vec::new(),
            None => draw::of_each(&challenge, &shard.root, leaves, 1),
        };
        let question = Asked::new(shard.root, leaves, drawn, shard.open_leaf);
        async move { (shard, ask(owner, &host, vec![question]).await) }
    });
    let (mut findings, mut shown) = (Findings::new(Told::Counts), Vec::new());
    for (shard, answers) in join_all(asked).await {
        let looked = Looked {
            segment: segment.id,
            index: shard.index,
            host: Some(shard.host),
            shard: Some(AskedShard { root: shard.root, shard_bytes }),
        };
        if answers.given_up == Some(GivenUp::Silent) {
            silent.insert(shard.host);
        }
        // One that has too much to do says nothing about a shard.
        if answers.given_up != Some(GivenUp::Busy)
            && let Some(outcome) = answers.by_root.get(&shard.root)
        {
            outcome.tell(looked, &mut findings);
        }
        shown.push(answers.by_root.get(&shard.root).copied());
    }
    findings.record(owner).await?;
    Ok(shown)
}

/// One run.
struct Audit<'a> {
    owner: &'a Owner,
    operation: &'a Operation,
    challenge: [u8; 32],
    count: u32,
}

/// A shard at a host.
#[derive(Debug, Clone, Copy)]
struct ShardAtHost {
    looked: Looked,
    is_ours: bool,
    root: ShardRoot,
    leaves: u32,
    open_leaf: Option<u32>,
}

/// What a host was asked about, and what it said.
struct AskedHost {
    shards: Vec<ShardAtHost>,
    /// Shards of which somebody else's segment claims another size than ours has: nobody can be asked about such a one.
    contrary: Vec<ShardAtHost>,
    answers: Answers,
}

/// What is asked for before more is looked up.
#[derive(Default)]
struct Batch {
    by_host: BTreeMap<PeerId, Vec<ShardAtHost>>,
    /// What nobody is asked about: never placed, or failed before.
    settled: Vec<(Looked, CheckResult)>,
    addresses: BTreeMap<PeerId, Vec<String>>,
}

impl Audit<'_> {
    async fn run(&self, mut walk: Walk, findings: &mut Findings) -> Result<(), CheckError> {
        let cancel = self.operation.cancel();
        // Hosts that did not answer: nobody waits for them twice.
        let mut down = BTreeSet::new();
        loop {
            let step = move |library: &Library| Batch::next(&mut walk, library).map(|batch| (batch, walk));
            let (batch, rest) = self.owner.library_job(step).await??;
            walk = rest;
            let Some(Batch { by_host, settled, addresses }) = batch else { return Ok(()) };
            for (looked, result) in settled {
                findings.add(looked, result, Evidence::Known);
            }
            let asked = by_host.into_iter().map(|(host, shards)| {
                let contact = (!down.contains(&host)).then(|| {
                    let recorded = addresses.get(&host).map(Vec::as_slice).unwrap_or_default();
                    self.owner.hosts().contact(host, recorded)
                });
                self.ask(contact, shards)
            });
            let mut answered =
                std::pin::pin!(stream::iter(asked.collect::<Vec<_>>()).buffer_unordered(HOSTS_AT_ONCE));
            loop {
                let next = tokio::select! {
                    biased;
                    () = cancel.cancelled() => return Err(CheckError::Interrupted),
                    next = answered.next() => next,
                };
                let Some(asked) = next else { break };
                if asked.answers.given_up.is_some() {
                    down.extend(asked.shards.first().and_then(|shard| shard.looked.host));
                }
                self.take(&asked, findings);
                findings.record(self.owner).await?;
            }
        }
    }

    async fn ask(&self, host: Option<HostContact>, mut shards: Vec<ShardAtHost>) -> AskedHost {
        // By root, and each once, also where segments have a shard in common. Ours first: a shared segment may claim that a shard of
        // ours has another size, and is not asked about then.
        shards.sort_by_key(|shard| !shard.is_ours);
        let mut by_root: BTreeMap<ShardRoot, (u32, Option<u32>)> = BTreeMap::new();
        let (shards, contrary): (Vec<_>, Vec<_>) = shards.into_iter().partition(|shard| {
            let (leaves, _) = *by_root.entry(shard.root).or_insert((shard.leaves, shard.open_leaf));
            leaves == shard.leaves
        });
        let asked = by_root.into_iter().map(|(root, (leaves, open_leaf))| {
            let drawn = draw::of_each(&self.challenge, &root, leaves, self.count);
            Asked::new(root, leaves, drawn, open_leaf)
        });
        let asked: Vec<Asked> = asked.collect();
        let mut answers = match host {
            Some(host) => ask(self.owner, &host, asked.clone()).await,
            None => unasked(&asked),
        };
        match answers.given_up {
            // Who ended in the middle left some unasked.
            None | Some(GivenUp::Later) => {}
            // That is no word about a shard.
            Some(GivenUp::Busy) => answers.by_root.clear(),
            // Nobody was there, or nobody had anything to say: then nothing is answered.
            Some(GivenUp::Silent | GivenUp::Refuses) => answers.by_root = unasked(&asked).by_root,
        }
        AskedHost { shards, contrary, answers }
    }

    fn take(&self, asked: &AskedHost, findings: &mut Findings) {
        let AskedHost { shards, contrary, answers } = asked;
        findings.report().bytes_received += answers.received_bytes;
        findings.report().leaves += answers.proven_leaves;
        if matches!(answers.given_up, Some(GivenUp::Busy | GivenUp::Refuses | GivenUp::Later)) {
            findings.host_answered();
        }
        for shard in shards {
            match answers.by_root.get(&shard.root) {
                Some(outcome) => outcome.tell(shard.looked, findings),
                None => findings.add_unasked(shard.looked),
            }
        }
        for shard in contrary {
            findings.add_unasked(shard.looked);
        }
        let done = shards.len() + contrary.len();
        self.operation.update(|progress| progress.done_shards += done as u64);
    }
}

impl Batch {
    /// The next shards along the walk; none when it is over.
    fn next(walk: &mut Walk, library: &Library) -> Result<Option<Self>, CheckError> {
        let mut batch = Self::default();
        let mut count = 0;
        while count < SHARDS_AT_ONCE {
            let segments = walk.next(library)?;
            if segments.is_empty() {
                break;
            }
            for segment in &segments {
                batch.note(segment)?;
                count += segment.shards.len().max(1);
            }
        }
        batch.addresses = library.host_addresses(&batch.by_host.keys().copied().collect())?;
        Ok((count > 0).then_some(batch))
    }

    fn note(&mut self, segment: &SegmentRecord) -> Result<(), CheckError> {
        let layout = SegmentLayout::new(segment.profile, u64::from(segment.len_bytes))?;
        let leaves = u32::try_from(layout.shard_bytes() / LEAF_BYTES as u64).unwrap_or(u32::MAX);
        let look_at = |index, host, shard| Looked { segment: segment.id, index, host, shard };
        self.settled
            .extend(unplaced(segment).map(|index| (look_at(index, None, None), CheckResult::Missing)));
        for shard in &segment.shards {
            let ShardRecord { root, open_leaf, .. } = *shard;
            let looked = look_at(
                shard.index,
                Some(shard.host),
                Some(AskedShard { root, shard_bytes: layout.shard_bytes() }),
            );
            if let Some(failure) = shard.failed {
                self.settled.push((looked, result_of(failure)));
            } else {
                let held = ShardAtHost { looked, is_ours: segment.is_ours, root, leaves, open_leaf };
                self.by_host.entry(shard.host).or_default().push(held);
            }
        }
        Ok(())
    }
}
