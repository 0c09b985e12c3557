//! A request as a page may send it: anything at all. It reaches a command only after it was read and checked.

use layr_node::error::ErrorCode;
use serde::de::DeserializeOwned;
use tauri::Runtime;
use tauri::ipc::{CommandArg, CommandItem, InvokeError};

use super::UiError;
use crate::selections::ID_DIGITS;

/// Longest library name in bytes, as in the library; what is longer is nobody's name.
const MAX_NAME_BYTES: usize = 32 * 1024;
/// Most names in one request: more than anybody marks by hand, and a bounded time in the database.
const MAX_NAMES: usize = 10_000;

/// What every type of request can say: whether its lengths, counts and numbers are within bounds. Meaning is checked by
/// the node.
pub(crate) trait Check {
    /// # Errors
    /// [`ErrorCode::InvalidRequest`].
    fn check(&self) -> Result<(), UiError>;
}

/// The argument `request` of a command, read and checked.
pub(crate) struct Request<T>(T);

impl<T> Request<T> {
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl<'de, T: DeserializeOwned + Check, R: Runtime> CommandArg<'de, R> for Request<T> {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        let name = command.name;
        let refuse = |error: serde_json::Error| {
            UiError::new(ErrorCode::InvalidRequest, format!("The page asked for {name} wrongly: {error}."))
        };
        let request = T::deserialize(command).map_err(refuse)?;
        request.check()?;
        Ok(Self(request))
    }
}

/// Refuses a number above `most`.
pub(crate) fn at_most(what: &str, value: u64, most: u64) -> Result<(), UiError> {
    if value <= most {
        return Ok(());
    }
    let message = format!("{what} is {value}; at most {most} is allowed.");
    Err(UiError::new(ErrorCode::InvalidRequest, message))
}

/// Refuses what cannot be the name of anything.
pub(crate) fn one_name(name: &str) -> Result<(), UiError> {
    if name.is_empty() {
        return Err(UiError::new(ErrorCode::InvalidRequest, "A name is empty."));
    }
    at_most("The length of a name", name.len() as u64, MAX_NAME_BYTES as u64)
}

/// Refuses no names, too many, and what cannot be one.
pub(crate) fn some_names(names: &[String]) -> Result<(), UiError> {
    if names.is_empty() {
        return Err(UiError::new(ErrorCode::InvalidRequest, "Nothing is named."));
    }
    at_most("The number of names", names.len() as u64, MAX_NAMES as u64)?;
    names.iter().try_for_each(|name| one_name(name))
}

/// Refuses what cannot be the id of a selection.
pub(crate) fn one_id(id: &str) -> Result<(), UiError> {
    if id.len() == ID_DIGITS && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(UiError::new(ErrorCode::InvalidRequest, "This is no id of something that was chosen."))
}
