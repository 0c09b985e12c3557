//! What runs in each connection's task: opens and accepts streams, with bounds on both.

use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use libp2p::StreamProtocol;
use libp2p::core::UpgradeInfo;
use libp2p::core::upgrade::{InboundUpgrade, OutboundUpgrade};
use libp2p::swarm::handler::{
    ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound, ProtocolsChange,
};
use libp2p::swarm::{ConnectionHandler, ConnectionHandlerEvent, StreamUpgradeError, SubstreamProtocol};
use tokio::sync::mpsc;
use tokio_util::sync::PollSender;

use super::registry::{Link, OpenFailure, OpenOrder, Registry};
use super::{InboundStream, NetStream};
use crate::protocol::StreamName;

/// Inbound streams that wait for the application, per connection; beyond it a stream is reset, never lost in silence.
pub(crate) const INBOUND_QUEUE: usize = 64;
/// Outbound streams in negotiation, per connection.
const NEGOTIATING: usize = 64;
/// From asking the muxer for a stream to the end of the protocol's negotiation.
const NEGOTIATION_TIMEOUT: Duration = Duration::from_secs(10);
/// Protocol names remembered of a peer; identify's message is bounded, this bounds the memory of it.
const REMEMBERED_PROTOCOLS: usize = 64;

/// The protocols that this node serves, with their names on the wire.
pub(crate) type Accepted = Arc<[(StreamProtocol, StreamName)]>;

/// See the module.
pub(crate) struct Handler {
    link: Arc<Link>,
    registry: Arc<Registry>,
    accepted: Accepted,
    orders: mpsc::Receiver<OpenOrder>,
    negotiating: usize,
    waiting: VecDeque<InboundStream>,
    inbound: PollSender<InboundStream>,
    /// What the peer says it speaks; `None` before its identify message.
    spoken: Option<HashSet<StreamProtocol>>,
}

impl Handler {
    pub(crate) fn new(
        link: Arc<Link>,
        registry: Arc<Registry>,
        accepted: Accepted,
        orders: mpsc::Receiver<OpenOrder>,
        inbound: mpsc::Sender<InboundStream>,
    ) -> Self {
        Self {
            link,
            registry,
            accepted,
            orders,
            negotiating: 0,
            waiting: VecDeque::new(),
            inbound: PollSender::new(inbound),
            spoken: None,
        }
    }

    fn accept(&mut self, stream: libp2p::Stream, protocol: StreamName) {
        if self.waiting.len() >= INBOUND_QUEUE {
            self.registry.count_dropped();
            tracing::debug!(peer = %self.link.peer.id, "inbound queue full, stream reset");
            return;
        }
        let Ok(slot) = Arc::clone(&self.link.peer.inbound).try_acquire_owned() else {
            self.registry.count_dropped();
            tracing::debug!(peer = %self.link.peer.id, "peer has too many streams, stream reset");
            return;
        };
        let peer = self.link.peer.id;
        let relayed = self.link.is_relayed();
        let stream = NetStream::new(stream, Arc::clone(&self.link.peer), relayed, self.link.mark(), slot);
        self.waiting.push_back(InboundStream { peer, protocol, relayed, stream });
    }

    fn hand_over(&mut self, cx: &mut Context<'_>) {
        while !self.waiting.is_empty() {
            match self.inbound.poll_reserve(cx) {
                Poll::Pending => return,
                Poll::Ready(Err(_)) => {
                    // Nobody listens any more: the node is stopping.
                    self.waiting.clear();
                    return;
                }
                Poll::Ready(Ok(())) => {
                    if let Some(stream) = self.waiting.pop_front() {
                        // The slot was just reserved, so this cannot fail.
                        let _ = self.inbound.send_item(stream);
                    }
                }
            }
        }
    }

    fn learn(&mut self, change: ProtocolsChange<'_>) {
        let spoken = self.spoken.get_or_insert_default();
        match change {
            ProtocolsChange::Added(added) => {
                for protocol in added {
                    if spoken.len() < REMEMBERED_PROTOCOLS && protocol.as_ref().starts_with("/layr/") {
                        spoken.insert(protocol.clone());
                    }
                }
            }
            ProtocolsChange::Removed(removed) => {
                for protocol in removed {
                    spoken.remove(protocol);
                }
            }
        }
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        self.link.close();
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Infallible;
    type ToBehaviour = Infallible;
    type InboundProtocol = Offer;
    type OutboundProtocol = Ask;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = OpenOrder;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(Offer(Arc::clone(&self.accepted)), ()).with_timeout(NEGOTIATION_TIMEOUT)
    }

    fn connection_keep_alive(&self) -> bool {
        self.link.peer.pinned.load(Ordering::Relaxed)
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Self::OutboundOpenInfo, Self::ToBehaviour>> {
        self.hand_over(cx);
        while self.negotiating < NEGOTIATING {
            let Poll::Ready(Some(order)) = self.orders.poll_recv(cx) else {
                break;
            };
            if order.reply.is_closed() {
                continue;
            }
            if self.spoken.as_ref().is_some_and(|spoken| !spoken.contains(&order.protocol)) {
                let _ = order.reply.send(Err(OpenFailure::Unsupported));
                continue;
            }
            self.negotiating += 1;
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest {
                protocol: SubstreamProtocol::new(Ask(order.protocol.clone()), order)
                    .with_timeout(NEGOTIATION_TIMEOUT),
            });
        }
        Poll::Pending
    }

    fn on_behaviour_event(&mut self, event: Self::FromBehaviour) {
        match event {}
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<
            Self::InboundProtocol,
            Self::OutboundProtocol,
            Self::InboundOpenInfo,
            Self::OutboundOpenInfo,
        >,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (stream, name),
                ..
            }) => self.accept(stream, name),
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: stream,
                info: order,
            }) => {
                self.negotiating = self.negotiating.saturating_sub(1);
                let stream = NetStream::new(
                    stream,
                    Arc::clone(&self.link.peer),
                    self.link.is_relayed(),
                    self.link.mark(),
                    order.slot,
                );
                // An opener that gave up drops the stream, which resets it.
                let _ = order.reply.send(Ok(stream));
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info: order, error }) => {
                self.negotiating = self.negotiating.saturating_sub(1);
                let failure = match error {
                    StreamUpgradeError::NegotiationFailed => OpenFailure::Unsupported,
                    StreamUpgradeError::Timeout => OpenFailure::Refused("no answer".into()),
                    StreamUpgradeError::Io(error) => OpenFailure::Refused(error.to_string()),
                    StreamUpgradeError::Apply(never) => match never {},
                };
                let _ = order.reply.send(Err(failure));
            }
            ConnectionEvent::RemoteProtocolsChange(change) => self.learn(change),
            _ => {}
        }
    }
}

/// The served protocols, as an upgrade.
#[derive(Clone)]
pub(crate) struct Offer(Accepted);

impl UpgradeInfo for Offer {
    type Info = StreamProtocol;
    type InfoIter = Vec<StreamProtocol>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.iter().map(|(protocol, _)| protocol.clone()).collect()
    }
}

impl InboundUpgrade<libp2p::Stream> for Offer {
    type Output = (libp2p::Stream, StreamName);
    type Error = Refused;
    type Future = Ready<Result<Self::Output, Refused>>;

    fn upgrade_inbound(self, stream: libp2p::Stream, chosen: StreamProtocol) -> Self::Future {
        let name = self.0.iter().find(|(protocol, _)| *protocol == chosen).map(|(_, name)| *name);
        ready(name.map(|name| (stream, name)).ok_or(Refused))
    }
}

/// The negotiation chose something that was not offered.
#[derive(Debug, thiserror::Error)]
#[error("a protocol that was not offered")]
pub(crate) struct Refused;

/// One protocol that is asked for.
#[derive(Clone)]
pub(crate) struct Ask(StreamProtocol);

impl UpgradeInfo for Ask {
    type Info = StreamProtocol;
    type InfoIter = std::iter::Once<StreamProtocol>;

    fn protocol_info(&self) -> Self::InfoIter {
        std::iter::once(self.0.clone())
    }
}

impl OutboundUpgrade<libp2p::Stream> for Ask {
    type Output = libp2p::Stream;
    type Error = Infallible;
    type Future = Ready<Result<libp2p::Stream, Infallible>>;

    fn upgrade_outbound(self, stream: libp2p::Stream, _: StreamProtocol) -> Self::Future {
        ready(Ok(stream))
    }
}
