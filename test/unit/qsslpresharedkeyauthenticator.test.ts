import { QSslPreSharedKeyAuthenticator } from '../../lib/qsslpresharedkeyauthenticator';
import { callWith, constructWith } from '../support/untyped';

const request = {
  identityHint: Buffer.from('hint'),
  identity: Buffer.from('client'),
  maximumIdentityLength: 255,
  maximumPreSharedKeyLength: 512,
};

describe('QSslPreSharedKeyAuthenticator', () => {
  it('is empty when made without a request', () => {
    const authenticator = new QSslPreSharedKeyAuthenticator();
    expect(Buffer.concat([authenticator.identityHint(), authenticator.identity()])).toHaveLength(0);
    expect(authenticator.preSharedKey()).toHaveLength(0);
    expect(authenticator.maximumIdentityLength()).toBe(0);
    expect(authenticator.maximumPreSharedKeyLength()).toBe(0);
  });

  it('tells what the handshake knows', () => {
    const authenticator = new QSslPreSharedKeyAuthenticator(request);
    expect(authenticator.identityHint().toString()).toBe('hint');
    expect(authenticator.identity().toString()).toBe('client');
    expect(authenticator.preSharedKey()).toHaveLength(0);
    expect(authenticator.maximumIdentityLength()).toBe(255);
    expect(authenticator.maximumPreSharedKeyLength()).toBe(512);
  });

  it('takes identity and key as text or bytes', () => {
    const authenticator = new QSslPreSharedKeyAuthenticator(request);
    authenticator.setIdentity('\u00e9');
    authenticator.setPreSharedKey(new Uint8Array([1, 2, 3]));
    expect(authenticator.identity()).toEqual(Buffer.from([0xc3, 0xa9]));
    expect(authenticator.preSharedKey()).toEqual(Buffer.from([1, 2, 3]));
  });

  it('keeps copies of what it is given, and gives copies', () => {
    const key = Buffer.from('key');
    const authenticator = new QSslPreSharedKeyAuthenticator(request);
    authenticator.setPreSharedKey(key);
    key.fill(0);
    authenticator.preSharedKey().fill(0);
    authenticator.identityHint().fill(0);
    expect(authenticator.preSharedKey().toString()).toBe('key');
    expect(authenticator.identityHint().toString()).toBe('hint');
  });

  it('can be given its own key again', () => {
    const authenticator = new QSslPreSharedKeyAuthenticator(request);
    authenticator.setPreSharedKey('key');
    authenticator.setPreSharedKey(authenticator.preSharedKey());
    expect(authenticator.preSharedKey().toString()).toBe('key');
  });

  it('equals another one if everything in it does', () => {
    const make = (change: object = {}, key = 'key'): QSslPreSharedKeyAuthenticator => {
      const authenticator = new QSslPreSharedKeyAuthenticator({ ...request, ...change });
      authenticator.setPreSharedKey(key);
      return authenticator;
    };
    expect(make().equals(make())).toBe(true);
    expect(make().equals(make({}, 'yek'))).toBe(false);
    expect(make().equals(make({}, 'longer key'))).toBe(false);
    for (const change of [
      { identityHint: '' },
      { identity: 'x' },
      { maximumIdentityLength: 1 },
      { maximumPreSharedKeyLength: 1 },
    ]) {
      expect(make().equals(make(change))).toBe(false);
    }
  });

  it('refuses what is of another type', () => {
    const authenticator = new QSslPreSharedKeyAuthenticator();
    expect(() => callWith(authenticator, 'setIdentity', 5)).toThrow('"identity"');
    expect(() => callWith(authenticator, 'setPreSharedKey', null)).toThrow('"preSharedKey"');
    expect(() => callWith(authenticator, 'equals', null)).toThrow('"other"');
    const make = (change: object) => () =>
      constructWith(QSslPreSharedKeyAuthenticator, { ...request, ...change });
    expect(make({ identity: 1 })).toThrow(TypeError);
    expect(make({ maximumIdentityLength: -1 })).toThrow(RangeError);
  });
});
