//! Batches: each call is answered as if it had come by itself.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use prost::Message;
use proto::batch::v1::{
    Answer, Call, Failure, RunRequest, RunResponse, answer::Outcome, batch_service_server::BatchService,
};
use proto::changes::v1::ListChangesRequest;
use tokio_stream::Stream;
use tonic::{Request, Response, Status, async_trait, metadata::MetadataMap};

use super::{ListChanges, Memory, Rpc, methods};

/// A call that came in a batch.
pub(super) struct BatchedCall {
    pub(super) method: String,
    message: Bytes,
    metadata: MetadataMap,
}

impl BatchedCall {
    /// With the metadata that it would have had by itself.
    fn new(call: Call, batch: &MetadataMap) -> Self {
        let mut metadata = batch.clone();
        let token = Some(call.token).filter(|token| !token.is_empty());
        let beside = [
            ("authorization", token.map(|token| format!("Bearer {token}"))),
            ("x-request-id", Some(call.request_id)),
            ("x-client-address", Some(call.client_address)),
            (
                "grpc-timeout",
                Some(format!("{}u", u64::from(call.timeout_ms) * 1_000)),
            ),
        ];
        for (name, value) in beside {
            if let Some(Ok(value)) = value.map(|value| value.parse()) {
                metadata.insert(name, value);
            }
        }
        Self {
            method: call.method,
            message: call.request,
            metadata,
        }
    }
}

impl Memory {
    /// What a method answers to a call that came in a batch.
    pub(super) async fn answer_in_batch<R, M>(&self, call: &BatchedCall) -> Result<Bytes, Status>
    where
        R: Rpc<Request = M>,
        R::Answer: Message,
        M: Message + Default,
    {
        let message =
            M::decode(call.message.as_ref()).map_err(|error| Status::internal(error.to_string()))?;
        let mut request = Request::new(message);
        *request.metadata_mut() = call.metadata.clone();
        let answer = self.answer::<R>(request).await?;
        Ok(answer.get_ref().encode_to_vec().into())
    }

    async fn answer_call(self, index: u32, call: BatchedCall) -> Answer {
        let outcome = match self.outcome(&call).await {
            Ok(response) => Outcome::Response(response),
            Err(status) => Outcome::Failure(Failure {
                code: status.code().into(),
                message: status.message().to_owned(),
                details: Bytes::copy_from_slice(status.details()),
            }),
        };
        let known = self.history();
        Answer {
            index,
            outcome: Some(outcome),
            epoch: known.epoch,
            as_of: known.seq,
            depends_on: known.depends_on.get(&call.method).cloned().unwrap_or_default(),
        }
    }

    async fn outcome(&self, call: &BatchedCall) -> Result<Bytes, Status> {
        if let Some(answer) = methods::books(self, call).await {
            return answer;
        }
        if call.method == <ListChangesRequest as proto::Rpc>::METHOD {
            return self
                .answer_in_batch::<ListChanges, ListChangesRequest>(call)
                .await;
        }
        if let Some(answer) = methods::orders(self, call).await {
            return answer;
        }
        if let Some(answer) = methods::posts(self, call).await {
            return answer;
        }
        if let Some(answer) = methods::moderation(self, call).await {
            return answer;
        }
        if let Some(answer) = methods::users(self, call).await {
            return answer;
        }
        let answer = methods::sessions(self, call).await;
        answer.unwrap_or_else(|| Err(Status::unimplemented(call.method.clone())))
    }
}

#[async_trait]
impl BatchService for Memory {
    type RunStream = Pin<Box<dyn Stream<Item = Result<RunResponse, Status>> + Send>>;

    async fn run(&self, request: Request<RunRequest>) -> Result<Response<Self::RunStream>, Status> {
        let (metadata, _, batch) = request.into_parts();
        let calls = batch.calls.into_iter().zip(0..);
        let answers =
            calls.map(|(call, index)| self.clone().answer_call(index, BatchedCall::new(call, &metadata)));
        let answers = FuturesUnordered::from_iter(answers).map(|answer| {
            Ok(RunResponse {
                answers: vec![answer],
            })
        });
        Ok(Response::new(Box::pin(answers)))
    }
}
