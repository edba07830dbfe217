// What centres deliver: receipts, and messages of people, put together from their parts. Pure; one
// for all connections of an account, because parts may come through different ones.
//
// A unit is answered when what it belongs to is stored. Parts of an unfinished message are held for
// a moment; a centre that waits for the answer before it sends the next part gets it then.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "channels/channel.h"
#include "channels/gsm0338.h"
#include "channels/smpp_receipt.h"
#include "channels/smpp_session.h"

namespace carillon::channels {

struct SmppTicket {
    std::uint64_t connection{};  // unique for the life of the channel
    std::uint32_t sequence{};
    SmppCommand command{SmppCommand::deliver_sm};
};

struct SmppAnswer {
    SmppTicket ticket{};
    std::uint32_t status{};
};

// Not thread-safe.
class SmppInbox {
public:
    explicit SmppInbox(ReceiptRules rules) : rules_(std::move(rules)) {}

    void take(const SmppTicket& ticket, SmppSession::Delivery delivery, base::Steady now,
              base::Instant wall);
    // A message that was uncertain has been accepted: says so, and knows its receipts from now on.
    void late(const SmppSession::Late& late);
    void tick(base::Steady now, base::Instant wall);
    base::Steady wakes_at() const;

    // What is to be stored. Exactly one call of receipts_stored / inbound_stored must follow each
    // non-empty batch.
    std::vector<Receipt> receipts() const;
    std::vector<Inbound> inbound() const;
    void receipts_stored(bool stored, base::Steady now);
    void inbound_stored(bool stored, base::Steady now);
    bool has_receipts(base::Steady now) const { return !receipts_.empty() && now >= receipts_at_; }
    bool has_inbound(base::Steady now) const { return !inbound_.empty() && now >= inbound_at_; }

    std::vector<SmppAnswer> take_answers() { return std::exchange(answers_, {}); }

private:
    using GroupKey = std::tuple<std::string, std::string, int, int>;  // from, to, reference, total
    struct Part {
        std::string text{};
        std::string raw{};
        std::vector<SmppTicket> tickets{};  // not answered yet; repeats have one each
    };
    struct Group {
        std::map<int, Part> parts{};
        base::Steady answer_at{};
        base::Steady give_up_at{};
    };
    struct PendingReceipt {
        Receipt receipt{};
        std::vector<SmppTicket> tickets{};
    };
    struct PendingInbound {
        Inbound message{};
        std::vector<SmppTicket> tickets{};
        bool in_our_care{false};  // a part has been answered: it must not be lost
    };

    void take_receipt(const SmppTicket& ticket, const SmppSession::Delivery& delivery,
                      std::string_view text);
    void take_part(const SmppTicket& ticket, const SmppSession::Delivery& delivery,
                   const SmsPartMark& mark, std::string text, base::Steady now, base::Instant wall);
    void finish(const GroupKey& key, Group& group, base::Instant wall);
    void answer(const std::vector<SmppTicket>& tickets, std::uint32_t status);

    ReceiptRules rules_;
    std::map<std::string, std::string> late_keys_;  // receipt_ref to key
    std::deque<std::string> late_by_age_;
    std::map<GroupKey, Group> groups_;
    std::vector<PendingReceipt> receipts_;
    std::vector<PendingInbound> inbound_;
    std::vector<SmppAnswer> answers_;
    base::Steady receipts_at_{};
    base::Steady inbound_at_{};
};

}  // namespace carillon::channels
