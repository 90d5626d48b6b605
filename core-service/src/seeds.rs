//! Runs the seeders: the files in `core-service/seeders`, recorded in a ledger of their own.
//!
//! A migration is data, but a seeder is code, because it needs the models and hashes passwords. So there is no
//! dry run of one; for the rest it keeps the rules of a migration.

use std::fmt::Write;
use std::pin::Pin;
use std::time::Instant;

use anyhow::{Context, ensure};
use migrations::{Direction, Entry, Event, Keys, Ledger, Listener, Migrator, Session, State, Step, names};
use sea_orm::DatabaseTransaction;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::repositories::changes;

include!(concat!(env!("OUT_DIR"), "/seeders.rs"));

/// What one direction of a seeder does, on a write transaction.
type Work =
    for<'a> fn(&'a DatabaseTransaction) -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send + 'a>>;

/// Code that adds rows, and can take them away again.
#[derive(Debug, Clone, Copy)]
pub struct Seeder {
    /// Its timestamp and what it adds: the name of its file.
    pub name: &'static str,
    /// What it adds, for the person who runs it.
    pub about: &'static str,
    /// Its source and its data.
    pub text: &'static str,
    /// Adds the rows.
    pub up: Work,
    /// Takes the same rows away.
    pub down: Work,
}

impl Seeder {
    /// The SHA-256 of its source and its data.
    fn checksum(&self) -> String {
        Sha256::digest(self.text)
            .iter()
            .fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}

/// One seeder, and what the database says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// Whether it ran here, and is still what ran.
    pub state: State,
    /// When it ran, if it did.
    pub applied_at: Option<OffsetDateTime>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Run all that did not run yet.
    Up,
    /// Run this one, after undoing it where it ran already.
    Again(String),
    /// Undo this one, or all, the newest first.
    Undo(Option<String>),
}

/// The seeders, and the database that they are for.
#[derive(Debug, Clone)]
pub struct Seeds<'a> {
    url: &'a str,
    seeders: &'a [Seeder],
}

impl<'a> Seeds<'a> {
    /// The project's seeders, for the database at this URL.
    pub fn new(url: &'a str) -> Self {
        Self { url, seeders: ALL }
    }

    /// The seeder that a step belongs to.
    pub fn seeder(&self, step: &Step) -> Option<&Seeder> {
        self.seeders.iter().find(|seeder| seeder.name == step.name)
    }

    /// What the database says of each seeder, by name.
    pub async fn status(&self) -> anyhow::Result<Vec<Standing>> {
        let entries = Ledger::SEEDS.read(self.url).await?;
        let known = self.seeders.iter().map(|seeder| {
            let entry = entries.iter().find(|entry| entry.name == seeder.name);
            let state = match entry {
                None => State::Pending,
                Some(entry) if entry.checksum == seeder.checksum() => State::Applied,
                Some(_) => State::Changed,
            };
            Standing {
                name: seeder.name.to_owned(),
                state,
                applied_at: entry.map(|entry| entry.applied_at),
            }
        });
        let known: Vec<_> = known.collect();
        let missing = entries
            .iter()
            .filter(|entry| !known.iter().any(|standing| standing.name == entry.name));
        let missing = missing.map(|entry| Standing {
            name: entry.name.clone(),
            state: State::Missing,
            applied_at: Some(entry.applied_at),
        });
        Ok(missing.chain(known.iter().cloned()).collect())
    }

    /// What an order would do, without doing it.
    pub async fn plan(&self, order: &Order) -> anyhow::Result<Vec<Step>> {
        self.steps(order, &Ledger::SEEDS.read(self.url).await?)
    }

    /// Does what was ordered: all of it, or nothing.
    pub async fn run(
        &self,
        order: &Order,
        agreed: Option<&[Step]>,
        listener: Listener<'_>,
    ) -> anyhow::Result<Vec<Step>> {
        let standings = Migrator::new(self.url).status().await?;
        let pending = standings
            .iter()
            .filter(|standing| standing.state == State::Pending)
            .count();
        ensure!(
            pending == 0,
            "{pending} migrations are pending; run `core-service migrate up` first"
        );

        let session = Session::open(self.url, Keys::Checked, listener).await?;
        let done = self.run_alone(&session, order, agreed, listener).await;
        let closed = session.close().await;
        done.and_then(|steps| Ok(closed.map(|()| steps)?))
    }

    async fn run_alone(
        &self,
        session: &Session,
        order: &Order,
        agreed: Option<&[Step]>,
        listener: Listener<'_>,
    ) -> anyhow::Result<Vec<Step>> {
        // Seeders build on each other, so they are run as one.
        let tx = session.begin().await?;
        Ledger::SEEDS.create(&tx).await?;
        let entries = Ledger::SEEDS.entries(&tx).await?;
        let steps = self.steps(order, &entries)?;
        if agreed.is_some_and(|agreed| agreed != steps) {
            return Err(migrations::Error::PlanOutdated.into());
        }
        let last = entries.iter().map(|entry| entry.seq).max().unwrap_or(0);
        let batch = entries.iter().map(|entry| entry.batch).max().unwrap_or(0) + 1;
        for (step, seq) in steps.iter().zip(last + 1..) {
            listener(Event::Started(step));
            let began = Instant::now();
            let seeder = self
                .seeder(step)
                .context("a plan names only seeders that are known")?;
            take(step, seeder, &tx, seq, batch).await.with_context(|| {
                format!(
                    "{} of `{}` failed and left nothing behind",
                    step.direction, step.name
                )
            })?;
            listener(Event::Finished(step, began.elapsed()));
        }
        if !steps.is_empty() {
            // Seeders tell no changes one by one: whoever keeps anything starts over.
            changes::begin_anew(&tx, rand::random_range(1..i64::MAX)).await?;
        }
        tx.commit().await?;
        Ok(steps)
    }

    fn steps(&self, order: &Order, entries: &[Entry]) -> anyhow::Result<Vec<Step>> {
        let ran = |name: &str| entries.iter().any(|entry| entry.name == name);
        let step = |name: &str, direction| Step {
            name: name.to_owned(),
            direction,
        };
        let names: Vec<_> = self.seeders.iter().map(|seeder| seeder.name).collect();
        match order {
            Order::Up => {
                let pending = names.into_iter().filter(|name| !ran(name));
                Ok(pending.map(|name| step(name, Direction::Up)).collect())
            }
            Order::Again(name) => {
                let name = names::find("seeder", &names, name)?;
                let down = ran(name).then(|| step(name, Direction::Down));
                Ok(down.into_iter().chain([step(name, Direction::Up)]).collect())
            }
            Order::Undo(Some(name)) => {
                let name = names::find("seeder", &names, name)?;
                ensure!(ran(name), "`{name}` did not run here, so nothing was done");
                Ok(vec![step(name, Direction::Down)])
            }
            Order::Undo(None) => {
                let unknown = entries
                    .iter()
                    .map(|entry| &entry.name)
                    .filter(|name| !names.contains(&name.as_str()));
                let unknown: Vec<_> = unknown.cloned().collect();
                ensure!(
                    unknown.is_empty(),
                    "this program does not have {unknown:?}; use the release that has them"
                );
                Ok(entries
                    .iter()
                    .rev()
                    .map(|entry| step(&entry.name, Direction::Down))
                    .collect())
            }
        }
    }
}

async fn take(
    step: &Step,
    seeder: &Seeder,
    tx: &DatabaseTransaction,
    seq: i64,
    batch: i64,
) -> anyhow::Result<()> {
    let began = Instant::now();
    match step.direction {
        Direction::Down => {
            (seeder.down)(tx).await?;
            Ledger::SEEDS.delete(tx, seeder.name).await?;
        }
        Direction::Up => {
            (seeder.up)(tx).await?;
            let entry = Entry {
                seq,
                name: seeder.name.to_owned(),
                batch,
                checksum: seeder.checksum(),
                applied_at: OffsetDateTime::now_utc(),
                took_ms: began.elapsed().as_millis().try_into()?,
            };
            Ledger::SEEDS.insert(tx, &entry).await?;
        }
    }
    Ok(())
}
