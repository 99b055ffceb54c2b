#include "raw_peer.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>

#include "harness.h"

namespace qdtls::testing {
namespace {

constexpr std::size_t kKeySize = 16;
constexpr std::size_t kSaltSize = 4;

unsigned onServerPsk(SSL* /*ssl*/, const char* /*identity*/, unsigned char* key,
                     unsigned /*maximum*/) {
  const Bytes shared = bytesOf(kSharedKey);
  std::copy(shared.begin(), shared.end(), key);
  return static_cast<unsigned>(shared.size());
}

unsigned onClientPsk(SSL* ssl, const char* /*hint*/, char* identity, unsigned /*maximum_identity*/,
                     unsigned char* key, unsigned maximum) {
  const std::string name = "raw";
  std::copy_n(name.c_str(), name.size() + 1, identity);
  return onServerPsk(ssl, identity, key, maximum);
}

// RFC 5246 section 6.3 for AES-128-GCM: client key, server key, client salt, server salt.
Bytes deriveKeyBlock(const SSL* ssl) {
  std::array<std::uint8_t, SSL_MAX_MASTER_KEY_LENGTH> master{};
  std::array<std::uint8_t, 2 * SSL3_RANDOM_SIZE> randoms{};
  SSL_SESSION_get_master_key(SSL_get_session(ssl), master.data(), master.size());
  SSL_get_server_random(ssl, randoms.data(), SSL3_RANDOM_SIZE);
  SSL_get_client_random(ssl, randoms.data() + SSL3_RANDOM_SIZE, SSL3_RANDOM_SIZE);

  const OpenSslPtr<EVP_KDF, EVP_KDF_free> prf(EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr));
  const OpenSslPtr<EVP_KDF_CTX, EVP_KDF_CTX_free> kdf(EVP_KDF_CTX_new(prf.get()));
  char digest[] = "SHA256";
  char label[] = "key expansion";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master.data(), master.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, label, sizeof label - 1),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, randoms.data(), randoms.size()),
      OSSL_PARAM_construct_end()};
  Bytes block(2 * (kKeySize + kSaltSize));
  CHECK(EVP_KDF_derive(kdf.get(), block.data(), block.size(), parameters) == 1);
  return block;
}

}  // namespace

void attachMemoryBios(SSL* ssl) { SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem())); }

void putDatagram(SSL* ssl, ByteView datagram) {
  static_cast<void>(BIO_reset(SSL_get_rbio(ssl)));
  if (!datagram.empty())
    BIO_write(SSL_get_rbio(ssl), datagram.data(), static_cast<int>(datagram.size()));
}

Datagrams takeRecords(SSL* ssl) {
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(SSL_get_wbio(ssl), &data));
  Datagrams records;
  for (const Record& record : recordsOf({reinterpret_cast<const std::uint8_t*>(data), size})) {
    records.push_back(record.encode());
  }
  static_cast<void>(BIO_reset(SSL_get_wbio(ssl)));
  return records;
}

RawPeer::RawPeer(Role role, const char* ciphers)
    : context_(SSL_CTX_new(role == Role::kServer ? DTLS_server_method() : DTLS_client_method())) {
  SSL_CTX_set_cipher_list(context_.get(), ciphers);
  SSL_CTX_set_max_proto_version(context_.get(), DTLS1_2_VERSION);
  SSL_CTX_set_psk_server_callback(context_.get(), onServerPsk);
  SSL_CTX_set_psk_client_callback(context_.get(), onClientPsk);
  ssl_.reset(SSL_new(context_.get()));
  if (role == Role::kServer) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
  SSL_set_options(ssl_.get(), SSL_OP_NO_QUERY_MTU);
  DTLS_set_link_mtu(ssl_.get(), kDefaultMtu);
  attachMemoryBios(ssl_.get());
}

void RawPeer::deliver(ByteView datagram) {
  ERR_clear_error();
  putDatagram(ssl_.get(), datagram);
  if (SSL_do_handshake(ssl_.get()) != 1) return;
  char buffer[Connection::kMaximumPlaintext];
  int count = 0;
  while ((count = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0)
    texts_.emplace_back(buffer, count);
}

void RawPeer::carry(End& other) {
  constexpr int kMostRounds = 20;
  for (int round = 0; round < kMostRounds; ++round) {
    other.deliver(takeOutbox());
    for (const Bytes& datagram : other.takeOutbox()) deliver(datagram);
  }
}

bool RawPeer::connect(End& other) {
  if (SSL_is_server(ssl_.get()) != 0) {
    other.start();
  } else {
    deliver({});
  }
  carry(other);
  if (SSL_is_init_finished(ssl_.get()) == 0 || other.status != Status::kEstablished) return false;
  deriveKeys();
  return true;
}

void RawPeer::deriveKeys() { key_block_ = deriveKeyBlock(ssl_.get()); }

Bytes RawPeer::seal(std::uint8_t type, std::uint64_t sequence, ByteView plaintext) const {
  const bool server = SSL_is_server(ssl_.get()) != 0;
  const std::uint8_t* key = key_block_.data() + (server ? kKeySize : 0);
  const std::uint8_t* salt = key_block_.data() + 2 * kKeySize + (server ? kSaltSize : 0);

  std::array<std::uint8_t, 8> number{0, 1};  // epoch 1, then the sequence number
  for (std::size_t i = 0; i < 6; ++i)
    number[7 - i] = static_cast<std::uint8_t>(sequence >> (8 * i));
  std::array<std::uint8_t, 12> nonce{};
  std::copy(number.begin(), number.end(), std::copy(salt, salt + kSaltSize, nonce.begin()));
  const auto high = [](std::size_t size) { return static_cast<std::uint8_t>(size >> 8); };
  const auto low = [](std::size_t size) { return static_cast<std::uint8_t>(size); };
  Bytes associated(number.begin(), number.end());
  associated.insert(associated.end(),
                    {type, 0xfe, 0xfd, high(plaintext.size()), low(plaintext.size())});

  constexpr std::size_t kTagSize = 16;
  const std::size_t fragment = number.size() + plaintext.size() + kTagSize;
  Bytes record = {type, 0xfe, 0xfd};
  record.insert(record.end(), number.begin(), number.end());
  record.insert(record.end(), {high(fragment), low(fragment)});
  record.insert(record.end(), number.begin(), number.end());  // the explicit nonce
  const std::size_t sealed = record.size();
  record.resize(sealed + plaintext.size() + kTagSize);

  const OpenSslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> cipher(EVP_CIPHER_CTX_new());
  int count = 0;
  EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, key, nonce.data());
  EVP_EncryptUpdate(cipher.get(), nullptr, &count, associated.data(),
                    static_cast<int>(associated.size()));
  EVP_EncryptUpdate(cipher.get(), record.data() + sealed, &count, plaintext.data(),
                    static_cast<int>(plaintext.size()));
  EVP_EncryptFinal_ex(cipher.get(), record.data() + sealed + count, &count);
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize,
                      record.data() + sealed + plaintext.size());
  return record;
}

}  // namespace qdtls::testing
