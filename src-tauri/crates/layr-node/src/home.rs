//! A node's home directory: where everything of one node lies, and who holds it.
//!
//! ```text
//! HOME/lock              held by the running node; its pid inside
//! HOME/config.toml       key store, listening addresses, limits of the line, budget of audits, hosting and spending
//! HOME/network.toml      the network to join
//! HOME/keys.sealed       key file, where no keyring is used
//! HOME/library.sqlite    the owner's library, with its journals `-wal` and `-shm`
//! HOME/library.lock      held by whoever writes to it
//! HOME/library.backup.sqlite  the copy that replaces a damaged one
//! HOME/desktop.json      what the window remembers
//! HOME/try-out/          seed and hosts of a network inside the app
//! HOME/vault/            a host's shards and quota ledger
//! HOME/control.sock      the control socket, mode 0600
//! HOME/temporaries       journal of what downloads write before it has its name
//! HOME/daemon.log        what a daemon in the background says
//! HOME/seed.key          the network key of a seed node, which has no other
//! HOME/records/          caches of the network: peers and records; safe to delete
//! ```

mod hosting;

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

pub use self::hosting::HostingConfig;
use crate::agreements::spending::SpendingConfig;
use crate::audit::AuditsConfig;
use crate::bandwidth::BandwidthConfig;
use crate::error::{ErrorCode, NodeError};
use crate::network_file::NetworkFile;

/// Longest config file in bytes.
const MAX_CONFIG_BYTES: u64 = 64 * 1024;

/// Why a home cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// Another node runs here.
    #[error(
        "another node (process {pid}) holds {path}; stop it with `layr --home {path} stop`, or use another home"
    )]
    InUse {
        /// The home.
        path: String,
        /// The process that holds it; 0 when it has not written its number yet.
        pid: u32,
    },
    /// No identity was created here.
    #[error("{path} has no identity yet; create one with `layr --home {path} init`")]
    NoIdentity {
        /// The home.
        path: String,
    },
    /// A file of the home cannot be read or written.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// `config.toml` is not valid.
    #[error("{path} is not valid: {reason}; mend it or restore it from a copy")]
    BadConfig {
        /// The file.
        path: String,
        /// The parser's sentence.
        reason: String,
    },
}

/// Where the keys of a home lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyStoreKind {
    /// The operating system's keyring.
    Keyring,
    /// `HOME/keys.sealed`, under a passphrase.
    File,
}

/// `config.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeConfig {
    /// Random id of this home; the keyring entry carries it.
    pub home_id: String,
    /// Where the keys lie.
    pub key_store: KeyStoreKind,
    /// Multiaddresses to listen on; empty is the default.
    #[serde(default)]
    pub listen: Vec<String>,
    /// Limits of all transfers.
    #[serde(default)]
    pub bandwidth: BandwidthConfig,
    /// Audits that nobody asks for.
    #[serde(default)]
    pub audits: AuditsConfig,
    /// Hosting.
    #[serde(default)]
    pub hosting: HostingConfig,
    /// What may be spent.
    #[serde(default)]
    pub spending: SpendingConfig,
}

/// Paths of one home. Cheap to clone; opening nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    dir: PathBuf,
}

impl Home {
    /// The home at `dir`, which need not exist yet.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The library database.
    pub fn library(&self) -> PathBuf {
        self.dir.join("library.sqlite")
    }

    /// The host's vault.
    pub fn vault(&self) -> PathBuf {
        self.dir.join("vault")
    }

    /// The control socket.
    pub fn control_socket(&self) -> PathBuf {
        self.dir.join("control.sock")
    }

    /// The sealed key file.
    pub fn key_file(&self) -> PathBuf {
        self.dir.join("keys.sealed")
    }

    /// The network's caches.
    pub fn network_cache(&self) -> PathBuf {
        self.dir.join("records")
    }

    /// What is looked after for other owners: a directory for each, with a library in it.
    pub fn delegated(&self) -> PathBuf {
        self.dir.join("delegated")
    }

    /// Until when owners were promised space, beside the library.
    pub fn promised(&self) -> PathBuf {
        self.dir.join("promised")
    }

    fn config_path(&self) -> PathBuf {
        self.dir.join("config.toml")
    }

    fn network_path(&self) -> PathBuf {
        self.dir.join("network.toml")
    }

    /// Creates the directory, readable by this user only.
    ///
    /// # Errors
    /// [`HomeError::Io`].
    pub fn create(&self) -> Result<(), HomeError> {
        let io = |source| io_error(&self.dir, source);
        std::fs::create_dir_all(&self.dir).map_err(io)?;
        restrict(&self.dir, 0o700).map_err(io)
    }

    /// Whether an identity was created here.
    pub fn has_identity(&self) -> bool {
        self.config_path().exists()
    }

    /// The configuration.
    ///
    /// # Errors
    /// [`HomeError::NoIdentity`], [`HomeError::BadConfig`], [`HomeError::Io`].
    pub fn config(&self) -> Result<HomeConfig, HomeError> {
        let path = self.config_path();
        if !path.exists() {
            return Err(HomeError::NoIdentity { path: self.dir.display().to_string() });
        }
        let bad = |reason: String| HomeError::BadConfig { path: path.display().to_string(), reason };
        let mut text = String::new();
        File::open(&path)
            .and_then(|file| file.take(MAX_CONFIG_BYTES + 1).read_to_string(&mut text))
            .map_err(|source| io_error(&path, source))?;
        if text.len() as u64 > MAX_CONFIG_BYTES {
            return Err(bad(format!("it has more than {MAX_CONFIG_BYTES} bytes")));
        }
        toml::from_str(&text).map_err(|error| bad(error.message().to_owned()))
    }

    /// Replaces the configuration in one step.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn write_config(&self, config: &HomeConfig) -> Result<(), HomeError> {
        let path = self.config_path();
        let text = toml::to_string(config).map_err(|error| HomeError::BadConfig {
            path: path.display().to_string(),
            reason: error.to_string(),
        })?;
        replace_file(&path, text.as_bytes())
    }

    /// The network that this home joins.
    ///
    /// # Errors
    /// [`HomeError::BadConfig`].
    pub fn network(&self) -> Result<NetworkFile, HomeError> {
        let path = self.network_path();
        NetworkFile::read(&path).map_err(|error| HomeError::BadConfig {
            path: path.display().to_string(),
            reason: error.to_string(),
        })
    }

    /// Replaces the network file in one step.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn write_network(&self, network: &NetworkFile) -> Result<(), HomeError> {
        let path = self.network_path();
        let text = network
            .to_toml()
            .map_err(|reason| HomeError::BadConfig { path: path.display().to_string(), reason })?;
        replace_file(&path, text.as_bytes())
    }

    /// Takes the home for this process. Held until the lock is dropped or the process ends, however it ends.
    ///
    /// # Errors
    /// [`HomeError::InUse`] with the holder's pid; [`HomeError::Io`] where the file system cannot lock.
    pub fn lock(&self) -> Result<HomeLock, HomeError> {
        let path = self.dir.join("lock");
        let io = |source| io_error(&path, source);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        if let Err(refused) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
            return Err(self.not_locked(&path, refused, &mut file));
        }
        file.set_len(0).map_err(io)?;
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        write!(file, "{}", std::process::id()).map_err(io)?;
        for replaced in [self.config_path(), self.network_path()] {
            // What a crash left of a replacement. Where it cannot go, the next replacement takes its place.
            let _ = std::fs::remove_file(temporary_of(&replaced));
        }
        Ok(HomeLock { _file: file })
    }
}

impl Home {
    /// Why the lock could not be had. Not each refusal means that somebody holds it: some file systems have no locks.
    fn not_locked(&self, path: &Path, refused: Errno, holder: &mut impl Read) -> HomeError {
        if refused != Errno::WOULDBLOCK {
            return io_error(path, refused.into());
        }
        let mut text = String::new();
        let _ = holder.take(16).read_to_string(&mut text);
        HomeError::InUse { path: self.dir.display().to_string(), pid: text.trim().parse().unwrap_or(0) }
    }
}

/// Proof that this process holds a home.
#[derive(Debug)]
pub struct HomeLock {
    _file: File,
}

/// Writes `bytes` to a temporary name beside `path`, syncs, and renames: after a crash there is the old file or the new.
///
/// # Errors
/// [`HomeError::Io`].
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let temporary = temporary_of(path);
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&temporary)?;
        restrict(&temporary, 0o600)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        if let Some(parent) = path.parent() {
            File::open(parent)?.sync_all()?;
        }
        Ok(())
    };
    write().map_err(|source| {
        let _ = std::fs::remove_file(&temporary);
        io_error(path, source)
    })
}

impl From<HomeError> for NodeError {
    fn from(error: HomeError) -> Self {
        let code = match &error {
            HomeError::InUse { .. } => ErrorCode::HomeInUse,
            HomeError::NoIdentity { .. } => ErrorCode::NoIdentity,
            HomeError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                ErrorCode::DiskFull
            }
            HomeError::Io { .. } | HomeError::BadConfig { .. } => ErrorCode::LocalFile,
        };
        Self::new(code, format!("{error}."))
    }
}

fn temporary_of(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn io_error(path: &Path, source: std::io::Error) -> HomeError {
    HomeError::Io { path: path.display().to_string(), source }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_path: &Path, _mode: u32) -> std::io::Result<()> {
    Ok(())
}

/// The platform's place for an application's data, by what `environment` says: the home of a node that nobody named one
/// for. `None` where the platform says nothing about this user.
pub fn platform_home(environment: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let from = |name: &str| environment(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        from("LOCALAPPDATA").map(|dir| dir.join("Layr"))
    } else if cfg!(target_os = "macos") {
        from("HOME").map(|dir| dir.join("Library/Application Support/Layr"))
    } else {
        from("XDG_DATA_HOME")
            .or_else(|| from("HOME").map(|dir| dir.join(".local/share")))
            .map(|dir| dir.join("layr"))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        AuditsConfig, BandwidthConfig, Errno, Home, HomeConfig, HomeError, HostingConfig, KeyStoreKind,
        SpendingConfig,
    };
    use crate::error::{ErrorCode, NodeError};

    #[test]
    fn one_node_per_home_and_the_second_learns_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        let held = home.lock().unwrap();
        match home.lock() {
            Err(HomeError::InUse { pid, .. }) => assert_eq!(pid, std::process::id()),
            other => panic!("a second lock must be refused, got {other:?}"),
        }
        drop(held);
        home.lock().unwrap();
    }

    #[test]
    fn a_lock_that_cannot_be_had_is_somebodys_only_where_the_system_says_so() {
        let home = Home::new("/home/ada/layr");
        let refused = |errno| home.not_locked(&home.dir().join("lock"), errno, &mut &b"4711"[..]);
        assert!(matches!(refused(Errno::WOULDBLOCK), HomeError::InUse { pid: 4711, .. }));
        for errno in [Errno::NOLCK, Errno::OPNOTSUPP, Errno::INTR] {
            let error = NodeError::from(refused(errno));
            assert_eq!(error.code, ErrorCode::LocalFile, "{error}");
            assert!(!error.message.contains("another node"), "{error}");
        }
    }

    #[test]
    fn a_damaged_config_is_named_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        assert!(matches!(home.config(), Err(HomeError::NoIdentity { .. })));
        let config = HomeConfig {
            home_id: "00".to_owned(),
            key_store: KeyStoreKind::File,
            listen: Vec::new(),
            bandwidth: BandwidthConfig::default(),
            audits: AuditsConfig::default(),
            hosting: HostingConfig::default(),
            spending: SpendingConfig::default(),
        };
        home.write_config(&config).unwrap();
        assert_eq!(home.config().unwrap(), config);
        std::fs::write(dir.path().join("config.toml"), "home_id = 5").unwrap();
        assert!(matches!(home.config(), Err(HomeError::BadConfig { .. })));
        assert_eq!(std::fs::read_to_string(dir.path().join("config.toml")).unwrap(), "home_id = 5");
    }
}
