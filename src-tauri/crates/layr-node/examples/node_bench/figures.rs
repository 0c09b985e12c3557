//! The figures.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use layr_node::api::{GetRequest, PutReport, PutRequest};
use layr_node::home::HostingConfig;
use layr_node::node::Node;
use layr_node::operation::OperationKind;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::io::AsyncWrite;

use crate::network::{meet, start_node};
use crate::process::{Role, cpu_s, peak_bytes, tell};

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const MIB: f64 = 1024.0 * 1024.0;

pub(crate) struct Options {
    gib: u64,
    hosts: usize,
    small_files: u64,
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Self {
        let mut options = Self { gib: 1, hosts: 30, small_files: 10_000 };
        for pair in words.chunks(2) {
            let value = || pair[1].parse::<u64>().unwrap();
            match pair[0] {
                "--gib" => options.gib = value(),
                "--hosts" => options.hosts = usize::try_from(value()).unwrap(),
                "--small-files" => options.small_files = value(),
                other => panic!("unknown option {other}"),
            }
        }
        options
    }
}

struct Bench {
    dir: tempfile::TempDir,
    owner: Node,
    hosts: Vec<Role>,
    _seed: Role,
    redundancy: (u8, u8),
}

pub(crate) async fn measure(options: &Options) {
    let bench = Bench::start(options).await;
    let big = bench.path("big");
    write_noise(&big, options.gib << 30, 1);
    bench.upload(&big, options).await;
    bench.download(options, "download", Some(4.0)).await;
    bench.first_byte(options).await;
    bench.insert_a_byte(&big, options).await;
    bench.small_files(options).await;
    bench.with_loss(options).await;
}

impl Bench {
    async fn start(options: &Options) -> Self {
        let dir = tempfile::Builder::new().prefix("layr-bench").tempdir().unwrap();
        let home = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let seed = Role::start(&["--as-seed", &home("seed")]);
        let start = |index: usize| Role::start(&["--as-host", &home(&format!("host-{index}")), &seed.ready]);
        let hosts: Vec<Role> = (0..options.hosts).map(start).collect();
        let owner = start_node(Path::new(&home("owner")), &seed.ready, HostingConfig::default()).await;
        let peers: Vec<_> = hosts.iter().map(|host| host.ready.parse().unwrap()).collect();
        meet(&owner, &peers).await;
        let n = u8::try_from(options.hosts.min(30)).unwrap();
        Self { dir, owner, hosts, _seed: seed, redundancy: (n / 3, n) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn hosts_cpu_s(&self) -> f64 {
        self.hosts.iter().map(|host| cpu_s(host.pid())).sum()
    }

    async fn put(&self, path: &Path) -> PutReport {
        let operation = self.owner.operation(OperationKind::Put, "bench");
        let request = PutRequest {
            paths: vec![path.to_owned()],
            to: None,
            redundancy: Some(self.redundancy),
            dry_run: false,
        };
        let report = self.owner.put(request, &operation).await.unwrap();
        assert!(report.skipped.is_empty(), "{:?}", report.skipped);
        report
    }

    async fn get(&self, name: &str, output: &Path) {
        let operation = self.owner.operation(OperationKind::Get, "bench");
        let request =
            GetRequest { name: name.to_owned(), output: output.to_owned(), range: None, version: None };
        self.owner.get(request, &operation).await.unwrap();
    }

    async fn upload(&self, big: &Path, options: &Options) {
        let gib = options.gib as f64;
        let own = std::process::id();
        let (began, owner_before, hosts_before) = (Instant::now(), cpu_s(own), self.hosts_cpu_s());
        let report = self.put(big).await;
        let wall_s = began.elapsed().as_secs_f64();
        let stored_gib = report.stored_bytes as f64 / GIB;
        tell("upload: owner", "CPU s/GiB", (cpu_s(own) - owner_before) / gib, None);
        tell(
            "upload: hosts",
            "CPU s/GiB stored",
            (self.hosts_cpu_s() - hosts_before) / stored_gib,
            Some(4.0),
        );
        tell("upload: rate", "MiB/s", gib * 1024.0 / wall_s, None);
        tell("upload: owner's peak memory", "MiB", peak_bytes(own) as f64 / MIB, Some(256.0));
        let fullest = self.hosts.iter().map(|host| peak_bytes(host.pid())).max().unwrap_or(0);
        tell("upload: largest peak memory of a host", "MiB", fullest as f64 / MIB, Some(128.0));
        let health = report.files[0].health;
        tell(
            "upload: shards stored at the end",
            "of all",
            f64::from(health.alive) / f64::from(health.total),
            Some(1.0),
        );
    }

    async fn download(&self, options: &Options, label: &str, goal: Option<f64>) -> f64 {
        let gib = options.gib as f64;
        let own = std::process::id();
        let target = self.path("back");
        let (began, before) = (Instant::now(), cpu_s(own));
        self.get("big", &target).await;
        let wall_s = began.elapsed().as_secs_f64();
        let cost = (cpu_s(own) - before) / gib;
        tell(&format!("{label}: owner"), "CPU s/GiB", cost, goal);
        tell(&format!("{label}: rate"), "MiB/s", gib * 1024.0 / wall_s, None);
        tell(&format!("{label}: owner's peak memory"), "MiB", peak_bytes(own) as f64 / MIB, Some(256.0));
        assert!(same_content(&target, &self.path("big")), "other content came back");
        std::fs::remove_file(target).unwrap();
        cost
    }

    async fn first_byte(&self, options: &Options) {
        let size = options.gib << 30;
        let mut waits = Vec::new();
        for step in 1..=20 {
            let first = size / 21 * step;
            let mut sink = FirstByte { began: Instant::now(), at: None };
            let operation = self.owner.operation(OperationKind::Get, "bench");
            self.owner
                .read("big", Some((first, first + 999_999)), None, &mut sink, &operation)
                .await
                .unwrap();
            waits.push(sink.at.unwrap());
        }
        waits.sort();
        tell("first byte of a range, median", "ms", waits[10].as_secs_f64() * 1000.0, None);
        tell("first byte of a range, worst of 20", "ms", waits[19].as_secs_f64() * 1000.0, None);
    }

    async fn insert_a_byte(&self, big: &Path, options: &Options) {
        let (size, other) = (options.gib << 30, self.path("one-byte-more"));
        let mut from = std::fs::File::open(big).unwrap();
        let mut to = std::fs::File::create(&other).unwrap();
        std::io::copy(&mut std::io::Read::take(&mut from, size / 2), &mut to).unwrap();
        to.write_all(&[0x5a]).unwrap();
        std::io::copy(&mut from, &mut to).unwrap();
        let report = self.put(&other).await;
        let sent = report.files[0].uploaded_bytes as f64 / MIB;
        tell("one byte inserted: content sent again", "MiB", sent, Some(8.0));
        std::fs::remove_file(&other).unwrap();
    }

    async fn small_files(&self, options: &Options) {
        let tree = self.path("small");
        let count = options.small_files;
        for index in 0..count {
            let path = tree.join(format!("{}/{index}", index / 100));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            write_noise(&path, 4096, 1000 + index);
        }
        // Stamps count once the files are older than the file system's clock can tell apart.
        tokio::time::sleep(Duration::from_secs(3)).await;
        let began = Instant::now();
        let report = self.put(&tree).await;
        tell("small files", "files/s", count as f64 / began.elapsed().as_secs_f64(), Some(2000.0));
        let least = count as f64 * 4096.0 * f64::from(self.redundancy.1) / f64::from(self.redundancy.0);
        let waste = report.stored_bytes as f64 / least - 1.0;
        tell("small files: waste on hosts", "%", waste * 100.0, Some(5.0));
        let began = Instant::now();
        let report = self.put(&tree).await;
        tell("small files: put again unchanged", "s", began.elapsed().as_secs_f64(), Some(3.0));
        let sent: u64 = report.files.iter().map(|file| file.uploaded_bytes).sum();
        tell(
            "small files: sent again unchanged",
            "bytes",
            sent as f64 + report.stored_bytes as f64,
            Some(0.0),
        );
        let began = Instant::now();
        self.get("small", &self.path("small-back")).await;
        tell("small files: brought back", "files/s", count as f64 / began.elapsed().as_secs_f64(), None);
    }

    async fn with_loss(mut self, options: &Options) {
        let without = self.download(options, "download again", Some(4.0)).await;
        let (k, n) = self.redundancy;
        // A host's index says nothing about which shards it has: this kills data and parity alike.
        self.hosts.truncate(usize::from(k) + self.hosts.len() - usize::from(n));
        self.download(options, "download, dead hosts found out", None).await;
        let with = self.download(options, "download, dead hosts known", Some(without * 1.3)).await;
        tell("download: cost of losing all that may be lost", "ratio", with / without, Some(1.3));
    }
}

struct FirstByte {
    began: Instant,
    at: Option<Duration>,
}

impl AsyncWrite for FirstByte {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let elapsed = self.began.elapsed();
        self.at.get_or_insert(elapsed);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn write_noise(path: &Path, size: u64, seed: u64) {
    let mut generator = StdRng::seed_from_u64(seed);
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    let mut block = [0; 4096];
    let mut left = size;
    while left > 0 {
        let length = usize::try_from(left.min(4096)).unwrap();
        generator.fill_bytes(&mut block[..length]);
        file.write_all(&block[..length]).unwrap();
        left -= length as u64;
    }
    file.flush().unwrap();
}

fn same_content(left: &Path, right: &Path) -> bool {
    use std::io::Read;
    let (mut left, mut right) = (std::fs::File::open(left).unwrap(), std::fs::File::open(right).unwrap());
    let (mut one, mut other) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    loop {
        let count = left.read(&mut one).unwrap();
        if count == 0 {
            return right.read(&mut other).unwrap() == 0;
        }
        if right.read_exact(&mut other[..count]).is_err() || one[..count] != other[..count] {
            return false;
        }
    }
}
