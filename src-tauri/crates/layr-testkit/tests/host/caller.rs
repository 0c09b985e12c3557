//! Somebody who speaks the shard protocol by hand, well or badly.

use std::sync::Arc;
use std::time::Duration;

use layr_codec::ShardRoot;
use layr_keys::{CertificateSubject, DeviceCertificate, DeviceKey, OwnerKeys, PeerId, RecoveryPhrase};
use layr_node::net::{BoxStream, Net, Route};
use layr_node::wire::{ByteRange, PutTrailer, Refusal, Request, Response, read_frame, write_frame};
use layr_proof::{Node, leaf_digest, root_of};
use layr_testkit::{SimNetwork, SimNode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};

/// A device of an owner, without a node.
pub(crate) struct Caller {
    pub(crate) device: DeviceKey,
    pub(crate) owner: OwnerKeys,
    pub(crate) net: Arc<dyn Net>,
}

/// Bytes that belong to a number, whole leaves, all different.
pub(crate) fn shard(number: u8, len_bytes: usize) -> Vec<u8> {
    let mut state = u64::from(number) + 1;
    let mut bytes = Vec::with_capacity(len_bytes);
    while bytes.len() < len_bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&state.to_be_bytes());
    }
    bytes.truncate(len_bytes);
    bytes
}

/// Lengths of the bodies that are arriving at a host.
pub(crate) fn incoming_bytes(host: &SimNode) -> Vec<u64> {
    let incoming = std::fs::read_dir(host.home().join("vault/incoming")).unwrap();
    incoming.map(|entry| entry.unwrap().metadata().unwrap().len()).collect()
}

/// Waits for a state that is due now: for other tasks to get there, and for the disk, but no second by the runtime's clock.
pub(crate) async fn soon<F: Future<Output = bool>>(what: &str, is_there: impl Fn() -> F) {
    let began = Instant::now();
    while !is_there().await {
        assert!(began.elapsed() < Duration::from_secs(1), "not soon: {what}");
        sleep(Duration::from_millis(1)).await;
    }
}

/// The root of a shard, by the definition.
pub(crate) fn root_of_shard(shard: &[u8]) -> ShardRoot {
    let leaves: Vec<Node> =
        shard.chunks(1024).map(|leaf| Node { hash: leaf_digest(leaf), leaf_count: 1 }).collect();
    ShardRoot::from_bytes(root_of(&leaves).unwrap().unwrap().hash)
}

impl Caller {
    /// A device of an owner of its own.
    pub(crate) fn new(network: &mut SimNetwork, owner: u8) -> Self {
        let (device, attached) = network.add_stranger();
        let owner = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&[owner; 32]));
        Self { device, owner, net: attached.net }
    }

    /// The certificate of this device.
    pub(crate) fn certificate(&self) -> Vec<u8> {
        self.certify(self.device.peer_id())
    }

    /// A certificate of this owner for any device.
    pub(crate) fn certify(&self, device: PeerId) -> Vec<u8> {
        let subject = CertificateSubject { device, serial: 1, issued_at_unix_s: 0, name: None };
        DeviceCertificate::issue(&self.owner, subject).unwrap().encode()
    }

    pub(crate) async fn open(&self, host: &SimNode) -> BoxStream {
        self.net.open(host.peer(), &[], Route::Any, Duration::from_secs(5)).await.unwrap()
    }

    /// One frame each way.
    pub(crate) async fn ask(&self, host: &SimNode, request: &Request) -> Response {
        let mut stream = self.open(host).await;
        write_frame(&mut stream, request).await.unwrap();
        stream.shutdown().await.unwrap();
        read_frame(&mut stream).await.unwrap()
    }

    /// Begins an upload, up to the host's word about it.
    pub(crate) async fn begin_put(&self, host: &SimNode, size_bytes: usize) -> Result<BoxStream, Refusal> {
        let mut stream = self.open(host).await;
        let request =
            Request::Put { certificate: self.certificate(), size_bytes: u32::try_from(size_bytes).unwrap() };
        write_frame(&mut stream, &request).await.unwrap();
        match read_frame(&mut stream).await.unwrap() {
            Response::Accepted => Ok(stream),
            Response::Refused { reason } => Err(reason),
            other => panic!("unexpected answer {other:?}"),
        }
    }

    /// A whole upload, under a root that may be wrong.
    pub(crate) async fn put_as(&self, host: &SimNode, shard: &[u8], root: ShardRoot) -> Result<(), Refusal> {
        let mut stream = self.begin_put(host, shard.len()).await?;
        stream.write_all(shard).await.unwrap();
        write_frame(&mut stream, &PutTrailer { root: root.into() }).await.unwrap();
        stream.shutdown().await.unwrap();
        match read_frame(&mut stream).await.unwrap() {
            Response::Stored => Ok(()),
            Response::Refused { reason } => Err(reason),
            other => panic!("unexpected answer {other:?}"),
        }
    }

    pub(crate) async fn put(&self, host: &SimNode, shard: &[u8]) -> Result<ShardRoot, Refusal> {
        let root = root_of_shard(shard);
        self.put_as(host, shard, root).await.map(|()| root)
    }

    pub(crate) async fn get(
        &self,
        host: &SimNode,
        root: ShardRoot,
        ranges: &[ByteRange],
    ) -> Result<Vec<u8>, Refusal> {
        let mut stream = self.open(host).await;
        write_frame(&mut stream, &Request::Get { root: root.into(), ranges: ranges.to_vec() }).await.unwrap();
        stream.shutdown().await.unwrap();
        match read_frame(&mut stream).await.unwrap() {
            Response::Found { .. } => {}
            Response::Refused { reason } => return Err(reason),
            other => panic!("unexpected answer {other:?}"),
        }
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        assert_eq!(bytes.len(), ranges.iter().map(|range| range.len as usize).sum::<usize>());
        Ok(bytes)
    }

    /// All of a shard.
    pub(crate) async fn get_all(
        &self,
        host: &SimNode,
        root: ShardRoot,
        len: usize,
    ) -> Result<Vec<u8>, Refusal> {
        self.get(host, root, &[ByteRange { offset: 0, len: u32::try_from(len).unwrap() }]).await
    }

    pub(crate) async fn has(&self, host: &SimNode, root: ShardRoot) -> bool {
        match self.ask(host, &Request::Has { roots: vec![root.into()] }).await {
            Response::Has { bits } => bits == [0x80],
            other => panic!("unexpected answer {other:?}"),
        }
    }

    /// Whether the shard was this owner's and is gone now.
    pub(crate) async fn delete(
        &self,
        host: &SimNode,
        root: ShardRoot,
        certificate: Vec<u8>,
    ) -> Result<bool, Refusal> {
        match self.ask(host, &Request::Delete { certificate, roots: vec![root.into()] }).await {
            Response::Deleted { bits } => Ok(bits == [0x80]),
            Response::Refused { reason } => Err(reason),
            other => panic!("unexpected answer {other:?}"),
        }
    }
}
