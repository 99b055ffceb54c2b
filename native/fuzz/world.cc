#define OPENSSL_SUPPRESS_DEPRECATED  // RAND_METHOD is the one way to take the chance out of OpenSSL

#include "world.h"

#include <openssl/rand.h>
#include <sanitizer/allocator_interface.h>
#include <sys/time.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace qdtls::fuzzing {
namespace {

constexpr std::uint64_t kSeed = 0x9e3779b97f4a7c15;
constexpr std::uint64_t kBirth = 1'800'000'000'000'000;  // microseconds since 1970

struct World final {
  std::uint64_t randomness = kSeed;
  std::uint64_t microseconds = kBirth;
};

World world;

// Sebastiano Vigna's SplitMix64.
std::uint64_t nextRandom() {
  std::uint64_t value = world.randomness += kSeed;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

int fillWithRandoms(unsigned char* buffer, int size) {
  for (int at = 0; at < size; at += 8) {
    const std::uint64_t value = nextRandom();
    std::memcpy(buffer + at, &value, static_cast<std::size_t>(size - at < 8 ? size - at : 8));
  }
  return 1;
}

int isSeeded() { return 1; }

const RAND_METHOD kRandoms = {nullptr, fillWithRandoms, nullptr,
                              nullptr, fillWithRandoms, isSeeded};

}  // namespace

void resetWorld(std::uint64_t seed) {
  static const int installed = RAND_set_rand_method(&kRandoms);
  expect(installed == 1, "OpenSSL takes our random numbers");
  world = World();
  world.randomness += seed;
}

void advanceClock(unsigned milliseconds) {
  world.microseconds += std::uint64_t{1000} * milliseconds;
}

std::size_t allocatedBytes() { return __sanitizer_get_current_allocated_bytes(); }

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "This does not hold: %s\n", what);
  std::abort();
}

// In place of the C library's: OpenSSL asks them for DTLS timers and for the dates of certificates.
extern "C" __attribute__((visibility("default"))) int gettimeofday(timeval* now,
                                                                   void* /*zone*/) noexcept {
  now->tv_sec = static_cast<time_t>(world.microseconds / 1'000'000);
  now->tv_usec = static_cast<suseconds_t>(world.microseconds % 1'000'000);
  return 0;
}
extern "C" __attribute__((visibility("default"))) time_t time(time_t* out) noexcept {
  const auto now = static_cast<time_t>(world.microseconds / 1'000'000);
  if (out != nullptr) *out = now;
  return now;
}

}  // namespace qdtls::fuzzing
