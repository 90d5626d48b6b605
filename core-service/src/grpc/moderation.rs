//! `triptych.posts.v1.ModerationService`.

use proto::posts::v1::moderation_service_server::ModerationService;
use proto::posts::v1::{
    ListModerationsRequest, ListModerationsResponse, ListNewestCommentsRequest, ListNewestCommentsResponse,
    ModerateCommentRequest, ModeratePostRequest, Moderation, PostedComment,
};
use tonic::{Request, Response, Status};

use super::write::Write;
use crate::services::{Services, moderation};
use crate::validators::page;
use crate::validators::posts::moderation_reason;

/// Taking away what somebody else wrote.
pub(super) struct ModerationController(pub(super) Services);

#[tonic::async_trait]
impl ModerationService for ModerationController {
    async fn list_newest_comments(
        &self,
        request: Request<ListNewestCommentsRequest>,
    ) -> Result<Response<ListNewestCommentsResponse>, Status> {
        let request = request.into_inner();
        let question = "newest comments";
        let size = page::size(request.page_size)?;
        let before = page::place(&request.page_token, question)?.map(|[id]| id);

        let mut comments = self.0.moderation.newest_comments(size, before).await?;
        let more = page::cut(&mut comments, size);
        let next = comments
            .last()
            .filter(|_| more)
            .map(|last| page::token([last.comment.id], question));
        Ok(Response::new(ListNewestCommentsResponse {
            comments: comments.into_iter().map(PostedComment::from).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn moderate_post(
        &self,
        request: Request<ModeratePostRequest>,
    ) -> Result<Response<Moderation>, Status> {
        let (call, ModeratePostRequest { slug, reason }) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        let reason = moderation_reason(reason)?;
        call.run(move |tx| async move {
            let kept = moderation::remove_post(&tx, caller, &slug, reason).await?;
            Ok(kept.into())
        })
        .await
    }

    async fn moderate_comment(
        &self,
        request: Request<ModerateCommentRequest>,
    ) -> Result<Response<Moderation>, Status> {
        let (call, ModerateCommentRequest { slug, id, reason }) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        let reason = moderation_reason(reason)?;
        call.run(move |tx| async move {
            let kept = moderation::remove_comment(&tx, caller, &slug, id, reason).await?;
            Ok(kept.into())
        })
        .await
    }

    async fn list_moderations(
        &self,
        request: Request<ListModerationsRequest>,
    ) -> Result<Response<ListModerationsResponse>, Status> {
        let request = request.into_inner();
        let question = "moderations";
        let size = page::size(request.page_size)?;
        let before = page::place(&request.page_token, question)?.map(|[id]| id);

        let mut moderations = self.0.moderation.list(size, before).await?;
        let more = page::cut(&mut moderations, size);
        let next = moderations
            .last()
            .filter(|_| more)
            .map(|last| page::token([last.id], question));
        Ok(Response::new(ListModerationsResponse {
            moderations: moderations.into_iter().map(Moderation::from).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }
}
