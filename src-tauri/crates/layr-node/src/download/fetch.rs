//! Reading ranges of one segment from its hosts, stripe by stripe.
//!
//! The data pieces that hold the range are asked for, nothing else. When a host fails or lags, the same columns of k other
//! shards are asked for instead, from that stripe on; a late answer is still welcome. Every host reads ahead a little, so
//! stripes are there when they are wanted.

mod needs;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use layr_codec::Extent;
use tokio::time::Instant;

pub(super) use self::needs::{Needs, Trust, columns_of, contains, uncovered};
use super::DownloadError;
use super::lane::{Lane, PieceRange};
use super::source::{Findings, SegmentSource};
use crate::client::{ClientError, Verdict};
use crate::owner::Owner;

/// Patience with a stripe before others are asked for what is late: a few round trips round the earth. A local disk or line
/// never takes that long, so nothing is asked for twice without need.
const MIN_HEDGE: Duration = Duration::from_millis(500);
/// How many times as long as the faster half the slower half may take.
const HEDGE_FACTOR: u32 = 3;

/// What came for one stripe.
#[derive(Debug, Default)]
pub(super) struct StripePieces {
    /// The stripe.
    pub stripe: u32,
    /// What is wanted of it, in order.
    pub extents: Vec<Extent>,
    /// Blinded bytes: shard, columns, content.
    pub pieces: Vec<(u8, Range<usize>, Vec<u8>)>,
}

/// A read under way.
pub(super) struct Fetch {
    owner: Owner,
    source: Arc<SegmentSource>,
    findings: Findings,
    needs: Needs,
    trust: Trust,
    lanes: Vec<Lane>,
    verdicts: Verdicts,
}

/// Why shards could not be had, counted.
#[derive(Debug, Clone, Copy, Default)]
struct Verdicts {
    unreachable: usize,
    missing: usize,
    corrupt: usize,
}

impl Fetch {
    /// Begins to read these ranges of the ciphertext, ascending.
    ///
    /// # Errors
    /// [`DownloadError::Unavailable`] when the manifest names too few shards.
    pub(super) fn begin(
        owner: &Owner,
        source: Arc<SegmentSource>,
        ciphertext: &[Range<u64>],
        findings: Findings,
    ) -> Result<Self, DownloadError> {
        let extents = ciphertext.iter().flat_map(|range| source.layout.map(range.clone()));
        let needs = Needs::new(extents);
        let trust = Trust::new(&source);
        let mut fetch = Self {
            owner: owner.clone(),
            source,
            findings,
            needs,
            trust,
            lanes: Vec::new(),
            verdicts: Verdicts::default(),
        };
        fetch.ask(&[])?;
        Ok(fetch)
    }

    /// Whether the last stripes have begun, so that the next read may start.
    pub(super) fn is_nearly_done(&self, stripes: usize) -> bool {
        self.needs.stripes_left() <= stripes
    }

    /// The pieces of the next stripe: enough to decode what is wanted of it. None when all were returned.
    ///
    /// # Errors
    /// [`DownloadError::Unavailable`].
    pub(super) async fn next_stripe(&mut self) -> Result<Option<StripePieces>, DownloadError> {
        let Some((stripe, extents)) = self.needs.front() else { return Ok(None) };
        let mut got = StripePieces { stripe, extents, pieces: Vec::new() };
        let k = usize::from(self.source.layout.profile().k());
        let began = Instant::now();
        let min_hedge = self.owner.client().patient(MIN_HEDGE);
        let mut hedge_at = began + min_hedge;
        while !needs::is_enough(&got, k) {
            tokio::select! {
                biased;
                (lane, piece) = next_piece(&mut self.lanes, stripe) => match piece {
                    Ok(piece) => {
                        self.take_piece(lane, piece, &mut got);
                        let due = self.lanes.iter().filter(|lane| is_due(lane, stripe)).count();
                        if due <= got.pieces.len() {
                            hedge_at = hedge_at.max(began + began.elapsed() * HEDGE_FACTOR);
                        }
                    }
                    Err(error) => self.drop_lane(lane, &error, &got)?,
                },
                () = tokio::time::sleep_until(hedge_at) => {
                    self.hedge(stripe, &got)?;
                    hedge_at = Instant::now() + min_hedge;
                }
            }
        }
        self.needs.pop();
        Ok(Some(got))
    }

    /// Takes shards out for good whose bytes were proven wrong, and asks others from the next stripe on.
    ///
    /// # Errors
    /// [`DownloadError::Unavailable`].
    pub(super) fn distrust(&mut self, liars: &BTreeSet<u8>) -> Result<(), DownloadError> {
        self.lanes.retain(|lane| !liars.contains(&lane.shard));
        self.trust.lose(liars);
        self.verdicts.corrupt += liars.len();
        self.ask(&[])
    }

    /// Whoever was to deliver these bytes is asked last from the next stripe on: they were wrong, but everybody could prove the
    /// right ones when asked for proofs. One of them tells the two questions apart, and it cannot be said which.
    ///
    /// # Errors
    /// [`DownloadError::Unavailable`].
    pub(super) fn suspect(&mut self, ciphertext: Range<u64>) -> Result<(), DownloadError> {
        let mut suspects: BTreeSet<u8> =
            self.source.layout.map(ciphertext).map(|extent| extent.shard).collect();
        if suspects.iter().any(|shard| !self.trust.is_good(*shard)) {
            // Decoded from others, in whatever number: all who deliver.
            suspects.extend(self.lanes.iter().map(|lane| lane.shard));
        }
        self.lanes.retain(|lane| !suspects.contains(&lane.shard));
        for shard in suspects {
            self.trust.delay(shard);
        }
        self.ask(&[])
    }

    fn take_piece(&mut self, lane: usize, piece: Vec<u8>, got: &mut StripePieces) {
        let Some(lane) = self.lanes.get_mut(lane) else { return };
        let Some(range) = lane.upcoming.pop_front() else { return };
        if range.stripe == got.stripe {
            got.pieces.push((lane.shard, range.columns, piece));
        }
    }

    fn drop_lane(
        &mut self,
        lane: usize,
        error: &ClientError,
        got: &StripePieces,
    ) -> Result<(), DownloadError> {
        if lane >= self.lanes.len() {
            return Ok(());
        }
        let shard = self.lanes.swap_remove(lane).shard;
        if !self.trust.lose(&BTreeSet::from([shard])) {
            return Ok(());
        }
        if let Some(source) = self.source.shards.get(&shard) {
            self.findings.note_failure(&self.owner, &self.source, shard, source.host.peer, error);
        }
        match error.verdict() {
            Verdict::Missing => self.verdicts.missing += 1,
            Verdict::Corrupt => self.verdicts.corrupt += 1,
            _ => self.verdicts.unreachable += 1,
        }
        self.lanes.retain(|lane| lane.shard != shard);
        self.ask(&got.pieces)
    }

    /// Whoever has not delivered this stripe yet is late: others are asked as well.
    fn hedge(&mut self, stripe: u32, got: &StripePieces) -> Result<(), DownloadError> {
        let late: Vec<u8> =
            self.lanes.iter().filter(|lane| is_due(lane, stripe)).map(|lane| lane.shard).collect();
        for shard in late {
            if self.trust.delay(shard)
                && let Some(source) = self.source.shards.get(&shard)
            {
                self.owner.hosts().note_slow(source.host.peer);
            }
        }
        self.ask(&got.pieces)
    }

    /// Asks for everything that is needed and that nobody was asked for. `got` is what came of the first stripe.
    fn ask(&mut self, got: &[(u8, Range<usize>, Vec<u8>)]) -> Result<(), DownloadError> {
        let k = usize::from(self.source.layout.profile().k());
        let coming = |shard: u8, range: &PieceRange| {
            let mut lanes = self.lanes.iter().filter(|lane| lane.shard == shard);
            lanes.any(|lane| {
                lane.upcoming
                    .iter()
                    .any(|coming| coming.stripe == range.stripe && coming.covers(&range.columns))
            })
        };
        let missing = self.needs.missing(&self.trust, k, got, coming);
        let missing = missing.map_err(|available| DownloadError::Unavailable {
            segment: self.source.id,
            needed: k,
            available,
            total: self.source.shards.len(),
            unreachable: self.verdicts.unreachable,
            missing: self.verdicts.missing,
            corrupt: self.verdicts.corrupt,
        })?;
        for (shard, ranges) in missing {
            let Some(source) = self.source.shards.get(&shard).cloned() else { continue };
            let client = self.owner.client().clone();
            self.lanes.push(Lane::open(client, shard, source, self.source.shard_bytes(), ranges));
        }
        Ok(())
    }
}

fn is_due(lane: &Lane, stripe: u32) -> bool {
    lane.upcoming.front().is_some_and(|range| range.stripe <= stripe)
}

/// The next piece of any stream that is due at this stripe or hangs behind; waits for ever when none is.
async fn next_piece(lanes: &mut [Lane], stripe: u32) -> (usize, Result<Vec<u8>, ClientError>) {
    std::future::poll_fn(|context| {
        for (index, lane) in lanes.iter_mut().enumerate().filter(|(_, lane)| is_due(lane, stripe)) {
            if let Poll::Ready(piece) = lane.poll_piece(context) {
                let ended = || {
                    Err(ClientError::Protocol { peer: lane.peer, reason: "a stream ended early".to_owned() })
                };
                return Poll::Ready((index, piece.unwrap_or_else(ended)));
            }
        }
        Poll::Pending
    })
    .await
}
