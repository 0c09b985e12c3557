//! Reading a home in which no node runs: listings, and exports for whoever can open the keys. Changes nothing.

use layr_codec::CodecSecrets;
use layr_keys::{OwnerKeys, RecoveryPhrase, StoredSecrets};
use layr_library::{Library, LibraryKey, ManifestKeys, OpenError};

use crate::api::{ExportRequest, InfoReport, ListReport, ManifestReport};
use crate::catalogue;
use crate::clock::Surroundings;
use crate::error::{ErrorCode, NodeError};
use crate::home::Home;
use crate::identity::check_owner;
use crate::node::{codec_secrets, library_unusable};
use crate::share;

/// A home's library, open for reading. `None` inside where nothing was ever stored.
pub struct Offline {
    library: Option<Library>,
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
        self.library.as_ref().map_or_else(|| Ok(ListReport::default()), catalogue::trash)
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
        let library = self.stored(&request.name)?;
        let surroundings = Surroundings::default();
        let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&secrets.entropy));
        check_owner(library, owner.owner_id())?;
        let (codec, library_key): (CodecSecrets, _) =
            (codec_secrets(&owner), LibraryKey::from_bytes(*owner.library_key()));
        let keys = ManifestKeys { codec: &codec, library_key: &library_key };
        let row = library.resolve(&request.name).map_err(catalogue::name_error)?;
        let now_unix_s = surroundings.clock.now_unix_s();
        let manifest = library.manifest(row.file, None, keys, now_unix_s).map_err(|error| {
            NodeError::from(share::ShareError::from(crate::download::DownloadError::from(error)))
        })?;
        let mut nonce = [0_u8; 12];
        surroundings.entropy.fill(&mut nonce).map_err(share::ShareError::from)?;
        share::write_layr(&manifest, &request.output, request.private.then_some((&library_key, nonce)))?;
        Ok(share::report(&manifest, &request.output, ""))
    }

    fn stored(&self, name: &str) -> Result<&Library, NodeError> {
        self.library.as_ref().ok_or_else(|| {
            NodeError::new(ErrorCode::NotFound, format!("There is no {name} in the library: it is empty."))
        })
    }
}
