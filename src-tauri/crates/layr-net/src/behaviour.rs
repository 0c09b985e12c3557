//! All protocols of a node in one behaviour.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use libp2p::identity::Keypair;
use libp2p::kad::Mode;
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{
    autonat, connection_limits, dcutr, identify, mdns, memory_connection_limits, ping, relay, upnp,
};
use rand::rngs::StdRng;
use tokio::sync::mpsc;

use crate::candidates::{Observed, Probes};
use crate::config::{Limits, NetConfig, RelayLimits, Role};
use crate::dial::DialPolicy;
use crate::error::StartError;
use crate::protocol;
use crate::records::store::Records;
use crate::routing::Routing;
use crate::stream::InboundStream;
use crate::stream::behaviour::Behaviour as Streams;
use crate::stream::handler::Accepted;
use crate::stream::registry::Registry;

/// Time between pings on a connection.
const PING_INTERVAL: Duration = Duration::from_secs(15);
/// Time until a ping counts as lost.
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// The order of the fields matters only for the limits: they refuse first, before others set anything up.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) limits: connection_limits::Behaviour,
    pub(crate) memory: memory_connection_limits::Behaviour,
    pub(crate) identify: identify::Behaviour,
    pub(crate) ping: ping::Behaviour,
    pub(crate) routing: Routing,
    pub(crate) observed: Observed,
    pub(crate) probes: Probes,
    pub(crate) probe_server: Toggle<autonat::v2::server::Behaviour<StdRng>>,
    pub(crate) relay_client: relay::client::Behaviour,
    pub(crate) relay_server: Toggle<relay::Behaviour>,
    pub(crate) dcutr: dcutr::Behaviour,
    pub(crate) upnp: Toggle<upnp::tokio::Behaviour>,
    pub(crate) mdns: Toggle<mdns::tokio::Behaviour>,
    pub(crate) streams: Streams,
}

/// What the behaviour needs besides the configuration.
pub(crate) struct Parts {
    pub(crate) keypair: Keypair,
    pub(crate) policy: DialPolicy,
    pub(crate) records: Records,
    pub(crate) registry: Arc<Registry>,
    pub(crate) accepted: Accepted,
    pub(crate) inbound: mpsc::Sender<InboundStream>,
    pub(crate) relay_client: relay::client::Behaviour,
}

/// Puts all protocols together.
pub(crate) fn build(config: &NetConfig, parts: Parts) -> Result<Behaviour, StartError> {
    let local = parts.keypair.public().to_peer_id();
    let seed = config.role == Role::Seed;
    let reachable = seed || config.assume_reachable;
    let kad_protocol = protocol::stream_protocol(protocol::kad_name(&config.network))
        .ok_or_else(|| StartError::NetworkName { name: config.network.clone() })?;
    let mode = reachable.then_some(Mode::Server);
    Ok(Behaviour {
        limits: connection_limits::Behaviour::new(connection_limits(&config.limits)),
        memory: memory_connection_limits::Behaviour::with_max_percentage(
            f64::from(config.limits.memory_percent) / 100.0,
        ),
        identify: identify::Behaviour::new(identify_config(config, &parts.keypair)),
        ping: ping::Behaviour::new(
            ping::Config::new().with_interval(PING_INTERVAL).with_timeout(PING_TIMEOUT),
        ),
        routing: Routing::new(local, kad_protocol, parts.records, parts.policy, mode),
        observed: Observed::default(),
        probes: Probes::default(),
        probe_server: reachable.then(|| autonat::v2::server::Behaviour::new(rand::make_rng())).into(),
        relay_client: parts.relay_client,
        relay_server: seed.then(|| relay::Behaviour::new(local, relay_config(&config.limits.relay))).into(),
        dcutr: dcutr::Behaviour::new(local),
        upnp: config.enable_upnp.then(upnp::tokio::Behaviour::default).into(),
        mdns: multicast(config, local).into(),
        streams: Streams::new(parts.registry, parts.accepted, parts.inbound),
    })
}

/// Finding neighbours is a convenience: a machine without multicast does without.
fn multicast(config: &NetConfig, local: libp2p::PeerId) -> Option<mdns::tokio::Behaviour> {
    if !config.enable_mdns {
        return None;
    }
    mdns::tokio::Behaviour::new(mdns::Config::default(), local)
        .inspect_err(|error| tracing::warn!(%error, "no multicast DNS here, neighbours are not looked for"))
        .ok()
}

/// Listening addresses stay private: only confirmed ones and circuits are told, so a home's inner addresses do not leak.
fn identify_config(config: &NetConfig, keypair: &Keypair) -> identify::Config {
    identify::Config::new_with_signed_peer_record(protocol::family_name(&config.network), keypair)
        .with_agent_version(format!("layr/{}", env!("CARGO_PKG_VERSION")))
        .with_push_listen_addr_updates(true)
        .with_hide_listen_addrs(true)
        .with_cache_size(0)
}

fn connection_limits(limits: &Limits) -> connection_limits::ConnectionLimits {
    connection_limits::ConnectionLimits::default()
        .with_max_pending_incoming(Some(limits.pending_inbound))
        .with_max_pending_outgoing(Some(limits.pending_outbound))
        .with_max_established_incoming(Some(limits.established_inbound))
        .with_max_established_outgoing(Some(limits.established_outbound))
        .with_max_established_per_peer(Some(limits.connections_per_peer))
}

fn relay_config(limits: &RelayLimits) -> relay::Config {
    const HOUR: Duration = Duration::from_hours(1);
    let base = relay::Config {
        max_reservations: limits.reservations,
        max_circuits: limits.circuits,
        max_circuits_per_peer: limits.circuits_per_peer,
        max_circuit_duration: Duration::from_secs(u64::from(limits.circuit_seconds)),
        max_circuit_bytes: limits.circuit_bytes,
        circuit_src_rate_limiters: Vec::new(),
        ..relay::Config::default()
    };
    match NonZeroU32::new(limits.circuits_per_ip_hour) {
        // The limiter refills one circuit per interval up to the limit.
        Some(limit) => base.circuit_src_per_ip(limit, HOUR / limit.get()),
        None => base,
    }
}
