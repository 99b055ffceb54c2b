#include "posts.h"

#include <cstring>
#include <vector>

#include "cast.h"
#include "tests/records.h"
#include "world.h"

namespace qdtls::fuzzing {
namespace {

struct Kind final {
  const char* cipher;
  std::size_t shortest;  // RFC 5288, RFC 6655, RFC 7905: explicit nonce and tag
};

constexpr Kind kKinds[] = {{"PSK-AES128-GCM-SHA256", 24},
                           {"PSK-AES128-CCM8", 16},
                           {"PSK-CHACHA20-POLY1305", 16},
                           {"PSK-AES128-CBC-SHA256", 1}};
constexpr std::size_t kSteps =
    9;  // datagrams of a handshake, each a record, that were delivered at most

unsigned giveKey(SSL* /*ssl*/, const char* /*identity*/, unsigned char* key, unsigned /*maximum*/) {
  std::memcpy(key, kSharedKey, std::strlen(kSharedKey));
  return static_cast<unsigned>(std::strlen(kSharedKey));
}

unsigned giveIdentity(SSL* ssl, const char* /*hint*/, char* identity, unsigned /*longest*/,
                      unsigned char* key, unsigned maximum) {
  std::strcpy(identity, kIdentity);
  return giveKey(ssl, identity, key, maximum);
}

// OpenSSL on memory BIOs of its own.
UniqueSsl makeEnd(const SSL_METHOD* method, const char* cipher) {
  const UniqueSslCtx context(SSL_CTX_new(method));
  SSL_CTX_set_cipher_list(context.get(), cipher);
  SSL_CTX_set_max_proto_version(context.get(), DTLS1_2_VERSION);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_psk_server_callback(context.get(), giveKey);
  SSL_CTX_set_psk_client_callback(context.get(), giveIdentity);
  UniqueSsl ssl(SSL_new(context.get()));
  SSL_set_options(ssl.get(), SSL_OP_NO_QUERY_MTU);
  DTLS_set_link_mtu(ssl.get(), 1400);
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  return ssl;
}

std::vector<testing::Record> takeRecords(SSL* ssl) {
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(SSL_get_wbio(ssl), &data));
  auto records = testing::recordsOf({reinterpret_cast<const std::uint8_t*>(data), size});
  static_cast<void>(BIO_reset(SSL_get_wbio(ssl)));
  return records;
}

struct Ends final {
  UniqueSsl client;
  UniqueSsl server;
};

// After `steps` records of the handshake.
Ends makeEnds(const char* cipher, std::size_t steps) {
  Ends ends{makeEnd(DTLS_client_method(), cipher), makeEnd(DTLS_server_method(), cipher)};
  SSL_set_connect_state(ends.client.get());
  SSL_set_accept_state(ends.server.get());
  SSL* from = ends.client.get();
  SSL* to = ends.server.get();
  SSL_do_handshake(from);
  for (std::size_t step = 0; step < steps;) {
    for (const testing::Record& record : takeRecords(from)) {
      if (step++ == steps) break;
      const Bytes datagram = record.encode();
      BIO_write(SSL_get_rbio(to), datagram.data(), static_cast<int>(datagram.size()));
      SSL_do_handshake(to);
    }
    std::swap(from, to);
  }
  return ends;
}

struct Cabinet final {
  Cabinet() {
    resetWorld();
    for (const Kind& kind : kKinds) {
      for (std::size_t steps = 0; steps <= kSteps; ++steps) {
        ends.push_back(makeEnds(kind.cipher, steps));
        for (SSL* ssl : {ends.back().client.get(), ends.back().server.get()})
          posts.push_back({ssl, kind.shortest});
      }
      expect(SSL_is_init_finished(posts.back().ssl) != 0, "the last post of a kind is established");
    }
  }

  std::vector<Ends> ends;
  std::vector<Post> posts;
};

}  // namespace

const Post& postOf(std::size_t index) {
  static const Cabinet cabinet;
  return cabinet.posts[index % cabinet.posts.size()];
}

SSL* serverAwaitingIdentity() {
  static const Ends ends = makeEnds(kKinds[0].cipher, 1);
  return ends.server.get();
}

SSL* clientAwaitingHello() {
  static const Ends ends = makeEnds(kKinds[0].cipher, 0);
  return ends.client.get();
}

}  // namespace qdtls::fuzzing
