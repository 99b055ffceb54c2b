#include "datagram_bio.h"

#include "record.h"

#include <algorithm>
#include <cstring>

namespace qdtls {
namespace {

void writeSequence(std::uint8_t* record, std::uint64_t sequence) {
  for (std::size_t i = 0; i < 6; ++i) record[5 + i] = static_cast<std::uint8_t>(sequence >> (8 * (5 - i)));
}

// Epoch 0.
bool isPlain(ByteView record) { return record[3] == 0 && record[4] == 0; }

// The message number of a ClientHello.
std::optional<std::uint16_t> helloNumber(ByteView bytes) {
  constexpr std::uint8_t kClientHello = 1;
  if (bytes.size() < RecordHeader::kSize) return std::nullopt;
  const RecordHeader header(bytes);
  if (header.epoch != 0 || !header.is(ContentType::kHandshake)) return std::nullopt;
  Reader content(bytes.subview(RecordHeader::kSize, std::min(header.length, bytes.size() - RecordHeader::kSize)));
  const auto fragment = takeFragment(content);
  if (!fragment || fragment->type != kClientHello) return std::nullopt;
  return fragment->message_sequence;
}

// Who verifies a hello reads the first record of a datagram: behind the first hello, repeated just when its answer
// comes, the one with the cookie would not be seen.
bool isAnotherHello(ByteView datagram, ByteView record) {
  const auto number = helloNumber(record);
  return number && helloNumber(datagram) && *helloNumber(datagram) != *number;
}

}  // namespace

UniqueBioMethod DatagramBio::makeMethod() {
  UniqueBioMethod method(BIO_meth_new(BIO_TYPE_DGRAM, "qdtls datagram"));
  if (!method) return nullptr;
  BIO_meth_set_read_ex(method.get(), &DatagramBio::read);
  BIO_meth_set_write_ex(method.get(), &DatagramBio::write);
  BIO_meth_set_ctrl(method.get(), &DatagramBio::control);
  return method;
}

bool DatagramBio::attach(SSL* ssl, const BIO_METHOD* method) {
  UniqueBio reader(BIO_new(method));
  UniqueBio writer(BIO_new(method));
  if (!reader || !writer) return false;
  guard_.attach(ssl);
  psk_.attach(ssl);
  for (BIO* bio : {reader.get(), writer.get()}) {
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
  }
  SSL_set_bio(ssl, reader.release(), writer.release());
  return true;
}

// Never returns 0: OpenSSL takes that for the end of the stream, and 4.0 ends the association with an alert.
int DatagramBio::read(BIO* bio, char* buffer, std::size_t size, std::size_t* count) {
  auto* self = static_cast<DatagramBio*>(BIO_get_data(bio));
  const ByteView record = size > 0 ? self->nextRecord() : ByteView();
  if (self->is_dry_ != record.empty()) self->setDry(bio, record.empty());
  if (record.empty()) return -1;
  // Like recv(2): what does not fit is gone. OpenSSL always offers room for the largest record.
  *count = std::min(record.size(), size);
  std::memcpy(buffer, record.data(), *count);
  self->records_read_ += 1;
  // Nobody signs the number of an unencrypted record. One that somebody forged, at the far end, would move OpenSSL's
  // replay window and make every genuine record an old one. Messages have numbers of their own, so these can be ours.
  if (isPlain(record)) writeSequence(reinterpret_cast<std::uint8_t*>(buffer), self->input_sequence_++);
  return 1;
}

// Only when it changes: it would be one call more for each record.
void DatagramBio::setDry(BIO* bio, bool is_dry) {
  is_dry_ = is_dry;
  BIO_clear_retry_flags(bio);
  if (is_dry) BIO_set_retry_read(bio);
}

ByteView DatagramBio::nextRecord() {
  if (psk_.asking()) return {};
  if (std::exchange(expects_data_, false) && guard_.passesAsData(input_)) return std::exchange(input_, {});
  const ByteView record = guard_.next(input_);
  if (record.empty() || !isPlain(record)) return record;
  if (!RecordHeader(record).is(ContentType::kHandshake) || !psk_.mustHold(record)) return record;
  held_ = record.copy();
  held_.insert(held_.end(), input_.data(), input_.data() + input_.size());
  input_ = ByteView();
  return {};
}

int DatagramBio::write(BIO* bio, const char* data, std::size_t size, std::size_t* count) {
  auto* self = static_cast<DatagramBio*>(BIO_get_data(bio));
  self->guard_.accepted();  // what was read last is being answered
  if (size <= self->room_.size() && size > 0) {
    std::memcpy(self->room_.data(), data, size);
    self->room_ = Room();
    self->room_used_ = size;
  } else {
    self->queue({reinterpret_cast<const std::uint8_t*>(data), size});
  }
  *count = size;
  return 1;
}

// Record by record, to be packed anew: OpenSSL before 3.2 forgets that nonce and tag take room too.
void DatagramBio::queue(ByteView records) {
  while (!records.empty()) {
    const std::size_t whole =
        records.size() < RecordHeader::kSize ? 0 : RecordHeader::kSize + RecordHeader(records).length;
    const std::size_t count = whole == 0 ? records.size() : std::min(whole, records.size());
    add(records.subview(0, count), records.size());
    records = records.subview(count, records.size() - count);
  }
}

// `written` bytes, from this record on, are being packed.
void DatagramBio::add(ByteView record, std::size_t written) {
  const bool is_new = output_.empty() || isAnotherHello(output_.back(), record) ||
                      output_.back().size() + record.size() > mtu_;
  if (is_new) output_.emplace_back().reserve(std::min(mtu_, written));
  Bytes& datagram = output_.back();
  const std::size_t at = datagram.size();
  datagram.insert(datagram.end(), record.data(), record.data() + record.size());
  if (first_sequence_ != 0 && record.size() >= RecordHeader::kSize) renumber(datagram.data() + at);
}

void DatagramBio::renumber(std::uint8_t* record) {
  const RecordHeader header(ByteView(record, RecordHeader::kSize));
  if (header.epoch != 0) return;
  if (!sequence_offset_) sequence_offset_ = first_sequence_ - std::min(first_sequence_, header.sequence);
  writeSequence(record, header.sequence + *sequence_offset_);
}

long DatagramBio::control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
      return 1;
    // No overhead: the link MTU given to OpenSSL is the largest UDP payload (as Qt's BIO does).
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
    default:
      return 0;
  }
}

}  // namespace qdtls
