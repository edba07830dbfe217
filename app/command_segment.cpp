// segment count and explain: the waterfall, and why one client is or is not in it.
#include <filesystem>
#include <list>

#include "app/client_view.h"
#include "app/commands.h"
#include "audience/store.h"
#include "base/local_date.h"
#include "campaigns/bundle.h"
#include "db/queries.h"

namespace carillon::app {

namespace {

// A segment by file or stored name, with the segments it refers to.
struct LoadedSegment {
    audience::Segment segment{};
    std::list<audience::Segment> members{};  // stable addresses
    audience::SegmentContext context{};
};

tl::expected<base::Json, base::Problems> segment_json(db::Connection& connection,
                                                      const std::string& file_or_name) {
    if (const auto stored = db::find_document(connection, campaigns::segment_kind, file_or_name))
        return base::Json::parse(stored->content).value();
    if (!std::filesystem::exists(file_or_name))
        return tl::unexpected{base::Problems{
            {"segment.unknown", "there is no stored segment and no file '" + file_or_name + "'",
             "SEGMENT"}}};
    const auto text = read_file(file_or_name);
    if (!text) return tl::unexpected{base::Problems{text.error()}};
    auto json = base::Json::parse(*text, file_or_name);
    if (!json) return tl::unexpected{base::Problems{json.error()}};
    return std::move(*json);
}

base::Result<base::LocalDate> day_asked(Program& program, const std::string& as_of) {
    if (!as_of.empty()) return base::parse_date(as_of);
    return base::TimeZone::find("Europe/Moscow")
        .value_or(base::TimeZone::utc())
        .date_at(program.clock().now());
}

base::Problems load(Program& program, db::Connection& connection, const std::string& file_or_name,
                    const std::string& as_of, LoadedSegment& loaded) {
    const auto json = segment_json(connection, file_or_name);
    if (!json) return json.error();
    const auto types = audience::load_attribute_types(connection);
    auto parsed = audience::parse_segment(*json, types);
    if (!parsed) return parsed.error();
    loaded.segment = std::move(*parsed);
    const auto day = day_asked(program, as_of);
    if (!day) return {{day.error().code, day.error().detail, "--as-of"}};
    loaded.context.as_of = *day;
    loaded.context.find_segment = [&connection, &loaded,
                                   types](std::string_view name) -> const audience::Segment* {
        for (const auto& member : loaded.members)
            if (member.name == name) return &member;
        const auto stored = db::find_document(connection, campaigns::segment_kind, name);
        if (!stored) return nullptr;
        auto member = audience::parse_segment(base::Json::parse(stored->content).value(), types);
        if (!member) return nullptr;
        loaded.members.push_back(std::move(*member));
        return &loaded.members.back();
    };
    loaded.context.find_campaign = campaigns::campaign_finder(connection);
    return {};
}

}  // namespace

ExitCode count_segment(Program& program, const Output& output, const SegmentCountArgs& args) {
    const auto channel = base::channel_kind_from(args.channel);
    const auto purpose = base::purpose_from(args.purpose);
    if (!channel)
        return output.refuse(
            {"channel.unknown", "'" + args.channel + "' is no channel", "--channel"});
    if (!purpose)
        return output.refuse(
            {"purpose.unknown", "'" + args.purpose + "' is no purpose", "--purpose"});
    auto lease = program.migrated_database().read();
    LoadedSegment loaded;
    if (const auto problems = load(program, *lease, args.file_or_name, args.as_of, loaded);
        !problems.empty())
        return output.refuse(problems);
    const auto compiled = audience::compile(loaded.segment, loaded.context);
    if (!compiled) return output.refuse(compiled.error());
    const auto waterfall = audience::waterfall(*lease, *compiled, *channel, *purpose);
    std::vector<std::vector<std::string>> rows{{"matched", grouped(waterfall.matched), "100.0 %"}};
    base::Json left_out{base::Json::Object{}};
    for (std::size_t i = 0; i < waterfall.left_out.size(); ++i) {
        const std::string reason{audience::eligibility_reasons[i]};
        rows.push_back({"- " + reason, grouped(waterfall.left_out[i]),
                        percent(waterfall.left_out[i], waterfall.matched)});
        left_out.set(reason, waterfall.left_out[i]);
    }
    rows.push_back({"can be written to", grouped(waterfall.eligible),
                    percent(waterfall.eligible, waterfall.matched)});
    rows.push_back({"  of unknown time zone", grouped(waterfall.unknown_time_zone),
                    percent(waterfall.unknown_time_zone, waterfall.matched)});
    output.table(
        {loaded.segment.name + ", " + args.channel + ", " + args.purpose, "clients", "share"},
        rows);
    base::Json json{base::Json::Object{}};
    json.set("segment", loaded.segment.name);
    json.set("as_of", base::to_text(loaded.context.as_of));
    json.set("matched", waterfall.matched);
    json.set("left_out", std::move(left_out));
    json.set("reachable", waterfall.eligible);
    json.set("zone_unknown", waterfall.unknown_time_zone);
    output.result(json);
    return ExitCode::done;
}

ExitCode explain_segment(Program& program, const Output& output, const SegmentExplainArgs& args) {
    auto lease = program.migrated_database().read();
    LoadedSegment loaded;
    if (const auto problems = load(program, *lease, args.file_or_name, args.as_of, loaded);
        !problems.empty())
        return output.refuse(problems);
    const auto id = lease->value<std::int64_t>(db::queries::client_id_of, {args.client});
    const auto profile = id ? audience::load_client(*lease, base::ClientId{*id}) : std::nullopt;
    if (!profile)
        return output.refuse({"client.unknown",
                              "there is no client with the external id '" + args.client + "'",
                              "CLIENT"});
    std::list<audience::ClientProfile> related;
    audience::EvaluationContext context{
        loaded.context, [&](base::ClientId other) -> const audience::ClientProfile* {
            auto found = audience::load_client(*lease, other);
            if (!found) return nullptr;
            related.push_back(std::move(*found));
            return &related.back();
        }};
    const auto inside = audience::matches(loaded.segment, *profile, context);
    if (!inside) return output.refuse(inside.error());
    const auto explained = audience::explain(loaded.segment, *profile, context);
    if (!explained) return output.refuse(explained.error());
    output.line("client " + args.client + (*inside ? " is in " : " is not in ") +
                loaded.segment.name + " as of " + base::to_text(loaded.context.as_of));
    base::Json::Array rules;
    for (const auto& line : lines_of(*explained)) {
        output.line(line);
        rules.emplace_back(line);
    }
    base::Json json{base::Json::Object{}};
    json.set("client", args.client);
    json.set("segment", loaded.segment.name);
    json.set("matches", *inside);
    json.set("rules", std::move(rules));
    output.result(json);
    return ExitCode::done;
}

}  // namespace carillon::app
