#include "desk/message_desk.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/digest.h"
#include "base/local_date.h"
#include "base/text.h"
#include "campaigns/bundle.h"
#include "campaigns/merge_fields.h"
#include "campaigns/message_cancel.h"
#include "campaigns/message_state.h"
#include "campaigns/own_event.h"
#include "db/api_queries.h"
#include "db/queries.h"
#include "db/time_limit.h"
#include "desk/message_content.h"
#include "desk/visible.h"
#include "desk/words.h"
#include "templates/fields.h"

namespace carillon::desk {

namespace {

constexpr std::chrono::seconds list_limit{5};

struct MessageRow {
    base::Json line{};
    std::string state{};
    std::string campaign_state{};
    std::string reference{};
    std::string route{};
    base::RunId run{};
};

MessageRow row_from(const db::Row& row, const Caller& caller) {
    const auto channel = base::channel_kind_from(row.text(9)).value_or(base::ChannelKind::letter);
    MessageRow found{.state = row.get<std::string>(11),
                     .campaign_state = row.get<std::string>(22),
                     .reference = row.get<std::string>(19),
                     .route = row.get<std::string>(20),
                     .run = row.get<base::RunId>(21)};
    const auto reason = shown_text(caller, row.get<std::string>(12));
    if (!caller.may(Right::clients_contacts))
        found.reference = reference_masked(found.reference, row.text(18));
    found.line = base::Json::Object{
        {"id", row.get<std::int64_t>(0)},
        {"campaign", row.get<std::string>(1)},
        {"client", row.get<std::string>(2)},
        {"client_name",
         full_name(row.get<std::string>(3), row.get<std::string>(4), row.get<std::string>(5),
                   row.get<std::string>(6), row.get<std::string>(7))},
        {"step", row.get<std::int64_t>(8)},
        {"channel", row.get<std::string>(9)},
        {"variant", row.get<std::int64_t>(10)},
        {"state", found.state},
        {"reason", reason},
        {"in_words", in_words(reason)},
        {"due_at", base::to_text(row.get<base::Instant>(13))},
        {"submitted_at", time_or_null(row.get<std::optional<base::Instant>>(14))},
        {"finished_at", time_or_null(row.get<std::optional<base::Instant>>(15))},
        {"attempt", row.get<std::int64_t>(16)},
        {"units", row.get<std::int64_t>(17)},
        {"address", shown_address(caller, row.get<std::string>(18), channel)}};
    return found;
}

bool is_retryable(const MessageRow& row) {
    return (row.state == "failed" || row.state == "quarantined") &&
           (row.campaign_state == "running" || row.campaign_state == "paused");
}

std::optional<MessageRow> find_row(db::Connection& connection, const Caller& caller,
                                   std::int64_t id) {
    const auto branches = branches_in_sql(caller);
    return connection.one<MessageRow>(db::queries::desk_message, {id, branches, branches},
                                      [&](const db::Row& row) { return row_from(row, caller); });
}

tl::unexpected<base::Problems> unknown(std::int64_t id) {
    return refuse("message.unknown", "there is no message " + std::to_string(id));
}

base::Json history_of(db::Connection& connection, const Caller& caller, std::int64_t id) {
    std::vector<std::pair<base::Instant, std::string>> lines;
    connection.select(db::queries::events_of_message, {id}, [&](const db::Row& row) {
        lines.emplace_back(row.get<base::Instant>(0),
                           row.get<std::string>(1) + " -> " + row.get<std::string>(2) + ": " +
                               in_words(row.get<std::optional<std::string>>(3).value_or("")));
    });
    connection.select(db::queries::receipts_of_message, {id}, [&](const db::Row& row) {
        lines.emplace_back(row.get<base::Instant>(3),
                           row.get<std::string>(0) + " reports " + row.get<std::string>(1) + " " +
                               row.get<std::optional<std::string>>(2).value_or(""));
    });
    std::ranges::stable_sort(lines);
    base::Json::Array list;
    for (const auto& [at, text] : lines)
        list.push_back(
            base::Json::Object{{"at", base::to_text(at)}, {"text", shown_text(caller, text)}});
    return list;
}

base::Json detail_of(db::Connection& connection, const Caller& caller, MessageRow row,
                     std::int64_t id) {
    auto json = std::move(row.line);
    json.set("provider_ref", row.reference);
    json.set("route", row.route);
    json.set("retryable", is_retryable(row));
    json.set("history", history_of(connection, caller, id));
    return json;
}

// What a filter narrows a list down to, with the parameters that come first.
struct Chosen {
    const db::Query* query{&db::queries::desk_messages};
    db::Params first{};
    std::int64_t campaign{};  // 0: any
};

base::Result<Chosen> choose(db::Connection& connection, const Caller& caller,
                            const MessageFilter& filter) {
    if (!filter.client.empty()) {
        const auto client = visible_client(connection, caller, filter.client);
        if (!client) return base::fail(client.error());
        return Chosen{&db::queries::desk_messages_of_client, {*client}};
    }
    if (filter.event != 0) {
        const auto client =
            connection.value<std::int64_t>(db::queries::desk_event_client, {filter.event});
        if (!client)
            return base::fail("event.unknown", "there is no event " + std::to_string(filter.event));
        return Chosen{&db::queries::desk_messages_of_event, {*client, filter.event}};
    }
    if (filter.campaign.empty()) return Chosen{};
    const auto campaign = campaigns::find_campaign(connection, filter.campaign);
    if (!campaign)
        return base::fail("campaign.unknown", "there is no campaign '" + filter.campaign + "'");
    return Chosen{&db::queries::desk_messages_of_campaign, {campaign->id}, campaign->id.value};
}

std::string between_line_ends(const std::vector<std::string>& words) {
    return words.empty() ? std::string{} : "\n" + base::join(words, "\n") + "\n";
}

// Whether nothing but states and a campaign narrows the list down, so that an index knows it.
bool is_in_index(const Caller& caller, const MessageFilter& filter) {
    return !caller.branches && filter.client.empty() && filter.event == 0 &&
           filter.channel.empty() && filter.reason.empty() &&
           !(filter.states.empty() && filter.campaign.empty());
}

std::vector<std::string> all_states() {
    std::vector<std::string> names;
    for (const auto state : campaigns::message_states) names.emplace_back(name_of(state));
    return names;
}

// The newest messages of a campaign (0: of all) in some states. Common states are found among the
// newest messages, rare ones by the index.
db::IdList newest_ids(db::Connection& connection, std::int64_t campaign,
                      std::vector<std::string> states, std::int64_t before, std::int64_t wanted) {
    const auto ask = [&](const db::Query& query, const db::Params& params) {
        return connection.list<std::int64_t>(
            query, params, [](const db::Row& row) { return row.get<std::int64_t>(0); });
    };
    if (campaign == 0) {
        constexpr std::int64_t newest = 100'000;
        const auto last = connection.value<std::int64_t>(db::queries::last_message_id).value_or(0);
        const auto top = std::min(before, last + 1);
        auto ids = ask(db::queries::newest_messages_in,
                       {top - newest, top, between_line_ends(states), wanted});
        if (std::cmp_greater_equal(ids.size(), wanted)) return ids;
    }
    if (states.empty()) states = all_states();
    std::ranges::sort(states);
    states.erase(std::unique(states.begin(), states.end()), states.end());
    db::IdList all;
    for (const auto& state : states) {
        const auto some =
            ask(db::queries::messages_in_state, {campaign, campaign, state, before, wanted});
        all.insert(all.end(), some.begin(), some.end());
    }
    std::ranges::sort(all, std::greater{});
    if (std::cmp_greater(all.size(), wanted)) all.resize(static_cast<std::size_t>(wanted));
    return all;
}

struct NewEvent {
    std::string name{};
    std::string client{};
    base::Json payload{base::Json::Object{}};
    base::Instant at{};
};

// In the caller's transaction. The key of the event is the caller's own, so that the same request
// can only ever make one.
Answer store_event(const campaigns::Desk& desk, const Caller& caller, const NewEvent& event) {
    const auto client = visible_client(desk.connection, caller, event.client);
    if (!client) return refuse(client.error().code, client.error().detail, "$.client");
    const auto key = "api:" + base::sha256_hex(caller.user + "\n" + caller.once->key).substr(0, 48);
    desk.connection.execute(
        db::queries::insert_event,
        {event.name, key, *client, event.payload.canonical(), event.at, desk.now});
    const auto id = desk.connection.value<std::int64_t>(db::queries::desk_event_id, {key});
    return base::Json{base::Json::Object{{"id", id.value()}}};
}

bool has_key(const Caller& caller) {
    return caller.once.has_value();
}

tl::unexpected<base::Problems> key_missing() {
    return refuse("request.key", "this needs an Idempotency-Key of 8 to 100 characters");
}

base::Json payload_in(base::ObjectReader& reader, base::Problems& problems) {
    const auto* given = reader.any("payload");
    if (given == nullptr) return base::Json{base::Json::Object{}};
    const auto mistakes = payload_problems(*given, "$.payload");
    problems.insert(problems.end(), mistakes.begin(), mistakes.end());
    return *given;
}

bool is_event_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-") ==
               std::string_view::npos;
}

}  // namespace

base::Problems payload_problems(const base::Json& payload, const std::string& place) {
    base::Problems problems;
    base::Json named{base::Json::Object{}};
    const auto fields = campaigns::event_fields();
    if (payload.object() == nullptr) {
        problems.push_back({"event.payload", "must be a JSON object", place});
        return problems;
    }
    for (const auto& [key, value] : *payload.object()) {
        const auto name = "event." + key;
        const bool known =
            std::ranges::any_of(fields, [&](const auto& field) { return field.name == name; });
        if (!known)
            problems.push_back({"event.field", "there is no field " + name, place + "." + key});
        named.set(name, value);
    }
    if (!problems.empty()) return problems;
    templates::RenderData data{fields};
    data.read_json(named, problems);
    return problems;
}

Answer list_messages(Office& office, const Caller& caller, Right right, const PageQuery& query,
                     const MessageFilter& filter) {
    auto lease = office.read(caller, right);
    const auto cursor = number_in_cursor(query.after);
    if (!cursor) return refuse(cursor.error());
    auto chosen = choose(*lease, caller, filter);
    if (!chosen) return refuse(chosen.error());
    const auto before = *cursor == 0 ? std::numeric_limits<std::int64_t>::max() : *cursor;
    const auto wanted = std::int64_t{query.limit} + 1;
    const auto branches = branches_in_sql(caller);
    const auto states = between_line_ends(filter.states);
    const db::Params params{before,        states,        states,   filter.channel, filter.channel,
                            filter.reason, filter.reason, branches, branches,       wanted};
    const db::TimeLimit limit{*lease, list_limit, caller.is_gone};
    base::Json::Array items;
    const auto take = [&](const db::Row& row) { items.push_back(row_from(row, caller).line); };
    try {
        if (is_in_index(caller, filter)) {
            const auto ids = newest_ids(*lease, chosen->campaign, filter.states, before, wanted);
            lease->select(db::queries::messages_by_id, {ids}, take);
        } else {
            auto& all = chosen->first;
            all.insert(all.end(), params.begin(), params.end());
            lease->select(*chosen->query, all, take);
        }
    } catch (const db::TooSlow&) {
        return refuse("segment.too_slow",
                      "too many messages to look through; choose a campaign as well");
    }
    return page_of(std::move(items), query, [](const base::Json& one) {
        return std::to_string(*one.find("id")->integer());
    });
}

Answer get_message(Office& office, const Caller& caller, std::int64_t id) {
    auto lease = office.read(caller, Right::messages_see);
    auto row = find_row(*lease, caller, id);
    if (!row) return unknown(id);
    return detail_of(*lease, caller, std::move(*row), id);
}

Answer message_content(Office& office, const Caller& caller, std::int64_t id) {
    Answer content = refuse("message.unknown", "no message " + std::to_string(id) +
                                                   " was composed, or it is none of yours");
    {
        auto lease = office.read(caller, Right::messages_content);
        if (!find_row(*lease, caller, id)) return content;
        content = content_of(office.workshop(), *lease, {id});
    }
    if (!content) return content;
    return office.act(caller, Right::messages_content, [&](const campaigns::Desk& desk) -> Answer {
        note(desk, "message.look", "message " + std::to_string(id));
        return *content;
    });
}

Answer retry_message(Office& office, const Caller& caller, std::int64_t id) {
    return office.act(caller, Right::messages_retry, [&](const campaigns::Desk& desk) -> Answer {
        const auto row = find_row(desk.connection, caller, id);
        if (!row) return unknown(id);
        if (!is_retryable(*row))
            return refuse("message.not_retryable",
                          "message " + std::to_string(id) + " is " + row->state +
                              " and its campaign " + row->campaign_state +
                              "; only failed ones of a running or paused campaign can be sent "
                              "again");
        desk.connection.execute(db::queries::desk_retry_message, {desk.now, id});
        desk.connection.execute(db::queries::reopen_run, {row->run});
        desk.connection.execute_batch(
            db::queries::insert_message_event,
            {{id, desk.now, row->state, "queued", "tried again by " + desk.actor}});
        note(desk, "message.retry", "message " + std::to_string(id));
        return detail_of(desk.connection, caller, find_row(desk.connection, caller, id).value(),
                         id);
    });
}

Answer cancel_message(Office& office, const Caller& caller, std::int64_t id,
                      const base::Json& why) {
    access::require(caller, Right::campaigns_launch);
    base::Problems problems;
    base::ObjectReader reader{why, "$", problems};
    const auto reason = reader.text("reason");
    if (reason.size() > 300) reader.problem("reason", "body.length", "at most 300 bytes");
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    return office.act(caller, Right::campaigns_launch, [&](const campaigns::Desk& desk) -> Answer {
        if (!find_row(desk.connection, caller, id)) return unknown(id);
        const auto done = campaigns::cancel_message(desk, base::MessageId{id}, reason);
        if (!done) return refuse(done.error());
        return detail_of(desk.connection, caller, find_row(desk.connection, caller, id).value(),
                         id);
    });
}

Answer send_message(Office& office, const Caller& caller, const base::Json& json) {
    access::require(caller, Right::messages_send);
    if (!has_key(caller)) return key_missing();
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    const auto name = reader.required_text("campaign");
    NewEvent event{.client = reader.required_text("client")};
    event.payload = payload_in(reader, problems);
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    return office.act(caller, Right::messages_send, [&](const campaigns::Desk& desk) -> Answer {
        const auto campaign = campaigns::find_campaign(desk.connection, name);
        if (!campaign)
            return refuse("campaign.unknown", "there is no campaign '" + name + "'", "$.campaign");
        const auto document = db::find_document(desk.connection, campaign->document);
        const auto definition = campaigns::parse_definition(document->content, name);
        const bool answers_events =
            definition && std::holds_alternative<campaigns::OnEvent>(definition->schedule.when);
        if (!answers_events || campaign->state != campaigns::CampaignState::running)
            return refuse("campaign.wrong_state",
                          "campaign '" + name +
                              "' is not running, or it does not answer events: nothing can be "
                              "sent in its name",
                          "$.campaign");
        event.name = campaigns::own_event_of(name);
        event.at = desk.now;
        auto taken = store_event(desk, caller, event);
        if (taken)
            note(desk, "message.send", "campaign " + name,
                 base::Json::Object{{"event", *taken->find("id")}});
        return taken;
    });
}

Answer receive_event(Office& office, const Caller& caller, const base::Json& json) {
    access::require(caller, Right::events_send);
    if (!has_key(caller)) return key_missing();
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    NewEvent event{.name = reader.required_text("name"),
                   .client = reader.required_text("client"),
                   .at = office.now()};
    if (!event.name.empty() && !is_event_name(event.name))
        reader.problem("name", "event.name", "up to 64 of a-z, 0-9, '_', '.', '-'");
    event.payload = payload_in(reader, problems);
    if (const auto at = reader.text("occurred_at"); !at.empty()) {
        const auto given = base::parse_instant(at);
        if (given)
            event.at = *given;
        else
            reader.problem("occurred_at", given.error().code, given.error().detail);
    }
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    return office.act(caller, Right::events_send, [&](const campaigns::Desk& desk) -> Answer {
        return store_event(desk, caller, event);
    });
}

}  // namespace carillon::desk
