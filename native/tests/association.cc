#include "association.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "harness.h"

namespace qdtls::testing {
namespace {

EndOptions withFallbackPsk(EndOptions options) {
  static OnePsk shared("device", kSharedKey);
  if (options.psk == nullptr) options.psk = &shared;
  return options;
}

}  // namespace

PskAnswer OnePsk::lookUp(const std::string& subject) {
  questions.push_back(subject);
  return answer();
}

PskAnswer OnePsk::answer() const { return {identity_, SecretBytes(bytesOf(key_))}; }

End::End(const std::shared_ptr<const Context>& context, const EndOptions& options)
    : options_(withFallbackPsk(options)) {
  auto made = Connection::create(context);
  CHECK(made.ok());
  connection_ = std::move(made.value());
  connection_->setMtu(options_.mtu);
  connection_->setRetransmissionTimeouts(options_.timeouts);
  connection_->setLimits(options_.limits);
  begun_ = context->role() == Role::kClient;
}

void End::deliver(ByteView datagram) {
  if (status == Status::kEstablished) return take(connection_->receive(datagram));
  if (status != Status::kInProgress) return;
  if (begun_) return take(connection_->handshake(datagram));
  if (options_.verifier == nullptr) {
    begun_ = true;
    return take(connection_->accept(datagram));
  }
  constexpr std::uint8_t kLoopback[] = {127, 0, 0, 1};
  const Peer peer{{kLoopback, sizeof kLoopback}, 4433};
  auto decision = options_.verifier->decide(datagram, peer);
  if (decision.verdict == ClientVerifier::Verdict::kAnswered)
    outbox_.push_back(std::move(decision.answer));
  if (decision.verdict != ClientVerifier::Verdict::kVerified) return;
  begun_ = true;
  take(connection_->acceptVerified(datagram, *options_.verifier, peer));
}

void End::deliver(const Datagrams& datagrams) {
  for (const Bytes& datagram : datagrams) deliver(datagram);
}

void End::send(const std::string& text) { take(connection_->send(bytesOf(text))); }

bool End::waitForTimeout() const {
  const auto left = connection_->timeout();
  if (!left) return false;
  std::this_thread::sleep_for(std::chrono::milliseconds(*left));
  return true;
}

void End::providePsk(PskAnswer answer) {
  wants_psk = false;
  take(connection_->providePsk(std::move(answer)));
}

std::vector<std::string> End::takeTexts() { return std::exchange(texts_, {}); }

void End::take(Outcome outcome) {
  reason = outcome.reason;
  const bool asks = outcome.status == Status::kWantsPsk;
  if (!asks && outcome.status != Status::kRefused) status = outcome.status;
  for (const Bytes& plaintext : outcome.plaintexts) texts_.push_back(textOf(plaintext));
  for (Bytes& datagram : outcome.datagrams) {
    longest_datagram = std::max(longest_datagram, datagram.size());
    outbox_.push_back(std::move(datagram));
  }
  if (!asks) return;
  wants_psk = true;
  PskAnswer answer = options_.psk->lookUp(connection_->pskSubject());
  if (options_.answers_psk) providePsk(std::move(answer));
}

Pair::Pair(const ContextOptions& client_options, const ContextOptions& server_options,
           const EndOptions& both)
    : Pair(client_options, both, server_options, both) {}

Pair::Pair(const ContextOptions& client_options, const EndOptions& client_end,
           const ContextOptions& server_options, const EndOptions& server_end)
    : client(makeContext(client_options), client_end),
      server(makeContext(server_options), server_end) {}

bool Pair::connect() {
  client.start();
  carry();
  return client.status == Status::kEstablished && server.status == Status::kEstablished;
}

void Pair::carry() {
  constexpr int kMostRounds =
      100;  // two associations that answer each other for ever are a failure
  int rounds = 0;
  for (std::size_t before = ~std::size_t{0}; before != carried_[0] + carried_[1]; ++rounds) {
    if (!CHECK(rounds < kMostRounds)) return;
    before = carried_[0] + carried_[1];
    carryFrom(client, server, Role::kClient);
    carryFrom(server, client, Role::kServer);
  }
}

bool Pair::persist() {
  constexpr int kMostTimeouts = 30;
  for (int i = 0; i < kMostTimeouts; ++i) {
    if (client.status == Status::kEstablished && server.status == Status::kEstablished) return true;
    bool waited = false;
    for (End* end : {&client, &server}) {
      if (!end->waitForTimeout()) continue;
      waited = true;
      end->handleTimeout();
    }
    if (!waited) return false;
    carry();
  }
  return false;
}

void Pair::carryFrom(End& from, End& to, Role sender) {
  for (const Bytes& datagram : from.takeOutbox()) {
    const std::size_t index = carried_[static_cast<int>(sender)]++;
    const Fate fate = network ? network(sender, index, datagram) : Fate::kDeliver;
    if (fate != Fate::kDrop) to.deliver(datagram);
    if (fate == Fate::kTwice) to.deliver(datagram);
  }
}

bool Pair::alive() {
  client.send("from the client");
  server.send("from the server");
  carry();
  const auto at_server = server.takeTexts();
  const auto at_client = client.takeTexts();
  return !at_server.empty() && at_server.back() == "from the client" && !at_client.empty() &&
         at_client.back() == "from the server";
}

ContextOptions clientTrusting(const Authority& authority) {
  ContextOptions options;
  auto store = TrustStore::create({authority.certificate()});
  if (CHECK(store.ok()))
    options.trust = std::make_shared<const TrustStore>(std::move(store.value()));
  return options;
}

ContextOptions serverWith(const Identity& identity) {
  ContextOptions options;
  options.role = Role::kServer;
  options.verification = PeerVerification::kNone;
  options.certificates = identity.views();
  options.private_key = identity.key;
  return options;
}

ContextOptions pskOnly(Role role, const std::string& ciphers) {
  ContextOptions options;
  options.role = role;
  options.verification = PeerVerification::kNone;
  options.ciphers = ciphers;
  return options;
}

std::shared_ptr<const Context> makeContext(const ContextOptions& options) {
  auto made = Context::create(options);
  if (!recordEqual(made.ok() ? "" : made.error().text, std::string(), QDTLS_HERE,
                   "the context's error"))
    return nullptr;
  return made.value();
}

Bytes bytesOf(const std::string& text) { return {text.begin(), text.end()}; }

std::string textOf(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace qdtls::testing
