//! Recovery phrase, key hierarchy, device certificates, signed records, keyring and key file.
