// Seal and open of one message, both ends in one thread, against the C loop.

import { randomFillSync } from 'node:crypto';
import { loadLoop } from './c-loop.mjs';
import { Joiner } from './ends.mjs';
import { compareAll, countFor, round, spreadOf } from './figures.mjs';
import { pskKind } from './kinds.mjs';
import { BATCH, forms } from './record-forms.mjs';
import { must } from './section.mjs';

const CIPHERS = ['PSK-AES128-GCM-SHA256', 'PSK-AES256-GCM-SHA384', 'PSK-CHACHA20-POLY1305'];
const SIZES = [64, 256, 1200];
// Of a turn. In turns of 5 ms, what it takes to change sides was up to a hundredth of what was counted as ours.
const TURN_MS = { quick: 2, full: 20 };

/**
 * Sends messages of which no two are the same, and compares them with what arrives.
 *
 * @param {import('./record-forms.mjs').Form} form
 * @param {number} batch
 */
function verify({ message, run, plaintext }, batch) {
  for (let repetition = 0; repetition < BATCH; repetition += 1) {
    randomFillSync(message);
    must(run(batch) === message.length, 'a message was not opened');
    must(message.equals(plaintext()), 'a plaintext is not the message that was sealed');
  }
}

/**
 * @param {import('./section.mjs').Options} options
 * @param {string} cipher
 */
async function measureCipher({ quick, rounds, loopFolder }, cipher) {
  const kind = pskKind(cipher);
  const addon = loadLoop(loopFolder);
  const loop = new addon.CLoop(kind.settings);
  const joiner = new Joiner(kind);
  /** @type {[import('./ends.mjs').Ends, ...import('./ends.mjs').Ends[]]} */
  const pairs = [joiner.join()];
  while (pairs.length < BATCH) pairs.push(joiner.join());
  /** @type {import('./section.mjs').Row[]} */
  const rows = [];
  for (const size of SIZES) {
    const count = countFor(quick ? TURN_MS.quick : TURN_MS.full, (repetitions) => loop.records(size, repetitions), BATCH);
    for (const { name, make, batch } of forms) {
      const form = make(pairs, size);
      verify(form, batch);
      const result = await compareAll(rounds, {
        yardstick: () => loop.records(size, count) / count,
        work: () => {
          const bytes = form.run(count);
          must(bytes === count * size, `${count * size} bytes were to be opened, and ${bytes} were`);
        },
        clock: () => addon.cpuNanoseconds() / count,
        verify: () => verify(form, batch),
      });
      rows.push({
        cipher,
        size,
        form: name,
        nanoseconds: round(result.ours.median, 1),
        yardstick: round(result.yardstick.median, 1),
        share: round(result.share.median, 3),
        spread: spreadOf(result.share, 3),
      });
    }
  }
  for (const pair of pairs) joiner.part(pair);
  return rows;
}

/** @type {import('./section.mjs').Section} */
export const records = {
  name: 'records',
  title: 'Records: seal and open',
  about:
    'CPU for one message sealed on one end and opened on the other, as a share of the speed of the C loop ' +
    '(SSL_write and SSL_read over a zero-copy BIO, hot in cache; native/bench/c_loop.h says what it leaves out). The ' +
    'facade seals with writeDatagramEncrypted over a socket that does nothing but keep the datagram.',
  columns: [
    ['cipher', 'cipher suite'],
    ['size', 'bytes'],
    ['form', 'calls'],
    ['nanoseconds', 'CPU, ns'],
    ['yardstick', 'C loop, ns'],
    ['share', 'share of C'],
    ['spread', 'lowest..highest'],
  ],
  charts: [
    {
      title: 'Share of the C loop: 1 is its speed',
      group: ['cipher', 'size'],
      label: ['form'],
      value: 'share',
      spread: 'spread',
      reference: 1,
    },
  ],
  async run(options) {
    const rows = [];
    for (const cipher of CIPHERS) rows.push(...(await measureCipher(options, cipher)));
    return rows;
  },
};
