// SPDX-License-Identifier: MIT
// Logging in at Waves.Exchange as its documentation shows it: the signature by Waves' libraries, the request by hand,
// since no package of theirs has it. It never uses a key or a signature of jeton's making.

import { sdk, sdkVersion } from "./lib/vectors.mjs";

export const CLIENT_ID = "waves.exchange";
const TOKEN_URL = "https://api.waves.exchange/v1/oauth2/token";

const transactions = sdk("@waves/waves-transactions");
export const crypto = sdk("@waves/ts-lib-crypto");
// waves-transactions brings an older ts-lib-crypto of its own.
export const olderCrypto = transactions.libs.crypto;

const dataOf = (text) => ({ version: 1, binary: `base64:${Buffer.from(text).toString("base64")}` });

export const textOf = (chain_id, exp) => `${chain_id}:${CLIENT_ID}:${exp}`;
// FF FF FF 01 and the text, as waves-transactions serializes custom data.
export const bytesOf = (text) => transactions.serializeCustomData(dataOf(text));

// `secret` is what the libraries call a seed: a phrase, or { privateKey }.
const SIGNERS = {
    [`@waves/waves-transactions ${sdkVersion("@waves/waves-transactions")} customData`]: (secret, text) =>
        transactions.customData(dataOf(text), secret).signature,
    [`@waves/ts-lib-crypto ${sdkVersion("@waves/ts-lib-crypto")} signBytes`]: (secret, text) =>
        crypto.signBytes(secret, bytesOf(text)),
};
export const SIGNER_NAMES = Object.keys(SIGNERS);

export function passwordOf(signer, secret, chain_id, exp) {
    return `${exp}:${SIGNERS[signer](secret, textOf(chain_id, exp))}`;
}

// { exp, signature, good } of a password, judged by both generations of the library.
export function judge(publicKey, chain_id, password) {
    const [, exp, signature] = /^(\d+):([1-9A-HJ-NP-Za-km-z]+)$/.exec(password) ?? [];
    if (!signature) {
        return { good: false };
    }
    const good = (text) =>
        crypto.verifySignature(publicKey, bytesOf(text), signature) &&
        olderCrypto.verifySignature(publicKey, bytesOf(text), signature);
    const otherChain = chain_id === "W" ? "T" : "W";
    return {
        exp: Number(exp),
        good: good(textOf(chain_id, exp)),
        // A verification that lets anything pass proves nothing.
        goodForAnotherEnd: good(textOf(chain_id, Number(exp) + 1)),
        goodForAnotherChain: good(textOf(otherChain, exp)),
    };
}

async function post(form) {
    const response = await fetch(TOKEN_URL, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
    });
    const body = await response.json();
    if (!response.ok) {
        throw Object.assign(new Error(`Waves.Exchange answered with ${response.status}`), {
            http_status: response.status,
            body,
        });
    }
    return body;
}

export function login(publicKey, password) {
    return post([
        ["grant_type", "password"],
        ["scope", "general"],
        ["username", publicKey],
        ["password", password],
        ["client_id", CLIENT_ID],
    ]);
}

export function refresh(refresh_token) {
    return post([
        ["grant_type", "refresh_token"],
        ["scope", "general"],
        ["refresh_token", refresh_token],
        ["client_id", CLIENT_ID],
    ]);
}

export function errorOf({ http_status, body }) {
    return { http_status, error: body.error, description: body.error_description };
}
