#include "desk/client_desk.h"

#include <map>
#include <mutex>

#include "audience/client_scan.h"
#include "audience/store.h"
#include "base/email_address.h"
#include "base/local_date.h"
#include "base/money.h"
#include "base/phone_number.h"
#include "base/text.h"
#include "db/api_queries.h"
#include "db/queries.h"
#include "db/time_limit.h"
#include "desk/story.h"
#include "desk/visible.h"

namespace carillon::desk {

namespace {

template <class T>
base::Json or_null(const std::optional<T>& value) {
    return value ? base::Json{*value} : base::Json{};
}

// The address as contacts hold it, when the text is one.
std::string as_address(const std::string& text) {
    if (text.find('@') != std::string::npos) {
        const auto email = base::EmailAddress::parse(text);
        return email ? email->text() : std::string{};
    }
    if (text.find_first_not_of("+0123456789 ()-") != std::string::npos || text.size() < 7)
        return {};
    const auto phone = base::PhoneNumber::parse(text, "RU");
    return phone ? phone->e164() : std::string{};
}

base::Json contacts_json(const audience::ClientProfile& profile, const Caller& caller) {
    base::Json::Array list;
    for (const auto& contact : profile.contacts)
        list.push_back(
            base::Json::Object{{"channel", name_of(contact.channel)},
                               {"address", shown_address(caller, contact.address, contact.channel)},
                               {"priority", contact.priority},
                               {"verified", contact.verified},
                               {"state", contact.state}});
    return list;
}

base::Json consents_json(const audience::ClientProfile& profile) {
    base::Json::Array list;
    for (const auto& consent : profile.consents)
        list.push_back(base::Json::Object{{"channel", name_of(consent.channel)},
                                          {"purpose", name_of(consent.purpose)},
                                          {"granted", consent.granted},
                                          {"at", base::to_text(consent.at)},
                                          {"source", consent.source}});
    return list;
}

base::Json contracts_json(const audience::ClientProfile& profile) {
    base::Json::Array list;
    for (const auto& one : profile.contracts) {
        const auto money = [&](const std::optional<std::int64_t>& minor) {
            return minor ? base::Json{base::plain_text({*minor, one.currency}) + " " + one.currency}
                         : base::Json{};
        };
        list.push_back(base::Json::Object{{"contract", one.external_id},
                                          {"kind", one.kind},
                                          {"product", one.product},
                                          {"status", one.status},
                                          {"amount", money(one.amount_minor)},
                                          {"balance", money(one.balance_minor)},
                                          {"overdue", money(one.overdue_minor)},
                                          {"overdue_since", or_null(one.overdue_since)},
                                          {"opened_on", or_null(one.opened_on)},
                                          {"closed_on", or_null(one.closed_on)},
                                          {"expires_on", or_null(one.expires_on)},
                                          {"next_payment_on", or_null(one.next_payment_on)}});
    }
    return list;
}

base::Json attributes_json(const audience::ClientProfile& profile) {
    base::Json json{base::Json::Object{}};
    for (const auto& [name, value] : profile.attributes)
        std::visit([&, &key = name](const auto& plain) { json.set(key, plain); }, value);
    return json;
}

base::Json suppressions_json(db::Connection& connection, const audience::ClientProfile& profile) {
    base::Json::Array list;
    connection.select(
        db::queries::suppressions_of_client, {profile.external_id, profile.id.value},
        [&](const db::Row& row) {
            list.push_back(base::Json::Object{{"subject", row.get<std::string>(0)},
                                              {"channel", row.get<std::string>(2)},
                                              {"purpose", row.get<std::string>(3)},
                                              {"reason", row.get<std::string>(4)},
                                              {"source", row.get<std::string>(5)},
                                              {"at", base::to_text(row.get<base::Instant>(6))}});
        });
    return list;
}

base::Json card_of(db::Connection& connection, const audience::ClientProfile& profile,
                   const Caller& caller) {
    base::Json json{base::Json::Object{}};
    json.set("client", profile.external_id);
    json.set("name", full_name(profile.kind, profile.company_name.value_or(""),
                               profile.last_name.value_or(""), profile.first_name.value_or(""),
                               profile.middle_name.value_or("")));
    json.set("kind", profile.kind);
    json.set("status", profile.status);
    json.set("branch", profile.branch.value_or(""));
    json.set("manager", profile.manager.value_or(""));
    json.set("locale", profile.locale);
    json.set("time_zone", or_null(profile.time_zone));
    json.set("birth_date", or_null(profile.birth_date));
    json.set("gender", or_null(profile.gender));
    json.set("occupation", or_null(profile.occupation));
    json.set("value_class", profile.value_class);
    json.set("masked", !caller.may(Right::clients_contacts));
    json.set("contacts", contacts_json(profile, caller));
    json.set("consents", consents_json(profile));
    json.set("suppressions", suppressions_json(connection, profile));
    json.set("contracts", contracts_json(profile));
    json.set("attributes", attributes_json(profile));
    return json;
}

constexpr std::chrono::seconds search_limit{5};

db::IdList ids_by(db::Connection& connection, const db::Query& query, const db::Params& params) {
    return connection.list<std::int64_t>(
        query, params, [](const db::Row& row) { return row.get<std::int64_t>(0); });
}

// The first `wanted` clients behind `after` whose names hold `part`. Whoever has an early part of
// the clients may find enough before the others are through.
db::IdList ids_by_part_of_name(db::Database& database, std::int64_t after, const std::string& part,
                               const std::string& branches, std::size_t wanted,
                               const std::function<bool()>& is_gone) {
    std::mutex mutex;
    std::map<std::size_t, db::IdList> found;
    const auto enough = [&] {
        std::size_t sum = 0;
        std::size_t expected = 0;
        for (const auto& [number, ids] : found) {
            if (number != expected++) break;
            sum += ids.size();
        }
        return sum >= wanted;
    };
    audience::scan_clients(
        database, after, {search_limit, is_gone},
        [&](db::Connection& connection, std::size_t number, audience::ClientRange range) {
            auto ids = ids_by(connection, db::queries::clients_by_part_of_name,
                              {range.after, range.through, part, branches, branches,
                               static_cast<std::int64_t>(wanted)});
            const std::scoped_lock lock{mutex};
            found.emplace(number, std::move(ids));
            return !enough();
        });
    db::IdList all;
    for (const auto& [number, ids] : found) all.insert(all.end(), ids.begin(), ids.end());
    if (all.size() > wanted) all.resize(wanted);
    return all;
}

Answer lines_of(Office& office, const Caller& caller, const db::IdList& ids, base::Json next = {}) {
    auto lease = office.read(caller, Right::clients_see);
    return base::Json{base::Json::Object{{"items", client_lines(*lease, caller, ids)},
                                         {"next", std::move(next)}}};
}

}  // namespace

Answer search_clients(Office& office, const Caller& caller, const PageQuery& query,
                      const std::string& text) {
    auto& database = office.database(caller, Right::clients_see);
    const auto after = number_in_cursor(query.after);
    if (!after) return refuse(after.error());
    const auto asked = std::string{base::trim(text)};
    if (asked.size() == 1) return refuse("client.search", "at least 2 characters", "q");
    const auto branches = branches_in_sql(caller);
    const auto wanted = static_cast<std::size_t>(query.limit) + 1;
    const auto at_once = [&](const auto& ask) {
        const auto lease = database.read();
        const db::TimeLimit limit{*lease, search_limit, caller.is_gone};
        return ask(*lease);
    };
    db::IdList ids;
    try {
        if (const auto address = as_address(asked); !address.empty())
            return lines_of(office, caller, at_once([&](db::Connection& connection) {
                                return ids_by(connection, db::queries::desk_ids_by_address,
                                              {address});
                            }));
        const auto known = at_once(
            [&](db::Connection& connection) { return visible_client(connection, caller, asked); });
        if (known) return lines_of(office, caller, {known->value});
        if (asked.empty())
            ids = at_once([&](db::Connection& connection) {
                return ids_by(connection, db::queries::clients_after,
                              {*after, branches, branches, static_cast<std::int64_t>(wanted)});
            });
        else
            ids = ids_by_part_of_name(database, *after, base::fold_case(asked), branches, wanted,
                                      caller.is_gone);
    } catch (const db::TooSlow&) {
        return refuse("segment.too_slow", "too many clients to look through; say more of the name");
    }
    base::Json next;
    if (ids.size() == wanted) {
        ids.pop_back();
        next = std::to_string(ids.back());
    }
    return lines_of(office, caller, ids, std::move(next));
}

Answer client_card(Office& office, const Caller& caller, const std::string& client) {
    auto lease = office.read(caller, Right::clients_see);
    const auto id = visible_client(*lease, caller, client);
    if (!id) return refuse(id.error());
    return card_of(*lease, audience::load_client(*lease, *id).value(), caller);
}

Answer client_story(Office& office, const Caller& caller, const std::string& client,
                    const std::string& campaign) {
    auto lease = office.read(caller, Right::clients_see);
    const auto id = visible_client(*lease, caller, client);
    if (!id) return refuse(id.error());
    if (!campaign.empty() && !campaigns::find_campaign(*lease, campaign))
        return refuse("campaign.unknown", "there is no campaign '" + campaign + "'", "campaign");
    const auto story =
        tell_story(*lease, *id, client, campaign, caller.may(Right::clients_contacts));
    base::Json::Array items;
    for (const auto& line : story.lines)
        items.push_back(base::Json::Object{
            {"at", base::to_text(line.at)}, {"campaign", line.campaign}, {"text", line.text}});
    if (!campaign.empty() && story.campaigns.empty())
        for (const auto& text : why_not_chosen(*lease, *id, campaign, office.now()))
            items.push_back(
                base::Json::Object{{"at", base::Json{}}, {"campaign", campaign}, {"text", text}});
    return base::Json{base::Json::Object{{"items", std::move(items)}}};
}

}  // namespace carillon::desk
