//! What a command will do, decided and checked as a whole before anything is touched.

use std::fmt;

use crate::error::Error;
use crate::ledger::Entry;
use crate::migration::Migration;
use crate::names;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Apply all that is pending.
    Up,
    /// Apply what is pending, as far as this one.
    UpTo(String),
    /// Apply so many.
    UpSteps(usize),
    /// Undo so many, the newest first.
    Undo(usize),
    /// Undo everything.
    UndoAll,
    /// Undo everything that was applied after this one, which stays.
    UndoTo(String),
    /// Undo everything that was applied after this one, and this one too.
    UndoThrough(String),
    /// Undo the newest and apply it again.
    Redo,
}

/// Which way a migration goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It is applied.
    Up,
    /// It is undone.
    Down,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Down => "down",
        })
    }
}

/// One migration, going one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which migration.
    pub name: String,
    /// Which way.
    pub direction: Direction,
}

/// All steps of a command, in order, and what the person who typed it should know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// Pending migrations that are older than an applied one: they were merged late.
    pub out_of_order: Vec<String>,
    /// Applied migrations that this program does not know: a newer release applied them.
    pub unknown: Vec<String>,
}

impl Plan {
    /// Plans an order, or says why it cannot be done.
    pub(crate) fn new(order: &Order, migrations: &[Migration], entries: &[Entry]) -> Result<Self, Error> {
        match order {
            Order::Up | Order::UpTo(_) | Order::UpSteps(_) => up(order, migrations, entries),
            Order::Redo => {
                let mut plan = down(1, migrations, entries)?;
                let again = plan.steps.iter().map(|step| Step {
                    direction: Direction::Up,
                    ..step.clone()
                });
                plan.steps.extend(again.collect::<Vec<_>>());
                Ok(plan)
            }
            Order::Undo(steps) if *steps > entries.len() => Err(Error::NotSoMany {
                asked: *steps,
                applied: entries.len(),
            }),
            Order::Undo(steps) => down(*steps, migrations, entries),
            Order::UndoAll => down(entries.len(), migrations, entries),
            Order::UndoTo(name) => down(applied_since(name, migrations, entries)?, migrations, entries),
            Order::UndoThrough(name) => {
                down(applied_since(name, migrations, entries)? + 1, migrations, entries)
            }
        }
    }
}

fn up(order: &Order, migrations: &[Migration], entries: &[Entry]) -> Result<Plan, Error> {
    let changed = changed(migrations, entries);
    if !changed.is_empty() {
        return Err(Error::Changed(changed));
    }
    let mut pending: Vec<_> = migrations
        .iter()
        .map(|migration| migration.name)
        .filter(|name| entry_of(name, entries).is_none())
        .collect();
    match order {
        Order::UpTo(name) => {
            let last = names::find("migration", &all_names(migrations), name)?;
            pending.retain(|name| *name <= last);
        }
        Order::UpSteps(steps) => pending.truncate(*steps),
        _ => (),
    }
    let newest = entries
        .iter()
        .map(|entry| entry.name.as_str())
        .max()
        .unwrap_or_default();
    let out_of_order = pending
        .iter()
        .filter(|name| **name < newest)
        .map(|name| (*name).to_owned());
    Ok(Plan {
        out_of_order: out_of_order.collect(),
        unknown: entries
            .iter()
            .filter(|entry| migration_of(&entry.name, migrations).is_none())
            .map(|entry| entry.name.clone())
            .collect(),
        steps: pending
            .iter()
            .map(|name| Step {
                name: (*name).to_owned(),
                direction: Direction::Up,
            })
            .collect(),
    })
}

/// Undoes the newest so many, in the reverse order of their application.
fn down(steps: usize, migrations: &[Migration], entries: &[Entry]) -> Result<Plan, Error> {
    let names: Vec<_> = entries
        .iter()
        .rev()
        .take(steps)
        .map(|entry| entry.name.clone())
        .collect();
    let known: Vec<_> = names
        .iter()
        .filter_map(|name| migration_of(name, migrations))
        .collect();
    if known.len() < names.len() {
        let unknown = |name: &&String| migration_of(name, migrations).is_none();
        return Err(Error::Missing(names.iter().filter(unknown).cloned().collect()));
    }
    for migration in known {
        if let Some(reason) = migration.down().irreversible_because() {
            return Err(Error::Irreversible {
                name: migration.name.to_owned(),
                reason,
            });
        }
    }
    let steps = names.into_iter().map(|name| Step {
        name,
        direction: Direction::Down,
    });
    Ok(Plan {
        steps: steps.collect(),
        ..Plan::default()
    })
}

/// How many were applied after this one.
fn applied_since(typed: &str, migrations: &[Migration], entries: &[Entry]) -> Result<usize, Error> {
    let mut known = all_names(migrations);
    known.extend(entries.iter().map(|entry| entry.name.as_str()));
    known.sort_unstable();
    known.dedup();
    let name = names::find("migration", &known, typed)?;
    let after = entries.iter().rev().position(|entry| entry.name == name);
    after.ok_or_else(|| Error::NotApplied(name.to_owned()))
}

/// The applied migrations whose SQL is another now.
pub(crate) fn changed(migrations: &[Migration], entries: &[Entry]) -> Vec<String> {
    migrations
        .iter()
        .filter(|migration| {
            entry_of(migration.name, entries).is_some_and(|entry| entry.checksum != migration.checksum())
        })
        .map(|migration| migration.name.to_owned())
        .collect()
}

fn all_names<'a>(migrations: &[Migration]) -> Vec<&'a str> {
    migrations.iter().map(|migration| migration.name).collect()
}

pub(crate) fn entry_of<'a>(name: &str, entries: &'a [Entry]) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.name == name)
}

pub(crate) fn migration_of<'a>(name: &str, migrations: &'a [Migration]) -> Option<&'a Migration> {
    migrations.iter().find(|migration| migration.name == name)
}
