//! `triptych.posts.v1.PostService`.

use proto::posts::v1::post_service_server::PostService;
use proto::posts::v1::{
    BatchGetCommentsRequest, BatchGetCommentsResponse, BatchGetPostViewerStatesRequest,
    BatchGetPostViewerStatesResponse, BatchGetPostsRequest, BatchGetPostsResponse, Comment,
    CreateCommentRequest, CreatePostRequest, DeleteCommentRequest, DeletePostRequest, GetPostRequest,
    LikePostRequest, ListCommentsRequest, ListCommentsResponse, ListPostsRequest, ListPostsResponse,
    ListTagsRequest, ListTagsResponse, Post, PostViewerState, Tag, UnlikePostRequest, UpdatePostRequest,
    get_post_request,
};
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};

use super::convert::{paths, wanted};
use crate::error::{Error, Result as CoreResult};
use crate::models::fields::Fields;
use crate::models::post::PostField;
use crate::services::caller::Caller;
use crate::services::posts::{PostFilter, PostPage};
use crate::services::{Key, Services};
use crate::validators::posts::{NewPost, PostChanges, RawPost, comment_body, most_used, skip};
use crate::validators::{batch, page};

/// Posts, likes, comments and tags.
pub(super) struct PostController(pub(super) Services);

impl PostController {
    /// The caller, where the fields say something about them.
    async fn viewer(&self, metadata: &MetadataMap, wanted: Fields<PostField>) -> CoreResult<Option<Caller>> {
        if wanted.has(PostField::Viewer) {
            self.0.sessions.optional(metadata).await
        } else {
            Ok(None)
        }
    }
}

/// What a read of posts brings where it names no fields.
fn without_viewer() -> Fields<PostField> {
    Fields::all().without(PostField::Viewer)
}

#[tonic::async_trait]
impl PostService for PostController {
    async fn get_post(&self, request: Request<GetPostRequest>) -> Result<Response<Post>, Status> {
        let (metadata, _, GetPostRequest { key, read_mask }) = request.into_parts();
        let key = match key {
            Some(get_post_request::Key::Id(id)) => Key::Id(id),
            Some(get_post_request::Key::Slug(slug)) => Key::Name(slug),
            None => return Err(Error::invalid("key", "is missing: give an id or a slug").into()),
        };
        let wanted = wanted(read_mask, without_viewer())?;
        let viewer = self.viewer(&metadata, wanted).await?;
        Ok(Response::new(self.0.posts.get(key, wanted, viewer).await?.into()))
    }

    async fn batch_get_posts(
        &self,
        request: Request<BatchGetPostsRequest>,
    ) -> Result<Response<BatchGetPostsResponse>, Status> {
        let (
            metadata,
            _,
            BatchGetPostsRequest {
                ids,
                slugs,
                read_mask,
            },
        ) = request.into_parts();
        let keys = batch("ids", Key::list(ids, slugs))?;
        let wanted = wanted(read_mask, without_viewer())?;
        let viewer = self.viewer(&metadata, wanted).await?;
        let posts = self.0.posts.batch_get(&keys, wanted, viewer).await?;
        Ok(Response::new(BatchGetPostsResponse {
            posts: posts.into_iter().map(Post::from).collect(),
        }))
    }

    async fn list_posts(
        &self,
        request: Request<ListPostsRequest>,
    ) -> Result<Response<ListPostsResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let wanted = wanted(request.read_mask, without_viewer())?;
        let caller = if request.feed {
            Some(self.0.sessions.required(&metadata).await?)
        } else {
            self.viewer(&metadata, wanted).await?
        };
        let filter = PostFilter {
            tag: Some(request.tag).filter(|tag| !tag.is_empty()),
            author: Some(request.author).filter(|name| !name.is_empty()),
            liked_by: Some(request.liked_by).filter(|name| !name.is_empty()),
            book_id: request.book_id,
            feed_of: caller.filter(|_| request.feed).map(|caller| caller.user_id),
        };
        let question = format!("posts {filter:?}");
        let size = page::size(request.page_size)?;
        let before = page::place(&request.page_token, &question)?.map(|[id]| id);
        let skip = skip(request.skip, before.is_some())?;

        let place = PostPage { size, before, skip };
        let found = self
            .0
            .posts
            .list(filter, place, request.with_total, wanted, caller)
            .await?;
        let mut posts = found.posts;
        let more = page::cut(&mut posts, size);
        let next = posts
            .last()
            .filter(|_| more)
            .map(|post| page::token([post.id], &question));
        Ok(Response::new(ListPostsResponse {
            posts: posts.into_iter().map(Post::from).collect(),
            next_page_token: next.unwrap_or_default(),
            total_size: found.total,
        }))
    }

    async fn create_post(&self, request: Request<CreatePostRequest>) -> Result<Response<Post>, Status> {
        let caller = self.0.sessions.required(request.metadata()).await?;
        let post = NewPost::parse(raw(request.into_inner()))?;
        Ok(Response::new(self.0.posts.create(caller, post).await?.into()))
    }

    async fn update_post(&self, request: Request<UpdatePostRequest>) -> Result<Response<Post>, Status> {
        let caller = self.0.sessions.required(request.metadata()).await?;
        let UpdatePostRequest {
            slug,
            post,
            update_mask,
        } = request.into_inner();
        let post = post.ok_or(Error::invalid("post", "is missing"))?;
        let changes = PostChanges::parse(raw(post), &paths(update_mask))?;
        Ok(Response::new(
            self.0.posts.update(caller, slug, changes).await?.into(),
        ))
    }

    async fn delete_post(&self, request: Request<DeletePostRequest>) -> Result<Response<()>, Status> {
        let caller = self.0.sessions.required(request.metadata()).await?;
        self.0.posts.delete(caller, request.into_inner().slug).await?;
        Ok(Response::new(()))
    }

    async fn like_post(&self, request: Request<LikePostRequest>) -> Result<Response<()>, Status> {
        let caller = self.0.sessions.required(request.metadata()).await?;
        self.0.posts.like(caller, request.into_inner().slug).await?;
        Ok(Response::new(()))
    }

    async fn unlike_post(&self, request: Request<UnlikePostRequest>) -> Result<Response<()>, Status> {
        let caller = self.0.sessions.required(request.metadata()).await?;
        self.0.posts.unlike(caller, request.into_inner().slug).await?;
        Ok(Response::new(()))
    }

    async fn batch_get_post_viewer_states(
        &self,
        request: Request<BatchGetPostViewerStatesRequest>,
    ) -> Result<Response<BatchGetPostViewerStatesResponse>, Status> {
        let caller = self.0.sessions.required(request.metadata()).await?;
        let ids = batch("post_ids", request.into_inner().post_ids)?;
        let states = self
            .0
            .posts
            .viewer_states(caller, ids)
            .await?
            .into_iter()
            .map(PostViewerState::from);
        Ok(Response::new(BatchGetPostViewerStatesResponse {
            states: states.collect(),
        }))
    }

    async fn list_comments(
        &self,
        request: Request<ListCommentsRequest>,
    ) -> Result<Response<ListCommentsResponse>, Status> {
        let request = request.into_inner();
        let question = format!("comments {}", request.slug);
        let size = page::size(request.page_size)?;
        let before = page::place(&request.page_token, &question)?.map(|[id]| id);
        let wanted = wanted(request.read_mask, Fields::all())?;

        let mut comments = self.0.comments.list(&request.slug, size, before, wanted).await?;
        let more = page::cut(&mut comments, size);
        let next = comments
            .last()
            .filter(|_| more)
            .map(|comment| page::token([comment.id], &question));
        Ok(Response::new(ListCommentsResponse {
            comments: comments.into_iter().map(Comment::from).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn batch_get_comments(
        &self,
        request: Request<BatchGetCommentsRequest>,
    ) -> Result<Response<BatchGetCommentsResponse>, Status> {
        let BatchGetCommentsRequest { ids, read_mask } = request.into_inner();
        let wanted = wanted(read_mask, Fields::all())?;
        let comments = self.0.comments.batch_get(batch("ids", ids)?, wanted).await?;
        let comments = comments.into_iter().map(Comment::from).collect();
        Ok(Response::new(BatchGetCommentsResponse { comments }))
    }

    async fn create_comment(
        &self,
        request: Request<CreateCommentRequest>,
    ) -> Result<Response<Comment>, Status> {
        let caller = self.0.sessions.required(request.metadata()).await?;
        let CreateCommentRequest { slug, body } = request.into_inner();
        let comment = self.0.comments.create(caller, slug, comment_body(body)?).await?;
        Ok(Response::new(comment.into()))
    }

    async fn delete_comment(&self, request: Request<DeleteCommentRequest>) -> Result<Response<()>, Status> {
        let caller = self.0.sessions.required(request.metadata()).await?;
        let DeleteCommentRequest { slug, id } = request.into_inner();
        self.0.comments.delete(caller, slug, id).await?;
        Ok(Response::new(()))
    }

    async fn list_tags(
        &self,
        request: Request<ListTagsRequest>,
    ) -> Result<Response<ListTagsResponse>, Status> {
        let tags = self
            .0
            .posts
            .tags(most_used(request.into_inner().most_used)?)
            .await?;
        let tags = tags.into_iter().map(|tag| Tag {
            name: tag.name,
            post_count: tag.post_count,
        });
        Ok(Response::new(ListTagsResponse { tags: tags.collect() }))
    }
}

fn raw(post: CreatePostRequest) -> RawPost {
    RawPost {
        title: post.title,
        description: post.description,
        body: post.body,
        tags: post.tags,
        book_id: post.book_id,
    }
}
