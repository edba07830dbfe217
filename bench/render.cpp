// How fast personal messages are rendered, against kainjow Mustache compiled once and given ready
// strings: the same 3 KB of HTML and 1 KB of text, twelve merge fields, a section, a list of five.
// Usage: bench_render [messages]. kainjow gets its numbers, amounts and dates already formatted and
// its data built in the cheapest way it offers; Carillon formats them for the client's language on
// the way.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <kainjow/mustache.hpp>
#include <string>
#include <vector>

#include "templates/compiled_template.h"
#include "templates/format.h"

namespace {

using namespace carillon;
using templates::Field;
using templates::FieldType;
namespace vendor = kainjow::mustache;

constexpr std::string_view locale = "ru-RU";
constexpr std::size_t contracts_per_client = 5;
constexpr std::size_t clients_kept = 1000;  // made beforehand; messages go round them

struct Contract {
    std::string number{};
    std::int64_t debt{};
};

struct Client {
    std::string salutation{}, first_name{}, last_name{}, city{}, email{}, branch{}, manager{},
        phone{};
    std::int64_t points{};
    std::int64_t debt{};
    base::LocalDate due{};
    bool is_vip{};
    std::vector<Contract> contracts{};
};

Client make_client(int i) {
    Client client{.salutation = i % 2 == 0 ? "Уважаемый" : "Уважаемая",
                  .first_name = fmt::format("Имя{}", i),
                  .last_name = fmt::format("Фамилия-{}", i),
                  .city = i % 3 == 0 ? "Санкт-Петербург" : "Казань",
                  .email = fmt::format("client{}@example.test", i),
                  .branch = "Отделение «Центр & Порт»",
                  .manager = fmt::format("Менеджер {}", i % 40),
                  .phone = fmt::format("+7 495 000-{:02}-{:02}", i % 100, i / 100 % 100),
                  .points = 17 * i + 3,
                  .debt = 123'456 + 1'001LL * i,
                  .due = base::add_days(base::LocalDate{std::chrono::year{2026},
                                                        std::chrono::November, std::chrono::day{1}},
                                        i % 28),
                  .is_vip = i % 5 == 0};
    for (std::size_t n = 0; n < contracts_per_client; ++n)
        client.contracts.push_back({fmt::format("40817-{}-{}", i, n), 5'000 + 77LL * i});
    return client;
}

std::string html_text() {
    std::string text =
        R"(<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>{{branch}}</title></head>
<body style="margin:0;background:#f4f4f5;font-family:Helvetica,Arial,sans-serif">
<table role="presentation" width="600" align="center" style="background:#ffffff;border-radius:8px"><tr><td>
<h1 style="font-size:22px">{{salutation}} {{first_name}} {{last_name}}!</h1>
{{#is_vip}}<p class="vip">Вы наш особый клиент: персональный менеджер {{manager}}, {{phone}}.</p>{{/is_vip}}
{{^is_vip}}<p>Ваш менеджер: {{manager}}, {{phone}}.</p>{{/is_vip}}
<p>Просим внести {{debt}} до {{due}}. Накоплено баллов: {{points}}. Город: {{city}}.</p>
<table>{{#contracts}}<tr><td style="padding:4px 8px">{{number}}</td><td align="right">{{debt}}</td></tr>{{/contracts}}</table>
<p>Письмо отправлено на {{email}}, отделение {{branch}}.</p>
)";
    while (text.size() < 3000)
        text +=
            "<p style=\"color:#444444;font-size:12px\">Условия обслуживания действуют до "
            "отмены.</p>\n";
    return text + "</td></tr></table></body></html>\n";
}

std::string plain_text() {
    std::string text = R"({{salutation}} {{first_name}} {{last_name}}!

Просим внести {{debt}} до {{due}}. Накоплено баллов: {{points}}. Город: {{city}}.
{{#contracts}}* {{number}}: {{debt}}; {{/contracts}}
Ваш менеджер: {{manager}}, {{phone}}. Письмо отправлено на {{email}}, отделение {{branch}}.
)";
    while (text.size() < 1000) text += "Условия обслуживания действуют до отмены.\n";
    return text;
}

constexpr std::string_view subject_text = "{{first_name}}, платёж {{debt}}";

templates::FieldCatalog catalog() {
    return {{"salutation"},
            {"first_name"},
            {"last_name"},
            {"city"},
            {"email"},
            {"branch"},
            {"manager"},
            {"phone"},
            {"points", FieldType::number},
            {"debt", FieldType::money},
            {"due", FieldType::date},
            {"is_vip", FieldType::boolean},
            {"contracts", FieldType::list, {}, {{"number"}, {"debt", FieldType::money}}}};
}

void fill(templates::RenderData& data, const Client& client) {
    data.clear();
    data.set_text(0, client.salutation);
    data.set_text(1, client.first_name);
    data.set_text(2, client.last_name);
    data.set_text(3, client.city);
    data.set_text(4, client.email);
    data.set_text(5, client.branch);
    data.set_text(6, client.manager);
    data.set_text(7, client.phone);
    data.set_integer(8, client.points);
    data.set_money(9, client.debt, "RUB");
    data.set_date(10, client.due);
    data.set_boolean(11, client.is_vip);
    for (const auto& contract : client.contracts) {
        const auto row = data.add_row(12);
        data.set_text(0, contract.number, row);
        data.set_money(1, contract.debt, "RUB", row);
    }
}

// What kainjow is given: everything already text.
struct ReadyClient {
    const Client* client{};
    std::string points{}, debt{}, due{};
    std::vector<std::string> debts{};
};

ReadyClient make_ready(const Client& client) {
    const auto rub = [](std::int64_t minor) {
        return templates::format_money({minor, "RUB"}, locale);
    };
    ReadyClient ready{&client,
                      templates::format_number(static_cast<double>(client.points), locale),
                      rub(client.debt),
                      templates::format_date(client.due, locale),
                      {}};
    for (const auto& contract : client.contracts) ready.debts.push_back(rub(contract.debt));
    return ready;
}

vendor::data vendor_data(const ReadyClient& ready) {
    const auto& client = *ready.client;
    vendor::data data;
    data.set("salutation", client.salutation);
    data.set("first_name", client.first_name);
    data.set("last_name", client.last_name);
    data.set("city", client.city);
    data.set("email", client.email);
    data.set("branch", client.branch);
    data.set("manager", client.manager);
    data.set("phone", client.phone);
    data.set("points", ready.points);
    data.set("debt", ready.debt);
    data.set("due", ready.due);
    data.set("is_vip", client.is_vip);
    vendor::data contracts{vendor::data::type::list};
    for (std::size_t i = 0; i < client.contracts.size(); ++i) {
        vendor::data contract;
        contract.set("number", client.contracts[i].number);
        contract.set("debt", ready.debts[i]);
        contracts.push_back(contract);
    }
    data.set("contracts", contracts);
    return data;
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long peak_rss_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

struct Measured {
    std::size_t messages{};
    double seconds{};
    double cpu_seconds{};

    double rate() const { return static_cast<double>(messages) / seconds; }
    double cpu_us() const { return cpu_seconds * 1e6 / static_cast<double>(messages); }
};

template <class Render>
void measure(std::size_t messages, Measured& total, Render&& one) {
    const auto started = std::chrono::steady_clock::now();
    const auto cpu = cpu_seconds();
    for (std::size_t i = 0; i < messages; ++i) one(i);
    total.seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    total.cpu_seconds += cpu_seconds() - cpu;
    total.messages += messages;
}

struct Yardstick {
    vendor::mustache html{html_text()};
    vendor::mustache text{plain_text()};
    vendor::mustache subject{std::string{subject_text}};
    std::string rendered_html{}, rendered_text{}, rendered_subject{};

    Yardstick() {
        text.set_custom_escape([](const std::string& value) { return value; });
        subject.set_custom_escape([](const std::string& value) { return value; });
    }
    void render(const ReadyClient& client) {
        const auto data = vendor_data(client);
        rendered_html = html.render(data);
        rendered_text = text.render(data);
        rendered_subject = subject.render(data);
    }
    bool agrees_with(const templates::RenderedMessage& message) const {
        return message.html.flat() == rendered_html && message.text.flat() == rendered_text &&
               message.subject == rendered_subject;
    }
};

templates::CompiledTemplate compile_or_exit() {
    templates::TemplateDocument document{.name = "bench", .default_locale = "ru"};
    document.locales["ru"] = {std::string{subject_text}, html_text(), plain_text()};
    auto compiled = templates::compile(document, catalog());
    if (compiled) return *compiled;
    fmt::print(stderr, "{}\n", compiled.error().text());
    std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
    const auto messages = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 400'000ULL;
    std::vector<Client> clients;
    for (std::size_t i = 0; i < clients_kept; ++i)
        clients.push_back(make_client(static_cast<int>(i)));
    std::vector<ReadyClient> ready;
    for (const auto& client : clients) ready.push_back(make_ready(client));

    const auto compiled = compile_or_exit();
    templates::RenderData data{compiled.fields()};
    templates::RenderedMessage message;
    Yardstick yardstick;
    const auto ours = [&](std::size_t i) {
        fill(data, clients[i % clients_kept]);
        if (const auto done = compiled.render(data, locale, message); !done) {
            fmt::print(stderr, "{}\n", done.error().text());
            std::exit(1);
        }
    };
    for (std::size_t i = 0; i < clients_kept; ++i) {
        ours(i);
        yardstick.render(ready[i]);
        if (yardstick.agrees_with(message)) continue;
        fmt::print(stderr, "the two renderings of client {} differ\n", i);
        return 1;
    }
    constexpr std::size_t rounds = 40;  // by turns, so that a busy machine disturbs all alike
    Measured carillon, kainjow, storing;
    std::string stored;
    for (std::size_t round = 0; round < rounds; ++round) {
        measure(messages / rounds / 4, kainjow,
                [&](std::size_t i) { yardstick.render(ready[i % clients_kept]); });
        measure(messages / rounds, carillon, ours);
        measure(messages / rounds / 4, storing, [&](std::size_t) {
            stored.clear();
            data.append_json(stored);
        });
    }
    fmt::print(
        "html {} bytes, text {} bytes; CPU per message: kainjow {:.1f} us, {} bytes of values to "
        "JSON {:.2f} us\n",
        message.html.flat().size(), message.text.flat().size(), kainjow.cpu_us(), stored.size(),
        storing.cpu_us());
    fmt::print(
        R"({{"bench":"render","engine":"none","messages":{},"rate":{:.0f},"yardstick_rate":{:.0f},)"
        R"("ratio":{:.2f},"cpu_us_per_message":{:.2f},"peak_rss_mb":{}}})"
        "\n",
        carillon.messages, carillon.rate(), kainjow.rate(), carillon.rate() / kainjow.rate(),
        carillon.cpu_us(), peak_rss_mb());
    return 0;
}
