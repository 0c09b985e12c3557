//! One command's way to its home and its node.

use std::io;
use std::path::PathBuf;

use layr_control::{Client, Notification};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::{Home, platform_home};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::args::Global;
use crate::failure::{self, Outcome};
use crate::progress::ProgressLine;

/// What a command runs in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) home: Home,
    pub(crate) json: bool,
    pub(crate) passphrase_fd: Option<i32>,
    pub(crate) verbose: u8,
}

impl Session {
    pub(crate) fn new(global: &Global) -> Outcome<Self> {
        let dir = match &global.home {
            Some(dir) if dir.as_os_str().is_empty() => {
                return Err(failure::usage(
                    "the home directory has an empty name; give a path with --home or LAYR_HOME",
                ));
            }
            Some(dir) => absolute(dir)?,
            None => platform_home(|name| std::env::var_os(name)).ok_or_else(|| {
                failure::usage("no home directory is known here; name one with --home or LAYR_HOME")
            })?,
        };
        Ok(Self {
            home: Home::new(dir),
            json: global.json,
            passphrase_fd: global.passphrase_fd,
            verbose: global.verbose,
        })
    }

    /// Connects to the running node.
    pub(crate) async fn connect(&self) -> Outcome<Client> {
        Client::connect(&self.home.control_socket()).await.map_err(|error| failure::from_connect(&error))
    }

    /// The running node, or `None` where none runs: for commands that can do without.
    pub(crate) async fn connect_if_running(&self) -> Outcome<Option<Client>> {
        match Client::connect(&self.home.control_socket()).await {
            Ok(client) => Ok(Some(client)),
            Err(layr_control::ConnectError::NoNode { .. }) => Ok(None),
            Err(error) => Err(failure::from_connect(&error)),
        }
    }

    /// Calls the running node, shows progress, and gives the call up on Ctrl-C.
    pub(crate) async fn call<P: Serialize, R: DeserializeOwned>(
        &self,
        method: &str,
        params: &P,
    ) -> Outcome<R> {
        let client = self.connect().await?;
        self.call_on(client, method, params, |_| Ok(())).await
    }

    /// As [`Session::call`], on a connection of the caller's; `on_data` gets bytes that the node sends.
    pub(crate) async fn call_on<P: Serialize, R: DeserializeOwned>(
        &self,
        mut client: Client,
        method: &str,
        params: &P,
        mut on_data: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Outcome<R> {
        let line = ProgressLine::new();
        let call = client.call(method, params, |notification| match notification {
            Notification::Progress(progress) => {
                line.show(&progress);
                Ok(())
            }
            Notification::Data(bytes) => on_data(&bytes),
            _ => Ok(()),
        });
        tokio::select! {
            outcome = call => outcome.map_err(failure::from_call),
            _ = tokio::signal::ctrl_c() => Err(NodeError::new(
                ErrorCode::Interrupted,
                "interrupted; nothing is lost, and the same command goes on with what is left",
            )),
        }
    }
}

/// A path for a call to the node, as [`absolute`]. A call is text, and so are the paths in it.
pub(crate) fn sendable(path: &std::path::Path) -> Outcome<PathBuf> {
    let path = absolute(path)?;
    if path.to_str().is_some() {
        return Ok(path);
    }
    Err(failure::usage(format!(
        "the path {} is not valid UTF-8 and cannot be sent to the node; rename it, or the directory that it is in, and repeat",
        path.display()
    )))
}

/// `path` from the root, without asking whether it exists: the node has another working directory.
pub(crate) fn absolute(path: &std::path::Path) -> Outcome<PathBuf> {
    std::path::absolute(path)
        .map_err(|error| failure::local(&format!("cannot use the path {}", path.display()), &error))
}
