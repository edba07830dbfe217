// A made-up bank: clients, contracts and consents as CSV, the same for the same seed and number,
// any row by itself. Names come from the lists below and mean nobody; addresses are under example.*
// domains and number ranges of no country. Pure; safe from several threads.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace carillon::bench {

// complete: everybody has an e-mail address and a mobile number. mixed: one in four lacks the
// address, one in six the number, most have a postal address, companies a fax: what routing is for.
enum class Contacts { complete, mixed };

class BankGenerator {
public:
    explicit BankGenerator(std::uint64_t seed = 1, Contacts contacts = Contacts::complete)
        : seed_(seed), contacts_(contacts) {}

    std::string_view clients_header() const {
        if (contacts_ == Contacts::mixed)
            return "external_id,kind,last_name,first_name,middle_name,company_name,gender,"
                   "birth_date,email,phone,fax,address,"
                   "locale,time_zone,branch,manager,status,income,occupation,industry,"
                   "household\r\n";
        return "external_id,kind,last_name,first_name,middle_name,company_name,gender,birth_date,"
               "email,phone,"
               "locale,time_zone,branch,manager,status,income,occupation,industry,household\r\n";
    }
    static std::string_view contracts_header() {
        return "external_id,client,kind,product,status,currency,amount,balance,opened_on,expires_"
               "on,"
               "next_payment_on,next_payment,overdue,overdue_since\r\n";
    }
    static std::string_view consents_header() {
        return "client,channel,purpose,granted,at,source\r\n";
    }

    // One line of clients.csv for client number `i`: one in twenty is a company.
    void append_client(std::string& out, std::int64_t i) const {
        Dice dice{seed_, static_cast<std::uint64_t>(i)};
        if (dice.below(20) == 0)
            append_company(out, i, dice);
        else
            append_person(out, i, dice);
    }

    // Line `k` (from 0) of the contracts of client `i`.
    void append_contract(std::string& out, std::int64_t i, int k) const {
        Dice dice{seed_ + 77, static_cast<std::uint64_t>(i * 16 + k)};
        static constexpr std::array<std::string_view, 4> kinds{"account", "card", "loan",
                                                               "deposit"};
        static constexpr std::array<std::string_view, 4> products{"current", "classic", "consumer",
                                                                  "term"};
        const auto kind = k == 0 ? 0 : 1 + dice.below(3);
        const bool is_loan = kind == 2;
        const bool overdue = is_loan && dice.below(20) == 0;
        const auto amount = 10'000 + dice.below(990'000);
        out += "K" + std::to_string(i) + "-" + std::to_string(k) + ",";
        append_id(out, i);
        out += ',';
        out += kinds[kind];
        out += ',';
        out += kind == 1 && dice.below(10) == 0 ? "gold" : products[kind];
        out += is_loan && overdue ? ",overdue,RUB," : ",active,RUB,";
        append_money(out, amount);
        out += ',';
        append_money(out, dice.below(amount));
        out += ',';
        append_date(out, 2015 + dice.below(10), dice);
        out += ',';
        if (kind != 0) append_date(out, 2027 + dice.below(4), dice);
        out += is_loan ? ",2026-12-" : ",";
        if (is_loan) append_two(out, 1 + dice.below(28));
        out += ',';
        if (is_loan) append_money(out, amount / 24);
        out += ',';
        if (overdue) append_money(out, amount / 24);
        out += ',';
        if (overdue) append_date(out, 2026, dice, 10);
        out += "\r\n";
    }

    // Marketing by e-mail and SMS (mixed: and by letter): four of five have said yes, one of ten
    // has said no.
    void append_consents(std::string& out, std::int64_t i) const {
        Dice dice{seed_ + 99, static_cast<std::uint64_t>(i)};
        for (const std::string_view channel : {"email", "sms", "letter"}) {
            if (channel == "letter" && contacts_ == Contacts::complete) break;
            const auto share = dice.below(10);
            if (share == 9) continue;
            append_id(out, i);
            out += ',';
            out += channel;
            out += share < 8 ? ",marketing,1," : ",marketing,0,";
            append_date(out, 2020 + dice.below(6), dice);
            out += "T10:00:00Z,branch form\r\n";
        }
    }

private:
    // A short stream of even numbers for one row (splitmix64).
    struct Dice {
        Dice(std::uint64_t seed, std::uint64_t row)
            : state(seed * 0x9E3779B97F4A7C15ULL ^ (row + 1) * 0xD1342543DE82EF95ULL) {}
        std::uint64_t next() {
            std::uint64_t z = state += 0x9E3779B97F4A7C15ULL;
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
            z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
            return z ^ z >> 31;
        }
        std::uint64_t below(std::uint64_t limit) { return (next() >> 11) % limit; }
        template <std::size_t n>
        std::string_view one_of(const std::array<std::string_view, n>& items) {
            return items[below(n)];
        }
        std::uint64_t state;
    };

    static void append_number(std::string& out, std::uint64_t value, int digits) {
        const auto text = std::to_string(value);
        for (auto size = static_cast<int>(text.size()); size < digits; ++size) out += '0';
        out += text;
    }
    static void append_two(std::string& out, std::uint64_t value) { append_number(out, value, 2); }
    static void append_id(std::string& out, std::int64_t i) {
        out += 'C';
        append_number(out, static_cast<std::uint64_t>(i), 8);
    }
    static void append_money(std::string& out, std::uint64_t whole) {
        out += std::to_string(whole);
        out += ".00";
    }
    static void append_date(std::string& out, std::uint64_t year, Dice& dice,
                            std::uint64_t months = 12) {
        static constexpr std::array<std::uint64_t, 12> days{31, 28, 31, 30, 31, 30,
                                                            31, 31, 30, 31, 30, 31};
        const auto month = dice.below(months);
        const bool leap = year % 4 == 0 && month == 1;
        out += std::to_string(year) + "-";
        append_two(out, month + 1);
        out += '-';
        append_two(out, 1 + dice.below(days[month] + (leap ? 1 : 0)));
    }

    static constexpr std::array<std::string_view, 24> surnames{
        "Иванов",   "Петров",   "Сидоров", "Кузнецов", "Соколов", "Попов",
        "Лебедев",  "Козлов",   "Новиков", "Морозов",  "Волков",  "Соловьёв",
        "Васильев", "Зайцев",   "Павлов",  "Семёнов",  "Голубев", "Виноградов",
        "Богданов", "Воробьёв", "Фёдоров", "Михайлов", "Беляев",  "Тарасов"};
    static constexpr std::array<std::string_view, 16> men{
        "Александр", "Дмитрий", "Максим", "Сергей", "Андрей", "Алексей", "Артём",   "Илья",
        "Кирилл",    "Михаил",  "Никита", "Матвей", "Роман",  "Егор",    "Арсений", "Иван"};
    static constexpr std::array<std::string_view, 16> women{
        "Анастасия", "Мария", "Анна",  "Виктория", "Екатерина",  "Наталья", "Марина", "Полина",
        "София",     "Дарья", "Алиса", "Ксения",   "Александра", "Елена",   "Ольга",  "Юлия"};
    static constexpr std::array<std::string_view, 12> fathers{
        "Александров", "Дмитриев", "Сергеев", "Андреев", "Алексеев", "Михайлов",
        "Иванов",      "Романов",  "Егоров",  "Павлов",  "Петров",   "Николаев"};
    static constexpr std::array<std::string_view, 8> latin_surnames{
        "Smith", "Miller", "Novak", "Garcia", "Rossi", "Kowalski", "Larsen", "Weber"};
    static constexpr std::array<std::string_view, 11> zones{
        "Europe/Kaliningrad", "Europe/Moscow",    "Europe/Samara", "Asia/Yekaterinburg",
        "Asia/Omsk",          "Asia/Krasnoyarsk", "Asia/Irkutsk",  "Asia/Yakutsk",
        "Asia/Vladivostok",   "Asia/Magadan",     "Asia/Kamchatka"};
    static constexpr std::array<std::string_view, 8> occupations{
        "engineer", "teacher", "doctor", "driver", "manager", "retired", "student", "clerk"};
    static constexpr std::array<std::string_view, 6> industries{
        "trade", "construction", "transport", "agriculture", "software", "catering"};
    static constexpr std::array<std::string_view, 8> company_words{
        "Рассвет", "Вектор", "Маяк", "Прогресс", "Гранит", "Парус", "Сигнал", "Восток"};

    // Half of the bank lives in Moscow's zone, the rest is spread.
    static std::string_view zone(Dice& dice) {
        return dice.below(2) == 0 ? zones[1] : dice.one_of(zones);
    }

    void append_person(std::string& out, std::int64_t i, Dice& dice) const {
        const bool woman = dice.below(2) == 0;
        const bool latin = dice.below(25) == 0;
        append_id(out, i);
        out += ",person,";
        if (latin) {
            out += dice.one_of(latin_surnames);
            out += woman ? ",Anna,," : ",Peter,,";
        } else {
            out += dice.one_of(surnames);
            out += woman ? "а," : ",";
            out += woman ? dice.one_of(women) : dice.one_of(men);
            out += ',';
            out += dice.one_of(fathers);
            out += woman ? "на," : "ич,";
        }
        out += woman ? ",f," : ",m,";
        append_date(out, 1940 + dice.below(66), dice);
        append_contacts(out, i, dice, false);
        out += latin ? ",en," : ",ru,";
        out += zone(dice);
        out += ",B-";
        append_number(out, dice.below(120), 3);
        out += ",M-";
        append_two(out, dice.below(60));
        out += dice.below(10) == 0 ? ",inactive," : ",active,";
        append_money(out, 15'000 + dice.below(200) * dice.below(2'000));
        out += ',';
        out += dice.one_of(occupations);
        out += ",,H";
        append_number(out, static_cast<std::uint64_t>(i) / 2, 7);
        out += "\r\n";
    }

    void append_company(std::string& out, std::int64_t i, Dice& dice) const {
        append_id(out, i);
        out += ",company,,,,\"ООО \"\"";
        out += dice.one_of(company_words);
        out += ' ';
        out += std::to_string(dice.below(10'000));
        out += "\"\"\",,";
        append_contacts(out, i, dice, true);
        out += ",ru,";
        out += zone(dice);
        out += ",B-";
        append_number(out, dice.below(120), 3);
        out += ",M-";
        append_two(out, dice.below(60));
        out += ",active,";
        append_money(out, 100'000 + dice.below(5'000'000));
        out += ",,";
        out += dice.one_of(industries);
        out += ",\r\n";
    }

    void append_contacts(std::string& out, std::int64_t i, Dice& dice, bool company) const {
        const bool mixed = contacts_ == Contacts::mixed;
        Dice choice{seed_ + 55,
                    static_cast<std::uint64_t>(i)};  // leaves the other columns as they are
        out += ",";
        if (!mixed || choice.below(4) != 0) out += "user" + std::to_string(i) + "@example.com";
        out += ",";
        const auto number = dice.below(1'000'000'000);
        if (!mixed || choice.below(6) != 0) {
            out += "+79";
            append_number(out, number, 9);
        }
        if (mixed) append_paper(out, choice, company);
    }

    static void append_paper(std::string& out, Dice& choice, bool company) {
        out += ",";
        if (company) {
            out += "+7495";
            append_number(out, choice.below(10'000'000), 7);
        }
        out += ",";
        if (choice.below(5) == 0) return;
        const auto& [postcode, city, street] = streets[choice.below(streets.size())];
        out += "\"" + std::string{postcode} + ", " + std::string{city} + ", " + std::string{street};
        out += ", д. " + std::to_string(1 + choice.below(90));
        if (!company) out += ", кв. " + std::to_string(1 + choice.below(200));
        out += "\"";
    }

    struct Street {
        std::string_view postcode{}, city{}, name{};
    };
    static constexpr std::array<Street, 8> streets{
        {{"101000", "г. Москва", "ул. Мясницкая"},
         {"127006", "г. Москва", "ул. Тверская"},
         {"190000", "г. Санкт-Петербург", "ул. Большая Морская"},
         {"620014", "г. Екатеринбург", "ул. Малышева"},
         {"630099", "г. Новосибирск", "Красный проспект"},
         {"443099", "г. Самара", "ул. Куйбышева"},
         {"236022", "г. Калининград", "ул. Космонавта Леонова"},
         {"690091", "г. Владивосток", "ул. Светланская"}}};

    std::uint64_t seed_;
    Contacts contacts_;
};

}  // namespace carillon::bench
