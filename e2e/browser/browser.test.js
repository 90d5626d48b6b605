// A real browser against a running cluster: who gets the cookie, which scripts run, who may frame a page.
//
// Started by the journey `browser.rs`, which says in the environment where things are.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CREDENTIALS, WEB, launch, ours, serve } from './setting.js';

const COOKIE = '__Host-Http-sid';

let browser, context, page, elsewhere;

before(async () => {
  browser = await launch();
  elsewhere = await serve('localhost');
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(WEB);
});

after(async () => {
  await browser?.close();
  elsewhere?.server.close();
});

/** The session's cookie. */
async function session() {
  return (await context.cookies(WEB)).find((cookie) => cookie.name === COOKIE);
}

test('signing in sets a cookie that no script can see or set', async () => {
  assert.equal(await ours(page, 'POST', '/api/session', CREDENTIALS), 200);
  const cookie = await session();
  assert.equal(cookie.name, COOKIE);
  assert.deepEqual(
    [cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path],
    [true, true, 'Strict', '/'],
  );
  const seen = await page.evaluate((name) => {
    document.cookie = `${name}=mine; Path=/; Secure`;
    return document.cookie;
  }, COOKIE);
  assert.equal(seen, '');
  assert.equal(await ours(page, 'GET', '/api/session'), 200);
});

test('no other page can frame ours', async () => {
  const theirs = await context.newPage();
  await theirs.goto(elsewhere.origin);
  const framed = await theirs.evaluate(
    (to) =>
      new Promise((done) => {
        const frame = document.createElement('iframe');
        frame.src = to;
        frame.onload = () => done(frame.contentWindow.length);
        document.body.append(frame);
      }),
    WEB,
  );
  assert.equal(framed, 0, 'the frames of our page are there');
  await theirs.close();
});

test('only scripts with the nonce run', async () => {
  const violations = [];
  const fresh = await context.newPage();
  fresh.on('console', (message) => violations.push(message.text()));
  await fresh.goto(WEB);
  await fresh.click('#link');
  const { ours, injected } = await fresh.evaluate(() => ({ ours: window.ours, injected: window.injected }));
  assert.equal(ours, true);
  assert.equal(injected, undefined);
  assert.ok(violations.some((text) => text.includes('Content Security Policy')));
  const written = await fresh.evaluate(() => {
    try {
      document.body.innerHTML = '<img src=x onerror="window.injected = 1">';
      return 'written';
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(written, 'TypeError', 'Trusted Types are required');
  const nonces = new Set();
  for (let round = 0; round < 3; round++) {
    const answer = await fresh.goto(WEB);
    nonces.add(/'nonce-([0-9a-f]+)'/.exec(answer.headers()['content-security-policy'])[1]);
  }
  assert.equal(nonces.size, 3);
  await fresh.close();
});

test('the documentation works under its policy', async () => {
  const docs = await context.newPage();
  const problems = [];
  docs.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await docs.goto(`${WEB}/docs/`);
  await docs.waitForSelector('.opblock', { timeout: 10_000 });
  assert.deepEqual(problems, []);
  await docs.close();
});

test('signing out takes the cookie away', async () => {
  assert.equal(await ours(page, 'DELETE', '/api/session'), 204);
  assert.equal(await session(), undefined);
  assert.equal(await ours(page, 'GET', '/api/session'), 401);
});
