// A real browser against a cluster as a developer starts it: plain http on localhost, where cookies cannot be `Secure` in
// every browser. What is relaxed is the name and that attribute, and nothing else.
//
// Started by the journey `browser.rs`, which says in the environment where things are.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const { WEB, CHROMIUM } = process.env;
const CREDENTIALS = { email: process.env.EMAIL, password: process.env.PASSWORD };
/** As a developer has it in the address bar. */
const HOME = WEB.replace('127.0.0.1', 'localhost');

let browser, context, page;

before(async () => {
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  });
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(HOME);
});

after(() => browser?.close());

/** The session's cookie. */
async function session() {
  return (await context.cookies(HOME)).find((cookie) => cookie.name === 'sid');
}

/** The status of a request that a page of ours makes. */
function ask(method, body, headers = { 'x-csrf': '1' }) {
  return page.evaluate(
    async ([method, body, headers]) => {
      headers['content-type'] = 'application/json';
      return (await fetch('/api/session', { method, headers, body: body && JSON.stringify(body) })).status;
    },
    [method, body, headers],
  );
}

test('signing in works, and the cookie is hidden from scripts', async () => {
  assert.equal(await ask('POST', CREDENTIALS), 200);
  const cookie = await session();
  assert.deepEqual(
    [cookie.name, cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path],
    ['sid', true, false, 'Strict', '/'],
  );
  assert.equal(await page.evaluate(() => document.cookie), '');
});

test('one is still signed in after loading the page again', async () => {
  await page.reload();
  assert.equal(await ask('GET'), 200);
});

test('a change without the header is refused here too', async () => {
  assert.equal(await ask('DELETE', undefined, {}), 403);
  assert.equal(await ask('GET'), 200);
});

test('signing out takes the cookie away', async () => {
  assert.equal(await ask('DELETE'), 204);
  assert.equal(await session(), undefined);
  assert.equal(await ask('GET'), 401);
});
