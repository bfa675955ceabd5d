// SPDX-License-Identifier: MIT
// What the checks are made of: it() runs one and prints its line, same() and holds() find what is wrong in it.
// A check that throws is one that failed.

import { writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

const LONGEST_TEXT = 2000;
const MOST_PROBLEMS = 8;
export const CLOSE_S = 10;

let problems = [];
let passed = 0;
let failed = 0;

function show(value) {
    const text = value instanceof Error ? `${value.name}: ${value.message}` : JSON.stringify(value);
    return text === undefined ? String(value) : text.slice(0, LONGEST_TEXT);
}

// Compares what the SDK did with what jeton did; each side is printed when they differ.
export function same(what, sdk, jeton) {
    if (!isDeepStrictEqual(sdk, jeton)) {
        problems.push(`${what}\n          SDK:      ${show(sdk)}\n          jeton:    ${show(jeton)}`);
    }
}

// Compares one thing with what it has to be, where there are no two sides.
export function is(what, came, expected) {
    if (!isDeepStrictEqual(came, expected)) {
        problems.push(`${what}\n          expected: ${show(expected)}\n          came:     ${show(came)}`);
    }
}

export function holds(what, condition, ...shown) {
    if (!condition) {
        problems.push([`${what}: no`, ...shown.map((value) => `          ${show(value)}`)].join("\n"));
    }
}

// Two points in time or two spans that were taken a moment apart, on a machine that may be busy.
export function near(what, came, expected, tolerance_s = CLOSE_S) {
    if (!(Math.abs(came - expected) <= tolerance_s)) {
        problems.push(`${what}\n          expected: ${expected} (within ${tolerance_s})\n          came:     ${came}`);
    }
}

export async function it(sentence, prove) {
    problems = [];
    if (process.env.CHECK_PROGRESS) {
        // tests/lib/watched ends a check that hangs, and names it.
        writeFileSync(process.env.CHECK_PROGRESS, `${passed} ${failed} 0 0 ${sentence}\n`);
    }
    try {
        await prove();
    } catch (error) {
        problems.push(`it broke off: ${error instanceof Error ? error.stack : show(error)}`);
    }
    if (problems.length === 0) {
        passed++;
        console.log(`ok      ${sentence}`);
    } else {
        failed++;
        console.log(`FAILED  ${sentence}`);
        problems.slice(0, MOST_PROBLEMS).forEach((problem) => console.log(`        ${problem}`));
        if (problems.length > MOST_PROBLEMS) {
            console.log(`        and ${problems.length - MOST_PROBLEMS} more`);
        }
    }
}

export function tally() {
    return { passed, failed };
}
