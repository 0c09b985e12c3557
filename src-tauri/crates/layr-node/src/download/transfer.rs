//! The loop of a download: read a group of chunks, decode it on a worker, hand it to the output; begin the next group before
//! this one ends.

use std::ops::Range;
use std::sync::Arc;

use layr_library::Manifest;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use super::DownloadError;
use super::blame::read_verified;
use super::decode::{DecodeStop, Decoded, GroupDecoder, Kept};
use super::fetch::{Fetch, StripePieces};
use super::output::Output;
use super::plan::{Group, Groups, Want, chunk_of, wants};
use super::source::{Findings, SegmentSource};
use crate::operation::Operation;
use crate::owner::Owner;

/// Stripes from the end of a group at which the next one begins: its first pieces are there when this one is through, and
/// they do not wait so long that their hosts give up.
const NEXT_GROUP_STRIPES: usize = 16;

/// What is downloaded, and where to.
pub(super) struct Transfer<'a> {
    owner: &'a Owner,
    manifest: Arc<Manifest>,
    operation: &'a Operation,
    cancel: CancellationToken,
    findings: Findings,
    /// Gives plaintext on, where it goes to a stream.
    sink: Option<&'a mut (dyn AsyncWrite + Send + Sync + Unpin)>,
}

/// A group being read.
struct Reading {
    group: Group,
    source: Arc<SegmentSource>,
    fetch: Fetch,
}

/// Everything that a worker's job takes along and gives back.
struct Bench {
    decoder: GroupDecoder,
    kept: Kept,
    output: Output,
}

impl<'a> Transfer<'a> {
    /// A transfer of what `manifest` describes.
    pub(super) fn new(
        owner: &'a Owner,
        manifest: Arc<Manifest>,
        operation: &'a Operation,
        sink: Option<&'a mut (dyn AsyncWrite + Send + Sync + Unpin)>,
    ) -> Self {
        let cancel = operation.cancel();
        Self { owner, manifest, operation, cancel, findings: Findings::default(), sink }
    }

    /// Brings `entries`, or `range` of each, to the output and returns that.
    ///
    /// # Errors
    /// [`DownloadError`]; what was found out about hosts is recorded in any case.
    pub(super) async fn run(
        mut self,
        entries: Vec<usize>,
        range: Option<Range<u64>>,
        output: Output,
    ) -> Result<Output, DownloadError> {
        let outcome = self.bring(entries, range, output).await;
        self.findings.record(self.owner).await;
        outcome
    }

    async fn bring(
        &mut self,
        entries: Vec<usize>,
        range: Option<Range<u64>>,
        output: Output,
    ) -> Result<Output, DownloadError> {
        let manifest = Arc::clone(&self.manifest);
        let mut groups = Groups::new(&manifest, wants(&manifest, entries.into_iter(), range));
        let mut next = groups.next().map(|group| self.begin(group)).transpose()?;
        let mut kept = Kept::default();
        let mut output = output;
        while let Some(reading) = next.take() {
            let decoder = GroupDecoder::new(Arc::clone(&self.manifest), &reading.source, &reading.group)?;
            let bench = Bench { decoder, kept, output };
            let bench = self.bring_group(reading, bench, &mut groups, &mut next).await?;
            (kept, output) = (bench.kept, bench.output);
            if next.is_none() {
                next = groups.next().map(|group| self.begin(group)).transpose()?;
            }
        }
        Ok(output)
    }

    fn begin(&self, group: Group) -> Result<Reading, DownloadError> {
        let position = usize::try_from(group.segment).unwrap_or(usize::MAX);
        let segment =
            self.manifest.segments.get(position).ok_or_else(|| self.damaged(group.wants.first()))?;
        let source = Arc::new(SegmentSource::new(self.owner, &self.manifest, segment)?);
        let ciphertext = group.ciphertext(&self.manifest);
        let fetch = Fetch::begin(self.owner, Arc::clone(&source), &ciphertext, self.findings.clone())?;
        Ok(Reading { group, source, fetch })
    }

    async fn bring_group(
        &mut self,
        mut reading: Reading,
        mut bench: Bench,
        groups: &mut impl Iterator<Item = Group>,
        next: &mut Option<Reading>,
    ) -> Result<Bench, DownloadError> {
        let mut loaded = None;
        loop {
            let (back, decoded) = self.work(bench, loaded.take()).await?;
            bench = back;
            self.deliver(&mut bench.output).await?;
            match decoded {
                Decoded::Done => return Ok(bench),
                Decoded::More => {}
                Decoded::NeedsStripe => {
                    if next.is_none() && reading.fetch.is_nearly_done(NEXT_GROUP_STRIPES) {
                        *next = groups.next().map(|group| self.begin(group)).transpose()?;
                    }
                    loaded = tokio::select! {
                        biased;
                        () = self.cancel.cancelled() => return Err(DownloadError::Interrupted),
                        stripe = reading.fetch.next_stripe() => stripe?,
                    };
                    if loaded.is_none() {
                        return Err(self.damaged(reading.group.wants.last()));
                    }
                }
                Decoded::Bad(want) => bench = self.mend(&mut reading, bench, want).await?,
            }
        }
    }

    /// A job on a worker: take a stripe in, decode what can be decoded.
    async fn work(
        &self,
        mut bench: Bench,
        stripe: Option<StripePieces>,
    ) -> Result<(Bench, Decoded), DownloadError> {
        let job = move || -> Result<(Bench, Decoded), DecodeStop> {
            if let Some(stripe) = stripe {
                bench.decoder.load(stripe)?;
            }
            let decoded = bench.decoder.run(&mut bench.kept, &mut bench.output)?;
            Ok((bench, decoded))
        };
        self.owner.workers().run(job).await?.map_err(|stop| self.stopped(stop))
    }

    /// Reads a chunk again with proofs; liars are out from here on.
    async fn mend(
        &self,
        reading: &mut Reading,
        mut bench: Bench,
        want: Want,
    ) -> Result<Bench, DownloadError> {
        let chunk = chunk_of(&self.manifest, &want).ok_or_else(|| self.damaged(Some(&want)))?;
        let start = u64::from(chunk.offset_bytes);
        let range = start..start + u64::from(chunk.sealed_bytes);
        let verified = tokio::select! {
            biased;
            () = self.cancel.cancelled() => return Err(DownloadError::Interrupted),
            verified = read_verified(self.owner, &reading.source, range.clone(), &self.findings) => verified?,
        };
        let job = move || -> Result<(Bench, bool), DecodeStop> {
            let opened =
                bench.decoder.run_verified(verified.ciphertext, &mut bench.kept, &mut bench.output)?;
            Ok((bench, opened))
        };
        let (bench, opened) = self.owner.workers().run(job).await?.map_err(|stop| self.stopped(stop))?;
        if !opened {
            return Err(self.damaged(Some(&want)));
        }
        if verified.liars.is_empty() {
            reading.fetch.suspect(range)?;
        } else {
            reading.fetch.distrust(&verified.liars)?;
        }
        Ok(bench)
    }

    /// Tells progress, and gives plaintext on to the stream.
    async fn deliver(&mut self, output: &mut Output) -> Result<(), DownloadError> {
        match output {
            Output::Files(files) => {
                let (bytes, done) = files.take_written();
                self.operation.update(|progress| {
                    progress.done_bytes += bytes;
                    progress.done_files += done;
                });
            }
            Output::Memory(memory) => {
                let bytes = memory.len() as u64;
                if let Some(sink) = &mut self.sink {
                    tokio::select! {
                        biased;
                        () = self.cancel.cancelled() => return Err(DownloadError::Interrupted),
                        written = sink.write_all(memory) => {
                            written.map_err(|source| DownloadError::Output { source })?;
                        }
                    }
                }
                memory.clear();
                self.operation.update(|progress| progress.done_bytes += bytes);
            }
        }
        Ok(())
    }

    fn stopped(&self, stop: DecodeStop) -> DownloadError {
        match stop {
            DecodeStop::Codec(error) => error.into(),
            DecodeStop::Stage(error) => error.into(),
            DecodeStop::Manifest => self.damaged(None),
        }
    }

    fn damaged(&self, want: Option<&Want>) -> DownloadError {
        let entry = want.and_then(|want| self.manifest.entries.get(want.entry));
        DownloadError::Damaged { name: entry.map(|entry| entry.path.to_string()).unwrap_or_default() }
    }
}
