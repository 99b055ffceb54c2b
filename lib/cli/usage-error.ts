/** The command line is wrong: the message is one sentence for the person who typed it, the exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** Name of the option that it is about, or '' when it is about no single one. */
  readonly option: string;

  constructor(message: string, option = '') {
    super(message);
    this.option = option;
  }

  /** An error about one option: what it must do or be, and what is the case instead. */
  static ofOption(option: string, expectation: string, received: string): UsageError {
    return new UsageError(`The --${option} option must ${expectation}, but ${received}.`, option);
  }
}
