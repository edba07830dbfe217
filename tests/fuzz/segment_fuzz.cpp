// Segments from any JSON: what parses compiles to SQL that SQLite prepares, whose '?' are its
// parameters, and that finds the very clients the evaluator finds in a small fixed bank.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "audience/store.h"
#include "db/compose.h"
#include "db/query.h"
#include "tests/support/small_bank.h"

using namespace carillon;
using namespace carillon::audience;

namespace {

constexpr int bank_size = 40;

struct Bank {
    Bank()
        : file(std::filesystem::temp_directory_path() /
               ("carillon-fuzz-" + base::to_hex(base::random_bytes(6)))) {
        db::DatabaseSettings settings;
        settings.path = file.string();
        database = std::make_unique<db::Database>(settings);
        database->migrate();
        db::in_transaction(*database, [](db::Connection& connection) {
            tests::RandomBank{1}.fill(connection, bank_size);
        });
        for (int id = 1; id <= bank_size; ++id)
            clients.push_back(load_client(*database->read(), base::ClientId{id}).value());
        young =
            parse_segment(
                base::Json::parse(R"({"name":"young","rule":{"field":"age","op":"<","value":30}})")
                    .value(),
                tests::small_bank_attributes)
                .value();
        context.segment.as_of = base::parse_date("2026-02-28").value();
        context.segment.find_segment = [this](std::string_view name) {
            return name == "young" ? &young : nullptr;
        };
        context.segment.find_campaign = [](std::string_view) {
            return std::optional<std::int64_t>{1};
        };
        context.find_client = [this](base::ClientId id) {
            return &clients[static_cast<std::size_t>(id.value - 1)];
        };
    }
    ~Bank() {
        database.reset();
        for (const auto* ending : {"", "-wal", "-shm"})
            std::filesystem::remove(file.string() + ending);
    }
    std::filesystem::path file;
    std::unique_ptr<db::Database> database;
    std::vector<ClientProfile> clients;
    Segment young;
    EvaluationContext context;
};

const db::DynamicQuery segment_ids{"segment_ids",
                                   "SELECT c.id FROM clients c WHERE ({predicate}) ORDER BY c.id;"};

void require(bool holds) {
    if (!holds) std::abort();
}

void check(Bank& bank, const Segment& segment, Access access) {
    const auto compiled = compile(segment, bank.context.segment, access);
    if (!compiled) return;
    require(std::ranges::count(compiled->predicate, '?') == std::ssize(compiled->params));
    auto lease = bank.database->read();
    const auto query = db::compose(segment_ids, lease->engine(), {},
                                   {{"predicate", compiled->predicate, compiled->params}});
    std::vector<std::int64_t> found;
    lease->select(query.query, query.params,
                  [&](const db::Row& row) { found.push_back(row.integer(0)); });
    std::vector<std::int64_t> expected;
    for (const auto& client : bank.clients) {
        const auto in = matches(segment, client, bank.context);
        if (!in) return;  // a rule the other way round would have met first
        if (*in) expected.push_back(client.id.value);
    }
    require(found == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Bank bank;
    std::string text{reinterpret_cast<const char*>(data), size};
    // A number in front chooses a rule that is right, so that the search need not begin with
    // braces.
    if (size == 4) {
        unsigned seed = 0;
        for (std::size_t i = 0; i < 4; ++i) seed = seed << 8 | data[i];
        text = R"({"name":"s","rule":)" + tests::RandomBank{seed}.rule(3) + "}";
    }
    const auto json = base::Json::parse(text);
    if (!json) return 0;
    const auto segment = parse_segment(*json, tests::small_bank_attributes);
    if (!segment) {
        require(!segment.error().empty());
        return 0;
    }
    in_words(segment->rule);
    check(bank, *segment, Access::scan);
    check(bank, *segment, Access::probe);
    return 0;
}
