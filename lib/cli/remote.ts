/** The address and port of a peer. */
export interface Remote {
  readonly address: string;
  readonly port: number;
}
