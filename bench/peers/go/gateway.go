// The home screens of our gateways for a guest, as one would write them in Go with net/http and grpc-go: the same three
// calls with the same field masks, the same JSON, and no middleware.
// PORT is where clients reach it, CORE (host:port) where the core is. The contract is generated when it is built.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"triptych/books"
	"triptych/posts"
)

const (
	deadline      = 800 * time.Millisecond
	excerptLength = 140
)

// gateway is what the screens need.
type gateway struct {
	posts posts.PostServiceClient
	books books.BookServiceClient
}

func main() {
	core, err := grpc.Dial(os.Getenv("CORE"), grpc.WithInsecure())
	if err != nil {
		log.Fatal(err)
	}
	g := &gateway{posts: posts.NewPostServiceClient(core), books: books.NewBookServiceClient(core)}
	http.HandleFunc("/v1/home", screen(g.mobileHome))
	http.HandleFunc("/api/views/home", screen(g.webHome))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

// screen answers with what show gives, as JSON.
func screen[S any](show func(context.Context) (S, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), deadline)
		defer cancel()
		page, err := show(ctx)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(page); err != nil {
			log.Print(err)
		}
	}
}

// found is what a home screen is made of.
type found struct {
	posts *posts.ListPostsResponse
	tags  *posts.ListTagsResponse
	books *books.ListBooksResponse
}

// fetch makes the three calls of a home screen at once.
func (g *gateway) fetch(
	ctx context.Context, newest *posts.ListPostsRequest, tags int32, popular *books.ListBooksRequest,
) (found, error) {
	var all found
	calls, ctx := errgroup.WithContext(ctx)
	calls.Go(func() (err error) {
		all.posts, err = g.posts.ListPosts(ctx, newest)
		return err
	})
	calls.Go(func() (err error) {
		all.tags, err = g.posts.ListTags(ctx, &posts.ListTagsRequest{MostUsed: tags})
		return err
	})
	calls.Go(func() (err error) {
		all.books, err = g.books.ListBooks(ctx, popular)
		return err
	})
	err := calls.Wait()
	return all, err
}

type mobileHome struct {
	Posts []mobilePost `json:"posts"`
	Tags  []string     `json:"tags"`
	Books []mobileBook `json:"books"`
	Meta  meta         `json:"meta"`
}

type mobilePost struct {
	Slug      string    `json:"slug"`
	Title     string    `json:"title"`
	Excerpt   string    `json:"excerpt"`
	Author    string    `json:"author"`
	Likes     int64     `json:"likes"`
	Comments  int64     `json:"comments"`
	CreatedAt timestamp `json:"createdAt"`
}

type mobileBook struct {
	ID         int64    `json:"id"`
	Title      string   `json:"title"`
	Author     string   `json:"author,omitempty"`
	PriceCents int64    `json:"priceCents"`
	Currency   string   `json:"currency"`
	Rating     *float64 `json:"rating,omitempty"`
}

func (g *gateway) mobileHome(ctx context.Context) (*mobileHome, error) {
	newest := &posts.ListPostsRequest{
		PageSize: 6,
		ReadMask: mask("slug", "title", "description", "like_count", "comment_count", "created_at", "author"),
	}
	popular := &books.ListBooksRequest{
		Order:    books.BookOrder_BOOK_ORDER_POPULAR,
		PageSize: 4,
		ReadMask: mask(
			"id", "title", "authors", "cover_url", "price_cents", "currency", "rating_hundredths", "ratings_count",
		),
	}
	all, err := g.fetch(ctx, newest, 8, popular)
	if err != nil {
		return nil, err
	}
	home := &mobileHome{
		Posts: make([]mobilePost, 0, len(all.posts.Posts)),
		Tags:  make([]string, 0, len(all.tags.Tags)),
		Books: make([]mobileBook, 0, len(all.books.Books)),
		Meta:  meta{sections{Books: fresh, Feed: fresh, Posts: fresh, Tags: fresh}},
	}
	for _, post := range all.posts.Posts {
		home.Posts = append(home.Posts, mobilePost{
			Slug:      post.Slug,
			Title:     post.Title,
			Excerpt:   excerpt(post.Description),
			Author:    post.Author.Username,
			Likes:     post.LikeCount,
			Comments:  post.CommentCount,
			CreatedAt: timestamp{post.CreatedAt},
		})
	}
	for _, tag := range all.tags.Tags {
		home.Tags = append(home.Tags, tag.Name)
	}
	for _, book := range all.books.Books {
		card := mobileBook{
			ID:         book.Id,
			Title:      book.Title,
			PriceCents: book.PriceCents,
			Currency:   book.Currency,
			Rating:     rating(book),
		}
		if len(book.Authors) > 0 {
			card.Author = book.Authors[0]
		}
		home.Books = append(home.Books, card)
	}
	return home, nil
}

type webHome struct {
	Posts []webPost `json:"posts"`
	Feed  []webPost `json:"feed"`
	Tags  []webTag  `json:"tags"`
	Books []webBook `json:"books"`
	Meta  meta      `json:"meta"`
}

type webPost struct {
	Slug        string    `json:"slug"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Tags        []string  `json:"tags"`
	Author      webAuthor `json:"author"`
	Likes       int64     `json:"likes"`
	Comments    int64     `json:"comments"`
	CreatedAt   timestamp `json:"createdAt"`
	Viewer      *struct{} `json:"viewer"`
}

type webAuthor struct {
	Username string  `json:"username"`
	Name     string  `json:"name"`
	Bio      *string `json:"bio"`
	Image    *string `json:"image"`
}

type webTag struct {
	Name  string `json:"name"`
	Posts int64  `json:"posts"`
}

type webBook struct {
	ID            int64    `json:"id"`
	Title         string   `json:"title"`
	Authors       []string `json:"authors"`
	PublishedYear *int32   `json:"publishedYear"`
	CoverURL      *string  `json:"coverUrl"`
	PriceCents    int64    `json:"priceCents"`
	Currency      string   `json:"currency"`
	InStock       bool     `json:"inStock"`
	Rating        *float64 `json:"rating"`
	RatingsCount  int64    `json:"ratingsCount"`
}

func (g *gateway) webHome(ctx context.Context) (*webHome, error) {
	newest := &posts.ListPostsRequest{
		PageSize: 20,
		ReadMask: mask(
			"id", "slug", "title", "description", "tags", "like_count", "comment_count", "created_at", "author",
		),
	}
	popular := &books.ListBooksRequest{
		Order:    books.BookOrder_BOOK_ORDER_POPULAR,
		PageSize: 12,
		ReadMask: mask(
			"id", "title", "authors", "published_year", "cover_url", "price_cents", "currency", "stock",
			"rating_hundredths", "ratings_count",
		),
	}
	all, err := g.fetch(ctx, newest, 20, popular)
	if err != nil {
		return nil, err
	}
	home := &webHome{
		Posts: make([]webPost, 0, len(all.posts.Posts)),
		Tags:  make([]webTag, 0, len(all.tags.Tags)),
		Books: make([]webBook, 0, len(all.books.Books)),
		Meta:  meta{sections{Books: fresh, Feed: fresh, Posts: fresh, Tags: fresh, Viewer: &fresh}},
	}
	for _, post := range all.posts.Posts {
		home.Posts = append(home.Posts, webPost{
			Slug:        post.Slug,
			Title:       post.Title,
			Description: post.Description,
			Tags:        orEmpty(post.Tags),
			Author: webAuthor{
				Username: post.Author.Username,
				Name:     post.Author.Name,
				Bio:      post.Author.Bio,
				Image:    post.Author.Image,
			},
			Likes:     post.LikeCount,
			Comments:  post.CommentCount,
			CreatedAt: timestamp{post.CreatedAt},
		})
	}
	for _, tag := range all.tags.Tags {
		home.Tags = append(home.Tags, webTag{Name: tag.Name, Posts: tag.PostCount})
	}
	for _, book := range all.books.Books {
		home.Books = append(home.Books, webBook{
			ID:            book.Id,
			Title:         book.Title,
			Authors:       orEmpty(book.Authors),
			PublishedYear: book.PublishedYear,
			CoverURL:      book.CoverUrl,
			PriceCents:    book.PriceCents,
			Currency:      book.Currency,
			InStock:       book.Stock > 0,
			Rating:        rating(book),
			RatingsCount:  book.RatingsCount,
		})
	}
	return home, nil
}

// meta says of each part of a screen how it is.
type meta struct {
	Sections sections `json:"sections"`
}

type sections struct {
	Books  state  `json:"books"`
	Feed   state  `json:"feed"`
	Posts  state  `json:"posts"`
	Tags   state  `json:"tags"`
	Viewer *state `json:"viewer,omitempty"`
}

type state struct {
	State string `json:"state"`
}

var fresh = state{"fresh"}

// timestamp is a moment as screens show it: to the millisecond.
type timestamp struct{ *timestamppb.Timestamp }

func (t timestamp) MarshalJSON() ([]byte, error) {
	return t.AsTime().AppendFormat(nil, `"2006-01-02T15:04:05.000Z"`), nil
}

func mask(fields ...string) *fieldmaskpb.FieldMask {
	return &fieldmaskpb.FieldMask{Paths: fields}
}

// rating is nil where nobody has rated the book.
func rating(book *books.Book) *float64 {
	if book.RatingsCount == 0 {
		return nil
	}
	mean := float64(book.RatingHundredths) / 100
	return &mean
}

// excerpt is the beginning of a text, at most 140 characters.
func excerpt(full string) string {
	if utf8.RuneCountInString(full) <= excerptLength {
		return full
	}
	fits := string([]rune(full)[:excerptLength-1])
	if end := strings.LastIndexByte(fits, ' '); end >= 0 {
		fits = fits[:end]
	}
	return strings.TrimRight(fits, " ") + "…"
}

// orEmpty makes a list that JSON does not write as null.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
