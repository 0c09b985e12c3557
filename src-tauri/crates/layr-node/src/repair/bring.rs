//! Bringing rebuilt shards to hosts that have none of the segment, and having them proven there.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use layr_codec::{LEAF_BYTES, PIECE_BYTES, Profile, ShardRoot};
use layr_keys::PeerId;
use layr_library::StoredShard;
use parking_lot::Mutex;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::RepairError;
use crate::audit::{Outcome, has_proven};
use crate::client::{ClientError, HostContact, Verdict};
use crate::clock::EntropyError;
use crate::discovery::{Candidate, Held, place};
use crate::operation::Operation;
use crate::owner::Owner;
use crate::upload::find_stored;

/// Leaves of a new copy that its host has to prove before it counts.
const PROVEN_LEAVES: u32 = 4;

/// How often a proof is asked for that does not come, and the wait between.
const PROOF_ATTEMPTS: u32 = 3;
const PROOF_WAIT: Duration = Duration::from_secs(5);

/// A shard that was made again.
#[derive(Debug, Clone)]
pub(super) struct Rebuilt {
    pub(super) index: u8,
    pub(super) root: ShardRoot,
    pub(super) bytes: Arc<Vec<u8>>,
}

/// What became of rebuilt shards.
#[derive(Debug, Default)]
pub(super) struct Brought {
    /// Those that hosts proved to have.
    pub(super) stored: Vec<StoredShard>,
    /// Copies that hosts acknowledged and did not prove.
    pub(super) spare_copies: Vec<StoredShard>,
    pub(super) sent_bytes: u64,
}

/// Finds each shard a host of its own that is not in `taken`. A host that has one already, since an earlier repair ended between
/// storing and recording, is not sent it again. `held` is where the segment's other shards lie.
pub(super) async fn bring(
    owner: &Owner,
    shards: Vec<Rebuilt>,
    taken: &BTreeSet<PeerId>,
    (held, profile): (&Held, Profile),
    operation: &Operation,
) -> Result<Brought, RepairError> {
    let mut candidates: Vec<Candidate> = owner.hosts().eligible();
    candidates.retain(|candidate| !taken.contains(&candidate.contact.peer));
    let asked: Vec<(u8, ShardRoot)> = shards.iter().map(|shard| (shard.index, shard.root)).collect();
    let found = find_stored(owner, &asked, &candidates).await;
    let holders: BTreeSet<PeerId> = found.iter().map(|shard| shard.host).collect();
    let shard_bytes = shards.first().map_or(0, |shard| shard.bytes.len() as u64);
    let mut seed = <StdRng as SeedableRng>::Seed::default();
    owner.surroundings().entropy.fill(&mut seed).map_err(crate::check::CheckError::from)?;
    let others: Vec<Candidate> =
        candidates.iter().filter(|host| !holders.contains(&host.contact.peer)).cloned().collect();
    let mut rng = StdRng::from_seed(seed);
    // What was found shares the fate of its hosts as well.
    let held = owner.hosts().held_by(&holders).and(held);
    let placement = place(&others, &held, profile, shards.len(), shard_bytes, &mut rng);
    let hosts: Mutex<VecDeque<HostContact>> =
        Mutex::new(placement.chosen.into_iter().chain(placement.spares).collect());
    let ways = shards.into_iter().map(|shard| {
        let at = found.iter().find(|stored| stored.index == shard.index).map(|stored| stored.host);
        let held = candidates.iter().find(|candidate| Some(candidate.contact.peer) == at);
        bring_one(owner, shard, held.map(|candidate| candidate.contact.clone()), &hosts, operation)
    });
    let mut brought = Brought::default();
    for way in join_all(ways).await {
        brought.stored.extend(way.stored);
        brought.spare_copies.extend(way.spare_copies);
        brought.sent_bytes += way.sent_bytes;
    }
    Ok(brought)
}

/// Tries one host after the other.
async fn bring_one(
    owner: &Owner,
    shard: Rebuilt,
    held_by: Option<HostContact>,
    hosts: &Mutex<VecDeque<HostContact>>,
    operation: &Operation,
) -> Brought {
    let mut brought = Brought::default();
    let mut next = held_by.map(|host| (host, true));
    loop {
        let (host, is_there) = match next.take() {
            Some(first) => first,
            None => match hosts.lock().pop_front() {
                Some(host) => (host, false),
                None => return brought,
            },
        };
        if !is_there {
            if let Err(error) = send(owner, &host, &shard).await {
                tracing::debug!(index = shard.index, host = %host.peer, %error, "a rebuilt shard found no home");
                owner.hosts().note_failure(host.peer, &error);
                if error.verdict() == Verdict::Corrupt {
                    owner.hosts().note_spoilt(host.peer);
                }
                continue;
            }
            brought.sent_bytes += shard.bytes.len() as u64;
        }
        let copy = StoredShard { index: shard.index, root: shard.root, host: host.peer };
        let leaves = u32::try_from(shard.bytes.len() / LEAF_BYTES).unwrap_or(u32::MAX);
        match proven(owner, &host, (shard.root, leaves)).await {
            Ok(Outcome::Passed(_)) => {
                owner.hosts().note_alive(host.peer);
                owner.hosts().note_placed(host.peer, shard.bytes.len() as u64);
                operation.update(|progress| progress.done_shards += 1);
                brought.stored.push(copy);
                return brought;
            }
            outcome => {
                // It took the shard, and does not show it.
                tracing::info!(index = shard.index, host = %host.peer, ?outcome, "a new copy was not proven");
                if matches!(outcome, Ok(Outcome::Missing | Outcome::Corrupt)) {
                    owner.hosts().note_spoilt(host.peer);
                }
                brought.spare_copies.push(copy);
            }
        }
    }
}

/// Whether a host proves a new copy. One that has too much to do just now, as another audit of ours, is asked again.
pub(crate) async fn proven(
    owner: &Owner,
    host: &HostContact,
    shard: (ShardRoot, u32),
) -> Result<Outcome, EntropyError> {
    for _ in 1..PROOF_ATTEMPTS {
        match has_proven(owner, host, shard, PROVEN_LEAVES).await {
            Ok(Outcome::Open(_)) => tokio::time::sleep(PROOF_WAIT).await,
            other => return other,
        }
    }
    has_proven(owner, host, shard, PROVEN_LEAVES).await
}

async fn send(owner: &Owner, host: &HostContact, shard: &Rebuilt) -> Result<(), ClientError> {
    let size_bytes = u32::try_from(shard.bytes.len()).unwrap_or(u32::MAX);
    let mut stream = owner.client().begin_put_patiently(host, size_bytes).await?;
    for piece in shard.bytes.chunks(PIECE_BYTES) {
        stream.send(piece).await?;
    }
    stream.finish(shard.root).await
}
