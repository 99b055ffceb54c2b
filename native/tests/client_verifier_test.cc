#include "core/client_verifier.h"

#include <openssl/hmac.h>

#include <algorithm>

#include "association.h"
#include "harness.h"
#include "hello.h"

namespace qdtls::testing {
namespace {

using Verdict = ClientVerifier::Verdict;

const Bytes kSecret = {'a', ' ', 's', 'e', 'c', 'r', 'e', 't'};
const Bytes kIpv4 = {192, 168, 1, 2};
const Bytes kIpv6 = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr std::uint16_t kPort = 0x1234;

CookieGenerator generator(const std::string& digest = "SHA256", const Bytes& secret = kSecret) {
  auto made = CookieGenerator::create(digest, secret);
  CHECK(made.ok());
  return std::move(made.value());
}

ClientVerifier verifier(const std::string& digest = "SHA256", const Bytes& secret = kSecret) {
  return verifierOf(generator(digest, secret));
}

// As Qt computes it on a little-endian machine: port and IPv4 address in host order, an IPv6
// address as it is.
Bytes expectedCookie(const Bytes& address, const EVP_MD* digest = EVP_sha256()) {
  Bytes input = {0x34, 0x12};
  if (address.size() == 4) {
    input.insert(input.end(), address.rbegin(), address.rend());
  } else {
    input.insert(input.end(), address.begin(), address.end());
  }
  Bytes cookie(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  HMAC(digest, kSecret.data(), static_cast<int>(kSecret.size()), input.data(), input.size(),
       cookie.data(), &size);
  cookie.resize(size);
  return cookie;
}

// A hello large enough that any answer is shorter.
HelloDraft largeHello() {
  HelloDraft draft;
  draft.tail.resize(300);
  return draft;
}

Bytes cookieIn(const Bytes& hello_verify_request) {
  constexpr std::size_t kBeforeCookie = 13 + 12 + 3;
  return {hello_verify_request.begin() + kBeforeCookie, hello_verify_request.end()};
}

HelloDraft answering(const Bytes& hello_verify_request) {
  HelloDraft draft = largeHello();
  draft.message_sequence = 1;
  draft.cookie = cookieIn(hello_verify_request);
  return draft;
}

void hashesPortAndAddress() {
  CHECK_EQ(generator().generate({kIpv4, kPort}).view().copy(), expectedCookie(kIpv4));
  CHECK_EQ(generator().generate({kIpv6, kPort}).view().copy(), expectedCookie(kIpv6));
}

void hashesWithEveryDigest() {
  for (const char* digest : {"SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-512",
                             "BLAKE2b512", "BLAKE2s256"}) {
    const Row row(digest);
    CHECK_EQ(generator(digest).generate({kIpv4, kPort}).view().copy(),
             expectedCookie(kIpv4, EVP_get_digestbyname(digest)));
  }
}

void generatesTheSameCookieAgain() {
  const CookieGenerator cookies = generator();
  const Bytes first = cookies.generate({kIpv4, kPort}).view().copy();
  static_cast<void>(cookies.generate({kIpv6, 1}));
  CHECK_EQ(cookies.generate({kIpv4, kPort}).view().copy(), first);
}

void refusesToBeMadeWithoutASecretOrHash() {
  const auto no_secret = CookieGenerator::create("SHA256", {});
  CHECK(!no_secret.ok());
  CHECK_HAS(no_secret.error().text, "secret is empty");
  const auto no_hash = CookieGenerator::create("SHA257", kSecret);
  CHECK(!no_hash.ok());
  CHECK_HAS(no_hash.error().text, "\"SHA257\" is not available");
  CHECK(!contains(no_hash.error().text, "a secret"));
  CHECK(!CookieGenerator::create("", kSecret).ok());
}

void matchesOnlyTheWholeCookie() {
  const CookieGenerator cookies = generator();
  const Peer peer{kIpv4, kPort};
  Bytes cookie = expectedCookie(kIpv4);
  CHECK(cookies.matches(peer, cookie));
  CHECK(!cookies.matches(peer, {}));
  for (std::size_t i = 0; i < cookie.size(); ++i) {
    cookie[i] ^= 1;
    CHECK(!cookies.matches(peer, cookie));
    cookie[i] ^= 1;
    CHECK(!cookies.matches(peer, ByteView(cookie).subview(0, i)));
  }
  cookie.push_back(0);
  CHECK(!cookies.matches(peer, cookie));
}

void bindsACookieToItsHello() {
  std::vector<CookieGenerator> generators;
  generators.push_back(generator());
  const ClientVerifier verifier(std::move(generators), ClientVerifier::Binding::kHello);
  const Peer peer{kIpv4, kPort};
  HelloDraft hello = largeHello();
  const auto answered = verifier.decide(hello.encode(), peer);
  REQUIRE(answered.verdict == Verdict::kAnswered);
  hello.cookie = cookieIn(answered.answer);
  CHECK_EQ(verifier.decide(hello.encode(), peer).verdict, Verdict::kVerified);
  Bytes of_another = hello.encode();
  of_another[27] ^= 1;  // the random, behind the headers and the version
  CHECK_EQ(verifier.decide(of_another, peer).verdict, Verdict::kAnswered);
}

void answersAStranger() {
  const HelloDraft hello = largeHello();
  const auto decision = verifier().decide(hello.encode(), {kIpv4, kPort});
  CHECK_EQ(decision.verdict, Verdict::kAnswered);
  REQUIRE(decision.answer.size() == 60);
  CHECK_EQ(cookieIn(decision.answer), expectedCookie(kIpv4));
}

void repeatsTheRecordSequenceOfTheHello() {
  HelloDraft hello = largeHello();
  hello.record_sequence = 0x112233445566;
  const auto decision = verifier().decide(hello.encode(), {kIpv4, kPort});
  REQUIRE(decision.answer.size() == 60);
  const Bytes sequence(decision.answer.begin() + 5, decision.answer.begin() + 11);
  CHECK_EQ(sequence, (Bytes{0x11, 0x22, 0x33, 0x44, 0x55, 0x66}));
}

void verifiesTheOwnerOfTheAddress() {
  for (const Bytes& address : {kIpv4, kIpv6}) {
    const Peer peer{address, kPort};
    const ClientVerifier cookies = verifier();
    const Bytes hello = answering(cookies.decide(largeHello().encode(), peer).answer).encode();
    const auto decision = cookies.decide(hello, peer);
    CHECK_EQ(decision.verdict, Verdict::kVerified);
    CHECK(decision.answer.empty());
    CHECK(cookies.verifiedHello(hello, peer));
    CHECK(verifier().verifiedHello(hello, peer));  // another verifier with the same secret
  }
}

void asksAgainWhenAnythingDiffers() {
  const ClientVerifier cookies = verifier();
  const Bytes hello =
      answering(cookies.decide(largeHello().encode(), {kIpv4, kPort}).answer).encode();
  const Bytes neighbour = {192, 168, 1, 3};
  const Bytes mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 168, 1, 2};
  struct Case {
    const char* name;
    ClientVerifier verifier;
    Peer peer;
  };
  Case cases[] = {{"another port", verifier(), {kIpv4, kPort + 1}},
                  {"another address", verifier(), {neighbour, kPort}},
                  {"the IPv4-mapped form of the address", verifier(), {mapped, kPort}},
                  {"an IPv6 address", verifier(), {kIpv6, kPort}},
                  {"a rotated secret", verifier("SHA256", {'n', 'e', 'w'}), {kIpv4, kPort}},
                  {"another hash", verifier("SHA512"), {kIpv4, kPort}}};
  for (const Case& one : cases) {
    const Row row(one.name);
    const auto decision = one.verifier.decide(hello, one.peer);
    CHECK_EQ(decision.verdict, Verdict::kAnswered);
    CHECK(!decision.answer.empty());
    CHECK(!one.verifier.verifiedHello(hello, one.peer));
  }
}

void takesCookiesOfThePreviousSecret() {
  const Peer peer{kIpv4, kPort};
  const Bytes fresh = {'f', 'r', 'e', 's', 'h'};
  const Bytes stale = {'s', 't', 'a', 'l', 'e'};
  const auto hello = [&](const ClientVerifier& giver) {
    return answering(giver.decide(largeHello().encode(), peer).answer).encode();
  };
  const ClientVerifier rotated =
      verifierOf(generator("SHA256", fresh), generator(), generator("SHA512", stale));
  const Bytes old_hello = hello(verifier());
  CHECK_EQ(rotated.decide(old_hello, peer).verdict, Verdict::kVerified);
  CHECK(rotated.decide(old_hello, peer).answer.empty());
  CHECK(rotated.verifiedHello(old_hello, peer));
  CHECK(rotated.verifiedHello(hello(verifier("SHA512", stale)), peer));
  CHECK(rotated.verifiedHello(hello(rotated), peer));

  // It gives cookies of the first secret only.
  CHECK(verifier("SHA256", fresh).verifiedHello(hello(rotated), peer));
  CHECK(!verifier().verifiedHello(hello(rotated), peer));

  // A previous secret proves no more than the current one does.
  CHECK(!rotated.verifiedHello(old_hello, {kIpv4, kPort + 1}));
  CHECK(!rotated.verifiedHello(hello(verifier("SHA256", {'x'})), peer));
  CHECK(!rotated.verifiedHello(largeHello().encode(), peer));
  CHECK(!verifierOf(generator("SHA256", fresh)).verifiedHello(old_hello, peer));
}

void neverAnswersWithMoreThanItGot() {
  const ClientVerifier cookies = verifier();
  for (std::size_t size = 0; size < 40; ++size) {
    HelloDraft hello;
    hello.tail.resize(size);
    const Bytes datagram = hello.encode();
    const auto decision = cookies.decide(datagram, {kIpv4, kPort});
    CHECK(decision.answer.size() <= datagram.size());
    CHECK_EQ(decision.verdict, decision.answer.empty() ? Verdict::kDropped : Verdict::kAnswered);
  }
  // 13 + 12 + 36 bytes are the least a hello can be: more than an answer with 32 bytes of cookie,
  // less than one with 64.
  HelloDraft smallest;
  smallest.tail = {};
  CHECK_EQ(verifier("SHA256").decide(smallest.encode(), {kIpv4, kPort}).verdict,
           Verdict::kAnswered);
  CHECK_EQ(verifier("SHA512").decide(smallest.encode(), {kIpv4, kPort}).verdict, Verdict::kDropped);
}

void dropsWhatIsNoHello() {
  const ClientVerifier cookies = verifier();
  const Bytes whole = largeHello().encode();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_EQ(cookies.decide(cut, {kIpv4, kPort}).verdict, Verdict::kDropped);
  }
  HelloDraft later = answering(cookies.decide(whole, {kIpv4, kPort}).answer);
  CHECK(cookies.verifiedHello(later.encode(), {kIpv4, kPort}));
  later.fragment_offset = 10;
  CHECK_EQ(cookies.decide(later.encode(), {kIpv4, kPort}).verdict, Verdict::kDropped);
  CHECK(!cookies.verifiedHello(later.encode(), {kIpv4, kPort}));
}

void verifiesAFirstFragment() {
  const ClientVerifier cookies = verifier();
  HelloDraft hello = answering(cookies.decide(largeHello().encode(), {kIpv4, kPort}).answer);
  hello.message_length_error = 1000;
  CHECK_EQ(cookies.decide(hello.encode(), {kIpv4, kPort}).verdict, Verdict::kVerified);
}

void doesNotLookBehindTheCookie() {
  const ClientVerifier cookies = verifier();
  Bytes hello = answering(cookies.decide(largeHello().encode(), {kIpv4, kPort}).answer).encode();
  hello.back() ^= 0xff;
  CHECK_EQ(cookies.decide(hello, {kIpv4, kPort}).verdict, Verdict::kVerified);
}

void convincesARealClient() {
  End client(makeContext(pskOnly(Role::kClient)));
  client.start();
  const ClientVerifier cookies = verifier();
  const Peer peer{kIpv6, kPort};
  const auto first = cookies.decide(client.takeOutbox().front(), peer);
  REQUIRE(first.verdict == Verdict::kAnswered);
  client.deliver(first.answer);
  const Datagrams second = client.takeOutbox();
  REQUIRE(second.size() == 1);
  CHECK_EQ(cookies.decide(second.front(), peer).verdict, Verdict::kVerified);
  const auto hello = cookies.verifiedHello(second.front(), peer);
  CHECK(hello && hello->message_sequence == 1);
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"makes a cookie of the port and the IPv4 or IPv6 address, as HMAC() does",
       hashesPortAndAddress},
      {"makes a cookie with every digest", hashesWithEveryDigest},
      {"binds a cookie to its hello when it is told to", bindsACookieToItsHello},
      {"makes the same cookie again", generatesTheSameCookieAgain},
      {"cannot be made without a secret or a known hash", refusesToBeMadeWithoutASecretOrHash},
      {"matches nothing but the whole cookie", matchesOnlyTheWholeCookie},
      {"answers a stranger with a HelloVerifyRequest", answersAStranger},
      {"repeats the record sequence number of the hello", repeatsTheRecordSequenceOfTheHello},
      {"verifies the owner of an address", verifiesTheOwnerOfTheAddress},
      {"asks again when port, address, secret or hash differ", asksAgainWhenAnythingDiffers},
      {"takes cookies of previous secrets, and gives those of the current one",
       takesCookiesOfThePreviousSecret},
      {"never answers with more bytes than it got", neverAnswersWithMoreThanItGot},
      {"drops what is no hello", dropsWhatIsNoHello},
      {"verifies the first fragment of a hello", verifiesAFirstFragment},
      {"does not look behind the cookie", doesNotLookBehindTheCookie},
      {"convinces OpenSSL's client", convincesARealClient},
  });
}
