//! Counted Merkle tree, challenges and proof encoding; no_std, shared with the contract.
