// SPDX-License-Identifier: MIT
// LINE, by recorded answers: for each exchange in tests/vectors/line.json the SDK and jeton get the very same answer
// and must make the same of it. It never asks the simulator what it finds right; line.mjs does.

import { holds, is, it, same } from "./lib/check.mjs";
import { exchange } from "./lib/exchange.mjs";
import * as outcome from "./lib/outcome.mjs";
import * as simulator from "./lib/simulator.mjs";
import { sameAsRecorded, vectors } from "./lib/vectors.mjs";
import { jetonForLine } from "./line.mjs";
import * as line from "./line_sdk.mjs";

const TRANSIENT = new Set([408, 423, 429]);

// Names in the recording that are not the method's own.
const METHODS = {
    kids: "getsAllValidChannelAccessTokenKeyIds",
    "stateless.jwt": "issueStatelessChannelTokenByJWTAssertion",
    "stateless.secret": "issueStatelessChannelTokenByClientSecret",
};

// line.OAuth7.issueAccessToken.ok: which SDK, which method of it
function find(vector) {
    const [, className, ...rest] = vector.name.split(".");
    rest.pop();
    const method = METHODS[rest.join(".")] ?? rest.join(".");
    const client = line.SDKS.find(
        (candidate) => candidate.className === className.replace(/\d$/, "") && candidate.version === vector.sdk_version,
    );
    const entry = client && Object.entries(client.methods).find(([, [name]]) => name === method);
    if (!entry) {
        throw new Error(`no SDK here has what ${vector.name} (${vector.sdk_version}) was recorded from`);
    }
    return { client, operation: entry[0] };
}

// The accounts that make jeton send what was recorded: an assertion is known by its claims.
function settingsFor({ client_id, client_secret, client_assertion }) {
    if (!client_assertion) {
        return { client_id, client_secret };
    }
    const [header, claims] = line.claimsOf(client_assertion);
    return { client_id: claims.iss, key_id: header.kid, token_lifetime: claims.token_exp };
}

// Verifications and revocations are about the recorded token, so it must be the one that jeton has.
async function plant(jeton, account, access_token) {
    const issue = { bot: "issueV2", signed: "issueV21" }[account];
    const body = {
        access_token,
        token_type: "Bearer",
        expires_in: 2592000,
        key_id: account === "signed" ? "k" : undefined,
    };
    await simulator.answer("line", line.OPERATIONS[issue].path, { body });
    await jeton.done("acquire", `line/${account}`);
}

async function makeTheSame(vector) {
    const { client, operation } = find(vector);
    const { command, account, path } = line.OPERATIONS[operation];
    const { inputs, response } = vector;
    await simulator.reset();
    const jeton = await jetonForLine(settingsFor(inputs));
    if (inputs.access_token) {
        await plant(jeton, account, inputs.access_token);
    }
    const assertionOf = ([request]) => request.form.client_assertion ?? request.query.client_assertion;
    const { sdk, jeton: came } = await exchange(
        "line",
        ([...requests]) => {
            const client_assertion = inputs.client_assertion && assertionOf(requests);
            if (client_assertion) {
                line.sameAssertion(inputs.client_assertion, client_assertion);
            }
            return client.call(operation, { ...inputs, client_assertion });
        },
        () => jeton.run(command, `line/${account}`),
        {
            answers: [{ path, status: response.status, body: response.body }],
            known: Object.fromEntries(client.known.map((name) => [name, null])),
            jetonFirst: true,
        },
    );
    if (!inputs.client_assertion) {
        sameAsRecorded(vector, came.requests[0]);
    }
    if (sdk.error) {
        is("the SDK throws where jeton reports", response.status >= 400, true);
        const error = client.errorOf(sdk.error);
        if (command === "introspect") {
            outcome.sameRefusalAsVerdict(error, came.value);
        } else if (TRANSIENT.has(response.status)) {
            outcome.sameTransientError(error, came.value);
        } else {
            outcome.sameError(error, came.value);
        }
    } else if (command === "acquire") {
        outcome.sameToken(outcome.tokenOfBody(sdk.value), came.value);
    } else if (command === "introspect") {
        outcome.sameVerdict(sdk.value, came.value);
    } else if (command === "keys") {
        same("the key ids", sdk.value.kids, came.value.json?.keys);
    } else {
        holds("the SDK returns nothing", !sdk.value, sdk.value);
        outcome.sameRevocation(came.value);
    }
}

export async function checkLineAnswers() {
    for (const vector of vectors("line")) {
        await it(`the SDK and jeton make the same of the recorded answer ${vector.name}`, () => makeTheSame(vector));
    }
}
