//! Addresses of servers: https, or plain http on this computer.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::Uri;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::error::LedgerError;

/// Longest address that is looked at.
const MAX_URL_BYTES: usize = 512;

/// A checked address of a server.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint(Uri);

impl Endpoint {
    /// Takes an address where nobody on the way can read or change what is said.
    pub(crate) fn parse(url: &str) -> Result<Self, LedgerError> {
        let bad =
            |reason| Err(LedgerError::BadAddress { url: url.chars().take(MAX_URL_BYTES).collect(), reason });
        if url.len() > MAX_URL_BYTES {
            return bad("it is too long");
        }
        let Ok(uri) = url.parse::<Uri>() else { return bad("it is no address of a server") };
        let (Some(host), Some(authority)) = (uri.host(), uri.authority()) else {
            return bad("it names no server");
        };
        if authority.as_str().contains('@') {
            return bad("it has a name or password in it");
        }
        match uri.scheme_str() {
            Some("https") => Ok(Self(uri)),
            Some("http") if is_loopback(host) => Ok(Self(uri)),
            Some("http") => bad("plain http is for servers on this computer only; use https"),
            _ => bad("it does not begin with https://"),
        }
    }

    /// What stands below this address, at a path that needs no escaping.
    pub(crate) fn below(&self, path: &str) -> String {
        format!("{}/{path}", self.0.to_string().trim_end_matches('/'))
    }

    /// This address with one more parameter, which needs no escaping.
    pub(crate) fn with_query(&self, name: &str, value: &str) -> String {
        let separator = if self.0.query().is_some() { '&' } else { '?' };
        format!("{}{separator}{name}={value}", self.0)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// TLS with the system's certificates. The provider is named, since other crates of the app bring a second one, and a choice
/// by default would then panic.
pub(crate) fn tls() -> Option<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    Some(builder.with_platform_verifier().with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn only_this_computer_is_spoken_to_without_tls() {
        for good in [
            "https://soroban-testnet.stellar.org",
            "https://rpc.example:8443/path?key=1",
            "http://127.0.0.1:8000",
            "http://localhost:8000/rpc",
            "http://[::1]:8000",
        ] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "rpc.example",
            "/path",
            "ftp://rpc.example",
            "http://rpc.example",
            "http://10.0.0.1",
            "http://127.0.0.1.rpc.example",
            "http://localhost.rpc.example",
            "https://name:password@rpc.example",
            "http://localhost@rpc.example",
            &format!("https://{}", "a".repeat(600)),
        ] {
            assert!(Endpoint::parse(bad).is_err(), "{bad}");
        }
    }
}
