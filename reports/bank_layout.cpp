// The bank's view as a document and as JSON. Pure.
#include <algorithm>

#include "reports/bank_report.h"
#include "reports/layout_pieces.h"

namespace carillon::reports {

namespace {

class BankLayout {
public:
    BankLayout(const BankReport& report, const Words& words)
        : report_(report), w_(words), p_(words) {}

    Document document() {
        document_.language = p_.language();
        document_.title = p_.say({"The bank's clients", "Клиенты банка"});
        document_.subtitle = report_.asked_from + " … " + report_.asked_to;
        if (report_.snapshots == 0) {
            section({"No snapshots", "Снимков нет"})
                .sentences.push_back(
                    p_.say({"No snapshot was taken in these days. `carillon snapshot` takes one; "
                            "`carillon run` takes one every day.",
                            "В эти дни снимков не делалось. Снимок делает `carillon snapshot`, а "
                            "`carillon run` - каждый день."}));
            return std::move(document_);
        }
        document_.subtitle += p_.say({"; snapshots of ", "; снимки с "}) + report_.from +
                              p_.say({" to ", " по "}) + report_.to + ": " +
                              w_.count(static_cast<std::int64_t>(report_.snapshots));
        in_short();
        for (const auto& story : report_.segments) dynamics(story);
        valuable();
        migration();
        pairs();
        sources();
        return std::move(document_);
    }

private:
    Section& section(const Phrase& title) {
        document_.sections.push_back({p_.say(title), {}, {}, {}});
        return document_.sections.back();
    }
    std::string segment_name(const std::string& segment) const {
        return segment == "*" ? p_.say({"all clients", "все клиенты"}) : segment;
    }

    void in_short() {
        auto& part = section({"In short", "Коротко"});
        Chart chart{ChartKind::bars,
                    p_.say({"Clients of each segment at the end", "Клиентов в сегментах на конец"}),
                    {}};
        for (const auto& story : report_.segments) {
            const auto clients = story.periods.back().clients;
            chart.items.push_back(
                {segment_name(story.segment), static_cast<double>(clients), w_.count(clients), {}});
        }
        part.charts.push_back(chart);
        part.sentences.push_back(value_sentence());
        part.sentences.push_back(retention_sentence());
    }

    std::string value_sentence() const {
        const auto& value = report_.value;
        if (value.clients == 0)
            return p_.say({"Nothing is known of what clients bring.",
                           "Сколько приносят клиенты, неизвестно."});
        const auto head = value.is_income
                              ? p_.say({"The 20 % of clients who bring most bring ",
                                        "20 % самых доходных клиентов приносят "})
                              : p_.say({"The 20 % of clients with the largest balances hold ",
                                        "20 % клиентов с наибольшими остатками держат "});
        return head + w_.percent(value.share_of_fifth, 1) +
               p_.say({"; 80 % come from ", "; 80 % приносят "}) + w_.count(value.who_bring_80) +
               p_.say({" clients of ", " клиентов из "}) + w_.count(value.clients) + " (" +
               w_.percent(
                   static_cast<double>(value.who_bring_80) / static_cast<double>(value.clients),
                   1) +
               ").";
    }
    std::string retention_sentence() const {
        const auto& kept = report_.retention;
        if (kept.of == 0)
            return p_.say({"Retention: nobody was a client at the beginning.",
                           "Удержание: в начале клиентов не было."});
        return p_.say({"Retention: of ", "Удержание: из "}) + w_.count(kept.of) +
               p_.say({" new and active clients ", " новых и активных клиентов осталось "}) +
               w_.count(kept.stayed) + p_.say({" stayed so: ", ": "}) +
               w_.percent(static_cast<double>(kept.stayed) / static_cast<double>(kept.of), 1) + ".";
    }

    void dynamics(const SegmentStory& story) {
        document_.sections.push_back(
            {p_.say({"Segment: ", "Сегмент: "}) + segment_name(story.segment), {}, {}, {}});
        auto& part = document_.sections.back();
        auto table = p_.table({"Dynamics", "Динамика"}, {{"period", "период"},
                                                         {"clients", "клиентов"},
                                                         {"joined", "пришло"},
                                                         {"left", "ушло"},
                                                         {"funds", "средства"},
                                                         {"loans", "кредиты"},
                                                         {"products", "продуктов"},
                                                         {"per client", "на клиента"},
                                                         {"refusals", "отказов"}});
        Chart chart{ChartKind::bars, p_.say({"Clients", "Клиенты"}), {}};
        for (const auto& one : story.periods) {
            const auto per_client = one.clients == 0 ? 0.0
                                                     : static_cast<double>(one.products) /
                                                           static_cast<double>(one.clients);
            table.rows.push_back(
                {one.period, p_.count(one.clients), p_.count(one.joined), p_.count(one.left),
                 p_.money(static_cast<double>(one.funds_minor), report_.currency),
                 p_.money(static_cast<double>(one.loans_minor), report_.currency),
                 p_.count(one.products), p_.number(per_client, 2), p_.count(one.refusals)});
            chart.items.push_back(
                {one.period, static_cast<double>(one.clients), w_.count(one.clients), {}});
        }
        part.tables.push_back(table);
        constexpr std::size_t bars_max = 24;
        if (chart.items.size() > 1 && chart.items.size() <= bars_max) part.charts.push_back(chart);
    }

    void valuable() {
        auto& part = section({"Most valuable clients", "Самые ценные клиенты"});
        part.sentences.push_back(value_sentence());
        part.sentences.push_back(
            report_.value.is_income
                ? p_.say({"Worth: the core bank's monthly totals (import facts).",
                          "Ценность: помесячный итог из АБС (import facts)."})
                : p_.say({"Worth: funds and loans at the end, because no monthly totals were "
                          "imported.",
                          "Ценность: средства и кредиты на конец, так как помесячных итогов не "
                          "загружали."}));
        auto table = p_.table({"The first of them", "Первые из них"}, {{"client", "клиент"},
                                                                       {"name", "имя"},
                                                                       {"class", "класс"},
                                                                       {"branch", "отделение"},
                                                                       {"manager", "менеджер"},
                                                                       {"worth", "ценность"},
                                                                       {"share", "доля"},
                                                                       {"together", "вместе"}});
        for (const auto& one : report_.value.first)
            table.rows.push_back({one.external_id, one.name, w_.term(one.value_class), one.branch,
                                  one.manager, p_.money(one.worth_minor, report_.currency),
                                  p_.percent(one.share), p_.percent(one.cumulative)});
        if (!table.rows.empty()) part.tables.push_back(table);
    }

    void migration() {
        auto& part = section({"Retention and migration", "Удержание и переходы"});
        part.sentences.push_back(retention_sentence());
        std::vector<std::string> statuses;
        for (const auto* status : {"prospect", "new", "active", "inactive", "leaving"})
            if (std::ranges::any_of(report_.moves, [&](const Move& move) {
                    return move.from == status || move.to == status;
                }))
                statuses.emplace_back(status);
        Table table{
            p_.say({"From (rows) to (columns), clients", "Из (строки) в (столбцы), клиентов"}),
            {p_.say({"at the beginning", "в начале"})},
            {}};
        for (const auto& status : statuses) table.columns.push_back(w_.term(status));
        for (const auto& from : statuses) {
            Row row{w_.term(from)};
            for (const auto& to : statuses) {
                std::int64_t clients = 0;
                for (const auto& move : report_.moves)
                    if (move.from == from && move.to == to) clients = move.clients;
                row.push_back(p_.count(clients));
            }
            table.rows.push_back(row);
        }
        if (!table.rows.empty()) part.tables.push_back(table);
    }
    void pairs() {
        auto& part = section({"Products held together", "Продукты вместе"});
        if (report_.pairs.empty()) {
            part.sentences.push_back(
                p_.say({"No client holds two products.", "Ни у кого нет двух продуктов."}));
            return;
        }
        part.sentences.push_back(
            p_.say({"Lift above 1: held together more often than chance would have it.",
                    "Лифт больше 1: вместе чаще, чем было бы случайно."}));
        auto table = p_.table({"Pairs", "Пары"}, {{"product", "продукт"},
                                                  {"and", "и"},
                                                  {"clients", "клиентов"},
                                                  {"support", "поддержка"},
                                                  {"second, of the first", "второй у первых"},
                                                  {"first, of the second", "первый у вторых"},
                                                  {"lift", "лифт"}});
        for (const auto& pair : report_.pairs)
            table.rows.push_back({pair.first, pair.second, p_.count(pair.together),
                                  p_.percent(pair.support()), p_.percent(pair.confidence()),
                                  p_.percent(pair.backward_confidence()),
                                  p_.number(pair.lift(), 2)});
        part.tables.push_back(table);
    }

    void sources() {
        auto& part = section({"Sources of prospects", "Источники потенциальных клиентов"});
        if (report_.sources.empty()) {
            part.sentences.push_back(
                p_.say({"There were no prospects.", "Потенциальных клиентов не было."}));
            return;
        }
        auto table = p_.table({"What each source brought", "Что принёс каждый источник"},
                              {{"source", "источник"},
                               {"prospects", "потенциальных"},
                               {"became clients", "стали клиентами"},
                               {"share", "доля"},
                               {"days until then", "дней до этого"},
                               {"products each", "продуктов у каждого"}});
        for (const auto& one : report_.sources)
            table.rows.push_back(
                {one.source.empty() ? p_.say({"(unknown)", "(неизвестен)"}) : one.source,
                 p_.count(one.prospects), p_.count(one.won),
                 p_.percent(static_cast<double>(one.won) / static_cast<double>(one.prospects)),
                 p_.number(one.days_to_win, 1), p_.number(one.products, 2)});
        part.tables.push_back(table);
    }

    const BankReport& report_;
    const Words& w_;
    LayoutPieces p_;
    Document document_;
};

using base::Json;

Json::Array segments_of(const BankReport& report) {
    Json::Array segments;
    for (const auto& story : report.segments) {
        Json::Array periods;
        for (const auto& one : story.periods)
            periods.push_back(Json::Object{{"period", one.period},
                                           {"clients", one.clients},
                                           {"joined", one.joined},
                                           {"left", one.left},
                                           {"funds_minor", one.funds_minor},
                                           {"loans_minor", one.loans_minor},
                                           {"products", one.products},
                                           {"refusals", one.refusals}});
        segments.push_back(
            Json::Object{{"segment", story.segment}, {"periods", std::move(periods)}});
    }
    return segments;
}

Json value_of(const ValueConcentration& value) {
    Json::Array first;
    for (const auto& one : value.first)
        first.push_back(Json::Object{{"client", one.external_id},
                                     {"name", one.name},
                                     {"manager", one.manager},
                                     {"worth_minor", one.worth_minor},
                                     {"share", one.share},
                                     {"cumulative", one.cumulative}});
    return Json::Object{{"measure", value.is_income ? "income" : "balances"},
                        {"clients", value.clients},
                        {"total_minor", value.total_minor},
                        {"share_of_fifth", value.share_of_fifth},
                        {"who_bring_80", value.who_bring_80},
                        {"first", std::move(first)}};
}

}  // namespace

Document lay_out(const BankReport& report, const Words& words) {
    return BankLayout{report, words}.document();
}

base::Json to_json(const BankReport& report) {
    Json json{Json::Object{}};
    json.set("from", report.from);
    json.set("to", report.to);
    json.set("snapshots", static_cast<std::int64_t>(report.snapshots));
    json.set("currency", report.currency);
    json.set("segments", segments_of(report));
    json.set("value", value_of(report.value));
    Json::Array moves;
    for (const auto& move : report.moves)
        moves.push_back(
            Json::Object{{"from", move.from}, {"to", move.to}, {"clients", move.clients}});
    json.set("migration", std::move(moves));
    json.set("retention",
             Json::Object{{"of", report.retention.of}, {"stayed", report.retention.stayed}});
    Json::Array pairs;
    for (const auto& pair : report.pairs)
        pairs.push_back(Json::Object{{"first", pair.first},
                                     {"second", pair.second},
                                     {"clients", pair.together},
                                     {"support", pair.support()},
                                     {"confidence", pair.confidence()},
                                     {"backward_confidence", pair.backward_confidence()},
                                     {"lift", pair.lift()}});
    json.set("products_together", std::move(pairs));
    Json::Array sources;
    for (const auto& one : report.sources)
        sources.push_back(Json::Object{{"source", one.source},
                                       {"prospects", one.prospects},
                                       {"won", one.won},
                                       {"products", one.products},
                                       {"days_to_win", one.days_to_win}});
    json.set("sources", std::move(sources));
    return json;
}

}  // namespace carillon::reports
