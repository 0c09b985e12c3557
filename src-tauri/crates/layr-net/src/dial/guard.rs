//! The last gate before a socket: a transport that refuses and delays dials as [`DialPolicy`] says.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use libp2p::Multiaddr;
use libp2p::core::transport::{DialOpts, ListenerId, Transport, TransportError, TransportEvent};

use super::DialPolicy;

/// Wraps the complete transport stack; every dial of every behaviour passes here.
pub(crate) struct Guard<T> {
    inner: T,
    policy: DialPolicy,
}

impl<T> Guard<T> {
    /// Puts `policy` in front of `inner`.
    pub(crate) fn new(inner: T, policy: DialPolicy) -> Self {
        Self { inner, policy }
    }
}

impl<T> Transport for Guard<T>
where
    T: Transport + Unpin,
    T::Dial: Send + 'static,
    T::Output: Send + 'static,
    T::Error: Send + 'static,
{
    type Output = T::Output;
    type Error = T::Error;
    type ListenerUpgrade = T::ListenerUpgrade;
    type Dial = BoxFuture<'static, Result<T::Output, T::Error>>;

    fn listen_on(&mut self, id: ListenerId, address: Multiaddr) -> Result<(), TransportError<Self::Error>> {
        self.inner.listen_on(id, address)
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.inner.remove_listener(id)
    }

    fn dial(
        &mut self,
        address: Multiaddr,
        options: DialOpts,
    ) -> Result<Self::Dial, TransportError<Self::Error>> {
        let Some(delay) = self.policy.admit(&address) else {
            return Err(TransportError::MultiaddrNotSupported(address));
        };
        let dial = self.inner.dial(address, options)?;
        Ok(Box::pin(async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            dial.await
        }))
    }

    fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, Self::Error>> {
        Pin::new(&mut self.get_mut().inner).poll(cx)
    }
}
