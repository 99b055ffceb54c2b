import { HandshakeState, QDtlsError } from '../../lib';
import { stopCommands } from '../support/command';
import { resultOf, runFixture } from '../support/fixture';

afterEach(stopCommands);

describe('what listeners throw when no caller waits', () => {
  it('is an uncaught exception, and the associations stay usable', async () => {
    expect(await resultOf(runFixture('uncaught'))).toEqual({
      caught: [
        'by handshakeTimeout',
        null,
        'by socketError',
        'by socketError of a verifier',
        'by handshakeStateChanged, after the key has come',
      ],
      written: 4,
      after: { error: QDtlsError.UnderlyingSocketError, text: 'no route', encrypted: true },
      states: { inProgress: HandshakeState.HandshakeInProgress, expired: HandshakeState.HandshakeNotStarted },
      repeated: 2,
      isLateComplete: true,
      verifier: 'no route',
    });
  });
});
