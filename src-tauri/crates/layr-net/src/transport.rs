//! The transport stack: TCP (TLS, else Noise; yamux), QUIC, names, circuits, all behind the dial guard.

mod muxer;
pub(crate) mod security;

use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, OrTransport, Transport};
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::{PeerId, dns, quic, relay, tcp};

use crate::dial::DialPolicy;
use crate::dial::guard::Guard;
use crate::error::StartError;
use crate::transport::muxer::Yamux;
use crate::transport::security::TlsOrNoise;

/// Streams on one connection, ours and the protocols'. A peer that opens more loses the connection. What they may park unread
/// over TCP, all together, is `muxer::CONNECTION_WINDOW`.
pub(crate) const MAX_STREAMS_PER_CONNECTION: u16 = 192;

/// What one QUIC stream may park unread: 10 MiB/s at 100 ms, and little enough that a sender notices a host that takes its shard
/// slowly, instead of handing all of it over and waiting for the answer.
const QUIC_STREAM_WINDOW: u32 = 1024 * 1024;

/// Builds the stack and the relay client that belongs to it.
pub(crate) fn build(
    keypair: &Keypair,
    policy: DialPolicy,
    handshake: Duration,
) -> Result<(Boxed<(PeerId, StreamMuxerBox)>, relay::client::Behaviour), StartError> {
    let tcp = secured(tcp::tokio::Transport::new(tcp::Config::default()), keypair)?;
    let quic = quic::tokio::Transport::new(quic_config(keypair))
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)))
        .boxed();
    let direct = OrTransport::new(quic, tcp).map(|either, _| either.into_inner());
    let named =
        dns::tokio::Transport::system(direct).map_err(|source| StartError::Resolver { source })?.boxed();
    let (relay_transport, relay_behaviour) = relay::client::new(keypair.public().to_peer_id());
    let circuits = secured(relay_transport, keypair)?;
    let all = OrTransport::new(circuits, named).map(|either, _| either.into_inner());
    let timed = libp2p::core::transport::timeout::TransportTimeout::new(all, handshake);
    Ok((Guard::new(timed.boxed(), policy).boxed(), relay_behaviour))
}

fn quic_config(keypair: &Keypair) -> quic::Config {
    let mut config = quic::Config::new(keypair);
    config.max_concurrent_stream_limit = u32::from(MAX_STREAMS_PER_CONNECTION);
    config.max_stream_data = QUIC_STREAM_WINDOW;
    config
}

/// Proves identities and multiplexes over any byte pipe.
fn secured<T>(pipe: T, keypair: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>, StartError>
where
    T: Transport + Send + Unpin + 'static,
    T::Output: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T::Error: Send + Sync + 'static,
    T::Dial: Send + 'static,
    T::ListenerUpgrade: Send + 'static,
{
    let security = TlsOrNoise::new(keypair)?;
    Ok(pipe.upgrade(Version::V1Lazy).authenticate(security).multiplex(Yamux::bounded()).boxed())
}
