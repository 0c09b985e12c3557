//! Device certificates: the owner says that a device acts for them.

use minicbor::{Decode, Encode};

use crate::{
    cbor::{self, DecodeError},
    hierarchy::OwnerKeys,
    ids::{OwnerId, PeerId},
    signing::{Domain, Signature, SignatureError},
};

/// Largest encoded certificate: 64 characters of name are at most 256 bytes, everything else is below 180.
pub const MAX_CERTIFICATE_BYTES: usize = 512;
/// Longest device name, in Unicode characters.
pub const MAX_DEVICE_NAME_CHARS: usize = 64;

const VERSION: u16 = 1;
const DOMAIN: Domain = Domain::new("layr/v1/device-certificate");

/// What an owner certifies about a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSubject {
    /// The device.
    pub device: PeerId,
    /// Counts the certificates that the owner gave to this device, from 1; a revocation names a device and a serial.
    pub serial: u64,
    /// When it was issued, by the issuing device's clock. Informative: validity never depends on it.
    pub issued_at_unix_s: u64,
    /// What the owner calls the device. Every host that is shown the certificate can read it.
    pub name: Option<String>,
}

/// A certificate as it arrived; nothing in it may be believed before [`DeviceCertificate::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCertificate {
    body: Body,
    signature: Signature,
}

/// A certificate whose signature was checked. There is no other way to get one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCertificate(DeviceCertificate);

/// Why a certificate is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The bytes are no certificate.
    #[error("not a device certificate")]
    Decode(#[from] DecodeError),
    /// The named owner did not sign this.
    #[error("the device certificate is not signed by the owner that it names")]
    Signature(#[from] SignatureError),
    /// The name is too long, empty, or contains control characters.
    #[error("a device name has 1 to {MAX_DEVICE_NAME_CHARS} characters and no control characters")]
    Name,
    /// Signed, but for another device than the one that shows it.
    #[error("the device certificate belongs to {certified}, but {presented_by} shows it")]
    OtherDevice {
        /// The device in the certificate.
        certified: PeerId,
        /// The device that presented it.
        presented_by: PeerId,
    },
}

/// The signed part. An empty name stands for none.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Body {
    #[n(0)]
    version: u16,
    #[n(1)]
    owner: OwnerId,
    #[n(2)]
    device: PeerId,
    #[n(3)]
    serial: u64,
    #[n(4)]
    issued_at_unix_s: u64,
    #[n(5)]
    name: String,
}

impl DeviceCertificate {
    /// Certifies a device with the owner's key.
    pub fn issue(
        owner: &OwnerKeys,
        subject: CertificateSubject,
    ) -> Result<VerifiedCertificate, CertificateError> {
        if subject.name.as_deref() == Some("") {
            return Err(CertificateError::Name);
        }
        let body = Body {
            version: VERSION,
            owner: owner.owner_id(),
            device: subject.device,
            serial: subject.serial,
            issued_at_unix_s: subject.issued_at_unix_s,
            name: subject.name.unwrap_or_default(),
        };
        if !is_name_allowed(&body.name) {
            return Err(CertificateError::Name);
        }
        let signature = owner.sign(DOMAIN, &cbor::encode(&body));
        Ok(VerifiedCertificate(Self { body, signature }))
    }

    /// Reads a certificate; the signature is not checked yet.
    pub fn decode(bytes: &[u8]) -> Result<Self, CertificateError> {
        let (body, signature) = cbor::decode_signed::<Body>(bytes, MAX_CERTIFICATE_BYTES, VERSION)?;
        if !is_name_allowed(&body.name) {
            return Err(DecodeError::Field { field: "name" }.into());
        }
        Ok(Self { body, signature })
    }

    /// The canonical encoding, at most [`MAX_CERTIFICATE_BYTES`].
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode_signed(&self.body, self.signature)
    }

    /// Checks the owner's signature.
    pub fn verify(&self) -> Result<VerifiedCertificate, CertificateError> {
        self.body.owner.verify(DOMAIN, &cbor::encode(&self.body), &self.signature)?;
        Ok(VerifiedCertificate(self.clone()))
    }

    /// Checks the owner's signature, and that the device that presents the certificate is the one it names.
    pub fn verify_for(&self, presented_by: PeerId) -> Result<VerifiedCertificate, CertificateError> {
        let verified = self.verify()?;
        if verified.device() == presented_by {
            Ok(verified)
        } else {
            Err(CertificateError::OtherDevice { certified: verified.device(), presented_by })
        }
    }
}

impl VerifiedCertificate {
    /// The owner for whom the device acts.
    pub fn owner(&self) -> OwnerId {
        self.0.body.owner
    }

    /// The certified device.
    pub fn device(&self) -> PeerId {
        self.0.body.device
    }

    /// Number of this certificate among the device's certificates.
    pub fn serial(&self) -> u64 {
        self.0.body.serial
    }

    /// When the certificate was issued, by the issuer's clock.
    pub fn issued_at_unix_s(&self) -> u64 {
        self.0.body.issued_at_unix_s
    }

    /// What the owner calls the device.
    pub fn name(&self) -> Option<&str> {
        Some(self.0.body.name.as_str()).filter(|name| !name.is_empty())
    }

    /// The certificate to show to others.
    pub fn certificate(&self) -> &DeviceCertificate {
        &self.0
    }

    /// The canonical encoding, at most [`MAX_CERTIFICATE_BYTES`].
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }
}

/// Names are shown in lists and logs: a line break or an escape sequence in one could forge an entry.
fn is_name_allowed(name: &str) -> bool {
    name.chars().count() <= MAX_DEVICE_NAME_CHARS && !name.chars().any(char::is_control)
}
