#include "record_size.h"

#include <openssl/evp.h>
#include <openssl/objects.h>

#include "cipher_list.h"
#include "record.h"

namespace qdtls {

std::size_t shortestFragment(const SSL_CIPHER* cipher) {
  if (SSL_CIPHER_is_aead(cipher) == 0) return 1;
  const std::size_t nonce = SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305 ? 0 : 8;
  return nonce + (isCcm8(cipher) ? 8 : 16);
}

std::uint16_t fixedOverhead(const SSL_CIPHER* cipher) {
  if (SSL_CIPHER_is_aead(cipher) == 0) return 0;
  return static_cast<std::uint16_t>(RecordHeader::kSize + shortestFragment(cipher));
}

std::size_t sealedSize(const SSL_CIPHER* cipher, std::size_t plaintext) {
  if (const std::uint16_t overhead = fixedOverhead(cipher)) return overhead + plaintext;
  const EVP_CIPHER* encryption = EVP_get_cipherbynid(SSL_CIPHER_get_cipher_nid(cipher));
  // For a suite without encryption there is none, and OpenSSL 3.0 does not check what it is given.
  const auto block = static_cast<std::size_t>(encryption != nullptr ? EVP_CIPHER_get_block_size(encryption) : 1);
  const auto mac = static_cast<std::size_t>(EVP_MD_get_size(EVP_get_digestbynid(SSL_CIPHER_get_digest_nid(cipher))));
  if (block <= 1) return RecordHeader::kSize + plaintext + mac;
  const std::size_t padded = (plaintext + mac) / block * block + block;  // one byte of padding or more
  return RecordHeader::kSize + block + padded;
}

}  // namespace qdtls
