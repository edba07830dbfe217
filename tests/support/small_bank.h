// A small bank full of edge cases and a source of random segment rules, for tests that hold SQL
// against the evaluator.
#pragma once

#include <array>
#include <random>
#include <string>

#include "audience/names.h"
#include "audience/segment.h"
#include "base/digest.h"
#include "db/database.h"

namespace carillon::tests {

inline const audience::AttributeTypes small_bank_attributes{
    {"score", audience::AttributeType::number},
    {"tariff", audience::AttributeType::text},
    {"vip", audience::AttributeType::flag},
    {"renewal", audience::AttributeType::date}};

// Everything that a random row or rule may contain; few values, so that they meet.
class RandomBank {
public:
    explicit RandomBank(unsigned seed) : random_(seed) {}

    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
    bool chance(int percent) { return below(100) < percent; }
    std::string text() {
        static const std::array<std::string, 12> texts{
            "a", "ab", "A", "Ab", "b%", "b_", "'x", "ё", "Ёж", "ёжик", "\xF0\x9F\x8C\xB9", "a\\"};
        return texts[static_cast<std::size_t>(below(12))];
    }
    std::string date() {
        static const std::array<std::string, 12> dates{
            "2026-11-21", "2026-11-20", "2026-11-22", "2026-10-22", "2026-02-28", "2024-02-29",
            "2008-02-29", "1990-11-21", "1990-11-22", "2000-03-01", "1999-12-31", "2008-11-21"};
        return dates[static_cast<std::size_t>(below(12))];
    }
    template <std::size_t n>
    std::string one_of(const std::array<const char*, n>& words) {
        return words[static_cast<std::size_t>(below(n))];
    }

    void fill(db::Connection& connection, int clients);
    std::string rule(int depth);  // JSON

private:
    void client(db::Connection& connection, int id, int clients);
    void attributes(db::Connection& connection, int id);
    void contracts(db::Connection& connection, int id);
    std::string comparison();
    std::string contract_comparison();
    std::string contract();
    std::string leaf();
    std::string quoted(const std::string& text) {
        std::string json;
        base::append_json_text(json, text);
        return json;
    }
    std::string texts() { return "[" + quoted(text()) + "," + quoted(text()) + "]"; }
    std::string date_spec() {
        if (chance(50)) return quoted(date());
        return quoted(one_of(std::array<const char*, 8>{"today", "-30d", "+1d", "-1d", "-18y",
                                                        "-1m", "+2w", "-9m"}));
    }
    std::string ordered_op() {
        return one_of(std::array<const char*, 6>{"is", "is_not", "<", "<=", ">", ">="});
    }
    // "op" and "value" of an ordered field whose values `value` gives.
    template <class Value>
    std::string ordered(Value&& value) {
        const int kind = below(10);
        if (kind == 0) return R"("op":"is_missing"})";
        if (kind == 1) return R"("op":"has_value"})";
        if (kind == 2) return R"("op":"between","value":[)" + value() + "," + value() + "]}";
        return R"("op":")" + ordered_op() + R"(","value":)" + value() + "}";
    }
    std::string text_test() {
        switch (below(8)) {
            case 0: return R"("op":"is_missing"})";
            case 1: return R"("op":"has_value"})";
            case 2: return R"("op":"in","value":)" + texts() + "}";
            case 3: return R"("op":"not_in","value":)" + texts() + "}";
            case 4: return R"("op":"starts_with","value":)" + quoted(text()) + "}";
            case 5: return R"("op":"contains","value":)" + quoted(text()) + "}";
            case 6: return R"("op":"is_not","value":)" + quoted(text()) + "}";
            default: return R"("op":"is","value":)" + quoted(text()) + "}";
        }
    }
    std::string amount() { return std::to_string(below(4) * 50); }

    std::mt19937 random_;
};

inline void put(db::Connection& connection, const std::string& table, const db::Params& values) {
    std::string marks;
    for (std::size_t i = 0; i < values.size(); ++i) marks += i == 0 ? "?" : ", ?";
    connection.execute(
        db::DynamicQuery{"put " + table, "INSERT INTO " + table + " VALUES (" + marks + ")"},
        values);
}

inline void RandomBank::fill(db::Connection& connection, int clients) {
    for (const auto& [name, type] : small_bank_attributes)
        put(connection, "attribute_types", {name, name_of(type)});
    db::IdList ids;
    for (int id = 1; id <= clients; ++id) {
        client(connection, id, clients);
        ids.push_back(id);
    }
    audience::set_preferred_contacts(connection, ids);
    for (int id = 1; id <= clients; ++id) {
        if (!chance(30)) continue;
        const int other = 1 + below(clients);
        put(connection, "relations (client_id, related_id, kind)",
            {id, other, chance(50) ? "spouse" : "guarantor"});
    }
    put(connection, "documents (id, kind, name, version, hash, content, created_at, created_by)",
        {1, "campaign", "x", 1, "h", "{}", 0, "t"});
    put(connection, "campaigns (id, name, document_id, state, edited_by, updated_at)",
        {1, "x", 1, "running", "t", 0});
    put(connection,
        "runs (id, campaign_id, slot, as_of, at_time, lane, priority, state, planned_through, "
        "created_at)",
        {1, 1, "s", "2026-11-21", 0, 3, 5, "frozen", 0, 0});
    const auto day_ms = [&] {
        return base::to_millis(base::Instant{std::chrono::sys_days{*base::parse_date(date())}});
    };
    for (int id = 1; id <= clients; ++id) {
        if (chance(40))
            put(connection,
                "messages (run_id, client_id, campaign_id, step, channel, state, due_at, "
                "submitted_at)",
                {1, id, 1, 1, "email", chance(70) ? "delivered" : "failed", 0,
                 chance(80) ? db::Value{day_ms()} : db::Value{}});
        if (chance(30))
            put(connection, "responses (source, external_id, client_id, campaign_id, kind, at)",
                {"t", id, id, 1, chance(50) ? "click" : "reply", day_ms()});
    }
}

inline void RandomBank::client(db::Connection& connection, int id, int) {
    const auto maybe = [&](auto value) { return chance(70) ? db::Value{value} : db::Value{}; };
    const std::string external_id = "C" + std::to_string(id);
    const auto last_name = text();
    const db::Value birth = maybe(date());
    db::Value month_day;
    if (const auto* text = std::get_if<std::string>(&birth.data()))
        month_day = base::month_day(*base::parse_date(*text));
    const auto at = base::Instant{std::chrono::sys_days{*base::parse_date(date())}} +
                    std::chrono::hours{below(24)};
    put(connection,
        "clients (id, external_id, kind, last_name, first_name, gender, birth_date, birth_md, "
        "locale, time_zone, branch,"
        " status, income_minor, value_class, occupation, search_name, mix, created_at, updated_at)",
        {id, external_id, chance(90) ? "person" : "company", last_name, maybe(text()),
         maybe(chance(50) ? "f" : "m"), birth, month_day, chance(50) ? "ru" : "en",
         maybe("Europe/Moscow"), maybe(text()), chance(50) ? "active" : "inactive",
         maybe(below(4) * 5'000), chance(20) ? "top" : "standard", maybe(text()),
         audience::folded_name(last_name), base::mix_of(external_id), at, at});
    attributes(connection, id);
    contracts(connection, id);
    int number = 0;
    for (const auto* channel : {"email", "sms"}) {
        for (int priority = 1; priority <= below(3); ++priority)
            put(connection,
                "contacts (client_id, number, channel, address, priority, verified, state, "
                "updated_at)",
                {id, ++number, channel, "a" + std::to_string(id * 10 + priority), 1 + below(2),
                 chance(50), chance(70) ? "active" : "bounced", 0});
        if (chance(60))
            put(connection, "consents (client_id, channel, purpose, granted, at, source)",
                {id, channel, chance(60) ? "marketing" : "debt", chance(70), 0, "t"});
    }
    if (chance(10))
        put(connection, "suppressions (subject, value, channel, purpose, reason, source, at)",
            {"client", external_id, chance(50) ? "*" : "email", chance(50) ? "*" : "marketing", "t",
             "t", 0});
    if (chance(10))
        put(connection, "suppressions (subject, value, channel, purpose, reason, source, at)",
            {"address", "a" + std::to_string(id * 10 + 1), "*", chance(50) ? "*" : "debt", "t", "t",
             0});
}

inline void RandomBank::attributes(db::Connection& connection, int id) {
    const std::string table = "client_attributes (client_id, name, text_value, number_value)";
    if (chance(50)) put(connection, table, {id, "score", {}, below(4) * 0.5});
    if (chance(50)) put(connection, table, {id, "tariff", text(), {}});
    if (chance(50)) put(connection, table, {id, "vip", {}, below(2) * 1.0});
    if (chance(50)) put(connection, table, {id, "renewal", date(), {}});
}

inline void RandomBank::contracts(db::Connection& connection, int id) {
    for (int k = below(4); k > 0; --k) {
        const auto maybe = [&](auto value) { return chance(70) ? db::Value{value} : db::Value{}; };
        put(connection,
            "contracts (external_id, client_id, kind, product, status, currency, amount_minor, "
            "balance_minor, opened_on,"
            " expires_on, overdue_minor, overdue_since, updated_at)",
            {"K" + std::to_string(id * 10 + k), id,
             one_of(std::array<const char*, 3>{"loan", "card", "account"}), text(),
             one_of(std::array<const char*, 3>{"A", "D", "a"}), chance(80) ? "RUB" : "EUR",
             maybe(below(4) * 5'000), maybe(below(4) * 5'000), maybe(date()), maybe(date()),
             below(3) * 5'000, maybe(date()), 0});
    }
}

inline std::string RandomBank::comparison() {
    const auto field = [](const char* name) {
        return R"({"field":")" + std::string{name} + R"(",)";
    };
    const auto flag = [&] { return std::string{chance(50) ? "true" : "false"}; };
    switch (below(12)) {
        case 0: return field("branch") + text_test();
        case 1: return field("first_name") + text_test();
        case 2: return field("attributes.tariff") + text_test();
        case 3:
            return field("age") +
                   ordered([&] { return std::to_string(chance(50) ? 18 : 30 + below(10)); });
        case 4: return field("birth_date") + ordered([&] { return date_spec(); });
        case 5: return field("created_at") + ordered([&] { return date_spec(); });
        case 6: return field("income") + ordered([&] { return amount(); });
        case 7:
            return field("attributes.score") +
                   ordered([&] { return std::to_string(below(4)) + "e-1"; });
        case 8: return field("attributes.renewal") + ordered([&] { return date_spec(); });
        case 9:
            return field("attributes.vip") + R"("op":")" + (chance(50) ? "is" : "is_not") +
                   R"(","value":)" + flag() + "}";
        case 10: {
            const auto op =
                one_of(std::array<const char*, 4>{"is", "is_not", "starts_with", "contains"});
            return field("name") + R"("op":")" + op + R"(","value":)" + quoted(text()) + "}";
        }
        default: {
            const auto op = one_of(std::array<const char*, 2>{"in", "not_in"});
            return field("gender") + R"("op":")" + op + R"(","value":["m"]})";
        }
    }
}

inline std::string RandomBank::contract_comparison() {
    const auto field = [](const char* name) {
        return R"({"field":")" + std::string{name} + R"(",)";
    };
    switch (below(6)) {
        case 0: return field("status") + text_test();
        case 1: return field("overdue_days") + ordered([&] { return std::to_string(below(40)); });
        case 2: return field("overdue_since") + ordered([&] { return date_spec(); });
        case 3: return field("expires_on") + ordered([&] { return date_spec(); });
        case 4: return field("balance") + ordered([&] { return amount(); });
        default: return field("product") + text_test();
    }
}

inline std::string RandomBank::contract() {
    std::string rule = R"({"contract":{"currency":"RUB")";
    if (chance(60))
        rule += R"(,"kind":")" + one_of(std::array<const char*, 2>{"loan", "card"}) + "\"";
    rule += R"(,"where":[)";
    const int conditions = below(3);
    for (int i = 0; i < conditions; ++i) rule += (i > 0 ? "," : "") + contract_comparison();
    rule += "]";
    const auto op = [&](bool with_is) {
        return one_of(std::array<const char*, 5>{"<", "<=", ">", ">=", with_is ? "is" : ">="});
    };
    if (chance(40))
        rule += R"(,"count":{"op":")" + op(true) + R"(","value":)" + std::to_string(below(3)) + "}";
    if (chance(30))
        rule +=
            R"(,"sum":{"field":"balance","op":")" + op(false) + R"(","value":)" + amount() + "}";
    return rule + "}}";
}

inline std::string RandomBank::leaf() {
    const std::string channel = chance(50) ? "email" : "sms";
    const std::string days = std::to_string(below(3) * 30);
    switch (below(12)) {
        case 0:
            return R"({"anniversary":{"in_days":{"from":0,"to":)" + std::to_string(below(4)) +
                   "}}}";
        case 1:
            return R"({"contact":{"channel":")" + channel + R"(","verified":)" +
                   (chance(50) ? "true" : "false") + "}}";
        case 2:
            return R"({"consent":{"channel":")" + channel +
                   R"(","purpose":"marketing","granted":)" + (chance(70) ? "true" : "false") + "}}";
        case 3: return R"({"received":{"campaign":"x","within_days":)" + days + "}}";
        case 4:
            return R"({"responded":{"campaign":"x","kind":"click","within_days":)" + days + "}}";
        case 5: return R"({"random":{"percent":)" + std::to_string(below(101)) + R"(,"salt":"s"}})";
        case 6:
            return chance(50) ? R"({"segment":"young"})"
                              : R"({"relation":{"kind":"spouse","segment":"young"}})";
        case 7:
        case 8: return contract();
        default: return comparison();
    }
}

inline std::string RandomBank::rule(int depth) {
    if (depth == 0 || chance(30)) return leaf();
    if (chance(25)) return R"({"not":)" + rule(depth - 1) + "}";
    std::string text = chance(50) ? R"({"all":[)" : R"({"any":[)";
    const int count = below(4);
    for (int i = 0; i < count; ++i) text += (i > 0 ? "," : "") + rule(depth - 1);
    return text + "]}";
}

}  // namespace carillon::tests
