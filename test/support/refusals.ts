import dgram from 'node:dgram';
import fs from 'node:fs';
import { isNativeError } from 'node:util/types';
import { connect, createSecureContext, listen, type ConnectOptions, type ListenOptions, type SecureContextOptions } from '../../lib/endpoint';
import { clientTrust, HOST, serverIdentity } from './endpoints';
import { callWith } from './untyped';

export type CodedError = Error & { readonly code?: unknown; readonly errno?: unknown; readonly syscall?: unknown };

/** What a call throws. */
export function thrownBy(call: () => unknown): CodedError {
  try {
    call();
  } catch (error) {
    // Node's own are of another realm than the tests'.
    if (isNativeError(error)) return error;
    throw new Error('what was thrown is no Error', { cause: error });
  }
  throw new Error('nothing was thrown');
}

/** What a call throws that opens neither a socket nor a file. */
export function refusalOf(call: () => unknown): CodedError {
  const opened = [jest.spyOn(dgram, 'createSocket'), jest.spyOn(fs, 'openSync')];
  try {
    const error = thrownBy(call);
    for (const spy of opened) expect(spy).not.toHaveBeenCalled();
    return error;
  } finally {
    for (const spy of opened) spy.mockRestore();
  }
}

type Wrong<T> = { readonly [K in keyof T]?: unknown } | Readonly<Record<string, unknown>>;

/** A server that would start if it were not for these options. */
export function listenWith(options: Wrong<ListenOptions>): unknown {
  const all = { ...serverIdentity, host: HOST, port: 0, keyLogFile: 'never-written.log', ...options };
  return callWith({ listen }, 'listen', () => undefined, all);
}

/** A client likewise. */
export function connectWith(options: Wrong<ConnectOptions>, host: unknown = HOST, port: unknown = 4433): unknown {
  return callWith({ connect }, 'connect', host, port, { ...clientTrust, keyLogFile: 'never-written.log', ...options });
}

/** A context likewise. */
export function contextWith(options: Wrong<SecureContextOptions>): unknown {
  return callWith({ createSecureContext }, 'createSecureContext', { ...serverIdentity, isServer: true, ...options });
}
