// SPDX-License-Identifier: MIT
// Runs all checks, one provider after the other, and leaves the tally in a file. It never starts or ends the simulator;
// that is for the script run.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { holds, is, it, tally } from "./lib/check.mjs";
import { expectOrigin } from "./lib/exchange.mjs";
import { Jeton } from "./lib/jeton.mjs";
import { KNOWN, neverMet } from "./lib/known.mjs";
import "./lib/transport.mjs";
import { checkLine } from "./line.mjs";
import { checkLineAnswers } from "./line_answers.mjs";
import { checkQiwi } from "./qiwi.mjs";
import { checkVoucherify } from "./voucherify.mjs";
import { checkWaves } from "./waves.mjs";
import { checkWavesSignatures } from "./waves_signatures.mjs";
import { checkYoomoney } from "./yoomoney.mjs";

const only = process.argv.slice(2);

const bare = await new Jeton().init();
for (const provider of ["line", "qiwi", "yoomoney", "waves", "voucherify"]) {
    expectOrigin(provider, (await bare.done("describe", provider)).base_url);
}

const parts = {
    line: checkLine,
    line_answers: checkLineAnswers,
    qiwi: checkQiwi,
    yoomoney: checkYoomoney,
    waves: checkWaves,
    waves_signatures: checkWavesSignatures,
    voucherify: checkVoucherify,
};
const strangers = only.filter((name) => !parts[name]);
if (strangers.length > 0) {
    throw new Error(`there is no part ${strangers.join(", ")}; there are: ${Object.keys(parts).join(", ")}`);
}
for (const [name, check] of Object.entries(parts)) {
    if (only.length === 0 || only.includes(name)) {
        await check();
    }
}
await it("README.md names the versions that are pinned and the differences that are known", () => {
    const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
    const readme = read("README.md");
    for (const [name, version] of Object.entries(JSON.parse(read("package.json")).dependencies)) {
        const pinned = version.startsWith("npm:") ? version.slice(4).replace(/@([^@]+)$/, " $1") : `${name} ${version}`;
        holds(`README.md has "${pinned}"`, readme.includes(pinned));
    }
    const named = [...readme.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
    is("the differences in README.md", named.sort(), Object.keys(KNOWN).sort());
});
if (only.length === 0) {
    await it("every difference in the table of known ones was met", () => {
        is("never met", neverMet(), []);
    });
}

const { passed, failed } = tally();
writeFileSync(join(process.env.SCRATCH, "tally"), `${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
