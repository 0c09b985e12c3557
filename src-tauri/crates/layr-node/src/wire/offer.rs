//! A host's terms.

use layr_keys::PeerId;
use minicbor::{Decode, Encode};

use super::{FrameError, WireKey, decode_body};

/// A host's terms: the payload of its signed `Host` record, which goes to the DHT and answers [`Request::Offer`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Offer {
    /// Where to reach it: at most eight multiaddresses of at most 256 bytes.
    #[n(0)]
    pub addresses: Vec<String>,
    /// Room it offers now, in bytes.
    #[n(1)]
    pub free_bytes: u64,
    /// Price in stroops per GiB and window of seven days; 0 is free.
    #[n(2)]
    pub price_stroops_per_gib_window: u64,
    /// Longest term in days.
    #[n(3)]
    pub max_term_days: u32,
    /// Whether it accepts shards at this moment.
    #[n(4)]
    pub accepting: bool,
    /// When it was signed.
    #[n(5)]
    pub issued_at_unix_s: u64,
    /// Seconds from then until it stops; none of one that stays. At most [`LONGEST_LEAVE_S`].
    #[n(6)]
    pub leaves_in_s: Option<u32>,
    /// The account on the network's ledger that is paid; none of a host that is free.
    #[n(7)]
    pub account: Option<WireKey>,
    /// Collateral that it puts in, in hundredths of the rent of a term.
    #[n(8)]
    pub collateral_percent: Option<u8>,
}

/// Longest time in which a host may leave, in seconds: 90 days, as long as an owner remembers a host that it does not see.
pub const LONGEST_LEAVE_S: u32 = 90 * 24 * 60 * 60;

/// Whether a host may say that it stops in so many seconds.
pub(crate) fn is_leave_bounded(leaves_in_s: Option<u32>) -> bool {
    leaves_in_s.is_none_or(|leaves_in_s| leaves_in_s <= LONGEST_LEAVE_S)
}

/// Most addresses in an offer.
pub const MAX_OFFER_ADDRESSES: usize = 8;
/// Longest address in an offer, in bytes.
pub const MAX_ADDRESS_BYTES: usize = 256;

impl Offer {
    /// Decodes and bounds an offer.
    ///
    /// # Errors
    /// [`FrameError::Malformed`] for anything out of bounds.
    pub fn decode_bounded(payload: &[u8]) -> Result<Self, FrameError> {
        let offer: Self = decode_body(payload)?;
        if offer.addresses.len() > MAX_OFFER_ADDRESSES
            || offer.addresses.iter().any(|address| address.len() > MAX_ADDRESS_BYTES)
        {
            return Err(FrameError::Malformed { reason: "too many or too long addresses".to_owned() });
        }
        if !is_leave_bounded(offer.leaves_in_s) {
            return Err(FrameError::Malformed { reason: "it leaves for too long".to_owned() });
        }
        Ok(offer)
    }
}

/// A host that answered, with its verified offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHost {
    /// Who.
    pub peer: PeerId,
    /// Its terms.
    pub offer: Offer,
}
