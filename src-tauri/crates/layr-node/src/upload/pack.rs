//! From found files to full segments: what is new is sealed and packed, what is known is only referred to.
//!
//! Everything here is synchronous and runs as short jobs on a worker. A [`Packer`] goes from job to job by value; each
//! [`Packer::step`] does a bounded amount of work and says what it needs next.

mod filling;
mod pending;
mod version;

use std::collections::VecDeque;
use std::sync::Arc;

use layr_codec::{ChunkId, CodecSecrets, SealError, SegmentId};
use layr_library::{KnownSource, Library, NewContent, NewVersion, SourceProbe, StoreError};
use tokio::sync::watch;

use self::filling::Filling;
pub(super) use self::filling::{Buffer, FullSegment, segment_capacity};
use self::pending::{Assembly, Pending};
use self::version::{entry, new_version, path_bytes, stamp};
use super::in_flight::{Claim, Fate, InFlight, Whereabouts};
use super::scan::{Found, FoundFile, Scan};
use super::source::{BatchChunk, BatchEnd, Reader};
use crate::api::SkippedPath;
use crate::clock::{EntropyError, Surroundings};

/// Finds taken from the walk at a time: as many as a batch of content can have files.
const SCAN_BATCH: usize = 512;
/// Chunks of one segment: many small files end it before it is full, so that what is kept for each until the segment is safe
/// (about 1 KiB: plan, claim, file and version) stays below 4 MiB a segment. Only files of less than 10 KiB make a segment of
/// 10 of 30 end early; one of 1 KiB files still has 4 MiB.
const SEGMENT_CHUNKS: usize = 4096;
/// Chunks looked up at a time, so that the table of chunks in flight is locked for a millisecond at most.
const LOOKUP_CHUNKS: usize = 64;

/// Why packing stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The library failed.
    #[error(transparent)]
    Library(#[from] StoreError),
    /// No randomness, so nothing may be encrypted.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The codec refused, which its bounds exclude.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// What packing needs of the owner.
#[derive(Debug, Clone)]
pub(super) struct PackContext {
    /// The library.
    pub library: Library,
    /// The codec's secrets.
    pub secrets: Arc<CodecSecrets>,
    /// Chunks on their way; a dry run brings a table of its own.
    pub in_flight: InFlight,
    /// Time and randomness.
    pub surroundings: Surroundings,
}

impl PackContext {
    /// Takes on a segment with an id that no other has.
    fn claim_segment(&self) -> Result<Claim, EntropyError> {
        loop {
            let mut id = [0_u8; 16];
            self.surroundings.entropy.fill(&mut id)?;
            if let Some(claim) = self.in_flight.claim(SegmentId::from_bytes(id)) {
                return Ok(claim);
            }
        }
    }
}

/// A file whose chunks are all known, though some may still be on their way.
#[derive(Debug)]
pub(super) struct PackedFile {
    /// The file as it was read.
    pub found: FoundFile,
    /// What to commit when the chunks are safe.
    pub version: NewVersion,
    /// Segments to wait for.
    pub waits: Vec<(SegmentId, watch::Receiver<Fate>)>,
    /// Some chunk lies in a segment that nobody sends: finish that one, then read this file again.
    pub stranded: bool,
    /// Bytes that were new.
    pub new_bytes: u64,
    /// Bytes that were known.
    pub known_bytes: u64,
}

/// What a step came upon.
#[derive(Debug)]
pub(super) enum Event {
    /// A path that is not stored.
    Skipped(SkippedPath),
    /// A directory or link, to be committed as it is.
    Entry(NewVersion),
    /// A file that was read, or whose content is that of a version.
    File(Box<PackedFile>),
    /// A file that the library holds at this very path, unchanged.
    Unchanged {
        /// The file.
        found: FoundFile,
        /// Its id.
        file: layr_library::FileId,
    },
}

/// What a packer needs to go on.
#[derive(Debug)]
pub(super) enum Next {
    /// Another step.
    Step,
    /// A [`Buffer`], since there is something new.
    Buffer,
    /// Somebody to take this segment.
    Full(Box<FullSegment>),
    /// Nothing: everything was read.
    Done,
}

/// Reads, dedups, seals and packs.
pub(super) struct Packer {
    context: PackContext,
    scan: Scan,
    reader: Reader,
    queue: VecDeque<FoundFile>,
    pending: Option<Pending>,
    carried: Option<Assembly>,
    buffer: Option<Buffer>,
    filling: Option<Filling>,
    events: Vec<Event>,
}

impl Packer {
    /// A packer for what `scan` finds.
    pub(super) fn new(context: PackContext, scan: Scan) -> Self {
        let reader = Reader::new(&context.secrets);
        Self {
            context,
            scan,
            reader,
            queue: VecDeque::new(),
            pending: None,
            carried: None,
            buffer: None,
            filling: None,
            events: Vec::new(),
        }
    }

    /// Hands in the buffer that [`Next::Buffer`] asked for.
    pub(super) fn give(&mut self, buffer: Buffer) {
        self.buffer = Some(buffer);
    }

    /// Has a file read (again) after everything else.
    pub(super) fn read_again(&mut self, found: FoundFile) {
        self.queue.push_back(found);
    }

    /// What steps came upon since the last call.
    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Ends the segment being filled before it is full: files wait for it, and no more of them fit into memory.
    pub(super) fn cut_short(&mut self) -> Option<FullSegment> {
        match self.flush()? {
            Next::Full(segment) => Some(*segment),
            Next::Step | Next::Buffer | Next::Done => None,
        }
    }

    /// Does some work: not for async threads.
    pub(super) fn step(&mut self) -> Result<Next, PackError> {
        if let Some(mut pending) = self.pending.take() {
            let blocked = self.pack(&mut pending)?;
            return Ok(if let Some(next) = blocked {
                self.pending = Some(pending);
                next
            } else {
                self.close_batch(pending);
                Next::Step
            });
        }
        if self.reader.is_inside_a_file() || !self.queue.is_empty() {
            self.read_batch();
            return Ok(Next::Step);
        }
        let found = self.scan.next_batch(SCAN_BATCH);
        if found.is_empty() {
            return Ok(self.flush().unwrap_or(Next::Done));
        }
        self.sort_out(found)?;
        Ok(Next::Step)
    }

    /// Queues what must be read, reports the rest.
    fn sort_out(&mut self, found: Vec<Found>) -> Result<(), PackError> {
        let mut files = Vec::new();
        for found in found {
            match found {
                Found::File(file) => files.push(file),
                Found::Skipped(skipped) => self.events.push(Event::Skipped(skipped)),
                Found::Directory { library, mode, mtime_ns } => {
                    let content = NewContent::Directory;
                    self.events.push(Event::Entry(entry(library, content, mtime_ns, Some(mode))));
                }
                Found::Symlink { library, target, mtime_ns, .. } => {
                    let content = NewContent::Symlink { target };
                    self.events.push(Event::Entry(entry(library, content, mtime_ns, None)));
                }
            }
        }
        let paths: Vec<Vec<u8>> = files.iter().map(|file| path_bytes(&file.local)).collect();
        let probes: Vec<SourceProbe<'_>> = files
            .iter()
            .zip(&paths)
            .map(|(file, local_path)| SourceProbe {
                local_path,
                stamp: stamp(&file.look),
                target: &file.library,
            })
            .collect();
        let known = self.context.library.known_sources(&probes)?;
        let now_ns = self.now_ns();
        for (found, known) in files.into_iter().zip(known) {
            match known {
                KnownSource::Current { file, .. } => self.events.push(Event::Unchanged { found, file }),
                KnownSource::Elsewhere { file, version } => {
                    let content = NewContent::SameAs { file, version };
                    let known_bytes = found.look.size_bytes;
                    let version = new_version(&found, content, now_ns);
                    self.push_file(found, version, Assembly { known_bytes, ..Assembly::default() });
                }
                KnownSource::Unknown => self.queue.push_back(found),
            }
        }
        Ok(())
    }

    fn read_batch(&mut self) {
        let read_from_ns = self.now_ns();
        let Self { reader, queue, context, .. } = self;
        let batch = reader.next_batch(&context.secrets, || queue.pop_front());
        self.pending = Some(Pending::new(batch, self.carried.take(), read_from_ns));
    }

    /// Packs the batch's chunks; returns what it needs where it cannot go on.
    fn pack(&mut self, pending: &mut Pending) -> Result<Option<Next>, PackError> {
        loop {
            let rest = pending.batch.chunks.get(pending.next_chunk..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(None);
            }
            let Some(filling) = &mut self.filling else {
                if self.skip_known(pending)? == 0 && !self.begin_segment()? {
                    return Ok(Some(Next::Buffer));
                }
                continue;
            };
            let taken = filling.fitting(rest);
            if taken == 0 {
                return Ok(self.flush());
            }
            let chunks = rest.iter().take(taken).cloned().collect::<Vec<_>>();
            let ids: Vec<ChunkId> = chunks.iter().map(|chunk| chunk.id).collect();
            let places = self.context.in_flight.locate(&self.context.library, &ids, Some(filling.claim()))?;
            for (chunk, place) in chunks.iter().zip(places) {
                if matches!(place, Whereabouts::New) {
                    filling.seal(&self.context, pending, chunk)?;
                }
                pending.note(chunk, place, Some(filling.fate()));
            }
            pending.next_chunk += taken;
        }
    }

    /// Without a segment begun: passes over chunks that are known, up to the first new one. Returns how many.
    fn skip_known(&self, pending: &mut Pending) -> Result<usize, PackError> {
        let rest = pending.batch.chunks.get(pending.next_chunk..).unwrap_or_default();
        let chunks: Vec<BatchChunk> = rest.iter().take(LOOKUP_CHUNKS).cloned().collect();
        let ids: Vec<ChunkId> = chunks.iter().map(|chunk| chunk.id).collect();
        let places = self.context.in_flight.locate(&self.context.library, &ids, None)?;
        let mut skipped = 0;
        for (chunk, place) in chunks.iter().zip(places) {
            if matches!(place, Whereabouts::New) {
                break;
            }
            pending.note(chunk, place, None);
            skipped += 1;
        }
        pending.next_chunk += skipped;
        Ok(skipped)
    }

    /// Begins a segment in the buffer that was handed in; false when there is none.
    fn begin_segment(&mut self) -> Result<bool, PackError> {
        let Some(buffer) = self.buffer.take() else { return Ok(false) };
        self.filling = Some(Filling::new(self.context.claim_segment()?, buffer));
        Ok(true)
    }

    /// Ends the segment being filled, if there is something in it.
    fn flush(&mut self) -> Option<Next> {
        match self.filling.take()?.finish() {
            Ok(full) => Some(Next::Full(Box::new(full))),
            Err(unused) => {
                self.buffer = Some(unused);
                None
            }
        }
    }

    /// Reports the files of a batch that is packed.
    fn close_batch(&mut self, pending: Pending) {
        let Pending { mut batch, assemblies, read_from_ns, .. } = pending;
        for (file, assembly) in batch.files.drain(..).zip(assemblies) {
            match file.end {
                BatchEnd::Continues => self.carried = Some(assembly),
                BatchEnd::Unreadable(reason) => {
                    let path = file.found.local.to_string_lossy().into_owned();
                    self.events.push(Event::Skipped(SkippedPath { path, reason }));
                }
                BatchEnd::Whole => {
                    let size_bytes = file.found.look.size_bytes;
                    let content = NewContent::File { size_bytes, chunks: assembly.chunks.clone() };
                    let version = new_version(&file.found, content, read_from_ns);
                    self.push_file(file.found, version, assembly);
                }
            }
        }
        self.reader.recycle(batch);
    }

    fn push_file(&mut self, found: FoundFile, version: NewVersion, assembly: Assembly) {
        let Assembly { waits, stranded, new_bytes, known_bytes, .. } = assembly;
        let file = PackedFile { found, version, waits, stranded, new_bytes, known_bytes };
        self.events.push(Event::File(Box::new(file)));
    }

    fn now_ns(&self) -> i64 {
        let now_s = i64::try_from(self.context.surroundings.clock.now_unix_s()).unwrap_or(i64::MAX);
        now_s.saturating_mul(1_000_000_000)
    }
}
