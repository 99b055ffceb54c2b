import type { SendCallback } from '../../lib';
import { MemorySocket } from './memory-socket';

type Rest = readonly [SendCallback] | readonly [number, string, SendCallback];

/** A socket in memory that can fail in every way a socket can. */
export class FaultySocket extends MemorySocket {
  /** What send() does instead of sending, while set. */
  fault: ((callback: SendCallback) => void) | undefined;

  override send(datagram: Uint8Array, ...rest: Rest): void {
    if (this.fault !== undefined) this.fault(rest.length === 1 ? rest[0] : rest[2]);
    else super.send(datagram, ...rest);
  }
}

/** A fault: throws this. */
export function throws(value: unknown): () => never {
  return () => {
    throw value;
  };
}

/** What a call throws; `undefined` if it returns, so that a thrown null can be told from nothing thrown. */
export function thrownBy(call: () => unknown): { readonly value: unknown } | undefined {
  try {
    call();
    return undefined;
  } catch (value) {
    return { value };
  }
}
