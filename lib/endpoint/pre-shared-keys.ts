import { invalidArgumentType, invalidArgumentValue } from '../argument-errors';
import type { QSslPreSharedKeyAuthenticator } from '../qsslpresharedkeyauthenticator';
import { isCallable, OptionReader, viewedBytes } from './option-reader';
import { whenKnown } from './when-known';

/** A key as users give it: bytes, or a string for its UTF-8 form. node:dtls: the option psk */
export type PskKey = string | NodeJS.ArrayBufferView;

/** Who a client is. node:dtls: the option psk of dtls.connect() */
export interface PskCredential {
  /** Tells the server which key it is; sent in the clear, at most 256 bytes of UTF-8. */
  readonly identity: string;
  /** What both sides know: 16 random bytes or more. */
  readonly key: PskKey;
}

/**
 * A server's keys by identity, or where to look them up; nothing refuses the client. `identity` is the text of `bytes`.
 * node:dtls: the option psk of dtls.listen()
 */
export type ServerPsk =
  | Readonly<Record<string, PskKey>>
  | ((identity: string, bytes: Buffer) => PskKey | null | undefined | Promise<PskKey | null | undefined>);

/** A client's key, or where to look it up; `hint` is '' when the server gave none. node:dtls: the option psk of dtls.connect() */
export type ClientPsk =
  | PskCredential
  | ((hint: string) => PskCredential | null | undefined | Promise<PskCredential | null | undefined>);

/** Fills in what a handshake asks for, now or when the promise resolves. Throws what the user's function threw. */
export type AnswerPsk = (authenticator: QSslPreSharedKeyAuthenticator) => void | Promise<void>;

function keyBytes(value: unknown, name: string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : viewedBytes(value);
  if (bytes === null) throw invalidArgumentType(name, 'a key: a string, a Buffer, a TypedArray or a DataView', value);
  if (bytes.length === 0) throw invalidArgumentValue(name, 'a key that is not empty', value);
  return Buffer.from(bytes);
}

/** What the `psk` option of a server means. */
export function serverPsk(value: unknown, name: string): AnswerPsk {
  if (isCallable(value)) {
    return (authenticator) => {
      const identity = authenticator.identity();
      return whenKnown(value(identity.toString(), identity), (key) => {
        if (key !== null && key !== undefined) authenticator.setPreSharedKey(keyBytes(key, `the result of ${name}`));
      });
    };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArgumentType(name, 'an object with a key for each identity, or a function', value);
  }
  const keys = new Map(Object.entries(value).map(([identity, key]) => [identity, keyBytes(key, `${name}['${identity}']`)]));
  return (authenticator) => {
    const key = keys.get(authenticator.identity().toString());
    if (key !== undefined) authenticator.setPreSharedKey(key);
  };
}

interface CheckedCredential {
  readonly identity: string;
  readonly key: Buffer;
}

function credentialOf(value: unknown, name: string): CheckedCredential {
  const credential = new OptionReader(value, name);
  const identity = credential.string('identity');
  if (identity === null) throw invalidArgumentType(credential.nameOf('identity'), 'a string', identity);
  const key = keyBytes(credential.take('key'), credential.nameOf('key'));
  credential.finish();
  return { identity, key };
}

function present(authenticator: QSslPreSharedKeyAuthenticator, { identity, key }: CheckedCredential, name: string): void {
  const longest = authenticator.maximumIdentityLength();
  if (Buffer.byteLength(identity) > longest) {
    throw invalidArgumentValue(`${name}.identity`, `of at most ${longest} bytes`, identity);
  }
  authenticator.setIdentity(identity);
  authenticator.setPreSharedKey(key);
}

/** What the `psk` option of a client means. */
export function clientPsk(value: unknown, name: string): AnswerPsk {
  if (isCallable(value)) {
    const resultName = `the result of ${name}`;
    return (authenticator) =>
      whenKnown(value(authenticator.identityHint().toString()), (result) => {
        if (result === null || result === undefined) return;
        present(authenticator, credentialOf(result, resultName), resultName);
      });
  }
  if (typeof value !== 'object' || value === null) throw invalidArgumentType(name, 'an object with identity and key, or a function', value);
  const credential = credentialOf(value, name); // looked at now, not when a handshake needs it
  return (authenticator) => present(authenticator, credential, name);
}
