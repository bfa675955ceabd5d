// SPDX-License-Identifier: MIT
// LINE, live: every operation of every SDK generation against jeton's, with the simulator finding the answers. It never
// prescribes an answer; line_answers.mjs does.

import { holds, is, it, same } from "./lib/check.mjs";
import { exchange } from "./lib/exchange.mjs";
import { jetonWith } from "./lib/jeton.mjs";
import * as outcome from "./lib/outcome.mjs";
import * as simulator from "./lib/simulator.mjs";
import * as line from "./line_sdk.mjs";

const LIFETIME_S = 86400;
const MAX_TOKENS = 30;

// All kinds of LINE accounts; `changed` replaces settings in all of them.
export function accounts(secret, changed = {}) {
    const common = {
        client_id: line.CLIENT_ID,
        client_secret_file: secret(changed.client_secret ?? line.CLIENT_SECRET),
    };
    const key = { key_id: changed.key_id ?? line.KEY_ID, private_key_file: secret(line.KEY_PEM) };
    common.client_id = changed.client_id ?? common.client_id;
    const { client_secret_file, ...idOnly } = common;
    return {
        line: {
            bot: { api: "v2", ...common },
            signed: { api: "v2.1", ...common, ...key, token_lifetime: changed.token_lifetime },
            stateless: { api: "v3", ...common },
            pushed: { api: "v3", ...idOnly, ...key },
        },
    };
}

export const jetonForLine = (changed) => jetonWith((secret) => accounts(secret, changed));

// What an SDK is given for an operation; a token and an assertion come from jeton where there is one.
const inputs = (more) => ({ client_id: line.CLIENT_ID, client_secret: line.CLIENT_SECRET, ...more });

const known = (client, more = {}) => ({ ...Object.fromEntries(client.known.map((name) => [name, null])), ...more });

function options(client, operation) {
    const byHand = ["issueV21", "keysV21", "issueV3ByJwt"].includes(operation);
    return { known: known(client, byHand ? { "line-assertion": line.sameAssertion } : {}) };
}

const run = (jeton, operation) => {
    const { command, account } = line.OPERATIONS[operation];
    return jeton.run(command, `line/${account}`);
};

async function issues(client, operation) {
    await simulator.reset();
    const jeton = await jetonForLine({ token_lifetime: LIFETIME_S });
    const token_exp = operation === "issueV21" ? LIFETIME_S : undefined;
    const client_assertion = line.assertionByHand({ token_exp });
    const { sdk, jeton: came } = await exchange(
        "line",
        () => client.call(operation, inputs({ client_assertion })),
        () => run(jeton, operation),
        options(client, operation),
    );
    holds("the SDK has a token", sdk.value, sdk.error);
    const random = operation === "issueV21" ? ["key_id"] : [];
    await outcome.sameKindOfToken("line", outcome.tokenOfBody(sdk.value), came.value, { random });
}

// jeton's own assertion in the SDK's hands: then not a byte may differ, and LINE's rules let it pass from both.
async function sendsJetonsAssertion(client, operation) {
    await simulator.reset();
    const jeton = await jetonForLine({ token_lifetime: LIFETIME_S });
    const assertionOf = ([request]) => request.form.client_assertion ?? request.query.client_assertion;
    const { sdk, jeton: came } = await exchange(
        "line",
        (requests) => client.call(operation, inputs({ client_assertion: assertionOf(requests) })),
        () => run(jeton, operation),
        { known: known(client), jetonFirst: true },
    );
    is("jeton's exit status", came.value.status, 0);
    holds("the SDK is let in with it", sdk.value, sdk.error);
}

async function verifies(client, operation) {
    await simulator.reset();
    const jeton = await jetonForLine({ token_lifetime: LIFETIME_S });
    const { account } = line.OPERATIONS[operation];
    const { access_token } = await jeton.done("acquire", `line/${account}`);
    const act = () => run(jeton, operation);
    const ask = () => client.call(operation, inputs({ access_token }));
    const { sdk, jeton: came } = await exchange("line", ask, act, options(client, operation));
    outcome.sameVerdict(sdk.value, came.value);

    await jeton.done("acquire", `line/${account}`);
    const { access_token: later } = await jeton.done("get", `line/${account}`);
    await client.call(operation === "verifyV2" ? "revokeV2" : "revokeV21", inputs({ access_token: later }));
    const askAgain = () => client.call(operation, inputs({ access_token: later }));
    const revoked = await exchange("line", askAgain, act, options(client, operation));
    holds("the SDK is refused", revoked.sdk.error, revoked.sdk.value);
    outcome.sameRefusalAsVerdict(client.errorOf(revoked.sdk.error), revoked.jeton.value);
}

async function revokes(client, operation) {
    await simulator.reset();
    const jeton = await jetonForLine({ token_lifetime: LIFETIME_S });
    const { account } = line.OPERATIONS[operation];
    const known = async (token) => (await simulator.tokens("line")).find((entry) => entry.token === token);
    const { access_token } = await jeton.done("acquire", `line/${account}`);
    const { sdk, jeton: came } = await exchange(
        "line",
        async () => {
            const answer = await client.call(operation, inputs({ access_token }));
            is("LINE's record of the token that the SDK revoked", (await known(access_token)).revoked, true);
            return answer;
        },
        () => run(jeton, operation),
        options(client, operation),
    );
    holds("the SDK is content", !sdk.error, sdk.error);
    outcome.sameRevocation(came.value);

    const { access_token: own } = await jeton.done("acquire", `line/${account}`);
    await jeton.done("revoke", `line/${account}`);
    is("LINE's record of the token that jeton revoked", (await known(own)).revoked, true);
}

async function listsKeys(client) {
    await simulator.reset();
    const jeton = await jetonForLine({ token_lifetime: LIFETIME_S });
    const issued = [];
    for (let i = 0; i < 3; i++) {
        issued.push((await jeton.done("acquire", "line/signed")).key_id);
    }
    const { sdk, jeton: came } = await exchange(
        "line",
        () => client.call("keysV21", inputs({ client_assertion: line.assertionByHand({ token_exp: LIFETIME_S }) })),
        () => run(jeton, "keysV21"),
        { known: known(client, { "line-assertion": line.sameAssertion }) },
    );
    same("the key ids", sdk.value.kids, came.value.json?.keys);
    is("the key ids that jeton was told with its tokens", [...issued].sort(), [...sdk.value.kids].sort());
}

async function overTheLimit(client) {
    await simulator.reset();
    const jeton = await jetonForLine({ token_lifetime: LIFETIME_S });
    const client_assertion = line.assertionByHand({ token_exp: LIFETIME_S });
    for (let i = 0; i < MAX_TOKENS; i++) {
        await client.call("issueV21", inputs({ client_assertion }));
    }
    const issue = () => client.call("issueV21", inputs({ client_assertion }));
    const { sdk, jeton: came } = await exchange(
        "line",
        issue,
        () => run(jeton, "issueV21"),
        options(client, "issueV21"),
    );
    holds("the SDK is refused", sdk.error, sdk.value);
    outcome.sameError(client.errorOf(sdk.error), came.value);
}

const WRONG = [
    ["a wrong channel secret", "issueV2", { client_secret: "0".repeat(32) }],
    ["a wrong channel id", "issueV2", { client_id: "1" }],
    ["a wrong channel secret", "issueV3BySecret", { client_secret: "0".repeat(32) }],
    ["a key id that LINE does not know", "issueV21", { key_id: "00000000-0000-4000-8000-000000000000" }],
    ["a key of another channel", "issueV21", { client_id: "1" }],
    ["a key of another channel", "keysV21", { client_id: "1" }],
    ["a key id that LINE does not know", "issueV3ByJwt", { key_id: "00000000-0000-4000-8000-000000000000" }],
];

async function isRefused(client, operation, wrong) {
    await simulator.reset();
    const jeton = await jetonForLine({ token_lifetime: LIFETIME_S, ...wrong });
    const token_exp = operation === "issueV3ByJwt" ? undefined : LIFETIME_S;
    const client_assertion = line.assertionByHand({ token_exp, ...wrong });
    const { sdk, jeton: came } = await exchange(
        "line",
        () => client.call(operation, inputs({ client_assertion, ...wrong })),
        () => run(jeton, operation),
        options(client, operation),
    );
    holds("the SDK is refused", sdk.error, sdk.value);
    outcome.sameError(client.errorOf(sdk.error), came.value);
}

export async function checkLine() {
    for (const client of line.SDKS) {
        for (const [operation, [method]] of Object.entries(client.methods)) {
            const { command, account } = line.OPERATIONS[operation];
            const both = `${client.name}.${method} and jeton ${command} line/${account}`;
            if (operation === "keysV21") {
                await it(`${both} list the same key ids`, () => listsKeys(client));
            } else if (command === "acquire") {
                await it(`${both} ask the same and get the same kind of token`, () => issues(client, operation));
            } else if (command === "introspect") {
                await it(`${both} ask the same and hear the same, revoked tokens included`, () =>
                    verifies(client, operation));
            } else {
                await it(`${both} send the same, and either way the token is gone`, () => revokes(client, operation));
            }
            if (["issueV21", "keysV21", "issueV3ByJwt"].includes(operation)) {
                await it(`${client.name}.${method} sends jeton's assertion byte for byte as jeton does`, () =>
                    sendsJetonsAssertion(client, operation));
            }
        }
        for (const [what, operation, wrong] of WRONG.filter(([, operation]) => client.methods[operation])) {
            await it(`${client.name}.${client.methods[operation][0]} and jeton hear the same words for ${what}`, () =>
                isRefused(client, operation, wrong));
        }
        await it(`${client.name} and jeton hear the same words when ${MAX_TOKENS} tokens are out`, () =>
            overTheLimit(client));
    }
}
