import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventEmitter } from 'node:events';
import * as qdtls from '../../lib';

const STATUSES = ['mirrored', 'different', 'absent', 'extension'];
/** Flat values of these enums are rows of the enum, not of their own. */
const FLAT_ENUMS = new Set<unknown>([qdtls.SslError]);

interface Row {
  readonly member: string;
  readonly status: string;
  readonly why: string;
}

/** The rows of docs/qt-parity.md by class. */
function rowsByClass(): Map<string, Row[]> {
  const page = readFileSync(join(__dirname, '../../docs/qt-parity.md'), 'utf8');
  const sections = page.split(/^## /m).slice(1);
  return new Map(
    sections.filter((section) => section.includes('| Member |')).map((section) => {
      const [name = ''] = section.split('\n', 1);
      const rows = [...section.matchAll(/^\| (`.*?`.*?) \| (\w+) \| ?(.*?) ?\|$/gm)];
      return [name.trim(), rows.map(([, member = '', status = '', why = '']) => ({ member, status, why }))];
    }),
  );
}

/** `doHandshake`, `QDtls.HandshakeComplete` or `pskRequired (event)` of a row's first cell. */
function memberName(row: Row): string {
  return row.member.replaceAll('`', '');
}

type AnyClass = abstract new (...args: never[]) => object;

/** Other functions have no prototype, or one that can be replaced. */
function isClass(value: unknown): value is AnyClass {
  return typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false;
}

/** Public members of instances, those of base classes included. */
function instanceMembers(subject: AnyClass): string[] {
  const names = new Set<string>();
  let prototype: unknown = subject.prototype;
  while (typeof prototype === 'object' && prototype !== null) {
    if (prototype === EventEmitter.prototype || prototype === Object.prototype) break;
    for (const name of Object.getOwnPropertyNames(prototype)) names.add(name);
    prototype = Object.getPrototypeOf(prototype);
  }
  names.delete('constructor');
  return [...names];
}

function staticMembers(subject: AnyClass): string[] {
  const flat = new Set(
    Object.values(subject)
      .filter((value) => FLAT_ENUMS.has(value))
      .flatMap((value: object) => Object.keys(value)),
  );
  const names = new Set<string>();
  let owner: unknown = subject;
  while (typeof owner === 'function' && owner !== EventEmitter && owner !== Function.prototype) {
    for (const name of Object.getOwnPropertyNames(owner)) names.add(name);
    owner = Object.getPrototypeOf(owner);
  }
  return [...names].filter(
    (name) => !['length', 'name', 'prototype', 'fromNative', 'fromDecoded', 'ofConnection'].includes(name) && !flat.has(name),
  );
}

const classes = Object.entries(qdtls).flatMap(([name, value]): [string, AnyClass][] =>
  isClass(value) ? [[name, value]] : [],
);
const page = rowsByClass();

describe('docs/qt-parity.md', () => {
  it('has a section for every class of the package and for no other', () => {
    expect([...page.keys()].sort()).toEqual(classes.map(([name]) => name).sort());
  });

  describe.each(classes)('%s', (name, subject) => {
    const rows = page.get(name) ?? [];
    const listed = rows.filter((row) => row.status !== 'absent').map(memberName);
    const members = [...instanceMembers(subject), ...staticMembers(subject).map((member) => `${name}.${member}`)];

    it('has a row for every public member', () => {
      expect(members.filter((member) => !listed.includes(member))).toEqual([]);
    });

    it('names no member that is missing', () => {
      const instance = name === 'GeneratorParameters' ? Object.keys(new qdtls.GeneratorParameters()) : [];
      const known = new Set([...members, ...instance]);
      const others = listed.filter((member) => !member.startsWith('new ') && !member.endsWith('(event)'));
      expect(others.filter((member) => !known.has(member))).toEqual([]);
    });

    it('names no member twice', () => {
      expect(new Set(rows.map(memberName)).size).toBe(rows.length);
    });

    it('gives every row a status, and a reason to all that is absent', () => {
      expect(rows.filter((row) => !STATUSES.includes(row.status))).toEqual([]);
      expect(rows.filter((row) => row.status === 'absent' && row.why === '')).toEqual([]);
    });

    it('calls no member absent that is there', () => {
      const absent = rows.filter((row) => row.status === 'absent').map(memberName);
      expect(absent.filter((member) => members.includes(member))).toEqual([]);
    });
  });

  it('lists the events of QDtls and QDtlsClientVerifier', () => {
    const events = [...(page.get('QDtls') ?? []), ...(page.get('QDtlsClientVerifier') ?? [])]
      .map(memberName)
      .filter((member) => member.endsWith(' (event)'));
    expect(events).toEqual([
      'handshakeTimeout (event)',
      'pskRequired (event)',
      'serverNameRequired (event)',
      'handshakeStateChanged (event)',
      'socketError (event)',
      'keyLog (event)',
      'socketError (event)',
    ]);
  });
});
