#include "desk/visible.h"

#include <algorithm>
#include <map>

#include "base/quoted_contacts.h"
#include "campaigns/bundle.h"
#include "db/queries.h"
#include "desk/words.h"

namespace carillon::desk {

std::string branches_in_sql(const Caller& caller) {
    if (!caller.branches) return {};
    std::string text = "\n";
    for (const auto& branch : *caller.branches) text += branch + "\n";
    return text;
}

bool sees_branch(const Caller& caller, const std::string& branch) {
    return !caller.branches || (!branch.empty() && std::ranges::find(*caller.branches, branch) !=
                                                       caller.branches->end());
}

base::Result<base::ClientId> visible_client(db::Connection& connection, const Caller& caller,
                                            const std::string& external_id) {
    base::ClientId id;
    connection.select(db::queries::desk_client_branch, {external_id}, [&](const db::Row& row) {
        if (sees_branch(caller, row.get<std::string>(1))) id = row.get<base::ClientId>(0);
    });
    if (!id)
        return base::fail("client.unknown",
                          "there is no client with the external id '" + external_id + "'");
    return id;
}

std::string full_name(std::string_view kind, std::string_view company, std::string_view last,
                      std::string_view first, std::string_view middle) {
    if (kind == "company") return std::string{company};
    std::string name;
    for (const auto part : {last, first, middle})
        if (!part.empty()) name += (name.empty() ? "" : " ") + std::string{part};
    return name;
}

std::string shown_address(const Caller& caller, std::string_view address,
                          base::ChannelKind channel) {
    return caller.may(Right::clients_contacts) ? std::string{address} : masked(address, channel);
}

std::string shown_text(const Caller& caller, std::string_view text) {
    return caller.may(Right::clients_contacts) ? std::string{text} : base::without_contacts(text);
}

base::Json::Array client_lines(db::Connection& connection, const Caller& caller,
                               const db::IdList& ids) {
    if (ids.empty()) return {};
    std::map<std::int64_t, base::Json::Array> contacts;
    connection.select(db::queries::contacts_of_clients, {ids}, [&](const db::Row& row) {
        const auto channel = base::channel_kind_from(row.text(2)).value();
        contacts[row.get<std::int64_t>(1)].push_back(
            base::Json::Object{{"channel", row.get<std::string>(2)},
                               {"address", shown_address(caller, row.get<std::string>(3), channel)},
                               {"state", row.get<std::string>(6)}});
    });
    const auto branches = branches_in_sql(caller);
    base::Json::Array lines;
    connection.select(db::queries::desk_clients_in, {ids, branches, branches},
                      [&](const db::Row& row) {
                          lines.push_back(base::Json::Object{
                              {"client", row.get<std::string>(1)},
                              {"name", full_name(row.get<std::string>(2), row.get<std::string>(3),
                                                 row.get<std::string>(4), row.get<std::string>(5),
                                                 row.get<std::string>(6))},
                              {"kind", row.get<std::string>(2)},
                              {"status", row.get<std::string>(7)},
                              {"branch", row.get<std::string>(8)},
                              {"locale", row.get<std::string>(9)},
                              {"contacts", std::move(contacts[row.get<std::int64_t>(0)])}});
                      });
    return lines;
}

base::TimeZone bank_zone(db::Connection& connection) {
    std::string zone = campaigns::default_policies().bank_zone;
    if (const auto stored =
            db::find_document(connection, campaigns::policies_kind, campaigns::policies_name)) {
        const auto json = base::Json::parse(stored->content);
        const auto policies =
            json ? campaigns::parse_policies(*json) : campaigns::Parsed<campaigns::Policies>{};
        if (policies) zone = policies->bank_zone;
    }
    return base::TimeZone::find(zone).value_or(base::TimeZone::utc());
}

}  // namespace carillon::desk
