//! A network with an owner and hosts, and the few words that the tests are written in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use layr_keys::PeerId;
use layr_keys::atomic::Existing;
use layr_node::api::{GetReport, GetRequest, Health, PutReport, PutRequest};
use layr_node::error::NodeError;
use layr_node::operation::OperationKind;
use layr_testkit::{SimNetwork, SimNode};

pub const MIB: usize = 1024 * 1024;
pub const GIB: u64 = 1024 * 1024 * 1024;

pub struct Scene {
    pub network: SimNetwork,
    pub owner: SimNode,
    pub hosts: Vec<SimNode>,
}

impl Scene {
    pub async fn new(seed: u64, hosts: usize) -> Self {
        Self::with_quota(seed, hosts, GIB).await
    }

    pub async fn with_quota(seed: u64, hosts: usize, quota_bytes: u64) -> Self {
        let mut network = SimNetwork::new(seed);
        let hosts = network.add_hosts(hosts, quota_bytes).await;
        let owner = network.add_owner().await;
        Self { network, owner, hosts }
    }

    /// A file or directory of the test's own.
    pub fn path(&self, name: &str) -> PathBuf {
        self.network.scratch().join(name)
    }

    pub fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub async fn put(&self, paths: &[&Path]) -> Result<PutReport, NodeError> {
        self.put_with(request(paths)).await
    }

    pub async fn put_with(&self, request: PutRequest) -> Result<PutReport, NodeError> {
        let operation = self.owner.operation(OperationKind::Put, "test");
        self.owner.put(request, &operation).await
    }

    pub async fn get(&self, name: &str, output: &Path) -> Result<GetReport, NodeError> {
        self.get_with(GetRequest {
            name: name.to_owned(),
            output: output.to_owned(),
            range: None,
            version: None,
        })
        .await
    }

    pub async fn get_with(&self, request: GetRequest) -> Result<GetReport, NodeError> {
        let operation = self.owner.operation(OperationKind::Get, "test");
        self.owner.get(request, &operation).await
    }

    /// Queues a download that takes the place of nothing.
    pub async fn queue_get(&self, request: GetRequest) -> Result<u64, NodeError> {
        self.owner.enqueue_get_over(request, Existing::Stays).await
    }

    pub async fn read(&self, name: &str, range: Option<(u64, u64)>) -> Result<Vec<u8>, NodeError> {
        let operation = self.owner.operation(OperationKind::Get, "test");
        let mut bytes = Vec::new();
        self.owner.read(name, range, None, &mut bytes, &operation).await?;
        Ok(bytes)
    }

    /// The host of this id, as an index.
    pub fn host(&self, peer: &PeerId) -> usize {
        self.hosts.iter().position(|host| host.peer() == *peer).unwrap()
    }

    pub async fn kill(&mut self, index: usize) {
        self.network.kill(&mut self.hosts[index]).await;
    }

    /// Where the shards of a file lie: segment and index to host.
    pub async fn shards(&self, name: &str) -> BTreeMap<(String, u32), usize> {
        let info = self.owner.info(name).await.unwrap();
        let mut shards = BTreeMap::new();
        for segment in info.segments {
            for shard in segment.shards {
                if let Some(host) = shard.host {
                    shards.insert((segment.id.clone(), shard.index), self.host(&host.parse().unwrap()));
                }
            }
        }
        shards
    }

    /// How well a file is stored.
    pub async fn health(&self, name: &str) -> Health {
        self.owner.info(name).await.unwrap().file.health.unwrap()
    }

    pub async fn comes_back(&self, name: &str, content: &[u8]) {
        let output = self.path("back");
        self.get(name, &output).await.unwrap();
        assert!(std::fs::read(&output).unwrap() == content);
        std::fs::remove_file(&output).unwrap();
    }

    /// The files in which a host keeps its shards.
    pub fn bodies(&self, host: usize) -> Vec<PathBuf> {
        let mut bodies = Vec::new();
        let mut waiting = vec![self.hosts[host].home().join("vault/shards")];
        while let Some(directory) = waiting.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { waiting.push(path) } else { bodies.push(path) }
            }
        }
        bodies
    }

    /// Bytes that all hosts store.
    pub async fn stored_bytes(&self) -> u64 {
        let mut total = 0;
        for host in &self.hosts {
            total += host.host_show().await.unwrap().used_bytes;
        }
        total
    }

    /// Everything below a directory that looks like a temporary.
    pub fn temporaries(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut waiting = vec![self.network.scratch()];
        while let Some(directory) = waiting.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.file_name().unwrap().to_string_lossy().starts_with(".layr-") {
                    found.push(path.clone());
                }
                if path.is_dir() && !path.is_symlink() {
                    waiting.push(path);
                }
            }
        }
        found
    }
}

pub fn request(paths: &[&Path]) -> PutRequest {
    PutRequest {
        paths: paths.iter().map(|path| path.to_path_buf()).collect(),
        to: None,
        redundancy: None,
        dry_run: false,
    }
}

/// Bytes that nothing compresses or finds twice, the same for the same seed.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// Every file, directory and link below `top`, with its content.
pub fn tree(top: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut waiting = vec![top.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(top).unwrap().to_string_lossy().into_owned();
            let metadata = path.symlink_metadata().unwrap();
            let content = if metadata.is_symlink() {
                format!("link to {}", path.read_link().unwrap().display())
            } else if metadata.is_dir() {
                waiting.push(path);
                "directory".to_owned()
            } else {
                let content = std::fs::read(&path).unwrap();
                format!("{} bytes, {:?}", content.len(), layr_codec::chunk_id(&[0; 32], &content))
            };
            all.insert(name, content);
        }
    }
    all
}
