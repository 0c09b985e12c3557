//! Device certificates that were verified lately, so that an owner who sends thousands of shards costs one check.

use std::collections::HashMap;

use layr_keys::{DeviceCertificate, OwnerId, PeerId};
use parking_lot::Mutex;

use crate::wire::{MAX_CERTIFICATE_BYTES, Refusal};

/// Certificates remembered: with at most 512 bytes each this is half a MiB.
const CAPACITY: usize = 1024;

/// A bounded cache of verified certificates, the longest unused one leaves first.
#[derive(Debug, Default)]
pub(crate) struct Certificates {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By the certificate's very bytes: nothing else can hit an entry.
    verified: HashMap<Vec<u8>, Entry>,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    owner: OwnerId,
    device: PeerId,
    last_use: u64,
}

impl Certificates {
    /// The owner for whom `peer` acts, by the certificate that it shows.
    pub(crate) fn owner_behind(&self, peer: PeerId, certificate: &[u8]) -> Result<OwnerId, Refusal> {
        if certificate.len() > MAX_CERTIFICATE_BYTES {
            return Err(Refusal::BadCertificate);
        }
        if let Some(owner) = self.remembered(peer, certificate) {
            return owner;
        }
        let verified = DeviceCertificate::decode(certificate)
            .and_then(|certificate| certificate.verify_for(peer))
            .map_err(|_| Refusal::BadCertificate)?;
        self.remember(certificate, &verified.owner(), &verified.device());
        Ok(verified.owner())
    }

    fn remembered(&self, peer: PeerId, certificate: &[u8]) -> Option<Result<OwnerId, Refusal>> {
        let mut state = self.state.lock();
        state.uses += 1;
        let now = state.uses;
        let entry = state.verified.get_mut(certificate)?;
        entry.last_use = now;
        Some(if entry.device == peer { Ok(entry.owner) } else { Err(Refusal::BadCertificate) })
    }

    fn remember(&self, certificate: &[u8], owner: &OwnerId, device: &PeerId) {
        let mut state = self.state.lock();
        if state.verified.len() >= CAPACITY {
            let oldest =
                state.verified.iter().min_by_key(|(_, entry)| entry.last_use).map(|(bytes, _)| bytes.clone());
            if let Some(oldest) = oldest {
                state.verified.remove(&oldest);
            }
        }
        let last_use = state.uses;
        state.verified.insert(certificate.to_vec(), Entry { owner: *owner, device: *device, last_use });
    }
}

#[cfg(test)]
mod tests {
    use layr_keys::{CertificateSubject, DeviceCertificate, OwnerKeys, PeerId, RecoveryPhrase};

    use super::{CAPACITY, Certificates};
    use crate::wire::Refusal;

    fn certificate(owner: &OwnerKeys, device: PeerId, serial: u64) -> Vec<u8> {
        let subject = CertificateSubject { device, serial, issued_at_unix_s: 0, name: None };
        DeviceCertificate::issue(owner, subject).unwrap().encode()
    }

    #[test]
    fn a_certificate_serves_only_the_device_that_it_names_cached_or_not() {
        let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[7; 32]));
        let (device, stranger) = (PeerId::from_bytes([1; 32]), PeerId::from_bytes([2; 32]));
        let shown = certificate(&owner, device, 1);
        let cache = Certificates::default();
        assert_eq!(cache.owner_behind(stranger, &shown), Err(Refusal::BadCertificate));
        assert_eq!(cache.owner_behind(device, &shown), Ok(owner.owner_id()));
        assert_eq!(cache.owner_behind(device, &shown), Ok(owner.owner_id()));
        assert_eq!(cache.owner_behind(stranger, &shown), Err(Refusal::BadCertificate));
        let mut forged = shown;
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(cache.owner_behind(device, &forged), Err(Refusal::BadCertificate));
        assert_eq!(cache.owner_behind(device, &[0; 4096]), Err(Refusal::BadCertificate));
    }

    #[test]
    fn the_cache_stays_bounded_and_keeps_what_is_used() {
        let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[7; 32]));
        let device = PeerId::from_bytes([1; 32]);
        let cache = Certificates::default();
        let favourite = certificate(&owner, device, 0);
        for serial in 1..=(CAPACITY as u64 + 50) {
            cache.owner_behind(device, &favourite).unwrap();
            cache.owner_behind(device, &certificate(&owner, device, serial)).unwrap();
        }
        let state = cache.state.lock();
        assert_eq!(state.verified.len(), CAPACITY);
        assert!(state.verified.contains_key(&favourite));
    }
}
