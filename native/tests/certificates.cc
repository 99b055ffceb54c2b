#include "certificates.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace qdtls::testing {
namespace {

using UniqueExtension = OpenSslPtr<X509_EXTENSION, X509_EXTENSION_free>;

template <auto Encode, typename T>
Bytes encode(T* object) {
  Bytes der(static_cast<std::size_t>(Encode(object, nullptr)));
  unsigned char* end = der.data();
  Encode(object, &end);
  return der;
}

void addExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const UniqueExtension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  X509_add_ext(certificate, extension.get(), -1);
}

void setName(X509_NAME* name, const std::string& common_name) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
}

enum class Kind { kLeaf, kAuthority };

// Not signed yet; the issuer's name is for the caller to set.
UniqueX509 draft(EVP_PKEY* key, const Subject& subject, Kind kind) {
  UniqueX509 certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1 | 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), subject.starts_in);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), subject.ends_in);
  setName(X509_get_subject_name(certificate.get()), subject.name);
  X509_set_pubkey(certificate.get(), key);
  addExtension(certificate.get(), NID_basic_constraints,
               kind == Kind::kAuthority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!subject.extended_usage.empty())
    addExtension(certificate.get(), NID_ext_key_usage, subject.extended_usage);
  if (subject.padding > 0)
    addExtension(certificate.get(), NID_netscape_comment, std::string(subject.padding, 'x'));
  return certificate;
}

Bytes signedBy(X509* certificate, X509_NAME* issuer, EVP_PKEY* issuer_key) {
  X509_set_issuer_name(certificate, issuer);
  X509_sign(certificate, issuer_key, EVP_sha256());
  return encode<i2d_X509>(certificate);
}

}  // namespace

UniquePkey makeEcKey(const char* curve) { return UniquePkey(EVP_EC_gen(curve)); }

UniquePkey makeRsaKey(unsigned bits) { return UniquePkey(EVP_RSA_gen(bits)); }

Bytes encodeKey(EVP_PKEY* key) {
  const OpenSslPtr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(EVP_PKEY2PKCS8(key));
  return encode<i2d_PKCS8_PRIV_KEY_INFO>(info.get());
}

UniqueX509 decodeCertificate(ByteView der) {
  const unsigned char* cursor = der.data();
  return UniqueX509(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
}

Authority::Authority(UniquePkey key, const std::string& name)
    : key_(std::move(key)), is_root_(true) {
  Subject subject;
  subject.name = name;
  const UniqueX509 certificate = draft(key_.get(), subject, Kind::kAuthority);
  chain_ = {signedBy(certificate.get(), X509_get_subject_name(certificate.get()), key_.get())};
}

Authority::Authority(UniquePkey key, std::vector<Bytes> chain)
    : key_(std::move(key)), chain_(std::move(chain)) {}

Identity Authority::issue(UniquePkey key, const Subject& subject) const {
  const UniqueX509 own = decodeCertificate(certificate());
  const UniqueX509 leaf = draft(key.get(), subject, Kind::kLeaf);
  Identity identity;
  identity.chain = {signedBy(leaf.get(), X509_get_subject_name(own.get()), key_.get())};
  if (!is_root_) identity.chain.insert(identity.chain.end(), chain_.begin(), chain_.end());
  identity.key = encodeKey(key.get());
  return identity;
}

Authority Authority::delegate(const std::string& name, UniquePkey key) const {
  const UniqueX509 own = decodeCertificate(certificate());
  Subject subject;
  subject.name = name;
  const UniqueX509 certificate = draft(key.get(), subject, Kind::kAuthority);
  std::vector<Bytes> chain = {
      signedBy(certificate.get(), X509_get_subject_name(own.get()), key_.get())};
  if (!is_root_) chain.insert(chain.end(), chain_.begin(), chain_.end());
  return {std::move(key), std::move(chain)};
}

Identity selfSigned(UniquePkey key, const Subject& subject) {
  const UniqueX509 certificate = draft(key.get(), subject, Kind::kLeaf);
  return {{signedBy(certificate.get(), X509_get_subject_name(certificate.get()), key.get())},
          encodeKey(key.get())};
}

}  // namespace qdtls::testing
