#include "forge.h"

#include "core/record.h"

namespace qdtls::fuzzing {
namespace {

constexpr std::size_t kHeader = RecordHeader::kSize;
constexpr std::size_t kMessageHeader = 12;  // RFC 6347 section 4.2.2
constexpr std::size_t kLongest = (1 << 14) + 2048 + 64;

const Bytes& pick(Input& input, const std::vector<Bytes>& seen) {
  static const Bytes none;
  return seen.empty() ? none : seen[seen.size() - 1 - input.choice(seen.size())];
}

void put(Bytes& datagram, std::size_t at, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width && at + i < datagram.size(); ++i) {
    datagram[at + i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
  }
}

// A length, and now and then a wrong one.
std::size_t lengthOf(Input& input, std::size_t right) {
  switch (input.choice(8)) {
    case 0:
      return input.number();
    case 1:
      return right + 1;
    case 2:
      return right - 1;
    default:
      return right;
  }
}

// A body as given, or of any size with one byte all over.
Bytes makeBody(Input& input) {
  if (input.flag()) return input.piece().copy();
  const std::size_t size = input.number() % kLongest;
  return Bytes(size, static_cast<std::uint8_t>(input.byte()));
}

Bytes makeRecord(Input& input, const Bytes& body) {
  Bytes record(kHeader);
  record[0] = static_cast<std::uint8_t>(20 + input.choice(6));
  put(record, 1, input.choice(8) == 0 ? input.number() : 0xfefd, 2);
  put(record, 3, input.choice(4) == 0 ? input.number() : input.choice(3), 2);
  put(record, 5,
      input.choice(4) == 0 ? std::uint64_t{input.number()} << 32 | input.number() : input.byte(),
      6);
  put(record, 11, lengthOf(input, body.size()), 2);
  record.insert(record.end(), body.begin(), body.end());
  return record;
}

Bytes makeMessage(Input& input) {
  const Bytes body = makeBody(input);
  Bytes message(kMessageHeader);
  message[0] = static_cast<std::uint8_t>(input.choice(24));
  put(message, 1, lengthOf(input, body.size()), 3);
  put(message, 4, input.choice(12), 2);
  put(message, 6, input.flag() ? input.number() : 0, 3);
  put(message, 9, lengthOf(input, body.size()), 3);
  message.insert(message.end(), body.begin(), body.end());
  Bytes record(kHeader);
  record[0] = 22;
  put(record, 1, 0xfefd, 2);
  put(record, 5, input.byte(), 6);
  put(record, 11, message.size(), 2);
  record.insert(record.end(), message.begin(), message.end());
  return record;
}

Bytes flip(Input& input, Bytes datagram) {
  const std::size_t count = 1 + input.choice(4);
  for (std::size_t i = 0; i < count && !datagram.empty(); ++i) {
    const std::size_t at = input.number() % datagram.size();
    datagram[at] ^= static_cast<std::uint8_t>(1 + input.choice(255));
  }
  return datagram;
}

Bytes cut(Input& input, Bytes datagram) {
  if (!datagram.empty()) datagram.resize(input.number() % datagram.size());
  return datagram;
}

Bytes splice(Input& input, const std::vector<Bytes>& seen) {
  const Bytes& tail = pick(input, seen);
  Bytes both = pick(input, seen);
  if (!both.empty() && input.flag()) both.resize(input.number() % both.size());
  both.insert(both.end(), tail.begin(), tail.end());
  return both;
}

// One field of the first record's header, or of its message's header.
Bytes rewrite(Input& input, Bytes datagram) {
  struct Field final {
    std::size_t at;
    std::size_t width;
  };
  constexpr Field kFields[] = {{0, 1},  {1, 2},  {3, 2},  {5, 6},  {9, 2}, {11, 2},
                               {13, 1}, {14, 3}, {17, 2}, {19, 3}, {22, 3}};
  const Field& field = kFields[input.choice(std::size(kFields))];
  put(datagram, field.at, input.flag() ? input.number() : input.byte(), field.width);
  return datagram;
}

}  // namespace

Bytes forge(Input& input, const std::vector<Bytes>& seen) {
  switch (input.choice(9)) {
    case 0:
      return input.piece().copy();
    case 1:
      return makeRecord(input, makeBody(input));
    case 2:
      return makeMessage(input);
    case 3:
      return flip(input, pick(input, seen));
    case 4:
      return cut(input, pick(input, seen));
    case 5:
      return splice(input, seen);
    case 6:
      return rewrite(input, pick(input, seen));
    case 7:
      return makeRecord(input, pick(input, seen));
    default:
      return pick(input, seen);  // a replay
  }
}

bool hasNoPlainMessage(ByteView datagram) {
  while (datagram.size() >= kHeader) {
    const RecordHeader header(datagram);
    const std::size_t size = kHeader + header.length;
    if (size > datagram.size()) break;
    if (header.is(ContentType::kHandshake) && header.epoch == 0 && header.major == kDtlsMajor)
      return false;
    datagram = datagram.subview(size, datagram.size() - size);
  }
  return true;
}

}  // namespace qdtls::fuzzing
