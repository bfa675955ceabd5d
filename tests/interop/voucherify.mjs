// SPDX-License-Identifier: MIT
// Voucherify: no package on npm has its OAuth calls, so jeton is compared with what was recorded of the official SDK's
// OAuthApi. It never takes a recorded answer for the live service's word: the texts of errors are inferred.

import { holds, is, it, near } from "./lib/check.mjs";
import { jetonWith } from "./lib/jeton.mjs";
import * as outcome from "./lib/outcome.mjs";
import * as simulator from "./lib/simulator.mjs";
import { sameAsRecorded, vectors } from "./lib/vectors.mjs";

const EX_USAGE = 64;
const EX_CONFIG = 78;
const TOKEN_PATH = "/v1/oauth/token";

const recorded = vectors("voucherify");
const byName = (name) => recorded.find((vector) => vector.name === `voucherify.${name}`);

const jetonForVoucherify = ({ app_id, app_token, scope }) =>
    jetonWith((secret) => ({ voucherify: { shop: { app_id, app_token_file: secret(app_token), scope } } }));

async function answered({ request, response }) {
    await simulator.answer("voucherify", request.path, { status: response.status, body: response.body });
}

async function sent(act) {
    await simulator.forget();
    const came = await act();
    return { came, requests: await simulator.requests("voucherify") };
}

function errorOf({ status, body }) {
    return { http_status: status, error: body?.key, description: body?.message };
}

async function acquires(vector) {
    await simulator.reset();
    const jeton = await jetonForVoucherify(vector.inputs);
    // The recorded end has passed; expires_in is what counts, but a far-off end would earn a note.
    const { status, body } = vector.response;
    const end = body.expires_at ? { expires_at: Math.floor(Date.now() / 1000) + body.expires_in } : {};
    await answered({ request: vector.request, response: { status, body: { ...body, ...end } } });
    const { came, requests } = await sent(() => jeton.run("acquire", "voucherify/shop"));
    is("requests", requests.length, 1);
    sameAsRecorded(vector, requests[0]);
    if (status === 200) {
        outcome.sameToken(outcome.tokenOfBody(vector.expected), came);
        is("what else Voucherify said", came.json.extra?.client_id, vector.expected.client_id);
    } else if (status === 429) {
        outcome.sameTransientError(errorOf(vector.response), came);
    } else {
        outcome.sameError(errorOf(vector.response), came);
    }
}

// Introspection and revocation are about the recorded token, so it must be the one that jeton has.
async function holding(vector) {
    await simulator.reset();
    const jeton = await jetonForVoucherify({ ...vector.inputs, scope: "api" });
    const { access_token } = vector.inputs;
    const body = { access_token, token_type: "Bearer", expires_in: 900, scope: "api" };
    await simulator.answer("voucherify", TOKEN_PATH, { body });
    await jeton.done("acquire", "voucherify/shop");
    await simulator.clearFaults();
    return jeton;
}

async function introspects(vector) {
    const jeton = await holding(vector);
    await answered(vector);
    const { came, requests } = await sent(() => jeton.run("introspect", "voucherify/shop"));
    is("requests", requests.length, 1);
    sameAsRecorded(vector, requests[0]);
    is("jeton's exit status", came.status, 0);
    const { active, client_id, scope, expires_at } = vector.expected;
    is("active", came.json.active, active);
    is("client_id and scope", [came.json.client_id, came.json.scope], [client_id, scope]);
    is("exp", came.json.exp, expires_at);
    holds("the token is not repeated", !came.out.includes(vector.inputs.access_token), came.json);
}

async function revokes(vector) {
    const jeton = await holding(vector);
    await answered(vector);
    const { came, requests } = await sent(() => jeton.run("revoke", "voucherify/shop"));
    is("requests", requests.length, 1);
    sameAsRecorded(vector, requests[0]);
    outcome.sameRevocation(came);
}

async function alwaysSendsBoth() {
    const vector = byName("generate.no_args");
    is("what the SDK sends without arguments", vector.request.body_raw, "");
    await simulator.reset();
    const jeton = await jetonForVoucherify(vector.inputs);
    const { came, requests } = await sent(() => jeton.run("acquire", "voucherify/shop"));
    is("jeton's exit status", came.status, 0);
    is("what jeton sends", requests[0].form, { grant_type: "client_credentials", scope: "api" });
    near("the token's lifetime", came.json.expires_at - came.json.issued_at, 900, 0);
}

async function refusesCommas() {
    await simulator.reset();
    const jeton = await jetonForVoucherify(byName("generate.invalid_scope").inputs);
    const { came, requests } = await sent(() => jeton.run("acquire", "voucherify/shop"));
    is("requests", requests.length, 0);
    is("jeton's exit status", came.status, EX_CONFIG);
    holds("jeton says why", came.err.includes("comma"), came.err);
}

async function asksNothingAboutNothing() {
    await simulator.reset();
    const jeton = await jetonForVoucherify(byName("introspect.missing").inputs);
    const { came, requests } = await sent(() => jeton.run("introspect", "voucherify/shop"));
    is("requests", requests.length, 0);
    is("jeton's exit status", came.status, EX_USAGE);
    holds("jeton says that there is no token", came.err.includes("no token is stored"), came.err);
}

export async function checkVoucherify() {
    const special = ["no_args", "invalid_scope", "missing"];
    for (const vector of recorded.filter(({ name }) => !special.some((end) => name.endsWith(`.${end}`)))) {
        const [, operation] = vector.name.split(".");
        const check = { generate: acquires, introspect: introspects, revoke: revokes }[operation];
        await it(`jeton sends what Voucherify's SDK did and makes the same of the answer, ${vector.name}`, () =>
            check(vector));
    }
    await it("jeton sends grant_type and scope also where Voucherify's SDK sends an empty form", alwaysSendsBoth);
    await it("jeton refuses a comma in a scope before Voucherify does", refusesCommas);
    await it("jeton asks Voucherify nothing where it has no token to ask about", asksNothingAboutNothing);
}
