#include "audience/client_row.h"

#include <algorithm>
#include <unordered_map>

#include "audience/names.h"
#include "audience/segment_fields.h"
#include "base/digest.h"
#include "base/email_address.h"

namespace carillon::audience {

namespace {

constexpr std::string_view attribute_prefix = "attributes.";

constexpr std::size_t at(ClientColumn column) {
    return static_cast<std::size_t>(column);
}

const std::string* text_in(const db::Value& value) {
    return std::get_if<std::string>(&value.data());
}

bool is_missing(const db::Value& value) {
    return std::holds_alternative<std::monostate>(value.data());
}

std::string_view text_or_nothing(const ClientRow& row, ClientColumn column) {
    const auto* text = text_in(row.values[at(column)]);
    return text == nullptr ? std::string_view{} : std::string_view{*text};
}

std::string search_name(const ClientRow& row) {
    std::string name;
    for (const auto column : {ClientColumn::last_name, ClientColumn::first_name,
                              ClientColumn::middle_name, ClientColumn::company_name}) {
        name += text_or_nothing(row, column);
        name += ' ';
    }
    return folded_name(name);
}

db::Value birth_month_day(const ClientRow& row) {
    const auto date = base::parse_date(text_or_nothing(row, ClientColumn::birth_date));
    return date ? db::Value{base::month_day(*date)} : db::Value{};
}

// "email", "email3" -> 1, 3.
int priority_of(std::string_view field) {
    const char last = field.back();
    return last >= '2' && last <= '9' ? last - '0' : 1;
}

bool is_relation(std::string_view field) {
    const auto kinds = relation_kinds();
    return std::ranges::find(kinds, field) != kinds.end();
}

struct TextColumn {
    std::string_view field{};
    ClientColumn column{};
    std::size_t size{};
};
constexpr TextColumn text_columns[] = {{"last_name", ClientColumn::last_name, 100},
                                       {"first_name", ClientColumn::first_name, 100},
                                       {"middle_name", ClientColumn::middle_name, 100},
                                       {"company_name", ClientColumn::company_name, 200},
                                       {"branch", ClientColumn::branch, 64},
                                       {"manager", ClientColumn::manager, 100},
                                       {"occupation", ClientColumn::occupation, 100},
                                       {"industry", ClientColumn::industry, 100},
                                       {"household", ClientColumn::household, 64}};

}  // namespace

void ClientRow::overlay(const ClientRow& later) {
    for (std::size_t i = 0; i < client_column_count; ++i)
        if (later.given[i]) values[i] = later.values[i];
    given |= later.given;
    for (const auto& wish : later.contacts) {
        const auto same = std::ranges::find_if(contacts, [&](const ContactWish& known) {
            return known.channel == wish.channel && known.priority == wish.priority;
        });
        if (same == contacts.end())
            contacts.push_back(wish);
        else
            *same = wish;
    }
    for (const auto& wish : later.attributes) {
        const auto same = std::ranges::find(attributes, wish.name, &AttributeWish::name);
        if (same == attributes.end())
            attributes.push_back(wish);
        else
            *same = wish;
    }
}

db::Params client_params(std::int64_t id, const ClientRow& row, const WriteContext& context,
                         std::int64_t created_at) {
    db::Params params;
    params.reserve(client_column_count + 8);
    params.emplace_back(id);
    params.emplace_back(row.external_id);
    for (const auto& value : row.values) params.push_back(value);
    params.push_back(birth_month_day(row));
    params.emplace_back(search_name(row));
    params.emplace_back(base::mix_of(row.external_id));
    params.emplace_back(context.import_id);
    params.emplace_back(created_at);
    params.emplace_back(context.now);
    params.emplace_back("standard");
    return params;
}

ClientRowParser::ClientRowParser(BoundMapping& mapping, const MappingDefaults& defaults,
                                 const AttributeTypes& attributes, base::Instant now)
    : mapping_(mapping), reader_(defaults, now) {
    for (std::size_t i = 0; i < mapping.fields().size(); ++i) {
        if (is_relation(mapping.fields()[i].source.field))
            relations_.push_back(i);
        else
            steps_.push_back(step_for(i, attributes));
    }
}

ClientRowParser::Step ClientRowParser::step_for(std::size_t field,
                                                const AttributeTypes& attributes) const {
    using P = ClientRowParser;
    const std::string_view name = mapping_.fields()[field].source.field;
    Step step{.field = field};
    const auto* info = find_field(client_fields(), name);
    const auto* text = std::ranges::find(text_columns, name, &TextColumn::field);
    if (text != std::end(text_columns)) {
        step.read = &P::read_text;
        step.column = text->column;
        step.size = text->size;
    } else if (name.starts_with(attribute_prefix)) {
        step.read = &P::read_attribute;
        step.attribute = name.substr(attribute_prefix.size());
        const auto known = attributes.find(step.attribute);
        step.type = known == attributes.end() ? AttributeType::text : known->second;
    } else if (name == "external_id") {
        step.read = &P::read_id;
    } else if (name == "kind" || name == "status") {
        step.read = &P::read_choice;
        step.column = name == "kind" ? ClientColumn::kind : ClientColumn::status;
        step.words = info->choices;
    } else if (name == "gender") {
        step.read = &P::read_gender;
        step.column = ClientColumn::gender;
        step.words = info->choices;
    } else if (name == "birth_date") {
        step.read = &P::read_birth_date;
        step.column = ClientColumn::birth_date;
    } else if (name == "locale") {
        step.read = &P::read_locale;
        step.column = ClientColumn::locale;
    } else if (name == "time_zone") {
        step.read = &P::read_time_zone;
        step.column = ClientColumn::time_zone;
    } else if (name == "income") {
        step.read = &P::read_income;
        step.column = ClientColumn::income_minor;
    } else {
        read_contact_with(step, name);
    }
    return step;
}

// A place for an address, or what is known about the address in it.
void ClientRowParser::read_contact_with(Step& step, std::string_view name) {
    using P = ClientRowParser;
    using enum base::ChannelKind;
    const auto verified = verified_contact(name);
    const auto place = verified.empty() ? name : verified;
    step.priority = priority_of(place);
    if (place.starts_with("email")) {
        step.read = &P::read_email;
        step.channels = {email};
    } else if (place.starts_with("address")) {
        step.read = &P::read_address;
        step.channels = {letter};
    } else {
        step.read = &P::read_phone;
        step.channels = place.starts_with("fax") ? std::vector{fax} : std::vector{sms, call};
    }
    if (!verified.empty()) step.read = &P::read_verified;
}

bool ClientRowParser::parse(const std::vector<std::string_view>& cells, ClientRow& row) {
    reader_.start_row();
    verdicts_.clear();
    for (const auto& step : steps_) {
        const auto value = mapping_.value(step.field, cells);
        if (!value.empty() || step.read == &ClientRowParser::read_id)
            (this->*step.read)(step, value, row);
        else if (field_of(step).source.clears)
            clear(step, row);
    }
    if (reader_.problems().empty()) complete(row);
    return reader_.problems().empty();
}

// A row that names a company and no kind is one.
void ClientRowParser::complete(ClientRow& row) const {
    if (!row.given[at(ClientColumn::kind)] &&
        !is_missing(row.values[at(ClientColumn::company_name)])) {
        row.values[at(ClientColumn::kind)] = "company";
        row.given.set(at(ClientColumn::kind));
    }
    apply_verdicts(row);
}

void ClientRowParser::apply_verdicts(ClientRow& row) const {
    for (const auto& [step, verified] : verdicts_)
        for (auto& wish : row.contacts)
            if (wish.priority == step->priority && !wish.address.empty() &&
                std::ranges::find(step->channels, wish.channel) != step->channels.end())
                wish.verified = verified;
}

void ClientRowParser::set(const Step& step, ClientRow& row, db::Value value) const {
    row.values[at(step.column)] = std::move(value);
    row.given.set(at(step.column));
}

void ClientRowParser::clear(const Step& step, ClientRow& row) {
    if (!step.attribute.empty()) {
        row.attributes.push_back({step.attribute, {}, {}, true});
    } else if (step.read == &ClientRowParser::read_verified) {
        verdicts_.emplace_back(&step, false);
    } else if (!step.channels.empty()) {
        for (const auto channel : step.channels)
            row.contacts.push_back({channel, step.priority, {}});
    } else if (step.column != ClientColumn::kind && step.column != ClientColumn::status &&
               step.column != ClientColumn::locale) {
        set(step, row, {});
    }
}

void ClientRowParser::read_id(const Step& step, std::string_view value, ClientRow& row) {
    if (value.empty()) return reader_.problem(field_of(step), "is empty; every client needs an id");
    row.external_id = reader_.text(field_of(step), value, 64);
}

void ClientRowParser::read_text(const Step& step, std::string_view value, ClientRow& row) {
    set(step, row, reader_.text(field_of(step), value, step.size));
}

void ClientRowParser::read_choice(const Step& step, std::string_view value, ClientRow& row) {
    set(step, row, reader_.choice(field_of(step), value, step.words));
}

void ClientRowParser::read_gender(const Step& step, std::string_view value, ClientRow& row) {
    const auto& field = field_of(step);
    if (field.source.format != DateFormat::birth_number) return read_choice(step, value, row);
    auto gender = gender_of_birth_number(value);
    if (gender.empty())
        reader_.problem(field, "is not a birth number (YYMMDD, women's month + 50)");
    set(step, row, std::move(gender));
}

void ClientRowParser::read_birth_date(const Step& step, std::string_view value, ClientRow& row) {
    auto date = reader_.date(field_of(step), value);
    static constexpr std::string_view earliest = "1880-01-01";
    // A day of grace: somewhere it is already tomorrow.
    const base::LocalDate today{std::chrono::floor<std::chrono::days>(reader_.now())};
    if (!date.empty() && (date < earliest || date > base::to_text(base::add_days(today, 1))))
        reader_.problem(field_of(step), "'" + date + "' is no birth date of somebody alive");
    set(step, row, std::move(date));
}

void ClientRowParser::read_locale(const Step& step, std::string_view value, ClientRow& row) {
    set(step, row, reader_.locale(field_of(step), value));
}

void ClientRowParser::read_time_zone(const Step& step, std::string_view value, ClientRow& row) {
    set(step, row, reader_.time_zone(field_of(step), value));
}

void ClientRowParser::read_income(const Step& step, std::string_view value, ClientRow& row) {
    set(step, row, reader_.money(field_of(step), value, reader_.defaults().currency));
}

void ClientRowParser::read_email(const Step& step, std::string_view value, ClientRow& row) {
    const auto address = base::EmailAddress::parse(value);
    if (!address) return reader_.problem(field_of(step), address.error().detail);
    row.contacts.push_back({step.channels[0], step.priority, address->text()});
}

void ClientRowParser::read_phone(const Step& step, std::string_view value, ClientRow& row) {
    const auto number = phones_.read(value, reader_.defaults().phone_region);
    if (!number) return reader_.problem(field_of(step), number.error().detail);
    // "phone": a mobile number is for short messages and calls, a fixed line for calls alone.
    const bool calls_only = step.channels[0] == base::ChannelKind::sms && number->fixed_line;
    const auto channel = calls_only ? base::ChannelKind::call : step.channels[0];
    row.contacts.push_back({channel, step.priority, number->e164});
    for (const auto other : step.channels)  // where the client's last number of this rank may stand
        if (other != channel) row.contacts.push_back({other, step.priority, {}});
}

// One line: parts are separated by commas in the file as on the envelope.
void ClientRowParser::read_address(const Step& step, std::string_view value, ClientRow& row) {
    auto address = reader_.text(field_of(step), value, 500);
    if (!address.empty())
        row.contacts.push_back({step.channels[0], step.priority, std::move(address)});
}

void ClientRowParser::read_verified(const Step& step, std::string_view value, ClientRow&) {
    verdicts_.emplace_back(&step, reader_.flag(field_of(step), value));
}

void ClientRowParser::read_attribute(const Step& step, std::string_view value, ClientRow& row) {
    const auto& field = field_of(step);
    AttributeWish wish{step.attribute, {}, {}, false};
    switch (step.type) {
        case AttributeType::text: wish.text = reader_.text(field, value, 500); break;
        case AttributeType::date: wish.text = reader_.date(field, value); break;
        case AttributeType::number: wish.number = reader_.number(field, value); break;
        case AttributeType::flag: wish.number = reader_.flag(field, value) ? 1.0 : 0.0; break;
    }
    row.attributes.push_back(std::move(wish));
}

void ClientRowParser::relations(const std::vector<std::string_view>& cells,
                                std::vector<RelationWish>& out) {
    std::string_view id;
    for (const auto& step : steps_)
        if (step.read == &ClientRowParser::read_id) id = mapping_.value(step.field, cells);
    for (const auto field : relations_) {
        const auto related = mapping_.value(field, cells);
        if (!related.empty())
            out.push_back({mapping_.fields()[field].source.field, normal_text(id),
                           std::string{related}, field});
    }
}

void ClientRowParser::finish(ImportBatch<ClientRow>& batch) {
    std::unordered_map<std::string_view, std::size_t> first;
    std::vector<bool> merged(batch.rows.size());
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
        const auto [known, is_new] = first.emplace(batch.rows[i].external_id, i);
        if (is_new) continue;
        batch.rows[known->second].overlay(batch.rows[i]);
        merged[i] = true;
    }
    if (first.size() == batch.rows.size()) return;
    std::vector<ClientRow> rows;
    for (std::size_t i = 0; i < batch.rows.size(); ++i)
        if (!merged[i]) rows.push_back(std::move(batch.rows[i]));
    batch.rows = std::move(rows);
}

}  // namespace carillon::audience
