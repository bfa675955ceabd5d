// SPDX-License-Identifier: MIT
// Signatures of many keys in both directions: Waves' libraries judge jeton's, the simulator judges the libraries'. It
// never takes a key of jeton's: each account has a random seed or private key of the test's own making.

import { randomBytes, randomInt } from "node:crypto";
import { holds, is, it, near } from "./lib/check.mjs";
import { jetonWith } from "./lib/jeton.mjs";
import * as simulator from "./lib/simulator.mjs";
import * as waves from "./waves_sdk.mjs";

const ACCOUNTS = 320;
const SHORTEST_S = 600;
const WEEK_S = 604800;
const AT_ONCE = 2;

const now_s = () => Math.floor(Date.now() / 1000);
const pick = (list) => list[randomInt(list.length)];

// Seeds are used byte for byte, so anything may be in one but control characters, which no setting of jeton's may have.
const SEEDS = [
    () => waves.crypto.randomSeed(),
    () => waves.crypto.randomSeed(randomInt(6, 40)),
    () => randomBytes(randomInt(12, 64)).toString("base64"),
    () => ` ${waves.crypto.randomSeed(6)}  two spaces, and one at each end `,
    () => `${waves.crypto.randomSeed(6)} "quoted" \\ back\\slash ; # // /*`,
    () => Array.from({ length: randomInt(20, 40) }, () => pick([..."éё日本語🌊ßñe\u0301Ω"])).join(""),
    () => randomBytes(2000).toString("hex"),
];

// The private key of a seed, or any 32 bytes: the libraries clamp those (RFC 7748 5) as jeton must.
const PRIVATE_KEYS = [
    () => waves.crypto.privateKey(waves.crypto.randomSeed()),
    () => waves.crypto.base58Encode(randomBytes(32)),
];

function account(i) {
    const privateKey = i % 5 === 0 ? pick(PRIVATE_KEYS)() : undefined;
    // What the libraries call a seed: a phrase, or { privateKey }.
    const secret = privateKey ? { privateKey } : SEEDS[i % SEEDS.length]();
    return {
        name: `a${i}`,
        secret,
        privateKey,
        chain_id: pick(["W", "T"]),
        lifetime_s: randomInt(SHORTEST_S, WEEK_S + 1),
        inFile: i % 2 === 0,
        publicKey: waves.crypto.publicKey(secret),
    };
}

function settings({ secret, privateKey, inFile, chain_id, lifetime_s }, inSecretFile) {
    const name = privateKey ? "private_key" : "seed";
    const value = privateKey ?? secret;
    const common = { chain_id, token_lifetime: lifetime_s };
    return inFile ? { [`${name}_file`]: inSecretFile(value), ...common } : { [name]: value, ...common };
}

async function inParallel(list, act) {
    const queue = [...list];
    const worker = async () => {
        for (let next = queue.shift(); next; next = queue.shift()) {
            await act(next);
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const kindOf = ({ privateKey, chain_id }) => `${privateKey ? "private keys" : "seeds"} on chain ${chain_id}`;

function judged(entry, request) {
    const { form, status } = request;
    const shown = { ...entry, form };
    holds("the public key is the one that Waves' library derives", form.username === entry.publicKey, shown);
    const { exp, ...verdict } = waves.judge(entry.publicKey, entry.chain_id, form.password);
    holds("the signature verifies", verdict.good, shown);
    holds("it does not verify for another end", verdict.goodForAnotherEnd === false, shown);
    holds("it does not verify for another chain", verdict.goodForAnotherChain === false, shown);
    near("the signed end", exp, Math.floor(request.at_ms / 1000) + entry.lifetime_s);
    is("the simulator's status", status, 200);
}

// jeton logs in with every account; what it sent is then judged, a group a check.
async function jetonSigns(accounts) {
    const requests = new Map();
    await it(`jeton gets a token for each of ${accounts.length} accounts`, async () => {
        await simulator.reset();
        await simulator.set("waves", { chain_id: "any" });
        const jeton = await jetonWith((inSecretFile) => ({
            waves: Object.fromEntries(accounts.map((entry) => [entry.name, settings(entry, inSecretFile)])),
        }));
        await inParallel(accounts, async (entry) => {
            const { status, err } = await jeton.run("get", `waves/${entry.name}`);
            holds("jeton gets a token", status === 0, entry, err);
        });
        (await simulator.requests("waves")).forEach((request) => requests.set(request.form.username, request));
        is("requests with a public key of their own", requests.size, accounts.length);
    });
    for (const kind of [...new Set(accounts.map(kindOf))].sort()) {
        const group = accounts.filter((entry) => kindOf(entry) === kind);
        await it(`Waves' libraries verify jeton's signatures by ${group.length} ${kind}`, async () => {
            for (const entry of group) {
                const request = requests.get(entry.publicKey);
                holds("jeton sent the public key that Waves' library derives", request, entry);
                if (request) {
                    judged(entry, request);
                }
            }
        });
    }
}

// One character of the signature exchanged for its neighbour in the alphabet.
function altered(password) {
    const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    const at = randomInt(password.indexOf(":") + 10, password.length);
    const other = alphabet[(alphabet.indexOf(password[at]) + 1) % alphabet.length];
    return password.slice(0, at) + other + password.slice(at + 1);
}

async function librariesSign(signer, accounts) {
    await simulator.reset();
    await simulator.set("waves", { chain_id: "any" });
    for (const entry of accounts) {
        const password = waves.passwordOf(signer, entry.secret, entry.chain_id, now_s() + entry.lifetime_s);
        const token = await waves.login(entry.publicKey, password).catch((error) => error);
        holds("the simulator lets it in", token.access_token, entry, token);
        const refused = await waves.login(entry.publicKey, altered(password)).catch((error) => error);
        is("the simulator's error for an altered one", refused.body?.error, "invalid_grant");
    }
}

export async function checkWavesSignatures() {
    const accounts = Array.from({ length: ACCOUNTS }, (_, i) => account(i));
    await jetonSigns(accounts);
    for (const signer of waves.SIGNER_NAMES) {
        await it(`the simulator accepts what ${signer} signs by ${ACCOUNTS / 2} keys, and nothing altered`, () =>
            librariesSign(signer, accounts.slice(0, ACCOUNTS / 2)));
    }
}
