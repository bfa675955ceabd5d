// SPDX-License-Identifier: MIT
// Says what an SDK and what jeton returned in the same words: a token, a verdict on one, an error. It never looks at
// requests; that is exchange.mjs.

import { holds, is, near, same } from "./check.mjs";
import * as simulator from "./simulator.mjs";

const EX_UNAVAILABLE = 69;
const EX_TEMPFAIL = 75;

const defined = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
const now_s = () => Math.floor(Date.now() / 1000);

// A token response (RFC 6749 5.1) as an SDK hands it through. expires_in above 1e9 is a point in time.
export function tokenOfBody(body) {
    const expires_in = Number(body.expires_in);
    return defined({
        access_token: body.access_token,
        token_type: body.token_type,
        key_id: body.key_id,
        scope: body.scope,
        lifetime_s: expires_in > 1e9 ? expires_in - now_s() : expires_in,
    });
}

export function tokenOfJeton(json) {
    return defined({
        access_token: json.access_token,
        token_type: json.token_type,
        key_id: json.key_id,
        scope: json.scope,
        lifetime_s: json.expires_at - json.issued_at,
    });
}

// Where the answer was the same, all members but the lifetime of an absolute end are exactly the same.
export function sameToken(sdk, came, tolerance_s = 0) {
    is("jeton's exit status", came.status, 0);
    holds("jeton has a token", came.json?.access_token, came.json, came.err);
    const { lifetime_s: sdkLifetime_s, ...sdkRest } = sdk;
    const { lifetime_s, ...rest } = tokenOfJeton(came.json ?? {});
    same("the token", sdkRest, rest);
    near("jeton's lifetime of the token, against the SDK's", lifetime_s, sdkLifetime_s, tolerance_s);
}

// Where each has a token of its own: the two differ in their random parts alone, and the provider knows both alike.
export async function sameKindOfToken(provider, sdk, came, { random = [], tolerance_s = 0 } = {}) {
    const described = new Map((await simulator.tokens(provider)).map((token) => [token.token, token]));
    const [theirs, ours] = [described.get(sdk.access_token), described.get(came.json?.access_token)];
    holds("the provider issued the SDK's token", theirs, sdk);
    holds("the provider issued jeton's token", ours, came.json, came.err);
    holds("the tokens are two", sdk.access_token !== came.json?.access_token, sdk.access_token);
    if (theirs && ours) {
        const kind = ({ client, kind, active, scope, subject }) => ({ client, kind, active, scope, subject });
        same("what the provider knows of the token", kind(theirs), kind(ours));
        near("jeton's end of the token, against the provider's", came.json.expires_at, ours.expires_at);
    }
    const replaced = { ...sdk, access_token: came.json?.access_token };
    for (const member of random) {
        holds(`${member} is there on both sides`, sdk[member] && came.json?.[member], sdk, came.json);
        replaced[member] = came.json?.[member];
    }
    sameToken(replaced, came, tolerance_s);
}

// { http_status, error, description } of what an SDK threw against the same of jeton.
export function sameError(sdk, came, exit = EX_UNAVAILABLE) {
    is("jeton's exit status", came.status, exit);
    const { http_status, error, error_description } = came.json?.error ?? {};
    same("the provider's error", defined(sdk), defined({ http_status, error, description: error_description }));
    for (const word of [sdk.error, sdk.description]) {
        holds(`jeton's standard error says "${word}"`, word === undefined || came.err.includes(word), came.err);
    }
}

// For 423, 429 and 5xx.
export const sameTransientError = (sdk, came) => sameError(sdk, came, EX_TEMPFAIL);

// An SDK's answer of a verification, { client_id, scope, expires_in }, against jeton's introspection.
export function sameVerdict(sdk, came) {
    is("jeton's exit status", came.status, 0);
    const { active, client_id, scope, exp, extra } = came.json ?? {};
    is("jeton's active", active, true);
    same("client_id and scope", [sdk.client_id, sdk.scope], [client_id, scope]);
    near("jeton's expires_in, against the SDK's", extra?.expires_in, sdk.expires_in);
    near("jeton's exp, against the SDK's expires_in", exp, now_s() + sdk.expires_in);
}

// LINE says that a token is not valid by an error; to jeton that is an answer (RFC 7662 2.2).
export function sameRefusalAsVerdict(sdk, came) {
    is("the SDK's status", sdk.http_status, 400);
    is("jeton's exit status", came.status, 0);
    is("jeton's active", came.json?.active, false);
}

export function sameRevocation(came) {
    is("jeton's exit status", came.status, 0);
    is("jeton's revoked", came.json?.revoked, true);
}
