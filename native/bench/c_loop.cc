#include "bench/c_loop.h"

#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
#include <malloc.h>
#define QDTLS_HAS_MALLINFO2
#endif

namespace qdtls::bench {
namespace {

std::string randomMessage(std::size_t size) {
  std::string message(size, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(message.data()), static_cast<int>(size));
  return message;
}

double nanosecondsOf(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return 1e9 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec);
}

// The loop's own: what V8's threads do meanwhile is not its doing.
double threadNanoseconds() { return nanosecondsOf(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace

double cpuNanoseconds() { return nanosecondsOf(CLOCK_PROCESS_CPUTIME_ID); }

double allocatedBytes() {
#ifdef QDTLS_HAS_MALLINFO2
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
#else
  return 0;
#endif
}

Result<std::unique_ptr<CLoop>> CLoop::create(const Settings& settings) {
  auto pairs = Pairs::create(settings);
  if (!pairs.ok()) return pairs.error();
  return std::unique_ptr<CLoop>(new CLoop(std::move(pairs.value())));
}

Result<double> CLoop::records(std::size_t size, unsigned count) {
  if (!lasting_.client) {
    auto joined = pairs_->join();
    if (!joined.ok()) return joined.error();
    lasting_ = std::move(joined.value());
  }
  SSL* client = lasting_.client.get();
  SSL* server = lasting_.server.get();
  const std::string message = randomMessage(size);
  const int length = static_cast<int>(size);
  std::array<char, 16384> plaintext{};
  pairs_->lend(true);
  const double start = threadNanoseconds();
  for (unsigned i = 0; i < count; ++i) {
    if (SSL_write(client, message.data(), length) != length) return Error{"SSL_write failed"};
    if (SSL_read(server, plaintext.data(), plaintext.size()) != length)
      return Error{"SSL_read failed"};
  }
  const double nanoseconds = threadNanoseconds() - start;
  pairs_->lend(false);
  if (std::memcmp(plaintext.data(), message.data(), size) != 0) return Error{"another plaintext"};
  return nanoseconds;
}

Result<double> CLoop::handshakes(unsigned count) {
  const double start = threadNanoseconds();
  for (unsigned i = 0; i < count; ++i) {
    auto joined = pairs_->join();
    if (!joined.ok()) return joined.error();
    Pairs::part(joined.value());
  }
  return threadNanoseconds() - start;
}

Result<CLoop::Memory> CLoop::memory(unsigned count, std::size_t size, unsigned messages) {
  std::vector<Pair> crowd;
  crowd.reserve(count);
  const auto first = pairs_->join();  // what is allocated once only
  if (!first.ok()) return first.error();
  const std::string message = randomMessage(size);
  const double before = allocatedBytes();
  const auto per_end = [&] { return (allocatedBytes() - before) / (2.0 * count); };
  for (unsigned i = 0; i < count; ++i) {
    auto joined = pairs_->join();
    if (!joined.ok()) return joined.error();
    crowd.push_back(std::move(joined.value()));
  }
  Memory memory{};
  memory.fresh = per_end();
  for (const Pair& pair : crowd) {
    for (unsigned i = 0; i < messages; ++i) {
      std::string problem = pairs_->carry(pair.client.get(), pair.server.get(), message);
      if (problem.empty()) problem = pairs_->carry(pair.server.get(), pair.client.get(), message);
      if (!problem.empty()) return Error{std::move(problem)};
    }
  }
  memory.traffic = per_end();
  for (const Pair& pair : crowd) {
    const bool freed =
        SSL_free_buffers(pair.client.get()) == 1 && SSL_free_buffers(pair.server.get()) == 1;
    if (!freed) return Error{"SSL_free_buffers refused"};
  }
  memory.trimmed = per_end();
  return memory;
}

}  // namespace qdtls::bench
