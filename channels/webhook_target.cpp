#include "channels/webhook_target.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/text.h"

namespace carillon::channels {

namespace {

constexpr std::size_t url_max = 1000;

struct Range4 {
    std::uint32_t network;
    int bits;
};

constexpr std::uint32_t four(unsigned a, unsigned b, unsigned c, unsigned d) {
    return a << 24U | b << 16U | c << 8U | d;
}

// Everything that is not globally reachable, and multicast.
constexpr std::array<Range4, 15> inside4{{{four(0, 0, 0, 0), 8},
                                          {four(10, 0, 0, 0), 8},
                                          {four(100, 64, 0, 0), 10},
                                          {four(127, 0, 0, 0), 8},
                                          {four(169, 254, 0, 0), 16},
                                          {four(172, 16, 0, 0), 12},
                                          {four(192, 0, 0, 0), 24},
                                          {four(192, 0, 2, 0), 24},
                                          {four(192, 88, 99, 0), 24},
                                          {four(192, 168, 0, 0), 16},
                                          {four(198, 18, 0, 0), 15},
                                          {four(198, 51, 100, 0), 24},
                                          {four(203, 0, 113, 0), 24},
                                          {four(224, 0, 0, 0), 4},
                                          {four(240, 0, 0, 0), 4}}};

bool is_public4(std::span<const unsigned char> b) {
    const auto address = four(b[0], b[1], b[2], b[3]);
    return std::ranges::none_of(inside4, [&](const Range4& range) {
        const auto mask = ~std::uint32_t{0} << (32 - range.bits);
        return (address & mask) == range.network;
    });
}

bool starts_with(std::span<const unsigned char> bytes, std::initializer_list<unsigned char> head) {
    return std::equal(head.begin(), head.end(), bytes.begin());
}

bool is_public6(std::span<const unsigned char> b) {
    const bool mapped = starts_with(b, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff});
    const bool translated = starts_with(b, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0});
    if (mapped || translated) return is_public4(b.subspan(12));
    if (starts_with(b, {0x20, 0x02})) return is_public4(b.subspan(2, 4));  // 6to4
    if (starts_with(b, {0x20, 0x01, 0x0d, 0xb8})) return false;            // documentation
    if (starts_with(b, {0x20, 0x01}) && b[2] < 2) return false;            // protocol assignments
    return (b[0] & 0xe0U) == 0x20;  // global unicast is 2000::/3 and nothing else
}

struct Authority {
    std::string_view host{};
    std::string_view port{};
    bool good{true};
};

// "[::1]:8443", "bank.test:8443", "bank.test".
Authority split_authority(std::string_view text) {
    Authority found;
    auto rest = text;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return {.good = false};
        found.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        const auto colon = std::min(text.find(':'), text.size());
        found.host = text.substr(0, colon);
        rest = text.substr(colon);
    }
    if (rest.empty()) return found;
    found.port = rest.substr(1);
    int number = 0;
    const auto* end = found.port.data() + found.port.size();
    const auto [stop, error] = std::from_chars(found.port.data(), end, number);
    found.good =
        rest.front() == ':' && error == std::errc{} && stop == end && number > 0 && number < 65'536;
    return found;
}

// Letters, digits, dots and dashes, or an IPv6 address: no "0x7f.1" in another writing is let
// through by this alone, but what it resolves to is looked at before the connection.
bool is_host(std::string_view host) {
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET6, std::string{host}.c_str(), bytes.data()) == 1) return true;
    return !host.empty() && host.size() <= 253 &&
           host.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
               ".-") == std::string_view::npos;
}

}  // namespace

bool is_public_address(std::span<const unsigned char> bytes) {
    if (bytes.size() == 4) return is_public4(bytes);
    return bytes.size() == 16 && is_public6(bytes);
}

bool may_name_host(std::string_view host) {
    std::array<unsigned char, 16> bytes{};
    const std::string text{host};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
        return is_public_address(std::span{bytes}.first(4));
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return is_public_address(bytes);
    auto lower = base::fold_case(host);
    if (lower.ends_with('.')) lower.pop_back();
    return lower != "localhost" && !lower.ends_with(".localhost");
}

base::Result<void> check_webhook_url(std::string_view url, const WebhookRules& rules) {
    const auto bad = [](std::string why) { return base::fail("webhook.url", std::move(why)); };
    const bool secure = url.starts_with("https://");
    if (!secure && !url.starts_with("http://")) return bad("must begin with https://");
    if (!secure && !rules.allow_http)
        return bad("must begin with https:// (or set webhooks.allow_http)");
    const bool is_plain = std::ranges::all_of(
        url, [](char c) { return c > ' ' && c < 0x7f && c != '\\' && c != '"' && c != '#'; });
    if (url.size() > url_max || !is_plain)
        return bad("at most 1000 printable ASCII characters, without a fragment");
    const auto rest = url.substr(url.find("://") + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?"));
    if (authority.find('@') != std::string_view::npos)
        return bad("must not hold a user or a password");
    const auto parts = split_authority(authority);
    if (!parts.good || !is_host(parts.host)) return bad("needs a host name, and a port if any");
    if (!rules.allow_private && !may_name_host(parts.host))
        return bad(
            "must not point into this machine or a private network (or set "
            "webhooks.private_targets)");
    return {};
}

}  // namespace carillon::channels
