//! Reed–Solomon over one stripe, with buffers that are used again for the next.

use sia_reed_solomon::{Error, ReedSolomon};

use crate::Profile;

/// One stripe's pieces in the clear, and the code that completes them.
///
/// The code is systematic: GF(2^8) with polynomial 0x11D, and as matrix the n × k Vandermonde matrix (row r, column
/// c: r^c) times the inverse of its upper k × k square.
pub(crate) struct Coder {
    code: ReedSolomon,
    profile: Profile,
    /// Piece of each shard, if known.
    pieces: Vec<Option<Vec<u8>>>,
    /// Buffers of pieces that are no longer needed.
    spare: Vec<Vec<u8>>,
}

impl Coder {
    pub(crate) fn new(profile: Profile) -> Result<Self, Error> {
        Ok(Self {
            code: ReedSolomon::new(profile.k().into(), profile.parity().into())?,
            profile,
            pieces: vec![None; profile.n().into()],
            spare: Vec::new(),
        })
    }

    /// Encodes whole stripes where they lie: `pieces` are the n pieces, of which the last n − k are overwritten.
    pub(crate) fn encode(&self, pieces: &mut [&mut [u8]]) -> Result<(), Error> {
        self.code.encode(pieces)
    }

    /// Forgets the pieces of the stripe before.
    pub(crate) fn clear(&mut self) {
        self.spare.extend(self.pieces.iter_mut().filter_map(Option::take));
    }

    /// Sets a piece to a copy of `bytes`, padded with zeros to `piece_bytes`, and gives it out to be unblinded.
    pub(crate) fn set(&mut self, shard: u8, bytes: &[u8], piece_bytes: usize) -> Option<&mut [u8]> {
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(bytes);
        buffer.resize(piece_bytes, 0);
        let slot = self.pieces.get_mut(usize::from(shard))?;
        self.spare.extend(slot.replace(buffer));
        slot.as_deref_mut()
    }

    /// A known piece.
    pub(crate) fn piece(&self, shard: u8) -> Option<&[u8]> {
        self.pieces.get(usize::from(shard))?.as_deref()
    }

    /// Computes the data pieces that are not known from any k that are.
    pub(crate) fn complete_data(&mut self) -> Result<(), Error> {
        self.code.reconstruct_data(&mut self.pieces)
    }

    /// Computes the parity pieces of these shards from the data pieces, which must all be known.
    ///
    /// The crate computes every parity piece that is missing, so those that nobody asked for are filled with
    /// anything for the time of the call: with all data known, no parity piece is ever an input.
    pub(crate) fn complete_parity(&mut self, wanted: &[u8], piece_bytes: usize) -> Result<(), Error> {
        let unwanted: Vec<u8> = (self.profile.k()..self.profile.n())
            .filter(|shard| !wanted.contains(shard) && self.piece(*shard).is_none())
            .collect();
        for shard in &unwanted {
            self.set(*shard, &[], piece_bytes);
        }
        let result = self.code.reconstruct(&mut self.pieces);
        for shard in &unwanted {
            let filler = self.pieces.get_mut(usize::from(*shard)).and_then(Option::take);
            self.spare.extend(filler);
        }
        result
    }
}
