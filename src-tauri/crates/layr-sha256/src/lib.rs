//! Two-way interleaved SHA-256 for the leaves of counted Merkle trees.
