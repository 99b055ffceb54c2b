import { QDtls } from '../../lib';
import { Pair } from '../support/pair';
import { callWith } from '../support/untyped';

// A file of its own: after a batch that could be made, its memory is known, and other memory is looked at differently.

describe('what is no memory is refused by name, in the first batch too', () => {
  const [numbers, bytes] = [new Int32Array(1), new Uint8Array(100)];

  it.each<[method: string, values: readonly unknown[], named: RegExp]>([
    ['encryptDatagrams', [null, numbers, bytes, numbers], /"messages" argument .* Received null/],
    ['encryptDatagrams', [bytes, null, bytes, numbers], /"lengths" argument .* Received null/],
    ['encryptDatagrams', [bytes, numbers, null, numbers], /"out" argument .* Received null/],
    ['encryptDatagrams', [bytes, numbers, bytes, null], /"sizes" argument .* Received null/],
    ['decryptDatagramsInPlace', [null, numbers, numbers], /"datagrams" argument .* Received null/],
    ['decryptDatagramsInPlace', [bytes, undefined, numbers], /"lengths" argument .* Received undefined/],
  ])('%s(%p)', (method, values, named) => {
    expect(() => callWith(new Pair().run().client, method, ...values)).toThrow(named);
  });

  it('encryptMany(null)', () => {
    const { client } = new Pair().run();
    const [lengths, sizes] = [new Int32Array(2), new Int32Array(2)];
    expect(() => callWith(QDtls, 'encryptMany', [client, client], null, lengths, bytes, sizes)).toThrow(/"messages"/);
  });
});
