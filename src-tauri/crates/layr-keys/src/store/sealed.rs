//! Sealed files: a secret under a passphrase. Pure functions over bytes.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::KeyStoreError;
use crate::secrets::StoredSecrets;

/// Nothing larger is read: a key file is 166 bytes, a sealed phrase 128.
pub const MAX_KEY_FILE_BYTES: usize = 1024;

const VERSION: u16 = 1;
const KDF_ARGON2ID: u8 = 1;
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const HEADER_BYTES: usize = 48;
const CHECKSUM_BYTES: usize = 32;

/// RFC 9106, second recommended option ("memory-constrained"): 64 MiB, 3 passes, 4 lanes. About 0.1 s on a desktop, and
/// it fits a small server; the first option's 2 GiB does not.
const STANDARD_MEMORY_KIB: u32 = 64 * 1024;
const STANDARD_PASSES: u32 = 3;
const STANDARD_LANES: u8 = 4;

/// What a header may ask of us. Four times the standard leaves room to raise it, and a hostile file costs at most
/// 256 MiB for seconds.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u8 = 8;
/// Argon2 itself wants eight blocks of 1 KiB per lane.
const MIN_MEMORY_KIB_PER_LANE: u32 = 8;

/// What it costs to try one passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KdfCost {
    memory_kib: u32,
    passes: u32,
    lanes: u8,
}

impl KdfCost {
    /// What every key file of a person uses.
    pub const STANDARD: Self =
        Self { memory_kib: STANDARD_MEMORY_KIB, passes: STANDARD_PASSES, lanes: STANDARD_LANES };

    /// Next to no protection, for tests that open thousands of files. Never for keys that matter.
    pub const INSECURE_FOR_TESTS: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    /// The cost that a header asks for, if it is within bounds.
    fn from_header(memory_kib: u32, passes: u32, lanes: u8) -> Option<Self> {
        let memory = u32::from(lanes) * MIN_MEMORY_KIB_PER_LANE..=MAX_MEMORY_KIB;
        let allowed = (1..=MAX_LANES).contains(&lanes)
            && (1..=MAX_PASSES).contains(&passes)
            && memory.contains(&memory_kib);
        allowed.then_some(Self { memory_kib, passes, lanes })
    }

    fn derive(self, passphrase: &str, salt: &[u8; SALT_BYTES]) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
        let refused = |_| KeyStoreError::Damaged { what: "the key derivation's parameters are not allowed" };
        let params =
            Params::new(self.memory_kib, self.passes, u32::from(self.lanes), Some(32)).map_err(refused)?;
        let out_of_memory = KeyStoreError::OutOfMemory { needed_kib: self.memory_kib };
        // Wiped afterwards: the last blocks are all it takes to compute the key.
        let mut blocks = Zeroizing::new(Vec::new());
        if blocks.try_reserve_exact(params.block_count()).is_err() {
            return Err(out_of_memory);
        }
        blocks.resize(params.block_count(), Block::new());
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(
                passphrase.as_bytes(),
                salt,
                key.as_mut_slice(),
                blocks.as_mut_slice(),
            )
            .map_err(refused)?;
        Ok(key)
    }
}

/// What a sealed file holds. The first bytes tell the kinds apart and are sealed in: one cannot pass as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// First bytes of the file.
    pub(super) magic: [u8; 8],
    /// What to say of a file that begins otherwise.
    pub(super) is_not: &'static str,
}

const KEYS: Kind = Kind { magic: *b"LAYRKEYS", is_not: "it is not a key file" };

/// A sealed file in memory: readable header, sealed content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sealed {
    kind: Kind,
    cost: KdfCost,
    salt: [u8; SALT_BYTES],
    nonce: [u8; NONCE_BYTES],
    content: Vec<u8>,
}

impl Sealed {
    /// Seals at most a few hundred bytes. Salt and nonce must be fresh randomness for every file ever written.
    #[expect(clippy::expect_used, reason = "AES-GCM refuses only more than 64 GiB")]
    pub(super) fn seal(
        kind: Kind,
        plain: &[u8],
        passphrase: &str,
        cost: KdfCost,
        (salt, nonce): ([u8; SALT_BYTES], [u8; NONCE_BYTES]),
    ) -> Result<Self, KeyStoreError> {
        if passphrase.is_empty() {
            return Err(KeyStoreError::EmptyPassphrase);
        }
        let mut file = Self { kind, cost, salt, nonce, content: Vec::new() };
        let key = cost.derive(passphrase, &salt)?;
        let payload = Payload { msg: plain, aad: &file.header() };
        file.content =
            cipher(&key).encrypt(&nonce.into(), payload).expect("a few hundred bytes can be sealed");
        Ok(file)
    }

    /// The sealed content.
    pub(super) fn open(&self, passphrase: &str) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        let key = self.cost.derive(passphrase, &self.salt)?;
        let payload = Payload { msg: &self.content, aad: &self.header() };
        let plain = cipher(&key).decrypt(&self.nonce.into(), payload);
        plain.map(Zeroizing::new).map_err(|_| KeyStoreError::WrongPassphrase)
    }

    /// The file's bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = [self.header().as_slice(), &self.content].concat();
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// Reads a file's bytes without opening it. Costs one SHA-256 of at most [`MAX_KEY_FILE_BYTES`].
    ///
    /// The checksum is what tells a damaged file from a wrong passphrase.
    pub(super) fn decode(kind: Kind, bytes: &[u8]) -> Result<Self, KeyStoreError> {
        let damaged = |what| KeyStoreError::Damaged { what };
        if bytes.len() > MAX_KEY_FILE_BYTES {
            return Err(damaged("the file is too large"));
        }
        let (content, checksum) =
            bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(damaged("the file is too short"))?;
        if Sha256::digest(content).as_slice() != checksum {
            return Err(damaged("the checksum does not match"));
        }
        let (header, content) =
            content.split_first_chunk::<HEADER_BYTES>().ok_or(damaged("the file is too short"))?;
        if content.len() < TAG_BYTES {
            return Err(damaged("the file is too short"));
        }
        let mut header = Reader(header);
        if header.take()? != kind.magic {
            return Err(damaged(kind.is_not));
        }
        match u16::from_be_bytes(header.take()?) {
            VERSION => {}
            // Each format keeps the kind, its number after it and the checksum at the end.
            found if found > VERSION => return Err(KeyStoreError::NewerFormat { found }),
            _ => return Err(damaged("no Layr has written this version")),
        }
        let [kdf, lanes] = header.take()?;
        let memory_kib = u32::from_be_bytes(header.take()?);
        let passes = u32::from_be_bytes(header.take()?);
        let cost = KdfCost::from_header(memory_kib, passes, lanes).filter(|_| kdf == KDF_ARGON2ID);
        let cost = cost.ok_or(damaged("the key derivation's parameters are not allowed"))?;
        Ok(Self { kind, cost, salt: header.take()?, nonce: header.take()?, content: content.to_vec() })
    }

    /// Everything before the sealed part; also the associated data, so that nobody weakens the parameters unnoticed.
    fn header(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(&self.kind.magic);
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        bytes.extend_from_slice(&[KDF_ARGON2ID, self.cost.lanes]);
        bytes.extend_from_slice(&self.cost.memory_kib.to_be_bytes());
        bytes.extend_from_slice(&self.cost.passes.to_be_bytes());
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(&self.nonce);
        bytes
    }
}

/// A key file in memory: readable header, sealed secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile(Sealed);

impl KeyFile {
    /// Seals `secrets`. Salt and nonce must be fresh randomness for every file ever written.
    pub fn seal(
        secrets: &StoredSecrets,
        passphrase: &str,
        cost: KdfCost,
        salt: [u8; SALT_BYTES],
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Self, KeyStoreError> {
        Sealed::seal(KEYS, &secrets.encode(), passphrase, cost, (salt, nonce)).map(Self)
    }

    /// Opens the sealed secrets.
    pub fn open(&self, passphrase: &str) -> Result<StoredSecrets, KeyStoreError> {
        StoredSecrets::decode(&self.0.open(passphrase)?)
            .map_err(|_| KeyStoreError::Damaged { what: "the sealed content is unknown" })
    }

    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// Reads a file's bytes without opening it. Costs one SHA-256 of at most [`MAX_KEY_FILE_BYTES`].
    pub fn decode(bytes: &[u8]) -> Result<Self, KeyStoreError> {
        Sealed::decode(KEYS, bytes).map(Self)
    }
}

fn cipher(key: &Zeroizing<[u8; 32]>) -> Aes256Gcm {
    Aes256Gcm::new((&**key).into())
}

/// Takes fixed-size fields off the front.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], KeyStoreError> {
        let (field, rest) =
            self.0.split_first_chunk().ok_or(KeyStoreError::Damaged { what: "the file is too short" })?;
        self.0 = rest;
        Ok(*field)
    }
}

#[cfg(test)]
mod tests;
