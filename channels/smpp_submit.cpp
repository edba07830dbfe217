#include "channels/smpp_submit.h"

#include <algorithm>

#include "base/digest.h"
#include "channels/gsm0338.h"
#include "channels/sms_composer.h"

namespace carillon::channels {

namespace {

constexpr std::uint8_t udh_indicator = 0x40;
constexpr std::uint8_t data_coding_default = 0x00;
constexpr std::uint8_t data_coding_ucs2 = 0x08;

SmppAddress international(std::string_view digits) {
    constexpr std::uint8_t ton = 1;
    constexpr std::uint8_t npi = 1;  // E.164
    return {.ton = ton, .npi = npi, .digits = std::string{digits}};
}

std::string two(unsigned value) {
    std::string out = "00";
    out[0] = static_cast<char>('0' + value / 10 % 10);
    out[1] = static_cast<char>('0' + value % 10);
    return out;
}

std::string octets_of(std::uint32_t value, int count) {
    std::string out;
    for (int shift = (count - 1) * 8; shift >= 0; shift -= 8)
        out += static_cast<char>(value >> shift & 0xFF);
    return out;
}

std::uint8_t registered_delivery(SmppReceipts receipts) {
    switch (receipts) {
        case SmppReceipts::none: return 0;
        case SmppReceipts::all: return 1;
        case SmppReceipts::failures: return 2;
    }
    return 0;
}

// Of the part alone; `header_size` octets stand before it.
std::string octets_of(const SmsPart& part, SmsEncoding encoding, bool packed,
                      std::size_t header_size) {
    if (encoding == SmsEncoding::ucs2 || !packed) return part.octets;
    constexpr std::size_t septet_bits = 7;
    const auto over = header_size * 8 % septet_bits;
    return pack_septets(part.octets, over == 0 ? 0 : static_cast<int>(septet_bits - over));
}

// What all parts of a message have in common.
base::Result<SmppSm> common_unit(const Message& message, const SmsPayload& sms,
                                 const SmppSubmitRules& rules, base::Instant wall) {
    SmppSm unit;
    unit.service_type = rules.service_type;
    auto source = smpp_sender(sms.from);
    if (!source) return base::fail(std::move(source.error()));
    unit.source = std::move(*source);
    auto destination = smpp_recipient(message.to);
    if (!destination) return base::fail(std::move(destination.error()));
    unit.destination = std::move(*destination);
    unit.registered_delivery = registered_delivery(rules.receipts);
    if (sms.valid_until) {
        if (*sms.valid_until <= wall)
            return base::fail("sms.not_valid_any_more",
                              "The time by which it had to be delivered has passed.");
        unit.validity_period = smpp_validity(*sms.valid_until, wall, rules.absolute_validity);
    }
    return unit;
}

void mark_part(SmppSm& unit, const SmsPartMark& mark, SmppConcatenation concatenation) {
    if (concatenation == SmppConcatenation::sar) {
        unit.tlvs.push_back(
            {smpp_tag::sar_msg_ref_num, octets_of(static_cast<std::uint32_t>(mark.reference), 2)});
        unit.tlvs.push_back(
            {smpp_tag::sar_total_segments, octets_of(static_cast<std::uint32_t>(mark.total), 1)});
        unit.tlvs.push_back(
            {smpp_tag::sar_segment_seqnum, octets_of(static_cast<std::uint32_t>(mark.number), 1)});
        return;
    }
    unit.esm_class |= udh_indicator;
    unit.short_message = concatenation_header(mark);
}

}  // namespace

std::string smpp_validity(base::Instant valid_until, base::Instant wall, bool absolute) {
    namespace chrono = std::chrono;
    constexpr auto longest = chrono::days{30};
    const auto until = std::min<base::Instant>(valid_until, wall + longest);
    const auto clock_digits = [](chrono::seconds of_day) {
        const chrono::hh_mm_ss time{of_day};
        return two(static_cast<unsigned>(time.hours().count())) +
               two(static_cast<unsigned>(time.minutes().count())) +
               two(static_cast<unsigned>(time.seconds().count()));
    };
    if (absolute) {
        const auto day = chrono::floor<chrono::days>(until);
        const chrono::year_month_day date{day};
        return two(static_cast<unsigned>(static_cast<int>(date.year()) % 100)) +
               two(static_cast<unsigned>(date.month())) + two(static_cast<unsigned>(date.day())) +
               clock_digits(chrono::floor<chrono::seconds>(until - day)) + "000+";
    }
    const auto left = std::max(chrono::ceil<chrono::seconds>(until - wall), chrono::seconds{1});
    const auto whole_days = chrono::floor<chrono::days>(left);
    return "0000" + two(static_cast<unsigned>(whole_days.count())) +
           clock_digits(left - whole_days) + "000R";
}

base::Result<SmppAddress> smpp_sender(std::string_view sender) {
    const auto kind = sms_sender_kind(sender);
    if (!kind) return base::fail(kind.error());
    constexpr std::uint8_t ton_network_specific = 3;
    constexpr std::uint8_t ton_alphanumeric = 5;
    switch (*kind) {
        case SmsSenderKind::international:
            return international(sender.starts_with('+') ? sender.substr(1) : sender);
        case SmsSenderKind::short_code:
            return SmppAddress{
                .ton = ton_network_specific, .npi = 0, .digits = std::string{sender}};
        case SmsSenderKind::alphanumeric:
            return SmppAddress{.ton = ton_alphanumeric, .npi = 0, .digits = *to_gsm(sender)};
    }
    return base::fail("sms.sender_invalid", "No sender.");
}

base::Result<SmppAddress> smpp_recipient(std::string_view number) {
    constexpr std::size_t digits_min = 3;
    constexpr std::size_t digits_max = 15;
    const auto digits = number.starts_with('+') ? number.substr(1) : number;
    const bool is_number = digits.size() >= digits_min && digits.size() <= digits_max &&
                           std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number)
        return base::fail("sms.address_invalid", "The recipient is no telephone number.");
    return international(digits);
}

base::Result<SmppSubmission> make_submission(const Message& message, const SmppSubmitRules& rules,
                                             base::Instant wall) {
    const auto* sms = std::get_if<SmsPayload>(&message.payload);
    if (sms == nullptr) return base::fail("sms.payload_invalid", "This is no short message.");
    auto common = common_unit(message, *sms, rules, wall);
    if (!common) return base::fail(std::move(common.error()));
    const auto text = split_sms(sms->text);
    if (!text) return base::fail(text.error());
    common->data_coding =
        text->encoding == SmsEncoding::gsm ? data_coding_default : data_coding_ucs2;
    // From the key, so that a repeated message is the same message to the telephone as well.
    const auto reference = static_cast<std::uint32_t>(base::mix_of(message.key) & 0xFFFF);
    if (rules.message_reference)
        common->tlvs.push_back({smpp_tag::user_message_reference, octets_of(reference, 2)});
    SmppSubmission out{.parts = static_cast<int>(text->parts.size())};
    if (out.parts > 1 && rules.concatenation == SmppConcatenation::payload) {
        std::string whole;
        for (const auto& part : text->parts) whole += part.octets;
        common->tlvs.push_back({smpp_tag::message_payload, std::move(whole)});
        out.units.push_back(std::move(*common));
        return out;
    }
    const auto add = [&](SmppSm unit, int number) {
        const bool in_udh = rules.concatenation == SmppConcatenation::udh;
        const auto kept = in_udh ? reference & 0xFF : reference;
        if (out.parts > 1)
            mark_part(unit, {static_cast<int>(kept), out.parts, number}, rules.concatenation);
        unit.short_message +=
            octets_of(text->parts[static_cast<std::size_t>(number - 1)], text->encoding,
                      rules.packed_septets, unit.short_message.size());
        out.units.push_back(std::move(unit));
    };
    for (int number = 1; number < out.parts; ++number) add(*common, number);
    add(std::move(*common), out.parts);
    return out;
}

std::string smpp_text(std::string_view octets, std::uint8_t data_coding) {
    constexpr std::uint8_t ascii = 0x01;
    constexpr std::uint8_t latin1 = 0x03;
    // Message classes and waiting indications (3GPP TS 23.038 section 4) carry the alphabet in two
    // bits.
    constexpr std::uint8_t alphabet_mask = 0x0C;
    constexpr std::uint8_t eight_bit = 0x04;
    if (data_coding == latin1 || data_coding == ascii) return from_latin1(octets);
    if ((data_coding & alphabet_mask) == data_coding_ucs2) return from_utf16(octets);
    if ((data_coding & alphabet_mask) == eight_bit || data_coding == 0x02)
        return base::to_hex(octets);
    return from_gsm(octets);
}

}  // namespace carillon::channels
