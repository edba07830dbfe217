// channels list: the providers behind every channel, as the sending processes saw them last.
#include <fmt/format.h>

#include <set>

#include "app/commands.h"
#include "base/local_date.h"
#include "campaigns/bundle.h"
#include "db/queries.h"

namespace carillon::app {

namespace {

// One provider as one sending process sees it.
struct Seen {
    std::int64_t dispatcher{};
    std::string state{};
    std::int64_t answers{};
    std::int64_t errors{};
    std::optional<std::int64_t> p50{};
    std::optional<std::int64_t> p95{};
    std::int64_t in_hand{};
    std::string reason{};
    base::Instant at{};
};
// By channel and provider.
using SeenOf = std::map<std::pair<std::string, std::string>, std::vector<Seen>>;

SeenOf all_seen(db::Connection& connection) {
    SeenOf seen;
    connection.select(db::queries::provider_health_list, {}, [&](const db::Row& row) {
        seen[{row.get<std::string>(0), row.get<std::string>(1)}].push_back(
            {row.get<std::int64_t>(2), row.get<std::string>(3), row.get<std::int64_t>(4),
             row.get<std::int64_t>(5), row.get<std::optional<std::int64_t>>(6),
             row.get<std::optional<std::int64_t>>(7), row.get<std::int64_t>(8),
             row.get<std::string>(9), row.get<base::Instant>(10)});
    });
    return seen;
}

std::set<std::string> members_of_groups(const std::vector<db::Document>& documents) {
    std::set<std::string> members;
    for (const auto& document : documents)
        if (const auto group = provider_group(document))
            for (const auto& provider : group->providers) members.insert(provider.account);
    return members;
}

class Table {
public:
    // `answers`: of all providers of the channel.
    void add(const std::string& channel, const channels::WeightedAccount& provider,
             const Seen& seen, std::int64_t answers) {
        const auto errors = percent(seen.errors, seen.answers);
        const auto share = percent(seen.answers, answers);
        const auto time = [](const std::optional<std::int64_t>& millis) {
            return millis ? fmt::format("{} ms", *millis) : std::string{};
        };
        rows_.push_back({channel, provider.account, std::to_string(provider.weight), seen.state,
                         grouped(seen.answers), errors, time(seen.p50), time(seen.p95), share,
                         grouped(seen.in_hand), base::to_text(seen.at).substr(0, 19) + "Z",
                         seen.reason});
        auto one = head(channel, provider);
        one.set("state", seen.state);
        one.set("dispatcher", seen.dispatcher);
        one.set("answers", seen.answers);
        one.set("errors", seen.errors);
        if (seen.p50) one.set("p50_ms", *seen.p50);
        if (seen.p95) one.set("p95_ms", *seen.p95);
        one.set("share", answers > 0
                             ? static_cast<double>(seen.answers) / static_cast<double>(answers)
                             : 0.0);
        one.set("in_hand", seen.in_hand);
        one.set("reason", seen.reason);
        one.set("at", base::to_text(seen.at));
        list_.push_back(std::move(one));
    }
    void add_unused(const std::string& channel, const channels::WeightedAccount& provider) {
        rows_.push_back({channel, provider.account, std::to_string(provider.weight), "not used yet",
                         "", "", "", "", "", "", "", ""});
        auto one = head(channel, provider);
        one.set("state", "unused");
        list_.push_back(std::move(one));
    }
    void print(const Output& output) {
        output.table({"channel", "provider", "weight", "state", "answers", "errors", "p50", "p95",
                      "share", "in hand", "told at (UTC)", "why"},
                     rows_);
        output.result(base::Json{std::move(list_)});
    }

private:
    static base::Json head(const std::string& channel, const channels::WeightedAccount& provider) {
        base::Json one{base::Json::Object{}};
        one.set("channel", channel);
        one.set("provider", provider.account);
        one.set("weight", provider.weight);
        return one;
    }

    std::vector<std::vector<std::string>> rows_;
    base::Json::Array list_;
};

}  // namespace

ExitCode list_providers(Program& program, const Output& output) {
    auto lease = program.migrated_database().read();
    const auto seen = all_seen(*lease);
    Table table;
    const auto documents = db::newest_documents(*lease, campaigns::channel_kind);
    const auto members = members_of_groups(documents);
    for (const auto& document : documents) {
        // An account of a group is told of there, unless it is also used on its own.
        if (members.contains(document.name) && !seen.contains({document.name, document.name}))
            continue;
        const auto group = provider_group(document);
        const auto providers =
            group ? group->providers : std::vector<channels::WeightedAccount>{{document.name, 1}};
        std::int64_t answers = 0;
        for (const auto& provider : providers)
            if (const auto found = seen.find({document.name, provider.account});
                found != seen.end())
                for (const auto& one : found->second) answers += one.answers;
        for (const auto& provider : providers) {
            const auto found = seen.find({document.name, provider.account});
            if (found == seen.end())
                table.add_unused(document.name, provider);
            else
                for (const auto& one : found->second)
                    table.add(document.name, provider, one, answers);
        }
    }
    table.print(output);
    return ExitCode::done;
}

}  // namespace carillon::app
