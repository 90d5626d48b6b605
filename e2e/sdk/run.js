// Runs the example of an SDK, as TypeScript compiled it: node run.js FILE BASE_URL EMAIL PASSWORD
// Prints the lines that it shows, as JSON.

const path = require("node:path");

const [file, baseUrl, email, password] = process.argv.slice(2);
const { open, show } = require(path.resolve(file));

/** What a browser adds to `fetch`: it keeps cookies and sends them back. */
const jar = new Map();
async function browser(request) {
  if (jar.size > 0) request.headers.set("cookie", [...jar].map((cookie) => cookie.join("=")).join("; "));
  const response = await fetch(request);
  for (const cookie of response.headers.getSetCookie()) {
    const [name, value] = cookie.split(";")[0].split("=");
    jar.set(name, value);
  }
  return response;
}

open(baseUrl, browser);
show(email, password).then((lines) => console.log(JSON.stringify(lines)));
