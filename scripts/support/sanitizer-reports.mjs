// Reads what the sanitizers wrote. They write to files rather than to the terminal, so that a report from a
// child process counts too, whatever the test that started it made of its exit.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './run.mjs';

// A frame of ours: by its source file, or by the addon's name where there are no symbols.
const OWN_FRAMES = [path.join(root, 'native') + path.sep, 'qdtls.node'];
// V8 keeps what it allocates for itself, such as its heap's pages and what it remembers of them, whoever happens to call
// it; a process that calls process.exit() does not give that back, and only the heap, where nobody looks, points to it.
const V8_FRAME = 'v8::internal::';
const SHOWN_LINES = 16;
const LEAK_SUMMARY = /^SUMMARY: AddressSanitizer: \d+ byte\(s\) leaked/m;

/** Whether our addon, or what it called beside V8, asked for the memory of a record. */
function isOwn(/** @type {string} */ record) {
  const places = OWN_FRAMES.map((frame) => record.indexOf(frame)).filter((place) => place !== -1);
  return places.length > 0 && !record.slice(0, Math.min(...places)).includes(V8_FRAME);
}

/**
 * The records of a leak report whose allocation passed through our addon. Node and V8 do not free everything at
 * exit, and those records are not ours.
 *
 * @param {string} text
 * @returns {string[]}
 */
function ownLeaks(text) {
  return text
    .split(/\n(?=(?:Direct|Indirect) leak of )/)
    .slice(1)
    .map((record) => record.split('\n\n')[0] ?? '')
    .filter(isOwn)
    .map((record) => record.split('\n').slice(0, SHOWN_LINES).join('\n'));
}

/**
 * The reports below a folder that count: every error, and of leaks only our own.
 *
 * @param {string} folder
 * @returns {string[]} the texts
 */
export function readReports(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    return LEAK_SUMMARY.test(text) ? ownLeaks(text) : [text];
  });
}

/**
 * The races below a folder that ThreadSanitizer saw, of those with a frame of ours.
 *
 * @param {string} folder
 * @returns {string[]} the texts
 */
export function readRaces(folder) {
  return readdirSync(folder).flatMap((name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    const all = text.split(/^={18}$/m).filter((part) => part.includes('WARNING: ThreadSanitizer'));
    return all.filter((part) => OWN_FRAMES.some((frame) => part.includes(frame)));
  });
}
