#include "access/passwords.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>

#include "base/digest.h"
#include "base/text.h"

namespace carillon::access {

namespace {

constexpr std::size_t shortest = 12;
constexpr std::size_t longest = 256;

std::string argon2id(std::string_view password, const PasswordCost& cost) {
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), cost.passes,
                              cost.memory_mib << 20U, crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw std::runtime_error{"not enough memory to hash a password"};
    return out.data();
}

// Long enough and still among the first that are tried.
constexpr std::array<std::string_view, 12> common{
    "password1234",     "123456789012", "1234567890ab", "qwertyuiop12",
    "passwordpassword", "qwerty123456", "adminadmin12", "administrator",
    "letmeinletmein",   "welcome12345", "йцукенгшщзхъ", "парольпароль"};

}  // namespace

class Passwords::Turns {
public:
    explicit Turns(int free) : free_(free) {}
    void take() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return free_ > 0; });
        --free_;
    }
    void give_back() {
        {
            const std::scoped_lock lock{mutex_};
            ++free_;
        }
        changed_.notify_one();
    }

    class Turn {
    public:
        explicit Turn(Turns& turns) : turns_(turns) { turns_.take(); }
        ~Turn() { turns_.give_back(); }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        Turns& turns_;
    };

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int free_;
};

Passwords::Passwords(PasswordCost cost)
    : cost_(cost), turns_(std::make_unique<Turns>(cost.parallel)) {
    if (sodium_init() < 0) throw std::runtime_error{"libsodium cannot be used here"};
    dummy_ = argon2id(base::random_bytes(16), cost_);
}

Passwords::~Passwords() = default;

std::string Passwords::hash(std::string_view password) const {
    const Turns::Turn turn{*turns_};
    return argon2id(password, cost_);
}

bool Passwords::fits(std::string_view password, const std::string& hash) const {
    const Turns::Turn turn{*turns_};
    const auto& against = hash.empty() ? dummy_ : hash;
    const bool same =
        crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
    return same && !hash.empty();
}

bool Passwords::is_outdated(const std::string& hash) const {
    return crypto_pwhash_str_needs_rehash(hash.c_str(), cost_.passes, cost_.memory_mib << 20U) != 0;
}

base::Result<void> check_new_password(std::string_view password, std::string_view user) {
    if (password.size() > longest)
        return base::fail("password.long", "a password has at most 256 bytes", "$.new");
    if (password.size() < shortest || !base::is_valid_utf8(password))
        return base::fail("password.short", "a password has at least 12 characters", "$.new");
    const auto folded = base::fold_case(password);
    const bool one_letter = folded.find_first_not_of(folded.front()) == std::string::npos;
    const bool is_name = !user.empty() && folded.find(base::fold_case(user)) != std::string::npos &&
                         folded.size() < user.size() + 4;
    if (one_letter || is_name || std::ranges::find(common, folded) != common.end())
        return base::fail("password.plain", "this password would be among the first to be tried",
                          "$.new");
    return {};
}

std::string random_signs(std::size_t count) {
    std::string text;
    for (const char byte : base::random_bytes(count))
        text += signs[static_cast<unsigned char>(byte) % signs.size()];
    return text;
}

std::string random_password() {
    return random_signs(20);
}

}  // namespace carillon::access
