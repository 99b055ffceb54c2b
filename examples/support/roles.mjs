// How the examples are run. Each has two roles; without arguments both play here, in one process, and it ends by itself:
//
//   node examples/NAME.mjs
//   node examples/NAME.mjs server [port] [address to listen at]      until Ctrl-C
//   node examples/NAME.mjs client [port] [host]                      in another terminal

/**
 * Where the server is.
 *
 * @typedef {{ host: string, port: number }} Place
 * @typedef {{ readonly address: { readonly port: number } | undefined, close(): unknown }} Server a DTLSEndpoint, or the like
 * @typedef {{ serve: (at: Place) => Server | Promise<Server>, visit: (at: Place) => Promise<void> }} Roles
 */

const [role = 'both', port = '22334', host] = process.argv.slice(2);

/** Both ends are in this process, and nothing outlives it. */
export const isDemonstration = role === 'both';

/**
 * Plays the roles that the command line asks for.
 *
 * @param {Roles} roles
 */
export async function play(roles) {
  try {
    if (role === 'client') await roles.visit({ host: host ?? 'localhost', port: Number(port) });
    else if (role === 'server' || isDemonstration) await open(roles);
    else throw new Error(`The role is "server" or "client", not "${role}".`);
  } catch (error) {
    console.error(`${role}: ${causes(error).join('. ')}`);
    process.exitCode = 1;
  }
}

/**
 * What went wrong, and why.
 *
 * @param {unknown} error
 * @returns {string[]}
 */
function causes(error) {
  return error instanceof Error ? [error.message, ...causes(error.cause)] : [];
}

/** @param {Roles} roles */
async function open({ serve, visit }) {
  const at = { host: host ?? '127.0.0.1', port: isDemonstration ? 0 : Number(port) }; // 0: any that is free
  const server = await serve(at);
  const own = server.address?.port ?? at.port;
  console.log(`server: listening on ${at.host} port ${own}`);
  if (!isDemonstration) {
    process.once('SIGINT', () => server.close()).once('SIGTERM', () => server.close());
    return;
  }
  try {
    await visit({ host: 'localhost', port: own });
  } finally {
    await server.close();
  }
}
