#include "channels/dkim.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/digest.h"
#include "base/text.h"

namespace carillon::channels {

namespace {

// In the order they are listed in h=; only those present are signed.
constexpr std::array<std::string_view, 10> signed_fields{"From",
                                                         "To",
                                                         "Subject",
                                                         "Date",
                                                         "Message-ID",
                                                         "MIME-Version",
                                                         "Content-Type",
                                                         "List-Unsubscribe",
                                                         "List-Unsubscribe-Post",
                                                         "Reply-To"};
// Signed once more than present, so that nobody can add a second one (RFC 6376 section 8.15).
constexpr std::array<std::string_view, 2> oversigned_fields{"From", "Subject"};

struct Field {
    std::string_view name{};
    std::string_view value{};  // with its folds, without the last CRLF
};

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::ranges::equal(a, b, [](char x, char y) {
               const auto lower = [](char c) {
                   return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
               };
               return lower(x) == lower(y);
           });
}

// The message up to the empty line, as fields.
std::vector<Field> fields_of(std::string_view head) {
    std::vector<Field> fields;
    while (!head.empty()) {
        auto end = head.find("\r\n");
        while (end != std::string_view::npos && end + 2 < head.size() && is_blank(head[end + 2]))
            end = head.find("\r\n", end + 2);
        if (end == std::string_view::npos) end = head.size();
        const auto field = head.substr(0, end);
        const auto colon = field.find(':');
        if (colon != std::string_view::npos)
            fields.push_back({base::trim(field.substr(0, colon)), field.substr(colon + 1)});
        head.remove_prefix(std::min(end + 2, head.size()));
    }
    return fields;
}

// RFC 6376 section 3.4.2: unfold, white space runs become one space, none at the ends.
void append_relaxed(std::string& out, std::string_view name, std::string_view value) {
    out += base::fold_case(name);
    out += ':';
    bool space = false;
    const auto start = out.size();
    for (const char c : value) {
        if (is_blank(c) || c == '\r' || c == '\n') {
            space = true;
            continue;
        }
        if (space && out.size() > start) out += ' ';
        space = false;
        out += c;
    }
}

struct Parts {
    std::string_view head{};
    std::string_view body{};
};

Parts parts_of(std::string_view message) {
    const auto end = message.find("\r\n\r\n");
    if (end == std::string_view::npos) return {message, {}};
    return {message.substr(0, end + 2), message.substr(end + 4)};
}

// Section 3.4.4: white space at line ends goes, runs become one space, empty lines at the end go.
std::string relaxed_body(std::string_view body) {
    std::string out;
    out.reserve(body.size() + 2);
    std::size_t kept = 0;  // up to the end of the last line that is not empty
    while (!body.empty()) {
        const auto end = std::min(body.find("\r\n"), body.size());
        bool space = false;
        for (const char c : body.substr(0, end)) {
            if (is_blank(c)) {
                space = true;
                continue;
            }
            if (space) out += ' ';
            space = false;
            out += c;
        }
        const bool empty_line = out.empty() || out.back() == '\n';
        out += "\r\n";
        if (!empty_line) kept = out.size();
        body.remove_prefix(std::min(end + 2, body.size()));
    }
    out.resize(kept);
    return out;
}

// Section 5.4.2: several fields of one name are taken from the bottom up; one too many is the empty
// string.
std::string signing_input(std::string_view message, const std::vector<std::string>& names,
                          std::string_view signature_field) {
    const auto fields = fields_of(parts_of(message).head);
    std::vector<bool> used(fields.size(), false);
    std::string input;
    for (const auto& name : names) {
        for (std::size_t i = fields.size(); i-- > 0;) {
            if (used[i] || !same_name(fields[i].name, name)) continue;
            used[i] = true;
            append_relaxed(input, fields[i].name, fields[i].value);
            input += "\r\n";
            break;
        }
    }
    const auto colon = signature_field.find(':');
    append_relaxed(input, signature_field.substr(0, colon), signature_field.substr(colon + 1));
    return input;
}

std::vector<std::string> names_to_sign(std::string_view message) {
    const auto fields = fields_of(parts_of(message).head);
    std::vector<std::string> names;
    for (const auto name : signed_fields)
        for (const auto& field : fields)
            if (same_name(field.name, name)) names.emplace_back(name);
    for (const auto name : oversigned_fields) names.emplace_back(name);
    return names;
}

bool is_domain_text(std::string_view text) {
    return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_';
    });
}

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};

}  // namespace

struct DkimSigner::Key {
    std::unique_ptr<EVP_PKEY, FreeKey> key{};
    bool is_rsa{true};
};

base::Result<DkimSigner> DkimSigner::create(Identity identity, std::string_view private_key_pem) {
    if (!is_domain_text(identity.domain) || !is_domain_text(identity.selector))
        return base::fail(
            "dkim.identity_invalid",
            "DKIM needs a domain and a selector of letters, digits, '.', '-' and '_'.");
    const std::unique_ptr<BIO, FreeBio> bio{
        BIO_new_mem_buf(private_key_pem.data(), static_cast<int>(private_key_pem.size()))};
    // An encrypted key must fail, not ask on the terminal.
    const auto no_password = [](char*, int, int, void*) { return -1; };
    auto key = std::make_shared<Key>();
    key->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    const int type = key->key ? EVP_PKEY_base_id(key->key.get()) : EVP_PKEY_NONE;
    const bool strong_rsa = type == EVP_PKEY_RSA && EVP_PKEY_bits(key->key.get()) >= 1024;
    if (!strong_rsa && type != EVP_PKEY_ED25519)
        return base::fail(
            "dkim.key_invalid",
            "Expected a private key in PEM form without a password: RSA of at least 1024 "
            "bits, or Ed25519.");
    key->is_rsa = type == EVP_PKEY_RSA;
    return DkimSigner{std::move(identity), std::move(key)};
}

std::string DkimSigner::sign(std::string_view message, base::Instant when) const {
    constexpr std::size_t characters_per_line = 72;
    const auto names = names_to_sign(message);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
    std::string field = "DKIM-Signature: v=1; a=";
    field += key_->is_rsa ? "rsa-sha256" : "ed25519-sha256";
    field += "; c=relaxed/relaxed;\r\n d=" + identity_.domain + "; s=" + identity_.selector +
             ";\r\n t=" + std::to_string(seconds) + ";\r\n h=";
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) field += i % 4 == 0 ? ":\r\n  " : ":";
        field += names[i];
    }
    field += ";\r\n bh=" + dkim_body_hash(parts_of(message).body) + ";\r\n b=";
    const auto signature = signature_of(message, names, field);
    for (std::size_t at = 0; at < signature.size(); at += characters_per_line) {
        if (at > 0) field += "\r\n  ";
        field.append(signature, at, characters_per_line);
    }
    return field + "\r\n";
}

std::string DkimSigner::signature_of(std::string_view message,
                                     const std::vector<std::string>& names,
                                     std::string_view field) const {
    auto input = signing_input(message, names, field);
    // RFC 8463 section 3: Ed25519 signs the SHA-256 of the input; RSA does the hashing itself.
    if (!key_->is_rsa) input = base::sha256(input);
    const std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
    const auto* data = reinterpret_cast<const unsigned char*>(input.data());
    std::size_t size = 0;
    std::string signature(512 * 2, '\0');
    size = signature.size();
    const bool signed_well =
        EVP_DigestSignInit(context.get(), nullptr, key_->is_rsa ? EVP_sha256() : nullptr, nullptr,
                           key_->key.get()) == 1 &&
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       data, input.size()) == 1;
    if (!signed_well) throw std::runtime_error("DKIM: OpenSSL could not sign with a checked key");
    signature.resize(size);
    return base::to_base64(signature);
}

std::string DkimSigner::dns_record() const {
    if (!key_->is_rsa) {
        std::string raw(32, '\0');
        std::size_t size = raw.size();
        EVP_PKEY_get_raw_public_key(key_->key.get(), reinterpret_cast<unsigned char*>(raw.data()),
                                    &size);
        return "v=DKIM1; k=ed25519; p=" + base::to_base64(raw);
    }
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key_->key.get(), &der);
    const std::string raw{reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)};
    OPENSSL_free(der);
    return "v=DKIM1; k=rsa; p=" + base::to_base64(raw);
}

std::string dkim_body_hash(std::string_view body) {
    return base::to_base64(base::sha256(relaxed_body(body)));
}

}  // namespace carillon::channels
