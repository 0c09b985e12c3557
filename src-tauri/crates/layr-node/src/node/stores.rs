//! What lies on the disk of a node, opened when it starts.

use std::sync::Arc;

use layr_keys::OwnerId;
use layr_library::Library;

use crate::clock::{Entropy, Surroundings};
use crate::error::NodeError;
use crate::home::{Home, HomeConfig, HomeLock};
use crate::host::{VaultAtStart, open_at_start};

use super::library_unusable;

/// All of it.
pub(super) struct Stores {
    /// Here while they are opened, so that nobody else does so meanwhile, whoever still waits for it.
    pub lock: HomeLock,
    pub config: HomeConfig,
    pub library: Library,
    pub vault: VaultAtStart,
}

impl Stores {
    /// Opens them on a thread; may take long, as a vault is compared with its disk. Who gives up waiting leaves the thread to let go
    /// of the home when it is through.
    ///
    /// # Errors
    /// As for the start of a node.
    pub(super) async fn open(
        home: &Home,
        lock: HomeLock,
        owner: OwnerId,
        surroundings: &Surroundings,
    ) -> Result<Self, NodeError> {
        let (home, surroundings) = (home.clone(), surroundings.clone());
        let open = move || Self::open_here(&home, lock, owner, &surroundings);
        crate::threads::spawn_blocking(open).await.map_err(|error| super::thread_lost(&error))?
    }

    fn open_here(
        home: &Home,
        lock: HomeLock,
        owner: OwnerId,
        surroundings: &Surroundings,
    ) -> Result<Self, NodeError> {
        let mut config = home.config()?;
        let before = config.hosting.clone();
        let library = open_library(home, owner, surroundings)?;
        let vault = open_at_start(home, &mut config.hosting)?;
        if config.hosting != before {
            home.write_config(&config)?;
        }
        Ok(Self { lock, config, library, vault })
    }
}

/// Opens the library; makes it where this home never had one.
fn open_library(home: &Home, owner: OwnerId, surroundings: &Surroundings) -> Result<Library, NodeError> {
    use layr_library::OpenError;
    let now = surroundings.clock.now_unix_s();
    let entropy = || library_entropy(Arc::clone(&surroundings.entropy));
    let opened = match Library::open(&home.library(), owner, entropy(), now) {
        Err(OpenError::Missing { .. }) => Library::create(&home.library(), owner, entropy(), now),
        other => other,
    };
    opened.map_err(|error| library_unusable(&error))
}

fn library_entropy(entropy: Arc<dyn Entropy>) -> layr_library::Entropy {
    layr_library::Entropy::from_fn(move |out| entropy.fill(out).map_err(std::io::Error::other))
}
