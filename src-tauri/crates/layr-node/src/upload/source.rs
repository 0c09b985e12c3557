//! Reading local files in chunks, many at a time, and noticing those that change meanwhile.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::path::Path;

use layr_codec::{ChunkId, Chunker, CodecSecrets, MAX_CHUNK_BYTES};
use layr_keys::{Links, open_regular};

use super::scan::{FoundFile, io_reason};
use crate::look::Look;

/// Bytes read before they are cut and hashed: several chunks at once keep the lanes of the hash busy, and the tail that is
/// carried over is small against it.
const BATCH_BYTES: usize = 2 * MAX_CHUNK_BYTES;
/// Files in one batch: bounds the open reports and the share of a batch that is bookkeeping.
const BATCH_FILES: usize = 512;
/// How often a file is read when it changes meanwhile.
const ATTEMPTS: u32 = 2;

/// A chunk of a batch.
#[derive(Debug, Clone)]
pub(super) struct BatchChunk {
    /// Its id.
    pub id: ChunkId,
    /// Its bytes in the batch.
    pub range: Range<usize>,
    /// The file that it belongs to, as an index into the batch's files.
    pub file: usize,
    /// Where it begins in the file.
    pub offset_bytes: u64,
}

/// A file, or a part of one, in a batch.
#[derive(Debug)]
pub(super) struct BatchFile {
    /// The file as the walk found it, with its look as it was opened.
    pub found: FoundFile,
    /// Whether the batch holds its first bytes.
    pub begins: bool,
    /// How the batch leaves it.
    pub end: BatchEnd,
}

/// How a batch leaves a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BatchEnd {
    /// More follows in the next batch.
    Continues,
    /// It is read, and was the same before and after.
    Whole,
    /// It cannot be stored: nothing of it may be referred to.
    Unreadable(String),
}

/// Some content, cut and named.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The content of all chunks.
    pub bytes: Vec<u8>,
    /// The chunks in order.
    pub chunks: Vec<BatchChunk>,
    /// The files in order.
    pub files: Vec<BatchFile>,
}

/// Reads files one after the other.
pub(super) struct Reader {
    chunker: Chunker,
    open: Option<Open>,
    memory: Vec<u8>,
}

struct Open {
    file: File,
    found: FoundFile,
    attempt: u32,
    begun: bool,
    /// Bytes read and not yet cut.
    tail: Vec<u8>,
    cut_bytes: u64,
    read_bytes: u64,
}

impl Reader {
    /// A reader that cuts as this owner does.
    pub(super) fn new(secrets: &CodecSecrets) -> Self {
        Self { chunker: secrets.chunker(), open: None, memory: Vec::new() }
    }

    /// Whether a file is half read, so that the next batch needs no new one.
    pub(super) fn is_inside_a_file(&self) -> bool {
        self.open.is_some()
    }

    /// Takes a batch's memory back for the next one.
    pub(super) fn recycle(&mut self, batch: Batch) {
        self.memory = batch.bytes;
    }

    /// Reads until the batch is full or `next_file` gives no more. Does file system calls: not for async threads.
    pub(super) fn next_batch(
        &mut self,
        secrets: &CodecSecrets,
        mut next_file: impl FnMut() -> Option<FoundFile>,
    ) -> Batch {
        let mut batch = Batch { bytes: std::mem::take(&mut self.memory), ..Batch::default() };
        batch.bytes.clear();
        while batch.bytes.len() < BATCH_BYTES && batch.files.len() < BATCH_FILES {
            let open = match self.open.take() {
                Some(open) => open,
                None => match next_file() {
                    Some(found) => match Open::new(found, 1) {
                        Ok(open) => open,
                        Err(unreadable) => {
                            batch.files.push(*unreadable);
                            continue;
                        }
                    },
                    None => break,
                },
            };
            self.open = self.read_into(&mut batch, open);
            if batch.files.last().is_some_and(|file| file.end == BatchEnd::Continues) {
                break;
            }
        }
        name_chunks(secrets, &mut batch);
        batch
    }

    /// Reads a file until it ends or the batch is full; returns it if it goes on.
    fn read_into(&self, batch: &mut Batch, mut open: Open) -> Option<Open> {
        let file = batch.files.len();
        let mut start = batch.bytes.len();
        let chunks_before = batch.chunks.len();
        batch.bytes.append(&mut open.tail);
        let begins = !std::mem::replace(&mut open.begun, true);
        let end = loop {
            // One byte more than the rest shows that the file has grown.
            let rest = open.found.look.size_bytes.saturating_sub(open.read_bytes).saturating_add(1);
            let room = BATCH_BYTES.saturating_sub(batch.bytes.len()).max(1) as u64;
            let read = (&open.file).take(rest.min(room)).read_to_end(&mut batch.bytes);
            let read = match read {
                Ok(read) => read as u64,
                Err(source) => break BatchEnd::Unreadable(io_reason(&source)),
            };
            open.read_bytes += read;
            let at_end = read < rest.min(room);
            self.cut(batch, &mut start, at_end, file, &mut open.cut_bytes);
            if at_end {
                break if open.is_unchanged() {
                    BatchEnd::Whole
                } else {
                    BatchEnd::Unreadable(
                        "it keeps changing while it is read; nothing of it was stored".to_owned(),
                    )
                };
            }
            if open.read_bytes > open.found.look.size_bytes {
                break BatchEnd::Unreadable(
                    "it keeps changing while it is read; nothing of it was stored".to_owned(),
                );
            }
            if batch.bytes.len() >= BATCH_BYTES {
                break BatchEnd::Continues;
            }
        };
        if matches!(end, BatchEnd::Unreadable(_)) {
            // What this batch holds of it is not needed; chunks of earlier batches are swept later.
            let begin = batch.chunks.get(chunks_before).map_or(start, |chunk| chunk.range.start);
            batch.chunks.truncate(chunks_before);
            batch.bytes.truncate(begin);
            return read_again(batch, open, begins, end);
        }
        if end == BatchEnd::Continues {
            open.tail = batch.bytes.split_off(start);
        }
        let done = end == BatchEnd::Whole;
        batch.files.push(BatchFile { found: open.found.clone(), begins, end });
        (!done).then_some(open)
    }

    fn cut(&self, batch: &mut Batch, start: &mut usize, at_end: bool, file: usize, cut_bytes: &mut u64) {
        while let Some(length) = batch.bytes.get(*start..).and_then(|window| self.chunker.cut(window, at_end))
        {
            let range = *start..*start + length;
            *start = range.end;
            batch.chunks.push(BatchChunk {
                id: ChunkId::from_bytes([0; 32]),
                range,
                file,
                offset_bytes: *cut_bytes,
            });
            *cut_bytes += length as u64;
        }
    }
}

/// Opens a file that changed once more; reports it after the last attempt.
fn read_again(batch: &mut Batch, open: Open, begins: bool, end: BatchEnd) -> Option<Open> {
    let retry = if open.attempt < ATTEMPTS {
        Open::new(open.found.clone(), open.attempt + 1)
    } else {
        Err(Box::new(BatchFile { found: open.found, begins, end }))
    };
    match retry {
        Ok(mut again) => {
            // The reports of the first attempt are replaced by those of the second.
            again.begun = false;
            Some(again)
        }
        Err(mut unreadable) => {
            unreadable.begins = begins;
            batch.files.push(*unreadable);
            None
        }
    }
}

impl Open {
    fn new(found: FoundFile, attempt: u32) -> Result<Self, Box<BatchFile>> {
        match open_source(&found.local) {
            Ok((file, look)) => {
                let found = FoundFile { look, ..found };
                Ok(Self { file, found, attempt, begun: false, tail: Vec::new(), cut_bytes: 0, read_bytes: 0 })
            }
            Err(reason) => {
                Err(Box::new(BatchFile { found, begins: true, end: BatchEnd::Unreadable(reason) }))
            }
        }
    }

    fn is_unchanged(&self) -> bool {
        self.read_bytes == self.found.look.size_bytes
            && self.file.metadata().is_ok_and(|metadata| Look::of(&metadata) == self.found.look)
    }
}

/// Opens a file for reading without following a link that took its place.
pub(super) fn open_source(path: &Path) -> Result<(File, Look), String> {
    let (file, metadata) = open_regular(path, Links::Refuse).map_err(|source| match source.kind() {
        ErrorKind::InvalidInput => "it is no regular file any more".to_owned(),
        _ => io_reason(&source),
    })?;
    Ok((file, Look::of(&metadata)))
}

fn name_chunks(secrets: &CodecSecrets, batch: &mut Batch) {
    let contents: Vec<&[u8]> =
        batch.chunks.iter().map(|chunk| batch.bytes.get(chunk.range.clone()).unwrap_or_default()).collect();
    let ids = secrets.chunk_ids(&contents);
    for (chunk, id) in batch.chunks.iter_mut().zip(ids) {
        chunk.id = id;
    }
}

#[cfg(test)]
mod tests;
