import type { ConfigurationData } from './configuration-data';
import { raise, type QDtlsEvents } from './dtls-channel';
import type { ErrorSlot } from './error-slot';
import { toError, type DatagramSocket } from './internal/datagram-socket';
import { native } from './internal/native';
import type { NativeConnection, NativeContext } from './internal/native-types';
import { outcomeOf, type Outcome } from './internal/outcome';
import { lendSlab, onlyPart } from './internal/record-calls';
import { QDtlsError } from './qdtlserror';
import { collectPromisesOf, decisionOf, QDtlsServerNameRequest } from './qdtlsservernamerequest';
import { collectPromises, handOver, QSslPreSharedKeyAuthenticator } from './qsslpresharedkeyauthenticator';
import { SslMode } from './qsslsocket';
import { contextFor } from './tls-context';

// RFC 5246 section 7.2, RFC 6066 section 9
const INTERNAL_ERROR = 80;
const UNRECOGNIZED_NAME = 112;

/** What a question needs of the association that asks. */
export interface Asker {
  readonly mode: SslMode;
  readonly settings: ConfigurationData;
  readonly connection: NativeConnection | null;
  readonly slot: ErrorSlot;
  readonly timers: { pause(): void };
  /** Why there is no good answer; '' while nothing is wrong. */
  answerProblem: string;
  choose(settings: ConfigurationData): void;
  emit<K extends keyof QDtlsEvents>(event: K, ...values: QDtlsEvents[K]): void;
  advance(socket: DatagramSocket, outcome: Outcome): boolean;
}

/** Something that a handshake must know before it can go on. OpenSSL is in no step, so listeners may do what they like. */
interface Question {
  /** What it is about, for the text of an error. */
  readonly subject: string;
  /** Whether what a listener throws is the reason that is told: OpenSSL has none of its own. */
  readonly namesWhatIsThrown: boolean;
  /** Asks the listeners; what to wait for, or null. */
  readonly ask: () => Promise<unknown> | null;
  /** Makes the answer one that fails the handshake. */
  readonly withdraw: () => void;
  /** Tells the native side; null: the handshake that asked is gone. */
  readonly answer: (connection: NativeConnection | null) => Outcome | null;
}

/** Asks and goes on, at once or when the promises have settled. What a listener throws is raised when the handshake has failed. */
function ask(asker: Asker, socket: DatagramSocket, asking: NativeConnection | null, question: Question): boolean {
  const ended = `the handshake was ended while ${question.subject} was asked for`;
  const isOurs = (): boolean => asking !== null && asker.connection === asking;
  const goOn = (): boolean => {
    // Ended meanwhile, and perhaps begun anew?
    const outcome = question.answer(isOurs() ? asking : null);
    return outcome !== null && asker.advance(socket, outcome);
  };
  const fail = (error: unknown, otherwise: string): void => {
    question.withdraw();
    if (isOurs()) asker.answerProblem = `${question.subject} could not be fetched: ${toError(error, otherwise).message}`;
  };
  if (!isOurs()) return asker.slot.fail(QDtlsError.InvalidOperation, ended);
  let waiting: Promise<unknown> | null;
  try {
    waiting = question.ask();
  } catch (error) {
    try {
      if (question.namesWhatIsThrown) fail(error, 'a listener threw');
      else question.withdraw();
      goOn();
    } finally {
      raise(error);
    }
  }
  if (!isOurs()) {
    question.withdraw();
    return asker.slot.fail(QDtlsError.InvalidOperation, ended);
  }
  if (waiting === null) return goOn();
  asker.timers.pause();
  waiting
    .catch((error: unknown) => fail(error, 'it was rejected with'))
    .then(goOn)
    // What a listener threw meanwhile is nobody's promise: let it be the uncaught exception it would be elsewhere.
    .catch((error: unknown) => queueMicrotask(() => raise(error)));
  return true;
}

/** The native side holds back the message that needs the key. */
export function askForKey(asker: Asker, socket: DatagramSocket, connection: NativeConnection | null): boolean {
  const isServer = asker.mode === SslMode.SslServerMode;
  connection?.pskSubject();
  const subject = onlyPart();
  const authenticator = new QSslPreSharedKeyAuthenticator({
    identityHint: isServer ? asker.settings.preSharedKeyIdentityHint : subject,
    identity: isServer ? subject : '',
    maximumIdentityLength: isServer ? 0 : native.maximumPskIdentity,
    maximumPreSharedKeyLength: native.maximumPsk,
  });
  return ask(asker, socket, connection, {
    subject: 'the pre-shared key',
    namesWhatIsThrown: false,
    ask: () => collectPromises(authenticator, () => asker.emit('pskRequired', authenticator)),
    withdraw: () => handOver(authenticator, () => undefined),
    answer: (asking) =>
      handOver(authenticator, (identity, key) => {
        if (asking === null) return null;
        lendSlab();
        return outcomeOf(asking.providePsk(identity, key));
      }),
  });
}

/** The native side stands still at the client's hello, before anything was agreed. */
export function askForContext(asker: Asker, socket: DatagramSocket, connection: NativeConnection | null): boolean {
  const request = new QDtlsServerNameRequest(connection?.serverName() ?? '');
  let isWithdrawn = false;
  return ask(asker, socket, connection, {
    subject: 'the configuration for the server name',
    namesWhatIsThrown: true,
    ask: () => collectPromisesOf(request, () => asker.emit('serverNameRequired', request)),
    withdraw: () => {
      isWithdrawn = true;
    },
    answer: (asking) => {
      if (asking === null) return null;
      const given = isWithdrawn ? INTERNAL_ERROR : contextGiven(asker, request);
      lendSlab();
      return outcomeOf(typeof given === 'number' ? asking.refuseServerName(given) : asking.provideContext(given));
    },
  });
}

/** What listeners decided: a context, null for the server's own, or the alert to refuse with. */
function contextGiven(asker: Asker, request: QDtlsServerNameRequest): NativeContext | null | number {
  const decision = decisionOf(request);
  if (decision === 'own') return null;
  if (decision === 'refused') {
    asker.answerProblem = 'the server name was refused';
    return UNRECOGNIZED_NAME;
  }
  const made = contextFor(decision, asker.mode);
  if ('problem' in made) {
    asker.answerProblem = `the configuration for the server name cannot be used: ${made.problem}`;
    return INTERNAL_ERROR;
  }
  asker.choose(decision);
  return made.context;
}
