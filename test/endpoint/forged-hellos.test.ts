import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { DTLSEndpoint, DTLSSession } from '../../lib/endpoint';
import { cookieRequests } from '../support/credentials';
import { clientAt, joinNetwork, NetworkTransport, SERVER } from '../support/endpoint-network';
import { ask, closeEverything, heard, rejection, serveEcho } from '../support/endpoints';
import { HelloMaker, withOtherRandom } from '../support/forged-hellos';
import { LossyNetwork, type Packet } from '../support/lossy-link';

const PSK = { identity: 'device', key: 'secret' };
const CLIENT = clientAt(1);
/** Of each kind. */
const STRIKES = 250;
const SERVER_PATIENCE = 1500;

/** A session that an attacker would like to end, who hears everything and sends in everybody's name. */
class Scene {
  readonly network = new LossyNetwork(1);
  readonly endpoint: DTLSEndpoint;
  readonly client: DTLSSession;
  readonly heard: Packet[] = [];

  constructor() {
    this.network.onPacket = (packet) => this.heard.push(packet);
    this.endpoint = serveEcho({
      psk: { [PSK.identity]: PSK.key },
      socket: new NetworkTransport(this.network, SERVER),
      handshakeTimeout: SERVER_PATIENCE,
    });
    this.client = joinNetwork(this.network, CLIENT, { psk: PSK });
  }

  /** What the client sent first: a hello without a cookie, and one with it. */
  get genuineHellos(): readonly [bare: Buffer, proven: Buffer] {
    const [bare, proven] = this.heard.filter(({ from }) => from.port === CLIENT.port).map(({ datagram }) => datagram);
    if (bare === undefined || proven === undefined) throw new Error('the client has said nothing');
    return [bare, proven];
  }

  /** Sends in the client's name, and resolves when the server has dealt with everything. */
  async strike(hellos: readonly Buffer[]): Promise<void> {
    for (const datagram of hellos) this.network.inject({ from: CLIENT, to: SERVER, datagram });
    await this.network.quiet();
    // Cookies are looked at eight in a turn, and then each hello takes a turn.
    for (let turn = 0; turn < hellos.length / 8 + hellos.length + 10; turn += 1) await setImmediate();
  }

  /** A hello of the client's address that has a cookie of the present secret. */
  async provenHello(): Promise<Buffer> {
    const maker = new HelloMaker(SERVER);
    const before = this.heard.length;
    await this.strike([maker.first]);
    const request = this.heard.slice(before).find(({ datagram }) => cookieRequests([datagram]) > 0);
    if (request === undefined) throw new Error('the hello was not answered');
    const hello = maker.answer(request.datagram);
    maker.stop();
    return hello;
  }

  rotateSecret(times: number): void {
    for (let count = 0; count < times; count += 1) this.endpoint.rotateCookieSecret();
  }
}

let scene: Scene;
let session: DTLSSession | undefined;

beforeEach(async () => {
  scene = new Scene();
  await scene.client.opened;
  await ask(scene.client, 'first');
  [session] = scene.endpoint.sessions;
});

afterEach(async () => {
  await scene.client.close();
  await closeEverything();
});

function repeated(make: () => Buffer): Buffer[] {
  return Array.from({ length: STRIKES }, make);
}

/** Both ways, with the same session as ever. */
async function expectUndisturbed(): Promise<void> {
  expect(await ask(scene.client, 'still there?')).toBe('still there?');
  const surprise = heard(scene.client);
  session?.send('by itself');
  expect(await surprise).toBe('by itself');
  expect(scene.endpoint.sessions[0]).toBe(session);
  expect(session?.destroyed).toBe(false);
}

const forgeries: Readonly<Record<string, () => Buffer[] | Promise<Buffer[]>>> = {
  'without a cookie': () => {
    const { first } = new HelloMaker(SERVER);
    return repeated(() => withOtherRandom(first));
  },
  'with cookies of another secret': () => {
    const secret = randomBytes(32);
    return repeated(() => withOtherRandom(new HelloMaker(SERVER).withCookieOf(secret, CLIENT)));
  },
  'with a cookie whose secret was replaced twice': async () => {
    const hello = await scene.provenHello();
    scene.rotateSecret(2);
    return repeated(() => withOtherRandom(hello));
  },
  'with a cookie that another hello was given': async () => {
    const hello = await scene.provenHello();
    return repeated(() => withOtherRandom(hello));
  },
  "that replay the client's own": () => repeated(() => scene.genuineHellos[1]),
};

describe('a session whose address 250 hellos seem to come from', () => {
  it.each(Object.entries(forgeries))('is not disturbed by those %s', async (_, forge) => {
    const hellos = await forge();
    expect(hellos).toHaveLength(STRIKES);
    await scene.strike(hellos);
    expect(scene.endpoint.sessions).toEqual([session]);
    expect(scene.endpoint.stats.serverSessions).toBe(1n);
    await expectUndisturbed();
  });

  it('lives on beside the handshake that somebody begins who reads its cookies, until that one is given up', async () => {
    const hello = await scene.provenHello();
    await scene.strike([hello, ...repeated(() => withOtherRandom(hello))]); // a cookie is good for one hello alone
    const [, intruder, ...more] = scene.endpoint.sessions;
    if (intruder === undefined) throw new Error('nobody has begun a handshake');
    expect(more).toEqual([]);
    await expectUndisturbed();
    expect(await rejection(intruder.opened)).toMatchObject({ code: 'ERR_DTLS_HANDSHAKE_TIMEOUT' });
    expect(scene.endpoint.sessions).toEqual([session]);
    await expectUndisturbed();
  });

  it('is not disturbed by a replay of the hello that an earlier session began with', async () => {
    const [, earlier] = scene.genuineHellos;
    await scene.client.close();
    await session?.closed;
    const again = joinNetwork(scene.network, CLIENT, { psk: PSK });
    await again.opened;
    const [fresh] = scene.endpoint.sessions;
    await scene.strike([earlier, earlier, earlier]);
    expect(await ask(again, 'still there?')).toBe('still there?');
    expect(scene.endpoint.sessions).toHaveLength(2);
    await rejection(scene.endpoint.sessions[1]?.opened ?? Promise.resolve());
    expect(scene.endpoint.sessions).toEqual([fresh]);
    expect(await ask(again, 'and now?')).toBe('and now?');
    await again.close();
  });
});

describe('rotateCookieSecret', () => {
  it('lets in a client whose cookie is of the secret before', async () => {
    const hello = await scene.provenHello();
    scene.rotateSecret(1);
    await scene.strike([hello]);
    expect(scene.endpoint.sessions).toHaveLength(2);
  });
});
