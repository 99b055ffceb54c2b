#include "negotiation.h"

#include <openssl/srtp.h>

#include "context.h"

namespace qdtls {
namespace {

constexpr std::size_t kLongestProtocolName = 255;  // RFC 7301 section 3.1: its length has 8 bits

}  // namespace

std::string AlpnProtocols::install(SSL_CTX* context, Role role,
                                   const std::vector<ByteView>& names) {
  if (names.empty()) return {};
  for (const ByteView name : names) {
    if (name.empty() || name.size() > kLongestProtocolName)
      return "an application protocol has 1 to 255 bytes";
    list_.push_back(static_cast<std::uint8_t>(name.size()));
    list_.insert(list_.end(), name.data(), name.data() + name.size());
  }
  if (role == Role::kServer) {
    SSL_CTX_set_alpn_select_cb(context, &AlpnProtocols::onSelection, this);
    return {};
  }
  // Unlike its neighbours it returns 0 for success.
  const int failed =
      SSL_CTX_set_alpn_protos(context, list_.data(), static_cast<unsigned>(list_.size()));
  return failed == 0 ? "" : "the application protocols cannot be offered";
}

int AlpnProtocols::onSelection(SSL* /*ssl*/, const unsigned char** selected,
                               unsigned char* selected_length, const unsigned char* offered,
                               unsigned offered_length, void* self) {
  const Bytes& ours = static_cast<const AlpnProtocols*>(self)->list_;
  unsigned char* choice = nullptr;  // into one of the two lists
  const int result =
      SSL_select_next_proto(&choice, selected_length, ours.data(),
                            static_cast<unsigned>(ours.size()), offered, offered_length);
  *selected = choice;
  // Fatal is the alert no_application_protocol. Going on without a protocol is what RFC 7301
  // section 3.2 forbids.
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Unlike its neighbours SSL_CTX_set_tlsext_use_srtp() returns 0 for success.
std::string setSrtp(SSL_CTX* context, const ContextOptions& options, const ErrorScope& /*errors*/) {
  std::string list;
  for (const std::string& profile : options.srtp_profiles) {
    // One by one, so that the message can say which. A colon would make two of one.
    const bool is_name = profile.find(':') == std::string::npos;
    if (!is_name || SSL_CTX_set_tlsext_use_srtp(context, profile.c_str()) != 0) {
      return "the SRTP profile \"" + profile + "\" is unknown";
    }
    list += (list.empty() ? "" : ":") + profile;
  }
  if (!list.empty() && SSL_CTX_set_tlsext_use_srtp(context, list.c_str()) != 0) {
    return "the SRTP profiles \"" + list + "\" cannot be used together";
  }
  return {};
}

ByteView Negotiation::protocol() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_, &name, &length);
  return {name, length};
}

std::string Negotiation::srtpProfile() const {
  const SRTP_PROTECTION_PROFILE* profile = SSL_get_selected_srtp_profile(ssl_);
  return profile != nullptr ? profile->name : "";
}

Result<SecretBytes> Negotiation::exportKeys(std::size_t length, ByteView label,
                                            std::optional<ByteView> context) const {
  const ErrorScope errors;
  const ByteView mixed_in = context.value_or(ByteView());
  // OpenSSL would take its length modulo 65536.
  if (mixed_in.size() > kMaximumExportContext)
    return Error{"the context of exported keys has at most 65535 bytes"};
  SecretBytes keys{Bytes(length)};
  const int done = SSL_export_keying_material(
      ssl_, keys.room().data(), length, reinterpret_cast<const char*>(label.data()), label.size(),
      mixed_in.data(), mixed_in.size(), context ? 1 : 0);
  if (done == 1) return keys;
  // OpenSSL 3.0 expands at most 1024 bytes: label, context with its length, and both randoms. It
  // says "internal error".
  const bool is_long = label.size() + mixed_in.size() > kSafeExportInput;
  return Error{"keys cannot be exported: " +
               (is_long ? "label and context are too long for this OpenSSL" : errors.drain())};
}

}  // namespace qdtls
