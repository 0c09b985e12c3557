//! Reading a home in which no node runs: listings, and exports for whoever can open the keys. Changes nothing.

use layr_codec::CodecSecrets;
use layr_keys::atomic::Existing;
use layr_keys::{OwnerId, OwnerKeys, RecoveryPhrase, StoredSecrets};
use layr_library::{Library, LibraryKey, Manifest, ManifestKeys, OpenError};

use crate::agreements::{report, spending};
use crate::api::{
    AgreementsReport, AgreementsRequest, ExportRequest, InfoReport, ListReport, ManifestReport, ShareReport,
};
use crate::catalogue;
use crate::catalogue::store_error;
use crate::clock::{Clock, Surroundings, SystemClock};
use crate::error::{ErrorCode, NodeError};
use crate::home::Home;
use crate::identity::check_owner;
use crate::node::{codec_secrets, library_unusable};
use crate::share;
use crate::wallet::network_id_of;

/// A home's library, open for reading. `None` inside where nothing was ever stored.
pub struct Offline {
    library: Option<Library>,
}

/// What making a manifest needs besides the library.
struct OwnerSide {
    owner: OwnerId,
    codec: CodecSecrets,
    library_key: LibraryKey,
    surroundings: Surroundings,
}

impl OwnerSide {
    fn of(secrets: &StoredSecrets) -> Self {
        let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&secrets.entropy));
        Self {
            owner: owner.owner_id(),
            codec: codec_secrets(&owner),
            library_key: LibraryKey::from_bytes(*owner.library_key()),
            surroundings: Surroundings::default(),
        }
    }
}

impl Offline {
    /// Opens the library of `home`.
    ///
    /// # Errors
    /// [`ErrorCode::NoIdentity`]; [`ErrorCode::DatabaseUnusable`] for a damaged library or one of a newer Layr.
    pub fn open(home: &Home) -> Result<Self, NodeError> {
        home.config()?;
        match Library::open_read_only(&home.library()) {
            Ok(library) => Ok(Self { library: Some(library) }),
            Err(OpenError::Missing { .. }) => Ok(Self { library: None }),
            Err(error) => Err(library_unusable(&error)),
        }
    }

    /// As [`crate::node::Node::ls`].
    ///
    /// # Errors
    /// As [`catalogue::list`].
    pub fn ls(&self, dir: Option<&str>, recursive: bool, versions: bool) -> Result<ListReport, NodeError> {
        match &self.library {
            Some(library) => catalogue::list(library, dir, recursive, versions),
            None => Ok(ListReport::default()),
        }
    }

    /// As [`crate::node::Node::info`].
    ///
    /// # Errors
    /// As [`catalogue::info`].
    pub fn info(&self, name: &str) -> Result<InfoReport, NodeError> {
        catalogue::info(self.stored(name)?, name)
    }

    /// As [`crate::node::Node::trash`].
    ///
    /// # Errors
    /// What the database says.
    pub fn trash(&self) -> Result<ListReport, NodeError> {
        let now_unix_s = SystemClock.now_unix_s();
        self.library
            .as_ref()
            .map_or_else(|| Ok(ListReport::default()), |library| catalogue::trash(library, now_unix_s))
    }

    /// As [`crate::node::Node::agreements`].
    ///
    /// # Errors
    /// As there.
    pub fn agreements(
        &self,
        home: &Home,
        request: &AgreementsRequest,
    ) -> Result<AgreementsReport, NodeError> {
        let (limits, now_unix_s) = (spending::show_offline(home)?, SystemClock.now_unix_s());
        match (&self.library, request.id.as_deref()) {
            (None, None) => Ok(report::empty(limits, now_unix_s)),
            (None, Some(id)) => Err(report::none(id)),
            (Some(library), id) => {
                let own = library.owner().map_err(|error| store_error(&error))?;
                report::report(library, own, id, (limits, network_id_of(home)?, now_unix_s))
            }
        }
    }

    /// As [`crate::node::Node::export`], with the keys of the home.
    ///
    /// # Errors
    /// As [`share::ShareError`].
    pub fn export(
        &self,
        request: &ExportRequest,
        secrets: &StoredSecrets,
    ) -> Result<ManifestReport, NodeError> {
        let keys = OwnerSide::of(secrets);
        let manifest = self.manifest(&request.name, &keys)?;
        let mut nonce = [0_u8; 12];
        keys.surroundings.entropy.fill(&mut nonce).map_err(share::ShareError::from)?;
        share::write_layr(
            &manifest,
            &request.output,
            request.private.then_some((&keys.library_key, nonce)),
            Existing::Stays,
        )?;
        Ok(share::report(&manifest, &request.output, ""))
    }

    /// As [`crate::node::Node::share`], with the keys of the home.
    ///
    /// # Errors
    /// As [`share::ShareError`].
    pub fn share(
        &self,
        name: &str,
        expires_in_s: Option<u64>,
        secrets: &StoredSecrets,
    ) -> Result<ShareReport, NodeError> {
        let owner = OwnerSide::of(secrets);
        let manifest = self.manifest(name, &owner)?;
        Ok(share::link_report(manifest, expires_in_s, owner.surroundings.clock.now_unix_s())?)
    }

    fn manifest(&self, name: &str, owner: &OwnerSide) -> Result<Manifest, NodeError> {
        let library = self.stored(name)?;
        check_owner(library.path(), library.owner().map_err(|error| store_error(&error))?, owner.owner)?;
        let keys = ManifestKeys { codec: &owner.codec, library_key: &owner.library_key };
        let now_unix_s = owner.surroundings.clock.now_unix_s();
        let manifest = crate::download::library_manifest(library, name, None, keys, now_unix_s);
        Ok(manifest.map_err(share::ShareError::from)?)
    }

    fn stored(&self, name: &str) -> Result<&Library, NodeError> {
        self.library.as_ref().ok_or_else(|| {
            NodeError::new(ErrorCode::NotFound, format!("There is no {name} in the library: it is empty."))
        })
    }
}
