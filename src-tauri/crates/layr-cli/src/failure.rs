//! How a command ends badly: exit code, and words or JSON.

use std::process::ExitCode;

use layr_control::{CallError, ConnectError};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::identity::{NO_KEYRING, WORDS_HELP};
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

/// The sentence with what to type, which a window has no use for.
fn for_terminal(error: &NodeError) -> String {
    let NodeError { message, params, .. } = error;
    if params.contains_key(WORDS_HELP) {
        return format!(
            "{message} With the owner's 24 words, `layr init --recover` brings them into one; library, network and settings stay."
        );
    }
    if params.contains_key(NO_KEYRING) {
        return format!("{message} For a new home, `layr init --key-store file` does that.");
    }
    message.clone()
}

/// Prints the failure and gives its exit code.
pub(crate) fn report(error: &NodeError, json: bool) -> ExitCode {
    let message = for_terminal(error);
    if json {
        let NodeError { code, retry, params, .. } = error;
        let document =
            json!({ "error": { "code": code, "message": message, "retry": retry, "params": params } });
        if crate::output::write_stdout_line(&document.to_string()).is_err() {
            // Nobody would learn of it at all.
            crate::output::stderr_line(&format!("layr: {message}"));
        }
    } else {
        crate::output::stderr_line(&format!("layr: {message}"));
    }
    ExitCode::from(error.code.exit_code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_told_what_to_type_where_there_is_no_keyring() {
        let missing = NodeError::new(ErrorCode::Locked, "No keyring.").with(NO_KEYRING, true);
        assert!(for_terminal(&missing).ends_with("`layr init --key-store file` does that."));
        let helped = missing.with(WORDS_HELP, true);
        assert!(for_terminal(&helped).contains("`layr init --recover`"));
        assert_eq!(for_terminal(&NodeError::new(ErrorCode::Locked, "Locked.")), "Locked.");
    }
}
