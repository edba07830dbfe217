#include "channels/address_block.h"

#include <algorithm>
#include <optional>
#include <span>

#include "base/country.h"
#include "base/json.h"
#include "base/text.h"
#include "channels/page_document.h"

namespace carillon::channels {

namespace {

using base::Result;

// Where the last parts stand, as the country's post wants them.
enum class Order {
    street_city_region_postcode,  // Russia: each on a line of its own
    street_town_postcode,         // United Kingdom: post town in capitals, then the postcode
    street_postcode_city,         // most of Europe: "10117 Berlin"
    street_city_region_code,      // United States: "Springfield, IL 62701"
};

// '9' is a digit, 'A' a letter, '*' a letter or digit, ' ' a space that may be missing; the first
// pattern says how the code is printed.
struct Country {
    std::string_view code{};
    Order order{};
    std::span<const std::string_view> postcodes{};  // empty: anything, also none
    bool needs_region{false};
};

constexpr std::string_view russian_codes[] = {"999999"};
constexpr std::string_view british_codes[] = {"A9 9AA",  "A99 9AA",  "A9A 9AA",
                                              "AA9 9AA", "AA99 9AA", "AA9A 9AA"};
constexpr std::string_view german_codes[] = {"99999"};
constexpr std::string_view czech_codes[] = {"999 99"};
constexpr std::string_view american_codes[] = {"99999", "99999-9999"};

constexpr Country countries[] = {
    {"RU", Order::street_city_region_postcode, russian_codes, false},
    {"GB", Order::street_town_postcode, british_codes, false},
    {"DE", Order::street_postcode_city, german_codes, false},
    {"CZ", Order::street_postcode_city, czech_codes, false},
    {"US", Order::street_city_region_code, american_codes, true},
};
constexpr Country any_country{"", Order::street_postcode_city, {}, false};

const Country& country_of(std::string_view code) {
    const auto* found = std::ranges::find(countries, code, &Country::code);
    return found == std::end(countries) ? any_country : *found;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The text as the pattern prints it; nothing when it does not fit.
std::optional<std::string> fitted(std::string_view text, std::string_view pattern) {
    std::string out;
    std::size_t at = 0;
    for (const char want : pattern) {
        if (want == ' ') {
            if (at < text.size() && text[at] == ' ') ++at;
            out += ' ';
            continue;
        }
        if (at == text.size()) return std::nullopt;
        const char c = text[at++];
        const bool fits = want == '9' ? is_digit(c) : want == 'A' ? is_letter(c) : c == want;
        if (!fits) return std::nullopt;
        out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return at == text.size() ? std::optional{out} : std::nullopt;
}

std::optional<std::string> postcode_of(const Country& country, std::string_view text) {
    if (country.postcodes.empty()) return std::string{text};
    for (const auto pattern : country.postcodes)
        if (auto code = fitted(text, pattern)) return code;
    return std::nullopt;
}

std::string cleaned(std::string_view text) {
    return std::string{base::trim(plain_line(text))};
}

PostalAddress cleaned(const PostalAddress& given) {
    PostalAddress address{.name = cleaned(given.name),
                          .lines = {},
                          .city = cleaned(given.city),
                          .region = cleaned(given.region),
                          .postcode = cleaned(given.postcode),
                          .country = base::to_upper(cleaned(given.country))};
    for (const auto& line : given.lines)
        if (auto text = cleaned(line); !text.empty()) address.lines.push_back(std::move(text));
    return address;
}

Result<void> check_complete(const PostalAddress& address, const Country& country) {
    std::vector<std::string> missing;
    if (address.name.empty()) missing.emplace_back("name");
    if (address.lines.empty()) missing.emplace_back("street");
    if (address.city.empty()) missing.emplace_back("city");
    if (country.needs_region && address.region.empty()) missing.emplace_back("region");
    if (address.country.empty()) missing.emplace_back("country");
    if (!country.postcodes.empty() && address.postcode.empty()) missing.emplace_back("postcode");
    std::string detail;
    if (!missing.empty()) detail = "The postal address lacks: " + base::join(missing, ", ") + ".";
    if (!address.country.empty() && base::country_name(address.country, "en").empty())
        detail += " '" + address.country + "' is no country code of ISO 3166.";
    if (!address.postcode.empty() && !postcode_of(country, address.postcode))
        detail += " '" + address.postcode + "' is no postcode of " +
                  base::country_name(country.code, "en") + ".";
    if (detail.empty()) return {};
    if (detail.front() == ' ') detail.erase(0, 1);
    return base::fail("letter.address_incomplete", std::move(detail), "address");
}

void add_if_given(std::vector<std::string>& lines, const std::string& text) {
    if (!text.empty()) lines.push_back(text);
}

void add_place(std::vector<std::string>& lines, const PostalAddress& address,
               const Country& country) {
    const auto postcode = postcode_of(country, address.postcode).value_or("");
    switch (country.order) {
        case Order::street_city_region_postcode:
            lines.push_back(address.city);
            if (address.region != address.city) add_if_given(lines, address.region);
            add_if_given(lines, postcode);
            return;
        case Order::street_town_postcode:
            lines.push_back(base::to_upper(address.city));
            add_if_given(lines, postcode);
            return;
        case Order::street_postcode_city:
            lines.push_back(postcode.empty() ? address.city : postcode + " " + address.city);
            if (country.code.empty()) add_if_given(lines, address.region);
            return;
        case Order::street_city_region_code:
            lines.push_back(address.city + ", " + address.region + " " + postcode);
            return;
    }
}

// --- the stored line -----------------------------------------------------------------------------

Result<PostalAddress> from_json(std::string_view stored) {
    const auto json = base::Json::parse(stored, "address");
    if (!json) return base::fail(json.error());
    base::Problems problems;
    base::ObjectReader reader{*json, "$", problems};
    PostalAddress address{.name = reader.text("name"),
                          .lines = reader.texts("lines"),
                          .city = reader.text("city"),
                          .region = reader.text("region"),
                          .postcode = reader.text("postcode"),
                          .country = reader.text("country")};
    reader.finish();
    if (!problems.empty()) return base::fail(problems.front());
    return address;
}

base::Result<PostalAddress> unclear(std::string_view what) {
    return base::fail("letter.address_incomplete",
                      "The postal address lacks: " + std::string{what} + ".", "address");
}

bool starts_with_any(const std::string& text, std::span<const std::string_view> words) {
    return std::ranges::any_of(words,
                               [&](std::string_view word) { return text.starts_with(word); });
}
bool ends_with_any(const std::string& text, std::span<const std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return text.ends_with(word); });
}

// Kinds of places as Russian addresses abbreviate them.
constexpr std::string_view settlements[] = {"г. ",  "г.",    "гор. ", "город ", "пос. ", "п. ",
                                            "пгт ", "пгт. ", "дер. ", "село ",  "с. ",   "рп "};
constexpr std::string_view region_ends[] = {" обл.",  " обл", " область", " край",
                                            " район", " р-н", " АО",      " округ"};
constexpr std::string_view region_starts[] = {"Республика ", "респ. ", "Респ. ", "обл. "};
constexpr std::string_view federal_cities[] = {"Москва", "Санкт-Петербург", "Севастополь"};

bool is_settlement(const std::string& part) {
    return starts_with_any(part, settlements) ||
           std::ranges::find(federal_cities, part) != std::end(federal_cities);
}
bool is_region(const std::string& part) {
    return ends_with_any(part, region_ends) || starts_with_any(part, region_starts);
}

Result<PostalAddress> read_russian(std::vector<std::string> parts, PostalAddress address) {
    std::vector<std::string> street;
    for (auto& part : parts) {
        if (address.postcode.empty() && fitted(part, "999999"))
            address.postcode = std::move(part);
        else if (address.city.empty() && is_settlement(part))
            address.city = std::move(part);
        else if (is_region(part))
            address.region += (address.region.empty() ? "" : ", ") + part;
        else
            street.push_back(std::move(part));
    }
    if (address.city.empty()) return unclear("city (as 'г. Тверь')");
    if (address.postcode.empty()) return unclear("postcode");
    if (street.empty()) return unclear("street");
    address.lines = {base::join(street, ", ")};
    return address;
}

// The postcode that begins or ends a part, and what stands beside it.
struct CodeAndRest {
    std::string code{};
    std::string rest{};
};

std::optional<CodeAndRest> split_code(const Country& country, const std::string& part) {
    for (std::size_t cut = 0; cut <= part.size(); ++cut) {
        if (cut != 0 && cut != part.size() && part[cut] != ' ') continue;
        const std::string_view head{part.data(), cut};
        const auto tail = base::trim(std::string_view{part}.substr(cut));
        if (const auto code = postcode_of(country, head); code && !head.empty())
            return CodeAndRest{*code, std::string{tail}};
        if (const auto code = postcode_of(country, tail); code && !tail.empty())
            return CodeAndRest{*code, std::string{base::trim(head)}};
    }
    return std::nullopt;
}

// Postcode and city stand together ("10117 Berlin", "IL 62701") or in neighbouring parts, at the
// end; what comes before is the street.
Result<PostalAddress> read_western(const Country& country, std::vector<std::string> parts,
                                   PostalAddress address) {
    if (parts.empty()) return unclear("street");
    auto last = split_code(country, parts.back());
    if (!last) return unclear("postcode");
    parts.pop_back();
    address.postcode = last->code;
    if (country.needs_region) {
        address.region = last->rest;
        last->rest.clear();
        if (address.region.empty()) return unclear("region");
    }
    address.city = last->rest;
    if (address.city.empty() && !parts.empty()) {
        address.city = std::move(parts.back());
        parts.pop_back();
    }
    if (address.city.empty()) return unclear("city");
    if (parts.empty()) return unclear("street");
    // A part that is only a house number belongs to the street before it.
    for (auto& part : parts) {
        if (!address.lines.empty() && part.size() <= 4 && is_digit(part.front()))
            address.lines.back() += ", " + part;
        else
            address.lines.push_back(std::move(part));
    }
    return address;
}

}  // namespace

Result<std::vector<std::string>> address_lines(const PostalAddress& given,
                                               const AddressRules& rules) {
    const auto address = cleaned(given);
    const auto& country = country_of(address.country);
    if (auto complete = check_complete(address, country); !complete)
        return base::fail(std::move(complete.error()));
    std::vector<std::string> lines{address.name};
    lines.insert(lines.end(), address.lines.begin(), address.lines.end());
    add_place(lines, address, country);
    if (address.country != rules.home_country)
        lines.push_back(base::to_upper(base::country_name(address.country, rules.language)));
    return lines;
}

Result<PostalAddress> parse_postal_line(std::string_view stored, std::string_view home_country) {
    const auto text = cleaned(stored);
    if (text.starts_with('{')) return from_json(text);
    std::vector<std::string> parts;
    for (const auto part : base::split(text, ','))
        if (const auto word = base::trim(part); !word.empty()) parts.emplace_back(word);
    if (parts.empty()) return unclear("street, city, postcode");
    PostalAddress address{.country = std::string{home_country}};
    for (const bool at_end : {true, false}) {
        const auto code = base::country_code(at_end ? parts.back() : parts.front());
        // "CA" at the end of "San Francisco, CA" is a state, never the last part of an address that
        // needs its postcode behind it; so a country's name is looked for at the very ends only.
        if (code.empty()) continue;
        address.country = code;
        parts.erase(at_end ? parts.end() - 1 : parts.begin());
        break;
    }
    const auto& country = country_of(address.country);
    if (country.order == Order::street_city_region_postcode)
        return read_russian(std::move(parts), std::move(address));
    if (country.postcodes.empty())
        return base::fail("letter.address_incomplete",
                          "An address in " + base::country_name(address.country, "en") +
                              " must be stored as JSON with street, city and postcode apart.",
                          "address");
    return read_western(country, std::move(parts), std::move(address));
}

std::string to_postal_line(const PostalAddress& address) {
    base::Json::Array lines;
    for (const auto& line : address.lines) lines.emplace_back(line);
    base::Json::Object object;
    if (!address.name.empty()) object.emplace_back("name", address.name);
    object.emplace_back("lines", std::move(lines));
    object.emplace_back("city", address.city);
    if (!address.region.empty()) object.emplace_back("region", address.region);
    if (!address.postcode.empty()) object.emplace_back("postcode", address.postcode);
    object.emplace_back("country", address.country);
    return base::Json{std::move(object)}.dump();
}

}  // namespace carillon::channels
