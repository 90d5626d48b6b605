// Signs in with the cookie and shows the home screen.

import { home, signIn, signOut } from "../src";
import { client } from "../src/client.gen";

/** Says of each request to `baseUrl` that a page of ours means it; the browser adds the cookie. */
export function open(baseUrl: string, fetch: typeof globalThis.fetch = globalThis.fetch): void {
  client.setConfig({
    baseUrl,
    fetch,
    credentials: "same-origin",
    auth: (way) => (way.name === "x-csrf" ? "1" : undefined),
  });
}

/** The lines of the home screen; whatever is missing today leaves its lines out. */
export async function show(email: string, password: string): Promise<string[]> {
  const { data: session, error } = await signIn({ body: { email, password }, headers: { "x-csrf": "1" } });
  if (session === undefined) throw new Error(`${error.code}: ${error.detail}`);

  const { data: screen } = await home({ throwOnError: true });
  await signOut({ throwOnError: true });

  const missing = Object.entries(screen.meta.sections ?? {}).filter(([, section]) => section.state === "missing");
  return [
    `Welcome, ${session.username}`,
    ...(screen.posts ?? []).map((post) => `post: ${post.title}`),
    ...(screen.books ?? []).map((book) => `book: ${book.title}`),
    ...missing.map(([name]) => `${name}: not here today`),
  ];
}
