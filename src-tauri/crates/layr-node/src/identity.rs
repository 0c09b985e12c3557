//! A home's identity: made once, recovered from the phrase, opened at every start.
//!
//! `config.toml` is written last, so that a crash on the way leaves a home without an identity, and the next attempt
//! starts over. Nothing that could be somebody's keys is ever overwritten: a key file without a configuration is moved
//! aside.

mod sealed_phrase;

use std::path::{Path, PathBuf};

use layr_keys::{
    DeviceKey, KeyFileStore, KeyStore, KeyStoreError, KeyringStore, OwnerId, OwnerKeys, PeerId,
    RecoveryPhrase, StoredSecrets,
};
use layr_library::{Library, OpenError};
use zeroize::Zeroizing;

pub use sealed_phrase::{decode_sealed_phrase, read_sealed_phrase, seal_phrase, unseal_phrase};

use crate::bandwidth::BandwidthConfig;
use crate::clock::Entropy;
use crate::error::{ErrorCode, NodeError};
use crate::home::{Home, HomeConfig, HostingConfig, KeyStoreKind};
use crate::network_file::NetworkFile;
use crate::node::library_unusable;

/// Parameter of a failure to open keys that are not there any more, so that nothing unlocks them.
pub const KEYS_GONE: &str = "keys_gone";

/// Bytes of a home's random id.
const HOME_ID_BYTES: usize = 16;
/// Key files set aside at most; more is no accident.
const MAX_SET_ASIDE: u32 = 100;

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
    let config = home.config()?;
    let keys = key_store(home, config.key_store, &config.home_id, passphrase)?;
    keys.load().await.map_err(|error| of_key_store(home, &error))
}

/// Who the secrets belong to.
pub fn describe(secrets: &StoredSecrets) -> Identity {
    let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&secrets.entropy));
    Identity {
        owner: owner.owner_id(),
        peer: DeviceKey::from_bytes(&secrets.device_secret).peer_id(),
        stellar_account: owner.stellar_account().to_string(),
    }
}

async fn store(setup: Setup, phrase: &RecoveryPhrase, entropy: &dyn Entropy) -> Result<Identity, NodeError> {
    let Setup { home, network, key_store: kind, passphrase } = setup;
    home.create()?;
    let _lock = home.lock()?;
    check_vacant(&home)?;
    check_library(&home, phrase)?;
    let mut device_secret = Zeroizing::new([0_u8; 32]);
    entropy.fill(device_secret.as_mut_slice()).map_err(|error| no_randomness(&error))?;
    let mut home_id = [0_u8; HOME_ID_BYTES];
    entropy.fill(&mut home_id).map_err(|error| no_randomness(&error))?;
    let home_id = hex::encode(home_id);
    let secrets = StoredSecrets { entropy: phrase.entropy(), device_secret };
    let keys = key_store(&home, kind, &home_id, passphrase)?;
    if kind == KeyStoreKind::File {
        set_aside(&home)?;
    }
    home.write_network(&network)?;
    keys.save(&secrets).await.map_err(|error| of_key_store(&home, &error))?;
    let config = HomeConfig {
        home_id,
        key_store: kind,
        listen: Vec::new(),
        bandwidth: BandwidthConfig::default(),
        hosting: HostingConfig::default(),
    };
    if let Err(error) = home.write_config(&config) {
        // Without its configuration nobody would ever find this entry again.
        let _ = keys.delete().await;
        return Err(error.into());
    }
    Ok(describe(&secrets))
}

/// Refuses the home of another owner's library, or of its backup, which a new one's would replace, before any key is written
/// there. A library that cannot be read says why when the node starts; here it may be the reason for a recovery.
fn check_library(home: &Home, phrase: &RecoveryPhrase) -> Result<(), NodeError> {
    let owner = OwnerKeys::from_phrase(phrase).owner_id();
    for path in [home.library(), Library::backup_path(&home.library())] {
        if let Ok(found) = Library::owner_at(&path) {
            check_owner(&path, found, owner)?;
        }
    }
    Ok(())
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

/// Moves a key file that no configuration names out of the way: it may be all that is left of an identity.
fn set_aside(home: &Home) -> Result<(), NodeError> {
    let path = home.key_file();
    if !path.exists() {
        return Ok(());
    }
    let free = (1..=MAX_SET_ASIDE).map(|number| numbered(home, number)).find(|aside| !aside.exists());
    let moved = free.is_some_and(|aside| std::fs::rename(&path, aside).is_ok());
    if moved {
        return Ok(());
    }
    let message = format!("{} is in the way and cannot be moved aside; move it yourself.", path.display());
    Err(NodeError::new(ErrorCode::LocalFile, message))
}

fn numbered(home: &Home, number: u32) -> PathBuf {
    home.key_file().with_extension(format!("sealed.old-{number}"))
}

fn key_store(
    home: &Home,
    kind: KeyStoreKind,
    home_id: &str,
    passphrase: Option<Zeroizing<String>>,
) -> Result<Box<dyn KeyStore>, NodeError> {
    match kind {
        KeyStoreKind::Keyring => Ok(Box::new(KeyringStore::new(home_id))),
        KeyStoreKind::File => {
            let passphrase = passphrase.ok_or_else(|| {
                let message =
                    "The key file needs its passphrase: type it, or name a file with LAYR_PASSPHRASE_FILE.";
                NodeError::new(ErrorCode::Locked, message)
            })?;
            let file = KeyFileStore::new(home.key_file(), passphrase);
            Ok(Box::new(file.map_err(|error| of_key_store(home, &error))?))
        }
    }
}

fn of_key_store(home: &Home, error: &KeyStoreError) -> NodeError {
    let dir = home.dir().display();
    let (code, message) = match error {
        KeyStoreError::WrongPassphrase => (
            ErrorCode::WrongKey,
            "The passphrase does not open the key file. Try again; nothing was changed.".to_owned(),
        ),
        KeyStoreError::EmptyPassphrase => {
            (ErrorCode::InvalidRequest, "The passphrase is empty. Choose one that nobody guesses.".to_owned())
        }
        KeyStoreError::Locked => {
            (ErrorCode::Locked, "The system keyring is locked. Unlock it and try again.".to_owned())
        }
        KeyStoreError::Unavailable { .. } => (
            ErrorCode::Locked,
            "This session has no system keyring. Start one, or set the home up with `--key-store file`."
                .to_owned(),
        ),
        KeyStoreError::Missing => (
            ErrorCode::Locked,
            format!("The keys of {dir} are not where its config.toml says. {}", bring_back(home)),
        ),
        KeyStoreError::Damaged { .. } => {
            (ErrorCode::Locked, format!("The keys of {dir} cannot be used: {error}. {}", bring_back(home)))
        }
        KeyStoreError::OtherIdentity => (
            ErrorCode::IdentityExists,
            format!(
                "The keys of another recovery phrase lie where those of {dir} would go; nothing was changed. Choose another home with --home."
            ),
        ),
        KeyStoreError::Interrupted => (ErrorCode::Interrupted, "Stopped; nothing was changed.".to_owned()),
        KeyStoreError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            (ErrorCode::DiskFull, format!("{error}: the disk is full."))
        }
        KeyStoreError::Io { source, .. } => (ErrorCode::LocalFile, format!("{error}: {source}.")),
        other => (ErrorCode::Internal, format!("The keys cannot be used: {other}.")),
    };
    let failure = NodeError::new(code, message);
    match error {
        KeyStoreError::Missing | KeyStoreError::Damaged { .. } => failure.with(KEYS_GONE, true),
        _ => failure,
    }
}

/// What helps a home without its keys. The library belongs to the phrase, so it is of use again afterwards.
fn bring_back(home: &Home) -> String {
    let dir = home.dir().display();
    format!(
        "Put them back from a copy; or move {dir}/config.toml away and run `layr --home {dir} init --recover` with your 24 words and the --network of then: the library stays."
    )
}

fn no_randomness(error: &crate::clock::EntropyError) -> NodeError {
    NodeError::new(ErrorCode::Internal, format!("No keys can be made: {error}."))
}

#[cfg(test)]
mod tests {
    use layr_keys::{OwnerKeys, RecoveryPhrase};
    use layr_library::Library;
    use zeroize::Zeroizing;

    use super::{Setup, create, describe, open, recover};
    use crate::clock::SystemEntropy;
    use crate::error::ErrorCode;
    use crate::home::{Home, KeyStoreKind};
    use crate::network_file::NetworkFile;

    fn setup(home: &Home) -> Setup {
        Setup {
            home: home.clone(),
            network: NetworkFile::local(),
            key_store: KeyStoreKind::File,
            passphrase: passphrase("correct horse"),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the API takes it")]
    fn passphrase(text: &str) -> Option<Zeroizing<String>> {
        Some(Zeroizing::new(text.to_owned()))
    }

    #[tokio::test]
    async fn the_words_bring_the_owner_back_on_another_device() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (Home::new(dir.path().join("a")), Home::new(dir.path().join("b")));
        let (created, phrase) = create(setup(&first), &SystemEntropy).await.unwrap();
        let recovered = recover(setup(&second), &phrase.to_text(), &SystemEntropy).await.unwrap();
        assert_eq!((created.owner, &created.stellar_account), (recovered.owner, &recovered.stellar_account));
        assert_ne!(created.peer, recovered.peer);
        let opened = describe(&open(&first, passphrase("correct horse")).await.unwrap());
        assert_eq!((opened.owner, opened.peer), (created.owner, created.peer));
    }

    #[tokio::test]
    async fn an_identity_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        let (created, _) = create(setup(&home), &SystemEntropy).await.unwrap();
        let words = RecoveryPhrase::from_entropy(&[1; 32]).to_text();
        assert_eq!(create(setup(&home), &SystemEntropy).await.unwrap_err().code, ErrorCode::IdentityExists);
        assert_eq!(
            recover(setup(&home), &words, &SystemEntropy).await.unwrap_err().code,
            ErrorCode::IdentityExists
        );
        assert_eq!(describe(&open(&home, passphrase("correct horse")).await.unwrap()).owner, created.owner);
    }

    #[tokio::test]
    async fn keys_without_a_configuration_are_moved_aside_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        create(setup(&home), &SystemEntropy).await.unwrap();
        let keys = std::fs::read(home.key_file()).unwrap();
        // What a crash before the last step leaves, and what a person leaves who deletes the wrong file.
        std::fs::remove_file(dir.path().join("config.toml")).unwrap();
        assert_eq!(open(&home, passphrase("correct horse")).await.unwrap_err().code, ErrorCode::NoIdentity);
        create(setup(&home), &SystemEntropy).await.unwrap();
        assert_eq!(std::fs::read(dir.path().join("keys.sealed.old-1")).unwrap(), keys);
        open(&home, passphrase("correct horse")).await.unwrap();
    }

    #[tokio::test]
    async fn the_home_of_another_owners_library_takes_no_keys() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        let words = |bits| RecoveryPhrase::from_entropy(&[bits; 32]);
        let owner = OwnerKeys::from_phrase(&words(1)).owner_id();
        drop(Library::create(&home.library(), owner, layr_library::Entropy::system(), 1).unwrap());
        let library = std::fs::read(home.library()).unwrap();
        let recovered = recover(setup(&home), &words(2).to_text(), &SystemEntropy).await.unwrap_err();
        let created = create(setup(&home), &SystemEntropy).await.unwrap_err();
        for refused in [recovered, created] {
            assert_eq!((refused.code, refused.code.exit_code()), (ErrorCode::OtherOwner, 8));
        }
        assert!(!home.has_identity() && !home.key_file().exists());
        assert_eq!(std::fs::read(home.library()).unwrap(), library);
        // Its backup alone is worth as much.
        std::fs::rename(home.library(), Library::backup_path(&home.library())).unwrap();
        let refused = recover(setup(&home), &words(2).to_text(), &SystemEntropy).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::OtherOwner);
        recover(setup(&home), &words(1).to_text(), &SystemEntropy).await.unwrap();
    }

    #[tokio::test]
    async fn wrong_missing_and_damaged_keys_have_codes_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        let words = "zoo ".repeat(24);
        assert_eq!(
            recover(setup(&home), &words, &SystemEntropy).await.unwrap_err().code,
            ErrorCode::WrongKey
        );
        assert!(!home.has_identity());
        create(setup(&home), &SystemEntropy).await.unwrap();
        for (passphrase, code) in [(passphrase("wrong"), ErrorCode::WrongKey), (None, ErrorCode::Locked)] {
            assert_eq!(open(&home, passphrase).await.unwrap_err().code, code);
        }
        std::fs::write(home.key_file(), b"not keys").unwrap();
        assert_eq!(open(&home, passphrase("correct horse")).await.unwrap_err().code, ErrorCode::Locked);
        std::fs::remove_file(home.key_file()).unwrap();
        let missing = open(&home, passphrase("correct horse")).await.unwrap_err();
        assert_eq!(missing.code, ErrorCode::Locked);
        assert!(missing.message.contains("init --recover"), "{}", missing.message);
    }

    #[tokio::test]
    async fn keys_that_are_gone_come_back_as_the_message_says() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        let (created, phrase) = create(setup(&home), &SystemEntropy).await.unwrap();
        std::fs::write(home.library(), b"a library").unwrap();
        std::fs::remove_file(home.key_file()).unwrap();
        std::fs::rename(dir.path().join("config.toml"), dir.path().join("config.toml.old")).unwrap();
        recover(setup(&home), &phrase.to_text(), &SystemEntropy).await.unwrap();
        assert_eq!(describe(&open(&home, passphrase("correct horse")).await.unwrap()).owner, created.owner);
        assert_eq!(std::fs::read(home.library()).unwrap(), b"a library");
    }
}
