//! Judging what a delegate says. Its word ends nothing and counts for nothing: who is said to have lost a copy is asked, and a new
//! copy has to be proven to us before it takes the place of the old one.

use std::collections::{BTreeMap, BTreeSet};

use layr_codec::{LEAF_BYTES, SegmentLayout};
use layr_keys::PeerId;
use layr_library::{
    CopyFate, Failure, HostUpdate, Library, SegmentRecord, ShardMark, ShardRecord, ShardState, StoredShard,
};

use crate::api::CheckResult;
use crate::audit::{Outcome, ask_copies, has_proven};
use crate::check::{CheckError, Evidence, Findings, Looked, Told};
use crate::client::HostContact;
use crate::owner::Owner;
use crate::repair::{PROVEN_LEAVES, RepairError, look_up};
use crate::whole::{Keep, read_whole};
use crate::wire::LogNews;

/// What a claim turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is so, and a new copy was taken over.
    Placed,
    /// It is so, or says nothing any more.
    Heard,
    /// It is not so.
    Refuted,
    /// Nobody who could say was there.
    Waits,
}

/// Judges one claim, and records what came of it. `hints` say where hosts are that we do not know.
///
/// # Errors
/// [`RepairError`]: nothing was recorded of this claim, or it may be judged again.
pub(super) async fn judge(
    owner: &Owner,
    news: &LogNews,
    hints: &BTreeMap<PeerId, Vec<String>>,
) -> Result<Judgement, RepairError> {
    let Some(fate) = news.fate() else { return Ok(Judgement::Refuted) };
    let Some(_claim) = owner.in_flight().claim(news.segment()) else { return Ok(Judgement::Waits) };
    let claim = Claim { owner, news, hints };
    let known = look_up(owner, news.segment()).await?;
    match (known, fate) {
        (None, CopyFate::Failed(_)) => Ok(Judgement::Heard),
        // A file that was deleted meanwhile: nobody needs the new copy, and its host is to let go of it.
        (None, CopyFate::Placed) => claim.discard().await,
        (Some((segment, addresses)), CopyFate::Failed(failure)) => {
            claim.failed(&segment, &addresses, failure).await
        }
        (Some((segment, addresses)), CopyFate::Placed) => claim.placed(&segment, &addresses).await,
    }
}

struct Claim<'a> {
    owner: &'a Owner,
    news: &'a LogNews,
    hints: &'a BTreeMap<PeerId, Vec<String>>,
}

impl Claim<'_> {
    fn copy(&self) -> StoredShard {
        StoredShard { index: self.news.index, root: self.news.root(), host: self.news.host() }
    }

    /// Has the host of a copy that nobody needs let go of it. What is on record there is never deleted, whoever claims what.
    async fn discard(&self) -> Result<Judgement, RepairError> {
        let copy = self.copy();
        self.owner.library_job(move |library| library.discard(&[copy])).await??;
        Ok(Judgement::Heard)
    }

    /// A copy is said to have failed: its host is asked.
    async fn failed(
        &self,
        segment: &SegmentRecord,
        addresses: &BTreeMap<PeerId, Vec<String>>,
        failure: Failure,
    ) -> Result<Judgement, RepairError> {
        let StoredShard { index, root, host } = self.copy();
        let is_it = |shard: &&ShardRecord| shard.index == index && shard.root == root && shard.host == host;
        let Some(shard) = segment.shards.iter().find(is_it).filter(|shard| shard.failed.is_none()) else {
            return Ok(Judgement::Heard);
        };
        if failure == Failure::Corrupt {
            self.read(segment, shard, addresses).await?;
        } else {
            ask_copies(self.owner, segment, vec![shard], addresses, &mut BTreeSet::new()).await?;
        }
        let is_fine = self.now(segment, index).await?.is_some_and(is_shown);
        // Who was away, and is back, was away all the same.
        Ok(if is_fine && failure != Failure::WrittenOff { Judgement::Refuted } else { Judgement::Heard })
    }

    /// Reads the copy whole: damage somewhere in it a leaf of ours may well miss.
    async fn read(
        &self,
        segment: &SegmentRecord,
        shard: &ShardRecord,
        addresses: &BTreeMap<PeerId, Vec<String>>,
    ) -> Result<(), RepairError> {
        let shard_bytes = shard_bytes(segment)?;
        let recorded = addresses.get(&shard.host).map(Vec::as_slice).unwrap_or_default();
        let contact = self.owner.hosts().contact(shard.host, recorded);
        let asked = (shard.root, u32::try_from(shard_bytes).unwrap_or(u32::MAX));
        let read = read_whole(self.owner, &contact, asked, Keep::Nothing, |_| {}).await?;
        let looked = Looked {
            segment: segment.id,
            index: shard.index,
            host: Some(shard.host),
            shard: Some(layr_library::AskedShard { root: shard.root, shard_bytes }),
        };
        let mut findings = Findings::new(Told::Counts);
        match read {
            Ok(whole) if whole.root == Some(shard.root) => {
                findings.add(looked, CheckResult::Passed, Evidence::Proof);
            }
            Ok(_) => findings.add(looked, CheckResult::Corrupt, Evidence::Proof),
            // An audit of our own asks about it next.
            Err(_) => findings.add(looked, CheckResult::Unreachable, Evidence::Hearsay),
        }
        Ok(findings.record(self.owner).await?)
    }

    /// A shard is said to lie somewhere anew: it has to be proven to us, and the old copy has to be gone.
    async fn placed(
        &self,
        segment: &SegmentRecord,
        addresses: &BTreeMap<PeerId, Vec<String>>,
    ) -> Result<Judgement, RepairError> {
        let StoredShard { index, root, host } = self.copy();
        let Some(old) = segment.shards.iter().find(|shard| shard.index == index) else {
            // Of a shard that no host ever took nobody knows what it is.
            return self.discard().await;
        };
        if old.root != root {
            return Ok(Judgement::Refuted);
        }
        if old.host == host {
            return Ok(Judgement::Heard);
        }
        let holds_another = |shard: &ShardRecord| shard.host == host && shard.failed.is_none();
        if segment.shards.iter().any(holds_another) {
            return self.discard().await;
        }
        if old.failed.is_none() {
            ask_copies(self.owner, segment, vec![old], addresses, &mut BTreeSet::new()).await?;
            if self.now(segment, index).await?.is_some_and(is_shown) {
                return self.discard().await;
            }
        }
        let hinted = self.hints.get(&host).cloned().unwrap_or_default();
        let contact = self.owner.hosts().contact(host, &hinted);
        let leaves = u32::try_from(shard_bytes(segment)? / LEAF_BYTES as u64).unwrap_or(u32::MAX);
        let proven = has_proven(self.owner, &contact, (root, leaves), PROVEN_LEAVES).await;
        match proven.map_err(CheckError::from)? {
            Outcome::Passed(_) => self.take_over(segment, &contact).await,
            Outcome::Missing | Outcome::Corrupt => {
                self.discard().await?;
                Ok(Judgement::Refuted)
            }
            Outcome::Open(_) | Outcome::OpenAnew { .. } => Ok(Judgement::Waits),
        }
    }

    /// The new copy takes the place of the old one, in one step.
    async fn take_over(
        &self,
        segment: &SegmentRecord,
        contact: &HostContact,
    ) -> Result<Judgement, RepairError> {
        let (copy, id, now_unix_s) = (self.copy(), segment.id, self.owner.now_unix_s());
        // A host that is to drop it is told to keep it with the record.
        let _wanted = self.owner.letting_go().want(vec![copy.root]).await;
        let addresses = contact.addresses.to_vec();
        let record = move |library: &Library| -> Result<(), layr_library::JournalError> {
            if library.host(&copy.host)?.is_none() {
                let update = HostUpdate { peer: copy.host, addresses, offer: None, seen_unix_s: now_unix_s };
                // An address that is none is of no use, and no reason to lose the copy.
                if let Err(error) = library.upsert_hosts(&[update]) {
                    tracing::info!(host = %copy.host, %error, "a host is known by its name alone");
                }
            }
            library.shards_stored(&id, &[copy])?;
            let StoredShard { index, host, .. } = copy;
            let mark = ShardMark { segment: id, index, host, shard: None, state: ShardState::Healthy };
            library.mark_shards(&[mark], now_unix_s)?;
            Ok(())
        };
        self.owner.library_job(record).await??;
        Ok(Judgement::Placed)
    }

    /// The copy of an index as it is on record now.
    async fn now(&self, segment: &SegmentRecord, index: u8) -> Result<Option<ShardRecord>, RepairError> {
        let id = segment.id;
        let segment = self.owner.library_job(move |library| library.own_segment(&id)).await??;
        Ok(segment.and_then(|segment| segment.shards.into_iter().find(|shard| shard.index == index)))
    }
}

fn is_shown(shard: ShardRecord) -> bool {
    shard.failed.is_none() && shard.state == ShardState::Healthy
}

fn shard_bytes(segment: &SegmentRecord) -> Result<u64, CheckError> {
    Ok(SegmentLayout::new(segment.profile, u64::from(segment.len_bytes))?.shard_bytes())
}
