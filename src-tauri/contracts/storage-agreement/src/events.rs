//! What happened, for whoever watches. All of it follows from calls and state; nothing here is needed to settle.

use soroban_sdk::{BytesN, Vec, contractevent};

/// An escrow was opened; the deposits, and the collateral of those who joined, are held.
#[contractevent(data_format = "vec")]
pub(crate) struct Opened {
    /// Which.
    #[topic]
    pub(crate) id: BytesN<32>,
    /// Stroops held.
    pub(crate) held: u64,
}

/// A host joined; its collateral is held.
#[contractevent(data_format = "vec")]
pub(crate) struct Accepted {
    /// Which escrow.
    #[topic]
    pub(crate) id: BytesN<32>,
    /// Which of its hosts.
    pub(crate) host: u32,
}

/// A window was proven on chain.
#[contractevent(data_format = "vec")]
pub(crate) struct Proved {
    /// Which escrow.
    #[topic]
    pub(crate) id: BytesN<32>,
    /// Which of its hosts.
    pub(crate) host: u32,
    /// Which window.
    pub(crate) window: u32,
}

/// A receipt was shown.
#[contractevent(data_format = "vec")]
pub(crate) struct Claimed {
    /// Which escrow.
    #[topic]
    pub(crate) id: BytesN<32>,
    /// Which of its hosts.
    pub(crate) host: u32,
    /// Stroops earned so far.
    pub(crate) earned: u64,
}

/// The owner asked for a window itself.
#[contractevent(data_format = "vec")]
pub(crate) struct Asked {
    /// Which escrow.
    #[topic]
    pub(crate) id: BytesN<32>,
    /// Which window.
    pub(crate) window: u32,
}

/// A window without a question counts for a host.
#[contractevent(data_format = "vec")]
pub(crate) struct Excused {
    /// Which escrow.
    #[topic]
    pub(crate) id: BytesN<32>,
    /// Which of its hosts.
    pub(crate) host: u32,
    /// Which window.
    pub(crate) window: u32,
}

/// The owner ended an agreement.
#[contractevent(data_format = "vec")]
pub(crate) struct Terminated {
    /// Which escrow.
    #[topic]
    pub(crate) id: BytesN<32>,
    /// Which of its hosts.
    pub(crate) host: u32,
    /// Number of windows that it still has.
    pub(crate) windows: u32,
}

/// The owner took back what a host did not accept.
#[contractevent(data_format = "vec")]
pub(crate) struct Withdrawn {
    /// Which.
    #[topic]
    pub(crate) id: BytesN<32>,
    /// Which of its hosts.
    pub(crate) host: u32,
}

/// Parts were divided.
#[contractevent(data_format = "vec")]
pub(crate) struct Settled {
    /// Which escrow.
    #[topic]
    pub(crate) id: BytesN<32>,
    /// Which of its hosts, and what is theirs in stroops, whether it could be paid or not.
    pub(crate) hosts: Vec<(u32, u64)>,
    /// What is the owner's in stroops.
    pub(crate) to_owner: u64,
}
