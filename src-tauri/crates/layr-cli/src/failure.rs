//! How a command ends badly: exit code, and words or JSON.

use std::process::ExitCode;

use layr_control::{CallError, ConnectError};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::network_file::NetworkFileError;
use serde_json::json;

/// What a command fails with: a node's error, whoever raised it.
pub(crate) type Outcome<T> = Result<T, NodeError>;

/// How a command that printed its report ends.
#[derive(Debug)]
pub(crate) enum Finished {
    /// As asked.
    Done,
    /// The report names problems: the exit code of `code`, and a sentence for people.
    Problems {
        /// What kind.
        code: ErrorCode,
        /// The sentence.
        words: String,
    },
}

/// A call that gave no result.
pub(crate) fn from_call(error: CallError) -> NodeError {
    match error {
        CallError::Node(error) => error,
        CallError::Output { source } => local("cannot write to standard output", &source),
        other => NodeError::new(
            ErrorCode::NoNode,
            format!("{other}; nothing that was acknowledged is lost, start the node and repeat the command"),
        ),
    }
}

/// No node to talk to.
pub(crate) fn from_connect(error: &ConnectError) -> NodeError {
    let advice = match error {
        ConnectError::NoNode { home } => {
            format!("{error}; start one with `layr --home {home} daemon --detach`")
        }
        other => other.to_string(),
    };
    NodeError::new(ErrorCode::NoNode, advice)
}

/// A network that cannot be joined.
pub(crate) fn from_network_file(error: &NetworkFileError) -> NodeError {
    NodeError::new(ErrorCode::InvalidRequest, error.to_string())
}

/// A request that makes no sense.
pub(crate) fn usage(message: impl Into<String>) -> NodeError {
    NodeError::new(ErrorCode::InvalidRequest, message)
}

/// A local file or process that does not do what it should.
pub(crate) fn local(what: &str, source: &std::io::Error) -> NodeError {
    let code = match source.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorCode::DiskFull,
        std::io::ErrorKind::NotFound => ErrorCode::NotFound,
        _ => ErrorCode::LocalFile,
    };
    NodeError::new(code, format!("{what}: {source}"))
}

/// The exit code of a command that ended; people get the sentence, scripts have it in the report.
pub(crate) fn finish(finished: &Finished, json: bool) -> ExitCode {
    match finished {
        Finished::Done => ExitCode::SUCCESS,
        Finished::Problems { code, words } => {
            if !json {
                crate::output::stderr_line(&format!("layr: {words}"));
            }
            ExitCode::from(code.exit_code())
        }
    }
}

/// Prints the failure and gives its exit code.
pub(crate) fn report(error: &NodeError, json: bool) -> ExitCode {
    if json {
        let NodeError { code, message, retry, params } = error;
        let document =
            json!({ "error": { "code": code, "message": message, "retry": retry, "params": params } });
        if crate::output::write_stdout_line(&document.to_string()).is_err() {
            // Nobody would learn of it at all.
            crate::output::stderr_line(&format!("layr: {message}"));
        }
    } else {
        crate::output::stderr_line(&format!("layr: {}", error.message));
    }
    ExitCode::from(error.code.exit_code())
}
