#include "campaigns/merge_fields.h"

#include <algorithm>
#include <unordered_map>

#include "db/queries.h"

namespace carillon::campaigns {

namespace {

using templates::FieldType;
using templates::RenderData;

// One contract of the client, as far as templates ask.
struct ContractRow {
    std::int64_t client{};
    std::int64_t id{};
    std::string external_id{};
    std::string kind{};
    std::string product{};
    std::string status{};
    std::string currency{};
    std::optional<std::int64_t> amount{};
    std::optional<std::int64_t> balance{};
    std::optional<std::string> opened_on{};
    std::optional<std::string> expires_on{};
    std::optional<std::string> next_payment_on{};
    std::optional<std::int64_t> next_payment{};
    std::int64_t overdue{};
    std::optional<std::string> overdue_since{};
};

// Columns of the query merge_clients.
enum Column {
    col_client,
    col_locale,
    col_external_id,
    col_kind,
    col_last_name,
    col_first_name,
    col_middle_name,
    col_company_name,
    col_gender,
    col_birth_date,
    col_branch,
    col_manager,
    col_status,
    col_income,
    col_occupation,
    col_industry
};

struct Slot {
    RenderData& data;
    std::size_t at;
    RenderData::Row row{RenderData::root};

    void text(std::string_view value) const { data.set_text(at, value, row); }
    void text(const db::Row& source, int column) const {
        if (!source.is_null(column)) text(source.text(column));
    }
    void date(const std::optional<std::string>& value) const {
        if (!value) return;
        if (const auto parsed = base::parse_date(*value)) data.set_date(at, *parsed, row);
    }
    void money(std::optional<std::int64_t> minor, std::string_view currency) const {
        if (minor) data.set_money(at, *minor, currency, row);
    }
};

std::string full_name(const db::Row& row) {
    if (row.text(col_kind) == "company")
        return row.get<std::optional<std::string>>(col_company_name).value_or("");
    std::string name;
    for (const int column : {col_first_name, col_middle_name, col_last_name}) {
        if (row.is_null(column)) continue;
        if (!name.empty()) name += ' ';
        name += row.text(column);
    }
    return name;
}

int full_years(const base::LocalDate& born, const base::LocalDate& today) {
    const int years = static_cast<int>(today.year()) - static_cast<int>(born.year());
    return base::month_day(today) < base::month_day(born) ? years - 1 : years;
}

using FillClient = void (*)(const db::Row&, const Slot&, const MergeCommon&);

struct ClientField {
    std::string_view name;
    FieldType type;
    FillClient fill;
};

template <int column>
void fill_text(const db::Row& row, const Slot& slot, const MergeCommon&) {
    slot.text(row, column);
}

constexpr ClientField client_fields[] = {
    {"client.external_id", FieldType::text, fill_text<col_external_id>},
    {"client.first_name", FieldType::text, fill_text<col_first_name>},
    {"client.last_name", FieldType::text, fill_text<col_last_name>},
    {"client.middle_name", FieldType::text, fill_text<col_middle_name>},
    {"client.company_name", FieldType::text, fill_text<col_company_name>},
    {"client.branch", FieldType::text, fill_text<col_branch>},
    {"client.manager", FieldType::text, fill_text<col_manager>},
    {"client.status", FieldType::text, fill_text<col_status>},
    {"client.occupation", FieldType::text, fill_text<col_occupation>},
    {"client.industry", FieldType::text, fill_text<col_industry>},
    {"client.name", FieldType::text,
     [](const db::Row& row, const Slot& slot, const MergeCommon&) { slot.text(full_name(row)); }},
    {"client.is_person", FieldType::boolean,
     [](const db::Row& row, const Slot& slot, const MergeCommon&) {
         slot.data.set_boolean(slot.at, row.text(col_kind) == "person");
     }},
    {"client.is_company", FieldType::boolean,
     [](const db::Row& row, const Slot& slot, const MergeCommon&) {
         slot.data.set_boolean(slot.at, row.text(col_kind) == "company");
     }},
    {"client.is_female", FieldType::boolean,
     [](const db::Row& row, const Slot& slot, const MergeCommon&) {
         slot.data.set_boolean(slot.at, !row.is_null(col_gender) && row.text(col_gender) == "f");
     }},
    {"client.is_male", FieldType::boolean,
     [](const db::Row& row, const Slot& slot, const MergeCommon&) {
         slot.data.set_boolean(slot.at, !row.is_null(col_gender) && row.text(col_gender) == "m");
     }},
    {"client.birth_date", FieldType::date,
     [](const db::Row& row, const Slot& slot, const MergeCommon&) {
         slot.date(row.get<std::optional<std::string>>(col_birth_date));
     }},
    {"client.age", FieldType::number,
     [](const db::Row& row, const Slot& slot, const MergeCommon& common) {
         if (row.is_null(col_birth_date)) return;
         if (const auto born = base::parse_date(row.text(col_birth_date)))
             slot.data.set_integer(slot.at, full_years(*born, common.today));
     }},
    {"client.income", FieldType::money,
     [](const db::Row& row, const Slot& slot, const MergeCommon& common) {
         slot.money(row.get<std::optional<std::int64_t>>(col_income), common.currency);
     }},
};

using FillContract = void (*)(const ContractRow&, const Slot&, const MergeCommon&);

struct ContractField {
    std::string_view name;  // without "contract."
    FieldType type;
    FillContract fill;
};

std::int64_t days_between(const base::LocalDate& from, const base::LocalDate& to) {
    return (std::chrono::sys_days{to} - std::chrono::sys_days{from}).count();
}

constexpr ContractField contract_fields[] = {
    {"number", FieldType::text,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) {
         slot.text(row.external_id);
     }},
    {"kind", FieldType::text,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) { slot.text(row.kind); }},
    {"product", FieldType::text,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) { slot.text(row.product); }},
    {"status", FieldType::text,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) { slot.text(row.status); }},
    {"amount", FieldType::money,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) {
         slot.money(row.amount, row.currency);
     }},
    {"balance", FieldType::money,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) {
         slot.money(row.balance, row.currency);
     }},
    {"opened_on", FieldType::date,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) {
         slot.date(row.opened_on);
     }},
    {"expires_on", FieldType::date,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) {
         slot.date(row.expires_on);
     }},
    {"next_payment_on", FieldType::date,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) {
         slot.date(row.next_payment_on);
     }},
    {"next_payment", FieldType::money,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) {
         slot.money(row.next_payment, row.currency);
     }},
    {"overdue", FieldType::money,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) {
         if (row.overdue > 0) slot.money(row.overdue, row.currency);
     }},
    {"overdue_since", FieldType::date,
     [](const ContractRow& row, const Slot& slot, const MergeCommon&) {
         slot.date(row.overdue_since);
     }},
    {"overdue_days", FieldType::number,
     [](const ContractRow& row, const Slot& slot, const MergeCommon& common) {
         if (!row.overdue_since) return;
         if (const auto since = base::parse_date(*row.overdue_since))
             slot.data.set_integer(slot.at, days_between(*since, common.today), slot.row);
     }},
};

struct CommonField {
    std::string_view name;
    FieldType type;
    void (*fill)(const MergeSubject&, const Slot&, const MergeCommon&);
};

constexpr CommonField common_fields[] = {
    {"campaign.name", FieldType::text,
     [](const MergeSubject&, const Slot& slot, const MergeCommon& common) {
         slot.text(common.campaign_name);
     }},
    {"campaign.title", FieldType::text,
     [](const MergeSubject&, const Slot& slot, const MergeCommon& common) {
         slot.text(common.campaign_title);
     }},
    {"bank.name", FieldType::text,
     [](const MergeSubject&, const Slot& slot, const MergeCommon& common) {
         slot.text(common.bank_name);
     }},
    {"bank.phone", FieldType::text,
     [](const MergeSubject&, const Slot& slot, const MergeCommon& common) {
         slot.text(common.bank_phone);
     }},
    {"bank.url", FieldType::text,
     [](const MergeSubject&, const Slot& slot, const MergeCommon& common) {
         slot.text(common.bank_url);
     }},
    {"today", FieldType::date,
     [](const MergeSubject&, const Slot& slot, const MergeCommon& common) {
         slot.data.set_date(slot.at, common.today);
     }},
    {"unsubscribe_url", FieldType::text,
     [](const MergeSubject& subject, const Slot& slot, const MergeCommon&) {
         slot.text(subject.unsubscribe_url);
     }},
    {"view_url", FieldType::text,
     [](const MergeSubject& subject, const Slot& slot, const MergeCommon&) {
         if (!subject.view_url.empty()) slot.text(subject.view_url);
     }},
    {"tracking_token", FieldType::text,
     [](const MergeSubject& subject, const Slot& slot, const MergeCommon&) {
         slot.text(subject.tracking_token);
     }},
};

constexpr std::string_view contract_prefix = "contract.";
constexpr std::string_view attribute_prefix = "client.attributes.";
constexpr std::string_view event_prefix = "event.";

ContractRow contract_from(const db::Row& row) {
    return {row.get<std::int64_t>(0),
            row.get<std::int64_t>(1),
            row.get<std::string>(2),
            row.get<std::string>(3),
            row.get<std::string>(4),
            row.get<std::string>(5),
            row.get<std::string>(6),
            row.get<std::optional<std::int64_t>>(7),
            row.get<std::optional<std::int64_t>>(8),
            row.get<std::optional<std::string>>(9),
            row.get<std::optional<std::string>>(10),
            row.get<std::optional<std::string>>(11),
            row.get<std::optional<std::int64_t>>(12),
            row.get<std::int64_t>(13),
            row.get<std::optional<std::string>>(14)};
}

template <class Table>
auto find_source(const Table& table, std::string_view name) {
    const auto found =
        std::ranges::find_if(table, [&](const auto& field) { return field.name == name; });
    return found == std::end(table) ? nullptr : &*found;
}

// Which slot takes its value from where: worked out once a batch, not once a message.
struct Plan {
    std::vector<std::pair<std::size_t, FillClient>> client;
    std::vector<std::pair<std::size_t, FillContract>> contract;
    std::vector<std::pair<std::size_t, const CommonField*>> common;
    std::vector<std::pair<std::size_t, std::string>> attributes;
    std::vector<std::pair<std::size_t, std::string>> events;
    std::optional<std::size_t> contracts_slot;
    std::vector<std::pair<std::size_t, FillContract>> contracts_elements;
    bool needs_contracts() const { return !contract.empty() || contracts_slot.has_value(); }
};

void plan_field(Plan& plan, const templates::Field& field, std::size_t slot) {
    const std::string_view name = field.name;
    if (const auto* client = find_source(client_fields, name)) {
        plan.client.emplace_back(slot, client->fill);
    } else if (const auto* common = find_source(common_fields, name)) {
        plan.common.emplace_back(slot, common);
    } else if (name.starts_with(attribute_prefix)) {
        plan.attributes.emplace_back(slot, std::string{name.substr(attribute_prefix.size())});
    } else if (name.starts_with(event_prefix)) {
        plan.events.emplace_back(slot, std::string{name.substr(event_prefix.size())});
    } else if (name == "contracts") {
        plan.contracts_slot = slot;
        for (std::size_t i = 0; i < field.elements.size(); ++i)
            if (const auto* element = find_source(contract_fields, field.elements[i].name))
                plan.contracts_elements.emplace_back(i, element->fill);
    } else if (name.starts_with(contract_prefix)) {
        if (const auto* contract =
                find_source(contract_fields, name.substr(contract_prefix.size())))
            plan.contract.emplace_back(slot, contract->fill);
    }
}

Plan plan_of(const templates::Fields& fields) {
    Plan plan;
    for (std::size_t slot = 0; slot < fields.size(); ++slot) plan_field(plan, fields[slot], slot);
    return plan;
}

struct AttributeRow {
    std::string name;
    std::optional<std::string> text;
    std::optional<double> number;
};

// Rows of the whole batch that some templates need and most do not.
struct Extras {
    std::unordered_map<std::int64_t, std::vector<ContractRow>> contracts;
    std::unordered_map<std::int64_t, std::vector<AttributeRow>> attributes;
    std::unordered_map<std::int64_t, base::Json> events;
};

Extras load_extras(db::Connection& reader, const Plan& plan,
                   const std::vector<MergeSubject>& subjects) {
    Extras extras;
    db::IdList clients;
    db::IdList events;
    for (const auto& subject : subjects) {
        clients.push_back(subject.client.value);
        if (subject.event) events.push_back(*subject.event);
    }
    if (plan.needs_contracts())
        reader.select(db::queries::merge_contracts, {clients}, [&](const db::Row& row) {
            auto contract = contract_from(row);
            extras.contracts[contract.client].push_back(std::move(contract));
        });
    if (!plan.attributes.empty())
        reader.select(db::queries::merge_attributes, {clients}, [&](const db::Row& row) {
            extras.attributes[row.get<std::int64_t>(0)].push_back(
                {row.get<std::string>(1), row.get<std::optional<std::string>>(2),
                 row.get<std::optional<double>>(3)});
        });
    if (!plan.events.empty() && !events.empty())
        reader.select(db::queries::merge_events, {events}, [&](const db::Row& row) {
            if (auto payload = base::Json::parse(row.text(1)))
                extras.events.emplace(row.get<std::int64_t>(0), std::move(*payload));
        });
    return extras;
}

void set_typed(RenderData& data, std::size_t slot, FieldType type, const AttributeRow& row) {
    switch (type) {
        case FieldType::text:
            if (row.text) data.set_text(slot, *row.text);
            return;
        case FieldType::date: Slot{data, slot}.date(row.text); return;
        case FieldType::number:
            if (row.number) data.set_number(slot, *row.number);
            return;
        case FieldType::boolean:
            if (row.number) data.set_boolean(slot, *row.number != 0);
            return;
        case FieldType::money:
        case FieldType::list: return;
    }
}

void set_event_value(RenderData& data, std::size_t slot, FieldType type, const base::Json& value) {
    if (const auto* text = value.text()) {
        if (type == FieldType::text) data.set_text(slot, *text);
        if (type == FieldType::date) Slot{data, slot}.date(*text);
        if (type == FieldType::money)
            if (const auto money = templates::parse_money(*text))
                data.set_money(slot, money->minor, money->currency);
    } else if (const auto* flag = value.boolean()) {
        if (type == FieldType::boolean) data.set_boolean(slot, *flag);
    } else if (const auto number = value.number()) {
        if (type == FieldType::number) data.set_number(slot, *number);
    }
}

void fill_contracts(RenderData& data, const Plan& plan, const Extras& extras,
                    const MergeSubject& subject, const MergeCommon& common) {
    const auto found = extras.contracts.find(subject.client.value);
    if (found == extras.contracts.end()) return;
    for (const auto& contract : found->second) {
        if (subject.contract && contract.id == subject.contract->value)
            for (const auto& [slot, fill] : plan.contract) fill(contract, Slot{data, slot}, common);
        if (!plan.contracts_slot) continue;
        const auto row = data.add_row(*plan.contracts_slot);
        for (const auto& [slot, fill] : plan.contracts_elements)
            fill(contract, Slot{data, slot, row}, common);
    }
}

void fill_extras(RenderData& data, const templates::Fields& fields, const Plan& plan,
                 const Extras& extras, const MergeSubject& subject) {
    const auto attributes = extras.attributes.find(subject.client.value);
    for (const auto& [slot, name] : plan.attributes) {
        if (attributes == extras.attributes.end()) break;
        const auto row = std::ranges::find(attributes->second, name, &AttributeRow::name);
        if (row != attributes->second.end()) set_typed(data, slot, fields[slot].type, *row);
    }
    const auto event = subject.event ? extras.events.find(*subject.event) : extras.events.end();
    if (event == extras.events.end()) return;
    for (const auto& [slot, name] : plan.events)
        if (const auto* value = event->second.find(name))
            set_event_value(data, slot, fields[slot].type, *value);
}

}  // namespace

AttributeKinds load_attribute_kinds(db::Connection& connection) {
    AttributeKinds kinds;
    connection.select(db::queries::attribute_types_all, {}, [&](const db::Row& row) {
        const auto type = row.get<std::string>(1);
        kinds[row.get<std::string>(0)] = type == "number" ? AttributeKind::number
                                         : type == "date" ? AttributeKind::date
                                         : type == "flag" ? AttributeKind::flag
                                                          : AttributeKind::text;
    });
    return kinds;
}

templates::FieldCatalog event_fields() {
    return {{"event.decision", FieldType::text},    {"event.approved", FieldType::boolean},
            {"event.amount", FieldType::money},     {"event.date", FieldType::date},
            {"event.valid_until", FieldType::date}, {"event.product", FieldType::text},
            {"event.contract", FieldType::text},    {"event.card", FieldType::text},
            {"event.branch", FieldType::text},      {"event.reference", FieldType::text},
            {"event.rate", FieldType::number},      {"event.note", FieldType::text}};
}

templates::FieldCatalog merge_catalog(const AttributeKinds& attributes) {
    templates::FieldCatalog catalog;
    for (const auto& field : client_fields)
        catalog.push_back({std::string{field.name}, field.type});
    templates::Field contracts{"contracts", FieldType::list};
    for (const auto& field : contract_fields) {
        catalog.push_back({std::string{contract_prefix} + std::string{field.name}, field.type});
        contracts.elements.push_back({std::string{field.name}, field.type});
    }
    catalog.push_back(std::move(contracts));
    for (const auto& field : common_fields) {
        const bool ours = field.name == "unsubscribe_url" || field.name == "view_url" ||
                          field.name == "bank.url" || field.name == "tracking_token";
        catalog.push_back({std::string{field.name}, field.type,
                           ours ? templates::Origin::program : templates::Origin::client});
    }
    for (const auto& [name, kind] : attributes) {
        const auto type = kind == AttributeKind::number ? FieldType::number
                          : kind == AttributeKind::date ? FieldType::date
                          : kind == AttributeKind::flag ? FieldType::boolean
                                                        : FieldType::text;
        catalog.push_back({std::string{attribute_prefix} + name, type});
    }
    for (auto& field : event_fields()) catalog.push_back(std::move(field));
    return catalog;
}

std::vector<Merged> merge(db::Connection& reader, const templates::Fields& fields,
                          const std::vector<MergeSubject>& subjects, const MergeCommon& common) {
    const auto plan = plan_of(fields);
    const auto extras = load_extras(reader, plan, subjects);
    std::unordered_map<std::int64_t, const MergeSubject*> by_client;
    db::IdList clients;
    for (const auto& subject : subjects) {
        by_client[subject.client.value] = &subject;
        clients.push_back(subject.client.value);
    }
    std::vector<Merged> merged;
    merged.reserve(subjects.size());
    reader.select(db::queries::merge_clients, {clients}, [&](const db::Row& row) {
        const auto& subject = *by_client.at(row.integer(col_client));
        Merged one{subject.message, row.get<std::string>(col_locale), full_name(row),
                   std::make_unique<RenderData>(fields)};
        for (const auto& [slot, fill] : plan.client) fill(row, Slot{*one.data, slot}, common);
        for (const auto& [slot, field] : plan.common)
            field->fill(subject, Slot{*one.data, slot}, common);
        fill_contracts(*one.data, plan, extras, subject, common);
        fill_extras(*one.data, fields, plan, extras, subject);
        merged.push_back(std::move(one));
    });
    return merged;
}

}  // namespace carillon::campaigns
