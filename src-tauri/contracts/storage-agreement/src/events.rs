//! What happened, for whoever watches. All of it follows from calls and state; nothing here is needed to settle.

use soroban_sdk::{BytesN, contractevent};

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

/// A part was divided and paid out.
#[contractevent(data_format = "vec")]
pub(crate) struct Settled {
    /// Which escrow.
    #[topic]
    pub(crate) id: BytesN<32>,
    /// Which of its hosts.
    pub(crate) host: u32,
    /// Stroops for the host.
    pub(crate) to_host: u64,
    /// Stroops for the owner.
    pub(crate) to_owner: u64,
}
