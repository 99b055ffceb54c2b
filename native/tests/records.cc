#include "records.h"

namespace qdtls::testing {
namespace {

std::uint64_t number(ByteView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

Bytes Record::encode() const {
  Bytes out = {type, 0xfe, minor};
  for (const auto& [value, width] :
       {std::pair<std::uint64_t, int>{epoch, 2}, {sequence, 6}, {fragment.size(), 2}}) {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
      out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
  out.insert(out.end(), fragment.begin(), fragment.end());
  return out;
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
