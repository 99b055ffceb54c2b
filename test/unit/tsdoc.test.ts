import { publicMembers, type PublicMember } from '../support/public-members';

const UNIT = /\b(bytes?|bits?|milliseconds?|nanoseconds?|seconds?|KiB|ports?|hops|versions?|how (many|often)|number of|count\w*|messages|datagrams|sessions|hellos|handshakes|flights|certificates|records)\b/i;

const facade = publicMembers('facade');
const endpoint = publicMembers('endpoint');

function failing(members: readonly PublicMember[], isRight: (member: PublicMember) => boolean): string[] {
  return members.filter((member) => !isRight(member)).map(({ name, throws, sets }) => `${name}${throws ? ' throws' : ''} ${sets.join(' ')}`);
}

/** What a comment says before its tags and its sources. */
function summaryOf(comment: string): string {
  const [text = ''] = comment.split(/@\w+|\b(?:Qt|node:dtls|Source): /);
  return text.replace(/\bExtension\.?/, '').trim();
}

describe.each([
  ['qdtls', facade, /(?<!from )\bQt: \S|\bExtension\b/],
  ['qdtls/endpoint', endpoint, /\bnode:dtls: |\bExtension\b|\bSource: /],
] as const)('every public member of %s', (_name, members, source) => {
  it('says what it is', () => {
    expect(failing(members, ({ comment }) => summaryOf(comment) !== '')).toEqual([]);
  });

  it('says where it comes from, or that it is an extension', () => {
    expect(failing(members, ({ comment, context }) => source.test(comment) || source.test(context))).toEqual([]);
  });

  it('names the unit of its numbers, or what they count', () => {
    expect(failing(members, ({ comment, context, hasNumbers }) => !hasNumbers || UNIT.test(comment) || /\bCounts of\b/.test(context))).toEqual([]);
  });

  it('says what it throws', () => {
    expect(failing(members, ({ comment, throws }) => !throws || comment.includes('@throws'))).toEqual([]);
  });

  it('names every error that it sets', () => {
    expect(failing(members, ({ comment, sets }) => sets.every((error) => comment.includes(error)))).toEqual([]);
  });
});
