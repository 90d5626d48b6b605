//! One process of the cluster: started, killed, stopped, asked how it is.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::process::{Child, Command};

use reqwest::{Method, RequestBuilder};
use test_kit::client::{Answer, Client};

/// How long a process may take to become ready, and to stop; generous, for machines that build beside.
const PATIENCE: Duration = Duration::from_secs(60);

/// The setting of the port of operators.
const ADMIN: &str = "TRIPTYCH_ADMIN__LISTEN";

/// A process that can be stopped and started again in the same place.
pub struct Program {
    name: &'static str,
    listen: &'static str,
    environment: Vec<(&'static str, String)>,
    client: Client,
    admin: Client,
    log: PathBuf,
    child: Option<Child>,
}

/// The path of one of our programs: beside the folder of the test executables.
pub fn binary(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("a test knows its own path");
    let folder = this.ancestors().nth(2).expect("a test lies in a target folder");
    let path = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        path.exists(),
        "{} is not built: run `cargo build --workspace --bins` first",
        path.display()
    );
    path
}

/// Asks until the answer is yes; fails where that takes too long.
pub async fn eventually(what: &str, mut question: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !question().await {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// Sends a request until its answer does not come too late, as on a machine that does much besides.
pub async fn in_time(client: &Client, request: RequestBuilder) -> Answer {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = client.send(request.try_clone().expect("not a stream")).await;
        if answer.status != 504 {
            return answer;
        }
        assert!(Instant::now() < deadline, "all came too late: {}", answer.body);
    }
}

impl Program {
    /// A process that has not been started yet; it logs into a file of `folder`.
    pub(crate) fn new(
        name: &'static str,
        folder: &Path,
        (listen, port): (&'static str, u16),
        admin_port: u16,
        settings: Vec<(&'static str, String)>,
    ) -> Self {
        let mut environment = settings;
        environment.push((listen, format!("127.0.0.1:{port}")));
        environment.push((ADMIN, format!("127.0.0.1:{admin_port}")));
        let log = folder.join(format!("{name}-{port}.log"));
        Self {
            name,
            listen,
            environment,
            client: Client::of((Ipv4Addr::LOCALHOST, port).into()),
            admin: Client::of((Ipv4Addr::LOCALHOST, admin_port).into()),
            log,
            child: None,
        }
    }

    /// Another process with the same settings, on ports of its own, that has not been started yet.
    pub(crate) fn replica(&self, folder: &Path, port: u16, admin_port: u16) -> Self {
        let settings = self
            .environment
            .iter()
            .filter(|(name, _)| ![self.listen, ADMIN].contains(name));
        let settings = settings.cloned().collect();
        Self::new(self.name, folder, (self.listen, port), admin_port, settings)
    }

    /// Gives it another value of a setting, from its next start on.
    pub(crate) fn changes(&mut self, name: &'static str, value: String) {
        self.environment.push((name, value));
    }

    /// A guest of this process; of no use with the core, whose clients speak gRPC.
    pub fn guest(&self) -> &Client {
        &self.client
    }

    /// Starts it, and waits until it is ready.
    pub async fn start(&mut self) {
        self.launch();
        self.ready().await;
    }

    /// Starts it.
    pub(crate) fn launch(&mut self) {
        assert!(self.child.is_none(), "{} runs already", self.name);
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .expect("a log file");
        let mut command = Command::new(binary(self.name));
        command
            .arg("serve")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log file"))
            .stderr(log);
        self.child = Some(command.kill_on_drop(true).spawn().expect("a program that starts"));
    }

    /// Waits until it says that it is ready.
    pub async fn ready(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name);
        let child = self.child.as_mut().expect("it was started");
        eventually(&format!("{name} is ready"), async || {
            let ended = child.try_wait().expect("its state can be asked");
            assert!(
                ended.is_none(),
                "{name} ended instead of becoming ready: {ended:?}"
            );
            is_ready(&admin).await
        })
        .await;
    }

    /// Waits until it says that it is not ready.
    pub async fn unready(&self) {
        eventually(&format!("{} is not ready", self.name), async || {
            !is_ready(&self.admin).await
        })
        .await;
    }

    /// Ends it at once, as a crash would (`kill -9`).
    pub async fn kill(&mut self) {
        let mut child = self.child.take().expect("it was started");
        child.kill().await.expect("it can be killed");
    }

    /// Asks it to stop (SIGTERM); gives how it ended, and after how long.
    pub async fn stop(&mut self) -> (ExitStatus, Duration) {
        let asked = Instant::now();
        self.signal("-TERM").await;
        let mut child = self.child.take().expect("it was started");
        let ended = tokio::time::timeout(PATIENCE, child.wait()).await;
        let status = ended.unwrap_or_else(|_| panic!("{} did not stop within {PATIENCE:?}", self.name));
        (status.expect("its end can be waited for"), asked.elapsed())
    }

    /// Stops it in its tracks: it keeps its connections and answers nothing (SIGSTOP).
    pub async fn freeze(&self) {
        self.signal("-STOP").await;
    }

    /// Lets a frozen one go on.
    pub async fn thaw(&self) {
        self.signal("-CONT").await;
    }

    /// Sends a signal with the system's own `kill`, because that needs no unsafe code.
    async fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.id().to_string()])
            .status()
            .await;
        assert!(
            status.is_ok_and(|status| status.success()),
            "{} can be sent {signal}",
            self.name
        );
    }

    /// Whether it still runs, and is the process that was started.
    pub fn is_alive(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// The number of the running process.
    pub fn id(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).expect("it runs")
    }

    /// Where its clients find it.
    pub fn address(&self) -> SocketAddr {
        let (_, address) = self.client.base().split_once("://").expect("an address");
        address.parse().expect("an address")
    }

    /// How much memory it has.
    pub fn resident_bytes(&self) -> u64 {
        let pages = std::fs::read_to_string(format!("/proc/{}/statm", self.id())).expect("it runs on Linux");
        let pages = pages
            .split(' ')
            .nth(1)
            .and_then(|pages| pages.parse::<u64>().ok());
        pages.expect("a number") * 4096
    }

    /// A counter of its metrics, added up over its labels; 0 where nothing was counted yet.
    pub async fn metric(&self, name: &str) -> f64 {
        self.metric_of(name, "").await
    }

    /// The same, over those of its labels only that have this in them.
    pub async fn metric_of(&self, name: &str, label: &str) -> f64 {
        let metrics = self.admin.get("/metrics").await;
        let text = metrics.body.as_str().unwrap_or_default();
        let lines = text.lines().filter(|line| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with([' ', '{']) && rest.contains(label))
        });
        let values = lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok());
        values.sum()
    }

    /// Its admin port.
    pub fn admin(&self) -> &Client {
        &self.admin
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Shows the end of its log, for a test that failed.
    #[expect(
        clippy::print_stdout,
        reason = "the runner shows what a failed test has written"
    )]
    pub(crate) fn print_log(&self) {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        println!("--- the last words of {}", self.name);
        for line in &lines[lines.len().saturating_sub(40)..] {
            println!("{line}");
        }
    }
}

/// Whether the process with this admin port says that it is ready.
pub async fn is_ready(admin: &Client) -> bool {
    let answer = admin.try_send(admin.request(Method::GET, "/readyz")).await;
    answer.is_ok_and(|answer| answer.status == 200)
}

/// Runs one of our programs to its end, with these words; gives what it wrote.
pub(crate) async fn run(name: &str, words: &[&str], database_url: &str) -> anyhow::Result<String> {
    let mut command = Command::new(binary(name));
    let output = command
        .args(words)
        .env("DATABASE_URL", database_url)
        .stdin(Stdio::null())
        .output()
        .await?;
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    if !output.status.success() {
        bail!("`{name} {}` failed ({}):\n{text}", words.join(" "), output.status);
    }
    Ok(text)
}
