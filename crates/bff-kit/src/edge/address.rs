//! Where a request comes from: the other end of the connection, or what proxies of ours say about it.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use crate::server::{Peer, network_of};

/// What proxies write down.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The network that the client is in, with this many proxies of ours between it and us.
///
/// Each of them adds the address that it was called from at the end of the list, so that what a client
/// makes up comes before that and is not looked at.
pub(super) fn of(headers: &HeaderMap, Peer(peer): Peer, trusted_proxies: usize) -> IpAddr {
    if trusted_proxies == 0 {
        return network_of(peer);
    }
    let told: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let client = told
        .len()
        .checked_sub(trusted_proxies)
        .and_then(|at| parse(told[at]));
    network_of(client.unwrap_or(peer))
}

/// An address, with a port or without.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .ok()
        .or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(proxies: usize, told: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        let peer: IpAddr = "10.0.0.1".parse().expect("an address");
        for value in told {
            let value = value.parse().expect("a value");
            headers.append(FORWARDED_FOR, value);
        }
        of(&headers, Peer(peer), proxies).to_string()
    }

    #[test]
    fn only_proxies_of_ours_are_believed() {
        assert_eq!(seen(0, &["1.1.1.1"]), "10.0.0.1");
        assert_eq!(seen(1, &["1.1.1.1, 2.2.2.2"]), "2.2.2.2");
        assert_eq!(seen(1, &["1.1.1.1", "2.2.2.2:4711"]), "2.2.2.2");
        assert_eq!(seen(2, &["6.6.6.6, 1.1.1.1, 10.0.0.2"]), "1.1.1.1");
    }

    #[test]
    fn what_no_proxy_said_or_nobody_understands_leaves_the_other_end_of_the_connection() {
        for told in [&[][..], &["unknown"], &[""]] {
            assert_eq!(seen(1, told), "10.0.0.1", "{told:?}");
        }
        assert_eq!(seen(2, &["1.1.1.1"]), "10.0.0.1");
    }

    #[test]
    fn a_household_has_one_network() {
        assert_eq!(seen(1, &["2001:db8:1:2:3::4"]), "2001:db8:1:2::");
        assert_eq!(seen(1, &["[2001:db8:1:2:5::6]:443"]), "2001:db8:1:2::");
    }
}
