//! A home's identity: made once, recovered from the phrase, opened at every start.
//!
//! `config.toml` is written last, so that a crash on the way leaves a home without an identity, and the next attempt
//! starts over. Nothing that could be somebody's keys is ever overwritten: a key file without a configuration is moved
//! aside.

mod account;
mod keys;
mod sealed_phrase;

use std::path::Path;

use layr_keys::{DeviceKey, OwnerId, OwnerKeys, PeerId, RecoveryPhrase, StoredSecrets};
use layr_library::{Library, OpenError};
use zeroize::Zeroizing;

pub(crate) use account::source_of;
pub use account::{parse_account_key, use_account};
pub use keys::{KEYS_GONE, NO_KEYRING, WORDS_HELP};
use keys::{NewKeys, load, no_randomness};
pub use sealed_phrase::{decode_sealed_phrase, read_sealed_phrase, seal_phrase, unseal_phrase};

use crate::agreements::spending::SpendingConfig;
use crate::audit::AuditsConfig;
use crate::bandwidth::BandwidthConfig;
use crate::clock::Entropy;
use crate::error::{ErrorCode, NodeError};
use crate::home::{Home, HomeConfig, HostingConfig, KeyStoreKind};
use crate::network_file::NetworkFile;
use crate::node::library_unusable;

/// Where and how an identity is set up.
pub struct Setup {
    /// The home that receives it.
    pub home: Home,
    /// The network that it joins.
    pub network: NetworkFile,
    /// Where its keys go.
    pub key_store: KeyStoreKind,
    /// What seals the key file; unused with a keyring.
    pub passphrase: Option<Zeroizing<String>>,
}

/// Who a home belongs to.
#[derive(Debug)]
pub struct Identity {
    /// The owner, derived from the recovery phrase.
    pub owner: OwnerId,
    /// This device.
    pub peer: PeerId,
    /// The owner's account, `G…`.
    pub stellar_account: String,
}

/// What words would bring back to a home.
#[derive(Debug)]
pub struct Restorable {
    /// The owner, derived from the recovery phrase.
    pub owner: OwnerId,
    /// The owner's account, `G…`.
    pub stellar_account: String,
    /// Whether a library of this owner, or its backup, lies in the home.
    pub is_known_here: bool,
}

/// Looks at what these words would bring back to this home. Writes nothing.
///
/// # Errors
/// [`ErrorCode::OtherOwner`] where another owner's library lies.
pub fn look_at_words(home: &Home, phrase: &RecoveryPhrase) -> Result<Restorable, NodeError> {
    let owner = OwnerKeys::from_phrase(phrase);
    let is_known_here = check_library(home, owner.owner_id())?.is_known;
    Ok(Restorable {
        owner: owner.owner_id(),
        stellar_account: owner.stellar_account().to_string(),
        is_known_here,
    })
}

/// Creates an identity with a new phrase, which is returned here and kept nowhere in words.
///
/// # Errors
/// [`ErrorCode::IdentityExists`], [`ErrorCode::OtherOwner`] where another owner's library lies, [`ErrorCode::HomeInUse`],
/// [`ErrorCode::Locked`], [`ErrorCode::InvalidRequest`], [`ErrorCode::LocalFile`], [`ErrorCode::DiskFull`].
pub async fn create(setup: Setup, entropy: &dyn Entropy) -> Result<(Identity, RecoveryPhrase), NodeError> {
    let mut bits = Zeroizing::new([0_u8; 32]);
    entropy.fill(bits.as_mut_slice()).map_err(|error| no_randomness(&error))?;
    let phrase = RecoveryPhrase::from_entropy(&bits);
    let identity = store(setup, &phrase, entropy).await?;
    Ok((identity, phrase))
}

/// Brings an identity back from its 24 words; the device gets a key of its own.
///
/// # Errors
/// [`ErrorCode::WrongKey`] for a text that is no recovery phrase; otherwise as [`create`].
pub async fn recover(setup: Setup, words: &str, entropy: &dyn Entropy) -> Result<Identity, NodeError> {
    recover_phrase(setup, &parse_phrase(words)?, entropy).await
}

/// The recovery phrase that a text is.
///
/// # Errors
/// [`ErrorCode::WrongKey`] for a text that is none.
pub fn parse_phrase(words: &str) -> Result<RecoveryPhrase, NodeError> {
    RecoveryPhrase::parse(words)
        .map_err(|error| NodeError::new(ErrorCode::WrongKey, format!("This is no recovery phrase: {error}.")))
}

/// As [`recover`], with words that are known to be some.
///
/// # Errors
/// As [`create`].
pub async fn recover_phrase(
    setup: Setup,
    phrase: &RecoveryPhrase,
    entropy: &dyn Entropy,
) -> Result<Identity, NodeError> {
    store(setup, phrase, entropy).await
}

/// Refuses a home that has an identity. [`create`] and [`recover`] ask this themselves; a face may ask before it lets
/// somebody type 24 words.
///
/// # Errors
/// [`ErrorCode::IdentityExists`].
pub fn check_vacant(home: &Home) -> Result<(), NodeError> {
    if !home.has_identity() {
        return Ok(());
    }
    let message = format!(
        "{} already has an identity. Use it, or choose another home with --home; nothing was changed.",
        home.dir().display()
    );
    Err(NodeError::new(ErrorCode::IdentityExists, message))
}

/// Reads the secrets of a home.
///
/// # Errors
/// [`ErrorCode::NoIdentity`]; [`ErrorCode::Locked`] for a locked or missing keyring or a missing passphrase;
/// [`ErrorCode::WrongKey`] for a wrong passphrase; [`ErrorCode::LocalFile`].
pub async fn open(home: &Home, passphrase: Option<Zeroizing<String>>) -> Result<StoredSecrets, NodeError> {
    load(home, &home.config()?, passphrase).await
}

/// Gives a home whose keys are gone, or in a keyring that this session does not have, new ones from its 24 words. All else of it stays: the library, which takes no other
/// owner's words, and the settings. The device gets a key of its own, as with [`recover`].
///
/// Without a keyring nothing says whether the keys are still in it: then they are brought into a key file only, and only where
/// the library or its backup says that they are this owner's.
///
/// # Errors
/// [`ErrorCode::IdentityExists`] where the keys are there, sealed with whatever passphrase; [`ErrorCode::Locked`] where they may
/// be, in a keyring that does not open or is not there; [`ErrorCode::NoIdentity`]; what is wrong with a library that cannot be read, as it is what
/// knows the right words; otherwise as [`create`].
pub async fn bring_keys_back(
    home: &Home,
    key_store: KeyStoreKind,
    passphrase: Option<Zeroizing<String>>,
    phrase: &RecoveryPhrase,
    entropy: &dyn Entropy,
) -> Result<Identity, NodeError> {
    // A home without an identity stays as it is: taking it would leave a lock file there.
    home.config()?;
    let _lock = home.lock()?;
    let config = home.config()?;
    let must_be_known = match load(home, &config, None).await {
        Err(error) if error.params.contains_key(KEYS_GONE) => false,
        Err(error) if error.params.contains_key(WORDS_HELP) && key_store == KeyStoreKind::File => true,
        // A keyring that does not open may have them, and so may a file that cannot be read.
        Err(error) if config.key_store == KeyStoreKind::Keyring || error.code != ErrorCode::Locked => {
            return Err(error);
        }
        // A file that needs a passphrase has them.
        Ok(_) | Err(_) => return Err(keys_are_there(home)),
    };
    let found = check_library(home, OwnerKeys::from_phrase(phrase).owner_id())?;
    if let (false, Some(unreadable)) = (found.is_known, found.unreadable) {
        // Wrong words would be kept as these keys then, and no others taken after them.
        return Err(library_unusable(&unreadable));
    }
    if must_be_known && !found.is_known {
        // It was there when the keyring was asked.
        let message = "Nothing here says whose keys these are; no words are taken for them.";
        return Err(NodeError::new(ErrorCode::Locked, message));
    }
    let new = NewKeys::prepare(home, key_store, passphrase, phrase, entropy)?;
    let config = HomeConfig { home_id: new.home_id().to_owned(), key_store, ..config };
    new.keep(home, &config).await
}

/// Whether a home has an identity whose keys are gone or out of reach, so that [`bring_keys_back`] can help it.
pub async fn are_keys_gone(home: &Home) -> bool {
    let helps = |error: NodeError| [KEYS_GONE, WORDS_HELP].iter().any(|key| error.params.contains_key(*key));
    open(home, None).await.is_err_and(helps)
}

/// Whether the library of a home, or its backup, says whose it is.
fn names_its_owner(home: &Home) -> bool {
    let paths = [home.library(), Library::backup_path(&home.library())];
    paths.iter().any(|path| matches!(Library::owner_at(path), Ok(Some(_))))
}

/// Why [`bring_keys_back`] brings none.
pub fn keys_are_there(home: &Home) -> NodeError {
    let message = format!("The keys of {} are where they belong; nothing was changed.", home.dir().display());
    NodeError::new(ErrorCode::IdentityExists, message)
}

/// Who the secrets belong to.
pub fn describe(secrets: &StoredSecrets) -> Identity {
    let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&secrets.entropy));
    Identity {
        owner: owner.owner_id(),
        peer: DeviceKey::from_bytes(&secrets.device_secret).peer_id(),
        stellar_account: secrets.stellar_key().account().to_string(),
    }
}

async fn store(setup: Setup, phrase: &RecoveryPhrase, entropy: &dyn Entropy) -> Result<Identity, NodeError> {
    let Setup { home, network, key_store: kind, passphrase } = setup;
    home.create()?;
    let _lock = home.lock()?;
    check_vacant(&home)?;
    // A library that cannot be read says why when the node starts; here it may be the reason for a recovery.
    let _found = check_library(&home, OwnerKeys::from_phrase(phrase).owner_id())?;
    let new = NewKeys::prepare(&home, kind, passphrase, phrase, entropy)?;
    home.write_network(&network)?;
    let config = HomeConfig {
        home_id: new.home_id().to_owned(),
        key_store: kind,
        listen: Vec::new(),
        bandwidth: BandwidthConfig::default(),
        audits: AuditsConfig::default(),
        hosting: HostingConfig::default(),
        spending: SpendingConfig::default(),
    };
    new.keep(&home, &config).await
}

/// What lies in a home of a library that is not another owner's.
struct FoundLibrary {
    /// Whether it, or its backup, says that it is this owner's.
    is_known: bool,
    /// Why it, or its backup, does not say whose it is.
    unreadable: Option<OpenError>,
}

/// Refuses the home of another owner's library, or of its backup, which a new one's would replace, before any key is written
/// there.
fn check_library(home: &Home, owner: OwnerId) -> Result<FoundLibrary, NodeError> {
    let mut is_known = false;
    let mut unreadable = None;
    for path in [home.library(), Library::backup_path(&home.library())] {
        match Library::owner_at(&path) {
            Ok(found) => {
                check_owner(&path, found, owner)?;
                is_known |= found.is_some();
            }
            Err(OpenError::Missing { .. }) => {}
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    Ok(FoundLibrary { is_known, unreadable })
}

/// Refuses the library at `path`, which is on record as that of `found`, where that is somebody else.
///
/// # Errors
/// [`ErrorCode::OtherOwner`].
pub(crate) fn check_owner(path: &Path, found: Option<OwnerId>, asked: OwnerId) -> Result<(), NodeError> {
    match found {
        Some(found) if found != asked => {
            Err(library_unusable(&OpenError::OtherOwner { path: path.to_owned(), found, asked }))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
