// The check of strangers, with OpenSSL's DTLSv1_listen() as the judge: what ours answers or
// believes, OpenSSL does too, with the same bytes; what ours drops beyond that is on a short list.
#include "core/client_verifier.h"

#include <openssl/err.h>
#include <sanitizer/allocator_interface.h>

#include <cstring>

#include "cast.h"
#include "input.h"
#include "world.h"

namespace qdtls::fuzzing {
namespace {

constexpr std::size_t kMostRead = 16384 + 13;  // by DTLSv1_listen()

std::size_t allocations = 0;
void countAllocation(const volatile void* /*memory*/, std::size_t /*size*/) { ++allocations; }
void countNothing(const volatile void* /*memory*/) {}

const Bytes& expectedCookie() {
  static const Bytes cookie = [] {
    const Bytes secret(32, 7);
    auto made = CookieGenerator::create("SHA256", secret);
    return made.value().generate(clientAddress()).view().copy();
  }();
  return cookie;
}

const ClientVerifier& verifier() {
  static const ClientVerifier instance = [] {
    std::vector<CookieGenerator> generators;
    generators.push_back(std::move(CookieGenerator::create("SHA256", Bytes(32, 7)).value()));
    return ClientVerifier(std::move(generators));
  }();
  return instance;
}

int giveCookie(SSL* /*ssl*/, unsigned char* cookie, unsigned* length) {
  std::memcpy(cookie, expectedCookie().data(), expectedCookie().size());
  *length = static_cast<unsigned>(expectedCookie().size());
  return 1;
}

int checkCookie(SSL* /*ssl*/, const unsigned char* cookie, unsigned length) {
  return length == expectedCookie().size() &&
                 std::memcmp(cookie, expectedCookie().data(), length) == 0
             ? 1
             : 0;
}

struct Judgement final {
  bool is_verified;
  Bytes answer;
};

Judgement askOpenSsl(const Bytes& datagram) {
  static const UniqueSslCtx context = [] {
    UniqueSslCtx made(SSL_CTX_new(DTLS_server_method()));
    SSL_CTX_set_cookie_generate_cb(made.get(), giveCookie);
    SSL_CTX_set_cookie_verify_cb(made.get(), checkCookie);
    return made;
  }();
  const UniqueSsl ssl(SSL_new(context.get()));
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  BIO_write(SSL_get_rbio(ssl.get()), datagram.data(), static_cast<int>(datagram.size()));
  const OpenSslPtr<BIO_ADDR, BIO_ADDR_free> unused(BIO_ADDR_new());
  const bool is_verified = DTLSv1_listen(ssl.get(), unused.get()) > 0;
  ERR_clear_error();
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(SSL_get_wbio(ssl.get()), &data));
  return {is_verified, Bytes(data, data + size)};
}

// Beyond OpenSSL we drop message_seq 2, a hello whose own version is not of DTLS, and what would
// gain by our answer.
bool mayBeDropped(const Bytes& datagram, const Judgement& theirs) {
  constexpr std::size_t kMessageSequence = 17;
  constexpr std::size_t kClientVersion = 25;
  return datagram[kMessageSequence] != 0 || datagram[kMessageSequence + 1] > 1 ||
         datagram[kClientVersion] != 0xfe || theirs.answer.size() > datagram.size();
}

void judge(const Bytes& datagram) {
  const std::size_t held = allocatedBytes();
  allocations = 0;
  const ClientVerifier::Decision ours = verifier().decide(datagram, clientAddress());
  // OpenSSL's HMAC works on copies of its state, which are gone when it is done.
  expect(parseClientHello(datagram) || allocations == 0, "what is no hello costs nothing");
  expect(allocatedBytes() == held + ours.answer.capacity(), "a stranger is not remembered");
  expect(ours.answer.size() <= datagram.size(), "the answer is no longer than the question");
  const bool is_verified = ours.verdict == ClientVerifier::Verdict::kVerified;
  expect(is_verified == verifier().verifiedHello(datagram, clientAddress()).has_value(),
         "both ways to ask agree");

  const Judgement theirs = askOpenSsl(datagram);
  switch (ours.verdict) {
    case ClientVerifier::Verdict::kVerified:
      return expect(theirs.is_verified, "OpenSSL believes whom we believe");
    case ClientVerifier::Verdict::kAnswered:
      return expect(theirs.answer == ours.answer, "OpenSSL gives the same answer");
    default:
      return expect(
          (!theirs.is_verified && theirs.answer.empty()) || mayBeDropped(datagram, theirs),
          "what we drop OpenSSL drops too");
  }
}

}  // namespace
}  // namespace qdtls::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace qdtls::fuzzing;
  static const int hooked =
      __sanitizer_install_malloc_and_free_hooks(countAllocation, countNothing);
  expect(hooked > 0, "allocations are counted");
  static_cast<void>(verifier());
  static_cast<void>(expectedCookie());
  Input input({data, size});
  qdtls::Bytes datagram = input.rest().copy();
  if (datagram.size() > kMostRead) datagram.resize(kMostRead);
  judge(datagram);
  return 0;
}
