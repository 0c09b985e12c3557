//! From a configuration to a listening swarm.

use std::collections::{HashMap, HashSet};
use std::io;
use std::num::NonZeroU8;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use libp2p::core::transport::{ListenerId, TransportError};
use libp2p::core::upgrade::Version;
use libp2p::swarm::{Config as SwarmConfig, SwarmEvent};
use libp2p::{Multiaddr, Swarm};
use tokio::sync::{Semaphore, broadcast, mpsc};
use tokio::time::Instant;

use super::connect::FailedPunches;
use super::membership::Membership;
use super::neighbours::Neighbours;
use super::reach::Reach;
use super::{Disk, Driver};
use crate::address::Scope;
use crate::behaviour::{self, Behaviour, Parts};
use crate::bootstrap::Seeds;
use crate::config::{NetConfig, is_network_name};
use crate::contacts::{self, Contacts};
use crate::dial::DialPolicy;
use crate::error::StartError;
use crate::net::Shared;
use crate::records::disk::{self, WriteBehind};
use crate::records::store::Records;
use crate::stream::InboundStream;
use crate::stream::handler::Accepted;
use crate::stream::registry::Registry;
use crate::{address, identity, protocol, transport};

/// Commands that wait for the task.
const COMMANDS: usize = 256;
/// Events that a slow reader may lag behind.
const EVENTS: usize = 256;
/// Inbound streams of all connections that wait for the application.
const INBOUND: usize = 64;
/// A connection without streams is closed after this.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);
/// Inbound streams of one connection whose protocol is being negotiated.
const NEGOTIATING_INBOUND: usize = 128;
/// Addresses of one peer that may be dialled at once; the order's delays spread them.
const DIAL_CONCURRENCY: NonZeroU8 = NonZeroU8::new(16).unwrap();
/// Longest wait for the system to report the listening addresses.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Checks the configuration, restores the state, opens the listeners.
pub(super) async fn prepare(
    config: NetConfig,
    parallel_queries: usize,
) -> Result<(Driver, Shared, mpsc::Receiver<InboundStream>), StartError> {
    if !is_network_name(&config.network) {
        return Err(StartError::NetworkName { name: config.network });
    }
    let listen = parse_all(&config.listen, "listen")?;
    let bootstrap = parse_all(&config.bootstrap, "bootstrap")?;
    let keypair = identity::keypair(&config.device_secret).ok_or_else(|| StartError::Identity {
        source: io::Error::new(io::ErrorKind::InvalidData, "not an Ed25519 secret"),
    })?;
    let local = keypair.public().to_peer_id();
    let local_peer = identity::from_libp2p(&local).ok_or_else(|| StartError::Identity {
        source: io::Error::new(io::ErrorKind::InvalidData, "not an Ed25519 key"),
    })?;
    let policy = DialPolicy::new(bootstrap.iter().cloned());
    // Who listens on a loopback or local address on purpose is in such a network.
    listen.iter().filter_map(address::scope_of).for_each(|scope| policy.met_at(scope));
    let registry = Arc::new(Registry::new(&config.limits));
    let limits = &config.limits;
    let mut records = Records::new(&config.network, local, limits.records, limits.record_bytes);
    let saved = restore(&config, &mut records).await?;
    let (inbound, streams) = mpsc::channel(INBOUND);
    let (transport, relay_client) = transport::build(&keypair, policy.clone(), limits.handshake)?;
    let parts = Parts {
        keypair,
        policy: policy.clone(),
        records,
        registry: Arc::clone(&registry),
        accepted: accepted(&config),
        inbound,
        relay_client,
    };
    let swarm = Swarm::new(transport, behaviour::build(&config, parts)?, local, swarm_config());
    let (commands, mailbox) = mpsc::channel(COMMANDS);
    let (events, _) = broadcast::channel(EVENTS);
    let now = Instant::now();
    let mut driver = Driver {
        swarm,
        commands: mailbox,
        events: events.clone(),
        registry: Arc::clone(&registry),
        policy,
        network: config.network.clone(),
        assume_reachable: config.assume_reachable,
        listens_here_only: listen.iter().any(|at| address::scope_of(at) == Some(Scope::Loopback)),
        links: HashMap::default(),
        contacts: Contacts::default(),
        seeds: Seeds::new(bootstrap, local, now),
        saved_peers: saved,
        attempts: HashMap::default(),
        failed_punches: FailedPunches::default(),
        queries: HashMap::default(),
        membership: Membership::default(),
        neighbours: Neighbours::default(),
        reach: Reach::new(config.role, config.assume_reachable, now),
        disk: config.state_dir.as_deref().map(Disk::open),
        next_save: now,
    };
    driver.listen(listen).await?;
    let shared = Shared {
        local: local_peer,
        network: config.network,
        registry,
        commands,
        events,
        queries: Semaphore::new(parallel_queries),
    };
    Ok((driver, shared, streams))
}

fn parse_all(texts: &[String], purpose: &'static str) -> Result<Vec<Multiaddr>, StartError> {
    let parse = |text: &String| {
        address::parse_configured(text).ok_or_else(|| StartError::Address { address: text.clone(), purpose })
    };
    texts.iter().map(parse).collect()
}

fn accepted(config: &NetConfig) -> Accepted {
    config
        .accept
        .iter()
        .filter_map(|name| Some((protocol::stream_protocol(name.on(&config.network))?, *name)))
        .collect()
}

/// One round trip less per stream: the protocol's name travels with the first bytes. Safe because all our protocols let the
/// opener speak first, and reading flushes what was not sent yet.
fn swarm_config() -> SwarmConfig {
    SwarmConfig::with_tokio_executor()
        .with_substream_upgrade_protocol_override(Version::V1Lazy)
        .with_idle_connection_timeout(IDLE_TIMEOUT)
        .with_max_negotiating_inbound_streams(NEGOTIATING_INBOUND)
        .with_dial_concurrency_factor(DIAL_CONCURRENCY)
}

type SavedPeers = Vec<(libp2p::PeerId, Vec<Multiaddr>)>;

async fn restore(config: &NetConfig, records: &mut Records) -> Result<SavedPeers, StartError> {
    let Some(directory) = config.state_dir.clone() else {
        return Ok(Vec::new());
    };
    let shown = directory.display().to_string();
    let read = tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&directory)?;
        let read = |path: PathBuf| {
            disk::remove_leftover(&path);
            disk::read_bounded(&path)
        };
        Ok::<_, io::Error>((read(records_path(&directory))?, read(peers_path(&directory))?))
    });
    let (saved_records, saved_peers) = read
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(|source| StartError::State { path: shown, source })?;
    records.restore(disk::decode(&saved_records, config.limits.records), std::time::Instant::now());
    Ok(contacts::read_saved(&String::from_utf8_lossy(&saved_peers)).into_iter().collect())
}

fn records_path(directory: &Path) -> PathBuf {
    directory.join("records.bin")
}

fn peers_path(directory: &Path) -> PathBuf {
    directory.join("peers.txt")
}

impl Disk {
    fn open(directory: &Path) -> Self {
        Self {
            records: WriteBehind::start(records_path(directory)),
            peers: WriteBehind::start(peers_path(directory)),
        }
    }
}

impl Driver {
    /// Opens all listeners and waits until each has an address: a dial before that would not come from the listening port,
    /// and what others observe of it would be of no use.
    async fn listen(&mut self, addresses: Vec<Multiaddr>) -> Result<(), StartError> {
        let mut silent: HashSet<ListenerId> = HashSet::new();
        for address in addresses {
            let listener = self.swarm.listen_on(address.clone()).map_err(|error| StartError::Listen {
                address: address.to_string(),
                source: match error {
                    TransportError::Other(error) => error,
                    TransportError::MultiaddrNotSupported(_) => {
                        io::Error::new(io::ErrorKind::Unsupported, "no transport for this address")
                    }
                },
            })?;
            silent.insert(listener);
        }
        let until = Instant::now() + LISTEN_TIMEOUT;
        while !silent.is_empty() {
            let Ok(event) = tokio::time::timeout_at(until, self.swarm.select_next_some()).await else {
                break;
            };
            if let SwarmEvent::NewListenAddr { listener_id, .. } = &event {
                silent.remove(listener_id);
            }
            self.on_swarm_event(event);
        }
        Ok(())
    }
}

/// The swarm's event type, which only this module tree names.
pub(super) type Event = SwarmEvent<<Behaviour as libp2p::swarm::NetworkBehaviour>::ToSwarm>;
