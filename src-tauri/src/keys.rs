//! The keys of this home: how they are opened, with a passphrase that was typed or named in a file.

use std::ffi::OsString;

use layr_keys::StoredSecrets;
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::{Home, KeyStoreKind};
use layr_node::identity;
use parking_lot::Mutex;
use zeroize::Zeroizing;

use crate::passphrase;

/// Where passphrase files are named.
pub(crate) type Environment = Box<dyn Fn(&str) -> Option<OsString> + Send + Sync>;

/// The way to the keys of one home.
pub(crate) struct Keys {
    home: Home,
    /// What the person typed into the page; kept until the app ends or is locked, so that the node can be started again.
    typed: Mutex<Option<Zeroizing<String>>>,
    environment: Environment,
}

impl Keys {
    pub(crate) fn new(home: Home, environment: Environment) -> Self {
        Self { home, typed: Mutex::new(None), environment }
    }

    /// The home that they belong to.
    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Opens them. A passphrase that was typed goes before one in a file.
    ///
    /// # Errors
    /// As [`identity::open`].
    pub(crate) async fn open(&self) -> Result<StoredSecrets, NodeError> {
        let typed = self.typed.lock().clone();
        let passphrase = match typed {
            Some(typed) => Some(typed),
            None => passphrase::given(&self.environment)?,
        };
        identity::open(&self.home, passphrase).await
    }

    /// Opens them with this passphrase, and with it from now on where it fits.
    ///
    /// # Errors
    /// As [`identity::open`].
    pub(crate) async fn unlock(&self, passphrase: Zeroizing<String>) -> Result<(), NodeError> {
        identity::open(&self.home, Some(passphrase.clone())).await?;
        self.remember(Some(passphrase));
        Ok(())
    }

    /// Whether nothing but what the person types opens them. Else they would open again by themselves: a keyring is open as
    /// long as its session, and a passphrase in a file stays there.
    pub(crate) fn need_typing(&self) -> bool {
        let are_in_file = self.home.config().is_ok_and(|config| config.key_store == KeyStoreKind::File);
        are_in_file && matches!(passphrase::given(&self.environment), Ok(None))
    }

    /// Forgets what was typed: it has to be typed again.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] where nobody would be asked for it.
    pub(crate) fn forget(&self) -> Result<(), NodeError> {
        if !self.need_typing() {
            let message = "The keys of this home open without a passphrase that you type, so Layr cannot be locked; lock \
                           the session of this computer.";
            return Err(NodeError::new(ErrorCode::InvalidRequest, message));
        }
        self.remember(None);
        Ok(())
    }

    /// Uses this passphrase from now on.
    pub(crate) fn remember(&self, passphrase: Option<Zeroizing<String>>) {
        *self.typed.lock() = passphrase;
    }
}
