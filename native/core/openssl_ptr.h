#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace qdtls {

template <auto Free>
struct OpenSslDeleter final {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

template <typename T, auto Free>
using OpenSslPtr = std::unique_ptr<T, OpenSslDeleter<Free>>;

using UniqueBio = OpenSslPtr<BIO, BIO_free>;
using UniqueBioMethod = OpenSslPtr<BIO_METHOD, BIO_meth_free>;
using UniqueMac = OpenSslPtr<EVP_MAC, EVP_MAC_free>;
using UniqueMacCtx = OpenSslPtr<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using UniquePkey = OpenSslPtr<EVP_PKEY, EVP_PKEY_free>;
using UniqueSsl = OpenSslPtr<SSL, SSL_free>;
using UniqueSslConf = OpenSslPtr<SSL_CONF_CTX, SSL_CONF_CTX_free>;
using UniqueSslCtx = OpenSslPtr<SSL_CTX, SSL_CTX_free>;
using UniqueX509 = OpenSslPtr<X509, X509_free>;
using UniqueX509Store = OpenSslPtr<X509_STORE, X509_STORE_free>;

}  // namespace qdtls
