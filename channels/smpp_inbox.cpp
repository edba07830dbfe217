#include "channels/smpp_inbox.h"

#include <algorithm>

#include "base/digest.h"
#include "channels/gsm0338.h"

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;
using base::Steady;

constexpr auto hold_parts = 2s;
constexpr auto wait_for_parts = 5min;
constexpr auto store_again = 1s;
constexpr std::size_t groups_max = 1000;
constexpr std::size_t late_max = 1000;
constexpr std::size_t pending_max = 10'000;
constexpr std::uint8_t udh_indicator = 0x40;

std::string number_of(const SmppAddress& address) {
    constexpr std::uint8_t ton_international = 1;
    const bool is_international = address.ton == ton_international && !address.digits.empty() &&
                                  !address.digits.starts_with('+');
    return (is_international ? "+" : "") + address.digits;
}

// The same message delivered again within minutes is the same message; centres give inbound
// messages no id that we could go by.
std::string id_of(const std::string& from, const std::string& to, const std::string& text,
                  base::Instant wall) {
    constexpr auto bucket = 10min;
    const auto time = wall.time_since_epoch() / std::chrono::milliseconds{bucket};
    return base::sha256_hex(from + '\n' + to + '\n' + std::to_string(time) + '\n' + text)
        .substr(0, 32);
}

std::string_view octets_of(const SmppSm& unit) {
    const auto* payload = find_tlv(unit.tlvs, smpp_tag::message_payload);
    return unit.short_message.empty() && payload != nullptr ? *payload : unit.short_message;
}

std::optional<SmsPartMark> sar_mark(const SmppTlvs& tlvs) {
    const auto reference = tlv_number(tlvs, smpp_tag::sar_msg_ref_num);
    const auto total = tlv_number(tlvs, smpp_tag::sar_total_segments);
    const auto number = tlv_number(tlvs, smpp_tag::sar_segment_seqnum);
    if (!reference || !total || !number || *number < 1 || *number > *total ||
        *total > static_cast<std::uint32_t>(sms_parts_max))
        return std::nullopt;
    return SmsPartMark{static_cast<int>(*reference & 0xFFFF), static_cast<int>(*total),
                       static_cast<int>(*number)};
}

}  // namespace

void SmppInbox::answer(const std::vector<SmppTicket>& tickets, std::uint32_t status) {
    for (const auto& ticket : tickets) answers_.push_back({ticket, status});
}

void SmppInbox::take(const SmppTicket& ticket, SmppSession::Delivery delivery, Steady now,
                     base::Instant wall) {
    if (receipts_.size() + inbound_.size() >= pending_max)
        return answer({ticket}, smpp_status::temporary_error);
    const auto& unit = delivery.unit;
    auto octets = octets_of(unit);
    std::optional<SmsPartMark> mark = sar_mark(unit.tlvs);
    if ((unit.esm_class & udh_indicator) != 0) {
        const auto headed = take_header(octets);
        octets = headed.text;
        if (headed.mark) mark = headed.mark;
    }
    if (is_receipt(unit.esm_class)) return take_receipt(ticket, delivery, octets);
    auto text = smpp_text(octets, unit.data_coding);
    if (mark && mark->total > 1)
        return take_part(ticket, delivery, *mark, std::move(text), now, wall);
    Inbound message{.from = number_of(unit.source),
                    .to = number_of(unit.destination),
                    .text = std::move(text),
                    .raw = std::move(delivery.raw)};
    message.external_id = id_of(message.from, message.to, message.text, wall);
    inbound_.push_back({std::move(message), {ticket}, false});
}

void SmppInbox::take_receipt(const SmppTicket& ticket, const SmppSession::Delivery& delivery,
                             std::string_view text) {
    auto receipt = make_receipt(text, delivery.unit.tlvs, rules_, delivery.raw);
    // Nobody will understand it the next time either.
    if (!receipt) return answer({ticket}, smpp_status::permanent_error);
    if (const auto late = late_keys_.find(receipt->receipt_ref); late != late_keys_.end()) {
        receipt->key = late->second;
        receipt->receipt_ref.clear();
    }
    receipts_.push_back({std::move(*receipt), {ticket}});
}

void SmppInbox::take_part(const SmppTicket& ticket, const SmppSession::Delivery& delivery,
                          const SmsPartMark& mark, std::string text, Steady now,
                          base::Instant wall) {
    const GroupKey key{number_of(delivery.unit.source), number_of(delivery.unit.destination),
                       mark.reference, mark.total};
    if (!groups_.contains(key) && groups_.size() >= groups_max)
        return answer({ticket}, smpp_status::temporary_error);
    auto& group = groups_[key];
    if (group.parts.empty()) {
        group.answer_at = now + hold_parts;
        group.give_up_at = now + wait_for_parts;
    }
    auto& part = group.parts[mark.number];
    part.text = std::move(text);
    part.raw = delivery.raw;
    part.tickets.push_back(ticket);
    if (group.answer_at == Steady::max()) group.answer_at = now + hold_parts;
    if (static_cast<int>(group.parts.size()) < mark.total) return;
    finish(key, group, wall);
    groups_.erase(key);
}

// Also of a message whose last parts never came: what is there is worth reading.
void SmppInbox::finish(const GroupKey& key, Group& group, base::Instant wall) {
    PendingInbound pending;
    pending.message.from = std::get<0>(key);
    pending.message.to = std::get<1>(key);
    int expected = 1;
    for (auto& [number, part] : group.parts) {
        if (number != expected) pending.message.text += "[...]";
        expected = number + 1;
        pending.message.text += part.text;
        pending.message.raw += (pending.message.raw.empty() ? "" : " ") + part.raw;
        pending.in_our_care = pending.in_our_care || part.tickets.empty();
        std::ranges::copy(part.tickets, std::back_inserter(pending.tickets));
    }
    if (expected <= std::get<3>(key)) pending.message.text += "[...]";
    pending.message.external_id =
        id_of(pending.message.from, pending.message.to, pending.message.text, wall);
    inbound_.push_back(std::move(pending));
}

void SmppInbox::late(const SmppSession::Late& late) {
    if (late_keys_.emplace(late.receipt_ref, late.key).second)
        late_by_age_.push_back(late.receipt_ref);
    if (late_by_age_.size() > late_max) {
        late_keys_.erase(late_by_age_.front());
        late_by_age_.pop_front();
    }
    receipts_.push_back({Receipt{.external_id = "late:" + late.receipt_ref,
                                 .key = late.key,
                                 .state = Receipt::State::in_progress,
                                 .reason = "accepted late as " + late.receipt_ref},
                         {}});
}

void SmppInbox::tick(Steady now, base::Instant wall) {
    for (auto it = groups_.begin(); it != groups_.end();) {
        auto& group = it->second;
        if (now >= group.answer_at) {
            for (auto& [number, part] : group.parts) {
                answer(part.tickets, smpp_status::ok);
                part.tickets.clear();
            }
            group.answer_at = Steady::max();
        }
        if (now >= group.give_up_at) {
            finish(it->first, group, wall);
            it = groups_.erase(it);
        } else {
            ++it;
        }
    }
}

Steady SmppInbox::wakes_at() const {
    auto wake = Steady::max();
    for (const auto& [key, group] : groups_)
        wake = std::min({wake, group.answer_at, group.give_up_at});
    if (!receipts_.empty()) wake = std::min(wake, receipts_at_);
    if (!inbound_.empty()) wake = std::min(wake, inbound_at_);
    return wake;
}

std::vector<Receipt> SmppInbox::receipts() const {
    std::vector<Receipt> out;
    out.reserve(receipts_.size());
    for (const auto& pending : receipts_) out.push_back(pending.receipt);
    return out;
}

std::vector<Inbound> SmppInbox::inbound() const {
    std::vector<Inbound> out;
    out.reserve(inbound_.size());
    for (const auto& pending : inbound_) out.push_back(pending.message);
    return out;
}

void SmppInbox::receipts_stored(bool stored, Steady now) {
    for (const auto& pending : receipts_)
        answer(pending.tickets, stored ? smpp_status::ok : smpp_status::temporary_error);
    // The centre gives its own again; what only we know stays.
    std::erase_if(receipts_, [&](const PendingReceipt& pending) {
        return stored || !pending.tickets.empty();
    });
    receipts_at_ = stored ? Steady{} : now + store_again;
}

void SmppInbox::inbound_stored(bool stored, Steady now) {
    for (auto& pending : inbound_) {
        const bool kept = stored || pending.in_our_care;
        answer(pending.tickets, kept ? smpp_status::ok : smpp_status::temporary_error);
        if (kept) pending.tickets.clear();
    }
    std::erase_if(inbound_,
                  [&](const PendingInbound& pending) { return stored || !pending.in_our_care; });
    inbound_at_ = stored ? Steady{} : now + store_again;
}

}  // namespace carillon::channels
