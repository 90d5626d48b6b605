//! The layers of the settings: how each is read, and what of it is no setting.

use std::{collections::BTreeMap, path::Path};

use config::{Config, ConfigError, File, FileFormat, Value, ValueKind};
use serde::de::DeserializeOwned;

use super::{PREFIX, Problem, SettingsError};

/// Every key that there is, with its default.
pub(super) type Known = BTreeMap<String, ValueKind>;

/// A value that an operator gave.
pub(super) struct Given {
    key: String,
    value: ValueKind,
    /// The key as it is written where the value came from.
    written: String,
    origin: String,
}

impl Given {
    /// The problem of a value that the program cannot use.
    pub(super) fn refused(&self, error: &ConfigError) -> Problem {
        Problem::new(&self.written, &self.origin, plain(error))
    }
}

/// Parses the built-in file; a mistake in it is one of ours.
pub(super) fn built_in(text: &str) -> Result<Config, SettingsError> {
    parse(text).map_err(|error| {
        SettingsError::new(vec![Problem::new(
            "the file",
            "the built-in settings",
            error.to_string(),
        )])
    })
}

/// The keys and values below a table, keys dotted.
pub(super) fn leaves(root: &Value) -> Known {
    fn walk(value: &Value, path: &str, found: &mut Known) {
        let ValueKind::Table(table) = &value.kind else {
            found.insert(path.to_owned(), value.kind.clone());
            return;
        };
        for (name, value) in table {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            walk(value, &path, found);
        }
    }
    let mut found = Known::new();
    walk(root, "", &mut found);
    found
}

/// What the operator's file gives.
pub(super) fn from_file(file: &Path, known: &Known) -> Result<Vec<Result<Given, Problem>>, Problem> {
    let origin = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Problem::new("the file", &origin, format!("cannot be read: {error}")))?;
    let parsed = parse(&text).map_err(|error| Problem::new("the file", &origin, error.to_string()))?;
    let given = leaves(&parsed.cache)
        .into_iter()
        .map(|(key, value)| match known.contains_key(&key) {
            true => Ok(Given {
                written: key.clone(),
                key,
                value,
                origin: origin.clone(),
            }),
            false => Err(Problem::new(
                &key,
                &origin,
                unknown(&key, known, |key| key.to_owned()),
            )),
        });
    Ok(given.collect())
}

/// What the environment gives.
pub(super) fn from_environment(
    environment: impl IntoIterator<Item = (String, String)>,
    known: &Known,
) -> Vec<Result<Given, Problem>> {
    let mut ours: Vec<_> = environment
        .into_iter()
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    ours.sort();
    ours.into_iter()
        .map(|(name, text)| from_variable(name, text, known))
        .collect()
}

fn from_variable(name: String, text: String, known: &Known) -> Result<Given, Problem> {
    const ORIGIN: &str = "the environment";
    let key = name[PREFIX.len()..].to_lowercase().replace("__", ".");
    let Some(default) = known.get(&key) else {
        let as_variable = |key: &str| format!("{PREFIX}{}", key.to_uppercase().replace('.', "__"));
        return Err(Problem::new(name, ORIGIN, unknown(&key, known, as_variable)));
    };
    match typed(&text, default) {
        Ok(value) => Ok(Given {
            key,
            value,
            written: name,
            origin: ORIGIN.to_owned(),
        }),
        Err(problem) => Err(Problem::new(name, ORIGIN, problem)),
    }
}

/// Puts what is well on one pile and what is not on the other.
pub(super) fn sort_out(
    found: Vec<Result<Given, Problem>>,
    given: &mut Vec<Given>,
    problems: &mut Vec<Problem>,
) {
    for one in found {
        match one {
            Ok(one) => given.push(one),
            Err(problem) => problems.push(problem),
        }
    }
}

/// The settings that `base` and `given` make together.
pub(super) fn read<T: DeserializeOwned>(base: &Config, given: &[Given]) -> Result<T, ConfigError> {
    let mut builder = Config::builder().add_source(base.clone());
    for one in given {
        builder = builder.set_override(&one.key, Value::new(None, one.value.clone()))?;
    }
    builder.build()?.try_deserialize()
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::builder()
        .add_source(File::from_str(text, FileFormat::Toml))
        .build()
}

/// The text of a variable as a value of the default's type.
fn typed(text: &str, default: &ValueKind) -> Result<ValueKind, String> {
    match default {
        ValueKind::Boolean(_) => text
            .parse::<bool>()
            .map(ValueKind::from)
            .map_err(|_| format!("`{text}` is neither `true` nor `false`")),
        ValueKind::I64(_) => text
            .parse::<i64>()
            .map(ValueKind::from)
            .map_err(|_| format!("`{text}` is no whole number")),
        ValueKind::Float(_) => text
            .parse::<f64>()
            .map(ValueKind::from)
            .map_err(|_| format!("`{text}` is no number")),
        ValueKind::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(ValueKind::from(items.map(str::to_owned).collect::<Vec<_>>()))
        }
        _ => Ok(ValueKind::from(text)),
    }
}

/// What to say about a key that there is not: the nearest one, or where to look.
fn unknown(key: &str, known: &Known, written: impl Fn(&str) -> String) -> String {
    let near = known
        .keys()
        .map(|candidate| (strsim::jaro_winkler(key, candidate), candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((likeness, candidate)) = near
        && likeness > 0.9
    {
        return format!("no such setting; did you mean `{}`?", written(candidate));
    }
    let section = key.split('.').next().unwrap_or_default();
    let inside: Vec<_> = known
        .keys()
        .filter_map(|k| k.strip_prefix(section)?.strip_prefix('.'))
        .collect();
    if !inside.is_empty() {
        return format!("no such setting; [{section}] has {}", inside.join(", "));
    }
    let mut sections: Vec<_> = known.keys().filter_map(|k| k.split('.').next()).collect();
    sections.dedup();
    format!("no such setting; there are [{}]", sections.join("], ["))
}

/// The error in a line, without the words of the library about its own place.
fn plain(error: &ConfigError) -> String {
    match error {
        ConfigError::At { error, .. } => plain(error),
        ConfigError::Type {
            unexpected, expected, ..
        } => format!("found {unexpected}, expected {expected}"),
        other => other.to_string(),
    }
}
