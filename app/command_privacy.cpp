// client export, client erase, retain: personal data on its owner's wish and when its time is over.
#include <fstream>
#include <iostream>

#include "app/commands.h"
#include "app/duties.h"
#include "desk/privacy_desk.h"

namespace carillon::app {

ExitCode export_client(Program& program, const Output& output, const PrivacyArgs& args) {
    const auto found = program.act([&](const campaigns::Desk& desk) {
        auto json = desk::exported(desk.connection, args.id);
        if (json) desk::note(desk, "client.export", "client of the command line");
        return json;
    });
    if (!found) return output.refuse({found.error().code, found.error().detail, "ID"});
    const auto text = found->dump(2) + "\n";
    if (args.out.empty()) {
        std::cout << text;
        return ExitCode::done;
    }
    std::ofstream file{args.out, std::ios::binary | std::ios::trunc};
    file << text;
    return file.flush() ? ExitCode::done : output.fail("cannot write " + args.out);
}

ExitCode erase_client(Program& program, const Output& output, const PrivacyArgs& args) {
    if (args.confirmed != args.id)
        return output.refuse({"erase.confirmation",
                              "this cannot be undone: repeat the client's number with --confirm",
                              "--confirm"});
    const auto erased =
        program.act([&](const campaigns::Desk& desk) { return desk::erase(desk, args.id); });
    if (!erased) return output.refuse({erased.error().code, erased.error().detail, "ID"});
    output.line("erased");
    output.result(base::Json::Object{{"erased", true}});
    return ExitCode::done;
}

ExitCode retain(Program& program, const Output& output) {
    const auto removed = retain_now(program);
    for (const auto& [subject, count] : *removed.object())
        output.line(subject + ": " + grouped(*count.integer()) + " rows");
    if (removed.object()->empty()) output.line("everything is kept: no [retention] is set");
    output.result(removed);
    return ExitCode::done;
}

}  // namespace carillon::app
