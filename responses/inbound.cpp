#include "responses/inbound.h"

#include <array>

#include "base/digest.h"
#include "base/text.h"
#include "campaigns/notices.h"
#include "db/queries.h"
#include "responses/stop_words.h"

namespace carillon::responses {

namespace {

constexpr std::array stopped_purposes{base::Purpose::marketing, base::Purpose::service,
                                      base::Purpose::debt};
constexpr std::string_view stop_reason = "STOP";

struct LastMessage {
    base::MessageId id{};
    base::ClientId client{};
    base::CampaignId campaign{};
};

class Intake {
public:
    Intake(db::Connection& connection, const std::string& source, base::ChannelKind channel,
           base::Instant now)
        : connection_(connection), source_(source), channel_(name_of(channel)), now_(now) {}

    void take(const channels::Inbound& message) {
        const auto kind = kind_of_answer(message.text);
        const auto last = connection_.one<LastMessage>(
            db::queries::last_message_to, {message.from, channel_}, [](const db::Row& row) {
                return LastMessage{row.get<base::MessageId>(0), row.get<base::ClientId>(1),
                                   row.get<base::CampaignId>(2)};
            });
        db::Value client;
        if (last) client = last->client;
        const auto at = message.at.value_or(now_);
        const auto inserted =
            connection_.execute(db::queries::insert_inbound,
                                {source_, message.external_id, message.from, message.to,
                                 name_of(kind), client, message.text, at, now_, message.raw});
        if (inserted == 0) return;
        if (!message.document.empty())
            connection_.execute(db::queries::insert_inbound_document,
                                {source_, message.external_id, base::sha256_hex(message.document),
                                 static_cast<std::int64_t>(message.document.size()),
                                 base::to_base64(message.document)});
        if (kind == AnswerKind::stop) stop(message, at);
        if (kind == AnswerKind::start)
            connection_.execute(db::queries::lift_stop, {message.from, channel_});
        if (last && connection_.execute(
                        db::queries::insert_response,
                        {source_, message.external_id, last->client, last->campaign, last->id,
                         name_of(kind), at, base::cut_utf8(message.text, 500)}) == 1)
            campaigns::tell_of_response(connection_, source_, message.external_id, name_of(kind),
                                        now_);
    }

private:
    void stop(const channels::Inbound& message, base::Instant at) {
        const auto source = "inbound " + source_;
        std::vector<db::Params> suppressions;
        for (const auto purpose : stopped_purposes)
            suppressions.push_back(
                {"address", message.from, channel_, name_of(purpose), stop_reason, source, at});
        connection_.execute_batch(db::queries::insert_suppressions, suppressions);
        std::vector<db::Params> consents;
        std::vector<db::Params> history;
        for (const auto client : connection_.list<base::ClientId>(
                 db::queries::clients_with_address, {message.from},
                 [](const db::Row& row) { return row.get<base::ClientId>(0); })) {
            db::Params withdrawal{client, channel_, name_of(base::Purpose::marketing),       false,
                                  at,     source,   base::cut_utf8(message.external_id, 500)};
            consents.push_back(withdrawal);
            withdrawal.emplace_back(now_);
            history.push_back(std::move(withdrawal));
        }
        connection_.execute_batch(db::queries::store_consents, consents);
        connection_.execute_batch(db::queries::insert_consent_history, history);
    }

    db::Connection& connection_;
    const std::string& source_;
    std::string_view channel_;
    base::Instant now_;
};

}  // namespace

bool take_inbound(db::Database& database, const base::Clock& clock, const std::string& source,
                  base::ChannelKind channel, const std::vector<channels::Inbound>& messages) {
    try {
        db::in_transaction(database, [&](db::Connection& connection) {
            Intake intake{connection, source, channel, clock.now()};
            for (const auto& message : messages) intake.take(message);
        });
        return true;
    } catch (const db::DbError&) {
        return false;
    }
}

}  // namespace carillon::responses
