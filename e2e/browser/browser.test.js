// A real browser against a running cluster: who gets the cookie, who can forge a request, which scripts run.
//
// Started by the journey `browser.rs`, which says in the environment where things are.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const { WEB, CHROMIUM } = process.env;
const CREDENTIALS = { email: process.env.EMAIL, password: process.env.PASSWORD };
const COOKIE = '__Host-Http-sid';

let browser, context, page;
/** Pages of two other origins: one of another site, one of the same site on another port. */
let elsewhere, nextDoor;

before(async () => {
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  });
  elsewhere = await serve('localhost');
  nextDoor = await serve('127.0.0.1');
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(WEB);
});

after(async () => {
  await browser?.close();
  elsewhere?.server.close();
  nextDoor?.server.close();
});

/** An empty page under this name, and what lies there. */
function serve(host) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>a page of somebody else</title>');
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({ server, origin: `http://${host}:${server.address().port}` }),
    );
  });
}

/** The session's cookie. */
async function session() {
  return (await context.cookies(WEB)).find((cookie) => cookie.name === COOKIE);
}

/** A request that a page of ours makes. */
function ours(method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const headers = { 'x-csrf': '1', 'content-type': 'application/json' };
      const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
      return answer.status;
    },
    [method, path, body],
  );
}

/** Ends when a request to us has ended, answered or not. */
function ended(attacker) {
  const toUs = (request) => request.url().startsWith(WEB);
  const wait = (event) => attacker.waitForEvent(event, { predicate: toUs, timeout: 5_000 });
  return Promise.any([wait('requestfinished'), wait('requestfailed')]);
}

/** What an attack would change: whether somebody is signed in, as whom, and what they have written. */
async function state() {
  return page.evaluate(async () => {
    const session = await fetch('/api/session');
    const { username } = session.ok ? await session.json() : {};
    const articles = await fetch(`/api/articles?author=${username}`);
    return { username, articles: (await articles.json()).articlesCount };
  });
}

test('signing in sets a cookie that no script can see or set', async () => {
  assert.equal(await ours('POST', '/api/session', CREDENTIALS), 200);
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
  assert.equal((await state()).username, 'demo');
});

test('the changes that the attacks are after are ones that a page of ours can make', async () => {
  const was = await state();
  const article = { title: 'Meant', description: 'd', body: 'b' };
  assert.equal(await ours('POST', '/api/articles', { article }), 201);
  assert.equal((await state()).articles, was.articles + 1);
});

const ATTACKS = {
  'a form': (to) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: to });
    form.innerHTML = '<input name="article" value="forged">';
    document.body.append(form);
    form.submit();
  },
  'a form with a file': (to) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: to });
    form.enctype = 'multipart/form-data';
    form.innerHTML = '<input name="article" value="forged">';
    document.body.append(form);
    form.submit();
  },
  'JSON in a form': (to, json) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: to });
    form.enctype = 'text/plain';
    const input = document.createElement('input');
    [input.name, input.value] = [json.slice(0, -1) + ',"x":"', '"}'];
    form.append(input);
    document.body.append(form);
    form.submit();
  },
  'a fetch without CORS': (to, json) =>
    fetch(to, { method: 'POST', mode: 'no-cors', credentials: 'include', body: json }),
  'a fetch with CORS': (to, json) =>
    fetch(to, {
      method: 'POST',
      credentials: 'include',
      headers: { 'content-type': 'application/json', 'x-csrf': '1' },
      body: json,
    }).catch(() => {}),
  'a beacon': (to, json) => navigator.sendBeacon(to, new Blob([json], { type: 'text/plain' })),
  'a DELETE': (to) => fetch(to, { method: 'DELETE', credentials: 'include' }).catch(() => {}),
  'a DELETE with the header': (to) =>
    fetch(to, { method: 'DELETE', credentials: 'include', headers: { 'x-csrf': '1' } }).catch(() => {}),
  'a picture': (to) =>
    new Promise((done) => {
      const picture = new Image();
      picture.onerror = picture.onload = done;
      picture.src = to;
    }),
};

for (const [kind, attack] of Object.entries(ATTACKS)) {
  test(`no other origin changes anything with ${kind}`, async () => {
    const targets = [
      ['/api/articles', { article: { title: 'Forged', description: 'd', body: 'b' } }],
      ['/api/session', { email: 'staff@triptych.example', password: CREDENTIALS.password }],
    ];
    const was = await state();
    assert.equal(was.username, 'demo');
    for (const { origin } of [elsewhere, nextDoor]) {
      for (const [path, body] of targets) {
        const theirs = await context.newPage();
        await theirs.goto(origin);
        const sent = ended(theirs);
        await theirs
          .evaluate(
            ([attack, to, json]) => new Function(`return (${attack})(...arguments)`)(to, json),
            [attack.toString(), WEB + path, JSON.stringify(body)],
          )
          .catch(() => {}); // The page may have gone where the form led.
        await sent;
        await theirs.close();
        assert.deepEqual(await state(), was, `${kind} from ${origin} to ${path}`);
      }
    }
  });
}

test('no other origin reads what is private', async () => {
  for (const { origin } of [elsewhere, nextDoor]) {
    const theirs = await context.newPage();
    await theirs.goto(origin);
    const read = await theirs.evaluate(
      (to) => fetch(to, { credentials: 'include' }).then((a) => a.text(), () => 'nothing'),
      `${WEB}/api/session`,
    );
    assert.equal(read, 'nothing', origin);
    await theirs.close();
  }
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
  assert.equal(await ours('DELETE', '/api/session'), 204);
  assert.equal(await session(), undefined);
  assert.equal((await state()).username, undefined);
});
