//! The programs that are measured: where they run, and what they have used so far.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop, ProcessGroup};

/// The signal that asks a program to end.
const SIGTERM: i32 = 15;
/// How long it may take to do so.
const PATIENCE: Duration = Duration::from_secs(10);
/// Clock ticks of `/proc` in a second, which Linux promises to programs whatever its own clock does.
const TICKS: u64 = 100;
/// Bytes of a page of memory.
const PAGE_BYTES: u64 = 4096;

/// A program that runs, with whatever it has started itself.
pub(super) struct Program {
    pub(super) name: &'static str,
    /// Nothing where somebody else has started it, and will end it.
    child: Option<Box<dyn ChildWrapper>>,
    pid: u32,
}

impl Program {
    /// Starts it on one core of the machine; what it says goes to a file in `folder`.
    pub(super) fn start(
        name: &'static str,
        command: &Command,
        cpu: usize,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let log = fs::File::create(folder.join(format!("{name}.log")))?;
        let mut pinned = tokio::process::Command::new("taskset");
        pinned
            .args(["-c", &cpu.to_string()])
            .arg(command.get_program())
            .args(command.get_args());
        pinned.envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        if let Some(folder) = command.get_current_dir() {
            pinned.current_dir(folder);
        }
        pinned.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = CommandWrap::from(pinned)
            .wrap(KillOnDrop)
            .wrap(ProcessGroup::leader())
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        let pid = child.id().with_context(|| format!("{name} has ended"))?;
        Ok(Self {
            name,
            child: Some(child),
            pid,
        })
    }

    /// One that runs already: whatever it starts from now on runs on that core.
    pub(super) fn running(name: &'static str, pid: u32, cpu: usize) -> anyhow::Result<Self> {
        let mut taskset = Command::new("taskset");
        taskset.args(["-a", "-p", "-c", &cpu.to_string(), &pid.to_string()]);
        let output = taskset.output()?;
        ensure!(
            output.status.success(),
            "pinning {name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(Self {
            name,
            child: None,
            pid,
        })
    }

    /// Fails where it has ended.
    pub(super) fn is_alive(&mut self) -> anyhow::Result<()> {
        let Some(child) = &mut self.child else {
            return Ok(());
        };
        match child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended: {status}", self.name),
        }
    }

    /// The processor time of all its processes up to now.
    pub(super) fn cpu(&self) -> anyhow::Result<Duration> {
        let ticks: u64 = self.processes()?.iter().map(|process| process.ticks).sum();
        Ok(Duration::from_millis(ticks * 1_000 / TICKS))
    }

    /// The memory that is its own, of all its processes.
    pub(super) fn resident_bytes(&self) -> anyhow::Result<u64> {
        Ok(self
            .processes()?
            .iter()
            .map(|process| process.resident_bytes)
            .sum())
    }

    /// Ends it.
    pub(super) async fn stop(self) {
        let Some(mut child) = self.child else { return };
        let _ = child.signal(SIGTERM);
        if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
            let _ = child.start_kill();
            let _ = child.wait().await;
        }
    }

    /// This process, its children and theirs.
    fn processes(&self) -> anyhow::Result<Vec<Process>> {
        let mut by_parent: HashMap<u32, Vec<Process>> = HashMap::new();
        for entry in fs::read_dir("/proc")? {
            let Ok(stat) = fs::read_to_string(entry?.path().join("stat")) else {
                continue;
            };
            let Some((parent, process)) = parse(&stat) else {
                continue;
            };
            // The parents of this one do not matter.
            let parent = if process.pid == self.pid { 0 } else { parent };
            by_parent.entry(parent).or_default().push(process);
        }
        let mut family: Vec<Process> = by_parent.remove(&0).unwrap_or_default();
        family.retain(|process| process.pid == self.pid);
        let mut next = 0;
        while let Some(process) = family.get(next) {
            family.extend(by_parent.remove(&process.pid).unwrap_or_default());
            next += 1;
        }
        Ok(family)
    }
}

/// A process, as `/proc/PID/stat` has it.
struct Process {
    pid: u32,
    /// What it has used itself, and what those of its children had used that are gone.
    ticks: u64,
    resident_bytes: u64,
}

/// The parent's number and the process.
fn parse(stat: &str) -> Option<(u32, Process)> {
    let (pid, rest) = stat.split_once(' ')?;
    // The name may have blanks and brackets in it.
    let (_, fields) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    let process = Process {
        pid: pid.parse().ok()?,
        ticks: number(11)? + number(12)? + number(13)? + number(14)?,
        resident_bytes: number(21)? * PAGE_BYTES,
    };
    Some((number(1)? as u32, process))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_process_whatever_its_name_is() {
        let stat = "42 (a) b (c) S 7 42 42 0 -1 4194560 100 0 0 0 30 12 5 3 20 0 8 0 1000 22000000 2560 18446744073709551615";
        let (parent, process) = parse(stat).expect("a process");
        assert_eq!((parent, process.pid), (7, 42));
        assert_eq!(process.ticks, 30 + 12 + 5 + 3);
        assert_eq!(process.resident_bytes, 2560 * 4096);
    }
}
