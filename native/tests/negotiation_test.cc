#include <algorithm>

#include "association.h"
#include "harness.h"

namespace qdtls::testing {
namespace {

// Names that live as long as the test: ContextOptions borrows.
class Names final {
 public:
  Names(std::initializer_list<const char*> names) {
    for (const char* name : names) bytes_.push_back(bytesOf(name));
  }
  [[nodiscard]] std::vector<ByteView> views() const { return {bytes_.begin(), bytes_.end()}; }

 private:
  std::vector<Bytes> bytes_;
};

constexpr std::size_t kSrtpKeys =
    60;  // two keys of 16 bytes and two salts of 14 (RFC 5764 section 4.2)

// Ends that take the word of a peer nobody has authenticated yet.
EndOptions obedient() {
  EndOptions options;
  options.limits.obey_unauthenticated_alerts = true;
  return options;
}

ContextOptions offering(Role role, const Names& names) {
  ContextOptions options = pskOnly(role);
  options.application_protocols = names.views();
  return options;
}

ContextOptions protecting(Role role, std::vector<std::string> profiles) {
  ContextOptions options = pskOnly(role);
  options.srtp_profiles = std::move(profiles);
  return options;
}

std::string protocolOf(End& end) { return textOf(end.connection().negotiation().protocol()); }
std::string profileOf(End& end) { return end.connection().negotiation().srtpProfile(); }

std::string failureOf(const ContextOptions& options) {
  const auto made = Context::create(options);
  return made.ok() ? "" : made.error().text;
}

// Empty when there are none.
Bytes keysOf(End& end, const std::string& label, std::optional<ByteView> context = std::nullopt) {
  const Bytes name = bytesOf(label);
  auto keys = end.connection().negotiation().exportKeys(kSrtpKeys, name, context);
  return keys.ok() ? keys.value().view().copy() : Bytes();
}

void selectsByTheServersOrder() {
  struct Case {
    const char* name;
    Names client;
    Names server;
    const char* agreed;
  };
  const Case cases[] = {
      {"one in common", {"coap"}, {"coap"}, "coap"},
      {"the server's favourite is the client's last", {"a", "b", "c"}, {"c", "b", "a"}, "c"},
      {"the server's favourite is not offered", {"a", "b"}, {"c", "b"}, "b"},
      {"the client has none", {}, {"coap"}, ""},
      {"the server has none", {"coap"}, {}, ""},
      {"neither has any", {}, {}, ""},
      {"a name within another", {"coap+x", "c"}, {"coap", "c"}, "c"},
  };
  for (const Case& one : cases) {
    const Row row(one.name);
    Pair pair(offering(Role::kClient, one.client), offering(Role::kServer, one.server));
    if (!CHECK(pair.connect())) continue;
    CHECK_EQ(protocolOf(pair.client), one.agreed);
    CHECK_EQ(protocolOf(pair.server), one.agreed);
    CHECK(pair.alive());
  }
}

void refusesAClientWithOtherProtocols() {
  Pair pair(offering(Role::kClient, {"a", "b"}), offering(Role::kServer, {"c"}), obedient());
  CHECK(!pair.connect());
  CHECK_EQ(pair.server.status, Status::kFailed);
  CHECK_HAS(pair.server.reason, "no application protocol");
  CHECK_EQ(pair.client.status, Status::kFailed);
  CHECK_HAS(pair.client.reason, "no application protocol");
}

void refusesNamesWithoutRoom() {
  const std::string longest(255, 'n');
  const std::string longer(256, 'n');
  for (const Role role : {Role::kClient, Role::kServer}) {
    CHECK_EQ(failureOf(offering(role, {longest.c_str(), "n"})), "");
    CHECK_EQ(failureOf(offering(role, {longer.c_str()})),
             "an application protocol has 1 to 255 bytes");
    CHECK_EQ(failureOf(offering(role, {"n", ""})), "an application protocol has 1 to 255 bytes");
  }
}

void agreesOnAnSrtpProfile() {
  const std::string first = "SRTP_AES128_CM_SHA1_80";
  const std::string second = "SRTP_AEAD_AES_128_GCM";
  struct Case {
    const char* name;
    std::vector<std::string> client;
    std::vector<std::string> server;
    std::string agreed;
  };
  const Case cases[] = {
      {"one in common", {first}, {first}, first},
      {"the server's order wins", {first, second}, {second, first}, second},
      {"nothing in common", {first}, {second}, ""},
      {"the server has none", {first}, {}, ""},
      {"the client has none", {}, {first}, ""},
  };
  for (const Case& one : cases) {
    const Row row(one.name);
    Pair pair(protecting(Role::kClient, one.client), protecting(Role::kServer, one.server));
    if (!CHECK(pair.connect())) continue;
    CHECK_EQ(profileOf(pair.client), one.agreed);
    CHECK_EQ(profileOf(pair.server), one.agreed);
  }
}

void namesTheSrtpProfileThatFails() {
  const auto failure = [](std::vector<std::string> profiles) {
    return failureOf(protecting(Role::kClient, std::move(profiles)));
  };
  const std::string good = "SRTP_AES128_CM_SHA1_80";
  CHECK_EQ(failure({good, "SRTP_ROT13"}), "the SRTP profile \"SRTP_ROT13\" is unknown");
  CHECK_EQ(failure({""}), "the SRTP profile \"\" is unknown");
  CHECK_EQ(failure({good + ":SRTP_AES128_CM_SHA1_32"}),
           "the SRTP profile \"" + good + ":SRTP_AES128_CM_SHA1_32\" is unknown");
  CHECK_EQ(failure({good, good}),
           "the SRTP profiles \"" + good + ":" + good + "\" cannot be used together");
}

void exportsTheSameKeysOnBothSides() {
  const Bytes one = bytesOf("one");
  const Bytes other = bytesOf("two");
  const std::optional<ByteView> contexts[] = {std::nullopt, ByteView(), one, other};
  Pair pair(pskOnly(Role::kClient), pskOnly(Role::kServer));
  REQUIRE(pair.connect());
  std::vector<Bytes> all;
  for (const char* label : {"EXTRACTOR-dtls_srtp", "EXPERIMENTAL-a"}) {
    for (const auto& context : contexts) {
      all.push_back(keysOf(pair.client, label, context));
      CHECK_EQ(all.back().size(), kSrtpKeys);
      CHECK(all.back() == keysOf(pair.server, label, context));
    }
  }
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());  // no context is not an empty one
}

void exportsOtherKeysFromOtherAssociations() {
  const auto keys = [] {
    Pair pair(pskOnly(Role::kClient), pskOnly(Role::kServer));
    CHECK(pair.connect());
    return keysOf(pair.client, "EXPERIMENTAL-a");
  };
  CHECK(keys() != keys());
}

void saysWhyNoKeysAreExported() {
  Pair pair(pskOnly(Role::kClient), pskOnly(Role::kServer));
  const auto failure = [&pair](const std::string& label, std::optional<ByteView> context) {
    const Bytes name = bytesOf(label);
    auto keys = pair.client.connection().negotiation().exportKeys(kSrtpKeys, name, context);
    return keys.ok() ? "" : keys.error().text;
  };
  CHECK_HAS(failure("EXPERIMENTAL-a", std::nullopt), "keys cannot be exported");
  REQUIRE(pair.connect());
  for (const char* reserved :
       {"key expansion", "master secret", "client finished", "server finished"}) {
    CHECK_HAS(failure(reserved, std::nullopt), "illegal exporter label");
  }
  const std::string label = "EXPERIMENTAL-a";
  const Bytes safe(Negotiation::kSafeExportInput - label.size());
  const Bytes longest(Negotiation::kMaximumExportContext);
  const Bytes longer(Negotiation::kMaximumExportContext + 1);
  CHECK_EQ(failure(label, safe), "");
  CHECK_EQ(failure(label, longer), "the context of exported keys has at most 65535 bytes");
  const std::string by_version = failure(label, longest);
  if (!by_version.empty()) CHECK_HAS(by_version, "label and context are too long for this OpenSSL");
  CHECK(pair.alive());
}

void knowsNothingBeforeTheHellos() {
  End client(makeContext(offering(Role::kClient, {"coap"})));
  client.start();
  CHECK_EQ(protocolOf(client), "");
  CHECK_EQ(profileOf(client), "");
}

std::vector<std::string> linesOf(End& end) {
  std::vector<std::string> lines;
  for (const SecretBytes& line : end.connection().takeKeyLog())
    lines.push_back(textOf(line.view()));
  return lines;
}

void logsKeysForThoseWhoAsk() {
  Pair pair(pskOnly(Role::kClient), pskOnly(Role::kServer));
  pair.client.connection().logKeys();
  pair.server.connection().logKeys();
  CHECK(linesOf(pair.client).empty());
  REQUIRE(pair.connect());
  const auto lines = linesOf(pair.client);
  REQUIRE(lines.size() == 1);
  CHECK_HAS(lines.front(), "CLIENT_RANDOM ");
  CHECK_EQ(lines.front().size(), std::string("CLIENT_RANDOM ").size() + 64 + 1 + 96);
  CHECK(linesOf(pair.server) == lines);
  CHECK(linesOf(pair.client).empty());  // taken once
}

void logsNoKeysOfOthers() {
  const auto context = makeContext(pskOnly(Role::kServer));
  CHECK(SSL_CTX_get_keylog_callback(context->get()) == nullptr);
  End loud(context);
  End silent(context);
  loud.connection().logKeys();
  CHECK(SSL_CTX_get_keylog_callback(context->get()) != nullptr);
  for (End* server : {&loud, &silent}) {
    End client(makeContext(pskOnly(Role::kClient)));
    client.start();
    for (int i = 0; i < 3; ++i) {
      server->deliver(client.takeOutbox());
      client.deliver(server->takeOutbox());
    }
    CHECK_EQ(server->status, Status::kEstablished);
    CHECK_EQ(linesOf(*server).size(), server == &loud ? 1u : 0u);
    CHECK(linesOf(client).empty());
  }
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"selects the application protocol by the server's order", selectsByTheServersOrder},
      {"refuses a client that offers other protocols only", refusesAClientWithOtherProtocols},
      {"refuses protocol names that the message has no room for", refusesNamesWithoutRoom},
      {"agrees on an SRTP profile, or on none", agreesOnAnSrtpProfile},
      {"names the SRTP profile that cannot be used", namesTheSrtpProfileThatFails},
      {"exports the same keys on both sides, others for each label and context",
       exportsTheSameKeysOnBothSides},
      {"exports other keys from another association", exportsOtherKeysFromOtherAssociations},
      {"says why no keys are exported", saysWhyNoKeysAreExported},
      {"knows nothing before the hellos are exchanged", knowsNothingBeforeTheHellos},
      {"logs the keys of a connection that asks, once", logsKeysForThoseWhoAsk},
      {"logs no keys of other connections", logsNoKeysOfOthers},
  });
}
