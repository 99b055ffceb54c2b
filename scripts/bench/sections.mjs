// Every section, in the order of the report. That of the peers takes long and has to be asked for.

import { endpoint } from './endpoint.mjs';
import { eventLoop } from './event-loop.mjs';
import { handshakes } from './handshakes.mjs';
import { associations, churn, memory } from './memory.mjs';
import { peers } from './peers.mjs';
import { records } from './records.mjs';
import { sockets } from './sockets.mjs';

/** @type {readonly import('./section.mjs').Section[]} */
export const sections = [records, sockets, handshakes, memory, associations, churn, eventLoop, endpoint];

/** @type {readonly import('./section.mjs').Section[]} */
export const allSections = [...sections, peers];
