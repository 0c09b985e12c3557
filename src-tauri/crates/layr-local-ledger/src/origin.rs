//! Keeps web pages of other sites away: a browser would send their requests to loopback, too.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN, REFERER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The address of this computer that a connection came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reached(pub(crate) IpAddr);

/// Answers only what was sent to that address, or to `localhost`, by a program or by a person.
pub(crate) async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let reached = request.extensions().get::<Reached>().copied();
    if reached.is_some_and(|reached| is_from_here(request.method(), request.headers(), reached)) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "requests of other sites are not answered\n").into_response()
    }
}

fn is_from_here(method: &Method, headers: &HeaderMap, reached: Reached) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("?"));
    let Some(host) = text(HOST) else { return false };
    if !is_own_name(host, reached) {
        return false;
    }
    let same_origin = text(ORIGIN).is_none_or(|origin| origin == format!("http://{host}"));
    let fetched =
        |name, own: [&str; 2]| text(HeaderName::from_static(name)).is_none_or(|is| own.contains(&is));
    let same_site = fetched("sec-fetch-site", ["same-origin", "none"]);
    // An image of another page needs no permission of ours, and some browsers tell by these only where it is. No page is served here.
    let is_part_of_a_page =
        headers.contains_key(REFERER) || !fetched("sec-fetch-dest", ["document", "empty"]);
    same_origin && same_site && (method == Method::POST || !is_part_of_a_page)
}

/// A name that somebody else's name server may point here is not ours (DNS rebinding), nor is 0.0.0.0, which browsers take here as well.
fn is_own_name(host: &str, Reached(reached): Reached) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_own = |address: IpAddr| {
        let address = address.to_canonical();
        address.is_loopback() || address == reached.to_canonical()
    };
    name == "localhost" || name.parse().is_ok_and(is_own)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use super::{Reached, is_own_name};

    #[test]
    fn its_names_are_those_of_the_address_that_was_reached() {
        let lan = Ipv4Addr::new(192, 168, 1, 5);
        let mapped: Ipv6Addr = lan.to_ipv6_mapped();
        for reached in [IpAddr::from(lan), mapped.into()] {
            for own in ["localhost:1", "localhost", "127.0.0.1:1", "[::1]:1", "192.168.1.5:1", "192.168.1.5"]
            {
                assert!(is_own_name(own, Reached(reached)), "{own}");
            }
            for other in ["", "192.168.1.6:1", "0.0.0.0:1", "[::]:1", "::1", "localhost.example", "example"] {
                assert!(!is_own_name(other, Reached(reached)), "{other}");
            }
        }
    }
}
