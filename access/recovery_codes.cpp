#include "access/recovery_codes.h"

#include "access/passwords.h"
#include "base/digest.h"
#include "db/queries.h"

namespace carillon::access {

namespace {

constexpr std::size_t code_signs = 16;  // of five bits each
constexpr std::size_t group_signs = 4;

// With the installation's secret and the user in it, so that no table of hashes made elsewhere, nor
// another user's row, fits.
std::string digest_of_code(db::Connection& connection, std::int64_t user, std::string_view code) {
    const auto key = connection.value<std::string>(db::queries::instance_secret).value_or("");
    return base::to_hex(base::hmac_sha256(
        key, "recovery code of user " + std::to_string(user) + ":" + std::string{code}));
}

}  // namespace

std::string new_recovery_code() {
    const auto random = random_signs(code_signs);
    std::string code;
    for (std::size_t i = 0; i < random.size(); ++i) {
        if (i > 0 && i % group_signs == 0) code += '-';
        code += random[i];
    }
    return code;
}

std::optional<std::string> recovery_code_in(std::string_view typed) {
    std::string code;
    for (const char c : typed) {
        if (c == ' ' || c == '-') continue;
        const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (code.size() == code_signs || signs.find(low) == std::string_view::npos)
            return std::nullopt;
        code += low;
    }
    if (code.size() != code_signs) return std::nullopt;
    return code;
}

std::vector<std::string> renew_recovery_codes(db::Connection& connection, std::int64_t user,
                                              base::Instant now) {
    remove_recovery_codes(connection, user);
    std::vector<std::string> codes;
    for (int i = 0; i < recovery_codes_made; ++i) {
        codes.push_back(new_recovery_code());
        connection.execute(
            db::queries::insert_recovery_code,
            {user, digest_of_code(connection, user, recovery_code_in(codes.back()).value()), now});
    }
    return codes;
}

bool spend_recovery_code(db::Connection& connection, std::int64_t user, std::string_view typed,
                         base::Instant now) {
    const auto code = recovery_code_in(typed);
    return code && connection.execute(db::queries::spend_recovery_code,
                                      {now, user, digest_of_code(connection, user, *code)}) == 1;
}

std::int64_t recovery_codes_left(db::Connection& connection, std::int64_t user) {
    return connection.value<std::int64_t>(db::queries::count_recovery_codes, {user}).value_or(0);
}

void remove_recovery_codes(db::Connection& connection, std::int64_t user) {
    connection.execute(db::queries::delete_recovery_codes, {user});
}

}  // namespace carillon::access
