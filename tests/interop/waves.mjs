// SPDX-License-Identifier: MIT
// Waves.Exchange: login and refresh with Waves' libraries against jeton's, live and with the recorded answers. It never
// tries many keys; waves_signatures.mjs does.

import { CLOSE_S, holds, is, it, near } from "./lib/check.mjs";
import { exchange } from "./lib/exchange.mjs";
import { jetonWith } from "./lib/jeton.mjs";
import * as outcome from "./lib/outcome.mjs";
import * as simulator from "./lib/simulator.mjs";
import { sameAsRecorded, vectors } from "./lib/vectors.mjs";
import * as waves from "./waves_sdk.mjs";

const LIFETIME_S = 86400;
const ABSOLUTE = 1000000000;

const recorded = vectors("waves");
const { seed } = recorded[0].inputs;
const publicKey = waves.crypto.publicKey(seed);

const now_s = () => Math.floor(Date.now() / 1000);
const jetonForWaves = (settings = {}) =>
    jetonWith((secret) => ({
        waves: { trader: { seed_file: secret(seed), token_lifetime: LIFETIME_S, ...settings } },
    }));

// Both passwords: signed by the account's key, for an end that lies as far ahead as was asked for.
function provedPasswords(chain_id) {
    return (...passwords) => {
        for (const password of passwords) {
            const { exp, ...verdict } = waves.judge(publicKey, chain_id, password);
            is(`what Waves' libraries say of ${password}`, verdict, {
                good: true,
                goodForAnotherEnd: false,
                goodForAnotherChain: false,
            });
            near("the signed end", exp, now_s() + LIFETIME_S);
        }
    };
}

async function logsIn(signer, chain_id) {
    await simulator.reset();
    await simulator.set("waves", { chain_id });
    const jeton = await jetonForWaves({ chain_id });
    const password = waves.passwordOf(signer, seed, chain_id, now_s() + LIFETIME_S);
    const { sdk, jeton: came } = await exchange(
        "waves",
        () => waves.login(publicKey, password),
        () => jeton.run("acquire", "waves/trader"),
        { known: { "waves-password": provedPasswords(chain_id) } },
    );
    holds("the SDK has a token", sdk.value, sdk.error);
    await outcome.sameKindOfToken("waves", outcome.tokenOfBody(sdk.value), came.value, { tolerance_s: CLOSE_S });
}

async function refreshes() {
    await simulator.reset();
    const jeton = await jetonForWaves();
    const [signer] = waves.SIGNER_NAMES;
    const password = waves.passwordOf(signer, seed, "W", now_s() + LIFETIME_S);
    const { refresh_token } = await waves.login(publicKey, password);
    await jeton.done("acquire", "waves/trader");
    const sent = [];
    const { sdk, jeton: came } = await exchange(
        "waves",
        () => waves.refresh(refresh_token),
        () => jeton.run("refresh", "waves/trader"),
        { known: { "waves-refresh-token": (...tokens) => sent.push(...tokens) } },
    );
    holds("the SDK has a token", sdk.value, sdk.error);
    await outcome.sameKindOfToken("waves", outcome.tokenOfBody(sdk.value), came.value, { tolerance_s: CLOSE_S });
    is("two refresh tokens were spent", new Set(sent).size, 2);
    const issued = await simulator.tokens("waves");
    for (const token of sent) {
        const { kind, used_at } = issued.find((entry) => entry.token === token) ?? {};
        holds("the provider issued the refresh token and took it back", kind === "refresh" && used_at, kind, used_at);
    }
}

// A signature for one chain at a server of the other, by both.
async function isRefused(signer) {
    await simulator.reset();
    await simulator.set("waves", { chain_id: "T" });
    const jeton = await jetonForWaves({ chain_id: "W" });
    const password = waves.passwordOf(signer, seed, "W", now_s() + LIFETIME_S);
    const { sdk, jeton: came } = await exchange(
        "waves",
        () => waves.login(publicKey, password),
        () => jeton.run("acquire", "waves/trader"),
        { known: { "waves-password": provedPasswords("W") } },
    );
    holds("the SDK is refused", sdk.error, sdk.value);
    outcome.sameError(waves.errorOf(sdk.error), came.value);
}

// The ends in the recording have passed since; jeton would rightly refuse them.
function answerOf({ response }) {
    const { status, body } = response;
    const past = body.expires_in > ABSOLUTE;
    return { path: "/v1/oauth2/token", status, body: past ? { ...body, expires_in: now_s() + LIFETIME_S } : body };
}

async function makesTheSame(vector) {
    await simulator.reset();
    const isRefresh = vector.name.includes("refresh.");
    const chain_id = vector.inputs.chain_id ?? "W";
    const jeton = await jetonForWaves({ chain_id });
    const { refresh_token } = vector.inputs;
    if (isRefresh) {
        const body = { access_token: "first", token_type: "bearer", expires_in: LIFETIME_S, refresh_token };
        await simulator.answer("waves", "/v1/oauth2/token", { body });
        await jeton.done("acquire", "waves/trader");
    }
    const password = waves.passwordOf(waves.SIGNER_NAMES[0], seed, chain_id, now_s() + LIFETIME_S);
    const { sdk, jeton: came } = await exchange(
        "waves",
        () => (isRefresh ? waves.refresh(refresh_token) : waves.login(publicKey, password)),
        () => jeton.run(isRefresh ? "refresh" : "acquire", "waves/trader"),
        {
            answers: [answerOf(vector)],
            known: isRefresh ? {} : { "waves-password": provedPasswords(chain_id) },
        },
    );
    if (isRefresh) {
        sameAsRecorded(vector, came.requests[0]);
    }
    if (sdk.error) {
        outcome.sameError(waves.errorOf(sdk.error), came.value);
    } else {
        // No scope in an answer means the scope that was asked for (RFC 6749 5.1); the SDK's caller has to know that.
        outcome.sameToken(outcome.tokenOfBody({ scope: "general", ...sdk.value }), came.value, CLOSE_S);
    }
}

export async function checkWaves() {
    for (const signer of waves.SIGNER_NAMES) {
        for (const chain_id of ["W", "T"]) {
            await it(`${signer} and jeton acquire waves/trader log in alike on chain ${chain_id}`, () =>
                logsIn(signer, chain_id));
        }
        await it(`${signer} and jeton hear the same words when the chain is another`, () => isRefused(signer));
    }
    await it(
        "the documented refresh and jeton refresh waves/trader send the same and get the same kind of token",
        refreshes,
    );
    for (const vector of recorded) {
        await it(`the documented request and jeton make the same of the recorded answer ${vector.name}`, () =>
            makesTheSame(vector));
    }
}
