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
use tonic::{Request, Response, Status};

use super::access::Allowed;
use super::convert::{paths, wanted};
use super::write::Write;
use crate::error::Error;
use crate::models::fields::Fields;
use crate::models::post::PostField;
use crate::services::caller::Caller;
use crate::services::posts::{self, PostFilter, PostPage};
use crate::services::{Key, Services, comments};
use crate::validators::posts::{NewPost, PostChanges, RawPost, comment_body, most_used, skip};
use crate::validators::{batch, page};

/// Posts, likes, comments and tags.
pub(super) struct PostController(pub(super) Services);

/// The caller, where the fields say something about them.
fn viewer(allowed: Allowed, wanted: Fields<PostField>) -> Option<Caller> {
    allowed.caller.filter(|_| wanted.has(PostField::Viewer))
}

/// What a read of posts brings where it names no fields.
fn without_viewer() -> Fields<PostField> {
    Fields::all().without(PostField::Viewer)
}

#[tonic::async_trait]
impl PostService for PostController {
    async fn get_post(&self, request: Request<GetPostRequest>) -> Result<Response<Post>, Status> {
        let allowed = Allowed::of(&request)?;
        let GetPostRequest { key, read_mask } = request.into_inner();
        let key = match key {
            Some(get_post_request::Key::Id(id)) => Key::Id(id),
            Some(get_post_request::Key::Slug(slug)) => Key::Name(slug),
            None => return Err(Error::invalid("key", "is missing: give an id or a slug").into()),
        };
        let wanted = wanted(read_mask, without_viewer())?;
        let post = self.0.posts.get(key, wanted, viewer(allowed, wanted)).await?;
        Ok(Response::new(post.into()))
    }

    async fn batch_get_posts(
        &self,
        request: Request<BatchGetPostsRequest>,
    ) -> Result<Response<BatchGetPostsResponse>, Status> {
        let allowed = Allowed::of(&request)?;
        let BatchGetPostsRequest {
            ids,
            slugs,
            read_mask,
        } = request.into_inner();
        let keys = batch("ids", Key::list(ids, slugs))?;
        let wanted = wanted(read_mask, without_viewer())?;
        let viewer = viewer(allowed, wanted);
        let posts = self.0.posts.batch_get(&keys, wanted, viewer).await?;
        Ok(Response::new(BatchGetPostsResponse {
            posts: posts.into_iter().map(Post::from).collect(),
        }))
    }

    async fn list_posts(
        &self,
        request: Request<ListPostsRequest>,
    ) -> Result<Response<ListPostsResponse>, Status> {
        let allowed = Allowed::of(&request)?;
        let request = request.into_inner();
        let wanted = wanted(request.read_mask, without_viewer())?;
        let caller = if request.feed {
            Some(allowed.caller()?)
        } else {
            viewer(allowed, wanted)
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
        let (call, message) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        let post = NewPost::parse(raw(message))?;
        call.run(move |tx| async move { Ok(posts::create(&tx, caller, post).await?.into()) })
            .await
    }

    async fn update_post(&self, request: Request<UpdatePostRequest>) -> Result<Response<Post>, Status> {
        let (call, message) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        let UpdatePostRequest {
            slug,
            post,
            update_mask,
        } = message;
        let post = post.ok_or(Error::invalid("post", "is missing"))?;
        let changes = PostChanges::parse(raw(post), &paths(update_mask))?;
        call.run(move |tx| async move { Ok(posts::update(&tx, caller, &slug, changes).await?.into()) })
            .await
    }

    async fn delete_post(&self, request: Request<DeletePostRequest>) -> Result<Response<()>, Status> {
        let (call, DeletePostRequest { slug }) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        call.run(move |tx| async move { posts::delete(&tx, caller, &slug).await })
            .await
    }

    async fn like_post(&self, request: Request<LikePostRequest>) -> Result<Response<Post>, Status> {
        let (call, LikePostRequest { slug, read_mask }) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        let wanted = wanted(read_mask, without_viewer())?;
        call.run(move |tx| async move { Ok(posts::like(&tx, caller, &slug, wanted).await?.into()) })
            .await
    }

    async fn unlike_post(&self, request: Request<UnlikePostRequest>) -> Result<Response<Post>, Status> {
        let (call, UnlikePostRequest { slug, read_mask }) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        let wanted = wanted(read_mask, without_viewer())?;
        call.run(move |tx| async move { Ok(posts::unlike(&tx, caller, &slug, wanted).await?.into()) })
            .await
    }

    async fn batch_get_post_viewer_states(
        &self,
        request: Request<BatchGetPostViewerStatesRequest>,
    ) -> Result<Response<BatchGetPostViewerStatesResponse>, Status> {
        let caller = Allowed::of(&request)?.caller()?;
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

        let found = self.0.comments.list(&request.slug, size, before, wanted).await?;
        let (post_id, mut comments) = found;
        let more = page::cut(&mut comments, size);
        let next = comments
            .last()
            .filter(|_| more)
            .map(|comment| page::token([comment.id], &question));
        Ok(Response::new(ListCommentsResponse {
            comments: comments.into_iter().map(Comment::from).collect(),
            next_page_token: next.unwrap_or_default(),
            post_id,
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
        let (call, CreateCommentRequest { slug, body }) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        let body = comment_body(body)?;
        call.run(move |tx| async move { Ok(comments::create(&tx, caller, &slug, body).await?.into()) })
            .await
    }

    async fn delete_comment(&self, request: Request<DeleteCommentRequest>) -> Result<Response<()>, Status> {
        let (call, DeleteCommentRequest { slug, id }) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        call.run(move |tx| async move { comments::delete(&tx, caller, &slug, id).await })
            .await
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
