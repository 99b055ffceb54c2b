#include <openssl/crypto.h>

#include <cstddef>
#include <cstdlib>

#include "association.h"
#include "harness.h"
#include "raw_peer.h"

// What a peer that has proved nothing but its address may cost a server.
namespace qdtls::testing {
namespace {

// Of OpenSSL, counted at its own allocator.
std::size_t& liveBytes() {
  static std::size_t count = 0;
  return count;
}

// Each allocation is preceded by its size.
constexpr std::size_t kPrefix = alignof(std::max_align_t);

// NOLINTBEGIN(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): this is the allocator
void* countedReallocate(void* memory, std::size_t size, const char* /*file*/, int /*line*/) {
  auto* base = static_cast<std::uint8_t*>(memory);
  if (base != nullptr) {
    base -= kPrefix;
    liveBytes() -= *reinterpret_cast<std::size_t*>(base);
  }
  if (size == 0) {
    std::free(base);
    return nullptr;
  }
  base = static_cast<std::uint8_t*>(std::realloc(base, kPrefix + size));
  if (base == nullptr) std::abort();
  *reinterpret_cast<std::size_t*>(base) = size;
  liveBytes() += size;
  return base + kPrefix;
}
// NOLINTEND(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)

void* countedAllocate(std::size_t size, const char* file, int line) {
  return countedReallocate(nullptr, size, file, line);
}

void countedFree(void* memory, const char* file, int line) {
  static_cast<void>(countedReallocate(memory, 0, file, line));
}

// A server that has sent its first flight, and the client that could answer it.
class HalfOpen final {
 public:
  explicit HalfOpen(const HandshakeLimits& limits = {})
      : client(makeContext(pskOnly(Role::kClient))),
        server(makeContext(pskOnly(Role::kServer)), with(limits)) {
    client.start();
    server.deliver(client.takeOutbox());
    flight = server.takeOutbox();
    before_ = liveBytes();
  }

  // Bytes that OpenSSL took since the flight was sent.
  [[nodiscard]] std::size_t grown() const {
    return liveBytes() > before_ ? liveBytes() - before_ : 0;
  }
  [[nodiscard]] std::uint64_t dropped(Drop reason) {
    return server.connection().dropped()[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] bool completes() {
    client.deliver(flight);
    server.deliver(client.takeOutbox());
    client.deliver(server.takeOutbox());
    return client.status == Status::kEstablished && server.status == Status::kEstablished;
  }

  End client;
  End server;
  Datagrams flight;

 private:
  static EndOptions with(const HandshakeLimits& limits) {
    EndOptions options;
    options.limits = limits;
    return options;
  }

  std::size_t before_ = 0;
};

void print(const char* what, std::size_t bytes) {
  std::cout << "     " << what << ": " << bytes << " bytes\n";
}

void parksNoMoreEarlyRecordsThanTheLimit() {
  for (const std::size_t size : {std::size_t{24}, std::size_t{500}, std::size_t{16000}}) {
    const Row row(std::to_string(size) + " bytes each");
    HalfOpen half;
    for (std::uint64_t i = 0; i < 100; ++i)
      half.server.deliver(Record{kApplicationData, 1, i, Bytes(size)}.encode());
    print("early records", half.grown());
    CHECK(half.grown() <= HandshakeLimits{}.maximum_bytes);
    CHECK(half.dropped(Drop::kOverLimit) > 0);
    CHECK(half.completes());
  }
}

// Their sender has agreed on keys, but not shown its Finished, and may be anybody.
void parksNoMoreBeforeTheFinished() {
  for (const std::uint8_t type : {kChangeCipherSpec, kAlert, kApplicationData}) {
    const Row row("type " + std::to_string(type));
    End server(makeContext(pskOnly(Role::kServer)));
    RawPeer client(Role::kClient);
    client.deliver({});
    server.deliver(client.takeOutbox());
    for (const Bytes& datagram : server.takeOutbox()) client.deliver(datagram);
    const Datagrams flight = client.takeOutbox();  // ClientKeyExchange, ChangeCipherSpec, Finished
    REQUIRE(flight.size() == 3);
    client.deriveKeys();
    server.deliver(flight[0]);
    server.deliver(flight[1]);
    const std::size_t before = liveBytes();
    for (std::uint64_t i = 0; i < 100; ++i) server.deliver(client.seal(type, i + 1, Bytes{1, 90}));
    CHECK_EQ(server.status, Status::kInProgress);
    const std::size_t grown = liveBytes() > before ? liveBytes() - before : 0;
    print("records before the Finished", grown);
    CHECK(grown <= HandshakeLimits{}.maximum_bytes);
    server.deliver(flight[2]);
    if (type == kApplicationData) CHECK_EQ(server.status, Status::kEstablished);
  }
}

void reservesNoMoreForMessagesThanTheLimit() {
  for (const std::size_t claim : {std::size_t{1000}, std::size_t{2700}, std::size_t{16000},
                                  std::size_t{32000}, std::size_t{100000}}) {
    const Row row("a claim of " + std::to_string(claim));
    HalfOpen half;
    for (std::uint16_t i = 0; i < 12; ++i) {
      const MessageFragment first{kClientKeyExchange, claim, static_cast<std::uint16_t>(i + 2), 0,
                                  Bytes(1)};
      half.server.deliver(first.record(i + 10));
    }
    print("claims", half.grown());
    CHECK(half.grown() <= HandshakeLimits{}.maximum_bytes);
    if (claim == 100000) CHECK_EQ(half.dropped(Drop::kOverLimit), 12u);
  }
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  // Before OpenSSL allocates anything.
  if (CRYPTO_set_mem_functions(countedAllocate, countedReallocate, countedFree) != 1) return 1;
  return run({
      {"parks no more early records than the limit allows", parksNoMoreEarlyRecordsThanTheLimit},
      {"parks no more records before the Finished than the limit allows",
       parksNoMoreBeforeTheFinished},
      {"reserves no more for messages than the limit allows",
       reservesNoMoreForMessagesThanTheLimit},
  });
}
