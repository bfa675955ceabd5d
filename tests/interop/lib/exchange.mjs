// SPDX-License-Identifier: MIT
// Lets the SDK and then jeton do the same thing against the simulator, and compares what arrived there byte for byte.
// It never judges what the two returned; that is outcome.mjs.

import { holds, is, same } from "./check.mjs";
import { fold } from "./known.mjs";
import * as simulator from "./simulator.mjs";
import { takeWanted } from "./transport.mjs";

// Set by the client libraries for themselves; the recorded exchanges of the providers do not depend on them.
const OF_THE_LIBRARY = new Set([
    "accept-encoding",
    "accept-language",
    "connection",
    "content-length",
    "host",
    "sec-fetch-mode",
    "user-agent",
]);

const origins = new Map();

// The address that jeton has built in for a provider; the SDKs must want to go to the same one.
export function expectOrigin(provider, base_url) {
    origins.set(provider, new URL(base_url).origin);
}

function comparable({ method, path, query, query_raw, headers, body_raw, form }) {
    const kept = Object.entries(headers).filter(([name]) => !OF_THE_LIBRARY.has(name));
    return { method, path, query, query_raw, headers: Object.fromEntries(kept), body_raw, form };
}

function compareRequests(sdk, jeton, known) {
    same(
        "the requests",
        sdk.map(({ method, path }) => `${method} ${path}`),
        jeton.map(({ method, path }) => `${method} ${path}`),
    );
    for (let i = 0; i < Math.min(sdk.length, jeton.length); i++) {
        let sides = [comparable(sdk[i]), comparable(jeton[i])];
        for (const [name, proved] of Object.entries(known)) {
            sides = fold(name, sides[0], sides[1], proved);
        }
        for (const part of ["query", "query_raw", "headers", "form", "body_raw"]) {
            same(`${part} of request ${i + 1}, ${sdk[i].method} ${sdk[i].path}`, sides[0][part], sides[1][part]);
        }
    }
}

async function side(provider, answers, act) {
    await simulator.clearFaults();
    for (const { path, status, body } of answers) {
        await simulator.answer(provider, path, { status, body });
    }
    await simulator.forget();
    takeWanted();
    let outcome;
    try {
        outcome = { value: await act() };
    } catch (error) {
        outcome = { error };
    }
    const requests = await simulator.requests(provider);
    await simulator.clearFaults();
    return { ...outcome, requests, wanted: takeWanted() };
}

/*
 * Both sides do the same. Each is a function, which gets the other side's requests where it comes second.
 *   answers     what the simulator says to each side: [{ path, status, body }]; empty: what it finds right itself
 *   known       names of known.mjs, each with what proves it
 *   jetonFirst  jeton acts first
 * Returns { sdk, jeton }, each { value } or { error }, and { requests }. jeton's value is what Jeton.run() gives.
 */
export async function exchange(provider, sdkActs, jetonActs, { answers = [], known = {}, jetonFirst = false } = {}) {
    let sdk;
    let jeton;
    if (jetonFirst) {
        jeton = await side(provider, answers, jetonActs);
        sdk = await side(provider, answers, () => sdkActs(jeton.requests));
    } else {
        sdk = await side(provider, answers, sdkActs);
        jeton = await side(provider, answers, () => jetonActs(sdk.requests));
    }
    if (jeton.error) {
        throw jeton.error;
    }
    holds("the SDK sends something", sdk.requests.length > 0, sdk.error ?? sdk.value);
    for (const address of sdk.wanted) {
        same("scheme and host", new URL(address).origin, origins.get(provider));
    }
    is(
        "the paths that the SDK wanted and those that arrived",
        sdk.requests.map(({ path }) => path),
        sdk.wanted.map((address) => new URL(address).pathname),
    );
    compareRequests(sdk.requests, jeton.requests, known);
    return { sdk, jeton };
}
