// What happened in one campaign, read in three passes and put together by client. No statistics
// here. A million clients take about 250 MB while a report is made.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "campaigns/message_state.h"
#include "db/database.h"

namespace carillon::reports {

inline constexpr std::array<std::string_view, 4> conversion_kinds{"visit", "purchase", "payment",
                                                                  "application"};

// What a response says of the client, whatever channel it came by.
enum class Reaction { opened, clicked, responded, opted_out, automatic };
// Kinds that machines make ("robot_...", "auto_reply", "bounce") are automatic: kept and counted
// apart. Unknown kinds are responses.
Reaction reaction_of(std::string_view kind);

struct MessageFact {
    std::int64_t id{};
    std::int64_t client{};
    std::int64_t due_at{};
    std::int64_t submitted_at{};  // 0: was not
    std::int32_t units{};
    std::int16_t variant{};
    std::uint8_t step{};
    std::uint8_t channel{};  // index into Facts::channels
    campaigns::MessageState state{};
    bool left_out{};  // when the audience was frozen: before chance decided about control
    bool opened{};
    bool clicked{};
    bool responded{};

    // A call task that lost its reason before anybody rang, a letter called back before the print
    // house closed its batch: handed over and taken back, nobody got it and nobody paid for it.
    bool was_sent() const {
        return submitted_at != 0 && state != campaigns::MessageState::cancelled;
    }
    // The provider has it and it did not come back.
    bool arrived() const {
        return state == campaigns::MessageState::accepted ||
               state == campaigns::MessageState::delivered;
    }
};

// One client in one campaign: the unit that chance has assigned and that is measured.
struct ClientFact {
    std::int64_t client{};
    std::int64_t from{};  // when the first of the client's messages was due
    std::int64_t to{};    // and the last
    std::int64_t first_sent{};
    std::int64_t first_response{};
    std::uint32_t first_message{};  // in Facts::messages
    std::uint32_t messages{};
    std::int16_t variant{};
    std::uint8_t channel{};
    bool control{};
    bool assigned{};  // to control or treatment; not left out beforehand
    bool sent{};
    bool arrived{};
    bool delivered{};
    bool bounced{};
    bool opened{};
    bool clicked{};
    bool responded{};
    bool opted_out{};
    std::uint8_t converted{};  // a bit for each of conversion_kinds
    bool reached_goal{};

    bool treated() const { return assigned && !control; }
};

struct ConversionFact {
    std::uint32_t client{};  // in Facts::clients
    std::uint8_t kind{};     // of conversion_kinds
    bool is_goal{};
    bool has_amount{};
    std::int64_t at{};
    double amount{};  // minor units
};

struct StateCount {
    int step{};
    std::string channel{};
    int variant{};
    std::string state{};
    std::string reason{};
    std::int64_t count{};
};

struct KindCount {
    std::string kind{};
    Reaction reaction{};
    std::int64_t events{};
    std::int64_t clients{};
};

struct Facts {
    std::vector<std::string> channels{};
    std::vector<MessageFact> messages{};        // by client, then id
    std::vector<ClientFact> clients{};          // by client id
    std::vector<ConversionFact> conversions{};  // within the window of their client
    std::vector<StateCount> states{};           // in the order people read them
    std::vector<KindCount> kinds{};             // of responses
    std::map<int, std::string> currencies{};    // by kind of conversion; "*" when several
};

struct FactQuestion {
    base::CampaignId campaign{};
    // A kind or a name of conversions; "": any conversion. A response cannot be the goal here: the
    // control group got nothing to respond to.
    std::string goal{};
    std::int64_t window_ms{};
};

// Reads on two connections side by side. Throws db::DbError.
Facts load_facts(db::Database& database, const FactQuestion& question);

}  // namespace carillon::reports
