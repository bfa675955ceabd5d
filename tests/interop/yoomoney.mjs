// SPDX-License-Identifier: MIT
// YooMoney: the page, the exchange of the code and the revocation, as yoomoney-sdk does them and as jeton does. It
// never opens a browser: the simulator grants at once, and what it redirects to is read from the header.

import { holds, is, it, same } from "./lib/check.mjs";
import { exchange } from "./lib/exchange.mjs";
import { jetonWith } from "./lib/jeton.mjs";
import * as outcome from "./lib/outcome.mjs";
import * as simulator from "./lib/simulator.mjs";
import { takeWanted } from "./lib/transport.mjs";
import { sameAsRecorded, sdk, sdkVersion, vectors } from "./lib/vectors.mjs";

const NAME = `yoomoney-sdk ${sdkVersion("yoomoney-sdk")}`;
const ACCOUNT = "yoomoney/shop/anna";
const THREE_YEARS_S = 1095 * 86400;
const EX_UNAVAILABLE = 69;

const { API, Auth } = sdk("yoomoney-sdk");
const recorded = vectors("yoomoney");
const byName = (name) => recorded.find((vector) => vector.name === `yoomoney.${name}`);
const { client_id, client_secret, redirect_uri } = byName("token.ok_with_secret").inputs;

const jetonForYoomoney = (more = {}) =>
    jetonWith((secret) => ({
        yoomoney: {
            shop: {
                client_id: more.client_id ?? client_id,
                client_secret_file: more.client_secret && secret(more.client_secret),
                redirect_uri: more.redirect_uri ?? redirect_uri,
                scope: more.scope,
                instance_name: more.instance_name,
            },
        },
    }));

const acquire = (jeton, code) => jeton.runWith(code, "acquire", ACCOUNT, "-p", "code=@-");

// The SDK gives the bare token; type and lifetime are what YooMoney's documentation says of all of them.
const tokenOf = (access_token) => ({ access_token, token_type: "Bearer", lifetime_s: THREE_YEARS_S });

const knownWithout = (secret, more = {}) => ({ ...more, ...(secret ? {} : { "yoomoney-empty-secret": null }) });

// --- the page --------------------------------------------------------------------------------------------------------

async function samePage(inputs) {
    const jeton = await jetonForYoomoney(inputs);
    const { url } = await jeton.done("login", ACCOUNT, "--print-url");
    const theirs = new Auth(inputs.client_id, inputs.redirect_uri).getAuthUrl(inputs.scope, inputs.instance_name);
    const { base_url } = await jeton.done("describe", "yoomoney");
    is("jeton's page is below its base_url", url.startsWith(`${simulator.base("yoomoney")}/`), true);
    same("the page", theirs, url.replace(simulator.base("yoomoney"), base_url));
}

// The SDK's form does not escape quotes, so only scopes without them can be read back from it.
async function sameForm() {
    const scope = ["account-info", "payment-p2p"];
    const inputs = { client_id, redirect_uri, scope, instance_name: "device 1" };
    const html = new Auth(client_id, redirect_uri).getAuthForm(scope, inputs.instance_name);
    const fields = [...html.matchAll(/<input[^>]* name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [
        name,
        value,
    ]);
    const jeton = await jetonForYoomoney(inputs);
    const { url } = await jeton.done("login", ACCOUNT, "--print-url");
    same("the fields of the form and the parameters of the page", fields, [...new URL(url).searchParams]);
}

// What the browser does: it opens the page and is sent back with a code.
async function codeFrom(page) {
    const response = await fetch(page, { redirect: "manual" });
    is("status of the page", response.status, 302);
    takeWanted();
    return new URL(response.headers.get("location")).searchParams.get("code");
}

async function wholeLogin() {
    await simulator.reset();
    const scope = ["account-info", "operation-history"];
    const jeton = await jetonForYoomoney({ client_secret, scope });
    const auth = new Auth(client_id, redirect_uri, client_secret);
    const { base_url } = await jeton.done("describe", "yoomoney");
    const { url } = await jeton.done("login", ACCOUNT, "--print-url");
    const theirCode = await codeFrom(auth.getAuthUrl(scope));
    const ourCode = await codeFrom(url.replace(simulator.base("yoomoney"), base_url));
    const { sdk: theirs, jeton: ours } = await exchange(
        "yoomoney",
        () => auth.exchangeCode2Token(theirCode),
        () => acquire(jeton, ourCode),
        { known: { "yoomoney-code": (...codes) => is("the codes sent", codes, [theirCode, ourCode]) } },
    );
    holds("the SDK has a token", theirs.value, theirs.error);
    await outcome.sameKindOfToken("yoomoney", tokenOf(theirs.value), ours.value);
}

// --- the exchange ----------------------------------------------------------------------------------------------------

async function exchangesLive(secret) {
    await simulator.reset();
    const jeton = await jetonForYoomoney({ client_secret: secret });
    const codes = [await simulator.code("yoomoney"), await simulator.code("yoomoney")];
    const { sdk: theirs, jeton: ours } = await exchange(
        "yoomoney",
        () => new Auth(client_id, redirect_uri, secret).exchangeCode2Token(codes[0]),
        () => acquire(jeton, codes[1]),
        { known: knownWithout(secret, { "yoomoney-code": (...sent) => is("the codes sent", sent, codes) }) },
    );
    holds("the SDK has a token", theirs.value, theirs.error);
    await outcome.sameKindOfToken("yoomoney", tokenOf(theirs.value), ours.value);
}

async function refusedLive(more, spent = false) {
    await simulator.reset();
    const wrong = { client_id, client_secret, redirect_uri, ...more };
    const jeton = await jetonForYoomoney(wrong);
    const code = spent ? await simulator.code("yoomoney") : "0".repeat(64);
    if (spent) {
        await new Auth(client_id, redirect_uri, client_secret).exchangeCode2Token(code);
    }
    const { sdk: theirs, jeton: ours } = await exchange(
        "yoomoney",
        () => new Auth(wrong.client_id, wrong.redirect_uri, wrong.client_secret).exchangeCode2Token(code),
        () => acquire(jeton, code),
    );
    holds("the SDK is refused", theirs.error, theirs.value);
    // The SDK keeps the code of an error and drops the status with which it came.
    const { status } = theirs.requests[0];
    outcome.sameError({ http_status: status, error: theirs.error.code }, ours.value);
}

async function makesTheSame(vector) {
    await simulator.reset();
    const { inputs, response } = vector;
    const jeton = await jetonForYoomoney(inputs);
    const { sdk: theirs, jeton: ours } = await exchange(
        "yoomoney",
        () => new Auth(inputs.client_id, inputs.redirect_uri, inputs.client_secret).exchangeCode2Token(inputs.code),
        () => acquire(jeton, inputs.code),
        {
            answers: [{ path: "/oauth/token", status: response.status, body: response.body }],
            known: knownWithout(inputs.client_secret),
        },
    );
    sameAsRecorded(vector, theirs.requests[0]);
    if (theirs.error) {
        outcome.sameError({ http_status: response.status, error: theirs.error.code }, ours.value);
    } else {
        outcome.sameToken(tokenOf(theirs.value), ours.value);
    }
}

// --- the revocation --------------------------------------------------------------------------------------------------

async function revokes() {
    await simulator.reset();
    const jeton = await jetonForYoomoney({ client_secret });
    const { json } = await acquire(jeton, await simulator.code("yoomoney"));
    const entry = async (wanted) => (await simulator.tokens("yoomoney")).find(({ token }) => token === wanted);
    const { sdk: theirs, jeton: ours } = await exchange(
        "yoomoney",
        () => new API(json.access_token).call("revoke", {}),
        () => jeton.run("revoke", ACCOUNT),
        {
            // Both shall hear "done": in truth the second to come would hear 401.
            answers: [{ path: "/api/revoke", status: 200, body: "" }],
        },
    );
    // The SDK cannot read the documented empty 200.
    is("the SDK's error", theirs.error?.message, "YooMoney returned empty answer: method not allowed");
    outcome.sameRevocation(ours.value);
    is("jeton's note", ours.value.json.note, undefined);

    const { json: own } = await acquire(jeton, await simulator.code("yoomoney"));
    await jeton.done("revoke", ACCOUNT);
    is("the provider's record of the token that jeton revoked", (await entry(own.access_token)).revoked, true);

    const { json: gone } = await acquire(jeton, await simulator.code("yoomoney"));
    await new API(gone.access_token).call("revoke", {}).catch(() => {});
    is("the provider's record of the token that the SDK revoked", (await entry(gone.access_token)).revoked, true);
    const again = await jeton.run("revoke", ACCOUNT);
    outcome.sameRevocation(again);
    holds("jeton says that there was nothing left to revoke", again.json.note?.includes("revoked before"), again.json);
}

async function revocationRefused(vector) {
    await simulator.reset();
    const jeton = await jetonForYoomoney({ client_secret });
    const { access_token } = vector.inputs;
    await simulator.answer("yoomoney", "/oauth/token", { body: { access_token } });
    await acquire(jeton, "any");
    const { status } = vector.response;
    const { jeton: ours } = await exchange(
        "yoomoney",
        () => new API(access_token).call("revoke", {}),
        () => jeton.run("revoke", ACCOUNT),
        { answers: [{ path: "/api/revoke", status, body: "" }] },
    );
    sameAsRecorded(vector, ours.requests[0]);
    is("the bearer", ours.requests[0].headers.authorization, `Bearer ${access_token}`);
    if (status === 400) {
        is("jeton's exit status", ours.value.status, EX_UNAVAILABLE);
        is("jeton's http_status", ours.value.json?.error.http_status, 400);
    } else {
        outcome.sameRevocation(ours.value);
    }
}

export async function checkYoomoney() {
    for (const name of ["authorizeUrl", "authorizeUrl.instance_name"]) {
        await it(`${NAME} Auth#getAuthUrl and jeton login --print-url give the same page (${name})`, () =>
            samePage(byName(name).inputs));
    }
    await it(`${NAME} Auth#getAuthForm has the fields that jeton's page has as parameters`, sameForm);
    await it(`${NAME} and jeton both go from the page to a token`, wholeLogin);
    const both = `${NAME} Auth#exchangeCode2Token and jeton acquire ${ACCOUNT}`;
    await it(`${both} send the same and get the same kind of token with a secret`, () => exchangesLive(client_secret));
    await it(`${both} send the same and get the same kind of token without one`, () => exchangesLive(undefined));
    await it(`${both} hear the same words for a code that was spent`, () => refusedLive({}, true));
    await it(`${both} hear the same words for a code that never was`, () => refusedLive({}));
    await it(`${both} hear the same words for a wrong client id`, () => refusedLive({ client_id: "nobody" }));
    await it(`${both} hear the same words for a wrong secret`, () => refusedLive({ client_secret: "wrong" }));
    await it(`${both} hear the same words for another redirect_uri`, () =>
        refusedLive({ redirect_uri: "https://client.example.com/other" }));
    for (const vector of recorded.filter(({ name }) => name.startsWith("yoomoney.token."))) {
        await it(`${NAME} and jeton make the same of the recorded answer ${vector.name}`, () => makesTheSame(vector));
    }
    await it(`${NAME} API#call("revoke") and jeton revoke send the same, and either way the token is gone`, revokes);
    for (const vector of recorded.filter(({ name }) => name.startsWith("yoomoney.revoke."))) {
        await it(`${NAME} API#call("revoke") and jeton revoke send the same for ${vector.name}`, () =>
            revocationRefused(vector));
    }
}
