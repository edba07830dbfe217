#include "reports/layout.h"

#include <algorithm>
#include <cmath>

namespace carillon::reports {

namespace {

using Row = std::vector<Cell>;

class Layout {
public:
    Layout(const CampaignReport& report, const std::vector<Breakdown>& breakdowns,
           const Words& words)
        : report_(report), breakdowns_(breakdowns), w_(words) {}

    Document document() {
        document_.language = w_.language() == Language::russian ? "ru" : "en";
        document_.title = report_.design.title.empty() ? report_.design.name : report_.design.title;
        document_.subtitle =
            say({"campaign ", "кампания "}) + report_.design.name + say({" is ", ": "}) +
            w_.term(report_.design.state) + "; " + w_.count(report_.messages) +
            say({" messages, ", " сообщений, из них открыто "}) + w_.count(report_.open_messages) +
            say({" of them open", ""}) +
            (report_.messages > 0 && report_.open_messages == 0 ? say({": finished", ": завершена"})
                                                                : "");
        summary();
        funnel();
        effect();
        money();
        variants();
        channels();
        responses();
        for (const auto& breakdown : breakdowns_) slices(breakdown);
        messages();
        return std::move(document_);
    }

private:
    std::string say(const Phrase& phrase) const { return std::string{w_(phrase)}; }
    Section& section(const Phrase& title) {
        document_.sections.push_back({say(title), {}, {}, {}});
        return document_.sections.back();
    }
    std::vector<std::string> heads(std::initializer_list<Phrase> phrases) const {
        std::vector<std::string> columns;
        for (const auto& phrase : phrases) columns.push_back(say(phrase));
        return columns;
    }
    Cell count(std::int64_t number) const {
        return {w_.count(number), static_cast<double>(number)};
    }
    Cell share(const Count& count) const {
        if (count.of == 0) return w_.why(Lack::nobody);
        return {w_.percent(count.share()), count.share()};
    }
    std::string range(const Interval& within, int decimals = 4) const {
        return "[" + w_.percent(within.low, decimals) + "; " + w_.percent(within.high, decimals) +
               "]";
    }
    std::string money_range(const Interval& within, const std::string& currency) const {
        return "[" + w_.money(within.low, currency) + "; " + w_.money(within.high, currency) + "]";
    }
    std::string goal_name() const {
        const auto& event = report_.design.conversion.event;
        return event.empty() ? say({"any conversion", "любая конверсия"}) : w_.term(event);
    }
    std::string what_name(const std::string& what) const {
        return what == "goal" ? w_.term("goal") + ": " + goal_name() : w_.term(what);
    }
    // The goal is one of the kinds: its lines would stand twice.
    bool is_repeated(const std::string& what) const {
        return what != "goal" && what == report_.design.conversion.event;
    }
    std::string group_name(const std::string& group) const { return w_.term(group); }

    void summary() {
        auto& part = section({"In short", "Коротко"});
        if (report_.score) {
            const auto& score = *report_.score;
            part.sentences.push_back(
                say({"Effectiveness: ", "Эффективность: "}) + w_.number(score.points.value, 1) +
                say({" of 100 (", " из 100 ("}) + w_.number(score.points.within.low, 1) + "–" +
                w_.number(score.points.within.high, 1) + say({"); measured on ", "); измерено "}) +
                w_.percent(score.weight_known, 0) +
                say({" of what the score consists of.", " составляющих оценки."}));
        } else {
            part.sentences.push_back(
                say({"Effectiveness: not scored, ", "Эффективность: без оценки, "}) +
                w_.why(report_.score.error()) + ".");
        }
        for (const auto& lift : report_.lifts)
            if (!is_repeated(lift.what)) part.sentences.push_back(verdict(lift));
        if (report_.return_on)
            part.sentences.push_back(say({"Return on cost: ", "Отдача на затраты: "}) +
                                     w_.signed_percent(report_.return_on->value, 0) + " " +
                                     range(report_.return_on->within, 0) +
                                     say({"; cost ", "; затраты "}) +
                                     w_.money(report_.cost, report_.design.currency) + ".");
        part.sentences.push_back(split_sentence());
    }

    std::string verdict(const Lift& lift) const {
        const auto head = group_name(lift.group) + ", " + what_name(lift.what) + ": ";
        if (!lift.difference) return head + w_.why(lift.difference.error()) + ".";
        const bool differs = lift.test && lift.adjusted_p < significance;
        auto text = head + w_.signed_percent(lift.difference->value) + " " +
                    range(lift.difference->within) + say({" against control; ", " к контролю; "});
        if (differs && lift.incremental)
            return text + say({"extra conversions ", "дополнительных конверсий "}) +
                   w_.number(lift.incremental->value, 0) + " [" +
                   w_.number(lift.incremental->within.low, 0) + "; " +
                   w_.number(lift.incremental->within.high, 0) + "].";
        return text + say({"no difference yet", "разницы пока нет"}) + needed(lift) + ".";
    }

    std::string needed(const Lift& lift) const {
        if (lift.treated.of == 0 || lift.control.of == 0) return {};
        const auto ratio =
            static_cast<double>(lift.control.of) / static_cast<double>(lift.treated.of);
        const auto needed = sample_needed(lift.treated.share(), lift.control.share(), ratio);
        if (!needed) return {};
        const auto more = std::ceil(*needed) - static_cast<double>(lift.treated.of);
        if (more <= 0) return {};
        return say({"; if this difference is real, ", "; если разница настоящая, нужно ещё "}) +
               w_.number(more, 0) +
               say({" more treated clients would show it",
                    " клиентов, которым написали, чтобы её увидеть"});
    }

    std::string split_sentence() const {
        if (!report_.sample_ratio)
            return say({"Split of the audience: ", "Деление аудитории: "}) +
                   w_.why(report_.sample_ratio.error()) + ".";
        const auto p = w_.p_value(report_.sample_ratio->p_value);
        if (report_.sample_ratio->broken())
            return say({"The groups were not split as planned (p ",
                        "Группы разделены не так, как задумано (p "}) +
                   p +
                   say({"): the control group is broken, so no lift is reported.",
                        "): контрольная группа нарушена, прирост не показан."});
        return say({"The groups were split as planned (p ", "Группы разделены как задумано (p "}) +
               p + ").";
    }

    void funnel() {
        auto& part = section({"Funnel", "Воронка"});
        Table rates{
            say({"Rates of those who were to be written to", "Доли от тех, кому предназначалось"}),
            heads({{"rate", "показатель"},
                   {"clients", "клиентов"},
                   {"of", "из"},
                   {"share", "доля"},
                   {"from (95 %)", "от (95 %)"},
                   {"to", "до"}}),
            {}};
        for (const auto& rate : report_.rates) {
            Row row{w_.term(rate.name), count(rate.count.hits), count(rate.count.of),
                    share(rate.count)};
            row.push_back(rate.share
                              ? Cell{w_.percent(rate.share->within.low), rate.share->within.low}
                              : Cell{""});
            row.push_back(rate.share
                              ? Cell{w_.percent(rate.share->within.high), rate.share->within.high}
                              : Cell{""});
            rates.rows.push_back(row);
        }
        part.tables.push_back(rates);
        const auto& t = report_.treated;
        Chart chart{ChartKind::bars, say({"Clients at each step", "Клиенты на каждом шаге"}), {}};
        const std::pair<Phrase, std::int64_t> steps[] = {
            {{"assigned", "предназначено"}, t.assigned},
            {{"sent", "отправлено"}, t.sent},
            {{"arrived", "дошло"}, t.arrived},
            {{"opened", "открыли"}, t.opened},
            {{"clicked", "перешли"}, t.clicked},
            {{"responded", "откликнулись"}, t.responded},
            {{"goal", "цель"}, t.goal}};
        for (const auto& [name, clients] : steps)
            chart.items.push_back({say(name), static_cast<double>(clients), w_.count(clients), {}});
        part.charts.push_back(chart);
        part.tables.push_back(groups());
        part.sentences.push_back(w_.count(report_.left_out) +
                                 say({" clients were left out before the split.",
                                      " клиентов исключено до деления на группы."}));
    }

    Table groups() const {
        Table table{say({"Groups", "Группы"}),
                    heads({{"group", "группа"},
                           {"clients", "клиентов"},
                           {"sent", "отправлено"},
                           {"arrived", "дошло"},
                           {"opened", "открыли"},
                           {"clicked", "перешли"},
                           {"responded", "откликнулись"},
                           {"goal", "цель"},
                           {"goal, share", "цель, доля"}}),
                    {}};
        const auto add = [&](const Group& group) {
            table.rows.push_back({group_name(group.name), count(group.assigned), count(group.sent),
                                  count(group.arrived), count(group.opened), count(group.clicked),
                                  count(group.responded), count(group.goal), share(group.goals())});
        };
        add(report_.treated);
        for (const auto& variant : report_.variants) add(variant);
        add(report_.control);
        return table;
    }

    void effect() {
        auto& part = section({"Effect against the control group", "Эффект к контрольной группе"});
        part.sentences.push_back(split_sentence());
        if (report_.design.conversion.event.empty())
            part.sentences.push_back(
                say({"The campaign names no conversion.event: any conversion counts as its goal.",
                     "У кампании не названо conversion.event: целью считается любая конверсия."}));
        part.sentences.push_back(say(
            {"Everyone assigned is compared, reached or not (intention to treat). Difference: "
             "Newcombe 95 %; p adjusted by Holm over the variants.",
             "Сравниваются все, кому предназначалось, дошло или нет. Разница: интервал Ньюкомба "
             "95 %; p с поправкой Холма на число вариантов."}));
        Table table{say({"Conversions", "Конверсии"}),
                    heads({{"conversion", "конверсия"},
                           {"group", "группа"},
                           {"treated", "доля"},
                           {"control", "контроль"},
                           {"difference", "разница"},
                           {"95 % interval", "интервал 95 %"},
                           {"z", "z"},
                           {"p", "p"},
                           {"relative", "относительно"},
                           {"extra", "дополнительно"}}),
                    {}};
        Table always{say({"Valid however often one looks", "Верно при любом числе проверок"}),
                     heads({{"conversion", "конверсия"},
                            {"group", "группа"},
                            {"always-valid interval", "интервал"},
                            {"extra, from", "дополнительно, от"},
                            {"to", "до"}}),
                     {}};
        Chart chart{ChartKind::intervals,
                    say({"Difference to control, points", "Разница к контролю, п. п."}),
                    {}};
        for (const auto& lift : report_.lifts) {
            if (is_repeated(lift.what)) continue;
            table.rows.push_back(lift_row(lift));
            if (!lift.difference) continue;
            const auto of = static_cast<double>(lift.treated.of);
            const Interval extra{lift.always_valid->within.low * of,
                                 lift.always_valid->within.high * of};
            always.rows.push_back({what_name(lift.what), group_name(lift.group),
                                   range(lift.always_valid->within),
                                   Cell{w_.number(extra.low, 0), extra.low},
                                   Cell{w_.number(extra.high, 0), extra.high}});
            chart.items.push_back(
                {group_name(lift.group) + ", " + what_name(lift.what),
                 100 * lift.difference->value,
                 w_.signed_percent(lift.difference->value, 2),
                 {100 * lift.difference->within.low, 100 * lift.difference->within.high}});
        }
        part.tables.push_back(table);
        if (!always.rows.empty()) part.tables.push_back(always);
        if (!chart.items.empty()) part.charts.push_back(chart);
    }

    Row lift_row(const Lift& lift) const {
        Row row{what_name(lift.what), group_name(lift.group), share(lift.treated),
                share(lift.control)};
        if (!lift.difference) {
            row.emplace_back(w_.why(lift.difference.error()));
            for (int i = 0; i < 5; ++i) row.emplace_back("");
            return row;
        }
        row.emplace_back(w_.signed_percent(lift.difference->value), lift.difference->value);
        row.emplace_back(range(lift.difference->within));
        row.push_back(lift.test ? Cell{w_.number(lift.test->z, 4), lift.test->z}
                                : Cell{w_.why(lift.test.error())});
        row.push_back(lift.test
                          ? Cell{w_.p_value(lift.adjusted_p) + (lift.test->name == TestName::fisher
                                                                    ? say({" (Fisher)", " (Фишер)"})
                                                                    : ""),
                                 lift.adjusted_p}
                          : Cell{""});
        row.push_back(lift.relative ? Cell{w_.signed_percent(lift.relative->value, 1) + " " +
                                               range(lift.relative->within, 1),
                                           lift.relative->value}
                                    : Cell{w_.why(lift.relative.error())});
        row.push_back(lift.incremental
                          ? Cell{w_.number(lift.incremental->value, 0), lift.incremental->value}
                          : Cell{w_.why(lift.incremental.error())});
        return row;
    }

    void money() {
        if (report_.money.empty()) return;
        auto& part = section({"Money", "Деньги"});
        part.sentences.push_back(
            say({"Per client assigned, those who bought nothing included (Welch's t).",
                 "На каждого, кому предназначалось, включая не купивших (t Уэлча)."}));
        Table table{say({"Per client and in all", "На клиента и всего"}),
                    heads({{"conversion", "конверсия"},
                           {"group", "группа"},
                           {"per client", "на клиента"},
                           {"control", "контроль"},
                           {"difference", "разница"},
                           {"95 % interval", "интервал 95 %"},
                           {"t", "t"},
                           {"p", "p"},
                           {"extra in all", "дополнительно всего"},
                           {"95 % interval", "интервал 95 %"}}),
                    {}};
        for (const auto& lift : report_.money) table.rows.push_back(money_row(lift));
        part.tables.push_back(table);
    }

    // Spreadsheets get whole units of the currency.
    Cell amount(double minor, std::string_view currency) const {
        return {w_.money(minor, currency), minor / std::pow(10, base::minor_digits(currency))};
    }

    Row money_row(const MoneyLift& lift) const {
        Row row{w_.term(lift.what), group_name(lift.group)};
        if (lift.currency == "*") {
            row.emplace_back(w_.why(Lack::mixed_money));
            for (int i = 0; i < 7; ++i) row.emplace_back("");
            return row;
        }
        row.push_back(amount(lift.treated.mean(), lift.currency));
        row.push_back(amount(lift.control.mean(), lift.currency));
        if (!lift.per_client) {
            row.emplace_back(w_.why(lift.per_client.error()));
            for (int i = 0; i < 5; ++i) row.emplace_back("");
            return row;
        }
        const auto& found = *lift.per_client;
        row.push_back(amount(found.difference.value, lift.currency));
        row.emplace_back(money_range(found.difference.within, lift.currency));
        row.emplace_back(w_.number(found.t, 4), found.t);
        row.emplace_back(w_.p_value(found.p_value), found.p_value);
        row.push_back(amount(lift.incremental->value, lift.currency));
        row.emplace_back(money_range(lift.incremental->within, lift.currency));
        return row;
    }

    void variants() {
        if (report_.pairs.empty()) return;
        auto& part = section({"Variants against each other", "Варианты между собой"});
        Table table{say({"Pairs by the goal", "Пары по цели"}),
                    heads({{"first", "первый"},
                           {"second", "второй"},
                           {"difference", "разница"},
                           {"95 % interval", "интервал 95 %"},
                           {"p (Holm)", "p (Холм)"},
                           {"clients still needed in each", "нужно ещё клиентов в каждом"}}),
                    {}};
        for (const auto& pair : report_.pairs) {
            part.sentences.push_back(pair_sentence(pair));
            Row row{pair.first, pair.second};
            row.push_back(pair.difference ? Cell{w_.signed_percent(pair.difference->value),
                                                 pair.difference->value}
                                          : Cell{w_.why(pair.difference.error())});
            row.emplace_back(pair.difference ? range(pair.difference->within) : "");
            row.emplace_back(w_.p_value(pair.adjusted_p), pair.adjusted_p);
            row.push_back(pair.still_needed
                              ? Cell{w_.number(*pair.still_needed, 0), *pair.still_needed}
                              : Cell{w_.why(pair.still_needed.error())});
            table.rows.push_back(row);
        }
        part.tables.push_back(table);
    }

    std::string pair_sentence(const VariantPair& pair) const {
        if (pair.differs && pair.difference) {
            const bool first = pair.difference->value > 0;
            return (first ? pair.first : pair.second) +
                   say({" does better than ", " лучше, чем "}) +
                   (first ? pair.second : pair.first) + ": " +
                   w_.signed_percent(std::abs(pair.difference->value), 2) + ".";
        }
        // Apart, but not to be trusted: the groups are not those that chance was to make.
        if (pair.difference && pair.adjusted_p < significance)
            return pair.first + say({" and ", " и "}) + pair.second + ": " +
                   w_.why(Lack::broken_control) + ".";
        auto text = pair.first + say({" and ", " и "}) + pair.second +
                    say({": no difference yet", ": разницы пока нет"});
        if (pair.still_needed && *pair.still_needed > 0)
            text += say({"; ", "; нужно ещё "}) + w_.number(*pair.still_needed, 0) +
                    say({" more clients in each would show the one seen now, if it is real",
                         " клиентов в каждом, чтобы увидеть нынешнюю, если она настоящая"});
        return text + ".";
    }

    void channels() {
        auto& part = section({"Channels", "Каналы"});
        part.sentences.push_back(
            say({"Conversions and money are credited to: ", "Конверсии и деньги отнесены на: "}) +
            w_.term(name_of(report_.design.conversion.attribution)) + ".");
        Table table{say({"By channel", "По каналам"}),
                    heads({{"channel", "канал"},
                           {"sent", "отправлено"},
                           {"arrived", "дошло"},
                           {"opened", "открыто"},
                           {"clicked", "переходов"},
                           {"responded", "откликов"},
                           {"conversions credited", "отнесено конверсий"},
                           {"money credited", "отнесено денег"},
                           {"cost", "затраты"},
                           {"return on cost", "отдача"}}),
                    {}};
        for (const auto& figures : report_.channels) {
            Row row{w_.term(figures.channel), count(figures.sent),    count(figures.arrived),
                    count(figures.opened),    count(figures.clicked), count(figures.responded)};
            row.emplace_back(w_.number(figures.credited_conversions, 1),
                             figures.credited_conversions);
            row.push_back(
                report_.money_kind.empty() || report_.money_currency == "*"
                    ? Cell{w_.why(report_.money_kind.empty() ? Lack::no_money : Lack::mixed_money)}
                    : amount(figures.credited_money, report_.money_currency));
            row.push_back(amount(figures.cost, report_.design.currency));
            row.push_back(figures.return_on ? Cell{w_.signed_percent(figures.return_on->value, 0) +
                                                       " " + range(figures.return_on->within, 0),
                                                   figures.return_on->value}
                                            : Cell{w_.why(figures.return_on.error())});
            table.rows.push_back(row);
        }
        part.tables.push_back(table);
        if (!report_.design.carried.empty()) part.tables.push_back(providers());
    }

    Table providers() const {
        Table table{say({"By provider", "По провайдерам"}),
                    heads({{"channel", "канал"},
                           {"provider", "провайдер"},
                           {"messages", "сообщений"},
                           {"parts or pages", "частей или страниц"},
                           {"cost", "затраты"}}),
                    {}};
        for (const auto& carried : report_.design.carried) {
            table.rows.push_back(
                {w_.term(carried.channel), carried.provider, count(carried.messages),
                 count(carried.units),
                 amount(static_cast<double>(carried.cost_minor), report_.design.currency)});
        }
        return table;
    }

    void responses() {
        auto& part = section({"Responses", "Отклики"});
        Table table{say({"By kind", "По видам"}),
                    heads({{"kind", "вид"},
                           {"events", "событий"},
                           {"clients", "клиентов"},
                           {"made by", "кем"}}),
                    {}};
        for (const auto& kind : report_.kinds)
            table.rows.push_back({w_.term(kind.kind), count(kind.events), count(kind.clients),
                                  kind.reaction == Reaction::automatic ? say({"machines", "машины"})
                                                                       : say({"people", "люди"})});
        if (table.rows.empty())
            part.sentences.push_back(say({"Nothing has come back.", "Откликов нет."}));
        else
            part.tables.push_back(table);
        if (report_.times.responses == 0) return;
        const auto& quantiles = report_.times.quantile_ms;
        part.sentences.push_back(say({"Half of those who responded did so within ",
                                      "Половина откликнувшихся ответила за "}) +
                                 w_.duration(quantiles[1]) +
                                 say({", nine of ten within ", ", девять из десяти за "}) +
                                 w_.duration(quantiles[3]) + ".");
        Chart chart{ChartKind::bars,
                    say({"Clients who had responded within", "Откликнулись не позже чем за"}),
                    {}};
        for (const auto& [limit, clients] : report_.times.up_to)
            chart.items.push_back(
                {w_.duration(limit), static_cast<double>(clients), w_.count(clients), {}});
        part.charts.push_back(chart);
    }

    void slices(const Breakdown& breakdown) {
        document_.sections.push_back(
            {say({"By ", "Разрез: "}) + w_.term(breakdown.by), {}, {}, {}});
        auto& part = document_.sections.back();
        Table table{say({"Goal by slice", "Цель по частям"}),
                    heads({{"value", "значение"},
                           {"treated", "кому писали"},
                           {"response", "отклик"},
                           {"goal", "цель"},
                           {"control", "контроль"},
                           {"goal in control", "цель в контроле"},
                           {"difference", "разница"},
                           {"95 % interval", "интервал 95 %"}}),
                    {}};
        for (const auto& slice : breakdown.slices) {
            Row row{slice.value.empty()  ? say({"(none)", "(нет)"})
                    : slice.value == "*" ? say({"(others)", "(прочие)"})
                                         : slice.value,
                    count(slice.treated.of),
                    share(slice.responded),
                    share(slice.treated),
                    count(slice.control.of),
                    share(slice.control)};
            row.push_back(slice.difference ? Cell{w_.signed_percent(slice.difference->value),
                                                  slice.difference->value}
                                           : Cell{w_.why(slice.difference.error())});
            row.emplace_back(slice.difference ? range(slice.difference->within) : "");
            table.rows.push_back(row);
        }
        if (table.rows.empty())
            part.sentences.push_back(
                say({"Nothing is known to divide by.", "Делить не по чему: данных нет."}));
        part.sentences.push_back(
            say({"Slices are looked at together: one interval in twenty misses by chance.",
                 "Частей несколько: каждый двадцатый интервал ошибается случайно."}));
        part.tables.push_back(table);
    }

    void messages() {
        auto& part = section({"Messages", "Сообщения"});
        Table table{say({"By state and reason", "По состояниям и причинам"}),
                    heads({{"step", "шаг"},
                           {"channel", "канал"},
                           {"variant", "вариант"},
                           {"state", "состояние"},
                           {"reason", "причина"},
                           {"messages", "сообщений"},
                           {"share", "доля"}}),
                    {}};
        for (const auto& row : report_.states)
            table.rows.push_back({count(row.step), w_.term(row.channel), count(row.variant),
                                  w_.term(row.state), w_.reason(row.reason), count(row.count),
                                  Cell{w_.percent(Count{row.count, report_.messages}.share(), 1),
                                       Count{row.count, report_.messages}.share()}});
        part.tables.push_back(table);
    }

    const CampaignReport& report_;
    const std::vector<Breakdown>& breakdowns_;
    const Words& w_;
    Document document_;
};

}  // namespace

Document lay_out(const CampaignReport& report, const std::vector<Breakdown>& breakdowns,
                 const Words& words) {
    return Layout{report, breakdowns, words}.document();
}

}  // namespace carillon::reports
