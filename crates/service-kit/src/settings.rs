//! Settings in three layers: the documented file that is built into the program, a file of the
//! operator, the environment. The later one wins.
//!
//! The built-in file holds every key with a value of the right type, so it is the schema of the others:
//! whatever it does not have is a mistake. All mistakes are reported at once.

mod layers;
mod period;
mod problems;

use std::{net::SocketAddr, path::Path};

use serde::{Deserialize, de::DeserializeOwned};

pub use period::Period;
pub use problems::{Problem, SettingsError};

/// What the names of our environment variables begin with; two underscores go between the levels.
pub const PREFIX: &str = "TRIPTYCH_";

/// Where a server listens.
#[derive(Clone, Debug, Deserialize)]
pub struct Listen {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
}

/// Where health and metrics are to be had.
#[derive(Clone, Debug, Deserialize)]
pub struct AdminSettings {
    /// Address and port; keep it where only operators can reach it.
    pub listen: SocketAddr,
}

/// What is logged, and how.
#[derive(Clone, Debug, Deserialize)]
pub struct LogSettings {
    /// A level, or directives such as `info,tower_http=debug`.
    pub level: String,
    /// For people or for machines.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object for machines.
    Json,
}

/// The process's own environment, without what is not Unicode.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Reads the settings: `defaults` (the text of the built-in file), then `file`, then what of
/// `environment` begins with [`PREFIX`].
pub fn load<T: DeserializeOwned>(
    defaults: &str,
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<T, SettingsError> {
    let base = layers::built_in(defaults)?;
    let known = layers::leaves(&base.cache);
    let mut given = Vec::new();
    let mut problems = Vec::new();

    if let Some(file) = file {
        match layers::from_file(file, &known) {
            Ok(found) => layers::sort_out(found, &mut given, &mut problems),
            Err(problem) => problems.push(problem),
        }
    }
    layers::sort_out(
        layers::from_environment(environment, &known),
        &mut given,
        &mut problems,
    );

    // Serde stops at the first mistake, so each given value is tried alone against the defaults first.
    for one in &given {
        if let Err(error) = layers::read::<T>(&base, std::slice::from_ref(one)) {
            problems.push(one.refused(&error));
        }
    }
    if !problems.is_empty() {
        return Err(SettingsError::new(problems));
    }
    layers::read(&base, &given).map_err(|error| SettingsError::new(vec![Problem::of_all(&error)]))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const DEFAULTS: &str = r#"
        [server]
        listen = "127.0.0.1:8081"
        drain = "10s"
        connections = 4000
        [log]
        level = "info"
        format = "text"
        [conduit]
        tokens = true
        origins = ["http://localhost:5173"]
    "#;

    #[derive(Debug, Deserialize)]
    struct Settings {
        server: Server,
        log: LogSettings,
        conduit: Conduit,
    }

    #[derive(Debug, Deserialize)]
    struct Server {
        listen: SocketAddr,
        drain: Period,
        connections: usize,
    }

    #[derive(Debug, Deserialize)]
    struct Conduit {
        tokens: bool,
        origins: Vec<String>,
    }

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect()
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::Builder::new()
            .suffix(".toml")
            .tempfile()
            .expect("a temporary file");
        file.write_all(text.as_bytes()).expect("the file can be written");
        file
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let file = file("[server]\nlisten = '127.0.0.1:1'\ndrain = '800ms'");
        let variables = variables(&[
            ("TRIPTYCH_SERVER__LISTEN", "127.0.0.1:2"),
            ("TRIPTYCH_CONDUIT__TOKENS", "false"),
            ("TRIPTYCH_CONDUIT__ORIGINS", "http://a.test, http://b.test"),
            ("PATH", "/bin"),
        ]);

        let settings: Settings = load(DEFAULTS, Some(file.path()), variables).expect("all is well");

        assert_eq!(settings.server.listen.port(), 2);
        assert_eq!(settings.server.drain.get().as_millis(), 800);
        assert_eq!(settings.server.connections, 4000);
        assert_eq!(settings.log.format, LogFormat::Text);
        assert!(!settings.conduit.tokens);
        assert_eq!(settings.conduit.origins, ["http://a.test", "http://b.test"]);
    }

    #[test]
    fn reports_all_mistakes_at_once_with_key_origin_and_fix() {
        let file = file("[server]\nlisen = '127.0.0.1:1'\nconnections = 'many'\n[log]\nformat = 'xml'");
        let variables = variables(&[
            ("TRIPTYCH_SERVER__DRAIN", "soon"),
            ("TRIPTYCH_CONDUIT__TOKENS", "perhaps"),
            ("TRIPTYCH_X", "1"),
        ]);

        let error = load::<Settings>(DEFAULTS, Some(file.path()), variables).expect_err("six mistakes");

        let text = error
            .to_string()
            .replace(&file.path().display().to_string(), "FILE");
        let expected = [
            "6 settings are wrong:",
            "  server.lisen, in FILE: no such setting; did you mean `server.listen`?",
            "  TRIPTYCH_CONDUIT__TOKENS, in the environment: `perhaps` is neither `true` nor `false`",
            "  TRIPTYCH_X, in the environment: no such setting; there are [conduit], [log], [server]",
            "  server.connections, in FILE: ",
            "  log.format, in FILE: ",
            "  TRIPTYCH_SERVER__DRAIN, in the environment: ",
        ];
        for line in expected {
            assert!(text.contains(line), "{line:?} is not in:\n{text}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_or_no_toml_is_named() {
        let missing =
            load::<Settings>(DEFAULTS, Some(Path::new("/nowhere/x.toml")), []).expect_err("no file");
        assert!(missing.to_string().contains("/nowhere/x.toml"), "{missing}");

        let broken = file("[server\nlisten = 1");
        let broken = load::<Settings>(DEFAULTS, Some(broken.path()), []).expect_err("no TOML");
        assert!(broken.to_string().contains("line 1"), "{broken}");
    }
}
