//! The network file (`network.toml`): what a newcomer needs to join a network.

mod ledger;

use std::io::Read;
use std::path::Path;

use layr_keys::{Links, open_regular};
use serde::{Deserialize, Serialize};

pub use self::ledger::{BeaconRelays, LedgerKind, StellarNetwork};

/// Longest network file in bytes: a few dozen bootstrap addresses.
const MAX_NETWORK_FILE_BYTES: u64 = 64 * 1024;
/// Longest network name: it is part of every protocol name.
pub const MAX_NAME_BYTES: usize = 32;
/// The name of the network inside the app, whose hosts it runs itself: no network file has it.
pub const TRY_OUT: &str = "try-out";
/// Most bootstrap peers: more only slow the start down.
const MAX_BOOTSTRAP_PEERS: usize = 64;
const MAX_ADDRESS_BYTES: usize = 256;

/// A network, as `network.toml` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkFile {
    /// Lower-case letters, digits and hyphens.
    pub name: String,
    /// Multiaddresses of seed nodes, each with `/p2p/<peer id>`.
    #[serde(default)]
    pub bootstrap: Vec<String>,
    /// All nodes are on this machine or in one lab: loopback and private addresses count as reachable.
    #[serde(default)]
    pub private_addresses: bool,
    /// How hosts are paid. Last, since it can be a table.
    #[serde(default)]
    pub ledger: LedgerKind,
}

/// Why a network file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkFileError {
    /// It cannot be read.
    #[error("cannot read the network file {path}: {source}")]
    Unreadable {
        /// Which.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is longer than [`MAX_NETWORK_FILE_BYTES`].
    #[error("the network file {path} has more than {MAX_NETWORK_FILE_BYTES} bytes, so it is none")]
    TooLong {
        /// Which.
        path: String,
    },
    /// It is not TOML or lacks a field.
    #[error("the network file {path} is not valid: {reason}")]
    Malformed {
        /// Which.
        path: String,
        /// The parser's sentence.
        reason: String,
    },
    /// It has the name of the network inside the app.
    #[error(
        "the network file {path} is named {TRY_OUT:?}, as the network inside the app is; give it another name"
    )]
    Reserved {
        /// Which.
        path: String,
    },
    /// A name nobody knows and no such file.
    #[error("there is no network named {name:?}; built in are {known}; a path to a network file works too")]
    UnknownNetwork {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
}

impl NetworkFile {
    /// The network that this machine keeps for itself: nobody to bootstrap from until a network file says so.
    pub fn local() -> Self {
        Self {
            name: "local".to_owned(),
            bootstrap: Vec::new(),
            private_addresses: true,
            ledger: LedgerKind::None,
        }
    }

    /// Finds a built-in network by name, or reads the file at that path.
    ///
    /// # Errors
    /// [`NetworkFileError`].
    pub fn find(name_or_path: &str) -> Result<Self, NetworkFileError> {
        if name_or_path == "local" {
            return Ok(Self::local());
        }
        let path = Path::new(name_or_path);
        if name_or_path.contains(['/', '.']) || path.exists() {
            return Self::read_to_join(path);
        }
        Err(NetworkFileError::UnknownNetwork { name: name_or_path.to_owned(), known: "local".to_owned() })
    }

    /// Reads and checks the network file of a network that a home shall join.
    ///
    /// # Errors
    /// [`NetworkFileError`].
    pub fn read_to_join(path: &Path) -> Result<Self, NetworkFileError> {
        let network = Self::read(path)?;
        if network.name == TRY_OUT {
            return Err(NetworkFileError::Reserved { path: path.display().to_string() });
        }
        Ok(network)
    }

    /// Reads and checks a network file.
    ///
    /// # Errors
    /// [`NetworkFileError`].
    pub fn read(path: &Path) -> Result<Self, NetworkFileError> {
        let shown = path.display().to_string();
        let unreadable = |source| NetworkFileError::Unreadable { path: shown.clone(), source };
        let mut text = String::new();
        open_regular(path, Links::Follow)
            .and_then(|(file, _)| file.take(MAX_NETWORK_FILE_BYTES + 1).read_to_string(&mut text))
            .map_err(unreadable)?;
        if text.len() as u64 > MAX_NETWORK_FILE_BYTES {
            return Err(NetworkFileError::TooLong { path: shown });
        }
        Self::parse(&text).map_err(|reason| NetworkFileError::Malformed { path: shown, reason })
    }

    /// Parses the text of a network file; the error is a sentence for people.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: Self = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        file.check()?;
        Ok(file)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// Never for a checked file.
    pub fn to_toml(&self) -> Result<String, String> {
        toml::to_string(self).map_err(|error| error.to_string())
    }

    fn check(&self) -> Result<(), String> {
        let name_ok = !self.name.is_empty()
            && self.name.len() <= MAX_NAME_BYTES
            && self.name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !name_ok {
            return Err(format!(
                "the name must have 1 to {MAX_NAME_BYTES} lower-case letters, digits or hyphens, not {:?}",
                self.name
            ));
        }
        if self.bootstrap.len() > MAX_BOOTSTRAP_PEERS {
            return Err(format!("at most {MAX_BOOTSTRAP_PEERS} bootstrap peers are allowed"));
        }
        for address in &self.bootstrap {
            if address.len() > MAX_ADDRESS_BYTES || !address.starts_with('/') || !address.contains("/p2p/") {
                return Err(format!(
                    "a bootstrap peer must be a multiaddress that ends in /p2p/<peer id>, not {address:?}"
                ));
            }
        }
        self.ledger.check()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use layr_ledger::agreement::AgreementContract;
    use proptest::prelude::*;

    use super::{LedgerKind, MAX_NETWORK_FILE_BYTES, NetworkFile, NetworkFileError, TRY_OUT};

    /// A network with a ledger, and one more line about that.
    fn stellar(line: &str) -> String {
        format!(
            "name = \"x\"\n[ledger]\nkind = \"stellar\"\nrpc = \"https://r.example\"\npassphrase = \"a network\"\n{line}\n"
        )
    }

    #[test]
    fn a_ledger_is_a_table_or_none() {
        let file = NetworkFile::parse(&stellar("friendbot = \"https://f.example\"")).unwrap();
        let LedgerKind::Stellar(network) = &file.ledger else { panic!("{file:?}") };
        assert_eq!((network.rpc.as_str(), network.passphrase.as_str()), ("https://r.example", "a network"));
        assert_eq!(NetworkFile::parse(&file.to_toml().unwrap()), Ok(file.clone()));
        let full = NetworkFile { bootstrap: vec!["/ip4/127.0.0.1/tcp/4100/p2p/12D3Koo".to_owned()], ..file };
        assert_eq!(NetworkFile::parse(&full.to_toml().unwrap()), Ok(full));
        let none = NetworkFile::parse("name = \"x\"\nledger = \"none\"").unwrap();
        assert_eq!(none.ledger, LedgerKind::None);
        assert!(none.to_toml().unwrap().contains("ledger = \"none\""));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let file = NetworkFile {
            bootstrap: vec!["/ip4/127.0.0.1/tcp/4100/p2p/12D3Koo".to_owned()],
            ..NetworkFile::local()
        };
        assert_eq!(NetworkFile::parse(&file.to_toml().unwrap()), Ok(file));
    }

    /// Any contract.
    const CONTRACT: &str = "CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABSC4";

    fn contract(contract: &str, wasm: &str) -> String {
        format!("contract = {contract:?}\nwasm = {wasm:?}")
    }

    #[test]
    fn a_contract_is_named_with_its_code() {
        let file = NetworkFile::parse(&stellar("")).unwrap();
        let LedgerKind::Stellar(network) = &file.ledger else { panic!("{file:?}") };
        let named = network.clone().with_contract(CONTRACT.parse().unwrap());
        let file = NetworkFile { ledger: LedgerKind::Stellar(named), ..file };
        let known = hex::encode(AgreementContract::code_hash());
        assert_eq!(NetworkFile::parse(&stellar(&contract(CONTRACT, &known))), Ok(file.clone()));
        assert_eq!(
            NetworkFile::parse(&stellar(&contract(CONTRACT, &known.to_uppercase()))).map(drop),
            Ok(())
        );
        assert_eq!(NetworkFile::parse(&file.to_toml().unwrap()), Ok(file));
    }

    #[test]
    fn relays_of_a_beacon_are_named_in_a_table_of_their_own() {
        let relays = "[ledger.beacon]\nrelays = [\"https://a.example\", \"https://b.example/drand\"]";
        let file = NetworkFile::parse(&stellar(relays)).unwrap();
        let LedgerKind::Stellar(network) = &file.ledger else { panic!("{file:?}") };
        let named = network.relays().unwrap();
        assert_eq!(named.relays, ["https://a.example", "https://b.example/drand"]);
        assert_eq!(named.chain, layr_ledger::agreement::DrandSettings::quicknet().chain);
        assert_eq!(NetworkFile::parse(&file.to_toml().unwrap()), Ok(file.clone()));
        let chain = format!("chain = \"{}\"", "ab".repeat(32));
        let other = NetworkFile::parse(&stellar(&format!("{relays}\n{chain}"))).unwrap();
        let LedgerKind::Stellar(network) = &other.ledger else { panic!("{other:?}") };
        assert_eq!(network.relays().unwrap().chain, "ab".repeat(32));
    }

    #[test]
    fn a_wrong_file_is_refused_in_a_sentence() {
        let known = hex::encode(AgreementContract::code_hash());
        for (text, part) in [
            ("", "name"),
            ("name = \"Öl\"", "lower-case"),
            ("name = \"x\"\nbootstrap = [\"127.0.0.1:80\"]", "multiaddress"),
            ("name = \"x\"\nledger = \"moon\"", "moon"),
            ("name = \"x\"\nledger = 1", "\"none\""),
            ("name = \"x\"\n[ledger]\nkind = \"moon\"", "moon"),
            ("name = \"x\"\n[ledger]\nkind = \"stellar\"", "rpc"),
            ("name = \"x\"\n[ledger]\nkind = \"stellar\"\nrpc = \"https://r.example\"", "passphrase"),
            (&stellar("surprise = 1"), "surprise"),
            (&stellar("[ledger.beacon]"), "relays"),
            (&stellar("[ledger.beacon]\nrelays = []"), "relay"),
            (&stellar("[ledger.beacon]\nrelays = [\"http://r.example\"]"), "https"),
            (&stellar("[ledger.beacon]\nchain = \"12\"\nrelays = [\"https://r.example\"]"), "chain hash"),
            (&stellar("friendbot = \"http://r.example\""), "https"),
            (&stellar(&contract("GA7Q", &known)), "contract"),
            (&stellar(&contract(CONTRACT, "12")), "wasm"),
            (&stellar(&contract(CONTRACT, &"0".repeat(64))), "too old or too new"),
            (&stellar(&format!("contract = {CONTRACT:?}")), "wasm"),
            (&stellar(&format!("wasm = {known:?}")), "contract"),
            (&stellar("").replace("https://r", "http://r"), "https"),
            (&stellar("").replace("a network", ""), "passphrase"),
            ("name = \"x\"\nsurprise = 1", "surprise"),
        ] {
            let error = NetworkFile::parse(text).unwrap_err();
            assert!(error.contains(part), "{error:?} should name {part:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics_and_what_is_accepted_can_be_written(text in "[ -~\n]{0,300}") {
            if let Ok(file) = NetworkFile::parse(&text) {
                prop_assert_eq!(NetworkFile::parse(&file.to_toml().unwrap()), Ok(file));
            }
        }

        #[test]
        fn a_mutated_file_never_panics(at: prop::sample::Index, put in "\\PC{0,3}") {
            let mut text = NetworkFile::local().to_toml().unwrap();
            let at = at.index(text.len());
            text.replace_range(at..=at, &put);
            if let Ok(file) = NetworkFile::parse(&text) {
                prop_assert_eq!(NetworkFile::parse(&file.to_toml().unwrap()), Ok(file));
            }
        }
    }

    #[test]
    fn what_is_no_file_or_too_long_is_refused() {
        let refused = NetworkFile::read(Path::new("/dev/zero"));
        assert!(matches!(refused, Err(NetworkFileError::Unreadable { .. })), "{refused:?}");
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("network.toml");
        std::fs::write(&file, vec![b'#'; usize::try_from(MAX_NETWORK_FILE_BYTES).unwrap() + 1]).unwrap();
        let refused = NetworkFile::read(&file);
        assert!(matches!(refused, Err(NetworkFileError::TooLong { .. })), "{refused:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_that_nobody_writes_to_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("network.toml");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let refused = NetworkFile::read(&pipe);
        assert!(matches!(refused, Err(NetworkFileError::Unreadable { .. })), "{refused:?}");
    }

    #[test]
    fn no_home_joins_a_network_that_is_named_as_the_one_inside_the_app() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("network.toml");
        std::fs::write(&file, format!("name = {TRY_OUT:?}\n")).unwrap();
        assert!(matches!(NetworkFile::find(file.to_str().unwrap()), Err(NetworkFileError::Reserved { .. })));
        assert!(NetworkFile::read(&file).is_ok(), "the app's own home has it");
    }
}
