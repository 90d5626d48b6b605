// Signs in, shows the home screen, and buys the first book of it, once however often that is sent.

import { cancelOrder, home, login, logout, placeOrder, type Tokens } from "../src";
import { client } from "../src/client.gen";

let tokens: Tokens | undefined;

/** Sends the access token with each request to `baseUrl` that takes one. */
export function open(baseUrl: string, fetch: typeof globalThis.fetch = globalThis.fetch): void {
  client.setConfig({
    baseUrl,
    fetch,
    headers: { "X-Client-Version": "1.0.0", "X-Client-Platform": "android" },
    auth: () => tokens?.accessToken,
  });
}

/** The lines of the home screen, and what became of the order. */
export async function show(email: string, password: string): Promise<string[]> {
  const { data, error } = await login({ body: { email, password, device: "an example" } });
  if (data === undefined) throw new Error(`${error.code}: ${error.detail}`);
  tokens = data;

  const { data: screen } = await home({ throwOnError: true });
  const books = screen.books ?? [];
  const lines = [
    ...(screen.posts ?? []).map((post) => `post: ${post.title}`),
    ...books.map((book) => `book: ${book.title}, ${book.priceCents / 100} ${book.currency}`),
  ];
  if (books[0]) lines.push(await buy(books[0].id));

  await logout({ throwOnError: true });
  return lines;
}

async function buy(bookId: number): Promise<string> {
  const order = {
    body: { items: [{ bookId, quantity: 1 }] },
    headers: { "Idempotency-Key": crypto.randomUUID() },
  };
  const { data: first, error } = await placeOrder(order);
  if (first === undefined) return `not ordered: ${error.code}`;

  const { data: again } = await placeOrder({ ...order, throwOnError: true });
  await cancelOrder({ path: { id: first.id }, throwOnError: true });
  return again.id === first.id ? `ordered once: ${first.items.map((item) => item.title)}` : "ordered twice";
}
