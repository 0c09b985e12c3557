//! Keeps the window on the app's own page. A content security policy does not stop a top-level navigation, so a link or
//! script could otherwise put a foreign page into a window that looks like Layr.

use tauri::plugin::TauriPlugin;
use tauri::{Runtime, Url};

/// Port of the page's development server, as in `tauri.conf.json` and `ui/vite.config.ts`.
const DEV_SERVER_PORT: u16 = 1420;

/// Refuses every navigation away from the app.
pub(crate) fn guard<R: Runtime>() -> TauriPlugin<R> {
    tauri::plugin::Builder::new("navigation-guard")
        .on_navigation(|_webview, url| {
            let stays = is_own_page(url);
            if !stays {
                tracing::warn!(scheme = url.scheme(), "refused to leave the app's page");
            }
            stays
        })
        .build()
}

/// Where the page has a name below `localhost`; elsewhere that is whatever program listens there.
const HAS_LOCAL_NAMES: bool = cfg!(any(windows, target_os = "android"));

/// The page itself and the isolation frame, under the names that the platforms give them; in development also the page's
/// development server.
fn is_own_page(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    match url.scheme() {
        "http" if host == "localhost" => tauri::is_dev() && url.port() == Some(DEV_SERVER_PORT),
        "http" | "https" => {
            HAS_LOCAL_NAMES
                && url.port().is_none()
                && host.strip_suffix(".localhost").is_some_and(is_own_name)
        }
        scheme => host == "localhost" && is_own_name(scheme),
    }
}

/// The isolation frame's name carries a number that is drawn anew in every build.
fn is_own_name(name: &str) -> bool {
    name == "tauri" || name.starts_with("isolation-")
}

#[cfg(test)]
mod tests {
    use super::{HAS_LOCAL_NAMES, is_own_page};

    #[test]
    fn only_the_apps_own_pages_may_be_opened() {
        for url in ["tauri://localhost/", "tauri://localhost/index.html", "isolation-02eae4ef://localhost"] {
            assert!(is_own_page(&url.parse().unwrap()), "{url} is ours");
        }
        for url in ["https://isolation-02eae4ef.localhost/", "http://tauri.localhost/"] {
            assert_eq!(is_own_page(&url.parse().unwrap()), HAS_LOCAL_NAMES, "{url}");
        }
        let refused = [
            "http://example.org/",
            "https://tauri.localhost.example.org/",
            "https://other.localhost/",
            "http://localhost:8080/",
            "http://tauri.localhost:8080/",
            "file:///etc/passwd",
            "data:text/html,hello",
            "javascript:alert(1)",
            "about:blank",
            "tauri://example.org/",
        ];
        for url in refused {
            assert!(!is_own_page(&url.parse().unwrap()), "{url} is foreign");
        }
    }
}
