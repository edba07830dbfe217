// What is done for the whole client base when an import of clients ends. Private to the importers.
#pragma once

#include <future>
#include <memory>

#include "audience/client_row.h"
#include "db/database.h"

namespace carillon::audience {

// What looks at all clients at once when an import ends: "top" becomes the fifth with the highest
// incomes (and all who earn as much as the last of them), and who shares an e-mail address, a
// telephone number, or name and birth date is noted in `duplicates`. Reads in a thread of its own,
// beside the building of the index. Takes about 70 bytes of memory a client. Not thread-safe.
class ClientComparison {
public:
    // Starts to read what is committed now.
    explicit ClientComparison(db::Database& database);
    ~ClientComparison();
    ClientComparison(const ClientComparison&) = delete;
    ClientComparison& operator=(const ClientComparison&) = delete;
    // Waits for the reading. Returns the pairs found. May be repeated when a transaction is.
    std::int64_t write(db::Connection& connection, base::Instant now);

private:
    struct Facts;
    std::shared_future<std::shared_ptr<Facts>> facts_;
};

// Sorting a million clients would take memory that an import has promised not to take.
class SortOnDisk {
public:
    explicit SortOnDisk(db::Database& database);
    ~SortOnDisk();
    SortOnDisk(const SortOnDisk&) = delete;
    SortOnDisk& operator=(const SortOnDisk&) = delete;

private:
    db::Database& database_;
};

// Collects relations of rows and resolves them when told to. A relation in a file replaces those of
// its kind.
class RelationPass {
public:
    struct Problem {
        CsvRow row{};
        std::string column{};
        std::string reason{};
    };
    explicit RelationPass(ClientRowParser& parser) : parser_(parser) {}
    void add(const CsvRow& row);
    std::size_t size() const { return wishes_.size(); }
    // Writes what was added; returns the rows that name unknown clients. Their cells live until the
    // next add().
    std::vector<Problem> write(db::Connection& connection);

private:
    struct Wish {
        RelationWish relation{};
        std::size_t row{};
    };
    struct KeptRow {
        std::int64_t line{};
        std::vector<std::string> cells{};
    };
    ClientRowParser& parser_;
    std::vector<Wish> wishes_;
    std::vector<KeptRow> rows_;
    std::vector<KeptRow> written_;
};

}  // namespace carillon::audience
