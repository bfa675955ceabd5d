// SPDX-License-Identifier: MIT
// Leads what the SDKs send to the simulator: scheme, host and path prefix are replaced, nothing else is touched.
// It never lets a request leave the machine: an address that is not in the table is an error.

import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { base } from "./simulator.mjs";

const PROVIDERS = {
    "https://api.line.me": "line",
    "https://qiwi.com": "qiwi",
    "https://yoomoney.ru": "yoomoney",
    "https://api.waves.exchange": "waves",
};

const plainFetch = globalThis.fetch;
const plainRequest = http.request;
let wanted = [];

// Where the SDKs wanted to send their requests, since the last call.
export function takeWanted() {
    const taken = wanted;
    wanted = [];
    return taken;
}

function lead(url) {
    const provider = PROVIDERS[url.origin];
    if (!provider) {
        throw new Error(`a request to ${url.origin} is not one of a provider's and was not sent`);
    }
    wanted.push(url.href);
    return new URL(base(provider) + url.pathname + url.search);
}

globalThis.fetch = async (input, options) => {
    if (input instanceof Request) {
        throw new Error("fetch with a Request object is not led to the simulator");
    }
    return plainFetch(lead(new URL(input)), options);
};

function refuse(options) {
    throw new Error(`a request to ${options.hostname ?? options.host ?? options} was not sent: only https is expected`);
}

function requestByHttps(options, callback) {
    if (typeof options === "string" || options instanceof URL) {
        throw new Error("https.request with an address is not led to the simulator");
    }
    const port = options.port && Number(options.port) !== 443 ? `:${options.port}` : "";
    const to = lead(new URL(`https://${options.hostname ?? options.host}${port}${options.path}`));
    const { agent, agents, host, port: _port, servername, ...kept } = options;
    return plainRequest(
        { ...kept, protocol: "http:", hostname: to.hostname, port: to.port, path: to.pathname + to.search },
        callback,
    );
}

https.request = requestByHttps;
http.request = refuse;
syncBuiltinESMExports();
