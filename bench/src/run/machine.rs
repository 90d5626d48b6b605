//! On what all this was measured.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

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
    versions: BTreeMap<String, String>,
}

impl Machine {
    /// Looks at this machine; `peers` is the folder of the gateways of others.
    pub(super) fn look(peers: &Path) -> anyhow::Result<Self> {
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
            versions: versions(peers),
        })
    }
}

/// The versions of programs, as they tell them, and of libraries, as Debian or `package.json` has them.
fn versions(peers: &Path) -> BTreeMap<String, String> {
    let grpc_go = ["--show", "--showformat=${Version}", "golang-google-grpc-dev"];
    let told = [
        ("go", said("go", &["version"])),
        ("grpc-go", said("dpkg-query", &grpc_go)),
        ("nginx", said("nginx", &["-v"])),
        ("node", said("node", &["--version"])),
        ("rustc", said("rustc", &["--version"])),
        ("wrk", said("wrk", &["-v"])),
    ];
    let told = told.map(|(name, version)| (name.to_owned(), version));
    let of_npm = ["fastify", "tailcall"].map(|peer| dependencies(&peers.join(peer)));
    told.into_iter().chain(of_npm.into_iter().flatten()).collect()
}

/// What a `package.json` depends on, and in which version.
fn dependencies(folder: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder.join("package.json")).unwrap_or_default();
    let package: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    serde_json::from_value(package["dependencies"].clone()).unwrap_or_default()
}

/// The first line that a program says of itself.
fn said(program: &str, question: &[&str]) -> String {
    let Ok(output) = Command::new(program).args(question).output() else {
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
