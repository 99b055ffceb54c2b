// A capture in memory, in the format that every analyser reads: tcpdump's, of datagrams over IPv4.

/** One end of a datagram's way. */
export interface End {
  readonly address: string;
  readonly port: number;
}

const MAGIC = 0xa1b2c3d4;
const LINKTYPE_RAW = 101; // each packet begins with its IP header
const LARGEST = 65_535;
const UDP = 17;
const IP_HEADER = 20;
const UDP_HEADER = 8;

function fileHeader(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(LARGEST, 16);
  header.writeUInt32LE(LINKTYPE_RAW, 20);
  return header;
}

/** RFC 791 section 3.1. */
function checksum(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function addressBytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

function packet(datagram: Buffer, from: End, to: End): Buffer {
  const ip = Buffer.alloc(IP_HEADER);
  ip.writeUInt8(0x45, 0); // version 4, five words of header
  ip.writeUInt16BE(IP_HEADER + UDP_HEADER + datagram.length, 2);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(UDP, 9);
  addressBytes(from.address).copy(ip, 12);
  addressBytes(to.address).copy(ip, 16);
  ip.writeUInt16BE(checksum(ip), 10);
  const udp = Buffer.alloc(UDP_HEADER); // without a checksum, which IPv4 allows
  udp.writeUInt16BE(from.port, 0);
  udp.writeUInt16BE(to.port, 2);
  udp.writeUInt16BE(UDP_HEADER + datagram.length, 4);
  return Buffer.concat([ip, udp, datagram]);
}

/** Datagrams in the order in which they were seen, a millisecond apart. */
export class Capture {
  readonly #packets: Buffer[] = [];

  add(datagram: Uint8Array, from: End, to: End): void {
    this.#packets.push(packet(Buffer.from(datagram), from, to));
  }

  /** The content of a .pcap file. */
  toFile(): Buffer {
    const records = this.#packets.flatMap((bytes, index) => {
      const header = Buffer.alloc(16);
      header.writeUInt32LE(1, 0);
      header.writeUInt32LE(index * 1000, 4);
      header.writeUInt32LE(bytes.length, 8);
      header.writeUInt32LE(bytes.length, 12);
      return [header, bytes];
    });
    return Buffer.concat([fileHeader(), ...records]);
  }
}
