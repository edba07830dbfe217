#include "responses/mail_fields.h"

#include <algorithm>

#include "base/email_address.h"
#include "base/text.h"

namespace carillon::responses {

namespace {

constexpr std::size_t name_size_max = 76;
constexpr std::size_t value_size_max = 8 * 1024;
constexpr std::size_t blocks_max = 200;
constexpr std::size_t address_size_max = 254;  // RFC 5321 section 4.5.3.1.3

std::string_view next_line(std::string_view& text) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

void append_value(std::string& value, std::string_view more) {
    if (value.size() >= value_size_max) return;
    if (!value.empty()) value += ' ';
    value += more.substr(0, value_size_max - std::min(value_size_max, value.size()));
}

bool is_address_letter(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') ||
           std::string_view{"!#$%&'*+-/=?^_`{|}~.@"}.find(c) != std::string_view::npos;
}

// The run of address letters around the '@' at `at`.
std::string_view run_around(std::string_view text, std::size_t at) {
    auto begin = at;
    while (begin > 0 && at - begin < address_size_max && is_address_letter(text[begin - 1]))
        --begin;
    auto end = at + 1;
    while (end < text.size() && end - at < address_size_max && is_address_letter(text[end])) ++end;
    auto run = text.substr(begin, end - begin);
    const std::string_view punctuation{".'`=?*"};
    while (!run.empty() && punctuation.find(run.back()) != std::string_view::npos)
        run.remove_suffix(1);
    while (!run.empty() && punctuation.find(run.front()) != std::string_view::npos)
        run.remove_prefix(1);
    return run;
}

}  // namespace

std::string_view field(const MailFields& fields, std::string_view name) {
    const auto found = std::ranges::find(fields, name, &MailFields::value_type::first);
    return found == fields.end() ? std::string_view{} : std::string_view{found->second};
}

bool has_field(const MailFields& fields, std::string_view name) {
    return std::ranges::find(fields, name, &MailFields::value_type::first) != fields.end();
}

std::size_t field_name_size(std::string_view line) {
    const auto colon = line.substr(0, name_size_max + 1).find(':');
    if (colon == std::string_view::npos || colon == 0) return 0;
    const auto name = line.substr(0, colon);
    const bool good = std::ranges::all_of(name, [](char c) { return c > ' ' && c < 127; });
    return good ? colon : 0;
}

std::vector<MailFields> parse_field_blocks(std::string_view text) {
    std::vector<MailFields> blocks(1);
    while (!text.empty() && blocks.size() <= blocks_max) {
        const auto line = next_line(text);
        auto& block = blocks.back();
        if (base::trim(line).empty()) {
            if (!block.empty()) blocks.emplace_back();
            continue;
        }
        const bool is_continuation = line.front() == ' ' || line.front() == '\t';
        if (is_continuation && !block.empty()) {
            append_value(block.back().second, base::trim(line));
            continue;
        }
        const auto size = field_name_size(line);
        if (size == 0) continue;
        std::string value;
        append_value(value, base::trim(line.substr(size + 1)));
        block.emplace_back(base::fold_case(line.substr(0, size)), std::move(value));
    }
    if (blocks.back().empty() || blocks.size() > blocks_max) blocks.pop_back();
    return blocks;
}

std::vector<std::string> addresses_in(std::string_view text, std::size_t most) {
    std::vector<std::string> found;
    for (auto at = text.find('@'); at != std::string_view::npos && found.size() < most;
         at = text.find('@', at + 1)) {
        auto address = base::EmailAddress::parse(run_around(text, at));
        if (address && std::ranges::find(found, address->text()) == found.end())
            found.push_back(address->text());
    }
    return found;
}

std::string address_in(std::string_view value) {
    const auto found = addresses_in(value, 1);
    return found.empty() ? std::string{} : found.front();
}

}  // namespace carillon::responses
