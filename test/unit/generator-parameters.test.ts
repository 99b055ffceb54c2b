import { GeneratorParameters, QCryptographicHash, QDtls, QDtlsClientVerifier, SslMode } from '../../lib';
import { cookieCheck } from '../../lib/generatorparameters';
import { addressBytes } from '../../lib/internal/address';
import { NativeVerdict } from '../../lib/internal/native-types';
import { onlyPart } from '../../lib/internal/record-calls';
import { HelloScene } from '../support/hello-scene';
import { MemorySocket } from '../support/memory-socket';
import { CLIENT_ADDRESS, CLIENT_PORT, Pair, SERVER_ADDRESS, SERVER_PORT } from '../support/pair';
import { statusOf } from '../support/stages';
import { callWith, constructWith } from '../support/untyped';

const { Sha1, Sha256, Sha512, Md5 } = QCryptographicHash.Algorithm;
const LIFETIME = 60_000;
const address = addressBytes(CLIENT_ADDRESS) ?? Buffer.alloc(0);

/** What a verifier with these parameters makes of a datagram at a time. */
function decide(parameters: GeneratorParameters, datagram: Buffer, now?: number): NativeVerdict {
  return cookieCheck(parameters, now).decide(datagram, address, CLIENT_PORT);
}

/** The hello of a client that was given its cookie by a verifier with these parameters, at a time. */
function helloWithCookie(parameters: GeneratorParameters, now?: number): Buffer {
  const client = new QDtls(SslMode.SslClientMode);
  const socket = new MemorySocket();
  client.setPeer(SERVER_ADDRESS, SERVER_PORT);
  client.doHandshake(socket);
  if (decide(parameters, socket.take(), now) !== NativeVerdict.Answered) throw new Error('a first hello is answered');
  client.doHandshake(socket, onlyPart());
  client.abortHandshake(socket);
  return socket.take();
}

function accepts(parameters: GeneratorParameters, hello: Buffer, now?: number): boolean {
  return decide(parameters, hello, now) === NativeVerdict.Verified;
}

describe('GeneratorParameters', () => {
  it("are Qt's without arguments: Sha1 and no secret, and cookies for ever", () => {
    const parameters = new GeneratorParameters();
    expect([parameters.hash, parameters.lifetime]).toEqual([Sha1, 0]);
    expect(parameters.secret).toHaveLength(0);
    expect(parameters.previousSecret).toHaveLength(0);
  });

  it('keep copies of what they are given, and give copies', () => {
    const [secret, previousSecret] = [Buffer.from('secret'), Buffer.from('previous')];
    const parameters = new GeneratorParameters(Sha256, secret, { previousSecret, lifetime: LIFETIME });
    for (const bytes of [secret, previousSecret, parameters.secret, parameters.previousSecret]) bytes.fill(0);
    expect(parameters.secret.toString()).toBe('secret');
    expect(parameters.previousSecret.toString()).toBe('previous');
    expect(parameters.lifetime).toBe(LIFETIME);
  });

  it.each<[string, unknown[], string, typeof TypeError | typeof RangeError]>([
    ['a hash that is none', [99], '"hash"', RangeError],
    ['a secret that is no bytes', [Sha256, 5], '"secret"', TypeError],
    ['options that are null', [Sha256, 's', null], '"options"', TypeError],
    ['a previous secret that is no bytes', [Sha256, 's', { previousSecret: 5 }], '"options.previousSecret"', TypeError],
    ['a lifetime that is no number', [Sha256, 's', { lifetime: '1000' }], '"options.lifetime"', TypeError],
    ['a lifetime below a second', [Sha256, 's', { lifetime: 999 }], '"options.lifetime"', RangeError],
    ['a negative lifetime', [Sha256, 's', { lifetime: -1 }], '"options.lifetime"', RangeError],
    ['half a millisecond', [Sha256, 's', { lifetime: 1000.5 }], '"options.lifetime"', RangeError],
    ['a lifetime that is not a number', [Sha256, 's', { lifetime: NaN }], '"options.lifetime"', RangeError],
    ['a lifetime beyond 2147483647', [Sha256, 's', { lifetime: 2 ** 31 }], '"options.lifetime"', RangeError],
  ])('refuse %s', (_name, args, parameter, type) => {
    const construct = (): unknown => constructWith(GeneratorParameters, ...args);
    expect(construct).toThrow(type);
    expect(construct).toThrow(parameter);
  });

  it.each([1000, 0x7fff_ffff])('take a lifetime of %i', (lifetime) => {
    expect(new GeneratorParameters(Sha256, 's', { lifetime }).lifetime).toBe(lifetime);
  });
});

describe('rotated()', () => {
  const first = new GeneratorParameters(Sha512, 'first', { lifetime: LIFETIME });

  it('keeps hash and lifetime, and the present secret as the previous one', () => {
    const second = first.rotated('second');
    expect([second.hash, second.lifetime]).toEqual([Sha512, LIFETIME]);
    expect([second.secret.toString(), second.previousSecret.toString()]).toEqual(['second', 'first']);
    const third = second.rotated(new Uint8Array([3]));
    expect([third.secret, third.previousSecret.toString()]).toEqual([Buffer.from([3]), 'second']);
    expect(first.previousSecret).toHaveLength(0);
  });

  it('takes 32 random bytes by itself', () => {
    const secrets = [first.rotated().secret, first.rotated().secret];
    expect(secrets.map((secret) => secret.length)).toEqual([32, 32]);
    expect(secrets[0]).not.toEqual(secrets[1]);
  });

  it('refuses a secret that is no bytes', () => {
    expect(() => callWith(first, 'rotated', 5)).toThrow('"secret"');
  });
});

describe('a cookie', () => {
  const old = new GeneratorParameters(Sha256, 'old');

  it('of the previous secret is taken, of the one before it is not', () => {
    const hello = helloWithCookie(old);
    expect(accepts(old, hello)).toBe(true);
    expect(accepts(old.rotated('new'), hello)).toBe(true);
    expect(accepts(old.rotated('new').rotated('newer'), hello)).toBe(false);
  });

  it('is made with the present secret, not with the previous one', () => {
    const hello = helloWithCookie(old.rotated('new'));
    expect(accepts(new GeneratorParameters(Sha256, 'new'), hello)).toBe(true);
    expect(accepts(old, hello)).toBe(false);
  });

  it('of an empty previous secret is not taken', () => {
    const hello = helloWithCookie(old);
    const other = new GeneratorParameters(Sha256, 'new', { previousSecret: '' });
    expect(accepts(other, hello)).toBe(false);
  });

  it('is the same with lifetime 0 at all times', () => {
    expect(accepts(old, helloWithCookie(old, 0), Number.MAX_SAFE_INTEGER)).toBe(true);
  });
});

describe('a cookie with a lifetime', () => {
  const make = (): GeneratorParameters => new GeneratorParameters(Sha256, 'shared', { lifetime: LIFETIME });
  const start = 28_000_000 * LIFETIME;

  it.each([
    ['the first millisecond', 0],
    ['the middle', LIFETIME / 2],
    ['the last millisecond', LIFETIME - 1],
  ])('that was made in %s of a period is good for one to two lifetimes', (_name, offset) => {
    const parameters = make();
    const made = start + offset;
    const hello = helloWithCookie(parameters, made);
    const endOfNextPeriod = start + 2 * LIFETIME;
    for (const now of [made, made + LIFETIME / 2, made + LIFETIME, endOfNextPeriod - 1]) {
      expect([now - made, accepts(parameters, hello, now)]).toEqual([now - made, true]);
    }
    for (const now of [endOfNextPeriod, made + 2 * LIFETIME, made + 1000 * LIFETIME]) {
      expect([now - made, accepts(parameters, hello, now)]).toEqual([now - made, false]);
    }
  });

  it('is answered with a new one when it is too old, and the new one is good', () => {
    const parameters = make();
    const hello = helloWithCookie(parameters, start);
    const later = start + 2 * LIFETIME;
    expect(decide(parameters, hello, later)).toBe(NativeVerdict.Answered);
    expect(accepts(parameters, helloWithCookie(parameters, later), later)).toBe(true);
  });

  it('is taken by another object with the same secret and lifetime, whose clock is a little ahead', () => {
    const hello = helloWithCookie(make(), start + LIFETIME - 1);
    expect(accepts(make(), hello, start + LIFETIME - 1)).toBe(true);
    expect(accepts(make(), hello, start + LIFETIME + 500)).toBe(true);
  });

  it.each([
    ['another secret', new GeneratorParameters(Sha256, 'other', { lifetime: LIFETIME })],
    ['another lifetime', new GeneratorParameters(Sha256, 'shared', { lifetime: LIFETIME - 1 })],
    ['no lifetime', new GeneratorParameters(Sha256, 'shared')],
    ['another hash', new GeneratorParameters(Sha512, 'shared', { lifetime: LIFETIME })],
  ])('is not taken by an object with %s', (_name, other) => {
    const hello = helloWithCookie(make(), start);
    expect(accepts(make(), hello, start)).toBe(true);
    expect(accepts(other, hello, start)).toBe(false);
  });

  it('survives a rotation of the secret, and no second one', () => {
    const parameters = make();
    const hello = helloWithCookie(parameters, start);
    const now = start + LIFETIME;
    expect(accepts(parameters.rotated('new'), hello, now)).toBe(true);
    expect(accepts(parameters.rotated('new'), hello, now + LIFETIME)).toBe(false);
    expect(accepts(parameters.rotated('new').rotated('newer'), hello, start)).toBe(false);
  });
});

describe('rotateCookieSecret()', () => {
  it('of a verifier with parameters of its own keeps their hash and lifetime, and changes no other verifier', () => {
    const own = new GeneratorParameters(Sha512, 'own', { lifetime: LIFETIME });
    const [verifier, other] = [new QDtlsClientVerifier(), new QDtlsClientVerifier()];
    verifier.setCookieGeneratorParameters(own);
    const before = other.cookieGeneratorParameters();
    expect(verifier.rotateCookieSecret('new')).toBe(true);
    expect(statusText(verifier)).toBe('');
    const { hash, lifetime, secret, previousSecret } = verifier.cookieGeneratorParameters();
    expect([hash, lifetime, secret.toString(), previousSecret.toString()]).toEqual([Sha512, LIFETIME, 'new', 'own']);
    expect(other.cookieGeneratorParameters()).toBe(before);
  });

  it('of any other verifier reaches every object of the process that has none of its own', () => {
    const scene = new HelloScene();
    const { server, serverSocket } = scene.pair;
    const before = server.cookieGeneratorParameters();
    expect(new QDtlsClientVerifier().rotateCookieSecret()).toBe(true);

    const after = server.cookieGeneratorParameters();
    expect(after.previousSecret).toEqual(before.secret);
    expect(after.secret).toHaveLength(32);
    expect(after.secret).not.toEqual(before.secret);
    expect(scene.verifier.cookieGeneratorParameters()).toBe(after);

    // The cookie that was given before the rotation is good for verifier and server, until the next one.
    expect(scene.verify(scene.secondHello)).toBe(true);
    expect(server.doHandshake(serverSocket, scene.secondHello)).toBe(true);
    server.abortHandshake(serverSocket);
    scene.verifier.rotateCookieSecret('a secret of our own');
    expect(scene.verify(scene.secondHello)).toBe(false);
    expect(server.doHandshake(serverSocket, scene.secondHello)).toBe(false);
    expect(statusOf(server)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });

    // And clients come in as before.
    const pair = new Pair().run();
    expect(pair.server.isConnectionEncrypted()).toBe(true);
  });

  it('does not reach a server with parameters of its own', () => {
    const own = new GeneratorParameters(Sha256, 'own');
    const scene = new HelloScene(own);
    const { server, serverSocket } = scene.pair;
    server.setCookieGeneratorParameters(own);
    new QDtlsClientVerifier().rotateCookieSecret();
    scene.verifier.rotateCookieSecret('new');
    expect(server.cookieGeneratorParameters().secret.toString()).toBe('own');
    expect(server.doHandshake(serverSocket, scene.secondHello)).toBe(true);

    // A server is told by handing it the verifier's.
    const later = new QDtls(SslMode.SslServerMode);
    expect(later.setCookieGeneratorParameters(scene.verifier.cookieGeneratorParameters())).toBe(true);
    later.setPeer(CLIENT_ADDRESS, CLIENT_PORT);
    expect(later.doHandshake(serverSocket, scene.secondHello)).toBe(true);
    expect(later.cookieGeneratorParameters().previousSecret.toString()).toBe('own');
  });

  it('refuses an empty secret, and what is no secret, and changes nothing', () => {
    const verifier = new QDtlsClientVerifier();
    const before = verifier.cookieGeneratorParameters();
    expect(verifier.rotateCookieSecret('')).toBe(false);
    expect(statusText(verifier)).toContain('secret must not be empty');
    expect(() => callWith(verifier, 'rotateCookieSecret', 5)).toThrow('"secret"');
    expect(verifier.cookieGeneratorParameters()).toBe(before);
  });

  it('of a verifier in use lets in every client that has answered, and answers the others anew', () => {
    const [early, late] = [new HelloScene(), new HelloScene()];
    early.verifier.rotateCookieSecret();
    expect(early.verify(early.secondHello)).toBe(true);
    early.verifier.rotateCookieSecret();
    expect(late.verify(late.secondHello)).toBe(false);
    expect(late.error()).toBe('NoError');
    expect(late.socket.sent).toHaveLength(1);
  });
});

describe('a plain object instead of GeneratorParameters', () => {
  it('is taken with all its members', () => {
    const plain = { hash: Sha512, secret: 'secret', previousSecret: 'previous', lifetime: LIFETIME };
    for (const object of [new QDtlsClientVerifier(), new QDtls(SslMode.SslServerMode)]) {
      expect(object.setCookieGeneratorParameters(plain)).toBe(true);
      const { hash, lifetime, secret, previousSecret } = object.cookieGeneratorParameters();
      expect([hash, lifetime, secret.toString(), previousSecret.toString()]).toEqual([Sha512, LIFETIME, 'secret', 'previous']);
    }
  });
});

describe('a hash that cannot be used', () => {
  it('is refused whatever the secrets are', () => {
    const verifier = new QDtlsClientVerifier();
    const broken = new GeneratorParameters(Md5, 'secret', { previousSecret: 'previous', lifetime: LIFETIME });
    expect(verifier.setCookieGeneratorParameters(broken)).toBe(false);
    expect(statusText(verifier)).toContain('Md5');
  });
});

function statusText(verifier: QDtlsClientVerifier): string {
  return verifier.dtlsErrorString();
}
