//! Finds the step that a person means: by its full name, without the timestamp, or by the start of either.

use crate::Error;

/// The name among `names` that `typed` means; an error that lists the near ones where it means none or several.
pub fn find<'a>(kind: &'static str, names: &[&'a str], typed: &str) -> Result<&'a str, Error> {
    let typed = typed.strip_suffix(".rs").unwrap_or(typed);
    if let Some(name) = names.iter().find(|name| **name == typed || words(name) == typed) {
        return Ok(name);
    }
    let starts = |name: &&&str| name.starts_with(typed) || words(name).starts_with(typed);
    let mut matches = names.iter().filter(starts).filter(|_| !typed.is_empty());
    match (matches.next(), matches.next()) {
        (Some(name), None) => Ok(name),
        (Some(first), Some(second)) => Err(Error::AmbiguousName {
            name: typed.to_owned(),
            matches: [*first, *second]
                .into_iter()
                .chain(matches.copied())
                .map(str::to_owned)
                .collect(),
        }),
        (None, _) => Err(Error::UnknownName {
            kind,
            name: typed.to_owned(),
            near: near(names, typed),
        }),
    }
}

/// Names that look like what was typed, the nearest first; at most three.
fn near(names: &[&str], typed: &str) -> Vec<String> {
    const ALIKE: f64 = 0.5;
    const ALIKE_AS_THE_BEST: f64 = 0.2;
    let likeness = |name: &str| {
        let to = |known| strsim::normalized_damerau_levenshtein(known, typed);
        to(name).max(to(words(name)))
    };
    let mut scored: Vec<_> = names.iter().map(|name| (likeness(name), *name)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    let worth_a_look = |(score, _): &(f64, &str)| *score >= ALIKE.max(best - ALIKE_AS_THE_BEST);
    let near = scored.into_iter().take_while(worth_a_look).take(3);
    near.map(|(_, name)| name.to_owned()).collect()
}

/// The name without its timestamp.
fn words(name: &str) -> &str {
    name.split_once('-').map_or(name, |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = [
        "20250818150000-create-users",
        "20250818152000-create-posts",
        "20250818153000-create-posts-again",
        "20250822093000-create-post-tags",
    ];

    fn refusal(typed: &str) -> String {
        find("migration", &NAMES, typed)
            .expect_err("a refusal")
            .to_string()
    }

    #[test]
    fn finds_a_step_by_its_name_in_any_form() {
        for typed in [
            "20250818150000-create-users",
            "20250818150000-create-users.rs",
            "create-users",
            "create-us",
            "2025081815000",
        ] {
            assert_eq!(
                find("migration", &NAMES, typed).expect("a name"),
                NAMES[0],
                "{typed}"
            );
        }
    }

    #[test]
    fn prefers_the_whole_name_to_the_start_of_another() {
        assert_eq!(
            find("migration", &NAMES, "create-posts").expect("a name"),
            NAMES[1]
        );
    }

    #[test]
    fn lists_the_near_names_of_one_that_does_not_exist() {
        insta::assert_snapshot!(refusal("create-user-table"), @"
        there is no migration `create-user-table`; did you mean one of these?
          20250818150000-create-users
          20250822093000-create-post-tags
          20250818153000-create-posts-again
        ");
        insta::assert_snapshot!(refusal("zebra"), @"there is no migration `zebra`");
    }

    #[test]
    fn asks_for_more_of_a_name_that_may_be_several() {
        insta::assert_snapshot!(refusal("create-post"), @"
        `create-post` may be any of these, so give more of the name:
          20250818152000-create-posts
          20250818153000-create-posts-again
          20250822093000-create-post-tags
        ");
        assert!(refusal("").contains("there is no migration"));
    }
}
