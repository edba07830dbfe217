#include "scheduler/rehearsal.h"

#include <algorithm>

#include "campaigns/audience_sql.h"
#include "channels/units.h"
#include "db/queries.h"

namespace carillon::scheduler {

namespace {

constexpr std::size_t at_once = 200;  // letters are large

struct Chosen {
    Claimed claimed{};
    std::string external_id{};
};

// Everything compiled once, as RunContexts does for runs; outlets without a channel behind them.
struct Stage {
    RunContext run{};
    std::map<std::string, Outlet> outlets{};  // by account
    std::map<std::string, ProviderPool> pools{};
};

// The account that stands for these settings: of a group its first provider.
std::string account_in(const db::Document& channel, base::Problems& problems) {
    const auto group = group_in(channel, problems);
    return group ? group->providers.front().account : channel.name;
}

base::Result<void> set_up(Stage& stage, db::Connection& reader, const campaigns::Bundle& bundle,
                          const ComposerOf& composer_of, const RehearsalSettings& settings) {
    base::Problems problems;
    for (const auto& [name, document] : bundle.channels) {
        const auto account = account_in(document, problems);
        auto& outlet = stage.outlets[account];
        if (!outlet.compose) {
            const auto& settings_of = bundle.channels.at(account);
            auto compose = composer_of(settings_of);
            if (!compose) return base::fail(compose.error());
            outlet.document = settings_of.id;
            outlet.compose = std::move(*compose);
        }
        stage.pools.emplace(name, ProviderPool{name, &outlet});
    }
    std::map<std::string, templates::CompiledTemplate> compiled;
    const auto attributes = campaigns::load_attribute_kinds(reader);
    for (const auto& [name, document] : bundle.templates)
        if (auto one = campaigns::compile_template(document, attributes, problems))
            compiled.emplace(name, std::move(*one));
    if (!problems.empty()) return base::fail(problems.front());
    stage.run = share_of(bundle, settings.bank, {});
    stage.run.campaign = settings.campaign;
    add_contents(stage.run, bundle, compiled,
                 [&](const std::string& account) { return &stage.pools.at(account); });
    return {};
}

std::vector<Chosen> choose(db::Connection& reader, const std::vector<db::Fragment>& fragments,
                           int step, base::ChannelKind channel, std::int64_t sample) {
    const auto composed = db::compose(db::queries::rehearse, reader.engine(),
                                      {std::string{name_of(channel)}, sample}, fragments);
    std::int64_t number = 0;
    return reader.list<Chosen>(composed.query, composed.params, [&](const db::Row& row) {
        Claimed claimed{.id = base::MessageId{++number},
                        .client = row.get<base::ClientId>(0),
                        .step = step,
                        .channel = channel,
                        .variant = row.get<int>(1)};
        if (const auto contract = row.get<std::optional<std::int64_t>>(2))
            claimed.contract = base::ContractId{*contract};
        claimed.address = row.get<std::string>(3);
        claimed.time_zone = row.get<std::string>(4);
        return Chosen{std::move(claimed), row.get<std::string>(5)};
    });
}

void count(Rehearsed& rehearsed, const Composed& composed, const std::string& external_id) {
    ++rehearsed.tried;
    if (!composed.message) {
        auto& problem = rehearsed.problems[composed.problem];
        if (++problem.count == 1) problem.client = external_id;
        return;
    }
    const int units = channels::units_of(composed.message->payload);
    ++rehearsed.made;
    rehearsed.units += units;
    rehearsed.units_max = std::max(rehearsed.units_max, units);
    rehearsed.pages += channels::pages_of(composed.message->payload);
}

void compose_all(Rehearsed& rehearsed, db::Connection& reader, const RunContext& run,
                 const Composer& composer, std::vector<Chosen> chosen, base::Instant now) {
    std::map<std::int64_t, std::string> names;
    std::map<int, std::vector<Claimed>> by_variant;
    for (auto& one : chosen) {
        names[one.claimed.id.value] = std::move(one.external_id);
        by_variant[one.claimed.variant].push_back(std::move(one.claimed));
    }
    for (auto& [variant, claimed] : by_variant)
        for (std::size_t from = 0; from < claimed.size(); from += at_once) {
            const auto end = std::min(claimed.size(), from + at_once);
            std::vector<Claimed> some{claimed.begin() + static_cast<std::ptrdiff_t>(from),
                                      claimed.begin() + static_cast<std::ptrdiff_t>(end)};
            const auto& content = run.content(some[0].step, some[0].channel, variant);
            const Carrier carrier{content.providers, {}, content.providers->outlet(0), {}};
            for (const auto& one : composer.compose(reader, run, carrier, std::move(some), now))
                count(rehearsed, one, names[one.claimed.id.value]);
        }
}

std::vector<Rehearsed> parts_of(const campaigns::Definition& definition) {
    std::vector<Rehearsed> all;
    for (std::size_t i = 0; i < definition.steps.size(); ++i)
        for (const auto& route : definition.steps[i].routes)
            all.push_back({.step = static_cast<int>(i) + 1,
                           .channel = route.channel,
                           .account = campaigns::account_of(route)});
    return all;
}

}  // namespace

base::Result<std::vector<Rehearsed>> rehearse(db::Connection& reader,
                                              const campaigns::Bundle& bundle,
                                              const Composer& composer,
                                              const ComposerOf& composer_of,
                                              const RehearsalSettings& settings) {
    if (std::holds_alternative<campaigns::OnEvent>(bundle.definition.schedule.when))
        return std::vector<Rehearsed>{};
    auto all = parts_of(bundle.definition);
    Stage stage;
    if (const auto done = set_up(stage, reader, bundle, composer_of, settings); !done)
        return base::fail(done.error());
    campaigns::RunQuestion question{
        bundle, settings.campaign, {}, {}, campaigns::campaign_finder(reader)};
    for (const auto& day : settings.days) {
        question.as_of = stage.run.as_of = stage.run.common.today = day;
        for (auto& rehearsed : all) {
            const auto wanted = settings.sample - rehearsed.tried;
            if (wanted <= 0) continue;
            question.step = static_cast<std::size_t>(rehearsed.step) - 1;
            const auto fragments = campaigns::run_fragments(question);
            if (!fragments) return base::fail(fragments.error());
            compose_all(rehearsed, reader, stage.run, composer,
                        choose(reader, *fragments, rehearsed.step, rehearsed.channel, wanted),
                        settings.now);
        }
    }
    return all;
}

}  // namespace carillon::scheduler
