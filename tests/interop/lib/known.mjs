// SPDX-License-Identifier: MIT
// The table of what is known to differ between an SDK and jeton, each with its reason, and how it is proved to be
// exactly that. It never lets a difference pass that is not as described here, nor keeps one that nothing needs.

import { holds, is } from "./check.mjs";

const met = new Set();

// Replaces a value that cannot be the same twice in all places where it stands, in the form of each.
function masked(request, kind, field) {
    const value = request[kind][field];
    const spellings = [encodeURIComponent(value), value];
    let raw = kind === "form" ? request.body_raw : request.query_raw;
    for (const spelling of spellings) {
        raw = raw.split(`${field}=${spelling}`).join(`${field}=<${field}>`);
    }
    return {
        ...request,
        [kind]: { ...request[kind], [field]: `<${field}>` },
        [kind === "form" ? "body_raw" : "query_raw"]: raw,
    };
}

function withoutHeader(request, name) {
    const { [name]: _gone, ...headers } = request.headers;
    return { ...request, headers };
}

// A value that each side gets anew: proved() says what makes it right, for both sides, where it stands.
function fresh(field, reason) {
    return {
        reason,
        fold(sdk, jeton, proved) {
            if (sdk.form[field] === undefined && sdk.query[field] === undefined) {
                return null;
            }
            const kind = sdk.form[field] !== undefined ? "form" : "query";
            holds(`jeton sends ${field} where the SDK does`, jeton[kind][field] !== undefined, jeton[kind]);
            if (jeton[kind][field] === undefined) {
                return null;
            }
            proved(sdk[kind][field], jeton[kind][field]);
            return [masked(sdk, kind, field), masked(jeton, kind, field)];
        },
    };
}

export const KNOWN = {
    "line-accept": {
        reason: "axios below @line/bot-sdk 7 and 8 adds its own default Accept; 11, on fetch, sends */* as jeton does",
        fold(sdk, jeton) {
            is("the SDK's Accept", sdk.headers.accept, "application/json, text/plain, */*");
            is("jeton's Accept", jeton.headers.accept, "*/*");
            return [withoutHeader(sdk, "accept"), withoutHeader(jeton, "accept")];
        },
    },
    "line-colon": {
        reason: "axios leaves colons in a query as they are, jeton writes %3A; RFC 3986 3.4 has both mean the same",
        fold(sdk, jeton) {
            if (!sdk.query_raw.includes(":")) {
                return null;
            }
            return [{ ...sdk, query_raw: sdk.query_raw.replace(/:/g, "%3A") }, jeton];
        },
    },
    "yoomoney-empty-secret": {
        reason: "yoomoney-sdk sends an empty client_secret= when there is none; YooMoney's documentation leaves it out",
        fold(sdk, jeton) {
            is("the SDK's client_secret", sdk.form.client_secret, "");
            is("jeton's client_secret", jeton.form.client_secret, undefined);
            const { client_secret: _gone, ...form } = sdk.form;
            return [{ ...sdk, form, body_raw: sdk.body_raw.replace(/&client_secret=$/, "") }, jeton];
        },
    },
    "line-assertion": fresh(
        "client_assertion",
        "an assertion has the time in it; both are decoded, their claims compared and their signatures verified",
    ),
    "qiwi-code": fresh("code", "QIWI's code works once, so each side has its own, which the simulator knows as used"),
    "yoomoney-code": fresh("code", "YooMoney's code works once; each side is given its own"),
    "waves-password": fresh(
        "password",
        "the signature has 64 random bytes and the time in it; both are verified by @waves/ts-lib-crypto",
    ),
    "waves-refresh-token": fresh("refresh_token", "a refresh token works once; each side has its own"),
};

// Makes the two requests equal where they may differ; what is left must be equal.
export function fold(name, sdk, jeton, proved) {
    const folded = KNOWN[name].fold(sdk, jeton, proved);
    if (folded) {
        met.add(name);
    }
    return folded ?? [sdk, jeton];
}

export const neverMet = () => Object.keys(KNOWN).filter((name) => !met.has(name));
