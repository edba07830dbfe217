// Imports on both engines: what goes in, what is rejected and why, upserts, and kills at any
// moment.
#include <signal.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <thread>

#include "audience/import.h"
#include "audience/store.h"
#include "base/text.h"
#include "bench/bank_generator.h"
#include "tests/support/test_database.h"

using namespace carillon;
using namespace carillon::audience;

namespace {

const base::Instant now = base::parse_instant("2026-11-21T09:00:00Z").value();

struct Folder {
    Folder()
        : path(std::filesystem::temp_directory_path() /
               ("carillon-import-" + base::to_hex(base::random_bytes(6)))) {
        std::filesystem::create_directories(path);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::string file(const std::string& name, const std::string& content) const {
        std::ofstream{path / name, std::ios::binary} << content;
        return (path / name).string();
    }
    std::string read(const std::string& name) const {
        std::ifstream file{path / name, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    std::filesystem::path path;
};

ImportSummary import(db::Database& database, const ImportSettings& settings) {
    const base::ManualClock clock{now};
    const auto summary = run_import(database, clock, settings);
    if (!summary) FAIL(summary.error().text());
    return *summary;
}

ImportSummary import(db::Database& database, const Folder& folder, ImportKind kind,
                     const std::string& content, const std::string& mapping = {}) {
    static int number = 0;
    const auto name = "f" + std::to_string(++number);
    ImportSettings settings{kind, folder.file(name + ".csv", content), {}, {}, 1'000};
    if (!mapping.empty()) settings.mapping_file = folder.file(name + ".json", mapping);
    return import(database, settings);
}

// All rows of the tables an import fills, as text.
std::string dump(db::Database& database) {
    std::string text;
    auto lease = database.read();
    for (const auto* query :
         {"SELECT * FROM clients ORDER BY id",
          "SELECT * FROM contacts ORDER BY client_id, channel, priority, address",
          "SELECT * FROM client_attributes ORDER BY client_id, name",
          "SELECT * FROM relations ORDER BY client_id, related_id",
          "SELECT * FROM contracts ORDER BY id",
          "SELECT * FROM consents ORDER BY client_id, channel, purpose",
          "SELECT client_id, channel, purpose, granted, at FROM consent_history ORDER BY "
          "client_id, channel, purpose, at",
          "SELECT * FROM duplicates ORDER BY client_id, other_id, evidence",
          "SELECT kind, state, byte_offset, line, rows_imported, rows_rejected, rejects_size FROM "
          "imports ORDER BY id"}) {
        lease->select(db::DynamicQuery{"dump", query}, {}, [&](const db::Row& row) {
            for (int i = 0; i < row.columns(); ++i) {
                if (row.name(i) != "number" ||
                    std::string_view{query}.find("contacts") == std::string_view::npos)
                    text += row.is_null(i) ? std::string{"-"} : std::string{row.text(i)};
                text += '|';
            }
            text += '\n';
        });
    }
    return text;
}

std::string first_difference(const std::string& a, const std::string& b) {
    const auto lines_of_a = base::split(a, '\n');
    const auto lines_of_b = base::split(b, '\n');
    for (std::size_t i = 0; i < std::min(lines_of_a.size(), lines_of_b.size()); ++i)
        if (lines_of_a[i] != lines_of_b[i])
            return std::string{lines_of_a[i]} + "\n" + std::string{lines_of_b[i]};
    return a.size() == b.size() ? "" : "one has more lines";
}

// A file of clients with every hundredth row wrong and every thousandth client twice.
std::string messy_clients(int count) {
    const bench::BankGenerator bank{3};
    std::string text{bank.clients_header()};
    for (int i = 0; i < count; ++i) {
        if (i % 100 == 7) text += "C" + std::to_string(i) + ",person,broken row\r\n";
        bank.append_client(text, i % 1'000 == 999 ? i - 500 : i);
    }
    return text;
}

}  // namespace

TEST_CASE("clients go in with contacts, attributes, relations and value class",
          "[audience][import]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::TestDatabase database{engine};
        const Folder folder;
        const auto summary =
            import(*database, folder, ImportKind::clients,
                   "id,last,first,sex,born,email,phone,income,attributes.score,wife\n"
                   "1,Иванов,Пётр,M,02.03.1980,Petr@Пример.РФ,8 916 123-45-67,\"1 000,50\",7,2\n"
                   "2,Иванова,Анна,F,29.02.1984,,,500,,1\n"
                   "3,Петров,Олег,M,,oleg@example.com,,400,8.5,99\n"
                   "4,Сидоров,Ян,M,,,,300,,\n"
                   "5,Сидоров,Ян,M,,,,200,,\n",
                   R"({"date_format":"DD.MM.YYYY","locale":"ru","time_zone":"Europe/Moscow",
                                        "attributes":{"score":"number"},"decimal_mark":",",
                                        "fields":{"external_id":"id","last_name":"last","first_name":"first",
                                        "gender":{"column":"sex","values":{"M":"m","F":"f"}},
                                        "birth_date":"born","email":"email","phone":"phone","income":"income",
                                        "attributes.score":{"column":"attributes.score"},"spouse":"wife"}})");
        CHECK(summary.rows_imported == 4);
        CHECK(summary.rows_rejected == 1);  // client 99 is unknown
        const auto client = load_client(*database->read(), "1").value();
        CHECK(client.birth_date == "1980-03-02");
        CHECK(client.gender == "m");
        CHECK(client.income_minor == 100'050);
        CHECK(client.time_zone == "Europe/Moscow");
        CHECK(std::get<double>(client.attributes.at("score")) == 7);
        CHECK(client.relations.size() == 1);
    }
}

TEST_CASE("one client has everything its row gave", "[audience][import]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::TestDatabase database{engine};
        const Folder folder;
        const auto summary = import(
            *database, folder, ImportKind::clients,
            "external_id,last_name,first_name,gender,birth_date,email,email2,phone,fax,address,"
            "income,attributes.tariff,spouse,company_name\n"
            "1,Иванов,Пётр,m,1980-03-02,Petr@Пример.РФ,p@example.com,8 916 123-45-67,"
            "+7 495 123-45-67,\"Москва, Тверская 1\",1000.50,gold,2,\n"
            "2,Иванова,Анна,f,1984-02-29,,,,,,500,,1,\n"
            "3,,,,,,,,,,,,,ООО Ромашка\n");
        CHECK(summary.rows_imported == 3);
        CHECK(summary.rows_rejected == 0);
        auto lease = database->read();
        const auto client = load_client(*lease, "1").value();
        CHECK(client.last_name == "Иванов");
        CHECK(client.search_name == "иванов пётр");
        CHECK(client.income_minor == 100'050);
        CHECK(client.value_class == "top");
        CHECK(client.status == "active");
        CHECK(client.created_at == now);
        CHECK(client.mix == base::mix_of("1"));
        CHECK(std::get<std::string>(client.attributes.at("tariff")) == "gold");
        std::vector<std::string> contacts;
        for (const auto& contact : client.contacts)
            contacts.push_back(std::string{name_of(contact.channel)} +
                               std::to_string(contact.priority) + " " + contact.address);
        std::ranges::sort(contacts);
        CHECK(contacts == std::vector<std::string>{"email1 Petr@xn--e1afmkfd.xn--p1ai",
                                                   "email2 p@example.com", "fax1 +74951234567",
                                                   "letter1 Москва, Тверская 1",
                                                   "sms1 +79161234567"});
        const auto wife = load_client(*lease, "2").value();
        REQUIRE(wife.relations.size() == 1);
        CHECK(wife.relations[0].related == client.id);
        CHECK(wife.value_class == "standard");
        CHECK(load_client(*lease, "3")->kind == "company");
    }
}

TEST_CASE("a later file changes only what it gives", "[audience][import]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::TestDatabase database{engine};
        const Folder folder;
        import(*database, folder, ImportKind::clients,
               "external_id,last_name,branch,email,email2\n1,Иванов,B-1,a@example.com,b@example."
               "com\n");
        import(*database, folder, ImportKind::clients,
               "external_id,branch,email\n1,,c@example.com\n1,B-2,\n");
        auto lease = database->read();
        auto client = load_client(*lease, "1").value();
        CHECK(client.last_name == "Иванов");
        CHECK(client.branch == "B-2");
        REQUIRE(client.contacts.size() == 2);
        CHECK(client.contacts[0].address == "c@example.com");
        CHECK(client.contacts[1].address == "b@example.com");
        import(
            *database, folder, ImportKind::clients, "external_id,branch,email2\n1,,\n",
            R"({"fields":{"external_id":"external_id","branch":{"column":"branch","empty":"clear"},
                   "email2":{"column":"email2","empty":"clear"}}})");
        client = load_client(*database->read(), "1").value();
        CHECK_FALSE(client.branch);
        CHECK(client.contacts.size() == 1);
    }
}

TEST_CASE("rejects carry line, column and reason, and go in once put right", "[audience][import]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::TestDatabase database{engine};
        const Folder folder;
        const auto file =
            folder.file("a.csv",
                        "external_id;email;birth_date;phone\n1;=bad;1980-01-01;\n"
                        "2;ok@example.com;31.12.1980;123\n3;x@example.com;;\n4;\"open;;\n5;;;;;\n");
        const auto summary = import(*database, {ImportKind::clients, file, {}, {}, 2});
        CHECK(summary.rows_imported == 1);
        CHECK(summary.rows_rejected == 4);
        auto rejects = folder.read("a.rejects.csv");
        CHECK_THAT(rejects,
                   Catch::StartsWith(
                       "\xEF\xBB\xBFrejected_line;rejected_column;rejected_reason;external_id;"));
        CHECK_THAT(rejects, Catch::Contains("\r\n2;email;"));
        CHECK_THAT(rejects, Catch::Contains(";1;'=bad;1980-01-01;\r\n"));
        CHECK_THAT(rejects, Catch::Contains("3;birth_date, phone;"));
        const auto replace = [&](const std::string& from, const std::string& to) {
            rejects.replace(rejects.find(from), from.size(), to);
        };
        replace(";'=bad;", ";good@example.com;");
        replace("2;ok@example.com;31.12.1980;123", "2;ok@example.com;1980-12-31;+79161234567");
        const auto again = import(*database, folder, ImportKind::clients, rejects);
        CHECK(again.rows_imported == 2);
        CHECK(load_client(*database->read(), "2")->birth_date == "1980-12-31");
    }
}

TEST_CASE("a file says which addresses are verified, also of clients who are known",
          "[audience][import]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::TestDatabase database{engine};
        const Folder folder;
        const auto verified = [&] {
            std::string found;
            database->read()->select(
                db::DynamicQuery{"v",
                                 "SELECT channel, priority, verified FROM contacts"
                                 " ORDER BY client_id, channel, priority"},
                {}, [&](const db::Row& row) {
                    found += std::string{row.text(0)} + std::to_string(row.integer(1)) +
                             (row.get<bool>(2) ? "+ " : "- ");
                });
            return found;
        };
        import(*database, folder, ImportKind::clients,
               "external_id,email_verified,email,email2,phone,phone_verified\n"
               "1,yes,a@example.com,b@example.com,+79161234567,no\n");
        CHECK(verified() == "email1+ email2- sms1- ");
        import(*database, folder, ImportKind::clients,
               "external_id,email,email2,email2_verified,phone,phone_verified\n"
               "1,c@example.com,b@example.com,1,+79161234567,yes\n");
        CHECK(verified() == "email1- email2+ sms1+ ");
    }
}

TEST_CASE("clients who look like one are found on three kinds of evidence", "[audience][import]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::TestDatabase database{engine};
        const Folder folder;
        const auto summary = import(
            *database, folder, ImportKind::clients,
            "external_id,last_name,birth_date,email,phone\n"
            "1,Ёлкин,1980-01-01,a@example.com,+79161234567\n2,ЁЛКИН,1980-01-01,b@example.com,\n"
            "3,Third,,a@example.com,+79161234567\n4,Ёлкин,1980-01-02,,\n");
        CHECK(summary.duplicates == 3);
        std::string found;
        database->read()->select(
            db::DynamicQuery{
                "d", "SELECT evidence, client_id, other_id FROM duplicates ORDER BY evidence"},
            {}, [&](const db::Row& row) {
                found += std::string{row.text(0)} + std::to_string(row.integer(1)) +
                         std::to_string(row.integer(2)) + " ";
            });
        CHECK(found == "email13 name_and_birth12 phone13 ");
    }
}

TEST_CASE("the newest consent is in force whatever the order, every one is kept",
          "[audience][import]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::TestDatabase database{engine};
        const Folder folder;
        import(*database, folder, ImportKind::clients, "external_id\n1\n");
        const auto summary =
            import(*database, folder, ImportKind::consents,
                   "client,channel,purpose,granted,at,source\n"
                   "1,email,marketing,no,2026-05-01T10:00:00Z,call\n"
                   "1,email,marketing,yes,2026-01-01T10:00:00Z,form\n"
                   "1,sms,marketing,yes,2026-01-01,form\n1,sms,marketing,no,2026-01-01,form\n"
                   "1,sms,advert,yes,2026-01-01,form\n1,fax,marketing,yes,2027-01-01,form\n"
                   "9,sms,marketing,yes,2026-01-01,form\n1,call,marketing,maybe,2026-01-01,form\n");
        CHECK(summary.rows_imported == 4);
        CHECK(summary.rows_rejected == 4);
        const auto consents = load_client(*database->read(), "1")->consents;
        REQUIRE(consents.size() == 2);
        CHECK_FALSE(consents[0].granted);
        CHECK(consents[0].source == "call");
        CHECK_FALSE(consents[1].granted);
        CHECK(database->read()->value<std::int64_t>(
                  db::DynamicQuery{"h", "SELECT COUNT(*) FROM consent_history"}) == 4);
    }
}

TEST_CASE("contracts and suppressions go in by the ids of clients", "[audience][import]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::TestDatabase database{engine};
        const Folder folder;
        import(*database, folder, ImportKind::clients, "external_id\n1\n");
        const auto contracts =
            import(*database, folder, ImportKind::contracts,
                   "external_id,client,kind,amount,currency,overdue,overdue_since\n"
                   "K1,1,loan,1000.50,EUR,10,2026-10-01\nK2,1,loan,1000.5,JPY,,\nK3,2,card,,,,\n"
                   "K4,1,boat,,,,\n");
        CHECK(contracts.rows_imported == 1);
        CHECK(contracts.rows_rejected == 3);
        import(*database, folder, ImportKind::contracts,
               "external_id,client,kind,overdue\nK1,1,loan,0\n");
        const auto client = load_client(*database->read(), "1").value();
        REQUIRE(client.contracts.size() == 1);
        CHECK(client.contracts[0].amount_minor == 100'050);
        CHECK(client.contracts[0].overdue_minor == 0);
        CHECK(client.contracts[0].overdue_since == "2026-10-01");
        const auto stops = import(
            *database, folder, ImportKind::suppressions,
            "address,client,channel,reason\n8 916 123 45 67,,sms,STOP\nA@EXAMPLE.COM,,*,complaint\n"
            ",1,,bankrupt\n,,,nobody\nx,1,,both\n");
        CHECK(stops.rows_imported == 3);
        CHECK(stops.rows_rejected == 2);
        CHECK(database->read()->value<std::string>(db::DynamicQuery{
                  "s", "SELECT value FROM suppressions WHERE channel = 'sms'"}) == "+79161234567");
    }
}

TEST_CASE("an import killed again and again ends as one that was left alone",
          "[audience][import][kill]") {
    for (const auto engine : tests::engines_under_test()) {
        const Folder folder;
        const int rows = engine == db::Engine::sqlite ? 12'000 : 4'000;
        const auto file = folder.file("clients.csv", messy_clients(rows));
        ImportSettings settings{
            ImportKind::clients, file, {}, (folder.path / "calm.csv").string(), 250};
        tests::TestDatabase calm{engine};
        const auto expected = import(*calm, settings);
        CHECK(expected.rows_rejected == rows / 100);

        tests::TestDatabase killed{engine};
        settings.rejects_file = (folder.path / "killed.csv").string();
        std::mt19937 random{5};
        int kills = 0;
        while (true) {
            const auto child = ::fork();
            if (child == 0) {
                db::Database database{killed.settings()};
                const base::ManualClock clock{now};
                ::_exit(run_import(database, clock, settings) ? 0 : 1);
            }
            std::this_thread::sleep_for(
                std::chrono::milliseconds{10 + random() % 150 + static_cast<unsigned>(kills) * 5});
            ::kill(child, SIGKILL);
            int status = 0;
            ::waitpid(child, &status, 0);
            if (WIFEXITED(status)) {
                REQUIRE(WEXITSTATUS(status) == 0);
                break;
            }
            ++kills;
            // Killed between its last commit and its exit: there is nothing left to go on with.
            const db::DynamicQuery done{"done",
                                        "SELECT COUNT(*) FROM imports WHERE state = 'done'"};
            if (killed->read()->value<std::int64_t>(done).value_or(0) > 0) break;
        }
        INFO(name_of(engine) << ": " << kills << " kills");
        CHECK(kills > 0);
        CHECK(folder.read("killed.csv") == folder.read("calm.csv"));
        CHECK(first_difference(dump(*killed), dump(*calm)) == "");
    }
}
