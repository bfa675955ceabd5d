// SPDX-License-Identifier: MIT
// LINE's SDKs in three generations and jeton's accounts, by operation: which method of an SDK is which command. It
// never sends anything itself.

import { createSign, createPublicKey, verify } from "node:crypto";
import { holds, is, same } from "./lib/check.mjs";
import { sdk, sdkVersion, vectors } from "./lib/vectors.mjs";

const GRANT = "client_credentials";
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
// LINE's reference, "Issue channel access token v2.1": exp at most 30 minutes ahead.
const EXP_MAX_S = 1800;

const [jwt] = vectors("line-jwt");
export const KEY_PEM = jwt.private_key_pem;
export const KEY_ID = JSON.parse(jwt.header_json).kid;
export const CLIENT_ID = "1234567890";
export const CLIENT_SECRET = "7be1a4d0f29c4f6bb0b0c5b8a4c7d9e3";

// What jeton does for an operation: command, account, and where the answer comes from.
export const OPERATIONS = {
    issueV2: { command: "acquire", account: "bot", path: "/v2/oauth/accessToken" },
    verifyV2: { command: "introspect", account: "bot", path: "/v2/oauth/verify" },
    revokeV2: { command: "revoke", account: "bot", path: "/v2/oauth/revoke" },
    issueV21: { command: "acquire", account: "signed", path: "/oauth2/v2.1/token" },
    keysV21: { command: "keys", account: "signed", path: "/oauth2/v2.1/tokens/kid" },
    verifyV21: { command: "introspect", account: "signed", path: "/oauth2/v2.1/verify" },
    revokeV21: { command: "revoke", account: "signed", path: "/oauth2/v2.1/revoke" },
    issueV3BySecret: { command: "acquire", account: "stateless", path: "/oauth2/v3/token" },
    issueV3ByJwt: { command: "acquire", account: "pushed", path: "/oauth2/v3/token" },
};

// The class OAuth of @line/bot-sdk up to 8.
function oauthClass(name) {
    const methods = {
        issueV2: ["issueAccessToken", "client_id", "client_secret"],
        revokeV2: ["revokeAccessToken", "access_token"],
        verifyV21: ["verifyAccessToken", "access_token"],
        issueV21: ["issueChannelAccessTokenV2_1", "client_assertion"],
        keysV21: ["getChannelAccessTokenKeyIdsV2_1", "client_assertion"],
        revokeV21: ["revokeChannelAccessTokenV2_1", "client_id", "client_secret", "access_token"],
    };
    const call = (operation, inputs) => {
        const [method, ...names] = methods[operation];
        const client = new (sdk(name).OAuth)();
        return client[method](...names.map((input) => inputs[input]));
    };
    return { methods, call, errorOf: errorOfAxios, known: ["line-accept", "line-colon"] };
}

// ChannelAccessTokenClient of 11. The one of 8 sends clientAssertion= and accessToken= in queries, which LINE does not
// know, so that it cannot be an example.
function tokenClient(name) {
    const methods = {
        issueV2: ["issueChannelToken", GRANT, "client_id", "client_secret"],
        verifyV2: ["verifyChannelToken", "access_token"],
        revokeV2: ["revokeChannelToken", "access_token"],
        issueV21: ["issueChannelTokenByJWT", GRANT, ASSERTION_TYPE, "client_assertion"],
        keysV21: ["getsAllValidChannelAccessTokenKeyIds", ASSERTION_TYPE, "client_assertion"],
        verifyV21: ["verifyChannelTokenByJWT", "access_token"],
        revokeV21: ["revokeChannelTokenByJWT", "client_id", "client_secret", "access_token"],
        issueV3BySecret: ["issueStatelessChannelTokenByClientSecret", "client_id", "client_secret"],
        issueV3ByJwt: ["issueStatelessChannelTokenByJWTAssertion", "client_assertion"],
    };
    const { ChannelAccessTokenClient } = sdk(name).channelAccessToken;
    const call = (operation, inputs) => {
        const [method, ...names] = methods[operation];
        const client = new ChannelAccessTokenClient({});
        return client[method](...names.map((input) => inputs[input] ?? input));
    };
    return { methods, call, errorOf: errorOfFetch, known: [] };
}

function errorOfBody(http_status, body) {
    // The second of LINE's shapes has a message and no code.
    return { http_status, error: body?.error, description: body?.error_description ?? body?.message };
}

const errorOfAxios = (error) => errorOfBody(error.statusCode, error.originalError.response.data);

function errorOfFetch(error) {
    const text = error.body;
    return errorOfBody(error.status, text ? JSON.parse(text) : null);
}

export const SDKS = [
    ["line-bot-sdk-7", "OAuth", oauthClass],
    ["line-bot-sdk-8", "OAuth", oauthClass],
    ["@line/bot-sdk", "ChannelAccessTokenClient", tokenClient],
].map(([name, className, make]) => ({
    name: `@line/bot-sdk ${sdkVersion(name)} ${className}`,
    version: sdkVersion(name),
    className,
    ...make(name),
}));

// --- assertions -----------------------------------------------------------------------------------------------------

const part = (text) => Buffer.from(text).toString("base64url");
export const claimsOf = (assertion) =>
    assertion
        .split(".")
        .slice(0, 2)
        .map((text) => JSON.parse(Buffer.from(text, "base64url")));

// An assertion as LINE's documentation has it, made without any code of jeton's.
export function assertionByHand({ client_id = CLIENT_ID, key_id = KEY_ID, token_exp } = {}) {
    const header = { alg: "RS256", typ: "JWT", kid: key_id };
    const exp = Math.floor(Date.now() / 1000) + EXP_MAX_S - 60;
    const payload = { iss: client_id, sub: client_id, aud: "https://api.line.me/", exp, token_exp };
    const input = `${part(JSON.stringify(header))}.${part(JSON.stringify(payload))}`;
    return `${input}.${createSign("RSA-SHA256").update(input).sign(KEY_PEM, "base64url")}`;
}

// Two assertions that say the same: header and claims are equal but for exp, and the key signed both.
export function sameAssertion(byHand, byJeton) {
    const [theirHeader, theirs] = claimsOf(byHand);
    const [ourHeader, ours] = claimsOf(byJeton);
    same("the assertion's header", theirHeader, ourHeader);
    same("the assertion's claims", { ...theirs, exp: null }, { ...ours, exp: null });
    const now_s = Date.now() / 1000;
    holds("exp is a number", typeof ours.exp === "number", ours);
    holds("exp is ahead, at most 30 minutes", ours.exp > now_s && ours.exp <= now_s + EXP_MAX_S, ours);
    const cut = byJeton.lastIndexOf(".");
    const signature = Buffer.from(byJeton.slice(cut + 1), "base64url");
    const good = verify("RSA-SHA256", Buffer.from(byJeton.slice(0, cut)), createPublicKey(KEY_PEM), signature);
    is("the signature verifies", good, true);
}
