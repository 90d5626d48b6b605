//! Passwords: hashed with Argon2id, a few at a time.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};
use crate::settings::PasswordSettings;
use crate::validators::users::Password;

/// Hashes and verifies passwords. Each hash costs memory and a core, so only a few run at the same time
/// and the others wait their turn.
#[derive(Clone, Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// The hash that is verified where there is no user, so that both take as long.
    of_nobody: Arc<str>,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The password is wrong, or there is no user.
    Wrong,
    /// The password is right.
    Right,
    /// The password is right, but its hash is weaker or stronger than today's; here is one of today's.
    RightWithNewHash(String),
}

impl Passwords {
    /// Prepares the cost that the settings ask for.
    pub fn new(settings: &PasswordSettings) -> anyhow::Result<Self> {
        let params = Params::new(settings.memory_kib, settings.iterations, 1, None)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let of_nobody = argon2.hash_password(b"nobody has this password")?.to_string();
        Ok(Self {
            argon2,
            turns: Arc::new(Semaphore::new(settings.at_once)),
            of_nobody: of_nobody.into(),
        })
    }

    /// The hash of a password, in PHC form.
    pub async fn hash(&self, password: &Password) -> Result<String> {
        let password = password.clone();
        self.in_turn(move |argon2| hash(argon2, &password)).await
    }

    /// Whether a password belongs to a hash. Without one the same work is done, and the password is wrong.
    pub async fn verify(&self, password: Password, hash_of_user: Option<String>) -> Result<Verdict> {
        let of_nobody = self.of_nobody.clone();
        self.in_turn(move |argon2| {
            let text = hash_of_user.as_deref().unwrap_or(&of_nobody);
            let parsed = PasswordHash::new(text).map_err(Error::internal)?;
            let right = argon2.verify_password(password.0.as_bytes(), &parsed).is_ok();
            let today = Params::try_from(&parsed).is_ok_and(|params| same_cost(&params, argon2.params()));
            match (right && hash_of_user.is_some(), today) {
                (false, _) => Ok(Verdict::Wrong),
                (true, true) => Ok(Verdict::Right),
                (true, false) => hash(argon2, &password).map(Verdict::RightWithNewHash),
            }
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = self
            .turns
            .clone()
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        let argon2 = self.argon2.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            metrics::counter!("password_hashes_total").increment(1);
            work(&argon2)
        });
        done.await.map_err(Error::internal)?
    }
}

fn hash(argon2: &Argon2<'_>, password: &Password) -> Result<String> {
    let hash = argon2
        .hash_password(password.0.as_bytes())
        .map_err(Error::internal)?;
    Ok(hash.to_string())
}

fn same_cost(one: &Params, other: &Params) -> bool {
    (one.m_cost(), one.t_cost(), one.p_cost()) == (other.m_cost(), other.t_cost(), other.p_cost())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use test_kit::timing::{BY_CHANCE, difference};

    use super::*;

    fn passwords(memory_kib: u32) -> Passwords {
        Passwords::new(&PasswordSettings {
            memory_kib,
            iterations: 1,
            at_once: 1,
        })
        .unwrap()
    }

    fn password(text: &str) -> Password {
        Password(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_password_that_was_hashed_is_right() {
        let passwords = passwords(64);
        let hash = passwords.hash(&password("correct horse")).await.unwrap();
        assert_eq!(
            passwords
                .verify(password("correct horse"), Some(hash.clone()))
                .await
                .unwrap(),
            Verdict::Right
        );
        assert_eq!(
            passwords
                .verify(password("battery staple"), Some(hash))
                .await
                .unwrap(),
            Verdict::Wrong
        );
    }

    #[tokio::test]
    async fn nobody_has_a_password() {
        let verdict = passwords(64)
            .verify(password("nobody has this password"), None)
            .await
            .unwrap();
        assert_eq!(verdict, Verdict::Wrong);
    }

    /// How sure it is that a wrong password takes another time where there is a user than where there is none.
    async fn tells_nobody_by_the_time(passwords: &Passwords) -> f64 {
        let hash = passwords.hash(&password("correct horse")).await.unwrap();
        let took = async |hash: Option<String>| -> Duration {
            let began = Instant::now();
            let verdict = passwords.verify(password("battery staple"), hash).await;
            assert_eq!(verdict.unwrap(), Verdict::Wrong);
            began.elapsed()
        };
        let (mut somebody, mut nobody) = (Vec::new(), Vec::new());
        for _ in 0..test_kit::size(50, 2_000) {
            somebody.push(took(Some(hash.clone())).await);
            nobody.push(took(None).await);
        }
        difference(&somebody, &nobody)
    }

    #[tokio::test]
    async fn nobody_takes_as_long_as_somebody() {
        let passwords = passwords(1024);
        let sure = tells_nobody_by_the_time(&passwords).await;
        assert!(sure < BY_CHANCE, "{sure}");

        // The mutant: nothing is reckoned where there is no user.
        let without_work = Passwords {
            of_nobody: "$argon2id".into(),
            ..passwords
        };
        let sure = tells_nobody_by_the_time(&without_work).await;
        assert!(sure > BY_CHANCE, "{sure}");
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_replaced() {
        let old = passwords(64).hash(&password("correct horse")).await.unwrap();
        let verdict = passwords(128)
            .verify(password("correct horse"), Some(old))
            .await
            .unwrap();
        assert!(matches!(verdict, Verdict::RightWithNewHash(new) if new.contains("m=128")));
    }
}
