#include "campaigns/link_check.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "campaigns/link_tracking.h"

namespace carillon::campaigns {

namespace {

constexpr std::string_view nowhere = "leads nowhere";
constexpr std::string_view no_address = "is no address of the web";
constexpr std::string_view inner = "leads to a machine that clients cannot reach";
constexpr std::string_view example = "leads to a name that exists in examples only";
constexpr std::string_view open_text = "is not encrypted (http instead of https)";

bool ends_a_host(char c) {
    return c == '/' || c == '?' || c == '#';
}

bool is_under(std::string_view host, std::string_view domain) {
    if (!host.ends_with(domain)) return false;
    return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

// Numbers of an IPv4 address in its usual form; empty when it is none.
std::vector<int> numbers_of(std::string_view host) {
    std::vector<int> numbers;
    for (const auto part : base::split(host, '.')) {
        int number = -1;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (error != std::errc{} || end != part.data() + part.size()) return {};
        numbers.push_back(number);
    }
    return numbers.size() == 4 ? numbers : std::vector<int>{};
}

// RFC 1918, RFC 3927 and the machine itself.
bool is_inner_number(const std::vector<int>& numbers) {
    if (numbers.empty()) return false;
    const int first = numbers[0];
    const int second = numbers[1];
    return first == 0 || first == 10 || first == 127 || (first == 169 && second == 254) ||
           (first == 192 && second == 168) || (first == 172 && second >= 16 && second <= 31);
}

std::string_view fault_of_host(std::string_view host) {
    constexpr std::array<std::string_view, 4> ours{"localhost", "local", "internal", "lan"};
    constexpr std::array<std::string_view, 6> examples{"example",     "test",        "invalid",
                                                       "example.com", "example.net", "example.org"};
    const auto within = [&](const auto& domains) {
        return std::ranges::any_of(domains, [&](auto domain) { return is_under(host, domain); });
    };
    if (within(examples)) return example;
    if (within(ours) || is_inner_number(numbers_of(host)) || host.starts_with('[') ||
        host.find('.') == std::string_view::npos)
        return inner;
    return {};
}

std::string_view fault_of_web(std::string_view rest, bool is_whole) {
    const auto end =
        static_cast<std::size_t>(std::ranges::find_if(rest, ends_a_host) - rest.begin());
    if (end == rest.size() && !is_whole) return {};  // the name goes on with a field
    auto host = rest.substr(0, end);
    host.remove_prefix(std::min(host.size(), host.rfind('@') + 1));
    if (const auto port = host.rfind(':'); port != std::string_view::npos && !host.ends_with(']'))
        host = host.substr(0, port);
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty()) return nowhere;
    return fault_of_host(base::fold_case(host));
}

// Web addresses that stand in a text, without the mark of a sentence behind them.
std::vector<std::string> addresses_in(std::string_view text) {
    std::vector<std::string> found;
    for (std::size_t at = text.find("http"); at != std::string_view::npos;
         at = text.find("http", at + 4)) {
        const auto rest = text.substr(at);
        if (!rest.starts_with("http://") && !rest.starts_with("https://")) continue;
        auto link = rest.substr(0, rest.find_first_of(" \t\r\n<>\"'"));
        while (!link.empty() && std::string_view{".,;:!?)"}.find(link.back()) != link.npos)
            link.remove_suffix(1);
        found.emplace_back(link);
    }
    return found;
}

}  // namespace

std::string_view fault_of_link(std::string_view link) {
    link = base::trim(link);
    const auto field = link.find("{{");
    const bool is_whole = field == std::string_view::npos;
    if (field == 0) return {};
    link = link.substr(0, field);
    if (link.empty() || link == "#") return nowhere;
    if (link.starts_with('#')) return {};  // a place in the same mail
    const auto colon = link.find(':');
    if (colon == std::string_view::npos) return is_whole ? no_address : std::string_view{};
    const auto scheme = base::fold_case(link.substr(0, colon));
    const auto rest = link.substr(colon + 1);
    if (scheme == "mailto" || scheme == "tel" || scheme == "sms")
        return rest.empty() && is_whole ? nowhere : std::string_view{};
    if ((scheme != "https" && scheme != "http") || !rest.starts_with("//")) return no_address;
    const auto fault = fault_of_web(rest.substr(2), is_whole);
    return fault.empty() && scheme == "http" ? open_text : fault;
}

std::vector<FaultyLink> faulty_links(const templates::LocalizedParts& parts) {
    auto links = links_of(parts.html);
    for (auto& link : addresses_in(parts.text)) links.push_back(std::move(link));
    std::vector<FaultyLink> faulty;
    for (auto& link : links) {
        FaultyLink one{std::move(link), {}};
        one.fault = fault_of_link(one.link);
        if (!one.fault.empty() && std::ranges::find(faulty, one) == faulty.end())
            faulty.push_back(std::move(one));
    }
    return faulty;
}

}  // namespace carillon::campaigns
