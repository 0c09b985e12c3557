//! Chunks on their way to hosts, shared by all uploads of a node.
//!
//! Two uploads that come upon the same new chunk send it once: the first to ask for it claims it for its segment, the other
//! waits for that segment. A claim ends with the segment: safe, or failed, and then whoever waited sends the chunk itself.

use std::collections::HashMap;
use std::sync::Arc;

use layr_codec::{ChunkId, SegmentId};
use layr_library::{Library, StoreError};
use parking_lot::Mutex;
use tokio::sync::watch;

/// What became of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is being filled or sent.
    OnTheWay,
    /// Enough hosts hold it; files may refer to its chunks.
    Safe,
    /// It was not stored.
    Failed,
}

/// Where a chunk is.
#[derive(Debug, Clone)]
pub enum Whereabouts {
    /// Stored and safe.
    Stored,
    /// In a segment that is on its way.
    Coming(SegmentId, watch::Receiver<Fate>),
    /// In a segment that an earlier run planned and nobody sends.
    Stranded,
    /// Nowhere: it is now the asking segment's to bring.
    New,
}

/// The table. Cheap to clone; all clones are the same table.
#[derive(Debug, Clone, Default)]
pub struct InFlight {
    tables: Arc<Mutex<Tables>>,
}

#[derive(Debug, Default)]
struct Tables {
    chunks: HashMap<ChunkId, SegmentId>,
    segments: HashMap<SegmentId, watch::Receiver<Fate>>,
}

impl InFlight {
    /// Takes a segment on. Whatever happens, its end is known when the claim is dropped. `None` when somebody has it.
    pub fn claim(&self, segment: SegmentId) -> Option<Claim> {
        let mut tables = self.tables.lock();
        if tables.segments.contains_key(&segment) {
            return None;
        }
        let (fate, receiver) = watch::channel(Fate::OnTheWay);
        tables.segments.insert(segment, receiver);
        drop(tables);
        Some(Claim { segment, chunks: Vec::new(), fate, in_flight: self.clone() })
    }

    /// Where these chunks are; those that are nowhere go to `claim`, if there is one. Reads the library under the table's lock, so that no
    /// chunk falls between the two: a claim is only given up after the library knows the outcome.
    pub fn locate(
        &self,
        library: &Library,
        ids: &[ChunkId],
        mut claim: Option<&mut Claim>,
    ) -> Result<Vec<Whereabouts>, StoreError> {
        let mut tables = self.tables.lock();
        let unclaimed: Vec<ChunkId> =
            ids.iter().filter(|id| !tables.chunks.contains_key(*id)).copied().collect();
        let mut places = library.known_chunks(&unclaimed)?.into_iter();
        let mut found = Vec::with_capacity(ids.len());
        let mut looked_up = unclaimed.iter().copied().peekable();
        for id in ids {
            let place = if looked_up.peek() == Some(id) {
                looked_up.next();
                places.next().flatten()
            } else {
                None
            };
            let whereabouts = match (tables.chunks.get(id).copied(), place) {
                // Claimed before, or a moment ago by its twin in this very list.
                (Some(segment), _) => tables.coming(segment),
                (None, Some(place)) if place.is_safe => Whereabouts::Stored,
                (None, Some(place)) => tables.coming(place.segment),
                (None, None) => {
                    if let Some(claim) = claim.as_deref_mut() {
                        tables.chunks.insert(*id, claim.segment);
                        claim.chunks.push(*id);
                    }
                    Whereabouts::New
                }
            };
            found.push(whereabouts);
        }
        Ok(found)
    }
}

impl Tables {
    fn coming(&self, segment: SegmentId) -> Whereabouts {
        match self.segments.get(&segment) {
            Some(fate) => Whereabouts::Coming(segment, fate.clone()),
            None => Whereabouts::Stranded,
        }
    }
}

/// One segment and the chunks that it brings. Dropped without [`Claim::safe`], it has failed.
#[derive(Debug)]
pub struct Claim {
    segment: SegmentId,
    chunks: Vec<ChunkId>,
    fate: watch::Sender<Fate>,
    in_flight: InFlight,
}

impl Claim {
    /// The segment.
    pub fn segment(&self) -> SegmentId {
        self.segment
    }

    /// To be told of its end.
    pub fn fate(&self) -> watch::Receiver<Fate> {
        self.fate.subscribe()
    }

    /// The library knows that the segment is safe: chunks are found there from now on.
    pub fn safe(&mut self) {
        self.release_chunks();
        self.fate.send_replace(Fate::Safe);
    }

    fn release_chunks(&mut self) {
        let mut tables = self.in_flight.tables.lock();
        for chunk in self.chunks.drain(..) {
            if tables.chunks.get(&chunk) == Some(&self.segment) {
                tables.chunks.remove(&chunk);
            }
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.release_chunks();
        self.in_flight.tables.lock().segments.remove(&self.segment);
        self.fate.send_if_modified(|fate| {
            let failed = *fate == Fate::OnTheWay;
            if failed {
                *fate = Fate::Failed;
            }
            failed
        });
    }
}

/// Waits for a segment's end.
pub(super) async fn settled(mut fate: watch::Receiver<Fate>) -> Fate {
    match fate.wait_for(|fate| *fate != Fate::OnTheWay).await {
        Ok(fate) => *fate,
        Err(_) => Fate::Failed,
    }
}
