import { QDtlsError } from './qdtlserror';

const { NoError } = QDtlsError;

/**
 * The pair behind `dtlsError()` and `dtlsErrorString()`: what the last operation of an object had to say.
 */
export class ErrorSlot {
  #error: QDtlsError = NoError;
  #text = '';

  get error(): QDtlsError {
    return this.#error;
  }

  get text(): string {
    return this.#text;
  }

  clear(): void {
    this.#error = NoError;
    this.#text = '';
  }

  /** Stores the error and returns false, so that a failing method can end with `return this.#slot.fail(...)`. */
  fail(error: QDtlsError, text: string): false {
    this.#error = error;
    this.#text = text;
    return false;
  }
}
