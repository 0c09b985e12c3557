//! Device certificates and delegations that were verified lately, so that an owner who sends thousands of shards costs one check.

use std::collections::HashMap;

use layr_keys::{Delegation, DeviceCertificate, OwnerId, PeerId, VerifiedDelegation};
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
    /// Of a delegation, which lets its bearer store and nothing else.
    delegation: Option<VerifiedDelegation>,
    last_use: u64,
}

impl Entry {
    fn serves(&self, peer: PeerId, right: Right) -> bool {
        let is_enough = match (&self.delegation, right) {
            (None, _) => true,
            (Some(delegation), Right::ToStore { now_unix_s }) => delegation.holds_at(now_unix_s),
            (Some(_), Right::OfTheOwner) => false,
        };
        self.device == peer && is_enough
    }
}

/// What somebody wants to do in an owner's name.
#[derive(Debug, Clone, Copy)]
enum Right {
    /// What only the owner's own devices may.
    OfTheOwner,
    /// To store, which a delegate may as well.
    ToStore { now_unix_s: u64 },
}

impl Certificates {
    /// The owner whose device `peer` is, by the certificate that it shows.
    pub(crate) fn owner_behind(&self, peer: PeerId, certificate: &[u8]) -> Result<OwnerId, Refusal> {
        self.check(peer, certificate, Right::OfTheOwner)
    }

    /// The owner in whose name `peer` stores, by the certificate or the delegation that it shows.
    pub(crate) fn owner_stored_for(
        &self,
        peer: PeerId,
        certificate: &[u8],
        now_unix_s: u64,
    ) -> Result<OwnerId, Refusal> {
        self.check(peer, certificate, Right::ToStore { now_unix_s })
    }

    fn check(&self, peer: PeerId, shown: &[u8], right: Right) -> Result<OwnerId, Refusal> {
        if shown.len() > MAX_CERTIFICATE_BYTES {
            return Err(Refusal::BadCertificate);
        }
        if let Some(owner) = self.remembered(peer, shown, right) {
            return owner;
        }
        let entry = verified(peer, shown, right).ok_or(Refusal::BadCertificate)?;
        let owner = entry.owner;
        self.remember(shown, entry);
        Ok(owner)
    }

    fn remembered(&self, peer: PeerId, shown: &[u8], right: Right) -> Option<Result<OwnerId, Refusal>> {
        let mut state = self.state.lock();
        state.uses += 1;
        let now = state.uses;
        let entry = state.verified.get_mut(shown)?;
        entry.last_use = now;
        Some(if entry.serves(peer, right) { Ok(entry.owner) } else { Err(Refusal::BadCertificate) })
    }

    fn remember(&self, shown: &[u8], entry: Entry) {
        let mut state = self.state.lock();
        if state.verified.len() >= CAPACITY {
            let oldest =
                state.verified.iter().min_by_key(|(_, entry)| entry.last_use).map(|(bytes, _)| bytes.clone());
            if let Some(oldest) = oldest {
                state.verified.remove(&oldest);
            }
        }
        let last_use = state.uses;
        state.verified.insert(shown.to_vec(), Entry { last_use, ..entry });
    }
}

fn verified(peer: PeerId, shown: &[u8], right: Right) -> Option<Entry> {
    let certificate = DeviceCertificate::decode(shown).and_then(|shown| shown.verify_for(peer));
    if let Ok(certificate) = certificate {
        return Some(Entry { owner: certificate.owner(), device: peer, delegation: None, last_use: 0 });
    }
    let Right::ToStore { now_unix_s } = right else { return None };
    let delegation = Delegation::decode(shown).and_then(|shown| shown.verify_for(peer, now_unix_s)).ok()?;
    Some(Entry { owner: delegation.owner(), device: peer, delegation: Some(delegation), last_use: 0 })
}

#[cfg(test)]
mod tests {
    use layr_keys::{
        CertificateSubject, Delegation, DelegationSubject, DeviceCertificate, OwnerKeys, PeerId,
        RecoveryPhrase,
    };

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

    /// Who may repair must not be able to delete: nobody could undo it.
    #[test]
    fn a_delegation_lets_its_bearer_store_until_it_ends_and_nothing_else() {
        let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[7; 32]));
        let (delegate, stranger) = (PeerId::from_bytes([1; 32]), PeerId::from_bytes([2; 32]));
        let subject =
            DelegationSubject { delegate, serial: 1, issued_at_unix_s: 0, expires_at_unix_s: 10_000 };
        let shown = Delegation::issue(&owner, &subject).unwrap().encode();
        let cache = Certificates::default();
        // Before and after it is remembered.
        for _ in 0..2 {
            assert_eq!(cache.owner_behind(delegate, &shown), Err(Refusal::BadCertificate));
            assert_eq!(cache.owner_stored_for(stranger, &shown, 5_000), Err(Refusal::BadCertificate));
            assert_eq!(cache.owner_stored_for(delegate, &shown, 20_000), Err(Refusal::BadCertificate));
            assert_eq!(cache.owner_stored_for(delegate, &shown, 5_000), Ok(owner.owner_id()));
        }
        let device = certificate(&owner, delegate, 1);
        assert_eq!(cache.owner_stored_for(delegate, &device, u64::MAX), Ok(owner.owner_id()));
    }
}
