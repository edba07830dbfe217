#include "app/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"

namespace carillon::app {

namespace {

using enum SettingType;

std::string environment_name(std::string_view key) {
    std::string name = "CARILLON_";
    for (const char c : key)
        name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return name;
}

const Setting* find_setting(std::string_view key) {
    const auto& table = settings_table();
    const auto found = std::ranges::find(table, key, &Setting::key);
    return found == table.end() ? nullptr : &*found;
}

// Why `value` does not fit the setting, or "".
std::string problem_of(const Setting& setting, const std::string& value) {
    if (setting.type == choice) {
        const auto choices = base::split(setting.choices, '|');
        if (std::ranges::find(choices, value) == choices.end())
            return "must be one of " + std::string{setting.choices} + ", found '" + value + "'";
    }
    if (setting.type == integer) {
        std::int64_t number = 0;
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc{} || end != value.data() + value.size())
            return "must be a whole number, found '" + value + "'";
        if (number < setting.min || number > setting.max)
            return "must lie between " + std::to_string(setting.min) + " and " +
                   std::to_string(setting.max) + ", found " + value;
    }
    return {};
}

std::string find_file(const std::string& given) {
    if (!given.empty()) return given;
    if (const char* from_environment = std::getenv("CARILLON_CONFIG")) return from_environment;
    for (const char* candidate : {"carillon.toml", "/etc/carillon/carillon.toml"})
        if (std::filesystem::exists(candidate)) return candidate;
    return {};
}

struct Given {
    std::string key;
    std::string value;
    std::string place;
};

void collect(const toml::table& table, const std::string& prefix, const std::string& file,
             std::vector<Given>& given, base::Problems& problems) {
    for (const auto& [name, node] : table) {
        const auto key = prefix + std::string{name.str()};
        const auto place = file + ":" + std::to_string(node.source().begin.line);
        if (const auto* inner = node.as_table())
            collect(*inner, key + ".", file, given, problems);
        else if (const auto text_value = node.value<std::string>())
            given.push_back({key, *text_value, place});
        else if (const auto number = node.value_exact<std::int64_t>())
            given.push_back({key, std::to_string(*number), place});
        else
            problems.push_back({"config.type", key + " must be a text or a whole number", place});
    }
}

const std::vector<Setting> table{
    {"database.engine", choice, "sqlite", 0, 0, "sqlite|mariadb", "which database to use"},
    {"database.path", text, "carillon.db", 0, 0, {}, "SQLite: the database file"},
    {"database.host", text, "127.0.0.1", 0, 0, {}, "MariaDB: host name"},
    {"database.port", integer, "3306", 1, 65'535, {}, "MariaDB: port"},
    {"database.socket",
     text,
     "",
     0,
     0,
     {},
     "MariaDB: Unix socket; used instead of host and port when given"},
    {"database.schema", text, "carillon", 0, 0, {}, "MariaDB: database name"},
    {"database.user", text, "carillon", 0, 0, {}, "MariaDB: user"},
    {"database.password_file",
     text,
     "",
     0,
     0,
     {},
     "MariaDB: file whose first line is the password"},
    {"database.tls_ca",
     text,
     "",
     0,
     0,
     {},
     "MariaDB: file with the CA certificate; when given, TLS with a verified host name is "
     "required"},
    {"database.connections", integer, "8", 2, 200, {}, "connections kept open at most"},
    {"state.folder",
     text,
     "",
     0,
     0,
     {},
     "folder of the audit key and checkpoint; the database file's folder when empty"},
    {"bank.name", text, "The Bank", 0, 0, {}, "merge field bank.name"},
    {"bank.phone", text, "", 0, 0, {}, "merge field bank.phone"},
    {"bank.url", text, "", 0, 0, {}, "merge field bank.url"},
    {"bank.currency",
     text,
     "RUB",
     0,
     0,
     {},
     "ISO 4217 currency of amounts without one, such as incomes"},
    {"public.url",
     text,
     "",
     0,
     0,
     {},
     "where clients reach this installation (https://...): unsubscribe links, e-mails in a "
     "browser, pictures; none are made when empty"},
    {"sandbox.folder",
     text,
     "outbox",
     0,
     0,
     {},
     "spool of the file channel; relative to the database file's folder, or the working folder "
     "on MariaDB"},
    {"sandbox.durable", choice, "yes", 0, 0, "yes|no",
     "fsync sandbox files before a message counts as accepted"},
    {"dispatch.batch",
     integer,
     "500",
     1,
     10'000,
     {},
     "messages claimed, submitted and recorded in one transaction"},
    {"dispatch.compose_threads",
     integer,
     "1",
     1,
     64,
     {},
     "threads that render and compose messages"},
    {"dispatch.in_flight",
     integer,
     "3000",
     1,
     100'000,
     {},
     "messages of one provider: claimed, composed or with it at one time; transactional ones get a "
     "batch more"},
    {"dispatch.submitting",
     integer,
     "1000",
     1,
     100'000,
     {},
     "of those, with the provider: what a crash may leave uncertain"},
    {"dispatch.uncertain_minutes",
     integer,
     "15",
     0,
     10'080,
     {},
     "how long a late answer is waited for before an uncertain message is closed or, by its "
     "class, sent once more"},
    {"dispatch.stop_seconds",
     integer,
     "30",
     0,
     3'600,
     {},
     "how long a stop waits for messages in flight"},
    {"dispatch.heartbeat_seconds",
     integer,
     "60",
     3,
     3'600,
     {},
     "after how long a silence the other sending processes take over the messages of one of "
     "them"},
    {"retry.attempts",
     integer,
     "6",
     1,
     100,
     {},
     "attempts before a message that is not taken counts as failed"},
    {"retry.first_seconds",
     integer,
     "60",
     1,
     86'400,
     {},
     "pause before the second attempt; it doubles from there"},
    {"retry.longest_seconds", integer, "14400", 1, 604'800, {}, "longest pause between attempts"},
    {"inbound.soft_bounces",
     integer,
     "3",
     1,
     100,
     {},
     "bounces that may pass, of so many messages, after which an address is given up"},
    {"inbound.soft_days", integer, "30", 1, 366, {}, "the days within which they count"},
    {"inbound.mail_rules",
     text,
     "",
     0,
     0,
     {},
     "JSON file of mail rules that come before those of the program (docs/responses.md)"},
    {"plan.chunk",
     integer,
     "50000",
     100,
     1'000'000,
     {},
     "client ids looked at in one planning transaction"},
    {"launch.sample",
     integer,
     "200",
     0,
     1'000'000,
     {},
     "messages composed for trial on each channel before a campaign may be submitted"},
    {"launch.undo_seconds",
     integer,
     "30",
     0,
     3'600,
     {},
     "a launch over the API can be taken back so long; 0: it is in force at once"},
    {"launch.unmakeable_percent",
     integer,
     "5",
     0,
     100,
     {},
     "share of them that may fail (an incomplete address, a missing glyph) without refusing the "
     "campaign; those clients are left to the next channel"},
    {"launch.failing_percent",
     integer,
     "30",
     0,
     100,
     {},
     "a running campaign of which so many fail or bounce is paused by itself, with a task for its "
     "owner; 0: never"},
    {"launch.failing_at_least",
     integer,
     "100",
     1,
     1'000'000,
     {},
     "failed messages before that is judged"},
    {"retention.raw_months",
     integer,
     "0",
     0,
     600,
     {},
     "what providers and clients sent is kept so long as it was received; 0: for ever"},
    {"retention.clicks_months",
     integer,
     "0",
     0,
     600,
     {},
     "single opens and clicks, once judged; what was made of them stays; 0: for ever"},
    {"retention.contents_months",
     integer,
     "0",
     0,
     600,
     {},
     "values that a sent message is made again from; 0: for ever"},
    {"retention.calls_months", integer, "0", 0, 600, {}, "notes of closed calls; 0: for ever"},
    {"reports.language", choice, "en", 0, 0, "en|ru",
     "the language of managers: tasks and what is sent to them"},
    {"reports.daily_hour",
     integer,
     "6",
     0,
     23,
     {},
     "hour of the bank's day after which plans are compared with facts and the bank's picture is "
     "taken"},
    {"reports.snapshots", choice, "yes", 0, 0, "yes|no",
     "run and serve take a picture of the bank every day (docs/bank.md)"},
    {"reports.source_attribute",
     text,
     "source",
     0,
     0,
     {},
     "attribute of clients that says where they came from"},
    {"webhooks.allow_http", choice, "no", 0, 0, "yes|no", "webhooks may go to http addresses"},
    {"webhooks.private_targets", choice, "no", 0, 0, "yes|no",
     "webhooks may go to this machine and private networks"},
    {"webhooks.ca_file",
     text,
     "",
     0,
     0,
     {},
     "PEM file with the authorities of receivers; empty: those the system trusts"},
    {"webhooks.connections", integer, "4", 1, 64, {}, "deliveries under way to one receiver"},
    {"webhooks.timeout_seconds",
     integer,
     "15",
     1,
     120,
     {},
     "until a receiver has to have answered"},
    {"webhooks.first_seconds",
     integer,
     "5",
     1,
     3'600,
     {},
     "pause after a failed delivery; then doubled"},
    {"webhooks.longest_seconds", integer, "3600", 1, 86'400, {}, "longest pause between two tries"},
    {"webhooks.give_up_hours",
     integer,
     "72",
     1,
     720,
     {},
     "after the first try a delivery is given up"},
    {"webhooks.disable_hours",
     integer,
     "120",
     1,
     2'160,
     {},
     "without a good answer a receiver is switched off"},
    {"webhooks.keep_days", integer, "30", 1, 3'650, {}, "deliveries that were given up are kept"},
    {"server.address", text, "127.0.0.1", 0, 0, {}, "serve: address to listen on"},
    {"server.port", integer, "8080", 0, 65'535, {}, "serve: port to listen on; 0 takes a free one"},
    {"server.preview_port",
     integer,
     "0",
     0,
     65'535,
     {},
     "port of the origin on which messages are looked at (docs/server.md); 0 takes a free one"},
    {"server.preview_url",
     text,
     "",
     0,
     0,
     {},
     "that origin as browsers reach it, such as https://previews.bank.example; empty: the address "
     "and port it listens on, for browsers that reach the API there too"},
    {"server.public_port",
     integer,
     "0",
     0,
     65'535,
     {},
     "port of an origin of its own for what clients see (/u, /p, /w, /r, /o, /c); 0: on "
     "server.port"},
    {"server.tls_certificate",
     text,
     "",
     0,
     0,
     {},
     "PEM file with the certificate chain; when given, the server speaks TLS only"},
    {"server.tls_key", text, "", 0, 0, {}, "PEM file with the private key of the certificate"},
    {"server.trusted_proxies",
     text,
     "",
     0,
     0,
     {},
     "addresses, separated by commas, whose X-Forwarded-For is believed"},
    {"server.connections", integer, "1024", 8, 100'000, {}, "connections open at one time"},
    {"server.workers", integer, "4", 1, 64, {}, "threads that work on requests"},
    {"server.idle_seconds",
     integer,
     "15",
     1,
     3'600,
     {},
     "how long a connection may wait for its next request"},
    {"server.head_seconds",
     integer,
     "10",
     1,
     600,
     {},
     "how long the head of a request may take from its first byte"},
    {"server.body_seconds", integer, "30", 1, 3'600, {}, "how long the body of a request may take"},
    {"server.body_bytes",
     integer,
     "262144",
     1'024,
     104'857'600,
     {},
     "largest body of a request; more is answered 413"},
    {"server.web_root",
     text,
     "",
     0,
     0,
     {},
     "folder of the built web app; empty: where the program was built or installed, see "
     "docs/web.md"},
    {"server.import_bytes",
     integer,
     "33554432",
     1'024,
     1'073'741'824,
     {},
     "largest file that may be uploaded to be imported; larger ones go by the command line"},
    {"server.count_seconds",
     integer,
     "20",
     1,
     600,
     {},
     "how long counting a segment may take when a person at a screen waits for it"},
    {"access.session_idle_minutes",
     integer,
     "30",
     1,
     1'440,
     {},
     "a session ends after so long without a request"},
    {"access.session_hours", integer, "12", 1, 168, {}, "a session ends after so long in any case"},
    {"access.free_tries",
     integer,
     "5",
     1,
     100,
     {},
     "wrong passwords of one user without a pause; then the pause doubles with each, up to 15 "
     "minutes"},
    {"access.password_memory",
     integer,
     "64",
     8,
     4'096,
     {},
     "MiB that hashing one password takes (Argon2id); four are hashed at one time at most"},
    {"access.password_passes", integer, "3", 1, 20, {}, "passes of Argon2id over that memory"},
    {"access.secure_cookies", choice, "auto", 0, 0, "auto|yes|no",
     "sessions travel over TLS only (__Host- cookie); auto: when the server has a certificate; yes "
     "behind a proxy that speaks TLS"},
    {"server.access_log", choice, "yes", 0, 0, "yes|no",
     "a line on standard error for each request: route, status, size and time, nothing personal"},
    {"log.level", choice, "info", 0, 0, "debug|info|warning|error",
     "least severity that is logged"}};

}  // namespace

const std::vector<Setting>& settings_table() {
    return table;
}

tl::expected<Config, base::Problems> Config::load(const std::string& file) {
    Config config;
    base::Problems problems;
    for (const auto& setting : settings_table()) {
        config.values_[std::string{setting.key}] = setting.fallback;
        config.origins_[std::string{setting.key}] = "default";
    }
    config.file_ = find_file(file);
    std::vector<Given> given;
    if (!config.file_.empty()) {
        try {
            collect(toml::parse_file(config.file_), "", config.file_, given, problems);
        } catch (const toml::parse_error& error) {
            problems.push_back({"config.syntax", std::string{error.description()},
                                config.file_ + ":" + std::to_string(error.source().begin.line)});
        }
    }
    for (const auto& setting : settings_table())
        if (const char* value = std::getenv(environment_name(setting.key).c_str()))
            given.push_back({std::string{setting.key}, value, environment_name(setting.key)});
    std::vector<std::string_view> keys;
    for (const auto& setting : settings_table()) keys.push_back(setting.key);
    for (const auto& [key, value, place] : given) {
        const auto* setting = find_setting(key);
        if (setting == nullptr) {
            const auto close = base::nearest(key, keys);
            problems.push_back(
                {"config.unknown",
                 key + ": no such setting" + (close.empty() ? "" : "; did you mean " + close + "?"),
                 place});
        } else if (const auto problem = problem_of(*setting, value); !problem.empty()) {
            problems.push_back({"config.value", key + " " + problem, place});
        } else {
            config.values_[key] = value;
            config.origins_[key] = place;
        }
    }
    if (!problems.empty()) return tl::unexpected<base::Problems>{std::move(problems)};
    return config;
}

std::string Config::text(std::string_view key) const {
    return values_.find(key)->second;
}

std::int64_t Config::integer(std::string_view key) const {
    const auto value = text(key);
    std::int64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
}

base::Json Config::to_json() const {
    base::Json json{base::Json::Object{}};
    for (const auto& setting : settings_table()) {
        base::Json one{base::Json::Object{}};
        one.set("value", text(setting.key));
        one.set("from", origins_.find(setting.key)->second);
        json.set(std::string{setting.key}, std::move(one));
    }
    return json;
}

std::string configuration_reference() {
    std::ostringstream out;
    out << "# Configuration reference\n\n"
           "Printed by `carillon config --reference` from the program's own table of settings.\n\n"
           "The file is TOML. It is the one named by `--config`, else by `CARILLON_CONFIG`, else "
           "`carillon.toml` in the\n"
           "working folder, else `/etc/carillon/carillon.toml`. A variable of the environment wins "
           "over the file.\n\n"
           "| setting | environment | default | values | meaning |\n|---|---|---|---|---|\n";
    for (const auto& setting : settings_table()) {
        const auto values = setting.type == choice ? std::string{setting.choices}
                            : setting.type == integer
                                ? std::to_string(setting.min) + " to " + std::to_string(setting.max)
                                : std::string{"text"};
        std::string shown = values;
        for (std::size_t at = 0; (at = shown.find('|', at)) != std::string::npos; at += 4)
            shown.replace(at, 1, " or ");
        out << "| `" << setting.key << "` | `" << environment_name(setting.key) << "` | "
            << (setting.fallback.empty() ? "(empty)" : "`" + std::string{setting.fallback} + "`")
            << " | " << shown << " | " << setting.meaning << " |\n";
    }
    return out.str();
}

}  // namespace carillon::app
