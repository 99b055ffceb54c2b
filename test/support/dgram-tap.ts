import { Socket } from 'node:dgram';

type Tap = (...values: unknown[]) => void;

const own = Reflect.get(Socket.prototype, 'send');
let tap: Tap | null = null;

/** Import this before qdtls: what it finds then is Node's own send() to it, also where something else takes its place. */
Reflect.set(Socket.prototype, 'send', function send(this: Socket, ...values: unknown[]): void {
  if (tap === null) Reflect.apply(own, this, values);
  else tap(...values);
});

/** What every dgram.Socket does instead of sending; null for sending. */
export function tapSend(instead: Tap | null): void {
  tap = instead;
}

afterAll(() => Reflect.set(Socket.prototype, 'send', own));
