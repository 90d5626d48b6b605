//! `docs/first-hour.md`, as it is written: every command of the page, and every answer that it shows.

use e2e::{Changed, Cluster, binary};
use tokio::process::Command;

const PAGE: &str = include_str!("../../../docs/first-hour.md");

/// The fenced blocks of the page: the word behind the fence, and what is within.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let fenced = PAGE.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).collect()
}

/// The commands as one script for one shell, with a line between the answers of two blocks.
fn script(cluster: &Cluster) -> String {
    let commands = blocks().into_iter().filter(|(kind, _)| *kind == "sh");
    let mut script: String = commands
        .map(|(_, text)| format!("{text}\nprintf '%s\\n' {BETWEEN}\n"))
        .collect();
    for (port, gateway) in [
        ("8081", &cluster.web),
        ("8082", &cluster.mobile),
        ("8083", &cluster.desktop),
    ] {
        script = script.replace(&format!("http://localhost:{port}"), gateway.guest().base());
    }
    let core = binary("core-service").display().to_string();
    script
        .replace("cargo run --quiet --bin core-service --", &core)
        .replace("sqlite://.triptych/triptych.db", cluster.database_url())
}

const BETWEEN: &str = "--between-two-blocks--";

/// Whether a text is as it is shown, where `…` stands for anything. Answers may follow each other without a line's end.
fn is_as_shown(text: &str, shown: &str) -> bool {
    let one_line = |text: &str| text.replace('\n', "");
    let (text, shown) = (one_line(text), one_line(shown));
    let mut pieces = shown.split('…');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    for piece in pieces.clone() {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.is_empty() || shown.ends_with('…')
}

#[tokio::test]
async fn the_first_hour_is_as_the_page_says() {
    as_the_page_says(&Cluster::start().await).await;
}

#[tokio::test]
async fn the_first_hour_is_the_same_where_each_process_has_one_thread() {
    let one = [("TOKIO_WORKER_THREADS", "1")];
    let cluster = Cluster::start_as(Changed {
        gateways: &one,
        core: &one,
        ..Changed::default()
    });
    as_the_page_says(&cluster.await).await;
}

async fn as_the_page_says(cluster: &Cluster) {
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(script(cluster)).kill_on_drop(true);
    let output = shell.output().await.expect("bash and curl are there");
    let said = String::from_utf8_lossy(&output.stdout);
    let mut answers = said.split(BETWEEN);

    let mut compared = 0;
    let mut answer = "";
    for (kind, text) in blocks() {
        match kind {
            "sh" => answer = answers.next().expect("every block was run").trim_matches('\n'),
            _ => {
                assert!(
                    is_as_shown(answer, text),
                    "not as shown:\n{answer}\nshown:\n{text}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 10, "{compared} answers were compared");
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn an_answer_that_is_not_as_shown_is_noticed() {
    let shown = "{\"id\":…,\"state\":\"placed\",…\n204\n";
    assert!(is_as_shown("{\"id\":7,\"state\":\"placed\",\"a\":1}204", shown));
    for other in [
        "{\"id\":7,\"state\":\"paid\",\"a\":1}204",
        "{\"id\":7,\"state\":\"placed\",\"a\":1}401",
        "{\"id\":7,\"state\":\"placed\",\"a\":1}2040",
        "",
    ] {
        assert!(!is_as_shown(other, shown), "{other}");
    }
}
