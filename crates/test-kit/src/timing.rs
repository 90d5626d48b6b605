//! Whether one thing takes longer than another, told from how long each took many times.

use std::time::Duration;

/// What [`difference`] is beyond once in 16,000 times where there is none.
pub const BY_CHANCE: f64 = 4.0;

/// How sure it is that one of two things takes longer: Mann and Whitney's U, in standard deviations. It looks at nothing
/// but the order, so that a few that took very long because of something else weigh no more than others.
pub fn difference(ours: &[Duration], theirs: &[Duration]) -> f64 {
    let pairs = ours
        .iter()
        .flat_map(|our| theirs.iter().map(move |their| our.cmp(their)));
    let slower: f64 = pairs.map(|order| (f64::from(order as i8) + 1.0) / 2.0).sum();
    let (ours, theirs) = (ours.len() as f64, theirs.len() as f64);
    let deviation = (ours * theirs * (ours + theirs + 1.0) / 12.0).sqrt();
    ((slower - ours * theirs / 2.0) / deviation).abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_as_long_is_no_different_and_what_takes_longer_is() {
        let took = |first: u64, step: usize| -> Vec<_> {
            (first..first + 40)
                .step_by(step)
                .map(Duration::from_millis)
                .collect()
        };
        assert_eq!(difference(&took(0, 1), &took(0, 1)), 0.0);
        assert!(difference(&took(0, 2), &took(1, 2)) < 1.0);
        assert!(difference(&took(0, 1), &took(30, 1)) > BY_CHANCE);
        assert!(difference(&took(30, 1), &took(0, 1)) > BY_CHANCE);
    }
}
