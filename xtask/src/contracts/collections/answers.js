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
        pm.test("has the documented shape", () => pm.response.to.have.jsonSchema(schema, { logger: false }));
    }
}
