// The kinds of import, each as a pair: rows read on one thread, batches written on another.
// Private to the importers.
#pragma once

#include <string>
#include <vector>

#include "audience/client_row.h"
#include "audience/client_writer.h"

namespace carillon::audience {

// A row whose client may turn out to be unknown only when it is written: it keeps what a reject
// needs.
struct SourceRow {
    std::int64_t line{};
    std::string cells{};
};

// What the importers have in common; each has parse, problems, finish for the reading thread (their
// state is its alone) and write for the writing one.
class ClientImport {
public:
    using Row = ClientRow;
    ClientImport(BoundMapping& mapping, const MappingDefaults& defaults,
                 const AttributeTypes& attributes, const WriteContext& context)
        : parser_(mapping, defaults, attributes, context.now),
          writer_(defaults),
          context_(context) {}

    bool parse(const std::vector<std::string_view>& cells, Row& row) {
        return parser_.parse(cells, row);
    }
    const std::vector<CellProblem>& problems() const { return parser_.problems(); }
    void finish(ImportBatch<Row>& batch) {
        parser_.finish(batch);
        if (writer_.expects_new_clients()) writer_.prepare(batch, context_);
    }

    void start(db::Connection& connection) { writer_.start(connection); }
    std::vector<Reject> write(db::Connection& connection, ImportBatch<Row>& batch) {
        writer_.write(connection, batch, context_);
        return {};
    }
    // A key stood already: true when the batch should be written again, more carefully.
    bool learn_from_duplicate() {
        const bool again = writer_.expects_new_clients();
        writer_.expect_known_clients();
        return again;
    }
    ClientRowParser& parser() { return parser_; }

private:
    ClientRowParser parser_;
    ClientWriter writer_;
    WriteContext context_;
};

struct ContractRow : SourceRow {
    std::string external_id{};
    std::string client{};  // external id
    std::array<db::Value, 13>
        values{};  // from kind to overdue_since, in the order of store_contracts
    std::bitset<13> given{};
};

struct ConsentRow : SourceRow {
    std::string client{};
    base::ChannelKind channel{};
    base::Purpose purpose{};
    bool granted{};
    std::int64_t at{};
    std::string source{};
    db::Value proof{};
};

struct ConversionRow : SourceRow {
    std::string client{};
    std::string kind{};
    std::string name{};
    std::int64_t at{};
    std::string amount{};  // as written: the currency may stand in a later column
    db::Value minor{};
    std::string currency{};
    db::Value product{};
    std::string source{"import"};
    std::string external_id{};
};

struct HistoryRow : SourceRow {
    PastContact contact{};
};

struct FigureRow : SourceRow {
    std::string client{};
    std::string period{};
    std::string metric{};
    std::string detail{};
    std::string amount{};  // as written: the currency may stand in a later column
    std::int64_t minor{};
    std::string currency{};
    std::int64_t limit_parts{1'000};  // plans
};
struct PlanRow : FigureRow {};
struct FactRow : FigureRow {};

struct SuppressionRow {
    db::Params params{};  // of insert_suppressions
};

// Importers of rows that need no second look at the batch and never meet a duplicate they cannot
// store.
template <class RowType>
class PlainImport {
public:
    using Row = RowType;
    PlainImport(BoundMapping& mapping, const MappingDefaults& defaults, const WriteContext& context)
        : mapping_(mapping), reader_(defaults, context.now), context_(context) {}

    bool parse(const std::vector<std::string_view>& cells, Row& row);
    const std::vector<CellProblem>& problems() const { return reader_.problems(); }
    void finish(ImportBatch<Row>&) {}
    void start(db::Connection&) {}
    std::vector<Reject> write(db::Connection& connection, ImportBatch<Row>& batch);
    bool learn_from_duplicate() { return false; }

private:
    void read(const BoundMapping::Field& field, std::string_view value, Row& row);
    // Notes what only the whole row can show.
    void check(Row& row);

    BoundMapping& mapping_;
    CellReader reader_;
    PhoneReader phones_;
    WriteContext context_;
};

template <class RowType>
bool PlainImport<RowType>::parse(const std::vector<std::string_view>& cells, Row& row) {
    reader_.start_row();
    for (std::size_t i = 0; i < mapping_.fields().size(); ++i) {
        const auto value = mapping_.value(i, cells);
        const auto& field = mapping_.fields()[i];
        if (!value.empty() || field.source.clears) read(field, value, row);
    }
    check(row);
    return reader_.problems().empty();
}

template <>
void PlainImport<ContractRow>::read(const BoundMapping::Field& field, std::string_view value,
                                    ContractRow& row);
template <>
void PlainImport<ContractRow>::check(ContractRow& row);
template <>
std::vector<Reject> PlainImport<ContractRow>::write(db::Connection& connection,
                                                    ImportBatch<ContractRow>& batch);
template <>
void PlainImport<ConsentRow>::read(const BoundMapping::Field& field, std::string_view value,
                                   ConsentRow& row);
template <>
void PlainImport<ConsentRow>::check(ConsentRow& row);
template <>
std::vector<Reject> PlainImport<ConsentRow>::write(db::Connection& connection,
                                                   ImportBatch<ConsentRow>& batch);
template <>
void PlainImport<SuppressionRow>::read(const BoundMapping::Field& field, std::string_view value,
                                       SuppressionRow& row);
template <>
void PlainImport<SuppressionRow>::check(SuppressionRow& row);
template <>
std::vector<Reject> PlainImport<SuppressionRow>::write(db::Connection& connection,
                                                       ImportBatch<SuppressionRow>& batch);
template <>
void PlainImport<ConversionRow>::read(const BoundMapping::Field& field, std::string_view value,
                                      ConversionRow& row);
template <>
void PlainImport<ConversionRow>::check(ConversionRow& row);
template <>
std::vector<Reject> PlainImport<ConversionRow>::write(db::Connection& connection,
                                                      ImportBatch<ConversionRow>& batch);
template <>
void PlainImport<HistoryRow>::read(const BoundMapping::Field& field, std::string_view value,
                                   HistoryRow& row);
template <>
void PlainImport<HistoryRow>::check(HistoryRow& row);
template <>
std::vector<Reject> PlainImport<HistoryRow>::write(db::Connection& connection,
                                                   ImportBatch<HistoryRow>& batch);
template <>
void PlainImport<PlanRow>::read(const BoundMapping::Field& field, std::string_view value,
                                PlanRow& row);
template <>
void PlainImport<PlanRow>::check(PlanRow& row);
template <>
std::vector<Reject> PlainImport<PlanRow>::write(db::Connection& connection,
                                                ImportBatch<PlanRow>& batch);
template <>
void PlainImport<FactRow>::read(const BoundMapping::Field& field, std::string_view value,
                                FactRow& row);
template <>
void PlainImport<FactRow>::check(FactRow& row);
template <>
std::vector<Reject> PlainImport<FactRow>::write(db::Connection& connection,
                                                ImportBatch<FactRow>& batch);

using ContractImport = PlainImport<ContractRow>;
using ConsentImport = PlainImport<ConsentRow>;
using SuppressionImport = PlainImport<SuppressionRow>;
using ConversionImport = PlainImport<ConversionRow>;
using HistoryImport = PlainImport<HistoryRow>;
using PlanImport = PlainImport<PlanRow>;
using FactImport = PlainImport<FactRow>;

}  // namespace carillon::audience
