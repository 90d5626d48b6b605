// S4: what pages of somebody else try through the browser of somebody who is signed in with us. They want to change
// something, to sign people in or out, and to listen.
//
// Each attack has a mutant: it is let loose on a careless shop as well, and has to get through there.
//
// Started by the journey `browser.rs`, which says in the environment where things are.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { CREDENTIALS, DESKTOP, WEB, launch, ours, serve } from './setting.js';

/** We have a name of our own, so that there are sibling hosts: other origins that `SameSite` does not keep the cookie from. */
const HOST = 'www.shop.localhost';
const HOME = WEB.replace('127.0.0.1', HOST);
const STAFF = { ...CREDENTIALS, email: 'staff@triptych.example' };

let browser, page, careless;
/** Origins of others, each with a page in the browser of somebody who is signed in, and of somebody who is not. */
const others = {};
let signedIn, signedOut;

before(async () => {
  browser = await launch();
  careless = await carelessShop();
  [signedIn, signedOut] = [await browser.newContext(), await browser.newContext()];
  page = await signedIn.newPage();
  await page.goto(careless.origin);
  await page.goto(HOME);
  assert.equal(await ours(page, 'POST', '/api/session', CREDENTIALS), 200);
  const hosts = { 'another site': 'evil.localhost', 'a sibling host': 'evil.shop.localhost', 'another port': HOST };
  for (const [whose, host] of Object.entries(hosts)) {
    const pages = { theirs: await signedIn.newPage(), ofGuest: await signedOut.newPage() };
    others[whose] = { ...(await serve(host)), ...pages };
  }
});

after(async () => {
  await browser?.close();
  for (const { server } of [careless, ...Object.values(others)]) server?.close();
});

/** A shop that takes everything from everybody whose browser has its cookie, and remembers what. */
async function carelessShop() {
  const taken = [];
  const take = ({ method, url, headers }) => {
    // Whatever the cookie says, this browser sends it along with what another site asks for only where it goes there.
    const comesAlone = headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate';
    if (method !== 'OPTIONS' && (headers.cookie?.includes('sid=1') || comesAlone)) taken.push(url);
  };
  const shop = await serve('careless.shop.localhost', (request, response) => {
    take(request);
    if (request.url === '/') response.setHeader('set-cookie', 'sid=1; SameSite=None; Secure; HttpOnly');
    response.setHeader('cache-control', 'no-store');
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    response.setHeader('access-control-allow-credentials', 'true');
    response.setHeader('access-control-allow-headers', 'content-type, x-csrf');
    response.setHeader('access-control-allow-methods', 'DELETE');
    response.setHeader('content-type', 'text/event-stream');
    response.end('data: what is private\n\n');
  });
  shop.server.on('upgrade', (request, socket) => {
    const key = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
    const accept = createHash('sha1').update(key).digest('base64');
    const upgrade = ['HTTP/1.1 101 Welcome', 'Upgrade: websocket', 'Connection: Upgrade'];
    socket.end([...upgrade, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
  });
  return { ...shop, taken };
}

/** Lets a page of this origin attack, and waits until the request has ended, answered or not. */
async function send(theirs, origin, how, [to, body]) {
  await theirs.goto(origin);
  const toThem = (request) => request.url() === to;
  const wait = (event) => theirs.waitForEvent(event, { predicate: toThem, timeout: 15_000 });
  const ended = Promise.any([wait('requestfinished'), wait('requestfailed')]);
  // The page may have gone where a form led.
  await theirs.evaluate(how, [to, JSON.stringify(body)]).catch(() => {});
  await ended;
}

/** What an attack would change: whether somebody is signed in, as whom, where, and what they have written. */
async function state() {
  return page.evaluate(async () => {
    const session = await fetch('/api/session');
    const { username } = session.ok ? await session.json() : {};
    const articles = await fetch(`/api/articles?author=${username}`);
    const devices = await fetch('/api/sessions');
    const { items } = devices.ok ? await devices.json() : {};
    return { username, articles: (await articles.json()).articlesCount, devices: items?.length };
  });
}

/** What is wanted, and where it is done. */
const AIMS = {
  'writes anything': ['/api/articles', { article: { title: 'Forged', description: 'd', body: 'b' } }],
  'signs anybody in as somebody else': ['/api/session', STAFF],
  'signs anybody out': ['/api/session?_method=DELETE', { _method: 'DELETE' }],
};

const ATTACKS = {
  'a form': ([to]) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: to });
    form.innerHTML = '<input name="article" value="forged">';
    document.body.append(form);
    form.submit();
  },
  'a form with a file': ([to]) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: to });
    form.enctype = 'multipart/form-data';
    form.innerHTML = '<input name="article" value="forged">';
    document.body.append(form);
    form.submit();
  },
  'JSON in a form': ([to, json]) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: to });
    form.enctype = 'text/plain';
    const input = document.createElement('input');
    [input.name, input.value] = [json.slice(0, -1) + ',"x":"', '"}'];
    form.append(input);
    document.body.append(form);
    form.submit();
  },
  'a fetch without CORS': ([to, json]) =>
    fetch(to, { method: 'POST', mode: 'no-cors', credentials: 'include', body: json }),
  'a fetch with CORS': ([to, json]) =>
    fetch(to, {
      method: 'POST',
      credentials: 'include',
      headers: { 'content-type': 'application/json', 'x-csrf': '1' },
      body: json,
    }).then((answer) => answer.text()),
  'a beacon': ([to, json]) => navigator.sendBeacon(to, new Blob([json], { type: 'text/plain' })),
  'a DELETE': ([to]) =>
    fetch(to, { method: 'DELETE', credentials: 'include' }).then((answer) => answer.text()),
  'a DELETE with the header': ([to]) =>
    fetch(to, { method: 'DELETE', credentials: 'include', headers: { 'x-csrf': '1' } }).then((answer) =>
      answer.text(),
    ),
  'a picture': ([to]) => void (new Image().src = to),
  'a link that is fetched beforehand': ([to]) =>
    document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: to })),
};

test('what the attacks are after is what a page of ours can do', async () => {
  const was = await state();
  const [path, body] = AIMS['writes anything'];
  assert.equal(await ours(page, 'POST', path, body), 201);
  assert.deepEqual(await state(), { ...was, articles: was.articles + 1 });
  assert.equal(await ours(page, 'DELETE', '/api/session'), 204);
  assert.equal((await state()).username, undefined);
  assert.equal(await ours(page, 'POST', '/api/session', CREDENTIALS), 200);
  assert.deepEqual([was.username, (await state()).username], ['demo', 'demo']);
});

test('the cookie stays away where another site leads, and only there', async () => {
  const to = `${HOME}/api/session`;
  for (const [whose, { origin, theirs }] of Object.entries(others)) {
    await theirs.goto(origin);
    const answer = theirs.waitForResponse(to);
    await theirs.evaluate((to) => void (location.href = to), to);
    assert.equal((await answer).status(), whose === 'another site' ? 401 : 200, whose);
  }
});

for (const [kind, how] of Object.entries(ATTACKS)) {
  for (const [aim, [path, body]] of Object.entries(AIMS)) {
    test(`nobody else ${aim} with ${kind}`, async () => {
      const was = await state();
      assert.equal(was.username, 'demo');
      for (const [whose, { origin, theirs }] of Object.entries(others)) {
        await send(theirs, origin, how, [HOME + path, body]);
        assert.deepEqual(await state(), was, whose);
      }
    });
  }

  test(`the mutant: a careless shop takes ${kind} of everybody`, async () => {
    for (const [whose, { origin, theirs }] of Object.entries(others)) {
      await send(theirs, origin, how, [`${careless.origin}/write`, {}]);
      assert.ok(careless.taken.splice(0).includes('/write'), whose);
    }
  });

  test(`nobody else signs in whoever is signed out with ${kind}`, async () => {
    for (const [whose, { origin, ofGuest }] of Object.entries(others)) {
      await send(ofGuest, origin, how, [`${HOME}/api/session`, STAFF]);
      assert.deepEqual(await signedOut.cookies(HOME), [], whose);
    }
  });
}

/** What a page gets to know, in its own words. */
const EARS = {
  'a fetch': ([to]) =>
    fetch(to, { credentials: 'include' }).then(
      (answer) => `status ${answer.status}`,
      () => 'nothing',
    ),
  'an EventSource': ([to]) =>
    new Promise((know) => {
      const source = new EventSource(to, { withCredentials: true });
      source.onopen = () => know('events');
      source.onerror = () => know('nothing');
    }),
  'a WebSocket': ([to, protocols]) =>
    new Promise((know) => {
      const socket = new WebSocket(to.replace('http', 'ws'), protocols);
      socket.onopen = () => know('a socket');
      socket.onerror = () => know('nothing');
    }),
  'a link that is fetched beforehand': ([to]) =>
    new Promise((know) => {
      const link = Object.assign(document.createElement('link'), { rel: 'prefetch', href: to });
      link.onload = () => know('that it is there');
      link.onerror = () => know('nothing');
      document.head.append(link);
    }),
};

for (const [kind, how] of Object.entries(EARS)) {
  test(`nobody else gets to know anything with ${kind}`, async () => {
    for (const [whose, { origin, theirs }] of Object.entries(others)) {
      await theirs.goto(origin);
      for (const path of ['/api/session', '/api/events']) {
        assert.equal(await theirs.evaluate(how, [HOME + path]), 'nothing', `${path}: ${whose}`);
      }
      const known = await theirs.evaluate(how, [`${careless.origin}/api/events`]);
      assert.notEqual(known, 'nothing', `the mutant: ${whose}`);
    }
  });
}

test('a page of ours hears the events that others do not', async () => {
  assert.equal(await page.evaluate(EARS['a fetch'], [`${HOME}/api/session`]), 'status 200');
  assert.equal(await page.evaluate(EARS['an EventSource'], [`${HOME}/api/events`]), 'events');
});

test('nobody else opens a socket at the desk, not even with a token of the staff', async () => {
  const answer = await fetch(`${DESKTOP}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(STAFF),
  });
  const { accessToken } = await answer.json();
  const protocols = ['triptych.events', `bearer.${accessToken}`];
  const open = async (theirs, address) => {
    await theirs.goto(address);
    return theirs.evaluate(EARS['a WebSocket'], [`${DESKTOP}/v1/events`, protocols]);
  };
  for (const [whose, { origin, theirs }] of Object.entries(others)) {
    assert.equal(await open(theirs, origin), 'nothing', whose);
  }
  // The mutant: a page of the desktop's own origin.
  const { theirs } = others['another port'];
  assert.equal(await open(theirs, `${DESKTOP}/docs/`), 'a socket');
});

test('no sibling host gives anybody a session of its own choice', async () => {
  const { origin, ofGuest } = others['a sibling host'];
  await ofGuest.goto(origin);
  await ofGuest.evaluate(() => {
    for (const name of ['__Host-Http-sid', '__Host-sid', 'sid']) {
      document.cookie = `${name}=chosen; Domain=shop.localhost; Path=/; Secure`;
    }
  });
  const set = (await signedOut.cookies(HOME)).map(({ name, value }) => [name, value]);
  // Any other name gets through, which is what the name is for.
  assert.deepEqual(set, [['sid', 'chosen']]);
});
