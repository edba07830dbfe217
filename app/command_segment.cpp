// segment count and explain: the waterfall, and why one client is or is not in it.
#include <filesystem>

#include "app/commands.h"
#include "base/local_date.h"
#include "campaigns/bundle.h"
#include "desk/segment_desk.h"
#include "desk/story.h"

namespace carillon::app {

namespace {

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

base::Problems load(Program& program, db::Connection& connection, const std::string& file_or_name,
                    const std::string& as_of, desk::LoadedSegment& loaded) {
    const auto json = segment_json(connection, file_or_name);
    if (!json) return json.error();
    return desk::load_segment(connection, *json, as_of, program.clock().now(), loaded);
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
    desk::LoadedSegment loaded;
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
    desk::LoadedSegment loaded;
    if (const auto problems = load(program, *lease, args.file_or_name, args.as_of, loaded);
        !problems.empty())
        return output.refuse(problems);
    const auto explained = desk::explain_segment(*lease, loaded, args.client);
    if (!explained) return output.refuse(explained.error());
    output.line("client " + args.client + (explained->matches ? " is in " : " is not in ") +
                loaded.segment.name + " as of " + base::to_text(loaded.context.as_of));
    base::Json::Array rules;
    for (const auto& line : desk::lines_of(explained->rules)) {
        output.line(line);
        rules.emplace_back(line);
    }
    base::Json json{base::Json::Object{}};
    json.set("client", args.client);
    json.set("segment", loaded.segment.name);
    json.set("matches", explained->matches);
    json.set("rules", std::move(rules));
    output.result(json);
    return ExitCode::done;
}

}  // namespace carillon::app
