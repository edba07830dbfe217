#include "channels/certificate_chain.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace carillon::channels {

namespace {

struct Free {
    void operator()(X509* one) const { X509_free(one); }
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
    void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
    void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
};

base::Result<void> refused(const std::string& why) {
    return base::fail("tls.certificate_refused", "certificate: " + why);
}

std::unique_ptr<X509, Free> certificate_of(const std::string& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    return std::unique_ptr<X509, Free>{d2i_X509(nullptr, &bytes, static_cast<long>(der.size()))};
}

}  // namespace

base::Result<void> check_certificates(const std::vector<std::string>& der, const std::string& host,
                                      const std::string& ca_file) {
    if (der.empty()) return refused("the server showed none");
    const auto own = certificate_of(der.front());
    if (!own) return refused("it cannot be read");
    const std::unique_ptr<STACK_OF(X509), Free> others{sk_X509_new_null()};
    for (std::size_t i = 1; i < der.size(); ++i)
        if (auto one = certificate_of(der[i])) sk_X509_push(others.get(), one.release());
    const std::unique_ptr<X509_STORE, Free> store{X509_STORE_new()};
    const int loaded = ca_file.empty() ? X509_STORE_set_default_paths(store.get())
                                       : X509_STORE_load_file(store.get(), ca_file.c_str());
    if (loaded != 1) return base::fail("tls.ca_unreadable", "no authorities in " + ca_file);
    const std::unique_ptr<X509_STORE_CTX, Free> context{X509_STORE_CTX_new()};
    X509_STORE_CTX_init(context.get(), store.get(), own.get(), others.get());
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
    if (X509_verify_cert(context.get()) != 1)
        return refused(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
    const bool named = X509_check_ip_asc(own.get(), host.c_str(), 0) == 1 ||
                       X509_check_host(own.get(), host.c_str(), host.size(),
                                       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
    if (!named) return refused("it is not for " + host);
    return {};
}

}  // namespace carillon::channels
