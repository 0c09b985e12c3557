//! An owner's library: manifests, versions, segments and shards in one SQLite database.
