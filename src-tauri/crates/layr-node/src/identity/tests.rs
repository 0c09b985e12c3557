use std::path::Path;

use layr_keys::{OwnerKeys, RecoveryPhrase, StellarKey};
use layr_library::{AgreementRole, AgreementState, Library};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    KEYS_GONE, Setup, WORDS_HELP, bring_keys_back, create, describe, open, parse_account_key, recover,
    use_account,
};
use crate::agreements::agreement_of;
use crate::api::WalletSource;
use crate::clock::SystemEntropy;
use crate::error::ErrorCode;
use crate::home::{Home, KeyStoreKind};
use crate::network_file::NetworkFile;
use crate::wire::{WireSeat, WireTerms};

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
    assert_eq!(recover(setup(&home), &words, &SystemEntropy).await.unwrap_err().code, ErrorCode::WrongKey);
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
async fn a_home_whose_configuration_is_gone_is_recovered_beside_its_library() {
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

/// A home with a setting of its own, whose key file is as `lose` leaves it; and the words.
async fn home_without_keys(dir: &Path, lose: impl Fn(&Path)) -> (Home, RecoveryPhrase) {
    let home = Home::new(dir);
    let (created, phrase) = create(setup(&home), &SystemEntropy).await.unwrap();
    let mut config = home.config().unwrap();
    config.hosting.quota_bytes = 7;
    home.write_config(&config).unwrap();
    drop(Library::create(&home.library(), created.owner, layr_library::Entropy::system(), 1).unwrap());
    lose(&home.key_file());
    (home, phrase)
}

#[tokio::test]
async fn the_words_bring_lost_keys_back_and_nothing_else_is_changed() {
    let losses: [fn(&Path); 2] =
        [|keys| std::fs::remove_file(keys).unwrap(), |keys| std::fs::write(keys, b"not keys").unwrap()];
    for lose in losses {
        let dir = tempfile::tempdir().unwrap();
        let (home, phrase) = home_without_keys(dir.path(), lose).await;
        // No passphrase is needed to see it.
        let gone = open(&home, None).await.unwrap_err();
        assert!(gone.params.contains_key(KEYS_GONE), "{gone:?}");
        let (config, library) = (home.config().unwrap(), std::fs::read(home.library()).unwrap());
        let bring = |phrase: RecoveryPhrase| {
            let home = home.clone();
            async move {
                let passphrase = passphrase("another horse");
                bring_keys_back(&home, KeyStoreKind::File, passphrase, &phrase, &SystemEntropy).await
            }
        };
        let others = bring(RecoveryPhrase::from_entropy(&[1; 32])).await.unwrap_err();
        assert_eq!(others.code, ErrorCode::OtherOwner);
        assert_eq!(home.config().unwrap(), config);
        assert!(open(&home, None).await.unwrap_err().params.contains_key(KEYS_GONE));
        let brought = bring(RecoveryPhrase::parse(&phrase.to_text()).unwrap()).await.unwrap();
        let opened = describe(&open(&home, passphrase("another horse")).await.unwrap());
        assert_eq!((opened.owner, opened.peer), (brought.owner, brought.peer));
        assert_eq!(home.config().unwrap().hosting, config.hosting);
        assert_eq!(std::fs::read(home.library()).unwrap(), library);
        // Once they are there they stay.
        let again = bring(phrase).await.unwrap_err();
        assert_eq!(again.code, ErrorCode::IdentityExists);
        assert_eq!(describe(&open(&home, passphrase("another horse")).await.unwrap()).peer, opened.peer);
    }
}

#[tokio::test]
async fn no_words_are_taken_where_a_library_does_not_say_whose_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (home, phrase) = home_without_keys(dir.path(), |keys| std::fs::remove_file(keys).unwrap()).await;
    let (library, config) = (std::fs::read(home.library()).unwrap(), home.config().unwrap());
    std::fs::write(home.library(), [b'?'; 4096]).unwrap();
    let bring = || bring_keys_back(&home, KeyStoreKind::File, passphrase("horse"), &phrase, &SystemEntropy);
    assert_eq!(bring().await.unwrap_err().code, ErrorCode::DatabaseUnusable);
    assert_eq!(home.config().unwrap(), config);
    assert!(open(&home, passphrase("horse")).await.unwrap_err().params.contains_key(KEYS_GONE));
    // Its backup knows.
    std::fs::write(Library::backup_path(&home.library()), library).unwrap();
    bring().await.unwrap();
}

#[tokio::test]
async fn keys_of_a_newer_release_are_not_gone() {
    let dir = tempfile::tempdir().unwrap();
    let (home, phrase) = home_without_keys(dir.path(), |path| {
        let mut keys = std::fs::read(path).unwrap();
        keys[8..10].copy_from_slice(&[0, 2]);
        let sealed = keys.len() - 32;
        let checksum = Sha256::digest(&keys[..sealed]);
        keys[sealed..].copy_from_slice(&checksum);
        std::fs::write(path, keys).unwrap();
    })
    .await;
    let keys = std::fs::read(home.key_file()).unwrap();
    let refused = open(&home, None).await.unwrap_err();
    assert!(refused.message.contains("newer release"), "{refused}");
    assert!(!refused.params.contains_key(KEYS_GONE));
    let brought = bring_keys_back(&home, KeyStoreKind::File, passphrase("horse"), &phrase, &SystemEntropy);
    assert_eq!(brought.await.unwrap_err().code, refused.code);
    assert_eq!(std::fs::read(home.key_file()).unwrap(), keys);
}

#[tokio::test]
async fn keys_that_a_passphrase_opens_are_not_gone() {
    let dir = tempfile::tempdir().unwrap();
    let (home, phrase) = home_without_keys(dir.path(), |_| ()).await;
    let keys = std::fs::read(home.key_file()).unwrap();
    for kind in [KeyStoreKind::File, KeyStoreKind::Keyring] {
        let refused = bring_keys_back(&home, kind, passphrase("another"), &phrase, &SystemEntropy).await;
        assert_eq!(refused.unwrap_err().code, ErrorCode::IdentityExists);
    }
    assert_eq!(std::fs::read(home.key_file()).unwrap(), keys);
}

/// Set for the run in which no bus leads to a keyring.
const WITHOUT_BUS: &str = "LAYR_TEST_WITHOUT_BUS";

/// Runs this binary's test of that name where no keyring can be reached, whatever the session has.
fn without_bus(test: &str) {
    let mut run = std::process::Command::new(std::env::current_exe().unwrap());
    run.args(["--exact", test, "--nocapture"]).env(WITHOUT_BUS, "1");
    run.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus").env("XDG_RUNTIME_DIR", "/nonexistent");
    let output = run.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{complained}");
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_keyring_the_owners_words_bring_the_keys_into_a_file() {
    if std::env::var_os(WITHOUT_BUS).is_none() {
        let test = "identity::tests::without_a_keyring_the_owners_words_bring_the_keys_into_a_file";
        return without_bus(test);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let (home, phrase) = home_without_keys(dir.path(), |keys| std::fs::remove_file(keys).unwrap()).await;
        let mut config = home.config().unwrap();
        config.key_store = KeyStoreKind::Keyring;
        home.write_config(&config).unwrap();
        let locked = open(&home, None).await.unwrap_err();
        assert_eq!(locked.code, ErrorCode::Locked);
        assert!(
            locked.params.contains_key(WORDS_HELP) && !locked.params.contains_key(KEYS_GONE),
            "{locked:?}"
        );
        assert!(!locked.message.contains("--"), "no command line in a window: {locked}");
        assert!(super::are_keys_gone(&home).await, "`init --recover` helps, too");
        let bring = |kind, phrase| {
            let (home, passphrase) = (home.clone(), passphrase("another horse"));
            async move { bring_keys_back(&home, kind, passphrase, &phrase, &SystemEntropy).await }
        };
        let again = || RecoveryPhrase::parse(&phrase.to_text()).unwrap();
        let others = bring(KeyStoreKind::File, RecoveryPhrase::from_entropy(&[1; 32])).await.unwrap_err();
        assert_eq!(others.code, ErrorCode::OtherOwner);
        assert_eq!(bring(KeyStoreKind::Keyring, again()).await.unwrap_err().code, ErrorCode::Locked);
        // Without a library nothing says whose they are.
        let hidden = dir.path().join("hidden");
        std::fs::rename(home.library(), &hidden).unwrap();
        assert!(!open(&home, None).await.unwrap_err().params.contains_key(WORDS_HELP));
        assert_eq!(bring(KeyStoreKind::File, again()).await.unwrap_err().code, ErrorCode::Locked);
        std::fs::rename(&hidden, home.library()).unwrap();
        assert_eq!(home.config().unwrap(), config);
        let brought = bring(KeyStoreKind::File, again()).await.unwrap();
        assert_eq!(home.config().unwrap().key_store, KeyStoreKind::File);
        assert_eq!(describe(&open(&home, passphrase("another horse")).await.unwrap()).owner, brought.owner);
    });
}

/// Any account's secret key.
fn brought() -> StellarKey {
    parse_account_key("SBGWSG6BTNCKCOB3DIFBGCVMUPQFYPA2G4O34RMTB343OYPXU5DJDVMN").unwrap()
}

#[tokio::test]
async fn an_account_that_was_brought_along_is_kept_with_the_keys_and_the_words_do_not_bring_it_back() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path().join("a"));
    let (created, phrase) = create(setup(&home), &SystemEntropy).await.unwrap();
    let wrong = use_account(&home, passphrase("wrong"), Some(brought())).await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::WrongKey);
    let used = use_account(&home, passphrase("correct horse"), Some(brought())).await.unwrap();
    assert_eq!((&used.previous_account, used.source), (&created.stellar_account, WalletSource::Key));
    let opened = describe(&open(&home, passphrase("correct horse")).await.unwrap());
    assert_eq!((opened.owner, opened.peer), (created.owner, created.peer), "all else is as it was");
    assert_eq!(opened.stellar_account, used.account);
    assert_eq!(used.account, brought().account().to_string());

    let other = Home::new(dir.path().join("b"));
    let recovered = recover(setup(&other), &phrase.to_text(), &SystemEntropy).await.unwrap();
    assert_eq!(recovered.stellar_account, created.stellar_account);
    // The key of the words' own account is nothing that would have to be kept.
    let own = OwnerKeys::from_phrase(&phrase).stellar_key().to_secret_bytes();
    let own = layr_keys::StoredSecrets {
        entropy: phrase.entropy(),
        device_secret: [9; 32].into(),
        account_secret: Some(own),
    };
    let back = use_account(&home, passphrase("correct horse"), Some(own.stellar_key())).await.unwrap();
    assert_eq!((back.account, back.source), (created.stellar_account.clone(), WalletSource::Phrase));
    let again = use_account(&home, passphrase("correct horse"), None).await.unwrap();
    assert_eq!(
        (&again.account, &again.previous_account),
        (&created.stellar_account, &created.stellar_account)
    );
}

#[tokio::test]
async fn an_account_stays_while_agreements_run_that_only_it_can_sign_for() {
    for role in [AgreementRole::Owner, AgreementRole::Host] {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path().join("a"));
        let (created, phrase) = create(setup(&home), &SystemEntropy).await.unwrap();
        let library =
            Library::create(&home.library(), created.owner, layr_library::Entropy::system(), 1).unwrap();
        let own = OwnerKeys::from_phrase(&phrase).stellar_account().into();
        let mut agreement = agreement_of(role, [8; 32], ([7; 32], 2048));
        match role {
            AgreementRole::Owner => agreement.terms.owner = own,
            AgreementRole::Host => agreement.host.account = own,
        }
        agreement.record.id = 0;
        agreement.record.terms = minicbor::to_vec(WireTerms::of(&agreement.terms)).unwrap();
        agreement.record.seat = minicbor::to_vec(WireSeat::of(&agreement.host)).unwrap();
        let id = library.write_agreements(&[(agreement.record.clone(), None)]).unwrap()[0];

        let refused = use_account(&home, passphrase("correct horse"), Some(brought())).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Conflict, "{refused:?}");
        assert_eq!(refused.params["agreements"], serde_json::json!([id.to_string()]));
        let opened = describe(&open(&home, passphrase("correct horse")).await.unwrap());
        assert_eq!(opened.stellar_account, created.stellar_account, "nothing was changed");

        agreement.record.id = id;
        agreement.record.state = AgreementState::Settled;
        library.write_agreements(&[(agreement.record, None)]).unwrap();
        assert!(use_account(&home, passphrase("correct horse"), Some(brought())).await.is_ok());
    }
}
