#include "datagram_bio.h"

#include "record.h"

#include <algorithm>
#include <cstring>

namespace qdtls {

UniqueBioMethod DatagramBio::makeMethod() {
  UniqueBioMethod method(BIO_meth_new(BIO_TYPE_DGRAM, "qdtls datagram"));
  if (!method) return nullptr;
  BIO_meth_set_read(method.get(), &DatagramBio::read);
  BIO_meth_set_write(method.get(), &DatagramBio::write);
  BIO_meth_set_ctrl(method.get(), &DatagramBio::control);
  return method;
}

bool DatagramBio::attach(SSL* ssl, const BIO_METHOD* method) {
  UniqueBio reader(BIO_new(method));
  UniqueBio writer(BIO_new(method));
  if (!reader || !writer) return false;
  guard_.attach(ssl);
  for (BIO* bio : {reader.get(), writer.get()}) {
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
  }
  SSL_set_bio(ssl, reader.release(), writer.release());
  return true;
}

// Never returns 0: OpenSSL takes that for the end of the stream, and 4.0 ends the association with an alert.
int DatagramBio::read(BIO* bio, char* buffer, int size) {
  auto* self = static_cast<DatagramBio*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ByteView record = size > 0 ? self->guard_.next(self->input_) : ByteView();
  if (record.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  // Like recv(2): what does not fit is gone. OpenSSL always offers room for the largest record.
  const auto count = std::min(record.size(), static_cast<std::size_t>(size));
  std::memcpy(buffer, record.data(), count);
  return static_cast<int>(count);
}

int DatagramBio::write(BIO* bio, const char* data, int size) {
  auto* self = static_cast<DatagramBio*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (size > 0) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(data);
    self->output_.emplace_back(bytes, bytes + size);
    if (self->first_sequence_ != 0) self->renumber(self->output_.back());
  }
  return size;
}

void DatagramBio::renumber(Bytes& datagram) {
  for (std::size_t at = 0; at + RecordHeader::kSize <= datagram.size();) {
    const RecordHeader header(ByteView(datagram.data() + at, RecordHeader::kSize));
    if (header.epoch == 0) {
      if (!sequence_offset_) sequence_offset_ = first_sequence_ - std::min(first_sequence_, header.sequence);
      const std::uint64_t raised = header.sequence + *sequence_offset_;
      for (std::size_t i = 0; i < 6; ++i) datagram[at + 5 + i] = static_cast<std::uint8_t>(raised >> (8 * (5 - i)));
    }
    at += RecordHeader::kSize + header.length;
  }
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
