#pragma once

#include <cstddef>
#include <memory>

#include "bench/pairs.h"
#include "core/result.h"

namespace qdtls::bench {

// The yardstick: what a program in C gets out of this OpenSSL, with nothing around it. It is timed
// in C++, over many repetitions, on the same thread and with the same OpenSSL as what is compared
// with it.
//
// records() does SSL_write on one end and SSL_read on the other, nothing else: one custom BIO that
// hands the reader a pointer to what OpenSSL wrote (its only copy is the one into the buffer that
// SSL_read fills), the same message and the same two buffers each time, so that all of it stays in
// the first cache. No ERR_clear_error, no SSL_get_error, no read until it would block, no counters
// and no check of records beyond OpenSSL's own: a server needs some of these, and they cost what
// `share` shows. That the plaintext is right is looked at after the clock has stopped.
//
// handshakes() makes and frees both SSL objects, with SSL_get_error after each step and
// close_notify at the end, as an application must. The certificates are verified with name, and
// cookies are DTLSv1_listen's with one HMAC-SHA256.
//
// memory() holds many pairs at a time, whose BIOs share one link: what it finds is OpenSSL's and
// the allocator's.
class CLoop final {
 public:
  struct Memory final {
    double fresh;
    double traffic;
    double trimmed;
  };

  static Result<std::unique_ptr<CLoop>> create(const Settings& settings);

  // Nanoseconds of this thread for `count` messages of `size` bytes, sealed and opened.
  Result<double> records(std::size_t size, unsigned count);
  // Nanoseconds of this thread for `count` handshakes, both ends.
  Result<double> handshakes(unsigned count);
  // Bytes for each of the 2 * `count` ends: after the handshake, after `messages` of `size` each
  // way, after SSL_free_buffers().
  Result<Memory> memory(unsigned count, std::size_t size, unsigned messages);

 private:
  explicit CLoop(std::unique_ptr<Pairs> pairs) : pairs_(std::move(pairs)) {}

  std::unique_ptr<Pairs> pairs_;
  Pair lasting_;  // of records()
};

// CPU that this process has used, all threads: what other processes do on a busy machine does not
// count, and what garbage collection does in its own threads does.
[[nodiscard]] double cpuNanoseconds();

// Bytes that malloc has given out in this process, all threads; 0 where the allocator does not
// tell.
[[nodiscard]] double allocatedBytes();

}  // namespace qdtls::bench
