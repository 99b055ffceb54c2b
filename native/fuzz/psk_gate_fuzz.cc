// The PSK gate alone: fragments of every message in any order. It asks once, about the field that
// was sent.
#include "core/psk_gate.h"

#include "input.h"
#include "posts.h"
#include "world.h"

namespace qdtls::fuzzing {
namespace {

constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kClientKeyExchange = 16;

Bytes recordOf(ByteView content) {
  Bytes record(RecordHeader::kSize);
  record[0] = 22;
  record[1] = 0xfe;
  record.insert(record.end(), content.data(), content.data() + content.size());
  return record;
}

// The gate of a server counts from the hello, so that it knows which message is the key exchange.
void feedHello(PskGate& gate) {
  const Bytes hello = {kClientHello, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  expect(!gate.mustHold(recordOf({hello.data(), hello.size()})), "a hello is not held");
}

// One fragment of a ClientKeyExchange, the message after the hello.
Bytes fragmentOf(const Bytes& message, std::size_t offset, std::size_t length) {
  const auto byte = [](std::size_t value, int shift) {
    return static_cast<std::uint8_t>(value >> shift);
  };
  Bytes content = {kClientKeyExchange,
                   byte(message.size(), 16),
                   byte(message.size(), 8),
                   byte(message.size(), 0),
                   0,
                   2};
  for (const std::size_t value : {offset, length}) {
    for (const int shift : {16, 8, 0}) content.push_back(byte(value, shift));
  }
  content.insert(content.end(), message.data() + offset, message.data() + offset + length);
  return recordOf(content);
}

// Anything: the subject is bounded, and the gate holds exactly while it asks.
void feedAnything(Input& input, PskGate& gate) {
  while (!input.atEnd()) {
    const bool asked = gate.asking();
    const Bytes record = recordOf(input.piece());
    const bool held = gate.mustHold(record);
    expect(held == gate.asking(), "a record is held while the gate asks");
    expect(!asked || held, "and until it is answered");
    expect(gate.subject().size() <= 256, "what is asked about is bounded");
    expect(gate.subject().find('\0') == std::string::npos, "and has no NUL in it");
  }
}

// An identity in fragments, any order, any overlap, others in between: asked about when it is
// complete, not before.
void feedIdentity(Input& input, PskGate& gate) {
  std::string identity = "identity ";
  for (std::size_t i = input.byte(); i > 0 && identity.size() < 256; --i)
    identity += static_cast<char>('a' + i % 26);
  Bytes message = {static_cast<std::uint8_t>(identity.size() >> 8),
                   static_cast<std::uint8_t>(identity.size())};
  message.insert(message.end(), identity.begin(), identity.end());
  const std::size_t needed = message.size();
  for (std::size_t i = input.byte(); i > 0; --i)
    message.push_back(0x42);  // the share of a key exchange
  std::vector<bool> sent(needed);
  std::size_t missing = needed;
  while (!input.atEnd() && missing > 0) {
    const std::size_t offset = input.number() % message.size();
    const std::size_t length = input.number() % (message.size() - offset + 1);
    for (std::size_t i = offset; i < std::min(offset + length, needed); ++i) {
      if (!sent[i]) --missing;
      sent[i] = true;
    }
    expect(gate.mustHold(fragmentOf(message, offset, length)) == (missing == 0),
           "asked when, and only when, all is there");
  }
  if (missing > 0) return;
  expect(gate.subject() == identity, "asked about the identity that was sent");
  gate.answer({"", SecretBytes(Bytes{1, 2, 3})});
  expect(gate.answerForServer(identity) != nullptr, "the answer is for that identity");
  expect(gate.answerForServer(identity + "x") == nullptr, "and for no other");
  expect(!gate.mustHold(fragmentOf(message, 0, message.size())), "nothing is held any more");
}

}  // namespace
}  // namespace qdtls::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace qdtls::fuzzing;
  Input input({data, size});
  qdtls::PskGate gate;
  const std::size_t way = input.choice(3);
  gate.attach(way == 0 ? clientAwaitingHello() : serverAwaitingIdentity());
  if (way != 0) feedHello(gate);
  if (way == 2) {
    feedIdentity(input, gate);
  } else {
    feedAnything(input, gate);
  }
  return 0;
}
