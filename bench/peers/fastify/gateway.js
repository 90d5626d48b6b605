// The home screens of our gateways for a guest, as one would write them with Fastify and grpc-js: the same three calls
// with the same field masks, the same JSON, a schema for the serialiser as Fastify recommends, and no middleware.
// PORT is where clients reach it, CORE (host:port) where the core is.

import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import Fastify from 'fastify';

const contract = fileURLToPath(new URL('../../../proto', import.meta.url));
const files = ['triptych/posts/v1/posts.proto', 'triptych/books/v1/books.proto'];
const { triptych } = loadPackageDefinition(
  loadSync(files, { includeDirs: [contract], defaults: false, longs: Number, enums: Number }),
);
const posts = new triptych.posts.v1.PostService(process.env.CORE, credentials.createInsecure());
const books = new triptych.books.v1.BookService(process.env.CORE, credentials.createInsecure());

const DEADLINE_MS = 800;
const POPULAR = 1;

/** Calls a method and gives its answer. */
function call(service, method, request) {
  return new Promise((resolve, reject) => {
    service[method](request, { deadline: Date.now() + DEADLINE_MS }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
}

const mask = (...fields) => ({ paths: fields });
const moment = ({ seconds = 0, nanos = 0 }) => new Date(seconds * 1000 + nanos / 1e6).toISOString();
const rating = (book) => (book.ratingsCount > 0 ? book.ratingHundredths / 100 : undefined);
const fresh = { state: 'fresh' };
const meta = { sections: { books: fresh, feed: fresh, posts: fresh, tags: fresh } };

const text = { type: 'string' };
const number = { type: 'integer' };
const optionalText = { type: ['string', 'null'] };
const object = (properties) => ({ type: 'object', properties });
const list = (items) => ({ type: 'array', items });
const section = object({ state: text });
const metaSchema = object({ sections: object({ books: section, feed: section, posts: section, tags: section }) });

const app = Fastify({ logger: false });

const mobileHome = object({
  posts: list(
    object({
      slug: text,
      title: text,
      excerpt: text,
      author: text,
      likes: number,
      comments: number,
      createdAt: text,
    }),
  ),
  tags: list(text),
  books: list(
    object({
      id: number,
      title: text,
      author: text,
      priceCents: number,
      currency: text,
      rating: { type: 'number' },
    }),
  ),
  meta: metaSchema,
});

app.get('/v1/home', { schema: { response: { 200: mobileHome } } }, async () => {
  const [newest, tags, popular] = await Promise.all([
    call(posts, 'listPosts', {
      pageSize: 6,
      readMask: mask('slug', 'title', 'description', 'like_count', 'comment_count', 'created_at', 'author'),
    }),
    call(posts, 'listTags', { mostUsed: 8 }),
    call(books, 'listBooks', {
      order: POPULAR,
      pageSize: 4,
      readMask: mask(
        'id',
        'title',
        'authors',
        'cover_url',
        'price_cents',
        'currency',
        'rating_hundredths',
        'ratings_count',
      ),
    }),
  ]);
  return {
    posts: newest.posts.map((post) => ({
      slug: post.slug,
      title: post.title,
      excerpt: excerpt(post.description),
      author: post.author.username,
      likes: post.likeCount ?? 0,
      comments: post.commentCount ?? 0,
      createdAt: moment(post.createdAt),
    })),
    tags: tags.tags.map((tag) => tag.name),
    books: popular.books.map((book) => ({
      id: book.id,
      title: book.title,
      author: book.authors?.[0],
      priceCents: book.priceCents,
      currency: book.currency,
      rating: rating(book),
    })),
    meta,
  };
});

/** The beginning of a text, at most 140 characters. */
function excerpt(full) {
  if (full.length <= 140) return full;
  const fits = full.slice(0, 139);
  return `${fits.slice(0, fits.lastIndexOf(' ')).trimEnd()}…`;
}

const webHome = object({
  posts: list(
    object({
      slug: text,
      title: text,
      description: text,
      tags: list(text),
      author: object({ username: text, name: text, bio: optionalText, image: optionalText }),
      likes: number,
      comments: number,
      createdAt: text,
      viewer: { type: 'null' },
    }),
  ),
  feed: { type: 'null' },
  tags: list(object({ name: text, posts: number })),
  books: list(
    object({
      id: number,
      title: text,
      authors: list(text),
      publishedYear: { type: ['integer', 'null'] },
      coverUrl: optionalText,
      priceCents: number,
      currency: text,
      inStock: { type: 'boolean' },
      rating: { type: ['number', 'null'] },
      ratingsCount: number,
    }),
  ),
  meta: object({
    sections: object({ books: section, feed: section, posts: section, tags: section, viewer: section }),
  }),
});
const webMeta = { sections: { ...meta.sections, viewer: fresh } };

app.get('/api/views/home', { schema: { response: { 200: webHome } } }, async () => {
  const [newest, tags, popular] = await Promise.all([
    call(posts, 'listPosts', {
      pageSize: 20,
      readMask: mask(
        'id',
        'slug',
        'title',
        'description',
        'tags',
        'like_count',
        'comment_count',
        'created_at',
        'author',
      ),
    }),
    call(posts, 'listTags', { mostUsed: 20 }),
    call(books, 'listBooks', {
      order: POPULAR,
      pageSize: 12,
      readMask: mask(
        'id',
        'title',
        'authors',
        'published_year',
        'cover_url',
        'price_cents',
        'currency',
        'stock',
        'rating_hundredths',
        'ratings_count',
      ),
    }),
  ]);
  return {
    posts: newest.posts.map((post) => ({
      slug: post.slug,
      title: post.title,
      description: post.description,
      tags: post.tags ?? [],
      author: {
        username: post.author.username,
        name: post.author.name,
        bio: post.author.bio ?? null,
        image: post.author.image ?? null,
      },
      likes: post.likeCount ?? 0,
      comments: post.commentCount ?? 0,
      createdAt: moment(post.createdAt),
      viewer: null,
    })),
    feed: null,
    tags: tags.tags.map((tag) => ({ name: tag.name, posts: tag.postCount ?? 0 })),
    books: popular.books.map((book) => ({
      id: book.id,
      title: book.title,
      authors: book.authors ?? [],
      publishedYear: book.publishedYear ?? null,
      coverUrl: book.coverUrl ?? null,
      priceCents: book.priceCents,
      currency: book.currency,
      inStock: (book.stock ?? 0) > 0,
      rating: rating(book) ?? null,
      ratingsCount: book.ratingsCount ?? 0,
    })),
    meta: webMeta,
  };
});

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
