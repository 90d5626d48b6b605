//! On what all this was measured.

use std::{collections::BTreeMap, fs, process::Command};

use serde::Serialize;

/// The machine and the versions of what is not ours.
#[derive(Serialize)]
pub(super) struct Machine {
    processor: String,
    cores: usize,
    memory_bytes: u64,
    kernel: String,
    /// What the last minute was like before we began.
    load_average: String,
    versions: BTreeMap<&'static str, String>,
}

impl Machine {
    pub(super) fn look() -> anyhow::Result<Self> {
        let cpu = fs::read_to_string("/proc/cpuinfo")?;
        let memory = fs::read_to_string("/proc/meminfo")?;
        let value = |text: &str, key: &str| {
            let line = text.lines().find(|line| line.starts_with(key));
            let value = line.and_then(|line| line.split_once(':'));
            value
                .map(|(_, value)| value.trim().to_owned())
                .unwrap_or_default()
        };
        let kib = value(&memory, "MemTotal");
        let kib: u64 = kib.trim_end_matches(" kB").parse().unwrap_or_default();
        let average = fs::read_to_string("/proc/loadavg")?;
        Ok(Self {
            processor: value(&cpu, "model name"),
            cores: std::thread::available_parallelism()?.get(),
            memory_bytes: kib * 1024,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?
                .trim()
                .to_owned(),
            load_average: average.split(' ').next().unwrap_or_default().to_owned(),
            versions: BTreeMap::from([
                ("nginx", said("nginx", "-v")),
                ("node", said("node", "--version")),
                ("rustc", said("rustc", "--version")),
                ("wrk", said("wrk", "-v")),
            ]),
        })
    }
}

/// The first line that a program says of itself.
fn said(program: &str, question: &str) -> String {
    let Ok(output) = Command::new(program).arg(question).output() else {
        return "not there".to_owned();
    };
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let line = said.lines().next().unwrap_or_default();
    line.split(" Copyright")
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned()
}
