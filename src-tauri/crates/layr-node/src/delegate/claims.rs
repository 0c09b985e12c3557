//! Judging what a delegate says. Its word ends nothing and counts for nothing: who is said to have lost a copy is asked, and a new
//! copy has to be proven to us before it takes the place of the old one.

use std::collections::{BTreeMap, BTreeSet};

use layr_codec::{LEAF_BYTES, SegmentId, SegmentLayout};
use layr_keys::PeerId;
use layr_library::{
    AskedShard, AuditMark, AuditOutcome, CopyFate, Failure, HostUpdate, JournalError, Library, SegmentRecord,
    ShardRecord, ShardState, StoreError, StoredShard,
};

use crate::api::CheckResult;
use crate::audit::{Outcome, ask_copies};
use crate::check::{CheckError, Evidence, Findings, Looked, Told};
use crate::client::HostContact;
use crate::owner::Owner;
use crate::repair::{RepairError, look_up, proven};
use crate::whole::{Keep, read_whole};
use crate::wire::LogNews;

/// Refutations of claims about one host in a day. Who shows a delegate one thing and us another makes no liar of it: what is said
/// about that host beyond them is not judged: our own audits ask it, and it gets no copies by this way.
const MAX_REFUTED_BY_HOST: u32 = 4;

/// What a claim turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is so, and a new copy was taken over.
    Placed,
    /// It is so, or says nothing any more, or another part of us will find out.
    Heard,
    /// It is not so.
    Refuted,
    /// A new copy lies at a host that was not there to prove it.
    Waits,
}

/// What one visit learnt of hosts.
#[derive(Debug, Default)]
pub(super) struct Court {
    /// Who did not answer: nobody waits for it twice.
    silent: BTreeSet<PeerId>,
    refuted: BTreeMap<PeerId, u32>,
}

/// What a host has shown of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Whole,
    Lost,
    Nothing,
}

impl Court {
    /// A visit after claims that proved false already today, by the hosts that they were about.
    pub(super) fn after(refuted: BTreeMap<PeerId, u32>) -> Self {
        Self { refuted, ..Self::default() }
    }

    fn is_enough_of(&self, host: PeerId) -> bool {
        self.refuted.get(&host).is_some_and(|count| *count >= MAX_REFUTED_BY_HOST)
    }

    fn refute(&mut self, host: PeerId) -> Judgement {
        *self.refuted.entry(host).or_default() += 1;
        Judgement::Refuted
    }

    /// Judges one claim, and records what came of it. `hints` say where hosts are that we do not know.
    ///
    /// # Errors
    /// [`RepairError`]: nothing was recorded of this claim, or it may be judged again.
    pub(super) async fn judge(
        &mut self,
        owner: &Owner,
        news: &LogNews,
        hints: &BTreeMap<PeerId, Vec<String>>,
    ) -> Result<Judgement, RepairError> {
        let Some(fate) = news.fate() else { return Ok(Judgement::Refuted) };
        let claim = Claim { owner, news, hints };
        let failure = match fate {
            CopyFate::Spare => return claim.discard().await,
            CopyFate::Failed(failure) => Some(failure),
            CopyFate::Placed => None,
        };
        let Some(_claim) = owner.in_flight().claim(news.segment()) else {
            return Ok(if failure.is_some() { Judgement::Heard } else { Judgement::Waits });
        };
        match (look_up(owner, news.segment()).await?, failure) {
            (None, Some(_)) => Ok(Judgement::Heard),
            // A file that was deleted meanwhile: nobody needs the new copy, and its host is to let go of it.
            (None, None) => claim.discard().await,
            (Some((segment, addresses)), Some(failure)) => {
                self.failed(&claim, &segment, &addresses, failure).await
            }
            (Some((segment, addresses)), None) => self.placed(&claim, &segment, &addresses).await,
        }
    }

    /// A copy is said to have failed: its host is asked.
    async fn failed(
        &mut self,
        claim: &Claim<'_>,
        segment: &SegmentRecord,
        addresses: &BTreeMap<PeerId, Vec<String>>,
        failure: Failure,
    ) -> Result<Judgement, RepairError> {
        let StoredShard { index, root, host } = claim.copy();
        let is_it = |shard: &&ShardRecord| shard.index == index && shard.root == root && shard.host == host;
        let known = segment.shards.iter().find(is_it).filter(|shard| shard.failed.is_none());
        let is_judged = !self.is_enough_of(host) && !self.silent.contains(&host);
        let Some(shard) = known.filter(|_| is_judged) else {
            return Ok(Judgement::Heard);
        };
        let shown = if failure == Failure::Corrupt {
            claim.read(segment, shard, addresses).await?
        } else {
            self.ask(claim, segment, shard, addresses).await?
        };
        // Who was away, and is back, was away all the same.
        if shown != Shown::Whole || failure == Failure::WrittenOff {
            return Ok(Judgement::Heard);
        }
        Ok(self.refute(host))
    }

    /// A shard is said to lie somewhere anew: it has to be proven to us, and the old copy has to be gone, or not to answer.
    async fn placed(
        &mut self,
        claim: &Claim<'_>,
        segment: &SegmentRecord,
        addresses: &BTreeMap<PeerId, Vec<String>>,
    ) -> Result<Judgement, RepairError> {
        let StoredShard { index, root, host } = claim.copy();
        let Some(old) = segment.shards.iter().find(|shard| shard.index == index) else {
            // Of a shard that no host ever took nobody knows what it is.
            return claim.discard().await;
        };
        if old.root != root {
            return Ok(Judgement::Refuted);
        }
        if self.is_enough_of(host) {
            return claim.discard().await;
        }
        if old.host == host {
            return Ok(Judgement::Heard);
        }
        let holds_another = |shard: &ShardRecord| shard.host == host && shard.failed.is_none();
        if segment.shards.iter().any(holds_another) {
            return claim.discard().await;
        }
        if old.failed.is_none() {
            let others =
                segment.shards.iter().map(|shard| shard.host).filter(|holder| *holder != old.host).collect();
            let hosts = claim.owner.hosts();
            // Only fresh answers tell who else is there.
            hosts.keep_fresh(usize::from(segment.profile.n())).await.map_err(CheckError::from)?;
            let does_fit = hosts.fits_beside(&host, &others, segment.profile);
            let is_silent = self.silent.contains(&old.host);
            let is_whole = !is_silent && self.ask(claim, segment, old, addresses).await? == Shown::Whole;
            if is_whole || !does_fit {
                return claim.discard().await;
            }
        }
        if self.silent.contains(&host) {
            return Ok(Judgement::Waits);
        }
        let contact = claim.contact();
        let leaves = u32::try_from(shard_bytes(segment)? / LEAF_BYTES as u64).unwrap_or(u32::MAX);
        let shown = proven(claim.owner, &contact, (root, leaves)).await;
        match shown.map_err(CheckError::from)? {
            Outcome::Passed(leaf) => claim.take_over((segment.id, old.host), &contact, leaf).await,
            Outcome::Missing | Outcome::Corrupt => {
                claim.discard().await?;
                Ok(self.refute(host))
            }
            Outcome::Open(_) | Outcome::OpenAnew { .. } => {
                self.silent.insert(host);
                Ok(Judgement::Waits)
            }
        }
    }

    async fn ask(
        &mut self,
        claim: &Claim<'_>,
        segment: &SegmentRecord,
        shard: &ShardRecord,
        addresses: &BTreeMap<PeerId, Vec<String>>,
    ) -> Result<Shown, RepairError> {
        let asked = ask_copies(claim.owner, segment, vec![shard], addresses, &mut self.silent).await?;
        Ok(match asked.first().copied().flatten() {
            Some(Outcome::Passed(_)) => Shown::Whole,
            Some(Outcome::Missing | Outcome::Corrupt) => Shown::Lost,
            Some(Outcome::Open(_) | Outcome::OpenAnew { .. }) | None => Shown::Nothing,
        })
    }
}

/// Has the host of a copy that nobody needs let go of it, if anybody knows that host. What is on record there is never deleted,
/// whoever claims what.
pub(super) async fn discard(
    owner: &Owner,
    news: &LogNews,
    hints: &BTreeMap<PeerId, Vec<String>>,
) -> Result<(), RepairError> {
    Claim { owner, news, hints }.discard().await.map(drop)
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

    fn contact(&self) -> HostContact {
        let hinted = self.hints.get(&self.news.host()).map(Vec::as_slice).unwrap_or_default();
        self.owner.hosts().contact(self.news.host(), hinted)
    }

    async fn discard(&self) -> Result<Judgement, RepairError> {
        let (copy, addresses) = (self.copy(), self.contact().addresses.to_vec());
        let now_unix_s = self.owner.now_unix_s();
        let discard = move |library: &Library| {
            let is_known = library.host(&copy.host)?.is_some();
            if is_known || (!addresses.is_empty() && know(library, copy.host, addresses, now_unix_s)) {
                library.discard(&[copy])?;
            }
            Ok::<_, StoreError>(())
        };
        self.owner.library_job(discard).await??;
        Ok(Judgement::Heard)
    }

    /// Reads the copy whole: damage somewhere in it a leaf of ours may well miss.
    async fn read(
        &self,
        segment: &SegmentRecord,
        shard: &ShardRecord,
        addresses: &BTreeMap<PeerId, Vec<String>>,
    ) -> Result<Shown, RepairError> {
        let shard_bytes = shard_bytes(segment)?;
        let recorded = addresses.get(&shard.host).map(Vec::as_slice).unwrap_or_default();
        let contact = self.owner.hosts().contact(shard.host, recorded);
        let asked = (shard.root, u32::try_from(shard_bytes).unwrap_or(u32::MAX));
        let read = read_whole(self.owner, &contact, asked, Keep::Nothing, |_| {}).await?;
        let (shown, result) = match read {
            Ok(whole) if whole.root == Some(shard.root) => (Shown::Whole, CheckResult::Passed),
            Ok(_) => (Shown::Lost, CheckResult::Corrupt),
            // An audit of our own asks about it.
            Err(_) => return Ok(Shown::Nothing),
        };
        let looked = Looked {
            segment: segment.id,
            index: shard.index,
            host: Some(shard.host),
            shard: Some(AskedShard { root: shard.root, shard_bytes }),
        };
        let mut findings = Findings::new(Told::Counts);
        findings.add(looked, result, Evidence::Proof);
        findings.record(self.owner).await?;
        Ok(shown)
    }

    /// The new copy takes the place of the old one, in one step.
    async fn take_over(
        &self,
        (segment, from): (SegmentId, PeerId),
        contact: &HostContact,
        leaf: u32,
    ) -> Result<Judgement, RepairError> {
        let (copy, now_unix_s) = (self.copy(), self.owner.now_unix_s());
        // A host that is to drop it is told to keep it with the record.
        let _wanted = self.owner.letting_go().want(vec![copy.root]).await;
        let addresses = contact.addresses.to_vec();
        let record = move |library: &Library| -> Result<bool, JournalError> {
            if library.host(&copy.host)?.is_none() {
                know(library, copy.host, addresses, now_unix_s);
            }
            let mark = |host, outcome| AuditMark { segment, index: copy.index, host, shard: None, outcome };
            // That is so, and else it would stay where it lies: it may count as healthy from before a long sleep.
            let away = mark(from, AuditOutcome::Heard(ShardState::Unreachable));
            library.note_audit(&[away], now_unix_s)?;
            if !library.take_over(&segment, &copy)? {
                return Ok(false);
            }
            library.note_audit(&[mark(copy.host, AuditOutcome::Proven { leaf })], now_unix_s)?;
            Ok(true)
        };
        let is_taken = self.owner.library_job(record).await??;
        Ok(if is_taken { Judgement::Placed } else { Judgement::Heard })
    }
}

/// Makes a host known; false where its addresses are none.
fn know(library: &Library, peer: PeerId, addresses: Vec<String>, seen_unix_s: u64) -> bool {
    let known = library.upsert_hosts(&[HostUpdate { peer, addresses, offer: None, seen_unix_s }]);
    if let Err(error) = &known {
        tracing::info!(host = %peer, %error, "a host that a delegate named is known by its name alone");
    }
    known.is_ok()
}

fn shard_bytes(segment: &SegmentRecord) -> Result<u64, CheckError> {
    Ok(SegmentLayout::new(segment.profile, u64::from(segment.len_bytes))?.shard_bytes())
}
