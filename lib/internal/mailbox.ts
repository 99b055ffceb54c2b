/** Indices of the mailbox, `native.box`: `Mailbox::Box` in native/binding/mailbox.h. */
export const indices = {
  SLOT: 0,
  GENERATION: 1,
  /** Of a step its status. */
  RESULT: 2,
  HAS_REST: 3,
  LENGTH: 4,
  OFFSET: 5,
  DATAGRAMS: 6,
  PARTS: 7,
  TIMEOUT: 8,
  VERSION: 9,
  CIPHER: 10,
  HAS_PEER: 11,
  COMPLAINTS: 12,
  WATCHED: 13,
  SEALED_TO: 14,
  OPENED_TO: 15,
  SEALED_MANY: 16,
  OPENED_MANY: 17,
  LENGTHS: 18,
} as const;
