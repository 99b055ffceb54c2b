const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isInSystem = process.platform !== 'darwin' && process.platform !== 'win32';

/** Whether this Node's dgram has `reusePort`. */
export const isReusePortOffered = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);

/** Whether several processes can have one port here. */
export const canSharePort = isReusePortOffered && isInSystem;

/** What is said where Node has it not. */
export const REUSE_PORT_UNAVAILABLE = /"options\.reusePort" argument needs Node 22\.12, 23\.1 or newer/;
