//! A seed node: others bootstrap from it and are relayed by it. It stores nothing and belongs to nobody.

use std::sync::Arc;

use layr_keys::PeerId;
use layr_net::Role;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use crate::clock::{Entropy, SystemEntropy};
use crate::error::{ErrorCode, NodeError};
use crate::home::{Home, HomeLock, replace_file};
use crate::net::libp2p::{Libp2pNet, Libp2pOptions};
use crate::net::{Attached, Net, NetStatus};
use crate::network_file::NetworkFile;

/// The seed's network key, 32 bytes in hex. Not sealed: whoever has it can pretend to be this seed, and nothing more.
const KEY_FILE: &str = "seed.key";

/// A running seed node.
pub struct Seed {
    net: Arc<dyn Net>,
    /// Drops streams that somebody opens all the same.
    drain: Mutex<Option<JoinHandle<()>>>,
    _lock: HomeLock,
}

impl Seed {
    /// Starts a seed in a home of its own. Its peer id stays the same over restarts.
    ///
    /// # Errors
    /// [`ErrorCode::LocalFile`] for a key file that is none; what the network says.
    pub async fn start(
        home: Home,
        lock: HomeLock,
        network: NetworkFile,
        listen: Vec<String>,
    ) -> Result<Self, NodeError> {
        let options = Libp2pOptions {
            device_secret: key(&home)?,
            network,
            role: Role::Seed,
            listen,
            state_dir: home.network_cache(),
        };
        let Attached { net, mut incoming } = Libp2pNet::start(options).await?;
        let drain = tokio::spawn(async move { while incoming.recv().await.is_some() {} });
        Ok(Self { net, drain: Mutex::new(Some(drain)), _lock: lock })
    }

    /// The seed's identity on the network.
    pub fn peer_id(&self) -> PeerId {
        self.net.local_peer()
    }

    /// The state to show.
    pub async fn status(&self) -> NetStatus {
        self.net.status().await
    }

    /// Closes all connections.
    pub async fn stop(&self) {
        self.net.shutdown().await;
        if let Some(drain) = self.drain.lock().await.take() {
            let _ = drain.await;
        }
    }
}

/// The stored key, or a new one.
fn key(home: &Home) -> Result<Zeroizing<[u8; 32]>, NodeError> {
    let path = home.dir().join(KEY_FILE);
    let mut key = Zeroizing::new([0_u8; 32]);
    match std::fs::read_to_string(&path).map(Zeroizing::new) {
        Ok(text) => hex::decode_to_slice(text.trim(), key.as_mut_slice()).map_err(|_| {
            let message = format!(
                "{} does not hold a seed's key; restore it, or delete it for a new one.",
                path.display()
            );
            NodeError::new(ErrorCode::LocalFile, message)
        })?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            SystemEntropy.fill(key.as_mut_slice()).map_err(|error| {
                NodeError::new(ErrorCode::Internal, format!("No key can be made: {error}."))
            })?;
            replace_file(&path, Zeroizing::new(hex::encode(key.as_slice())).as_bytes())?;
        }
        Err(error) => {
            return Err(NodeError::new(
                ErrorCode::LocalFile,
                format!("Cannot read {}: {error}.", path.display()),
            ));
        }
    }
    Ok(key)
}
