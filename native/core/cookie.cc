#include "cookie.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>

#include "error_scope.h"

namespace qdtls {

Result<CookieGenerator> CookieGenerator::create(const std::string& digest, ByteView secret) {
  const ErrorScope errors;
  if (secret.empty()) return Error{"the cookie secret is empty"};
  const UniqueMac hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  UniqueMacCtx keyed(hmac ? EVP_MAC_CTX_new(hmac.get()) : nullptr);
  std::string name = digest;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()),
                                   OSSL_PARAM_construct_end()};
  if (!keyed || EVP_MAC_init(keyed.get(), secret.data(), secret.size(), parameters) != 1) {
    return Error{"the cookie hash \"" + digest + "\" is not available: " + errors.drain()};
  }
  return CookieGenerator(std::move(keyed));
}

Cookie CookieGenerator::generate(const Peer& peer, ByteView bound_to) const {
  const ErrorScope errors;
  std::array<std::uint8_t, 2 + 16> input{};
  input[0] = static_cast<std::uint8_t>(peer.port & 0xff);
  input[1] = static_cast<std::uint8_t>(peer.port >> 8);
  const ByteView address = peer.address.subview(0, std::min<std::size_t>(peer.address.size(), 16));
  auto* end = std::copy(address.data(), address.data() + address.size(), input.data() + 2);
  if (address.size() == 4) std::reverse(input.data() + 2, end);

  Cookie cookie;
  // Starting again without a key keeps the key that create() set, and allocates nothing.
  if (EVP_MAC_init(keyed_.get(), nullptr, 0, nullptr) != 1 ||
      EVP_MAC_update(keyed_.get(), input.data(), 2 + address.size()) != 1 ||
      EVP_MAC_update(keyed_.get(), bound_to.data(), bound_to.size()) != 1 ||
      EVP_MAC_final(keyed_.get(), cookie.bytes.data(), &cookie.size, cookie.bytes.size()) != 1) {
    cookie.size = 0;
  }
  return cookie;
}

bool CookieGenerator::matches(const Peer& peer, ByteView cookie, ByteView bound_to) const {
  const Cookie expected = generate(peer, bound_to);
  return expected.size != 0 && expected.size == cookie.size() &&
         CRYPTO_memcmp(expected.bytes.data(), cookie.data(), expected.size) == 0;
}

}  // namespace qdtls
