import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { runInNewContext } from 'node:vm';
import { checkSocket, routeOf, type DatagramSocket, type SendCallback } from '../../lib/internal/datagram-socket';

const DATAGRAM = Buffer.from('datagram');
const TO = { port: 5683, address: '192.0.2.1' };

/** A socket that writes down how it was called, connected or not. */
class Notebook implements DatagramSocket {
  readonly calls: unknown[][] = [];
  connected: boolean;
  /** How often it was asked whether it is connected. */
  questions = 0;

  constructor(connected: boolean) {
    this.connected = connected;
  }

  remoteAddress(): unknown {
    this.questions += 1;
    if (!this.connected) throw Object.assign(new Error('not connected'), { code: 'ERR_SOCKET_DGRAM_NOT_CONNECTED' });
    return TO;
  }

  /** Refuses the form of call that does not go with its state, as dgram does. */
  send(...args: readonly unknown[]): void {
    if (this.connected && args.length > 2) throw refusal('ERR_SOCKET_DGRAM_IS_CONNECTED');
    if (!this.connected && args.length === 2) throw refusal('ERR_SOCKET_BAD_PORT');
    this.calls.push(args.slice(0, -1));
  }
}

function refusal(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function thrower(value: unknown): DatagramSocket {
  return {
    send: () => {
      throw value;
    },
  };
}

function ignore(): void {
  // Nothing is expected to come.
}

describe('checkSocket', () => {
  it.each([null, undefined])('returns null for %s', (value) => {
    expect(checkSocket(value)).toBeNull();
  });

  it('returns anything with a send method, inherited or own', () => {
    const [own, inherited] = [{ send: ignore }, new Notebook(true)];
    expect(checkSocket(own)).toBe(own);
    expect(checkSocket(inherited)).toBe(inherited);
  });

  it.each([0, '', 'socket', true, Symbol('socket'), {}, [], { send: 'me' }])('throws a TypeError for %p', (value) => {
    expect(() => checkSocket(value)).toThrow(TypeError);
    expect(() => checkSocket(value)).toThrow(/The "socket" argument must be null or an object with a send method/);
  });
});

describe('a route', () => {
  it('gives port and address to a socket that does not know of being connected', () => {
    const calls: unknown[][] = [];
    const socket = { send: (...args: readonly unknown[]) => calls.push([...args]) };
    expect(routeOf(socket).send(socket, DATAGRAM, TO, ignore)).toBeNull();
    expect(calls).toEqual([[DATAGRAM, TO.port, TO.address, ignore]]);
  });

  it('gives port and address to a socket that is not connected', () => {
    const socket = new Notebook(false);
    expect(routeOf(socket).send(socket, DATAGRAM, TO, ignore)).toBeNull();
    expect(socket.calls).toEqual([[DATAGRAM, TO.port, TO.address]]);
  });

  it('gives the datagram alone to a connected socket', () => {
    const socket = new Notebook(true);
    expect(routeOf(socket).send(socket, DATAGRAM, TO, ignore)).toBeNull();
    expect(socket.calls).toEqual([[DATAGRAM]]);
  });

  it('asks a socket only once whether it is connected', () => {
    const socket = new Notebook(true);
    for (let i = 0; i < 10; i += 1) routeOf(socket).send(socket, DATAGRAM, TO, ignore);
    expect(socket.calls).toHaveLength(10);
    expect(socket.questions).toBe(1);
  });

  it('notices that a socket was connected and disconnected in the meantime', () => {
    const socket = new Notebook(false);
    const errors = [true, false, true].map((connected) => {
      routeOf(socket).send(socket, DATAGRAM, TO, ignore);
      socket.connected = connected;
      return routeOf(socket).send(socket, DATAGRAM, TO, ignore);
    });
    expect(errors).toEqual([null, null, null]);
    const forms = socket.calls.map((call) => call.length);
    expect(forms).toEqual([3, 1, 1, 3, 3, 1]);
  });

  it('returns the error of a socket whose state does not explain it', () => {
    const closed = refusal('ERR_SOCKET_DGRAM_NOT_RUNNING');
    expect(routeOf(thrower(closed)).send(thrower(closed), DATAGRAM, TO, ignore)).toBe(closed);
    const refused = refusal('ERR_SOCKET_BAD_PORT');
    expect(routeOf(thrower(refused)).send(thrower(refused), DATAGRAM, { ...TO, port: 0 }, ignore)).toBe(refused);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a string', 'no'],
    ['a number', 0],
    ['a symbol', Symbol('no')],
    ['an object', { code: 'EPERM' }],
    ['an object that cannot become a string', Object.create(null)],
  ])('returns an Error with the cause when a socket throws %s', (_, thrown) => {
    const error = routeOf(thrower(thrown)).send(thrower(thrown), DATAGRAM, TO, ignore);
    expect(error).toBeInstanceOf(Error);
    expect(error?.message).toMatch(/^the socket threw /);
    expect(error?.cause).toBe(thrown);
  });

  it('returns the Error of another realm as it is', () => {
    const foreign: unknown = runInNewContext('new TypeError("from elsewhere")');
    expect(routeOf(thrower(foreign)).send(thrower(foreign), DATAGRAM, TO, ignore)).toBe(foreign);
  });

  it('takes a socket whose remoteAddress throws anything for unconnected', () => {
    const calls: unknown[][] = [];
    const socket: DatagramSocket = {
      send: (...args: readonly unknown[]) => void calls.push([...args]),
      remoteAddress: () => {
        throw null;
      },
    };
    expect(routeOf(socket).send(socket, DATAGRAM, TO, ignore)).toBeNull();
    expect(calls).toEqual([[DATAGRAM, TO.port, TO.address, ignore]]);
  });

  describe('with a dgram.Socket', () => {
    let sockets: Socket[];
    let port: number;
    let arrived: string[];

    beforeEach(async () => {
      const receiver = createSocket('udp4').bind(0, '127.0.0.1');
      const sender = createSocket('udp4').bind(0, '127.0.0.1');
      sockets = [sender, receiver];
      await Promise.all(sockets.map((socket) => once(socket, 'listening')));
      arrived = [];
      receiver.on('message', (datagram) => arrived.push(datagram.toString()));
      port = receiver.address().port;
    });

    afterEach(() => {
      for (const socket of sockets) socket.close();
    });

    async function send(text: string): Promise<void> {
      const [sender, receiver] = sockets;
      if (sender === undefined || receiver === undefined) throw new Error('no sockets');
      const message = once(receiver, 'message');
      const error = await new Promise<unknown>((resolve) => {
        const callback: SendCallback = (late) => resolve(late);
        const thrown = routeOf(sender).send(sender, Buffer.from(text), { port, address: '127.0.0.1' }, callback);
        if (thrown !== null) resolve(thrown);
      });
      expect(error).toBeNull();
      await message;
    }

    it('sends before it is connected, while it is, and afterwards', async () => {
      const [sender] = sockets;
      await send('before');
      sender?.connect(port, '127.0.0.1');
      if (sender !== undefined) await once(sender, 'connect');
      await send('connected');
      sender?.disconnect();
      await send('afterwards');
      expect(arrived).toEqual(['before', 'connected', 'afterwards']);
    });

    it('returns the error of a closed one', () => {
      const closed = createSocket('udp4');
      closed.close();
      const error = routeOf(closed).send(closed, DATAGRAM, { port, address: '127.0.0.1' }, ignore);
      expect(error).toMatchObject({ code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' });
    });
  });
});
