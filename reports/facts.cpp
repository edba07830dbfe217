#include "reports/facts.h"

#include <algorithm>
#include <future>
#include <tuple>

#include "base/quoted_contacts.h"
#include "db/queries.h"

namespace carillon::reports {

namespace {

using campaigns::MessageState;

// Neighbouring rows mostly hold the same word: compared first, looked up else.
class Words {
public:
    std::size_t index(std::string_view word) {
        if (last_ < words_.size() && words_[last_] == word) return last_;
        const auto found = std::ranges::find(words_, word);
        last_ = static_cast<std::size_t>(found - words_.begin());
        if (found == words_.end()) words_.emplace_back(word);
        return last_;
    }
    // What is counted, mailed and taken along as a file names nobody; and what differs only in whom
    // it names is one reason.
    std::size_t index_without_contacts(std::string_view word) {
        return base::quotes_contact(word) ? index(base::without_contacts(word)) : index(word);
    }
    const std::vector<std::string>& all() const { return words_; }

private:
    std::vector<std::string> words_;
    std::size_t last_{};
};

// How many messages are in each state, for the reasons given.
class StateTally {
public:
    void add(const MessageFact& fact, std::size_t reason) {
        const Key key{fact.step, fact.channel, fact.variant, fact.state, reason};
        if (count_ == nullptr || key != last_) count_ = &counts_[key];
        last_ = key;
        ++*count_;
    }
    std::vector<StateCount> rows(const std::vector<std::string>& channels,
                                 const std::vector<std::string>& reasons) const {
        std::vector<StateCount> rows;
        for (const auto& [key, count] : counts_) {
            const auto& [step, channel, variant, state, reason] = key;
            rows.push_back({step, channels[channel], variant, std::string{name_of(state)},
                            reasons[reason], count});
        }
        std::ranges::sort(rows, {}, [](const StateCount& row) {
            return std::tie(row.step, row.channel, row.variant, row.state, row.reason);
        });
        return rows;
    }

private:
    using Key = std::tuple<std::uint8_t, std::uint8_t, std::int16_t, MessageState, std::size_t>;
    std::map<Key, std::int64_t> counts_;
    Key last_{};
    std::int64_t* count_{};
};

void read_messages(db::Connection& connection, base::CampaignId campaign, Facts& facts) {
    Words channels;
    Words states;
    Words reasons;
    std::vector<MessageState> known;
    StateTally tally;
    const auto size =
        connection.value<std::int64_t>(db::queries::report_size, {campaign}).value_or(0);
    facts.messages.reserve(static_cast<std::size_t>(size));
    facts.clients.reserve(static_cast<std::size_t>(size));
    connection.select(db::queries::report_messages, {campaign}, [&](const db::Row& row) {
        MessageFact fact;
        fact.id = row.integer(0);
        fact.client = row.integer(1);
        fact.step = static_cast<std::uint8_t>(row.integer(2));
        fact.channel = static_cast<std::uint8_t>(channels.index(row.text(3)));
        fact.variant = static_cast<std::int16_t>(row.integer(4));
        const auto state = states.index(row.text(5));
        if (state == known.size()) {
            const auto found = campaigns::message_state_from(row.text(5));
            known.push_back(found.value());
        }
        fact.state = known[state];
        const auto reason = reasons.index_without_contacts(row.text(6));
        fact.due_at = row.integer(7);
        fact.submitted_at = row.integer(8);
        // One message for an address is chosen after chance has decided about control.
        fact.left_out = fact.state == MessageState::skipped && row.integer(9) == 0 &&
                        reasons.all()[reason] != "same_address";
        fact.units = static_cast<std::int32_t>(row.integer(10));
        tally.add(fact, reason);
        facts.messages.push_back(fact);
    });
    facts.channels = channels.all();
    facts.states = tally.rows(facts.channels, reasons.all());
    const auto by_client = [](const MessageFact& a, const MessageFact& b) {
        return a.client != b.client ? a.client < b.client : a.id < b.id;
    };
    if (!std::ranges::is_sorted(facts.messages, by_client))
        std::ranges::sort(facts.messages, by_client);
}

void add_message(ClientFact& client, const MessageFact& message) {
    client.from = std::min(client.from, message.due_at);
    client.to = std::max(client.to, message.due_at);
    ++client.messages;
    client.control = client.control || message.state == MessageState::control;
    client.assigned = client.assigned || !message.left_out;
    if (!message.was_sent()) return;
    client.sent = true;
    client.arrived = client.arrived || message.arrived();
    client.delivered = client.delivered || message.state == MessageState::delivered;
    client.bounced = client.bounced || message.state == MessageState::bounced;
    if (client.first_sent == 0 || message.submitted_at < client.first_sent)
        client.first_sent = message.submitted_at;
}

void group_by_client(Facts& facts) {
    for (std::size_t i = 0; i < facts.messages.size(); ++i) {
        const auto& message = facts.messages[i];
        if (facts.clients.empty() || facts.clients.back().client != message.client) {
            ClientFact client;
            client.client = message.client;
            client.from = client.to = message.due_at;
            client.first_message = static_cast<std::uint32_t>(i);
            client.variant = message.variant;
            client.channel = message.channel;
            facts.clients.push_back(client);
        }
        add_message(facts.clients.back(), message);
    }
}

void mark(ClientFact& client, Reaction reaction, std::int64_t at) {
    switch (reaction) {
        case Reaction::opened: client.opened = true; return;
        case Reaction::clicked: client.clicked = true; break;
        case Reaction::responded: break;
        case Reaction::opted_out: client.opted_out = true; return;
        case Reaction::automatic: return;
    }
    client.responded = true;
    if (client.first_response == 0 || at < client.first_response) client.first_response = at;
}

void mark(MessageFact& message, Reaction reaction) {
    if (reaction == Reaction::opened) message.opened = true;
    if (reaction == Reaction::clicked) message.clicked = true;
    if (reaction == Reaction::clicked || reaction == Reaction::responded) message.responded = true;
}

struct ResponseRow {
    std::int64_t client{};
    std::int64_t message{};  // 0: unknown
    std::int64_t at{};
};
struct ResponseRows {
    std::vector<KindCount> kinds{};
    std::vector<std::size_t> ends{};  // of each kind, in rows
    std::vector<ResponseRow> rows{};  // by kind, then client
};

ResponseRows read_responses(db::Connection& connection, base::CampaignId campaign) {
    ResponseRows responses;
    connection.select(db::queries::report_responses, {campaign}, [&](const db::Row& row) {
        const auto kind = row.text(0);
        if (responses.kinds.empty() || responses.kinds.back().kind != kind) {
            responses.kinds.push_back({std::string{kind}, reaction_of(kind), 0, 0});
            responses.ends.push_back(responses.rows.size());
        }
        responses.rows.push_back({row.integer(1), row.integer(2), row.integer(3)});
        responses.ends.back() = responses.rows.size();
    });
    return responses;
}

// Clients stand in the same order here and there: one walk along both for each kind.
void apply_responses(const ResponseRows& responses, Facts& facts) {
    facts.kinds = responses.kinds;
    std::size_t next = 0;
    for (std::size_t kind = 0; kind < facts.kinds.size(); ++kind) {
        auto& count = facts.kinds[kind];
        std::size_t place = 0;
        std::int64_t last_client = -1;
        for (; next < responses.ends[kind]; ++next) {
            const auto& row = responses.rows[next];
            ++count.events;
            if (row.client != last_client) ++count.clients;
            last_client = row.client;
            while (place < facts.clients.size() && facts.clients[place].client < row.client)
                ++place;
            if (place == facts.clients.size() || facts.clients[place].client != row.client)
                continue;
            auto& fact = facts.clients[place];
            mark(fact, count.reaction, row.at);
            for (std::uint32_t i = 0; i < fact.messages; ++i)
                if (auto& message = facts.messages[fact.first_message + i];
                    message.id == row.message)
                    mark(message, count.reaction);
        }
    }
}

// Finds a client's place: by a table where ids lie close together, by halving else.
class ClientPlaces {
public:
    static constexpr std::uint32_t nowhere = 0xFFFFFFFF;

    explicit ClientPlaces(const std::vector<ClientFact>& clients)
        : clients_(clients), first_(clients.front().client) {
        const auto span = static_cast<std::size_t>(clients.back().client - first_) + 1;
        if (span > 8 * clients.size()) return;
        places_.resize(span, nowhere);
        for (std::size_t i = 0; i < clients.size(); ++i)
            places_[static_cast<std::size_t>(clients[i].client - first_)] =
                static_cast<std::uint32_t>(i);
    }
    std::uint32_t find(std::int64_t client) const {
        if (client < first_ || client > clients_.back().client) return nowhere;
        if (!places_.empty()) return places_[static_cast<std::size_t>(client - first_)];
        const auto found = std::ranges::lower_bound(clients_, client, {}, &ClientFact::client);
        if (found == clients_.end() || found->client != client) return nowhere;
        return static_cast<std::uint32_t>(found - clients_.begin());
    }

private:
    const std::vector<ClientFact>& clients_;
    std::int64_t first_{};
    std::vector<std::uint32_t> places_;
};

std::size_t kind_index(std::string_view kind) {
    return static_cast<std::size_t>(std::ranges::find(conversion_kinds, kind) -
                                    conversion_kinds.begin());
}

void note_currency(Facts& facts, int kind, std::string_view currency) {
    auto& known = facts.currencies[kind];
    if (known.empty())
        known = currency;
    else if (known != currency)
        known = "*";
}

void read_conversions(db::Connection& connection, const FactQuestion& question, Facts& facts) {
    if (facts.clients.empty()) return;
    const auto first = std::ranges::min(facts.clients, {}, &ClientFact::from).from;
    const auto last = std::ranges::max(facts.clients, {}, &ClientFact::to).to;
    const ClientPlaces places{facts.clients};
    connection.select(db::queries::report_conversions, {first, last + question.window_ms},
                      [&](const db::Row& row) {
                          const auto place = places.find(row.integer(0));
                          if (place == ClientPlaces::nowhere) return;
                          auto* found = &facts.clients[place];
                          ConversionFact fact;
                          fact.at = row.integer(1);
                          if (fact.at < found->from || fact.at >= found->to + question.window_ms)
                              return;
                          fact.client = place;
                          fact.kind = static_cast<std::uint8_t>(kind_index(row.text(2)));
                          if (fact.kind == conversion_kinds.size()) return;
                          fact.is_goal = question.goal.empty() || question.goal == row.text(2) ||
                                         question.goal == row.text(3);
                          fact.has_amount = !row.is_null(4);
                          if (fact.has_amount) fact.amount = static_cast<double>(row.integer(4));
                          if (fact.has_amount && !row.is_null(5))
                              note_currency(facts, fact.kind, row.text(5));
                          found->converted =
                              static_cast<std::uint8_t>(found->converted | (1U << fact.kind));
                          found->reached_goal = found->reached_goal || fact.is_goal;
                          facts.conversions.push_back(fact);
                      });
}

}  // namespace

Reaction reaction_of(std::string_view kind) {
    if (kind.starts_with("robot") || kind == "auto_reply" || kind == "bounce")
        return Reaction::automatic;
    if (kind == "open") return Reaction::opened;
    if (kind == "click" || kind == "landing") return Reaction::clicked;
    if (kind == "stop" || kind == "unsubscribe" || kind == "complaint" || kind == "do_not_call")
        return Reaction::opted_out;
    return Reaction::responded;
}

Facts load_facts(db::Database& database, const FactQuestion& question) {
    // Reading is most of the work, and a connection reads on one core only.
    auto responses = std::async(std::launch::async, [&] {
        return read_responses(*db::LongRead{database}, question.campaign);
    });
    Facts facts;
    const db::LongRead lease{database};
    read_messages(*lease, question.campaign, facts);
    group_by_client(facts);
    read_conversions(*lease, question, facts);
    apply_responses(responses.get(), facts);
    lease->select(db::queries::report_machines, {question.campaign, question.campaign},
                  [&](const db::Row& row) {
                      facts.kinds.push_back({row.get<std::string>(0), Reaction::automatic,
                                             row.integer(1), row.integer(2)});
                  });
    return facts;
}

}  // namespace carillon::reports
