//! A peer with a valid identity and no manners: raw bytes on any protocol.

use std::io;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::request_response::{self, Codec, ProtocolSupport};
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, identify, noise, tls, yamux};

/// What the attacker claims in its identify message.
pub const FAMILY: &str = "/layr/test/id/1";

#[derive(NetworkBehaviour)]
pub struct Behaviour {
    pub raw: request_response::Behaviour<Raw>,
    pub identify: identify::Behaviour,
}

/// Writes the bytes as they are, then reads whatever comes until the end or a limit.
#[derive(Clone, Default)]
pub struct Raw {
    /// Leave the stream open and silent instead of ending it.
    pub stall: bool,
}

impl Codec for Raw {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, _: &mut T) -> io::Result<Vec<u8>>
    where
        T: futures::AsyncRead + Unpin + Send,
    {
        Ok(Vec::new())
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: futures::AsyncRead + Unpin + Send,
    {
        let mut back = Vec::new();
        io.take(100_000).read_to_end(&mut back).await?;
        Ok(back)
    }

    async fn write_request<T>(&mut self, _: &StreamProtocol, io: &mut T, bytes: Vec<u8>) -> io::Result<()>
    where
        T: futures::AsyncWrite + Unpin + Send,
    {
        io.write_all(&bytes).await?;
        io.flush().await?;
        if self.stall { std::future::pending().await } else { io.close().await }
    }

    async fn write_response<T>(&mut self, _: &StreamProtocol, _: &mut T, _: Vec<u8>) -> io::Result<()>
    where
        T: futures::AsyncWrite + Unpin + Send,
    {
        Ok(())
    }
}

pub struct Attacker {
    pub swarm: Swarm<Behaviour>,
    pub victim: PeerId,
}

impl Attacker {
    /// Connects to the victim; `protocol` is the one that raw bytes go to.
    pub async fn connect(victim: &str, protocol: &str, stall: bool, lies: Vec<Multiaddr>) -> Self {
        let protocol = StreamProtocol::try_from_owned(protocol.to_owned()).unwrap();
        let mut swarm = SwarmBuilder::with_new_identity()
            .with_tokio()
            .with_tcp(
                libp2p::tcp::Config::default(),
                (tls::Config::new, noise::Config::new),
                yamux::Config::default,
            )
            .unwrap()
            .with_behaviour(|key| Behaviour {
                raw: request_response::Behaviour::with_codec(
                    Raw { stall },
                    [(protocol, ProtocolSupport::Full)],
                    request_response::Config::default()
                        .with_request_timeout(Duration::from_secs(2))
                        .with_max_concurrent_streams(2000),
                ),
                identify: identify::Behaviour::new(
                    identify::Config::new(FAMILY.into(), key.public()).with_agent_version("x".repeat(2000)),
                ),
            })
            .unwrap()
            .build();
        for lie in lies {
            swarm.add_external_address(lie);
        }
        let address: Multiaddr = victim.parse().unwrap();
        let Some(libp2p::multiaddr::Protocol::P2p(victim)) = address.iter().last() else { panic!() };
        swarm.dial(address).unwrap();
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::ConnectionEstablished { .. } => break,
                SwarmEvent::OutgoingConnectionError { error, .. } => panic!("{error}"),
                _ => {}
            }
        }
        Self { swarm, victim }
    }

    /// Opens that many streams at once with these bytes, and waits until each has ended somehow.
    pub async fn send(&mut self, count: usize, bytes: &[u8]) -> usize {
        self.send_all(vec![bytes.to_vec(); count]).await
    }

    /// Opens a stream for each of these at once, and waits until all have ended somehow.
    pub async fn send_all(&mut self, messages: Vec<Vec<u8>>) -> usize {
        let victim = self.victim;
        let count = messages.len();
        for message in messages {
            self.swarm.behaviour_mut().raw.send_request(&victim, message);
        }
        let mut ended = 0;
        while ended < count {
            match self.swarm.select_next_some().await {
                SwarmEvent::Behaviour(BehaviourEvent::Raw(
                    request_response::Event::OutboundFailure { .. } | request_response::Event::Message { .. },
                )) => ended += 1,
                SwarmEvent::ConnectionClosed { .. } => return ended,
                _ => {}
            }
        }
        ended
    }

    /// Lets the swarm work until the victim knows what this peer claims.
    pub async fn introduce(&mut self) {
        while !matches!(
            self.swarm.select_next_some().await,
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Sent { .. }))
        ) {}
    }
}
