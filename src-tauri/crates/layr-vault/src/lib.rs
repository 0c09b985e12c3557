//! A host's shard store: quota ledger, bodies, reconcile and scrub.
