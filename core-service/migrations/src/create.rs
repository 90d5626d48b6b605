//! Writes the file of a new step from a template.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use crate::folder;

/// What a new migration begins as.
pub const MIGRATION_TEMPLATE: &str = include_str!("migration.template");

/// Finds a folder of the source tree, such as `core-service/migrations`, from here upwards.
pub fn source_folder(inside: &str) -> Result<PathBuf, String> {
    let here = env::current_dir().map_err(|e| format!("the working directory cannot be read: {e}"))?;
    let mut folders = here.ancestors().map(|folder| folder.join(inside));
    folders.find(|folder| folder.is_dir()).ok_or_else(|| {
        format!(
            "there is no {inside} in {} or above it; run this inside the source tree",
            here.display()
        )
    })
}

/// Writes a new step into a folder; its timestamp is now, or the next second that no other step has.
pub fn create(folder: &Path, words: &str, template: &str, now: OffsetDateTime) -> Result<PathBuf, String> {
    folder::check_words(words)?;
    let known = folder::list(folder)?;
    if let Some(twin) = known
        .iter()
        .find(|file| file.name.split_once('-').is_some_and(|(_, w)| w == words))
    {
        return Err(format!("`{}` has this name already; choose another", twin.name));
    }
    let format = format_description!("[year][month][day][hour][minute][second]");
    let mut moment = now;
    let name = loop {
        let stamp = moment.format(format).map_err(|e| e.to_string())?;
        if !known.iter().any(|file| file.name.starts_with(&stamp)) {
            break format!("{stamp}-{words}");
        }
        moment += Duration::SECOND;
    };
    let path = folder.join(format!("{name}.rs"));
    let text = template.replace("{what}", &sentence(words));
    fs::write(&path, text).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    Ok(path)
}

/// `add-email-to-users` as the start of a sentence: `Add email to users`.
fn sentence(words: &str) -> String {
    let text = words.replace('-', " ");
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
