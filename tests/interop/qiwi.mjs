// SPDX-License-Identifier: MIT
// QIWI: the three ways of qiwi-sdk to an OAuth token against jeton's one, live and with the recorded answers. It never
// repeats a code: each side exchanges its own.

import { holds, is, it } from "./lib/check.mjs";
import { exchange } from "./lib/exchange.mjs";
import { jetonWith } from "./lib/jeton.mjs";
import * as outcome from "./lib/outcome.mjs";
import * as simulator from "./lib/simulator.mjs";
import { sameAsRecorded, sdk, sdkVersion, vectors } from "./lib/vectors.mjs";

const NAME = `qiwi-sdk ${sdkVersion("qiwi-sdk")}`;
const PATHS = ["/oauth/authorize", "/oauth/token"];
const TOO_MANY_REQUESTS = 423;
const EX_DATAERR = 65;

const { Personal, Wallet } = sdk("qiwi-sdk");
const [{ inputs }] = vectors("qiwi");

const WAYS = {
    "Wallet#oauth.createToken": () => Wallet.create(inputs.token, inputs.walletId).oauth.createToken(),
    "Wallet#createOauthToken": () => Wallet.create(inputs.token, inputs.walletId).createOauthToken(),
    "Personal#createOauthToken": () => new Personal(inputs.token, inputs.walletId).createOauthToken(),
};

const jetonForQiwi = (token = inputs.token) =>
    jetonWith((secret) => ({ qiwi: { wallet: { wallet_token_file: secret(token) } } }));

// ShortTokenResponse: expiry is a span of seconds, whatever its name says. It does not tell the type.
const tokenOf = ({ token, expiry }) => ({ access_token: token, token_type: "Bearer", lifetime_s: expiry });

/* The three errors of the SDK, which it makes in this order: 401 without a word, the long form, the short form. What
 * has none of them is an HttpError with the status. */
function errorOf(error) {
    const response = error.cause?.response ?? error.response;
    const http_status = response.statusCode;
    switch (error.name) {
        case "WalletAuthorizationError":
            return { http_status };
        case "WalletApiError":
            return { http_status, error: error.response.errorCode, description: error.response.description };
        case "WalletApiShortError":
            return { http_status, error: error.code, description: error.response.message };
        default:
            return { http_status };
    }
}

async function live(way) {
    await simulator.reset();
    const jeton = await jetonForQiwi();
    const codes = async () => (await simulator.tokens("qiwi")).filter(({ kind }) => kind === "code");
    const exchanged = [];
    const proved = (...pair) => exchanged.push(...pair);
    const { sdk: theirs, jeton: ours } = await exchange("qiwi", WAYS[way], () => jeton.run("acquire", "qiwi/wallet"), {
        known: { "qiwi-code": proved },
    });
    holds("the SDK has a token", theirs.value, theirs.error);
    await outcome.sameKindOfToken("qiwi", tokenOf(theirs.value), ours.value);
    is("two codes were exchanged", [exchanged.length, new Set(exchanged).size], [2, 2]);
    for (const code of exchanged) {
        holds(
            "QIWI issued the code and took it back",
            (await codes()).find(({ token }) => token === code)?.used_at,
            code,
        );
    }
}

async function refusedLive(knobs, token) {
    await simulator.reset();
    await simulator.set("qiwi", knobs);
    const jeton = await jetonForQiwi(token);
    const ask = () => Wallet.create(token ?? inputs.token).oauth.createToken();
    const { sdk: theirs, jeton: ours } = await exchange("qiwi", ask, () => jeton.run("acquire", "qiwi/wallet"));
    holds("the SDK is refused", theirs.error, theirs.value);
    outcome.sameError(errorOf(theirs.error), ours.value);
}

// createToken.token_423_rate#1 and #2 are one exchange.
function recorded() {
    const exchanges = new Map();
    for (const vector of vectors("qiwi")) {
        const [name] = vector.name.split("#");
        exchanges.set(name, [...(exchanges.get(name) ?? []), vector]);
    }
    return exchanges;
}

async function makeTheSame(steps) {
    await simulator.reset();
    const jeton = await jetonForQiwi();
    const answers = steps.map(({ response }, i) => ({ path: PATHS[i], status: response.status, body: response.body }));
    const { status } = steps[steps.length - 1].response;
    const { sdk: theirs, jeton: ours } = await exchange(
        "qiwi",
        WAYS[
            steps[0].name.includes("wallet.createOauthToken") ? "Wallet#createOauthToken" : "Wallet#oauth.createToken"
        ],
        () => jeton.run("acquire", "qiwi/wallet"),
        { answers },
    );
    steps.forEach((step, i) => sameAsRecorded(step, ours.requests[i]));
    if (!theirs.error) {
        outcome.sameToken(tokenOf(theirs.value), ours.value);
    } else if (status === TOO_MANY_REQUESTS) {
        outcome.sameTransientError(errorOf(theirs.error), ours.value);
    } else if (status / 100 < 3) {
        // The SDK takes the code in a 201 for an error code and shows it; jeton refuses the answer and keeps the code.
        is("jeton's exit status", ours.value.status, EX_DATAERR);
        const { code } = steps[0].response.body;
        holds(
            "jeton does not show the code",
            !ours.value.out.includes(code) && !ours.value.err.includes(code),
            ours.value,
        );
    } else {
        outcome.sameError(errorOf(theirs.error), ours.value);
    }
}

export async function checkQiwi() {
    for (const way of Object.keys(WAYS)) {
        await it(`${NAME} ${way} and jeton acquire qiwi/wallet ask the same and get the same kind of token`, () =>
            live(way));
    }
    await it(`${NAME} and jeton hear the same words when the wallet token is wrong`, () => refusedLive({}, "wrong"));
    await it(`${NAME} and jeton hear the same words when the wallet token lacks a permission`, () =>
        refusedLive({ forbidden: true }));
    for (const [name, steps] of recorded()) {
        await it(`${NAME} and jeton make the same of the recorded answers ${name}`, () => makeTheSame(steps));
    }
}
