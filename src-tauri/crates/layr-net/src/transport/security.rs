//! TLS 1.3 first, Noise for peers that do not speak it.

use std::io;
use std::pin::Pin;

use futures::future::BoxFuture;
use futures::{AsyncRead, AsyncWrite};
use libp2p::core::UpgradeInfo;
use libp2p::core::upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade};
use libp2p::identity::Keypair;
use libp2p::{PeerId, noise, tls};

use crate::error::StartError;

const TLS: &str = "/tls/1.0.0";
const NOISE: &str = "/noise";

/// An encrypted, authenticated byte pipe, whichever of the two made it.
pub(crate) type SecuredPipe = Pin<Box<dyn Pipe>>;

/// What a muxer needs of a pipe.
pub(crate) trait Pipe: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Pipe for T {}

/// The upgrade that offers TLS, then Noise.
#[derive(Clone)]
pub(crate) struct TlsOrNoise {
    tls: tls::Config,
    noise: noise::Config,
}

impl TlsOrNoise {
    /// Makes the certificates for this identity.
    pub(crate) fn new(keypair: &Keypair) -> Result<Self, StartError> {
        Ok(Self {
            tls: tls::Config::new(keypair)
                .map_err(|error| StartError::Identity { source: io::Error::other(error) })?,
            noise: noise::Config::new(keypair)
                .map_err(|error| StartError::Identity { source: io::Error::other(error) })?,
        })
    }
}

impl UpgradeInfo for TlsOrNoise {
    type Info = &'static str;
    type InfoIter = [&'static str; 2];

    fn protocol_info(&self) -> Self::InfoIter {
        [TLS, NOISE]
    }
}

impl<C> InboundConnectionUpgrade<C> for TlsOrNoise
where
    C: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    type Output = (PeerId, SecuredPipe);
    type Error = io::Error;
    type Future = BoxFuture<'static, Result<Self::Output, io::Error>>;

    fn upgrade_inbound(self, socket: C, info: Self::Info) -> Self::Future {
        Box::pin(async move {
            if info == TLS {
                let (peer, pipe) = self.tls.upgrade_inbound(socket, info).await.map_err(io::Error::other)?;
                Ok((peer, Box::pin(pipe) as SecuredPipe))
            } else {
                let (peer, pipe) =
                    self.noise.upgrade_inbound(socket, info).await.map_err(io::Error::other)?;
                Ok((peer, Box::pin(pipe) as SecuredPipe))
            }
        })
    }
}

impl<C> OutboundConnectionUpgrade<C> for TlsOrNoise
where
    C: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    type Output = (PeerId, SecuredPipe);
    type Error = io::Error;
    type Future = BoxFuture<'static, Result<Self::Output, io::Error>>;

    fn upgrade_outbound(self, socket: C, info: Self::Info) -> Self::Future {
        Box::pin(async move {
            if info == TLS {
                let (peer, pipe) = self.tls.upgrade_outbound(socket, info).await.map_err(io::Error::other)?;
                Ok((peer, Box::pin(pipe) as SecuredPipe))
            } else {
                let (peer, pipe) =
                    self.noise.upgrade_outbound(socket, info).await.map_err(io::Error::other)?;
                Ok((peer, Box::pin(pipe) as SecuredPipe))
            }
        })
    }
}
