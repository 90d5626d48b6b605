//! Devices that somebody has signed in on before. Each keeps a token that says so, and nothing is kept here: it is a random
//! number, and a keyed hash of it and of the address that somebody signed in with.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::secrets::{derive, keyed};
use crate::models::case_key;

/// Which device it is, among all that anybody has signed in on.
pub(super) type Device = [u8; 16];

/// Makes and reads the tokens of devices.
#[derive(Clone)]
pub(super) struct Devices {
    key: Hmac<Sha256>,
}

impl Devices {
    /// Derives the key. With another secret no device is known any more.
    pub(super) fn new(secret: &str) -> anyhow::Result<Self> {
        let key = keyed(&derive(secret, "known devices")?)?;
        Ok(Self { key })
    }

    /// What is given to a device that somebody has signed in on with this address.
    pub(super) fn token(&self, email: &str) -> String {
        let device: Device = rand::random();
        let proof = self.proof(device, email).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([&device[..], &proof].concat())
    }

    /// The device that has this token, if somebody has signed in on it with this address.
    pub(super) fn known(&self, token: &str, email: &str) -> Option<Device> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (device, proof) = token.split_first_chunk()?;
        let right = self.proof(*device, email).verify_slice(proof);
        right.is_ok().then_some(*device)
    }

    fn proof(&self, device: Device, email: &str) -> Hmac<Sha256> {
        self.key
            .clone()
            .chain_update(device)
            .chain_update(case_key(email))
    }
}

impl std::fmt::Debug for Devices {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Devices(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn devices(secret: &str) -> Devices {
        Devices::new(&format!("a secret of thirty-two characters: {secret}")).unwrap()
    }

    #[test]
    fn a_device_is_known_to_whom_it_was_given_for_and_to_nobody_else() {
        let ours = devices("ours");
        let token = ours.token("ada@example.com");
        assert!(ours.known(&token, "ADA@example.com").is_some());
        assert_eq!(ours.known(&token, "eve@example.com"), None);
        assert_eq!(devices("another").known(&token, "ada@example.com"), None);
        assert_ne!(
            ours.known(&token, "ada@example.com"),
            ours.known(&ours.token("ada@example.com"), "ada@example.com")
        );
    }

    #[test]
    fn what_was_not_given_is_no_device() {
        let ours = devices("ours");
        let token = ours.token("ada@example.com");
        let mut forged = URL_SAFE_NO_PAD.decode(&token).unwrap();
        forged[0] ^= 1;
        for token in [
            "",
            "no token",
            &token[..63],
            &token[..21],
            &URL_SAFE_NO_PAD.encode(forged),
        ] {
            assert_eq!(ours.known(token, "ada@example.com"), None, "{token}");
        }
    }
}
