// SPDX-License-Identifier: MIT
// The recorded exchanges of tests/vectors, by provider and name. It never changes them.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { same } from "./check.mjs";

export function vectors(provider) {
    return JSON.parse(readFileSync(join(process.env.VECTORS, `${provider}.json`), "utf8"));
}

// The provider's own package, from where npm ci was run.
export const sdk = createRequire(join(process.env.MODULES, "package.json"));

// What is installed, not what was asked for.
export function sdkVersion(name) {
    return JSON.parse(readFileSync(join(process.env.MODULES, "node_modules", name, "package.json"), "utf8")).version;
}

const HEADERS = ["authorization", "content-type", "x-app-id", "x-app-token"];

// No Accept asks for what an HTTP library's own default does: anything (RFC 9110 12.5.1).
const accepted = ({ accept }) => (accept === undefined || accept.includes("*/*") ? "*/*" : accept);

function comparable(request, form) {
    const { method, path, query, headers, body_raw } = request;
    const sent = [accepted(headers), ...HEADERS.map((name) => headers[name] ?? null)];
    return { method, path, query, form, body_raw, headers: sent };
}

// What was recorded of the SDK once against what arrived now, so that neither goes stale unnoticed.
export function sameAsRecorded({ name, request: recorded }, request) {
    same(
        `${name}, as recorded and as received`,
        comparable(recorded, recorded.body_form ?? {}),
        comparable(request, request.form),
    );
}
