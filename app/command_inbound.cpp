// inbound: mail piped in, kept in a Maildir, or fetched from a mailbox; and what came of it.
#include <fstream>
#include <iostream>

#include "app/commands.h"
#include "app/errands.h"
#include "app/mail_intake.h"
#include "base/digest.h"
#include "base/text.h"
#include "db/queries.h"
#include "responses/mail_folder.h"

namespace carillon::app {

namespace {

ExitCode say(const Output& output, const responses::MailCounts& counts) {
    output.line("taken in " + std::to_string(counts.taken) + " mails, " +
                std::to_string(counts.unmatched) + " of them match no message; " +
                std::to_string(counts.repeated) + " were known already");
    base::Json json{base::Json::Object{}};
    json.set("taken", counts.taken);
    json.set("unmatched", counts.unmatched);
    json.set("repeated", counts.repeated);
    output.result(json);
    return ExitCode::done;
}

ExitCode take_mail(Program& program, const Output& output, const InboundArgs& args) {
    program.migrated_database();
    auto intake = open_mail_intake(program);
    if (!intake) return output.refuse(intake.error());
    responses::MailCounts all;
    const auto take = [&](const std::vector<std::string>& texts) {
        std::vector<responses::IncomingMail> mails;
        for (const auto& text : texts) mails.push_back({text, args.recipients});
        const auto counts = intake->inbox->take(args.account, mails);
        all.taken += counts.taken;
        all.repeated += counts.repeated;
        all.unmatched += counts.unmatched;
        return true;
    };
    if (!args.maildir.empty()) {
        responses::take_maildir(args.maildir, take);
    } else if (args.file.empty() || args.file == "-") {
        take({responses::read_mail(std::cin)});
    } else {
        std::ifstream in{args.file, std::ios::binary};
        if (!in)
            return output.refuse({"file.unreadable", "'" + args.file + "' cannot be read", "FILE"});
        take({responses::read_mail(in)});
    }
    intake->inbox->apply_waiting();
    return say(output, all);
}

}  // namespace

ExitCode inbound_mail(Program& program, const Output& output, const InboundArgs& args) {
    try {
        return take_mail(program, output, args);
    } catch (const std::exception& error) {
        // A mail server that pipes a mail in keeps it and comes back.
        output.fail(error.what());
        return ExitCode::try_again;
    }
}

ExitCode inbound_poll(Program& program, const Output& output, const InboundArgs& args) {
    const auto polled = mail_polled(program, args.account);
    if (!polled && polled.error().front().code != "inbound.no_account")
        return output.fail(polled.error().front().text());
    if (!polled)
        return output.refuse({"inbound.no_account", polled.error().front().detail, "--account"});
    const auto count = [&](const char* name) { return *polled->find(name)->integer(); };
    responses::MailCounts all;
    all.taken = count("taken");
    all.unmatched = count("unmatched");
    all.repeated = count("repeated");
    return say(output, all);
}

ExitCode inbound_list(Program& program, const Output& output, const InboundArgs& args) {
    auto lease = program.migrated_database().read();
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    lease->select(db::queries::inbound_mails_listed, {args.unmatched ? 1 : 0, args.limit},
                  [&](const db::Row& row) {
                      std::vector<std::string> cells;
                      base::Json one{base::Json::Object{}};
                      for (const int column : {0, 7, 1, 2, 3, 4, 5, 6}) {
                          cells.push_back(column == 7 ? base::to_text(row.get<base::Instant>(7))
                                                      : std::string{row.text(column)});
                          one.set(std::string{row.name(column)}, cells.back());
                      }
                      rows.push_back(std::move(cells));
                      list.push_back(std::move(one));
                  });
    output.table({"id", "when (UTC)", "account", "kind", "matched by", "from", "subject", "why"},
                 rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

ExitCode inbound_faxes(Program& program, const Output& output, const InboundArgs& args) {
    auto lease = program.migrated_database().read();
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    lease->select(db::queries::newest_inbound_documents, {args.limit}, [&](const db::Row& row) {
        const auto client = row.get<std::optional<std::string>>(5).value_or("");
        rows.push_back({std::to_string(row.get<std::int64_t>(0)),
                        base::to_text(row.get<base::Instant>(4)), row.get<std::string>(1),
                        row.get<std::string>(2), row.get<std::string>(3), client,
                        std::to_string(row.get<std::int64_t>(6))});
        base::Json one{base::Json::Object{}};
        one.set("id", row.get<std::int64_t>(0));
        one.set("at", rows.back()[1]);
        one.set("account", rows.back()[2]);
        one.set("from", rows.back()[3]);
        one.set("to", rows.back()[4]);
        one.set("client", client);
        one.set("bytes", row.get<std::int64_t>(6));
        one.set("sha256", row.get<std::string>(7));
        list.push_back(std::move(one));
    });
    output.table({"id", "when (UTC)", "account", "from", "to", "client", "bytes"}, rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

ExitCode inbound_document(Program& program, const Output& output, const InboundArgs& args) {
    const auto kept = program.migrated_database().read()->value<std::string>(
        db::queries::inbound_document, {args.id});
    const auto bytes = kept ? base::from_base64(*kept) : base::Result<std::string>{};
    if (!kept || !bytes)
        return output.refuse(
            {"inbound.unknown", "there is no document of fax " + std::to_string(args.id), "ID"});
    std::cout << *bytes << std::flush;
    return ExitCode::done;
}

ExitCode inbound_show(Program& program, const Output& output, const InboundArgs& args) {
    const auto raw = program.migrated_database().read()->value<std::string>(
        db::queries::inbound_mail_raw, {args.id});
    const auto bytes = raw ? base::from_base64(*raw) : base::Result<std::string>{};
    if (!raw || !bytes)
        return output.refuse(
            {"inbound.unknown", "there is no mail " + std::to_string(args.id), "ID"});
    std::cout << *bytes << std::flush;
    return ExitCode::done;
}

}  // namespace carillon::app
