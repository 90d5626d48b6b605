// What the tests of the browser share: where things are, the browser, pages of ours and of others.

import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const { CHROMIUM, EMAIL, PASSWORD } = process.env;

/** The gateways of browsers and of the staff, and who signs in. */
export const { WEB, DESKTOP } = process.env;
export const CREDENTIALS = { email: EMAIL, password: PASSWORD };

/** The browser. */
export function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  });
}

/** Somebody else's server under this name. */
export function serve(host, answer = (_, response) => page(response)) {
  const server = createServer(answer);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({ server, origin: `http://${host}:${server.address().port}` }),
    );
  });
}

/** An empty page. */
function page(response) {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>a page of somebody else</title>');
}

/** The status of a request that a page of ours makes. */
export function ours(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const headers = { 'x-csrf': '1', 'content-type': 'application/json' };
      const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
      return answer.status;
    },
    [method, path, body],
  );
}
