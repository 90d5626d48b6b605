// Holds each answer against the gateway's document.
const answers = documented.operations[pm.info.requestName.split(" ")[0]];
const answer = answers && answers[pm.response.code];

pm.test(`${pm.response.code} is a documented answer`, () => pm.expect(answer, "documented").to.be.an("object"));
pm.test("names the request", () => pm.response.to.have.header("x-request-id"));

if (answer) {
    const kinds = Object.keys(answer);
    const kind = (pm.response.headers.get("content-type") || "").split(";")[0];
    pm.test(kinds.length ? `is ${kinds.join(" or ")}` : "has no body", () => {
        if (kinds.length) pm.expect(kind).to.be.oneOf(kinds);
        else pm.expect(pm.response.text()).to.equal("");
    });
    if (kind.endsWith("json") && answer[kind]) {
        const schema = Object.assign({ components: documented.components }, answer[kind]);
        // A stream of lines has one JSON on each.
        const lines = kind.endsWith("ndjson") ? pm.response.text().trim().split("\n") : [pm.response.text()];
        pm.test("has the documented shape", () => {
            for (const line of lines) pm.expect(JSON.parse(line)).to.have.jsonSchema(schema, { logger: false });
        });
    }
}
