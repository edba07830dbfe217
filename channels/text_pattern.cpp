#include "channels/text_pattern.h"

#include <regex.h>

#include <array>

namespace carillon::channels {

namespace {

class Pattern {
public:
    explicit Pattern(const std::string& text)
        : valid_(::regcomp(&compiled_, text.c_str(), REG_EXTENDED) == 0) {}
    ~Pattern() {
        if (valid_) ::regfree(&compiled_);
    }
    Pattern(const Pattern&) = delete;
    Pattern& operator=(const Pattern&) = delete;

    bool valid() const { return valid_; }
    const regex_t& compiled() const { return compiled_; }

private:
    regex_t compiled_{};
    bool valid_;
};

}  // namespace

bool is_pattern(const std::string& pattern) {
    return Pattern{pattern}.valid();
}

std::string first_match(const std::string& pattern, const std::string& text) {
    constexpr std::size_t looked_at_max = 4096;
    const Pattern expression{pattern};
    if (!expression.valid()) return {};
    const auto begun = text.substr(0, looked_at_max);
    std::array<regmatch_t, 2> found{};
    if (::regexec(&expression.compiled(), begun.c_str(), found.size(), found.data(), 0) != 0)
        return {};
    const auto& match = expression.compiled().re_nsub > 0 ? found[1] : found[0];
    if (match.rm_so < 0) return {};
    return begun.substr(static_cast<std::size_t>(match.rm_so),
                        static_cast<std::size_t>(match.rm_eo - match.rm_so));
}

}  // namespace carillon::channels
