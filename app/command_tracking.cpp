// tracking: opens and clicks as they are counted, and the robots among them.
#include "app/commands.h"
#include "responses/tracking.h"

namespace carillon::app {

ExitCode judge_tracking(Program& program, const Output& output, const TrackingArgs& args) {
    const auto judged = responses::judge_tracking(program.migrated_database(), {},
                                                  base::Instant::max(), args.again);
    output.line(grouped(judged) + " events judged");
    base::Json json{base::Json::Object{}};
    json.set("judged", judged);
    output.result(json);
    return ExitCode::done;
}

ExitCode show_tracking(Program& program, const Output& output) {
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    for (const auto& [kind, verdict, count] :
         responses::tracking_counts(*program.migrated_database().read())) {
        rows.push_back({kind, verdict, grouped(count)});
        base::Json one{base::Json::Object{}};
        one.set("kind", kind);
        one.set("verdict", verdict);
        one.set("count", count);
        list.push_back(std::move(one));
    }
    output.table({"kind", "verdict", "events"}, rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

}  // namespace carillon::app
