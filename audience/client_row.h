// One client of an import: the columns the file gives, the contacts it wishes for, attributes.
// Private to the importers.
#pragma once

#include <array>
#include <bitset>
#include <string>
#include <vector>

#include "audience/cell_reader.h"
#include "audience/import_batch.h"
#include "audience/phone_reader.h"
#include "audience/profile.h"
#include "db/value.h"

namespace carillon::audience {

// The columns of table clients that a file may give, in the order of the queries in
// db/queries/audience_clients.sql.
enum class ClientColumn {
    kind,
    last_name,
    first_name,
    middle_name,
    company_name,
    gender,
    birth_date,
    locale,
    time_zone,
    branch,
    manager,
    status,
    income_minor,
    occupation,
    industry,
    household,
    count
};
inline constexpr auto client_column_count = static_cast<std::size_t>(ClientColumn::count);

using ClientValues = std::array<db::Value, client_column_count>;

// An address for the place `priority` on a channel; an empty one clears the place.
struct ContactWish {
    base::ChannelKind channel{};
    int priority{1};
    std::string address{};
    std::optional<bool> verified{};  // as the file says; nothing: it does not say
};

struct AttributeWish {
    std::string name{};
    db::Value text{};
    db::Value number{};
    bool clears{};
};

struct ClientRow {
    std::string external_id{};
    ClientValues values{};
    std::bitset<client_column_count> given{};
    std::vector<ContactWish> contacts{};
    std::vector<AttributeWish> attributes{};

    // As if `later` came after this row: what it gives wins, the rest stays.
    void overlay(const ClientRow& later);
};

// Everything a row of table clients holds behind the id, derived columns included: parameters of
// insert_clients. `id` stands first.
db::Params client_params(std::int64_t id, const ClientRow& row, const WriteContext& context,
                         std::int64_t created_at);

struct RelationWish {
    std::string kind{};
    std::string external_id{};
    std::string related_external_id{};
    std::size_t field{};
};

// Reads rows of a client file. Not thread-safe.
class ClientRowParser {
public:
    using Row = ClientRow;

    ClientRowParser(BoundMapping& mapping, const MappingDefaults& defaults,
                    const AttributeTypes& attributes, base::Instant now);

    // False when the row has problems().
    bool parse(const std::vector<std::string_view>& cells, ClientRow& row);
    const std::vector<CellProblem>& problems() const { return reader_.problems(); }
    // Later rows of one client are laid over the first.
    void finish(ImportBatch<ClientRow>& batch);

    bool has_relations() const { return !relations_.empty(); }
    // The relations of one row that parsed well.
    void relations(const std::vector<std::string_view>& cells, std::vector<RelationWish>& out);

private:
    using Field = BoundMapping::Field;
    struct Step {
        std::size_t field{};
        void (ClientRowParser::*read)(const Step&, std::string_view, ClientRow&){};
        ClientColumn column{};
        std::size_t size{};                         // characters of a text
        std::span<const std::string_view> words{};  // of a choice
        std::vector<base::ChannelKind> channels{};  // of a contact
        int priority{1};
        std::string attribute{};
        AttributeType type{};
    };
    Step step_for(std::size_t field, const AttributeTypes& attributes) const;
    static void read_contact_with(Step& step, std::string_view name);
    const Field& field_of(const Step& step) const { return mapping_.fields()[step.field]; }

    void read_id(const Step& step, std::string_view value, ClientRow& row);
    void read_text(const Step& step, std::string_view value, ClientRow& row);
    void read_choice(const Step& step, std::string_view value, ClientRow& row);
    void read_gender(const Step& step, std::string_view value, ClientRow& row);
    void read_birth_date(const Step& step, std::string_view value, ClientRow& row);
    void read_locale(const Step& step, std::string_view value, ClientRow& row);
    void read_time_zone(const Step& step, std::string_view value, ClientRow& row);
    void read_income(const Step& step, std::string_view value, ClientRow& row);
    void read_email(const Step& step, std::string_view value, ClientRow& row);
    void read_phone(const Step& step, std::string_view value, ClientRow& row);
    void read_address(const Step& step, std::string_view value, ClientRow& row);
    void read_verified(const Step& step, std::string_view value, ClientRow& row);
    void read_attribute(const Step& step, std::string_view value, ClientRow& row);
    void clear(const Step& step, ClientRow& row);
    void set(const Step& step, ClientRow& row, db::Value value) const;
    void complete(ClientRow& row) const;
    void apply_verdicts(ClientRow& row) const;

    BoundMapping& mapping_;
    CellReader reader_;
    PhoneReader phones_;
    std::vector<Step> steps_;
    std::vector<std::size_t> relations_;
    // What a row says of its contacts: the step of each, which may stand before the address.
    std::vector<std::pair<const Step*, bool>> verdicts_;
};

}  // namespace carillon::audience
