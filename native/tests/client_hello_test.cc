#include "core/client_hello.h"

#include <functional>
#include <random>

#include "harness.h"
#include "hello.h"
#include "raw_peer.h"

namespace qdtls::testing {
namespace {

// What OpenSSL's own DTLSv1_listen() does with a datagram from a stranger: its answer, or nothing.
class Listener final {
 public:
  static constexpr std::uint8_t kCookie[] = {1, 2, 3, 4, 5, 6, 7, 8};

  Listener() : context_(SSL_CTX_new(DTLS_server_method())) {
    SSL_CTX_set_cookie_generate_cb(context_.get(), [](SSL*, unsigned char* cookie, unsigned* size) {
      *size = sizeof kCookie;
      std::copy(std::begin(kCookie), std::end(kCookie), cookie);
      return 1;
    });
    SSL_CTX_set_cookie_verify_cb(context_.get(),
                                 [](SSL*, const unsigned char*, unsigned) { return 0; });
  }

  Bytes answer(ByteView datagram) {
    const UniqueSsl ssl(SSL_new(context_.get()));
    attachMemoryBios(ssl.get());
    const OpenSslPtr<BIO_ADDR, BIO_ADDR_free> peer(BIO_ADDR_new());
    putDatagram(ssl.get(), datagram);
    DTLSv1_listen(ssl.get(), peer.get());
    const Datagrams sent = takeRecords(ssl.get());
    return sent.empty() ? Bytes() : sent.front();
  }

 private:
  UniqueSslCtx context_;
};

Bytes genuineHello() {
  End client(makeContext(pskOnly(Role::kClient)));
  client.start();
  return client.takeOutbox().front();
}

void readsEveryField() {
  HelloDraft draft;
  draft.record_sequence = 0x010203040506;
  draft.message_sequence = 1;
  draft.session_id = Bytes(32, 7);
  draft.cookie = {9, 8, 7};
  const Bytes datagram = draft.encode();
  const auto hello = parseClientHello(datagram);
  REQUIRE(hello);
  CHECK_EQ(hello->record_sequence, 0x010203040506u);
  CHECK_EQ(hello->message_sequence, 1);
  CHECK_EQ(hello->cookie.copy(), draft.cookie);
  CHECK(hello->cookie.data() > datagram.data() &&
        hello->cookie.data() < datagram.data() + datagram.size());
}

void readsTheHelloOfOpenSsl() {
  const Bytes datagram = genuineHello();
  const auto hello = parseClientHello(datagram);
  REQUIRE(hello);
  CHECK_EQ(hello->message_sequence, 0);
  CHECK(hello->cookie.empty());
}

void takesAnyMinorVersion() {
  for (const std::uint8_t minor : {0xff, 0xfd, 0xfc, 0x00}) {
    HelloDraft draft;
    draft.record_minor = minor;
    draft.version_minor = minor;
    CHECK(parseClientHello(draft.encode()));
  }
}

void refusesEveryMalformedField() {
  struct Case {
    const char* name;
    std::function<void(HelloDraft&)> spoil;
  };
  const std::initializer_list<Case> cases = {
      {"record type alert", [](HelloDraft& d) { d.record_type = 21; }},
      {"record type application data", [](HelloDraft& d) { d.record_type = 23; }},
      {"a TLS record", [](HelloDraft& d) { d.record_major = 3; }},
      {"epoch 1", [](HelloDraft& d) { d.epoch = 1; }},
      {"epoch 256", [](HelloDraft& d) { d.epoch = 256; }},
      {"record longer than the datagram", [](HelloDraft& d) { d.record_length_error = 1; }},
      {"record shorter than its message", [](HelloDraft& d) { d.record_length_error = -1; }},
      {"ServerHello", [](HelloDraft& d) { d.message_type = 2; }},
      {"HelloRequest", [](HelloDraft& d) { d.message_type = 0; }},
      {"message shorter than its fragment", [](HelloDraft& d) { d.message_length_error = -1; }},
      {"message sequence 2", [](HelloDraft& d) { d.message_sequence = 2; }},
      {"message sequence 65535", [](HelloDraft& d) { d.message_sequence = 65535; }},
      {"a later fragment", [](HelloDraft& d) { d.fragment_offset = 1; }},
      {"a far fragment", [](HelloDraft& d) { d.fragment_offset = 0xffffff; }},
      {"fragment longer than the record",
       [](HelloDraft& d) {
         d.fragment_length_error = 1;
         d.message_length_error = 1;
       }},
      {"fragment shorter than the record", [](HelloDraft& d) { d.fragment_length_error = -1; }},
      {"client version of TLS", [](HelloDraft& d) { d.version_major = 3; }},
      {"session id past the end", [](HelloDraft& d) { d.session_id_length_error = 100; }},
      {"cookie past the end", [](HelloDraft& d) { d.cookie_length_error = 100; }},
  };
  for (const Case& one : cases) {
    const Row row(one.name);
    HelloDraft draft;
    one.spoil(draft);
    CHECK(!parseClientHello(draft.encode()));
  }
}

void refusesEveryTruncation() {
  const Bytes datagram = genuineHello();
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    const Bytes cut(datagram.begin(),
                    datagram.begin() +
                        static_cast<std::ptrdiff_t>(size));  // its own allocation: overreads show
    CHECK(!parseClientHello(cut));
  }
  CHECK(!parseClientHello({}));
}

void takesAFirstFragmentThatHoldsTheCookie() {
  HelloDraft draft;
  draft.cookie = Bytes(32, 3);
  draft.message_length_error = 1000;
  const Bytes datagram = draft.encode();
  const auto hello = parseClientHello(datagram);
  REQUIRE(hello);
  CHECK_EQ(hello->cookie.copy(), draft.cookie);

  draft.tail = {};
  CHECK(parseClientHello(draft.encode()));
  draft.cookie_length_error = 1;
  CHECK(!parseClientHello(draft.encode()));
}

void ignoresWhatFollowsTheFirstRecord() {
  Bytes datagram = genuineHello();
  datagram.insert(datagram.end(), {1, 2, 3});
  CHECK(parseClientHello(datagram));
}

void laysOutTheHelloVerifyRequest() {
  const Bytes cookie = {0xaa, 0xbb, 0xcc};
  ClientHello hello;
  hello.record_sequence = 0x0a0b0c0d0e0f;
  hello.message_sequence = 1;
  const Bytes expected = {22, 0xfe, 0xff, 0,    0,    0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
                          0,  18,   3,    0,    0,    6,    0,    0,    0,    0,    0,
                          0,  0,    6,    0xfe, 0xff, 3,    0xaa, 0xbb, 0xcc};
  CHECK_EQ(makeHelloVerifyRequest(hello, cookie), expected);
  CHECK_EQ(makeHelloVerifyRequest(hello, Bytes(255, 1)).size(), 13u + 12 + 3 + 255);
}

// The same strangers answered, with the same bytes.
void agreesWithOpenSsl() {
  Listener listener;
  const Bytes original = genuineHello();
  constexpr unsigned kSeed = 20261122;
  constexpr std::size_t kInterestingBytes = 13 + 12 + 2 + 32 + 2;  // to the cookie's length
  constexpr std::size_t kClientVersion = 13 + 12;
  std::mt19937 random(kSeed);
  for (std::size_t round = 0; round < 4000; ++round) {
    Bytes datagram = original;
    datagram.resize(random() % 4 == 0 ? random() % (original.size() + 1) : original.size());
    for (std::size_t flips = random() % 3; flips > 0 && !datagram.empty(); --flips) {
      const std::size_t at = random() % std::min(kInterestingBytes, datagram.size());
      // A client version that is not DTLS is refused here at once, by OpenSSL only in the
      // handshake.
      if (at != kClientVersion)
        datagram[at] = static_cast<std::uint8_t>(random() % 2 == 0 ? random() : random() % 4);
    }
    const Row row("seed " + std::to_string(kSeed) + " round " + std::to_string(round));
    const auto hello = parseClientHello(datagram);
    const Bytes ours =
        hello ? makeHelloVerifyRequest(*hello, {Listener::kCookie, sizeof Listener::kCookie})
              : Bytes();
    if (!CHECK_EQ(ours, listener.answer(datagram)))
      std::cout << "  the datagram: " << describe(datagram) << '\n';
  }
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"reads every field of a hello", readsEveryField},
      {"reads the hello of OpenSSL", readsTheHelloOfOpenSsl},
      {"takes any minor version, as OpenSSL does", takesAnyMinorVersion},
      {"refuses a hello with any field malformed", refusesEveryMalformedField},
      {"refuses a hello cut short anywhere", refusesEveryTruncation},
      {"takes a first fragment that holds the cookie", takesAFirstFragmentThatHoldsTheCookie},
      {"ignores what follows the first record", ignoresWhatFollowsTheFirstRecord},
      {"lays out the HelloVerifyRequest as RFC 6347 says", laysOutTheHelloVerifyRequest},
      {"answers the same mutated hellos as DTLSv1_listen, with the same bytes", agreesWithOpenSsl},
  });
}
