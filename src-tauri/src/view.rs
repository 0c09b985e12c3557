//! What the page is told of the node: one value, replaced as a whole.

use serde::Serialize;

/// Where the node of this window stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub(crate) enum NodeView {
    /// On its way.
    Starting,
}
