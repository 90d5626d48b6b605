//! Rounds: all that is compared takes its turn again and again, so that whatever the machine does besides hits all alike.

use std::{path::Path, time::Duration};

use serde::Serialize;

use super::{
    LOAD_CPU,
    load::{self, Target},
    program::Program,
    servers::Server,
};

/// Clients that ask at the same time, unless it is about how many do.
pub(super) const CONNECTIONS: usize = 32;

/// How often and how long.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Plan {
    pub(super) rounds: usize,
    pub(super) seconds: u64,
}

/// Something that is compared: what is asked for, and the programs that work on the answer.
pub(super) struct Subject<'a> {
    pub(super) name: &'static str,
    pub(super) target: Target,
    pub(super) programs: Vec<&'a Program>,
    pub(super) body_bytes: usize,
    /// Clients that ask at the same time.
    pub(super) connections: usize,
}

impl<'a> Subject<'a> {
    pub(super) fn new(name: &'static str, target: Target, servers: &[&'a Server], body_bytes: usize) -> Self {
        Self {
            name,
            target,
            programs: servers.iter().map(|server| &server.program).collect(),
            body_bytes,
            connections: CONNECTIONS,
        }
    }
}

/// What one subject did in one round.
struct Turn {
    /// Microseconds of processor time per request, of each program.
    cpu_us: Vec<f64>,
    per_second: f64,
    p50_us: f64,
    p99_us: f64,
}

/// What one subject did in all rounds.
#[derive(Serialize)]
pub(super) struct Measured {
    pub(super) name: &'static str,
    pub(super) body_bytes: usize,
    /// Microseconds of processor time per request, of all programs together and of each.
    pub(super) cpu_us: Spread,
    pub(super) programs: Vec<(&'static str, Spread)>,
    pub(super) per_second: Spread,
    /// Both against the first subject, round by round.
    pub(super) cpu_ratio: Spread,
    pub(super) throughput_ratio: Spread,
    pub(super) p50_us: Spread,
    pub(super) p99_us: Spread,
}

/// The median and what lies around it.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) lower_quartile: f64,
    pub(super) upper_quartile: f64,
}

impl Spread {
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * (values.len().saturating_sub(1)) as f64;
            let (below, above) = (place.floor() as usize, place.ceil() as usize);
            let value = |at: usize| values.get(at).copied().unwrap_or(f64::NAN);
            value(below) + (value(above) - value(below)) * place.fract()
        };
        Self {
            median: at(0.5),
            lower_quartile: at(0.25),
            upper_quartile: at(0.75),
        }
    }
}

/// Lets all subjects take their turns; the first one is what the others are held against.
pub(super) async fn run(
    subjects: &[Subject<'_>],
    plan: Plan,
    folder: &Path,
) -> anyhow::Result<Vec<Measured>> {
    for subject in subjects {
        turn(subject, plan, folder).await?;
    }
    let mut turns: Vec<Vec<Turn>> = subjects.iter().map(|_| Vec::new()).collect();
    for round in 0..plan.rounds {
        let mut order: Vec<usize> = (0..subjects.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            turns[at].push(turn(&subjects[at], plan, folder).await?);
        }
    }
    let measured = subjects.iter().zip(&turns);
    Ok(measured
        .map(|(subject, own)| sum_up(subject, own, &turns[0]))
        .collect())
}

async fn turn(subject: &Subject<'_>, plan: Plan, folder: &Path) -> anyhow::Result<Turn> {
    let before = cpu(subject)?;
    let time = Duration::from_secs(plan.seconds);
    let wrk = load::start(&subject.target, subject.connections, time, LOAD_CPU, folder)?;
    let outcome = load::end(wrk).await?;
    let after = cpu(subject)?;
    let requests = outcome.requests as f64;
    let used = before.iter().zip(&after);
    Ok(Turn {
        cpu_us: used
            .map(|(before, after)| (*after - *before).as_micros() as f64 / requests)
            .collect(),
        per_second: requests * 1e6 / outcome.micros as f64,
        p50_us: outcome.p50_us as f64,
        p99_us: outcome.p99_us as f64,
    })
}

fn cpu(subject: &Subject<'_>) -> anyhow::Result<Vec<Duration>> {
    subject.programs.iter().map(|program| program.cpu()).collect()
}

fn sum_up(subject: &Subject<'_>, own: &[Turn], first: &[Turn]) -> Measured {
    let all = |turn: &Turn| turn.cpu_us.iter().sum::<f64>();
    let programs = subject.programs.iter().enumerate();
    let pairs = || own.iter().zip(first);
    Measured {
        name: subject.name,
        body_bytes: subject.body_bytes,
        cpu_us: Spread::of(own.iter().map(all)),
        programs: programs
            .map(|(at, program)| (program.name, Spread::of(own.iter().map(|turn| turn.cpu_us[at]))))
            .collect(),
        per_second: Spread::of(own.iter().map(|turn| turn.per_second)),
        cpu_ratio: Spread::of(pairs().map(|(own, first)| all(own) / all(first))),
        throughput_ratio: Spread::of(pairs().map(|(own, first)| own.per_second / first.per_second)),
        p50_us: Spread::of(own.iter().map(|turn| turn.p50_us)),
        p99_us: Spread::of(own.iter().map(|turn| turn.p99_us)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_median_and_its_quartiles() {
        let spread = Spread::of([4.0, 1.0, 3.0, 2.0, 5.0]);
        assert_eq!(
            (spread.lower_quartile, spread.median, spread.upper_quartile),
            (2.0, 3.0, 4.0)
        );
        assert_eq!(Spread::of([1.0, 2.0]).median, 1.5);
    }
}
