// Signs in as staff, shows the workspace, and tries an import without keeping anything of it.

import { importBooks, login, logout, type Tokens, workspace } from "../src";
import { client } from "../src/client.gen";

let tokens: Tokens | undefined;

/** Sends the access token with each request to `baseUrl` that takes one. */
export function open(baseUrl: string, fetch: typeof globalThis.fetch = globalThis.fetch): void {
  client.setConfig({
    baseUrl,
    fetch,
    headers: { "X-Client-Version": "1.0.0", "X-Client-Platform": "linux" },
    auth: () => tokens?.accessToken,
  });
}

/** The lines of the workspace, and those that the import tells while it reads. */
export async function show(email: string, password: string): Promise<string[]> {
  const { data, error } = await login({ body: { email, password, device: "an example" } });
  if (data === undefined) throw new Error(`${error.code}: ${error.detail}`);
  tokens = data;

  const { data: screen } = await workspace({ throwOnError: true });
  const lines = [
    `Signed in: ${screen.account.username}`,
    ...screen.lowStock.map((book) => `${book.stock} left: ${book.title}`),
    ...(screen.toFulfil ?? []).map((order) => `to send: ${order.id}`),
  ];
  lines.push(...(await tryImport('{"title":"One more","authors":["Somebody"],"price_cents":900,"currency":"EUR","stock":1}\n')));

  await logout({ throwOnError: true });
  return lines;
}

/** An import is an answer that goes on: events while the file is read, `done` or `failed` as the last one. */
async function tryImport(file: string): Promise<string[]> {
  const lines: string[] = [];
  const { stream } = await importBooks({
    body: file,
    bodySerializer: null,
    query: { dryRun: true },
    sseMaxRetryAttempts: 1,
    onSseEvent: ({ event, data }) => lines.push(`import: ${event} ${JSON.stringify(data)}`),
    onSseError: (error) => lines.push(`import: ${error}`),
  });
  for await (const data of stream) if ("code" in data) throw new Error(`${data.code}: ${data.detail}`);
  return lines;
}
