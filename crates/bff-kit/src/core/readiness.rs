//! Whether the core answers: a gateway without it lives, but is not ready.

use std::time::Duration;

use service_kit::health::Check;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::CoreChannel;

/// How often the core is asked.
const INTERVAL: Duration = Duration::from_secs(1);

/// Asks the core for its health again and again, and tells `check` what it said.
pub(crate) async fn watch(core: CoreChannel, check: Check) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match timeout(INTERVAL, ask(&core)).await {
            Ok(Ok(())) => check.pass(),
            Ok(Err(detail)) => check.fail(detail),
            Err(_) => check.fail("the core does not answer"),
        }
    }
}

async fn ask(core: &CoreChannel) -> Result<(), String> {
    let mut health = HealthClient::new(core.channel.clone());
    let answer = health.check(HealthCheckRequest::default()).await;
    match answer.map(|answer| answer.into_inner().status()) {
        Ok(ServingStatus::Serving) => Ok(()),
        Ok(other) => Err(format!("the core says that it is {}", other.as_str_name())),
        Err(status) => Err(format!("{:?}: {}", status.code(), status.message())),
    }
}
