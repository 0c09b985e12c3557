//! Delegates, as they are made and reported.

use serde::{Deserialize, Serialize};

/// `delegate create`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelegateRequest {
    /// Whose node it is to be, by its peer id.
    pub peer_id: String,
    /// What to call it, at most 64 letters.
    #[serde(default)]
    pub name: String,
    /// Multiaddresses to reach it at; the network is asked when there are none.
    #[serde(default)]
    pub addresses: Vec<String>,
}

/// Result of the `delegate` commands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegatesReport {
    /// Who we are, for the person at a delegate to agree to.
    pub owner: String,
    /// Nodes that look after our files.
    pub delegates: Vec<DelegateInfo>,
    /// Owners whose files this node looks after, or agreed to.
    pub owners: Vec<EntrustingOwner>,
    /// Until when a delegate that was just revoked may still store in our name, since it could not be told; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untold_until: Option<String>,
}

/// A node that looks after our files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegateInfo {
    /// Its peer id.
    pub peer_id: String,
    /// What we call it; may be empty.
    pub name: String,
    /// Since when, in RFC 3339.
    pub since: String,
    /// When it may do nothing any more unless its delegation is renewed, which happens by itself; absent before the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// When it answered last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_heard: Option<String>,
    /// Entries of its log that were heard.
    pub heard: u64,
    /// New copies of its making that were proven to us and taken over.
    pub placed: u64,
    /// Claims of it that proved false.
    pub refuted: u64,
    /// What stands between us, a sentence; absent when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// An owner whose files this node looks after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntrustingOwner {
    /// Who.
    pub owner: String,
    /// When the delegation ends that it gave; absent before it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// When it was last here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_heard: Option<String>,
    /// Segments looked after.
    pub segments: u64,
    /// Entries of the log that it has not heard yet.
    pub untold: u64,
}
