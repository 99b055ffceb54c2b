import { closeSync, openSync, writeSync } from 'node:fs';

/** A file in the format of SSLKEYLOGFILE, which Wireshark reads. Holds secrets: readable by its owner alone. */
export class KeyLogFile {
  #descriptor: number | null;

  /** Throws the system's error if it cannot be appended to. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'a', 0o600);
  }

  write(line: string): void {
    if (this.#descriptor !== null) writeSync(this.#descriptor, `${line}\n`);
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
