//! The methods of a node on its socket, and their parameters.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_trait::async_trait;
use layr_node::api::{
    AgreementsEndRequest, AgreementsRenewRequest, AgreementsRequest, BandwidthSettings, DelegateRequest,
    ExportRequest, GetRequest, HostSettings, LeaveRequest, LedgerKeepRequest, PutRequest, SpendingSettings,
    WalletHistoryRequest, WalletSendRequest,
};
use layr_node::audit::Leaves;
use layr_node::error::{ErrorCode, NodeError};
use layr_node::node::Node;
use layr_node::operation::{Operation, OperationKind};
use layr_node::repair::When;
use layr_node::share::ManifestSource;
use layr_node::wire::MAX_AUDITED_LEAVES;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::AsyncWrite;
use tokio_util::sync::{CancellationToken, PollSender};

use crate::server::{Answer, CallContext, Service};

/// Bytes in one `data` notification.
const PAGE_BYTES: usize = 256 * 1024;
/// Pages of file data between the node and the socket.
const DATA_PAGES: usize = 4;

/// `info`.
#[derive(Debug, Serialize, Deserialize)]
pub struct NameParams {
    /// Library name or id.
    pub name: String,
}

/// `share`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ShareParams {
    /// Library name or id.
    pub name: String,
    /// Seconds until the share ends; never when absent.
    #[serde(default)]
    pub expires_in_s: Option<u64>,
}

/// `rm`; also what `rm`, `mv` and `restore` answer: the library names that they came to.
#[derive(Debug, Serialize, Deserialize)]
pub struct NamesParams {
    /// Library names or ids.
    pub names: Vec<String>,
}

/// `ls`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct LsParams {
    /// Directory; the root when absent.
    #[serde(default)]
    pub dir: Option<String>,
    /// With everything below it.
    #[serde(default)]
    pub recursive: bool,
    /// With older versions.
    #[serde(default)]
    pub versions: bool,
}

/// `mv`.
#[derive(Debug, Serialize, Deserialize)]
pub struct MvParams {
    /// Library name or id.
    pub from: String,
    /// New library name.
    pub to: String,
}

/// `restore`.
#[derive(Debug, Serialize, Deserialize)]
pub struct RestoreParams {
    /// Library name or id.
    pub name: String,
    /// Version; the latest deleted one when absent.
    #[serde(default)]
    pub version: Option<u64>,
}

/// `verify`.
#[derive(Debug, Serialize, Deserialize)]
pub struct VerifyParams {
    /// Library names or ids; everything when empty.
    #[serde(default)]
    pub names: Vec<String>,
    /// Only k shards of each segment.
    #[serde(default)]
    pub quick: bool,
}

/// `audit`.
#[derive(Debug, Serialize, Deserialize)]
pub struct AuditParams {
    /// Library names or ids; everything when empty.
    #[serde(default)]
    pub names: Vec<String>,
    /// Leaves of each shard to be proven, one when absent; 0 for all of them.
    #[serde(default)]
    pub leaves: Option<u32>,
}

impl AuditParams {
    fn leaves(&self) -> Result<Leaves, NodeError> {
        match self.leaves.unwrap_or(1) {
            0 => Ok(Leaves::All),
            count if count as usize <= MAX_AUDITED_LEAVES => Ok(Leaves::Each(count)),
            _ => {
                let message = format!("At most {MAX_AUDITED_LEAVES} leaves of each shard, or all of them.");
                Err(NodeError::new(ErrorCode::InvalidRequest, message))
            }
        }
    }
}

/// `repair`, and `repair_plan`, which only tells what that would do.
#[derive(Debug, Serialize, Deserialize)]
pub struct RepairParams {
    /// Library names or ids; everything when empty.
    #[serde(default)]
    pub names: Vec<String>,
    /// Without waiting for the threshold, or for what cannot be reached.
    #[serde(default)]
    pub now: bool,
}

/// `read`: the bytes of one file come as `data`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadParams {
    /// Library name or id, or the absolute path of a `.layr` file.
    pub name: String,
    /// Bytes `first..=last` only.
    #[serde(default)]
    pub range: Option<(u64, u64)>,
    /// An older version.
    #[serde(default)]
    pub version: Option<u64>,
}

/// `import`.
#[derive(Debug, Serialize, Deserialize)]
pub struct PathParams {
    /// Absolute local path.
    pub path: PathBuf,
}

/// `import.link`. Not to be printed: a link has keys in it.
#[derive(Serialize, Deserialize)]
pub struct LinkParams {
    /// The `layr://` link.
    pub link: String,
}

/// `delegate.accept`, `delegate.revoke`.
#[derive(Debug, Serialize, Deserialize)]
pub struct DelegateIdParams {
    /// An owner's id; to revoke, a delegate's peer id as well.
    pub id: String,
}

/// `hosts`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct HostsParams {
    /// Look for hosts on the network too, not only those that hold data of ours.
    #[serde(default)]
    pub offers: bool,
}

/// A node behind its socket. `stop` is cancelled when a client asks the node to stop.
#[derive(Clone)]
pub struct NodeService {
    node: Node,
    stop: CancellationToken,
}

impl NodeService {
    /// Serves `node`; whoever runs it waits for `stop`.
    pub fn new(node: Node, stop: CancellationToken) -> Self {
        Self { node, stop }
    }

    async fn transfer(
        &self,
        method: &str,
        params: Value,
        context: &CallContext,
    ) -> Result<Answer, NodeError> {
        match method {
            "put" => {
                let request: PutRequest = parse(params)?;
                let name = request.paths.first().map(|path| path.display().to_string()).unwrap_or_default();
                let operation = self.node.operation(OperationKind::Put, &name);
                answer(
                    with_progress(&operation, context, Box::pin(self.node.put_now(request, &operation)))
                        .await?,
                )
            }
            "get" => {
                let request: GetRequest = parse(params)?;
                let operation = self.node.operation(OperationKind::Get, &request.name);
                answer(
                    with_progress(&operation, context, Box::pin(self.node.get(request, &operation))).await?,
                )
            }
            "verify" => {
                let VerifyParams { names, quick } = parse(params)?;
                let operation =
                    self.node.operation(OperationKind::Verify, names.first().map_or("/", String::as_str));
                answer(
                    with_progress(&operation, context, Box::pin(self.node.verify(names, quick, &operation)))
                        .await?,
                )
            }
            "audit" => {
                let request: AuditParams = parse(params)?;
                let leaves = request.leaves()?;
                let name = request.names.first().map_or("/", String::as_str);
                let operation = self.node.operation(OperationKind::Audit, name);
                let audit = self.node.audit(request.names, leaves, &operation);
                answer(with_progress(&operation, context, Box::pin(audit)).await?)
            }
            "repair" => {
                let RepairParams { names, now } = parse(params)?;
                let name = names.first().map_or("/", String::as_str);
                let operation = self.node.operation(OperationKind::Repair, name);
                let when = if now { When::Now } else { When::Due };
                let repair = self.node.repair(names, when, &operation);
                answer(with_progress(&operation, context, Box::pin(repair)).await?)
            }
            "repair_plan" => {
                let RepairParams { names, now } = parse(params)?;
                let when = if now { When::Now } else { When::Due };
                answer(self.node.repair_plan(names, when).await?)
            }
            "read" => self.read(parse(params)?, context).await,
            _ => Err(NodeError::new(
                ErrorCode::InvalidRequest,
                format!("this node has no method {method:?}; is `layr` newer than the node?"),
            )),
        }
    }

    async fn read(&self, params: ReadParams, context: &CallContext) -> Result<Answer, NodeError> {
        let operation = self.node.operation(OperationKind::Get, &params.name);
        let (pages, mut received) = tokio::sync::mpsc::channel::<Vec<u8>>(DATA_PAGES);
        let mut sink = PageSink { pages: PollSender::new(pages) };
        let read = async {
            let ReadParams { name, range, version } = params;
            let size = self.node.read(&name, range, version, &mut sink, &operation).await;
            drop(sink);
            size
        };
        let forward = async {
            while let Some(page) = received.recv().await {
                if context.data(&page).await.is_err() {
                    operation.cancel().cancel();
                    // Nobody takes pages any more, and the node is not to wait for room.
                    received.close();
                    break;
                }
            }
        };
        let both = Box::pin(async { tokio::join!(Box::pin(read), forward).0 });
        answer(with_progress(&operation, context, both).await?)
    }
}

#[async_trait]
impl Service for NodeService {
    async fn call(&self, method: &str, params: Value, context: &CallContext) -> Result<Answer, NodeError> {
        let node = &self.node;
        match method {
            "status" => answer(node.status().await?),
            "ls" => {
                let LsParams { dir, recursive, versions } = parse(params)?;
                answer(node.ls(dir.as_deref(), recursive, versions).await?)
            }
            "info" => answer(node.info(&parse::<NameParams>(params)?.name).await?),
            "trash" => answer(node.trash().await?),
            "rm" => answer(NamesParams { names: node.rm(parse::<NamesParams>(params)?.names).await? }),
            "mv" => {
                let MvParams { from, to } = parse(params)?;
                answer(NamesParams { names: vec![node.mv(&from, &to).await?] })
            }
            "restore" => {
                let RestoreParams { name, version } = parse(params)?;
                answer(NamesParams { names: vec![node.restore(&name, version).await?] })
            }
            "export" => answer(node.export(parse::<ExportRequest>(params)?).await?),
            "share" => {
                let ShareParams { name, expires_in_s } = parse(params)?;
                answer(node.share(&name, expires_in_s).await?)
            }
            "import" => answer(node.import(&ManifestSource::File(parse::<PathParams>(params)?.path)).await?),
            "import.link" => {
                answer(node.import(&ManifestSource::Link(parse::<LinkParams>(params)?.link.into())).await?)
            }
            "hosts" => answer(node.hosts(parse::<HostsParams>(params)?.offers).await?),
            "host.set" => answer(node.host_set(parse::<HostSettings>(params)?).await?),
            "host.show" => answer(node.host_show().await?),
            "host.pause" => answer(node.host_pause().await?),
            "host.resume" => answer(node.host_resume().await?),
            "host.leave" => answer(node.host_leave(parse::<LeaveRequest>(params)?).await?),
            "host.stay" => answer(node.host_stay().await?),
            "delegate.create" => answer(node.delegate_create(parse::<DelegateRequest>(params)?).await?),
            "delegate.accept" => answer(node.delegate_accept(&parse::<DelegateIdParams>(params)?.id).await?),
            "delegate.revoke" => answer(node.delegate_revoke(&parse::<DelegateIdParams>(params)?.id).await?),
            "delegate.ls" => answer(node.delegates().await?),
            "wallet" => answer(node.wallet().await?),
            "wallet.fund" => answer(node.wallet_fund().await?),
            "wallet.history" => answer(node.wallet_history(parse::<WalletHistoryRequest>(params)?).await?),
            "wallet.plan" => answer(node.wallet_plan(parse::<WalletSendRequest>(params)?).await?),
            "wallet.send" => answer(node.wallet_send(parse::<WalletSendRequest>(params)?).await?),
            "ledger.plan" => answer(node.ledger_keep_plan(parse::<LedgerKeepRequest>(params)?).await?),
            "ledger.keep" => answer(node.ledger_keep(parse::<LedgerKeepRequest>(params)?).await?),
            "agreements" => answer(node.agreements(parse::<AgreementsRequest>(params)?).await?),
            "agreements.check" => answer(node.agreements_check().await?),
            "agreements.plan" => {
                answer(node.agreements_plan(parse::<AgreementsRenewRequest>(params)?).await?)
            }
            "agreements.renew" => {
                answer(node.agreements_renew(parse::<AgreementsRenewRequest>(params)?).await?)
            }
            "agreements.end" => answer(node.agreements_end(parse::<AgreementsEndRequest>(params)?).await?),
            "agreements.limit" => answer(node.spending_set(parse::<SpendingSettings>(params)?).await?),
            "agreements.limits" => answer(node.spending()),
            "bandwidth.set" => answer(node.bandwidth_set(parse::<BandwidthSettings>(params)?).await?),
            "bandwidth.show" => answer(node.bandwidth()),
            "stop" => {
                self.stop.cancel();
                Answer::of(&Value::Null)
            }
            other => Box::pin(self.transfer(other, params, context)).await,
        }
    }
}

/// Runs `work` to its end while its progress goes to the client; a client that leaves cancels the operation, which then
/// parks itself so that a repeat resumes.
async fn with_progress<T>(
    operation: &Operation,
    context: &CallContext,
    mut work: Pin<Box<impl Future<Output = Result<T, NodeError>>>>,
) -> Result<T, NodeError> {
    let mut progress = operation.progress();
    let mut asked_to_stop = false;
    loop {
        tokio::select! {
            outcome = &mut work => return outcome,
            () = context.cancelled().cancelled(), if !asked_to_stop => {
                asked_to_stop = true;
                operation.cancel().cancel();
            }
            Ok(()) = progress.changed() => {
                let now = progress.borrow_and_update().clone();
                context.progress(&now);
            }
        }
    }
}

fn parse<T: DeserializeOwned>(params: Value) -> Result<T, NodeError> {
    let params = if params.is_null() { Value::Object(serde_json::Map::new()) } else { params };
    serde_json::from_value(params).map_err(|error| {
        NodeError::new(ErrorCode::InvalidRequest, format!("the call's parameters are not right: {error}"))
    })
}

/// A report as JSON; the report itself goes when its text is made.
fn answer<T: Serialize>(report: T) -> Result<Answer, NodeError> {
    Answer::of(&report)
}

/// Cuts what the node writes into pages for the socket; a full queue holds the node back.
struct PageSink {
    pages: PollSender<Vec<u8>>,
}

impl AsyncWrite for PageSink {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let broken = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        match self.pages.poll_reserve(cx).map_err(broken) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) => {
                let page = bytes.get(..PAGE_BYTES).unwrap_or(bytes);
                Poll::Ready(self.pages.send_item(page.to_vec()).map(|()| page.len()).map_err(broken))
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
