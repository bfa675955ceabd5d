// SPDX-License-Identifier: MIT
// Orders to the simulator's control port: what it received, which answers it shall give, which codes it hands out.
// It never touches a provider's own port; that is for the SDKs and jeton.

// Taken before transport.mjs puts its own fetch in place.
const plainFetch = globalThis.fetch;
const control = `http://127.0.0.1:${process.env.CONTROL_PORT}`;

async function order(method, path, body) {
    const response = await plainFetch(control + path, {
        method,
        headers: body ? { "content-type": "application/json" } : {},
        body: body ? JSON.stringify(body) : undefined,
    });
    const text = await response.text();
    if (!response.ok) {
        throw new Error(`the simulator refused ${method} ${path} ${JSON.stringify(body)}: ${text}`);
    }
    return text ? JSON.parse(text) : null;
}

export const base = (provider) => `http://127.0.0.1:${process.env.HTTP_PORT}/${provider}`;
export const reset = () => order("POST", "/reset", {});
export const requests = (provider) => order("GET", `/requests?provider=${provider}`);
export const forget = () => order("DELETE", "/requests");
export const tokens = (provider) => order("GET", `/tokens?provider=${provider}`);
export const set = (provider, knobs) => order("POST", "/set", { provider, ...knobs });
export const settings = (provider) => order("GET", `/set?provider=${provider}`);
export const clearFaults = () => order("DELETE", "/fault");

export async function code(provider, more = {}) {
    return (await order("POST", "/code", { provider, ...more })).code;
}

// The next `times` requests below `path` get this answer, whatever they ask.
export function answer(provider, path, { status = 200, body, times = 1 }) {
    const text = body === null || body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    const kind = text === "" ? { kind: "empty" } : { kind: "body", body: text, content_type: "application/json" };
    return order("POST", "/fault", { provider, path, status, times, ...kind });
}
