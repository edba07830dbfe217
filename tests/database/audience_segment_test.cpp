// Compiled segments against the evaluator on a small bank full of edge cases; eligibility against a
// plain reading of docs/consent.md. Both engines.
#include <catch2/catch.hpp>

#include "audience/store.h"
#include "db/compose.h"
#include "db/query.h"
#include "tests/support/small_bank.h"
#include "tests/support/test_database.h"

using namespace carillon;
using namespace carillon::audience;

namespace {

constexpr int bank_size = 250;
const db::DynamicQuery segment_ids{"segment_ids",
                                   "SELECT c.id FROM clients c WHERE ({predicate}) ORDER BY c.id;"};

std::vector<std::int64_t> ids_by_sql(db::Connection& connection, const CompiledSegment& segment) {
    const auto query = db::compose(segment_ids, connection.engine(), {},
                                   {{"predicate", segment.predicate, segment.params}});
    return connection.list<std::int64_t>(query.query, query.params,
                                         [](const db::Row& row) { return row.integer(0); });
}

Segment parsed(const std::string& rule) {
    const auto json = base::Json::parse(R"({"name":"s","rule":)" + rule + "}");
    if (!json) FAIL(json.error().text() << " in " << rule);
    auto segment = parse_segment(*json, tests::small_bank_attributes);
    if (!segment) FAIL(segment.error().front().text() << " in " << rule);
    return *segment;
}

struct Bank {
    explicit Bank(db::Engine engine, unsigned seed) : database(engine), random(seed) {
        db::in_transaction(*database,
                           [&](db::Connection& connection) { random.fill(connection, bank_size); });
        auto lease = database->read();
        for (int id = 1; id <= bank_size; ++id)
            clients.push_back(load_client(*lease, base::ClientId{id}).value());
        young = parsed(R"({"field":"age","op":"<","value":30})");
        young.name = "young";
        context.segment.as_of = base::parse_date("2026-11-21").value();
        context.segment.find_segment = [&](std::string_view name) {
            return name == "young" ? &young : nullptr;
        };
        context.segment.find_campaign = [](std::string_view) {
            return std::optional<std::int64_t>{1};
        };
        context.find_client = [&](base::ClientId id) {
            return &clients[static_cast<std::size_t>(id.value - 1)];
        };
    }
    std::vector<std::int64_t> ids_by_evaluator(const Segment& segment) const {
        std::vector<std::int64_t> ids;
        for (const auto& client : clients)
            if (matches(segment, client, context).value()) ids.push_back(client.id.value);
        return ids;
    }
    tests::TestDatabase database;
    tests::RandomBank random;
    std::vector<ClientProfile> clients;
    Segment young;
    EvaluationContext context;
};

}  // namespace

TEST_CASE("SQL and evaluator agree on thousands of random segments", "[audience][differential]") {
    for (const auto engine : tests::engines_under_test()) {
        Bank bank{engine, 2026};
        auto lease = bank.database->read();
        int settled = 0;
        const int rounds = engine == db::Engine::sqlite ? 4'000 : 1'500;
        for (int round = 0; round < rounds; ++round) {
            bank.context.segment.leap_days =
                round % 2 == 0 ? base::LeapDayRule::february_28 : base::LeapDayRule::march_1;
            bank.context.segment.as_of =
                base::parse_date(round % 3 == 0 ? "2026-02-28" : "2026-11-21").value();
            const auto rule = bank.random.rule(3);
            const auto segment = parsed(rule);
            const auto expected = bank.ids_by_evaluator(segment);
            for (const auto access : {Access::scan, Access::probe}) {
                const auto compiled = compile(segment, bank.context.segment, access);
                REQUIRE(compiled);
                const auto found = ids_by_sql(*lease, *compiled);
                if (found != expected)
                    FAIL(name_of(engine)
                         << " " << rule << "\n"
                         << compiled->predicate << "\n"
                         << found.size() << " by SQL, " << expected.size() << " by evaluator");
            }
            settled += !expected.empty() && expected.size() < bank_size;
        }
        CHECK(settled > rounds / 3);  // the rules do tell clients apart
    }
}

TEST_CASE("an explanation's first line is the answer", "[audience]") {
    Bank bank{db::Engine::sqlite, 7};
    for (int round = 0; round < 200; ++round) {
        const auto segment = parsed(bank.random.rule(3));
        const auto& client = bank.clients[static_cast<std::size_t>(bank.random.below(bank_size))];
        CHECK(explain(segment, client, bank.context).value().front().holds ==
              matches(segment, client, bank.context).value());
    }
}

namespace {

// docs/consent.md, read by hand.
std::string reason_of(
    const ClientProfile& client, base::ChannelKind channel, base::Purpose purpose,
    const std::function<bool(std::string_view subject, const std::string& value)>& suppressed) {
    std::vector<ContactInfo> contacts;
    for (const auto& contact : client.contacts)
        if (contact.channel == channel) contacts.push_back(contact);
    if (contacts.empty()) return "no_contact";
    std::ranges::sort(contacts, {}, [](const ContactInfo& contact) {
        return std::tuple{contact.state != "active", contact.priority, !contact.verified,
                          contact.number};
    });
    if (contacts[0].state != "active") return "contact_invalid";
    bool allowed = purpose != base::Purpose::marketing;
    for (const auto& consent : client.consents)
        if (consent.channel == channel && consent.purpose == purpose) allowed = consent.granted;
    if (!allowed) return "no_consent";
    if (suppressed("address", contacts[0].address)) return "suppressed_address";
    return suppressed("client", client.external_id) ? "suppressed_client" : "";
}

}  // namespace

TEST_CASE("the waterfall leaves out whom the consent rules leave out", "[audience]") {
    for (const auto engine : tests::engines_under_test()) {
        Bank bank{engine, 11};
        auto lease = bank.database->read();
        const auto all = compile(parsed(R"({"all":[]})"), bank.context.segment).value();
        for (const auto channel : {base::ChannelKind::email, base::ChannelKind::sms}) {
            for (const auto purpose :
                 {base::Purpose::marketing, base::Purpose::debt, base::Purpose::service}) {
                const auto suppressed = [&](std::string_view subject, const std::string& value) {
                    return lease
                               ->value<std::int64_t>(
                                   db::DynamicQuery{"suppressed",
                                                    "SELECT COUNT(*) FROM suppressions WHERE "
                                                    "subject = ? AND value = ? AND "
                                                    "channel IN ('*', ?) AND purpose IN ('*', ?)"},
                                   {subject, value, name_of(channel), name_of(purpose)})
                               .value() > 0;
                };
                std::map<std::string, std::int64_t> expected;
                for (const auto& client : bank.clients)
                    ++expected[reason_of(client, channel, purpose, suppressed)];
                const auto found = waterfall(*lease, all, channel, purpose);
                CHECK(found.matched == bank_size);
                CHECK(found.eligible == expected[""]);
                for (std::size_t i = 0; i < eligibility_reasons.size(); ++i) {
                    INFO(eligibility_reasons[i]);
                    CHECK(found.left_out[i] == expected[std::string{eligibility_reasons[i]}]);
                }
            }
        }
        CHECK(count(*lease, all) == bank_size);
    }
}
