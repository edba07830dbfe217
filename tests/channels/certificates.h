// Throw-away certificates for tests, good and bad ones, made in memory and written to PEM files.
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace carillon::testing {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

struct Identity {
    Key key{};
    Certificate certificate{};
};

struct CertificateWish {
    std::string names{"DNS:localhost,IP:127.0.0.1"};  // subjectAltName
    bool expired{false};
    const Identity* issuer{};  // nullptr: self-signed
    bool authority{false};
};

inline void add_extension(X509* certificate, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    auto* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

inline Identity make_identity(const CertificateWish& wish) {
    static long serial = 1;
    Identity made;
    made.key = {EVP_EC_gen("P-256"), EVP_PKEY_free};
    made.certificate = {X509_new(), X509_free};
    auto* certificate = made.certificate.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    constexpr long hour = 3600;
    X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * hour);
    X509_gmtime_adj(X509_getm_notAfter(certificate), wish.expired ? -hour : hour);
    X509_set_pubkey(certificate, made.key.get());
    auto* name = X509_get_subject_name(certificate);
    const std::string title = wish.authority ? "Test CA" : "test server";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(title.c_str()), -1, -1, 0);
    const auto& issuer = wish.issuer != nullptr ? *wish.issuer : made;
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate.get()));
    add_extension(certificate, NID_basic_constraints,
                  wish.authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!wish.authority) add_extension(certificate, NID_subject_alt_name, wish.names);
    X509_sign(certificate, issuer.key.get(), EVP_sha256());
    return made;
}

struct PemFiles {
    std::string certificate{};
    std::string key{};
};

inline PemFiles write_pem(const Identity& identity, const std::filesystem::path& folder,
                          const std::string& name) {
    const PemFiles files{(folder / (name + ".pem")).string(), (folder / (name + ".key")).string()};
    auto* out = std::fopen(files.certificate.c_str(), "w");
    PEM_write_X509(out, identity.certificate.get());
    std::fclose(out);
    out = std::fopen(files.key.c_str(), "w");
    PEM_write_PrivateKey(out, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    return files;
}

}  // namespace carillon::testing
