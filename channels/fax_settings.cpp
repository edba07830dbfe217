#include "channels/fax_settings.h"

#include <algorithm>
#include <utility>

#include "base/email_address.h"
#include "base/text.h"

namespace carillon::channels {

namespace {

using base::Json;
using base::ObjectReader;
using std::chrono::milliseconds;

constexpr double rate_max = 1e6;

bool consists_of(std::string_view text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

// The parser of one settings object; keeps what several keys have in common.
class FaxSettingsReader {
public:
    FaxSettingsReader(const Json& json, const std::filesystem::path& folder,
                      base::Problems& problems)
        : reader_(json, "$", problems), problems_(problems), folder_(folder) {}

    FaxSettings read() {
        settings_.name = reader_.required_text("name");
        reader_.choice("kind", {"fax"}, -1);
        settings_.transport = static_cast<FaxTransport>(
            reader_.choice("transport", {"file", "hfaxd", "email", "http"}, 0));
        read_pages();
        read_folders();
        read_server();
        read_orders();
        read_dial_rules();
        read_timeouts();
        read_gateway();
        read_http();
        settings_.cost_per_page_minor = reader_.integer("cost_per_page_minor", 0, 0, 1'000'000);
        reader_.finish();
        return std::move(settings_);
    }

private:
    bool is(FaxTransport transport) const { return settings_.transport == transport; }

    std::string path(std::string_view key) {
        const auto given = reader_.text(key);
        return given.empty() ? given : (folder_ / given).string();
    }

    void need(std::string_view key, bool given, FaxTransport transport, const char* name) {
        if (is(transport) && !given)
            reader_.problem(key, "json.missing",
                            std::string{"is required when transport is "} + name);
    }

    std::string plain_text(ObjectReader& reader, std::string_view key, std::string_view fallback) {
        auto text = reader.text(key, fallback);
        if (base::has_control_characters(text))
            reader.problem(key, "fax.text_invalid", "must not contain control characters");
        return text;
    }

    void read_pages() {
        auto& composer = settings_.composer;
        if (const auto* sender = reader_.object("sender"); sender != nullptr) {
            ObjectReader reader{*sender, reader_.path_of("sender"), problems_};
            composer.sender_name = plain_text(reader, "name", "");
            composer.sender_number = plain_text(reader, "number", "");
            reader.finish();
        }
        composer.cover_page = reader_.boolean("cover_page", false);
        composer.pages_max = static_cast<int>(reader_.integer("pages_max", 20, 1, 100));
        composer.family = reader_.text("font", composer.family);
    }

    void read_folders() {
        settings_.file.name = settings_.hfaxd.name = settings_.gateway.name = settings_.name;
        settings_.file.folder = path("spool");
        settings_.file.kind = base::ChannelKind::fax;
        need("spool", !settings_.file.folder.empty(), FaxTransport::file, "file");
        settings_.hfaxd.folder = path("folder");
        need("folder", !settings_.hfaxd.folder.empty(), FaxTransport::hfaxd, "hfaxd");
        settings_.hfaxd.notices = path("notices");
        settings_.hfaxd.received = path("received");
        auto& region = settings_.hfaxd.region;
        region = reader_.text("region", region);
        const bool upper = region.size() == 2 && consists_of(region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (!upper)
            reader_.problem("region", "fax.region_invalid", "must be two letters of ISO 3166, RU");
    }

    void read_server() {
        auto& server = settings_.hfaxd.sender.server;
        server.host = reader_.text("host", server.host);
        server.port = static_cast<int>(reader_.integer("port", server.port, 1, 65535));
        server.user = reader_.text("user", server.user);
        // It is compared with the owners of jobs, and separates nothing there.
        constexpr std::size_t user_max = 64;
        if (server.user.empty() || server.user.size() > user_max ||
            server.user.find_first_of("| \t\"\\:") != std::string::npos ||
            base::has_control_characters(server.user))
            reader_.problem("user", "fax.user_invalid", "must be one short word");
        settings_.password = {.environment = reader_.text("password_env"),
                              .file = path("password_file")};
        if (!settings_.password.environment.empty() && !settings_.password.file.empty())
            reader_.problem("password_file", "channel.secret_twice",
                            "either password_env or password_file, not both");
    }

    void read_orders() {
        auto& sender = settings_.hfaxd.sender;
        constexpr std::string_view words =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
        constexpr std::string_view mark = "carillon";  // what notify-carillon looks for
        sender.tag_prefix = reader_.text("tag_prefix", sender.tag_prefix);
        if (!consists_of(sender.tag_prefix, words) || !sender.tag_prefix.starts_with(mark) ||
            sender.tag_prefix.size() > 40)
            reader_.problem("tag_prefix", "fax.tag_invalid",
                            "must begin with carillon and go on with letters, digits, . _ -");
        sender.modem = reader_.text("modem", sender.modem);
        if (sender.modem.empty() || !consists_of(sender.modem, words))
            reader_.problem("modem", "fax.modem_invalid", "must be a device, a class, or any");
        sender.document = static_cast<FaxDocument>(reader_.choice("document", {"tiff", "pdf"}, 0));
        sender.header_line = reader_.boolean("header_line", false);
        sender.dials_max = static_cast<int>(reader_.integer("dials_max", 12, 1, 100));
        sender.tries_max = static_cast<int>(reader_.integer("tries_max", 3, 1, 100));
        sender.lifetime = std::chrono::minutes{reader_.integer("give_up_minutes", 180, 1, 10'080)};
        sender.jobs_max = static_cast<std::size_t>(reader_.integer("jobs_max", 500, 1, 10'000));
        sender.forgets_after =
            std::chrono::minutes{reader_.integer("forgets_after_minutes", 10, 1, 100'000)};
    }

    void read_dial_rules() {
        const auto* list = reader_.list("dial_rules");
        if (list == nullptr) return;
        std::vector<DialRule> rules;
        for (std::size_t i = 0; i < list->size(); ++i) {
            ObjectReader reader{(*list)[i],
                                reader_.path_of("dial_rules") + "[" + std::to_string(i) + "]",
                                problems_};
            DialRule rule{.prefix = reader.required_text("prefix"), .dial = reader.text("dial")};
            if (!rule.prefix.starts_with('+') ||
                !consists_of(std::string_view{rule.prefix}.substr(1), "0123456789"))
                reader.problem("prefix", "fax.prefix_invalid", "must be + and digits: +7495");
            if (!consists_of(rule.dial, "0123456789*#+-,wW"))
                reader.problem("dial", "fax.dial_invalid", "may only hold what a modem dials");
            if (std::ranges::count(rules, rule.prefix, &DialRule::prefix) > 0)
                reader.problem("prefix", "fax.prefix_twice", "stands in the list already");
            reader.finish();
            rules.push_back(std::move(rule));
        }
        settings_.gateway.dial_rules = rules;
        settings_.hfaxd.sender.dial_rules = std::move(rules);
    }

    void read_timeouts() {
        const auto seconds = [](ObjectReader& reader, std::string_view key, milliseconds& limit) {
            const auto fallback = std::chrono::duration<double>(limit).count();
            const std::chrono::duration<double> given{reader.number(key, fallback, 0.05, 3600)};
            limit = std::chrono::ceil<milliseconds>(given);
        };
        seconds(reader_, "poll_seconds", settings_.hfaxd.poll);
        const auto* json = reader_.object("timeouts");
        if (json == nullptr) return;
        ObjectReader reader{*json, reader_.path_of("timeouts"), problems_};
        auto& sender = settings_.hfaxd.sender;
        seconds(reader, "connect_seconds", sender.server.connect_timeout);
        seconds(reader, "reply_seconds", sender.server.reply_timeout);
        seconds(reader, "data_seconds", sender.server.data_timeout);
        seconds(reader, "settle_seconds", sender.settle);
        reader.finish();
    }

    void read_gateway() {
        if (const auto* json = reader_.object("gateway"); json != nullptr) {
            ObjectReader reader{*json, reader_.path_of("gateway"), problems_};
            const auto domain = reader.required_text("domain");
            const auto parsed = base::EmailAddress::parse("1@" + domain);
            if (parsed)
                settings_.gateway.gateway_domain = parsed->domain();
            else if (!domain.empty())
                reader.problem("domain", "channel.domain_invalid",
                               "'" + domain + "' is no domain name");
            settings_.gateway.subject = plain_text(reader, "subject", settings_.gateway.subject);
            settings_.gateway.text = plain_text(reader, "text", settings_.gateway.text);
            reader.finish();
        } else {
            need("gateway", false, FaxTransport::email, "email");
        }
        const auto* json = reader_.object("email");
        need("email", json != nullptr, FaxTransport::email, "email");
        if (json == nullptr) return;
        auto email = parse_channel_settings(*json, folder_);
        if (!email) {
            for (auto& problem : email.error()) {
                if (problem.place.starts_with('$')) problem.place.insert(1, ".email");
                problems_.push_back(std::move(problem));
            }
            return;
        }
        settings_.gateway.from = email->from;
        settings_.email = std::move(*email);
    }

    void read_http() {
        const double rate = reader_.number("rate_per_second", 0, 0, rate_max);
        const auto* json = reader_.object("http");
        if (json == nullptr) {
            if (!reader_.has("http")) need("http", false, FaxTransport::http, "http");
            return;
        }
        auto http = parse_http_provider(reader_, *json, base::ChannelKind::fax, folder_.string(),
                                        problems_);
        http.provider.name = settings_.name;
        http.provider.queue.rate_per_second = rate;
        settings_.http = std::move(http);
    }

    ObjectReader reader_;
    base::Problems& problems_;
    const std::filesystem::path& folder_;
    FaxSettings settings_{};
};

}  // namespace

tl::expected<FaxSettings, base::Problems> parse_fax_settings(const Json& json,
                                                             const std::filesystem::path& folder) {
    base::Problems problems;
    auto settings = FaxSettingsReader{json, folder, problems}.read();
    if (!problems.empty()) return tl::unexpected<base::Problems>{std::move(problems)};
    return settings;
}

base::Result<std::unique_ptr<Channel>> make_fax_channel(const FaxSettings& settings,
                                                        const base::Clock& clock,
                                                        ChannelSinks sinks) {
    switch (settings.transport) {
        case FaxTransport::file:
            return std::make_unique<PaperFileChannel>(settings.file, std::move(sinks.outcomes));
        case FaxTransport::email: {
            auto composer = make_composer(*settings.email);
            if (!composer) return base::fail(std::move(composer.error()));
            return FaxMailChannel::create(settings.gateway, std::move(*composer), clock,
                                          std::move(sinks.outcomes), [&](OutcomeSink sink) {
                                              return make_channel(*settings.email, clock,
                                                                  std::move(sink), sinks.begins);
                                          });
        }
        case FaxTransport::http: {
            auto provider = with_secrets(*settings.http);
            if (!provider) return base::fail(std::move(provider.error()));
            auto channel = HttpProvider::create(std::move(*provider), clock,
                                                std::move(sinks.outcomes), std::move(sinks.begins));
            if (!channel) return base::fail(std::move(channel.error()));
            return std::unique_ptr<Channel>{std::move(*channel)};
        }
        case FaxTransport::hfaxd: break;
    }
    auto hfaxd = settings.hfaxd;
    if (settings.password.given()) {
        auto password = settings.password.read();
        if (!password) return base::fail(std::move(password.error()));
        hfaxd.sender.server.password = std::move(*password);
    }
    auto channel = FaxChannel::create(std::move(hfaxd), clock, std::move(sinks));
    if (!channel) return base::fail(std::move(channel.error()));
    return std::unique_ptr<Channel>{std::move(*channel)};
}

}  // namespace carillon::channels
