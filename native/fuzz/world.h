#pragma once

#include <cstddef>
#include <cstdint>

// A world without chance, so that an input does the same in every run: random numbers from a fixed
// seed (keys, randoms and nonces of OpenSSL among them), and a clock that stands still until it is
// moved.
namespace qdtls::fuzzing {

// Begins the world anew. Another seed is another world: keys and randoms differ.
void resetWorld(std::uint64_t seed = 0);

void advanceClock(unsigned milliseconds);

// Bytes allocated at this moment.
[[nodiscard]] std::size_t allocatedBytes();

// Ends the process, as a finding of the fuzzer, unless `holds`.
void expect(bool holds, const char* what);

}  // namespace qdtls::fuzzing
