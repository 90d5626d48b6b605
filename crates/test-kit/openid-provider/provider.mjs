// The provider that the tests sign in with: oidc-provider with its own pages for signing in and consenting.
//
// Reads its settings, one JSON object, from the first argument: `clients` as the provider knows them, and `people`, by
// the name that they sign in with. Takes a free port of 127.0.0.1 and writes its issuer as the first line.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { clients, people } = JSON.parse(process.argv[2]);

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients,
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "preferred_username"],
    },
    findAccount: (_, name) => ({
      accountId: name,
      claims: () => ({ sub: name, ...people[name] }),
    }),
    pkce: { required: () => true },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});

// Whoever started it holds the other end, also where it dies without a word.
process.stdin.resume().on("end", () => process.exit());
