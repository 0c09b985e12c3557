//! Keeps web pages of other sites away: a browser would send their requests to loopback, too.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Answers only what was sent to an address, or to `localhost`, by a program or by a page from here.
pub(crate) async fn refuse_other_sites(request: Request, next: Next) -> Response {
    if is_from_here(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "requests of other sites are not answered\n").into_response()
    }
}

fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value: &header::HeaderValue| value.to_str().unwrap_or("?"));
    // A name that somebody else's name server may point here is not ours (DNS rebinding).
    let Some(host) = text(header::HOST) else { return false };
    if !is_own_name(host) {
        return false;
    }
    let same_origin = text(header::ORIGIN).is_none_or(|origin| origin == format!("http://{host}"));
    let same_site = headers
        .get("sec-fetch-site")
        .is_none_or(|site| site.as_bytes() == b"same-origin" || site.as_bytes() == b"none");
    same_origin && same_site
}

fn is_own_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_from_here;

    fn headers(all: &[(&str, &str)]) -> HeaderMap {
        all.iter()
            .map(|(name, value)| {
                (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())
            })
            .collect()
    }

    #[test]
    fn programs_are_answered_and_pages_of_other_sites_are_not() {
        for answered in [
            vec![("host", "127.0.0.1:8000")],
            vec![("host", "localhost:8000")],
            vec![("host", "[::1]:8000")],
            vec![("host", "127.0.0.1:8000"), ("origin", "http://127.0.0.1:8000")],
            vec![("host", "127.0.0.1:8000"), ("sec-fetch-site", "none")],
        ] {
            assert!(is_from_here(&headers(&answered)), "{answered:?}");
        }
        for refused in [
            vec![],
            vec![("host", "evil.example:8000")],
            vec![("host", "localhost.evil.example")],
            vec![("host", "127.0.0.1.evil.example")],
            vec![("host", "127.0.0.1:8000"), ("origin", "http://evil.example")],
            vec![("host", "127.0.0.1:8000"), ("origin", "null")],
            vec![("host", "127.0.0.1:8000"), ("origin", "http://127.0.0.1:9000")],
            vec![("host", "127.0.0.1:8000"), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!is_from_here(&headers(&refused)), "{refused:?}");
        }
    }
}
