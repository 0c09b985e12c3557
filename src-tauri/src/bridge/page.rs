//! The page of the app as the bridge hands it out: the files in the program, under the window's content security policy but
//! for the one address that the bridge needs, and with a stand-in for the window's door in front.

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::Bridge;
use super::guard::refused;

/// What the window's isolation frame lets pass.
const ISOLATION: &str = include_str!("../../../ui/isolation/isolation.js");
const BOOTSTRAP: &str = include_str!("bootstrap.js");
const SCRIPT: &str = "text/javascript";
const HEAD: &str = "<head>";
/// Before the page's own script, which runs when the document is read.
const INJECTED: &str =
    r#"<head><script src="/bridge/isolation.js"></script><script src="/bridge/bootstrap.js"></script>"#;

/// The file under this address.
pub(super) fn file(bridge: &Bridge, uri: &Uri) -> Response {
    match uri.path() {
        "/bridge/isolation.js" => ([(CONTENT_TYPE, SCRIPT)], ISOLATION).into_response(),
        "/bridge/bootstrap.js" => ([(CONTENT_TYPE, SCRIPT)], BOOTSTRAP).into_response(),
        path => asset(bridge, path),
    }
}

fn asset(bridge: &Bridge, path: &str) -> Response {
    let asset = bridge.app.asset_resolver().get(path.to_owned());
    match asset {
        // What is not there is the page itself to the window.
        Some(asset) if asset.csp_header.is_none() => {
            ([(CONTENT_TYPE, asset.mime_type)], asset.bytes).into_response()
        }
        Some(asset) if path == "/" => {
            let page = String::from_utf8_lossy(&asset.bytes).replacen(HEAD, INJECTED, 1);
            let policy = own_connections(&asset.csp_header.unwrap_or_default());
            ([(CONTENT_TYPE, asset.mime_type), (CONTENT_SECURITY_POLICY, policy)], page).into_response()
        }
        _ => refused(StatusCode::NOT_FOUND, "The page has no such file."),
    }
}

/// The policy of the window, with the bridge in place of the window's own door.
pub(super) fn own_connections(policy: &str) -> String {
    let directives = policy.split(';').map(str::trim).map(|directive| {
        if directive.starts_with("connect-src ") { "connect-src 'self'" } else { directive }
    });
    directives.collect::<Vec<_>>().join("; ")
}
