#include "scene.h"

#include "cast.h"
#include "forge.h"
#include "world.h"

namespace qdtls::fuzzing {
namespace {

constexpr std::size_t kMostActs = 200;
constexpr std::size_t kMostSeen = 64;
constexpr int kMostRounds = 60;
// What a handshake has to bear when it must complete: a flight is repeated twelve times.
constexpr std::size_t kMostLosses = 6;
constexpr std::size_t kMostWaits = 4;
// What OpenSSL needs for any handshake, beside HandshakeLimits: buffers, certificates, keys, the
// flight.
constexpr std::ptrdiff_t kWorkingMemory = 160 * 1024;

}  // namespace

// Every input has keys of its own: a fuzzer that sees what is compared would else learn genuine
// datagrams by heart.
Setting::Setting(Input& input) {
  const std::uint64_t seed = input.fingerprint();
  cast = input.byte();
  const std::size_t bits = input.byte();
  with_cookie = (bits & 1) != 0;
  with_small_mtu = (bits & 2) != 0;
  with_small_limits = (bits & 4) != 0;
  with_late_psk = (bits & 8) != 0;
  obeys_alerts = (bits & 16) != 0;
  continues = (bits & 32) != 0;
  static_cast<void>(castOf(cast));
  resetWorld(seed);
}

SideOptions Setting::side(Role role, bool is_victim) const {
  SideOptions options;
  options.context = role == Role::kClient ? castOf(cast).client : castOf(cast).server;
  options.asks_for_cookie = role == Role::kServer && with_cookie;
  if (with_small_mtu) options.mtu = 300;
  const bool has_names = role == Role::kClient && !castOf(cast).session.empty();
  if (has_names) options.server_name = kServerName;
  if (has_names && continues) options.session = castOf(cast).session;
  if (!is_victim) return options;
  if (with_small_limits) options.limits.maximum_bytes = 32 * 1024;
  options.limits.obey_unauthenticated_alerts = obeys_alerts;
  options.answers_psk = !with_late_psk;
  return options;
}

Scene::Scene(const Setting& setting, Role victim, Rules rules)
    : role_(victim),
      rules_(rules),
      client_(setting.side(Role::kClient, victim == Role::kClient)),
      server_(setting.side(Role::kServer, victim == Role::kServer)),
      most_held_(kWorkingMemory +
                 static_cast<std::ptrdiff_t>(setting.side(victim, true).limits.maximum_bytes)) {
  client_.start();
}

void Scene::begin(std::size_t count) {
  for (std::size_t i = 0; i < count; i += 2) {
    look();
    deliver(0);
    victim().answerPsk(kSharedKey);
    answer(1);
  }
}

void Scene::play(Input& input) {
  for (std::size_t i = 0; i < kMostActs && !input.atEnd() && victim().isOpen(); ++i) act(input);
}

void Scene::act(Input& input) {
  look();
  switch (input.choice(16)) {
    case 0:
    case 1:
      return deliver(0);
    case 2:
      return deliver(input.byte());
    case 3:
      return lose(input.byte());
    case 4:
    case 5:
      return answer(1 + input.choice(8));
    case 6:
      return waitFor(static_cast<unsigned>(input.number()));
    case 7:
      return victim().answerPsk(kSharedKey);
    case 8:
      return say(peer(), to_victim_);
    case 9:
      return say(victim(), to_peer_);
    case 10:
      return victim().setMtu(Connection::kMinimumMtu + input.number() % 2000);
    case 11:
      if (rules_ == Rules::kNoPlainMessages || input.choice(4) != 0) return;
      is_closing_ = true;
      return input.flag() ? peer().shutdown() : victim().answerPsk("another key");
    default:
      return attack(forge(input, seen_));
  }
}

void Scene::attack(const Bytes& datagram) {
  const bool was_established = victim().isEstablished();
  const bool is_allowed =
      rules_ == Rules::kAnything || was_established || of_peer_.count(datagram) != 0;
  if (!is_allowed && !hasNoPlainMessage(datagram)) return;
  hand(datagram);
  expect(!was_established || victim().isEstablished() || is_closing_,
         "nobody but the peer ends an association");
  listen();
}

void Scene::hand(const Bytes& datagram) {
  const std::size_t before = allocatedBytes();
  victim().deliver(datagram);
  held_ += static_cast<std::ptrdiff_t>(allocatedBytes() - before);
  expect(victim().isEstablished() || held_ <= most_held_,
         "an unfinished handshake costs no more than its limits say");
}

void Scene::deliver(std::size_t index) {
  if (on_way_.empty()) return;
  const auto at = on_way_.begin() + static_cast<std::ptrdiff_t>(index % on_way_.size());
  const Bytes datagram = std::move(*at);
  on_way_.erase(at);
  hand(datagram);
  listen();
}

void Scene::lose(std::size_t index) {
  if (on_way_.empty() || (rules_ == Rules::kNoPlainMessages && losses_++ >= kMostLosses)) return;
  on_way_.erase(on_way_.begin() + static_cast<std::ptrdiff_t>(index % on_way_.size()));
}

void Scene::answer(std::size_t most) {
  for (std::size_t i = 0; i < most; ++i) {
    const Bytes datagram = victim().takeDatagram();
    if (datagram.empty()) break;
    if (seen_.size() < kMostSeen) seen_.push_back(datagram);
    peer().deliver(datagram);
  }
  listen();
}

void Scene::carryAll() {
  for (int round = 0; round < kMostRounds; ++round) {
    look();
    if (on_way_.empty() && !victim().hasDatagram()) return;
    while (!on_way_.empty()) deliver(0);
    answer(kMostSeen);
  }
  expect(false, "two ends do not answer each other for ever");
}

void Scene::waitFor(unsigned milliseconds) {
  if (rules_ == Rules::kNoPlainMessages && waits_++ >= kMostWaits) return;
  advanceClock(milliseconds);
  client_.handleTimeout();
  server_.handleTimeout();
}

void Scene::finish() {
  for (int round = 0; round < kMostRounds; ++round) {
    victim().answerPsk(kSharedKey);
    carryAll();
    if (victim().isEstablished() && peer().isEstablished()) return converse();
    expect(victim().isOpen() && peer().isOpen(), "the handshake goes on");
    waits_ = 0;
    waitFor(1000u << std::min(round, 6));
  }
  expect(false, "the handshake completes");
}

void Scene::converse() {
  to_victim_.clear();
  to_peer_.clear();
  say(peer(), to_victim_);
  say(victim(), to_peer_);
  carryAll();
  expect(to_victim_.empty() && to_peer_.empty(), "both ends hear each other");
}

void Scene::say(Side& from, std::set<std::string>& unheard) {
  if (!from.isEstablished()) return;
  const std::string text = "message " + std::to_string(messages_++);
  from.send(text);
  unheard.insert(text);
}

void Scene::look() {
  for (Bytes datagram = peer().takeDatagram(); !datagram.empty();
       datagram = peer().takeDatagram()) {
    of_peer_.insert(datagram);
    if (seen_.size() < kMostSeen) seen_.push_back(datagram);
    on_way_.push_back(std::move(datagram));
  }
}

void Scene::listen() {
  for (const std::string& text : victim().takeTexts()) {
    expect(to_victim_.erase(text) == 1, "the victim hears what its peer said, once");
  }
  for (const std::string& text : peer().takeTexts()) {
    expect(to_peer_.erase(text) == 1, "the peer hears what the victim said, once");
  }
}

}  // namespace qdtls::fuzzing
