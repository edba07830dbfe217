// Passwords as Argon2id hashes in PHC form (RFC 9106; libsodium). Parameters: settings access.*.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace carillon::access {

struct PasswordCost {
    std::size_t memory_mib{64};  // for one hash; at most `parallel` are made at one time
    unsigned passes{3};
    int parallel{4};
};

// Safe from several threads. A hash takes memory and time on purpose, so only a few run side by
// side; the rest wait their turn.
class Passwords {
public:
    explicit Passwords(PasswordCost cost);
    ~Passwords();
    Passwords(const Passwords&) = delete;
    Passwords& operator=(const Passwords&) = delete;

    std::string hash(std::string_view password) const;
    // With an empty `hash` it takes as long and is false: an unknown user is not told by the clock.
    bool fits(std::string_view password, const std::string& hash) const;
    bool is_outdated(const std::string& hash) const;  // made with other parameters

private:
    class Turns;
    PasswordCost cost_;
    std::unique_ptr<Turns> turns_;
    std::string dummy_;
};

// Errors: password.short (under 12 characters), password.long (over 256 bytes), password.plain (the
// user's name, one character over and over, or among the most common ones).
base::Result<void> check_new_password(std::string_view password, std::string_view user);

// Signs that people read to each other: no 0, 1, l, o. Each is five bits.
inline constexpr std::string_view signs = "abcdefghijkmnpqrstuvwxyz23456789";
static_assert(signs.size() == 32);
std::string random_signs(std::size_t count);

// 20 signs, 100 bits.
std::string random_password();

}  // namespace carillon::access
