//! What can be wrong with settings, in words for the operator who has to put it right.

use std::fmt;

/// One mistake: where it is, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key, as it is written at its origin.
    pub key: String,
    /// Where the value came from.
    pub origin: String,
    /// What is wrong, and how to put it right where that is known.
    pub text: String,
}

impl Problem {
    pub(super) fn new(key: impl Into<String>, origin: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            origin: origin.into(),
            text: text.into(),
        }
    }

    /// A mistake that shows only in the combination of values that are each well-formed.
    pub(super) fn of_all(error: &config::ConfigError) -> Self {
        Self::new("the settings", "together", error.to_string())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, in {}: {}", self.key, self.origin, self.text)
    }
}

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError {
    /// The mistakes, at least one.
    pub problems: Vec<Problem>,
}

impl SettingsError {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => write!(f, "a setting is wrong:")?,
            many => write!(f, "{many} settings are wrong:")?,
        }
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}
