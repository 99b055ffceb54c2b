import { EventEmitter } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as api from '../../lib/endpoint';
import { InertSocket } from '../../lib/endpoint/inert-socket';
import { channels } from '../../lib/endpoint/diagnostics';
import { propertiesOf } from '../support/endpoint-types';

const STATUSES = ['same', 'better', 'different'];
const sources = join(__dirname, '../../lib/endpoint');

interface Row {
  readonly cell: string;
  readonly status: string;
  readonly why: string;
}

const page = readFileSync(join(__dirname, '../../docs/node-dtls.md'), 'utf8');
const sections = new Map(page.split(/^## /m).slice(1).map((text) => [text.slice(0, text.indexOf('\n')).trim(), text]));

/** The rows of a table of three columns. */
function rowsOf(section: string): Row[] {
  const rows = [...(sections.get(section) ?? '').matchAll(/^\| (.+?) \| (\w+) \| ?(.*?) ?\|$/gm)];
  return rows.map(([, cell = '', status = '', why = '']) => ({ cell, status, why })).filter(({ cell }) => cell !== 'Entry');
}

function namesOf(section: string): string[] {
  return rowsOf(section).map(({ cell }) => cell.replaceAll('`', ''));
}

/** All names of the first column of the last table. */
const extensions = [...(sections.get('Extensions') ?? '').matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`(.+?)`/g)].map(([, name = '']) => name),
);

/** What a section and the table of extensions list of one owner: `listen: socket`, `DTLSSession.mtu`. */
function listed(section: string, prefix: string): string[] {
  const ours = extensions.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return [...namesOf(section), ...ours];
}

type AnyClass = abstract new (...args: never[]) => object;

function isClass(value: unknown): value is AnyClass {
  return typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false;
}

/** The names on a prototype and on ours behind it: EventEmitter's and dgram's are not ours. */
function keysOf(prototype: object): (string | symbol)[] {
  const parent: unknown = Object.getPrototypeOf(prototype);
  const isOurs = typeof parent === 'object' && parent !== null && 'constructor' in parent && parent.constructor === InertSocket;
  return [...new Set([...Reflect.ownKeys(prototype), ...(isOurs ? Reflect.ownKeys(parent) : [])])];
}

function membersOf(name: string, subject: AnyClass): string[] {
  const isOurs = (key: string | symbol): boolean => !['constructor', 'length', 'name', 'prototype'].includes(String(key));
  const prototype: unknown = subject.prototype;
  if (typeof prototype !== 'object' || prototype === null) throw new Error(`${name} is no class`);
  const members = keysOf(prototype).filter(isOurs);
  const statics = Object.keys(subject).filter((key) => isOurs(key) && !(key in EventEmitter));
  // 'Symbol.asyncIterator', but 'nodejs.asyncDispose' where the engine has none of its own.
  const names = members.map((key) => (typeof key === 'symbol' ? (key.description ?? '').replace(/^nodejs/, 'Symbol') : key));
  return [...names, ...statics.map((key) => `${name}.${key}`)];
}

const classes = Object.entries(api).flatMap(([name, value]): [string, AnyClass][] => (isClass(value) ? [[name, value]] : []));
const functions = Object.keys(api).filter((name) => !classes.some(([known]) => known === name));

function codesInSources(): string[] {
  const files = readdirSync(sources).map((file) => readFileSync(join(sources, file), 'utf8'));
  const texts = [...files, readFileSync(join(sources, '../internal/arguments.ts'), 'utf8')];
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/'(ERR_\w+)'/g)].map(([, code = '']) => code)))];
}

describe('docs/node-dtls.md', () => {
  it('has a row for every function, and for no other', () => {
    expect(namesOf('Functions').sort()).toEqual(functions.sort());
  });

  it.each([
    ['listen', 'ListenOptions'],
    ['connect', 'ConnectOptions'],
    ['createSecureContext', 'SecureContextOptions'],
  ])('has a row for every option of %s(), and for no other', (name, type) => {
    expect(listed(`${name}: options`, `${name}: `).sort()).toEqual(propertiesOf(type).sort());
  });

  it.each(classes)('has a row for every public member of %s, and for no other', (name, subject) => {
    expect(listed(name, `${name}.`).sort()).toEqual(membersOf(name, subject).sort());
  });

  it.each(['DTLSEndpoint', 'DTLSSession'])('has a row for every event of %s, and for no other', (name) => {
    const events = propertiesOf(`${name}Events`).map((event) => `${event} (event)`);
    expect(listed('', `${name}: `).sort()).toEqual(events.sort());
  });

  it('has a row for every diagnostics channel, and for no other', () => {
    const names = Object.values(channels).map((channel) => String(channel.name));
    expect(listed('', 'channel: ').sort()).toEqual(names.sort());
  });

  it('has a row for every error code, and for no other', () => {
    expect(listed('Error codes', 'code: ').sort()).toEqual(codesInSources().sort());
  });

  it('names nothing else among the extensions', () => {
    const owners = ['listen: ', 'connect: ', 'createSecureContext: ', 'channel: ', 'code: '];
    const known = [...owners, ...classes.flatMap(([name]) => [`${name}.`, `${name}: `])];
    expect(extensions.filter((name) => !known.some((owner) => name.startsWith(owner)))).toEqual([]);
  });

  it('gives every row a status, and a reason to what is not the same', () => {
    const rows = [...sections.keys()].filter((section) => section !== 'Extensions').flatMap(rowsOf);
    expect(rows.length).toBeGreaterThan(140);
    expect(rows.filter(({ status }) => !STATUSES.includes(status))).toEqual([]);
    expect(rows.filter(({ status, why }) => status !== 'same' && why === '')).toEqual([]);
  });

  it('names nothing twice', () => {
    expect(new Set(extensions).size).toBe(extensions.length);
    for (const section of sections.keys()) expect(new Set(namesOf(section)).size).toBe(namesOf(section).length);
  });
});
