#include "channels/smpp_receipt.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/digest.h"
#include "base/text.h"

namespace carillon::channels {

namespace {

using State = Receipt::State;

constexpr std::array<std::string_view, 8> receipt_keys{"id",        "sub",  "dlvrd", "submit date",
                                                       "done date", "stat", "err",   "text"};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_same(std::string_view text, std::string_view low) {
    return std::ranges::equal(text, low, {}, lower);
}

// The key that ends before the colon at `colon`.
std::optional<std::string_view> key_before(std::string_view text, std::size_t colon) {
    for (const auto key : receipt_keys) {
        if (key.size() > colon || !is_same(text.substr(colon - key.size(), key.size()), key))
            continue;
        const auto at = colon - key.size();
        if (at == 0 || !is_word(lower(text[at - 1]))) return key;
    }
    return std::nullopt;
}

struct StateName {
    std::uint32_t number;  // message_state
    std::string_view name;
    State state;
};
// A message in UNKNOWN or ACCEPTD may still arrive: nobody has said that it will not.
constexpr std::array<StateName, 10> states{{{1, "ENROUTE", State::in_progress},
                                            {2, "DELIVRD", State::delivered},
                                            {3, "EXPIRED", State::expired},
                                            {4, "DELETED", State::failed},
                                            {5, "UNDELIV", State::failed},
                                            {6, "ACCEPTD", State::in_progress},
                                            {7, "UNKNOWN", State::in_progress},
                                            {8, "REJECTD", State::failed},
                                            {0, "SCHEDULED", State::in_progress},
                                            {9, "SKIPPED", State::failed}}};

const StateName* state_named(std::string_view stat) {
    constexpr std::size_t name_size = 7;
    const auto low = lowered(stat);
    const auto* found = std::ranges::find_if(states, [&](const StateName& state) {
        // "DELIVERED", "DELIVRD " and "UNDELIVERABLE" are seen as well.
        const auto wanted = lowered(state.name);
        return low == wanted || (low == "delivered" && wanted == "delivrd") ||
               (low == "accepted" && wanted == "acceptd") ||
               (low == "rejected" && wanted == "rejectd") ||
               (wanted.size() == name_size && low.starts_with(wanted));
    });
    return found == states.end() ? nullptr : found;
}

const StateName* state_numbered(std::uint32_t number) {
    const auto* found = std::ranges::find(states, number, &StateName::number);
    return found == states.end() ? nullptr : found;
}

std::optional<std::uint64_t> number_of(std::string_view text, int base) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

std::string in_hex(std::uint64_t value) {
    std::array<char, 17> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    return {digits.data(), end};
}

std::string value_of(const std::map<std::string, std::string>& fields, const char* key) {
    const auto found = fields.find(key);
    return found == fields.end() ? std::string{} : found->second;
}

// network_error_code: a network type and a number (section 5.3.2.31).
std::string network_error(const SmppTlvs& tlvs) {
    const auto* value = find_tlv(tlvs, smpp_tag::network_error_code);
    if (value == nullptr || value->size() != 3) return {};
    const auto number =
        static_cast<unsigned char>((*value)[1]) << 8 | static_cast<unsigned char>((*value)[2]);
    return std::to_string(number);
}

// An id in a TLV is a C-octet string, or a text that lacks its end.
std::string without_zero(std::string_view text) {
    return std::string{base::trim(text.substr(0, text.find('\0')))};
}

}  // namespace

std::map<std::string, std::string> parse_receipt_text(std::string_view text) {
    struct Found {
        std::string_view key;
        std::size_t key_at;
        std::size_t value_at;
    };
    std::vector<Found> found;
    found.reserve(receipt_keys.size());
    for (auto at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 1)) {
        const auto key = key_before(text, at);
        if (!key) continue;
        found.push_back({*key, at - key->size(), at + 1});
        if (*key == "text") break;  // whatever follows is the message itself
    }
    std::map<std::string, std::string> fields;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto end = i + 1 < found.size() ? found[i + 1].key_at : text.size();
        const auto value = base::trim(text.substr(found[i].value_at, end - found[i].value_at));
        fields.emplace(found[i].key, value);  // the first one of a key counts
    }
    return fields;
}

std::string normalised_ref(std::string_view id, ReceiptIds ids) {
    const auto trimmed = base::trim(id);
    if (ids == ReceiptIds::hex_to_decimal) {
        if (const auto value = number_of(trimmed, 16)) return std::to_string(*value);
    }
    if (ids == ReceiptIds::decimal_to_hex) {
        if (const auto value = number_of(trimmed, 10)) return in_hex(*value);
    }
    return std::string{trimmed};
}

std::string normalised_receipt_ref(std::string_view id, ReceiptIds ids) {
    const auto trimmed = base::trim(id);
    if (ids == ReceiptIds::hex_to_decimal) {
        if (const auto value = number_of(trimmed, 10)) return std::to_string(*value);
    }
    if (ids == ReceiptIds::decimal_to_hex) {
        if (const auto value = number_of(trimmed, 16)) return in_hex(*value);
    }
    return std::string{trimmed};
}

bool is_receipt(std::uint8_t esm_class) {
    constexpr std::uint8_t type_mask = 0x3C;
    constexpr std::uint8_t receipt = 0x04;
    constexpr std::uint8_t intermediate = 0x20;
    const auto type = esm_class & type_mask;
    return type == receipt || type == intermediate;
}

base::Result<Receipt> make_receipt(std::string_view text, const SmppTlvs& tlvs,
                                   const ReceiptRules& rules, std::string_view raw) {
    const auto unreadable = [](std::string_view why) {
        return base::fail("smpp.receipt_unreadable", "A receipt " + std::string{why} + ".");
    };
    const auto fields = parse_receipt_text(text);
    auto id = value_of(fields, "id");
    if (const auto* tlv = find_tlv(tlvs, smpp_tag::receipted_message_id);
        tlv != nullptr && !without_zero(*tlv).empty())
        id = without_zero(*tlv);
    if (id.empty()) return unreadable("names no message");
    const auto stat = value_of(fields, "stat");
    const auto* state = state_named(stat);
    if (state == nullptr || stat.empty()) {
        const auto number = tlv_number(tlvs, smpp_tag::message_state);
        state = number ? state_numbered(*number) : nullptr;
    }
    if (state == nullptr) return unreadable("names no state that we know");
    auto error = value_of(fields, "err");
    if (error.empty()) error = network_error(tlvs);
    Receipt receipt;
    receipt.receipt_ref = normalised_receipt_ref(id, rules.ids);
    receipt.state = state->state;
    if (state->state == State::failed &&
        std::ranges::find(rules.bad_address_errors, error) != rules.bad_address_errors.end())
        receipt.state = State::bad_address;
    receipt.reason = std::string{state->name} + (error.empty() ? "" : " err:" + error);
    receipt.external_id = receipt.receipt_ref + ":" + std::string{state->name} + ":" + error + ":" +
                          value_of(fields, "done date");
    // However long the peer made them.
    constexpr std::size_t external_id_max = 120;
    if (receipt.external_id.size() > external_id_max)
        receipt.external_id = base::sha256_hex(receipt.external_id);
    receipt.raw = std::string{raw};
    return receipt;
}

}  // namespace carillon::channels
