#include "bench/wire.h"

#include <algorithm>
#include <cstring>

namespace qdtls::bench {
namespace {

int readWire(BIO* bio, char* buffer, int size) {
  BIO_clear_retry_flags(bio);
  const int count = static_cast<Port*>(BIO_get_data(bio))->in->take(buffer, size);
  if (count < 0) BIO_set_retry_read(bio);
  return count;
}

int writeWire(BIO* bio, const char* data, int size) {
  static_cast<Port*>(BIO_get_data(bio))->out->put(data, size);
  return size;
}

long controlWire(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT ? 1 : 0;
}

}  // namespace

void Wire::put(const char* data, int size) {
  if (lends_) {
    lent_ = data;
    lent_size_ = size;
    return;
  }
  if (end_ == slots_.size()) slots_.emplace_back();
  slots_[end_++].assign(data, data + size);
}

int Wire::take(char* buffer, int size) {
  if (lent_ != nullptr) {
    const int count = std::min(lent_size_, size);
    std::memcpy(buffer, lent_, static_cast<std::size_t>(count));
    lent_ = nullptr;
    return count;
  }
  if (first_ == end_) {
    clear();
    return -1;
  }
  const std::vector<char>& datagram = slots_[first_++];
  const auto count = std::min(datagram.size(), static_cast<std::size_t>(size));
  std::memcpy(buffer, datagram.data(), count);
  return static_cast<int>(count);
}

void Wire::clear() {
  lent_ = nullptr;
  first_ = 0;
  end_ = 0;
}

UniqueBioMethod makeWireMethod() {
  UniqueBioMethod method(BIO_meth_new(BIO_TYPE_DGRAM, "wire in memory"));
  if (!method) return nullptr;
  BIO_meth_set_read(method.get(), &readWire);
  BIO_meth_set_write(method.get(), &writeWire);
  BIO_meth_set_ctrl(method.get(), &controlWire);
  return method;
}

bool attach(SSL* ssl, const BIO_METHOD* method, Port* port) {
  UniqueBio bio(BIO_new(method));
  if (!bio) return false;
  BIO_set_data(bio.get(), port);
  BIO_set_init(bio.get(), 1);
  BIO* both = bio.release();
  SSL_set_bio(ssl, both, both);
  return true;
}

}  // namespace qdtls::bench
