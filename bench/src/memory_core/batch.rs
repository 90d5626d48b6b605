//! Calls that travel together.

use std::{pin::Pin, sync::Arc};

use proto::batch::v1::{
    Answer, Call, Failure, RunRequest, RunResponse, answer::Outcome, batch_service_server::BatchService,
};
use tokio_stream::Stream;
use tonic::{Request, Response, Status, async_trait};

use super::{answers::Answers, changes};

/// What every answer is said to depend on; nothing ever touches it.
const DEPENDS_ON: u64 = 1;

pub(super) struct Batches(pub(super) Arc<Answers>);

#[async_trait]
impl BatchService for Batches {
    type RunStream = Pin<Box<dyn Stream<Item = Result<RunResponse, Status>> + Send>>;

    async fn run(&self, request: Request<RunRequest>) -> Result<Response<Self::RunStream>, Status> {
        let calls = request.into_inner().calls.into_iter().zip(0..);
        // All of them are ready at once, and so leave together.
        let answers = calls.map(|(call, index)| self.answer(index, call)).collect();
        Ok(Response::new(Box::pin(tokio_stream::once(Ok(RunResponse {
            answers,
        })))))
    }
}

impl Batches {
    fn answer(&self, index: u32, call: Call) -> Answer {
        let outcome = match self.0.answer(&call.method, call.request) {
            Ok(response) => Outcome::Response(response),
            Err(status) => Outcome::Failure(Failure {
                code: status.code().into(),
                message: status.message().to_owned(),
                details: status.details().to_vec().into(),
            }),
        };
        Answer {
            index,
            outcome: Some(outcome),
            epoch: changes::NOW.epoch,
            as_of: changes::NOW.seq,
            depends_on: vec![DEPENDS_ON],
        }
    }
}
