//! A buffer that a disk can take directly.

/// Alignment in memory and on the disk that every common file system accepts for direct writes: a page, and the
/// largest block of today's disks.
pub(crate) const ALIGNMENT: usize = 4096;

/// A buffer of fixed size that starts at a multiple of [`ALIGNMENT`].
#[derive(Debug)]
pub(crate) struct AlignedBuffer {
    /// As far as `start`: padding. Never grows beyond its first capacity, so that it never moves.
    memory: Vec<u8>,
    start: usize,
    size_bytes: usize,
}

impl AlignedBuffer {
    pub(crate) fn new(size_bytes: usize) -> Self {
        let mut memory = Vec::<u8>::with_capacity(size_bytes + ALIGNMENT);
        let start = memory.as_ptr().align_offset(ALIGNMENT);
        // Where no alignment can be had the buffer still works, and writes are not direct.
        let start = if start < ALIGNMENT { start } else { 0 };
        memory.resize(start, 0);
        Self { memory, start, size_bytes }
    }

    /// Takes as many bytes as fit, and answers the rest.
    pub(crate) fn fill<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let room_bytes = self.start + self.size_bytes - self.memory.len();
        let (now, rest) = bytes.split_at(room_bytes.min(bytes.len()));
        self.memory.extend_from_slice(now);
        rest
    }

    pub(crate) fn is_full(&self) -> bool {
        self.memory.len() == self.start + self.size_bytes
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.memory.get(self.start..).unwrap_or_default()
    }

    pub(crate) fn clear(&mut self) {
        self.memory.truncate(self.start);
    }
}

#[cfg(test)]
mod tests {
    use super::{ALIGNMENT, AlignedBuffer};

    #[test]
    fn holds_what_it_is_given_at_an_aligned_place() {
        let mut buffer = AlignedBuffer::new(3 * ALIGNMENT + 1024);
        let place = buffer.bytes().as_ptr();
        assert_eq!(place.align_offset(ALIGNMENT), 0);
        for round in 0..3u8 {
            assert_eq!(buffer.fill(&vec![round; 2 * ALIGNMENT]), &[]);
            assert!(!buffer.is_full());
            assert_eq!(buffer.fill(&vec![round; 2 * ALIGNMENT]).len(), ALIGNMENT - 1024);
            assert!(buffer.is_full());
            assert_eq!(buffer.bytes(), vec![round; 3 * ALIGNMENT + 1024]);
            assert_eq!(buffer.bytes().as_ptr(), place, "a buffer that moves is not aligned any more");
            buffer.clear();
            assert!(buffer.bytes().is_empty());
        }
    }
}
