#include "desk/operation_desk.h"

#include <algorithm>

#include "base/local_date.h"
#include "base/money.h"
#include "campaigns/bundle.h"
#include "db/queries.h"
#include "desk/channel_facts.h"
#include "desk/message_content.h"
#include "desk/visible.h"
#include "scheduler/call_desk.h"
#include "scheduler/run_contexts.h"

namespace carillon::desk {

namespace {

// A desk of calls that lives for one request.
class Calls {
public:
    Calls(const Office& office, db::Database& database)
        : outlets_(office.workshop()),
          contexts_([this](const db::Document& channel) { return outlets_.find(channel); },
                    office.workshop().bank),
          desk_(database, office.clock(), office.workshop().composer,
                [this](db::Connection& connection, base::RunId run) {
                    return contexts_.find(connection, run);
                }) {}
    scheduler::CallDesk& operator*() { return desk_; }
    scheduler::CallDesk* operator->() { return &desk_; }

private:
    ContentOutlets outlets_;
    scheduler::RunContexts contexts_;
    scheduler::CallDesk desk_;
};

base::Json to_json(const scheduler::CallTask& task) {
    return base::Json::Object{{"id", task.message.value},
                              {"state", task.state},
                              {"client", task.client},
                              {"name", task.name},
                              {"campaign", task.campaign},
                              {"number", task.number},
                              {"script", task.script},
                              {"time_zone", task.time_zone},
                              {"manager", task.manager},
                              {"claimed_by", task.claimed_by},
                              {"disposition", task.disposition},
                              {"note", task.note},
                              {"due_at", base::to_text(task.due_at)},
                              {"not_after", time_or_null(task.not_after)},
                              {"calls", task.calls}};
}

// Whose tasks: a manager's own only, else whose are asked for.
std::string manager_of(const Caller& caller, const std::string& asked) {
    return caller.branches ? caller.user : asked;
}

// By number as in the list: a manager's own calls only.
bool sees_call(const Office& office, const Caller& caller, std::int64_t id) {
    if (!caller.branches) return true;
    bool is_own = false;
    office.read(caller, Right::calls_work)
        ->select(db::queries::call_task, {id}, [&](const db::Row& row) {
            is_own = row.get<std::optional<std::string>>(18) == caller.user ||
                     row.get<std::optional<std::string>>(4) == caller.user;
        });
    return is_own;
}

base::Json health_of(db::Connection& connection, const std::string& channel) {
    base::Json::Array list;
    connection.select(db::queries::provider_health_list, {}, [&](const db::Row& row) {
        if (row.text(0) != channel) return;
        const auto number = [&](int column) {
            const auto value = row.get<std::optional<std::int64_t>>(column);
            return value ? base::Json{*value} : base::Json{};
        };
        list.push_back(base::Json::Object{{"provider", row.get<std::string>(1)},
                                          {"state", row.get<std::string>(3)},
                                          {"answers", row.get<std::int64_t>(4)},
                                          {"errors", row.get<std::int64_t>(5)},
                                          {"p50_ms", number(6)},
                                          {"p95_ms", number(7)},
                                          {"in_hand", row.get<std::int64_t>(8)},
                                          {"reason", row.get<std::string>(9)},
                                          {"at", base::to_text(row.get<base::Instant>(10))}});
    });
    return list;
}

std::string transport_in(const std::string& content) {
    const auto json = base::Json::parse(content);
    const auto* transport = json ? json->find("transport") : nullptr;
    return transport != nullptr && transport->text() != nullptr ? *transport->text()
                                                                : std::string{};
}

base::Json channel_json(const Office& office, db::Connection& connection,
                        const db::Document& document) {
    base::Json json{base::Json::Object{}};
    json.set("name", document.name);
    json.set("version", document.version);
    json.set("transport", transport_in(document.content));
    base::Json::Array providers;
    if (const auto group = provider_group(document)) {
        json.set("kind", name_of(group->kind));
        for (const auto& provider : group->providers)
            providers.push_back(
                base::Json::Object{{"account", provider.account}, {"weight", provider.weight}});
    } else if (const auto facts = facts_of(document.content, office.workshop().data_folder)) {
        const auto& currency = office.workshop().bank.currency;
        json.set("kind", name_of(facts->kind));
        json.set("cost_per_unit",
                 base::plain_text({facts->cost_per_unit_minor, currency}) + " " + currency);
        json.set("rate_per_second", facts->rate_per_second);
    }
    json.set("providers", std::move(providers));
    json.set("health", health_of(connection, document.name));
    return json;
}

}  // namespace

Answer list_channels(Office& office, const Caller& caller) {
    auto lease = office.read(caller, Right::channels_see);
    base::Json::Array items;
    for (const auto& document : db::newest_documents(*lease, campaigns::channel_kind))
        items.push_back(channel_json(office, *lease, document));
    return base::Json{base::Json::Object{{"items", std::move(items)}}};
}

Answer list_calls(Office& office, const Caller& caller, const CallFilter& filter) {
    Calls calls{office, office.database(caller, Right::calls_work)};
    constexpr std::array<std::string_view, 4> states{"", "open", "claimed", "closed"};
    if (std::ranges::find(states, filter.state) == states.end())
        return refuse("call.state", "expected open, claimed or closed", "state");
    base::Json::Array items;
    for (const auto& task :
         calls->list(filter.state, manager_of(caller, filter.manager), filter.limit))
        items.push_back(to_json(task));
    return base::Json{base::Json::Object{{"items", std::move(items)}}};
}

Answer claim_call(Office& office, const Caller& caller, const base::Json& wish) {
    Calls calls{office, office.database(caller, Right::calls_work)};
    base::Problems problems;
    base::ObjectReader reader{wish, "$", problems};
    const auto manager = reader.text("manager");
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    const auto task = calls->claim(caller.user, manager_of(caller, manager));
    return base::Json{base::Json::Object{{"task", task ? to_json(*task) : base::Json{}}}};
}

Answer close_call(Office& office, const Caller& caller, std::int64_t id, const base::Json& json) {
    Calls calls{office, office.database(caller, Right::calls_work)};
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    const auto disposition = reader.required_text("disposition");
    const auto note = reader.text("note");
    const auto call_back_at = reader.text("call_back_at");
    if (note.size() > 500) reader.problem("note", "call.note", "at most 500 bytes");
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    const auto result =
        scheduler::read_call_result({id}, caller.user, disposition, note, call_back_at);
    if (!result) return refuse(result.error());
    if (!sees_call(office, caller, id))
        return refuse("call.unknown", "there is no call task " + std::to_string(id));
    const auto write_down = [&](db::Connection& connection) {
        const campaigns::Desk desk{connection, office.audit_key(caller, Right::calls_work),
                                   caller.user, office.now()};
        desk::note(desk, "call.close", "message " + std::to_string(id),
                   base::Json::Object{{"disposition", disposition}});
    };
    if (const auto done = calls->finish(*result, std::nullopt, write_down); !done)
        return refuse(done.error());
    return base::Json{base::Json::Object{}};
}

Answer list_tasks(Office& office, const Caller& caller, const PageQuery& query,
                  const TaskFilter& filter) {
    auto lease = office.read(caller, Right::tasks_work);
    const auto after = number_in_cursor(query.after);
    if (!after) return refuse(after.error());
    const auto manager = manager_of(caller, filter.manager);
    const auto branches = branches_in_sql(caller);
    base::Json::Array items;
    lease->select(
        db::queries::desk_tasks_after,
        {*after, filter.done ? 1 : 0, manager, manager, branches, branches, query.limit + 1},
        [&](const db::Row& row) {
            items.push_back(base::Json::Object{
                {"id", row.get<std::int64_t>(0)},
                {"kind", row.get<std::string>(1)},
                {"manager", row.get<std::string>(2)},
                {"client", row.get<std::string>(3)},
                {"campaign", row.get<std::string>(4)},
                {"text", row.get<std::string>(5)},
                {"created_at", base::to_text(row.get<base::Instant>(6))},
                {"done_at", time_or_null(row.get<std::optional<base::Instant>>(7))}});
        });
    return page_of(std::move(items), query, [](const base::Json& one) {
        return std::to_string(*one.find("id")->integer());
    });
}

Answer finish_task(Office& office, const Caller& caller, std::int64_t id) {
    return office.act(caller, Right::tasks_work, [&](const campaigns::Desk& desk) -> Answer {
        bool known = false;
        desk.connection.select(db::queries::desk_task, {id}, [&](const db::Row& row) {
            known = row.is_null(2) || sees_branch(caller, row.get<std::string>(1));
        });
        if (!known) return refuse("task.unknown", "there is no task " + std::to_string(id));
        if (desk.connection.execute(db::queries::desk_finish_task, {desk.now, id}) == 1)
            note(desk, "task.done", "task " + std::to_string(id));
        return base::Json{base::Json::Object{}};
    });
}

}  // namespace carillon::desk
