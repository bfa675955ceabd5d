// SPDX-License-Identifier: MIT
// One jeton on one machine: a configuration, a store, and the command run on them. It never uses a configuration that
// it did not write, and gives secrets in files, as an admin would.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { base } from "./simulator.mjs";

const TIMEOUT_MS = 30000;

function quoted(value) {
    if (typeof value === "number" || typeof value === "boolean") {
        return String(value);
    }
    if (Array.isArray(value)) {
        return `[ ${value.map(quoted).join(", ")} ]`;
    }
    return `"${value.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\t/g, "\\t")}"`;
}

function spawned(args, input) {
    return new Promise((resolve, reject) => {
        const child = spawn(process.env.JETON, args, { timeout: TIMEOUT_MS, killSignal: "SIGKILL" });
        const out = [];
        const err = [];
        child.stdout.on("data", (bytes) => out.push(bytes));
        child.stderr.on("data", (bytes) => err.push(bytes));
        child.stdin.on("error", () => {});
        child.stdin.end(input);
        child.on("error", reject);
        child.on("close", (status) =>
            resolve({ status, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
        );
    });
}

export class Jeton {
    constructor() {
        this.dir = mkdtempSync(join(process.env.SCRATCH, "jeton-"));
        this.secrets = 0;
        mkdirSync(join(this.dir, "etc/providers.d"), { recursive: true });
        mkdirSync(join(this.dir, "var"));
        writeFileSync(
            join(this.dir, "etc/jeton.conf"),
            `plugindir = ${quoted(process.env.PLUGINDIR)};\n` +
                `store = { path = ${quoted(join(this.dir, "var/tokens.db"))}; ` +
                `key_file = ${quoted(join(this.dir, "var/store.key"))}; };\n`,
        );
    }

    // A file with a secret in it, to be named by a setting x_file.
    secret(text) {
        const path = join(this.dir, `secret-${++this.secrets}`);
        writeFileSync(path, text, { mode: 0o600 });
        return path;
    }

    // accounts: { name: { setting: value } }; base_url is the simulator's.
    provider(name, accounts) {
        const group = ([account, settings]) =>
            `  ${account} = { ${Object.entries(settings)
                .filter(([, value]) => value !== undefined)
                .map(([key, value]) => `${key} = ${quoted(value)};`)
                .join(" ")} };\n`;
        writeFileSync(
            join(this.dir, `etc/providers.d/${name}.conf`),
            `base_url = ${quoted(base(name))};\naccounts = {\n${Object.entries(accounts).map(group).join("")}};\n`,
            { mode: 0o600 },
        );
    }

    async init() {
        const { status, err } = await spawned(["--config", join(this.dir, "etc"), "-q", "init"], "");
        if (status !== 0) {
            throw new Error(`jeton init failed with ${status}: ${err}`);
        }
        return this;
    }

    // Runs a command with --json: { status, json, out, err }.
    async run(...args) {
        return this.runWith("", ...args);
    }

    async runWith(input, ...args) {
        const came = await spawned(["--config", join(this.dir, "etc"), "--json", ...args], input);
        let json = null;
        try {
            json = came.out ? JSON.parse(came.out) : null;
        } catch {
            throw new Error(`jeton ${args.join(" ")} printed no JSON: ${came.out.slice(0, 500)} ${came.err}`);
        }
        return { ...came, json };
    }

    // The same, for a command that has to work.
    async done(...args) {
        const came = await this.run(...args);
        if (came.status !== 0) {
            throw new Error(`jeton ${args.join(" ")} ended with ${came.status}: ${came.out} ${came.err}`);
        }
        return came.json;
    }

    async text(...args) {
        const came = await spawned(["--config", join(this.dir, "etc"), ...args], "");
        if (came.status !== 0) {
            throw new Error(`jeton ${args.join(" ")} ended with ${came.status}: ${came.err}`);
        }
        return came.out.trimEnd();
    }
}

// A jeton with these providers: { line: { bot: { … } } }
export async function jetonWith(providers) {
    const jeton = new Jeton();
    const accounts = typeof providers === "function" ? providers((text) => jeton.secret(text)) : providers;
    Object.entries(accounts).forEach(([name, settings]) => jeton.provider(name, settings));
    return jeton.init();
}
