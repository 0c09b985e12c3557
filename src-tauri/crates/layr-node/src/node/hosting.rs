//! What this node lends to others.

use super::{Node, NodeEvent};
use crate::api::{HostReport, HostSettings, LeaveRequest};
use crate::error::NodeError;

impl Node {
    /// Changes how much and on what terms this node lends; applied at once.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] for a quota that the disk has no room for, [`ErrorCode::DatabaseUnusable`],
    /// [`ErrorCode::LocalFile`].
    pub async fn host_set(&self, settings: HostSettings) -> Result<HostReport, NodeError> {
        let report = self.inner.host.set(settings).await?;
        self.tell(NodeEvent::HostingChanged);
        Ok(report)
    }

    /// What this node lends.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`].
    pub async fn host_show(&self) -> Result<HostReport, NodeError> {
        self.inner.host.show().await
    }

    /// Takes no new shards; what is stored is served on.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] where no space is lent; [`ErrorCode::LocalFile`].
    pub async fn host_pause(&self) -> Result<HostReport, NodeError> {
        let report = self.inner.host.set_paused(true).await?;
        self.tell(NodeEvent::HostingChanged);
        Ok(report)
    }

    /// Takes new shards again.
    ///
    /// # Errors
    /// As [`Node::host_pause`].
    pub async fn host_resume(&self) -> Result<HostReport, NodeError> {
        let report = self.inner.host.set_paused(false).await?;
        self.tell(NodeEvent::HostingChanged);
        Ok(report)
    }

    /// Leaves in good order: takes no new shards, and has owners bring what lies here to other hosts; then hosting ends by itself.
    ///
    /// # Errors
    /// As [`Node::host_pause`], and [`ErrorCode::InvalidRequest`] for a time out of bounds.
    pub async fn host_leave(&self, request: LeaveRequest) -> Result<HostReport, NodeError> {
        let report = self.inner.host.leave(request).await?;
        self.tell(NodeEvent::HostingChanged);
        Ok(report)
    }

    /// Stays after all, and takes new shards again.
    ///
    /// # Errors
    /// As [`Node::host_pause`].
    pub async fn host_stay(&self) -> Result<HostReport, NodeError> {
        let report = self.inner.host.stay().await?;
        self.tell(NodeEvent::HostingChanged);
        Ok(report)
    }
}
