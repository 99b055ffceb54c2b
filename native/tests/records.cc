#include "records.h"

namespace qdtls::testing {
namespace {

std::uint64_t number(ByteView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value = value << 8 | bytes[i];
  return value;
}

struct Field final {
  std::uint64_t value;
  int width;  // bytes
};

void append(Bytes& out, std::initializer_list<Field> fields) {
  for (const Field& field : fields) {
    for (int shift = 8 * (field.width - 1); shift >= 0; shift -= 8)
      out.push_back(static_cast<std::uint8_t>(field.value >> shift));
  }
}

}  // namespace

Bytes Record::encode() const {
  Bytes out = {type, 0xfe, minor};
  append(out, {{epoch, 2}, {sequence, 6}, {fragment.size(), 2}});
  out.insert(out.end(), fragment.begin(), fragment.end());
  return out;
}

Bytes MessageFragment::encode() const {
  Bytes out = {type};
  append(out, {{length, 3}, {message_sequence, 2}, {offset, 3}, {body.size(), 3}});
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

std::vector<MessageFragment> fragmentsOf(const Record& record) {
  constexpr std::size_t kHeader = 12;
  std::vector<MessageFragment> fragments;
  ByteView rest = record.fragment;
  while (rest.size() >= kHeader) {
    const auto size = static_cast<std::size_t>(number(rest.subview(9, 3)));
    if (size > rest.size() - kHeader) break;
    fragments.push_back({rest[0], static_cast<std::size_t>(number(rest.subview(1, 3))),
                         static_cast<std::uint16_t>(number(rest.subview(4, 2))),
                         static_cast<std::size_t>(number(rest.subview(6, 3))),
                         rest.subview(kHeader, size).copy()});
    rest = rest.subview(kHeader + size, rest.size() - kHeader - size);
  }
  return fragments;
}

std::vector<Record> recordsOf(ByteView datagram) {
  std::vector<Record> records;
  std::size_t at = 0;
  while (datagram.size() - at >= kRecordHeader) {
    const ByteView header = datagram.subview(at, kRecordHeader);
    const auto length = static_cast<std::size_t>(number(header.subview(11, 2)));
    at += kRecordHeader;
    if (length > datagram.size() - at) break;
    records.push_back({header[0], static_cast<std::uint16_t>(number(header.subview(3, 2))),
                       number(header.subview(5, 6)), datagram.subview(at, length).copy(),
                       header[2]});
    at += length;
  }
  return records;
}

Bytes joined(const std::vector<Bytes>& datagrams) {
  Bytes all;
  for (const Bytes& datagram : datagrams) all.insert(all.end(), datagram.begin(), datagram.end());
  return all;
}

}  // namespace qdtls::testing
