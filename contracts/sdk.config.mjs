// How the clients' SDKs are made from the gateways' documents; `cargo xtask sdk` runs it.
// They are written into the folder that SDK_FOLDER names, `clients` by default.

import { readFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const out = process.env.SDK_FOLDER ?? new URL("clients", root).pathname;

export default ["web", "mobile", "desktop"].map((face) => ({
  input: withPlainEvents(JSON.parse(readFileSync(new URL(`bff-${face}/openapi.json`, root), "utf8"))),
  output: { path: `${out}/${face}/sdk/src`, clean: true },
  plugins: ["@hey-api/typescript", "@hey-api/sdk", "@hey-api/client-fetch"],
  logs: { level: "error", file: false },
}));

/**
 * Documents say of a stream which events come with which data, written as JSON into a text; what the SDK's streams yield
 * is the data alone, read already.
 */
function withPlainEvents(document) {
  for (const operation of Object.values(document.paths).flatMap(Object.values)) {
    const stream = operation.responses?.["200"]?.content?.["text/event-stream"];
    const event = stream && (document.components.schemas[stream.schema.$ref?.split("/").at(-1)] ?? stream.schema);
    const forms = event?.oneOf ?? event?.anyOf ?? (event ? [event] : []);
    const data = forms.flatMap((form) => form.properties?.data?.contentSchema ?? []);
    const distinct = [...new Map(data.map((schema) => [JSON.stringify(schema), schema])).values()];
    if (distinct.length > 0) stream.schema = distinct.length === 1 ? distinct[0] : { oneOf: distinct };
  }
  return document;
}
