#include "reports/client_page.h"

#include <map>

#include "db/queries.h"
#include "reports/layout_pieces.h"
#include "reports/profitability.h"

namespace carillon::reports {

namespace {

constexpr std::string_view still = "9999-12-31";

std::string day_of(std::int64_t millis) {
    return base::to_text(base::from_millis(millis)).substr(0, 10);
}

struct Profile {
    std::int64_t id{};
    std::string kind{}, name{}, gender{}, birth_date{}, locale{}, time_zone{}, branch{}, manager{},
        status{};
    std::optional<std::int64_t> income{};
    std::string value_class{}, occupation{}, industry{}, household{};
    std::int64_t created_at{};
};

std::optional<Profile> load_profile(db::Connection& connection, const std::string& external_id) {
    return connection.one<Profile>(
        db::queries::client_page_profile, {external_id}, [](const db::Row& row) {
            const auto text = [&](int column) {
                return row.is_null(column) ? std::string{} : row.get<std::string>(column);
            };
            return Profile{row.integer(0),
                           text(1),
                           text(2),
                           text(3),
                           text(4),
                           text(5),
                           text(6),
                           text(7),
                           text(8),
                           text(9),
                           row.get<std::optional<std::int64_t>>(10),
                           text(11),
                           text(12),
                           text(13),
                           text(14),
                           row.integer(15)};
        });
}

class Page {
public:
    Page(db::Connection& connection, const ClientPageQuestion& question, Profile profile,
         const Words& words)
        : db_(connection), question_(question), client_(std::move(profile)), w_(words), p_(words) {}

    Document document() {
        document_.language = p_.language();
        document_.title =
            (client_.name.empty() ? question_.external_id
                                  : client_.name + " (" + question_.external_id + ")");
        document_.subtitle =
            p_.say({"client page of ", "страница клиента на "}) + base::to_text(question_.today);
        profile();
        loyalty();
        profit();
        activity();
        outlook();
        products();
        promotions();
        return std::move(document_);
    }

private:
    Section& section(const Phrase& title) {
        document_.sections.push_back({p_.say(title), {}, {}, {}});
        return document_.sections.back();
    }
    Cell amount(const std::optional<std::int64_t>& minor, const std::string& currency) const {
        if (!minor) return Cell{""};
        return p_.money(static_cast<double>(*minor), currency);
    }

    void profile() {
        auto& part = section({"Profile", "Профиль"});
        auto table = p_.table({"Who", "Кто"}, {{"", ""}, {"", ""}});
        const auto add = [&](const Phrase& name, const std::string& value) {
            if (!value.empty()) table.rows.push_back({p_.say(name), value});
        };
        add({"kind", "вид"}, client_.kind == "company" ? p_.say({"company", "компания"})
                                                       : p_.say({"person", "частное лицо"}));
        add({"birth date", "дата рождения"}, client_.birth_date);
        add({"status", "статус"}, w_.term(client_.status));
        add({"value class", "класс ценности"}, w_.term(client_.value_class));
        add({"branch", "отделение"}, client_.branch);
        add({"manager", "менеджер"}, client_.manager);
        add({"occupation", "профессия"}, client_.occupation);
        add({"industry", "отрасль"}, client_.industry);
        add({"household", "домохозяйство"}, client_.household);
        add({"language", "язык"}, client_.locale);
        add({"time zone", "часовой пояс"}, client_.time_zone);
        if (client_.income)
            add({"income", "доход"},
                w_.money(static_cast<double>(*client_.income), question_.currency));
        part.tables.push_back(table);
        auto contacts = p_.table({"Contacts", "Контакты"}, {{"channel", "канал"},
                                                            {"address", "адрес"},
                                                            {"state", "состояние"},
                                                            {"used", "используется"}});
        db_.select(db::queries::client_page_contacts, {client_.id}, [&](const db::Row& row) {
            contacts.rows.push_back({w_.term(row.text(0)), std::string{row.text(1)},
                                     w_.term(row.text(2)),
                                     row.integer(3) != 0 ? p_.say({"yes", "да"}) : ""});
        });
        if (!contacts.rows.empty()) part.tables.push_back(contacts);
    }

    void loyalty() {
        auto& part = section({"Loyalty", "Лояльность"});
        part.sentences.push_back(p_.say({"In this system since ", "В системе с "}) +
                                 day_of(client_.created_at) + ".");
        auto table = p_.table({"Statuses and segments", "Статусы и сегменты"},
                              {{"", ""}, {"which", "какой"}, {"from", "с"}, {"to", "по"}});
        db_.select(db::queries::client_page_history, {client_.id}, [&](const db::Row& row) {
            const auto subject = row.text(0);
            if (subject == "product" || row.text(2) == row.text(3)) return;
            const auto name = subject == "status"   ? p_.say({"status", "статус"})
                              : subject == "source" ? p_.say({"source", "источник"})
                                                    : p_.say({"segment", "сегмент"});
            const auto value =
                subject == "status" ? w_.term(row.text(1)) : std::string{row.text(1)};
            table.rows.push_back({name, value, std::string{row.text(2)},
                                  row.text(3) == still ? "" : std::string{row.text(3)}});
        });
        if (table.rows.empty())
            part.sentences.push_back(p_.say({"No snapshot has seen this client yet.",
                                             "Ни один снимок этого клиента ещё не застал."}));
        else
            part.tables.push_back(table);
        auto consents = p_.table({"What he agreed to", "На что согласен"}, {{"channel", "канал"},
                                                                            {"purpose", "цель"},
                                                                            {"consent", "согласие"},
                                                                            {"since", "с"},
                                                                            {"by", "откуда"}});
        db_.select(db::queries::client_page_consents, {client_.id}, [&](const db::Row& row) {
            consents.rows.push_back(
                {w_.term(row.text(0)), purpose_words(row.text(1)),
                 row.integer(2) != 0 ? p_.say({"yes", "да"}) : p_.say({"refused", "отказ"}),
                 day_of(row.integer(3)), std::string{row.text(4)}});
        });
        if (!consents.rows.empty()) part.tables.push_back(consents);
    }
    std::string purpose_words(std::string_view purpose) const {
        if (purpose == "marketing") return p_.say({"marketing", "реклама"});
        if (purpose == "service") return p_.say({"service", "обслуживание"});
        if (purpose == "debt") return p_.say({"debt", "задолженность"});
        return p_.say({"transactional", "операции"});
    }

    void profit() {
        auto& part = section({"Profit", "Доходность"});
        auto table = p_.table({"Plan and fact, by month", "План и факт по месяцам"},
                              {{"month", "месяц"},
                               {"figure", "показатель"},
                               {"planned", "план"},
                               {"fact", "факт"},
                               {"deviation", "отклонение"}});
        db_.select(db::queries::figures_of_client, {client_.id}, [&](const db::Row& row) {
            ClientFigure figure;
            figure.planned = row.get<std::optional<std::int64_t>>(4);
            figure.fact = row.get<std::optional<std::int64_t>>(5);
            const auto currency = row.get<std::string>(3);
            const bool is_known = figure.planned && figure.fact;
            table.rows.push_back({std::string{row.text(0)},
                                  metric_words(row.text(1), row.text(2), w_),
                                  amount(figure.planned, currency), amount(figure.fact, currency),
                                  is_known ? p_.signed_percent(figure.deviation()) : Cell{""}});
        });
        if (table.rows.empty())
            part.sentences.push_back(
                p_.say({"No plans and no monthly facts.", "Планов и помесячных фактов нет."}));
        else
            part.tables.push_back(table);
    }

    void activity() {
        auto& part = section({"Activity", "Активность"});
        auto responses = p_.table({"What came back from him", "Что от него пришло"},
                                  {{"kind", "вид"}, {"times", "раз"}, {"last", "в последний раз"}});
        db_.select(db::queries::client_page_responses, {client_.id}, [&](const db::Row& row) {
            responses.rows.push_back(
                {w_.term(row.text(0)), p_.count(row.integer(1)), day_of(row.integer(2))});
        });
        auto done =
            p_.table({"What he did", "Что сделал"},
                     {{"date", "дата"}, {"kind", "вид"}, {"what", "что"}, {"amount", "сумма"}});
        db_.select(db::queries::client_page_conversions, {client_.id}, [&](const db::Row& row) {
            done.rows.push_back(
                {day_of(row.integer(2)), w_.term(row.text(0)), std::string{row.text(1)},
                 amount(row.get<std::optional<std::int64_t>>(3), row.get<std::string>(4))});
        });
        if (responses.rows.empty() && done.rows.empty())
            part.sentences.push_back(p_.say({"Nothing yet.", "Пока ничего."}));
        if (!responses.rows.empty()) part.tables.push_back(responses);
        if (!done.rows.empty()) part.tables.push_back(done);
    }

    // What is known to come: payments, ends of contracts, the next birthday.
    void outlook() {
        auto& part = section({"Outlook", "Что впереди"});
        const auto today = base::to_text(question_.today);
        std::multimap<std::string, std::pair<std::string, Cell>> events;
        db_.select(db::queries::client_page_contracts, {client_.id}, [&](const db::Row& row) {
            const auto product = row.get<std::string>(1);
            const auto currency = row.get<std::string>(3);
            if (row.text(9) >= today)
                events.emplace(
                    row.text(9),
                    std::pair{p_.say({"payment: ", "платёж: "}) + product,
                              amount(row.get<std::optional<std::int64_t>>(10), currency)});
            if (row.text(8) >= today)
                events.emplace(
                    row.text(8),
                    std::pair{p_.say({"ends: ", "заканчивается: "}) + product, Cell{""}});
            if (row.integer(11) > 0)
                part.sentences.push_back(p_.say({"Overdue: ", "Просрочено: "}) + product + ", " +
                                         w_.money(static_cast<double>(row.integer(11)), currency) +
                                         ".");
        });
        if (const auto birthday = next_birthday(); !birthday.empty())
            events.emplace(birthday, std::pair{p_.say({"birthday", "день рождения"}), Cell{""}});
        auto table =
            p_.table({"Dates", "Даты"}, {{"date", "дата"}, {"what", "что"}, {"amount", "сумма"}});
        for (const auto& [date, event] : events)
            table.rows.push_back({date, event.first, event.second});
        if (table.rows.empty())
            part.sentences.push_back(p_.say({"No dates are known.", "Известных дат нет."}));
        else
            part.tables.push_back(table);
    }
    std::string next_birthday() const {
        const auto born = base::parse_date(client_.birth_date);
        if (!born) return {};
        for (int days = 0; days <= 366; ++days) {
            const auto date = base::add_days(question_.today, days);
            for (const auto match : base::anniversaries_on(date, base::LeapDayRule::february_28))
                if (match == base::month_day(*born)) return base::to_text(date);
        }
        return {};
    }

    void products() {
        auto& part = section({"Products", "Продукты"});
        auto table = p_.table({"Contracts", "Договоры"}, {{"kind", "вид"},
                                                          {"product", "продукт"},
                                                          {"status", "статус"},
                                                          {"amount", "сумма"},
                                                          {"balance", "остаток"},
                                                          {"opened", "открыт"},
                                                          {"closed", "закрыт"}});
        db_.select(db::queries::client_page_contracts, {client_.id}, [&](const db::Row& row) {
            const auto currency = row.get<std::string>(3);
            table.rows.push_back({contract_words(row.text(0)), std::string{row.text(1)},
                                  std::string{row.text(2)},
                                  amount(row.get<std::optional<std::int64_t>>(4), currency),
                                  amount(row.get<std::optional<std::int64_t>>(5), currency),
                                  std::string{row.text(6)}, std::string{row.text(7)}});
        });
        if (table.rows.empty())
            part.sentences.push_back(p_.say({"None.", "Нет."}));
        else
            part.tables.push_back(table);
    }
    std::string contract_words(std::string_view kind) const {
        if (kind == "loan") return p_.say({"loan", "кредит"});
        if (kind == "deposit") return p_.say({"deposit", "вклад"});
        if (kind == "card") return p_.say({"card", "карта"});
        return p_.say({"account", "счёт"});
    }

    void promotions() {
        auto& part = section({"Promotions", "Кампании"});
        auto table = p_.table({"Newest first", "Сначала новые"}, {{"date", "дата"},
                                                                  {"campaign", "кампания"},
                                                                  {"channel", "канал"},
                                                                  {"state", "состояние"},
                                                                  {"reason", "причина"},
                                                                  {"opened", "открыто"},
                                                                  {"clicked", "переходы"}});
        db_.select(db::queries::client_page_promotions, {client_.id}, [&](const db::Row& row) {
            const auto at = row.integer(5) != 0 ? row.integer(5) : row.integer(4);
            table.rows.push_back({day_of(at), std::string{row.text(0)}, w_.term(row.text(1)),
                                  w_.term(row.text(2)), std::string{row.text(3)},
                                  p_.count(row.integer(6)), p_.count(row.integer(7))});
        });
        if (table.rows.empty())
            part.sentences.push_back(p_.say({"None.", "Нет."}));
        else
            part.tables.push_back(table);
    }

    db::Connection& db_;
    const ClientPageQuestion& question_;
    Profile client_;
    const Words& w_;
    LayoutPieces p_;
    Document document_;
};

}  // namespace

std::optional<Document> client_page(db::Connection& connection, const ClientPageQuestion& question,
                                    const Words& words) {
    auto profile = load_profile(connection, question.external_id);
    if (!profile) return std::nullopt;
    return Page{connection, question, std::move(*profile), words}.document();
}

base::Json to_json(const Document& document) {
    using base::Json;
    Json::Array sections;
    for (const auto& section : document.sections) {
        Json::Array tables;
        for (const auto& table : section.tables) {
            Json::Array rows;
            for (const auto& row : table.rows) {
                Json::Array cells;
                for (const auto& cell : row)
                    cells.push_back(cell.number ? Json{*cell.number} : Json{cell.text});
                rows.push_back(std::move(cells));
            }
            Json::Array columns{table.columns.begin(), table.columns.end()};
            tables.push_back(Json::Object{{"title", table.title},
                                          {"columns", std::move(columns)},
                                          {"rows", std::move(rows)}});
        }
        Json::Array sentences{section.sentences.begin(), section.sentences.end()};
        sections.push_back(Json::Object{{"title", section.title},
                                        {"sentences", std::move(sentences)},
                                        {"tables", std::move(tables)}});
    }
    return Json::Object{{"title", document.title},
                        {"subtitle", document.subtitle},
                        {"sections", std::move(sections)}};
}

}  // namespace carillon::reports
