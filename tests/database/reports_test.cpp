// Conversions and history through the import, and the facts a report reads of them.
#include <catch2/catch.hpp>
#include <fstream>

#include "audience/import.h"
#include "campaigns/history.h"
#include "reports/facts.h"
#include "tests/support/small_campaign.h"

using namespace carillon;

namespace {

struct File {
    explicit File(const std::string& text)
        : path((std::filesystem::temp_directory_path() /
                ("carillon-reports-" + base::to_hex(base::random_bytes(6)) + ".csv"))
                   .string()) {
        std::ofstream{path} << text;
    }
    ~File() {
        std::filesystem::remove(path);
        std::filesystem::remove(path + ".rejects");
    }
    std::string path;
};

audience::ImportSettings settings_of(audience::ImportKind kind, const File& file) {
    audience::ImportSettings settings;
    settings.kind = kind;
    settings.file = file.path;
    settings.rejects_file = file.path + ".rejects";
    return settings;
}

audience::ImportSummary import_history(tests::SmallCampaign& small, const File& file) {
    auto history =
        small
            .act([&](const campaigns::Desk& desk) { return campaigns::begin_history(desk, "old"); })
            .value();
    auto settings = settings_of(audience::ImportKind::history, file);
    settings.subject = "old";
    settings.store_history = [&](db::Connection& connection,
                                 const std::vector<audience::PastContact>& rows) {
        return campaigns::store_history(connection, history, rows);
    };
    auto summary = audience::run_import(*small.database, small.clock, settings).value();
    small.act([&](const campaigns::Desk& desk) {
        campaigns::finish_history(desk, history, summary.rows_imported);
        return true;
    });
    return summary;
}

}  // namespace

TEST_CASE("a past campaign is imported with its groups and never sends", "[reports]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::SmallCampaign small{engine};
        for (const char* id : {"A", "B", "C", "D"}) small.add_client(id);
        small.apply("campaign", "old",
                    R"({"name":"old","title":"Old","objective":"cross_sell","segment":"everyone",
            "steps":[{"channel":"email","template":"note"}],
            "variants":[{"name":"x"},{"name":"y"}],
            "schedule":{"once":{"date":"2026-10-01","time":"10:00"}},
            "conversion":{"event":"deposit_opened","window":"14d"}})");
        const File history{
            "client,group,sent_at,state\nA,x,2026-10-01T09:00:00Z,delivered\n"
            "B,y,2026-10-01T09:00:00Z,bounced\nC,control,2026-10-01T09:00:00Z,\n"
            "D,z,2026-10-01T09:00:00Z,\nE,x,2026-10-01T09:00:00Z,\n"};
        const auto summary = import_history(small, history);
        CHECK(summary.rows_imported == 3);
        CHECK(summary.rows_rejected == 2);  // no such variant, no such client
        CHECK(import_history(small, history).rows_imported == 3);
        CHECK(small.states() == std::map<std::string, std::int64_t>{
                                    {"delivered", 1}, {"bounced", 1}, {"control", 1}});
        CHECK(small.number("SELECT COUNT(*) FROM campaigns WHERE state = 'past'") == 1);
        CHECK(small.number("SELECT matched FROM runs") == 3);

        const File conversions{
            "client,kind,name,at,amount,currency,external_id\n"
            "A,purchase,deposit_opened,2026-10-05T10:00:00Z,1500.50,RUB,1\n"
            "A,visit,,2026-10-04T10:00:00Z,,,2\n"
            "C,purchase,deposit_opened,2026-11-05T10:00:00Z,100,RUB,3\n"  // after the window
            "A,walk,,2026-10-05T10:00:00Z,,,4\n"
            "B,purchase,,2026-10-02T10:00:00Z,1.234,RUB,5\n"};
        const auto settings = settings_of(audience::ImportKind::conversions, conversions);
        for (int i = 0; i < 2; ++i) {
            const auto imported = audience::run_import(*small.database, small.clock, settings);
            CHECK(imported->rows_imported == 3);
            CHECK(imported->rows_rejected == 2);
        }
        CHECK(small.number("SELECT COUNT(*) FROM conversions") == 3);

        const auto campaign = campaigns::find_campaign(*small.database->read(), "old").value();
        const auto facts = reports::load_facts(*small.database,
                                               {campaign.id, "deposit_opened", 14LL * 86'400'000});
        REQUIRE(facts.clients.size() == 3);
        CHECK(facts.clients[0].reached_goal);
        CHECK(facts.clients[0].delivered);
        CHECK(facts.clients[1].bounced);
        CHECK(facts.clients[2].control);
        CHECK_FALSE(facts.clients[2].reached_goal);
        CHECK(facts.conversions.size() == 2);
    }
}

TEST_CASE("what is less overdue than before is a payment, once", "[reports]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::SmallCampaign small{engine};
        small.add_overdue_loan(small.add_client("A"));
        const auto key = small.number("SELECT client_id FROM contracts");
        const File file{"external_id,client,kind,overdue\nK" + std::to_string(key) +
                        ",A,loan,400.00\n"};
        const auto settings = settings_of(audience::ImportKind::contracts, file);
        for (int i = 0; i < 2; ++i)
            CHECK(audience::run_import(*small.database, small.clock, settings)->rows_imported == 1);
        CHECK(small.number("SELECT COUNT(*) FROM conversions") == 1);
        CHECK(small.number("SELECT amount_minor FROM conversions") == 60'000);
    }
}
