//! Whether the core answers: a gateway without it lives, but is not ready.

use std::time::Duration;

use service_kit::health::Check;
use tokio::time::{sleep, timeout};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::CoreChannel;

/// How often the core is asked while it is well, and how long it has to answer.
const INTERVAL: Duration = Duration::from_secs(1);
/// How often it is asked while it is not.
const INTERVAL_WHILE_AWAY: Duration = Duration::from_millis(250);

/// Asks the core for its health again and again, and tells `check` what it said.
pub(crate) async fn watch(core: CoreChannel, check: Check) {
    loop {
        let answer = core.0.pulse.ask(timeout(INTERVAL, ask(&core))).await;
        let failed = match answer {
            Ok(answer) => answer.err(),
            Err(_) => Some("the core does not answer".to_owned()),
        };
        let pause = match failed {
            None => {
                check.pass();
                INTERVAL
            }
            Some(detail) => {
                check.fail(detail);
                INTERVAL_WHILE_AWAY
            }
        };
        sleep(pause).await;
    }
}

async fn ask(core: &CoreChannel) -> Result<(), String> {
    let mut health = HealthClient::new(core.0.channel.clone());
    let answer = health
        .check(core.0.credentials.request(HealthCheckRequest::default()))
        .await;
    if answer.is_ok() {
        core.0.pulse.beats();
    }
    match answer.map(|answer| answer.into_inner().status()) {
        Ok(ServingStatus::Serving) => Ok(()),
        Ok(other) => Err(format!("the core says that it is {}", other.as_str_name())),
        Err(status) => Err(format!("{:?}: {}", status.code(), status.message())),
    }
}
