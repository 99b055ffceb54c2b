// A peer that has the keys and says what it likes: sealed records of any type, number and content.
// It may end its own association, with a reason, and nothing else.
#include "input.h"
#include "tests/raw_peer.h"
#include "world.h"

namespace qdtls::fuzzing {
namespace {

using testing::End;
using testing::RawPeer;

const std::shared_ptr<const Context>& contextOf(Role role) {
  static const std::shared_ptr<const Context> client =
      testing::makeContext(testing::pskOnly(Role::kClient));
  static const std::shared_ptr<const Context> server =
      testing::makeContext(testing::pskOnly(Role::kServer));
  return role == Role::kClient ? client : server;
}

// Several records may share a datagram.
Bytes nextDatagram(Input& input, const RawPeer& peer, std::uint64_t& sequence) {
  Bytes datagram;
  do {
    const auto type = static_cast<std::uint8_t>(20 + input.choice(4));
    sequence += input.choice(3);
    const Bytes record = peer.seal(type, sequence, input.piece());
    datagram.insert(datagram.end(), record.begin(), record.end());
  } while (input.choice(4) == 0 && !input.atEnd());
  return datagram;
}

void play(Input& input, Role role) {
  RawPeer peer(role == Role::kClient ? Role::kServer : Role::kClient);
  testing::OnePsk psk("device", testing::kSharedKey);  // one for each run: it remembers what it was asked
  testing::EndOptions options;
  options.psk = &psk;
  End victim(contextOf(role), options);
  expect(peer.connect(victim), "the handshake completes");
  std::uint64_t sequence = 1;  // of the Finished: 0
  while (!input.atEnd() && victim.status == Status::kEstablished) {
    victim.deliver(nextDatagram(input, peer, sequence));
    expect(victim.status != Status::kFailed || !victim.reason.empty(), "what fails says why");
    if (input.flag()) victim.send("still here?");
    if (input.flag()) static_cast<void>(victim.connection().timeout());
  }
  victim.shutdown();
}

}  // namespace
}  // namespace qdtls::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace qdtls::fuzzing;
  Input input({data, size});
  const std::uint64_t seed = input.fingerprint();
  const qdtls::Role role = input.flag() ? qdtls::Role::kClient : qdtls::Role::kServer;
  resetWorld(seed);
  play(input, role);
  return 0;
}
