#include "channels/settings.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/email_address.h"
#include "base/text.h"

namespace carillon::channels {

namespace {

using base::Json;
using base::ObjectReader;
using std::chrono::milliseconds;

constexpr double rate_max = 1e6;

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) return std::nullopt;
    return std::string{std::istreambuf_iterator<char>{in}, {}};
}

// The parser of one settings object; keeps what several keys have in common.
class SettingsReader {
public:
    SettingsReader(const Json& json, const std::filesystem::path& folder, base::Problems& problems)
        : reader_(json, "$", problems), problems_(problems), folder_(folder) {}

    ChannelSettings read() {
        settings_.name = reader_.required_text("name");
        reader_.choice("kind", {"email"}, -1);
        settings_.transport =
            static_cast<Transport>(reader_.choice("transport", {"file", "smtp"}, 0));
        read_senders();
        read_file_transport();
        read_server();
        read_security();
        read_limits();
        read_timeouts();
        read_dkim();
        read_inbox();
        settings_.cost_per_message_minor =
            reader_.integer("cost_per_message_minor", 0, 0, 1'000'000);
        reader_.finish();
        return std::move(settings_);
    }

private:
    bool is_smtp() const { return settings_.transport == Transport::smtp; }

    std::string path(std::string_view key) {
        const auto given = reader_.text(key);
        return given.empty() ? given : (folder_ / given).string();
    }

    // The address as base::EmailAddress writes it; "" after a mistake.
    std::string address(ObjectReader& reader, std::string_view key, const std::string& given) {
        const auto parsed = base::EmailAddress::parse(given);
        if (parsed) return parsed->text();
        if (!given.empty()) reader.problem(key, parsed.error().code, parsed.error().detail);
        return {};
    }

    Mailbox mailbox(const Json& json, std::string_view key) {
        ObjectReader reader{json, reader_.path_of(key), problems_};
        Mailbox box{.name = reader.text("name"), .address = {}};
        box.address = address(reader, "address", reader.required_text("address"));
        if (base::has_control_characters(box.name))
            reader.problem("name", "email.header_unsafe", "must not contain control characters");
        reader.finish();
        return box;
    }

    std::string domain(std::string_view key, const std::string& fallback) {
        const auto given = reader_.text(key);
        if (given.empty()) return fallback;
        const auto parsed = base::EmailAddress::parse("x@" + given);
        if (!parsed)
            reader_.problem(key, "channel.domain_invalid", "'" + given + "' is no domain name");
        return parsed ? std::string{parsed->domain()} : fallback;
    }

    void read_senders() {
        if (const auto* from = reader_.required("from"); from != nullptr)
            settings_.from = mailbox(*from, "from");
        if (const auto* reply_to = reader_.any("reply_to"); reply_to != nullptr)
            settings_.reply_to = mailbox(*reply_to, "reply_to");
        const auto& sender = settings_.from.address;
        const auto own_domain = sender.substr(std::min(sender.find('@') + 1, sender.size()));
        settings_.bounce_domain = domain("bounce_domain", own_domain);
        settings_.message_id_domain = domain("message_id_domain", own_domain);
        settings_.bounce_key = secret("bounce_key");
    }

    SecretSource secret(const std::string& name) {
        return read_secret_source(reader_, name, folder_.string());
    }

    void read_file_transport() {
        settings_.file.name = settings_.name;
        settings_.file.folder = path("spool");
        settings_.file.durable = reader_.boolean("spool_durable", true);
        settings_.file.fan_out = reader_.boolean("spool_fan_out", false);
        if (!is_smtp() && settings_.file.folder.empty())
            reader_.problem("spool", "json.missing", "is required when transport is file");
    }

    void read_server() {
        auto& smtp = settings_.smtp;
        smtp.name = settings_.name;
        smtp.host = reader_.text("host");
        if (is_smtp() && smtp.host.empty())
            reader_.problem("host", "json.missing", "is required when transport is smtp");
        smtp.dialogue.tls =
            static_cast<SmtpTls>(reader_.choice("tls", {"off", "starttls", "required", "implicit"},
                                                static_cast<int>(SmtpTls::required)));
        const int usual_port = smtp.dialogue.tls == SmtpTls::implicit ? 465 : 587;
        smtp.port = static_cast<int>(reader_.integer("port", usual_port, 1, 65535));
        smtp.dialogue.helo = domain("helo", settings_.message_id_domain);
        if (smtp.dialogue.helo.empty()) smtp.dialogue.helo = "localhost";
        smtp.connections = static_cast<std::size_t>(reader_.integer("connections", 8, 1, 200));
    }

    void read_security() {
        auto& smtp = settings_.smtp;
        smtp.ca_file = path("ca_file");
        smtp.tls_name = reader_.text("tls_name");
        smtp.verify_certificate = reader_.boolean("verify_certificate", true);
        smtp.dialogue.user = reader_.text("user");
        smtp.dialogue.auth_without_tls = reader_.boolean("auth_without_tls", false);
        settings_.password = secret("password");
        const bool has_user = !smtp.dialogue.user.empty();
        if (has_user && !settings_.password.given())
            reader_.problem("user", "channel.password_missing",
                            "needs password_env or password_file");
        if (!has_user && settings_.password.given())
            reader_.problem("user", "json.missing", "is required together with a password");
        if (has_user && smtp.dialogue.tls == SmtpTls::off && !smtp.dialogue.auth_without_tls)
            reader_.problem("tls", "channel.password_in_clear",
                            "a password is not sent without TLS unless auth_without_tls is true");
    }

    void read_limits() {
        auto& queue = settings_.smtp.queue;
        queue.rate_per_second = reader_.number("rate_per_second", 0, 0, rate_max);
        queue.domain_rates.otherwise = reader_.number("default_domain_rate", 0, 0, rate_max);
        const auto* rates = reader_.object("domain_rates");
        if (rates == nullptr) return;
        ObjectReader reader{*rates, reader_.path_of("domain_rates"), problems_};
        for (const auto& [name, value] : *rates->object()) {
            const auto parsed = base::EmailAddress::parse("x@" + name);
            if (!parsed)
                reader.problem(name, "channel.domain_invalid", "'" + name + "' is no domain name");
            const auto rate = reader.number(name, 0, 0, rate_max);
            if (parsed) queue.domain_rates.per_second[std::string{parsed->domain()}] = rate;
        }
    }

    void read_timeouts() {
        const auto* json = reader_.object("timeouts");
        if (json == nullptr) return;
        ObjectReader reader{*json, reader_.path_of("timeouts"), problems_};
        auto& limits = settings_.smtp.dialogue.timeouts;
        const auto read = [&](std::string_view key, milliseconds& limit) {
            const auto fallback = std::chrono::duration<double>(limit).count();
            const std::chrono::duration<double> given{reader.number(key, fallback, 0.001, 3600)};
            limit = std::chrono::ceil<milliseconds>(given);
        };
        read("connect_seconds", limits.connect);
        read("greeting_seconds", limits.greeting);
        read("command_seconds", limits.command);
        read("data_seconds", limits.data);
        read("block_seconds", limits.block);
        read("dot_seconds", limits.dot);
        read("quit_seconds", limits.quit);
        reader.finish();
    }

    void read_dkim() {
        const auto* list = reader_.list("dkim");
        if (list == nullptr) return;
        for (std::size_t i = 0; i < list->size(); ++i) {
            ObjectReader reader{(*list)[i], reader_.path_of("dkim") + "[" + std::to_string(i) + "]",
                                problems_};
            DkimSettings key{.selector = reader.required_text("selector"),
                             .domain = reader.required_text("domain"),
                             .key_file = reader.required_text("key_file")};
            if (!key.key_file.empty()) key.key_file = (folder_ / key.key_file).string();
            reader.finish();
            settings_.dkim.push_back(std::move(key));
        }
    }

    void read_inbox() {
        const auto* json = reader_.object("inbox");
        if (json == nullptr) return;
        ObjectReader reader{*json, reader_.path_of("inbox"), problems_};
        InboxSettings inbox;
        inbox.url = reader.required_text("url");
        const auto scheme = inbox.url.substr(0, inbox.url.find("://"));
        const bool is_known =
            scheme == "imap" || scheme == "imaps" || scheme == "pop3" || scheme == "pop3s";
        const bool is_host = inbox.url.find('/', scheme.size() + 3) == std::string::npos &&
                             inbox.url.find_first_of(" @\r\n") == std::string::npos;
        if (!inbox.url.empty() && (!is_known || !is_host))
            reader.problem("url", "channel.inbox_url",
                           "must be imaps://host, imap://host, pop3s://host or pop3://host, with a "
                           "port if needed");
        inbox.user = reader.required_text("user");
        inbox.password = read_secret_source(reader, "password", folder_.string());
        if (!inbox.password.given())
            reader.problem("user", "channel.password_missing",
                           "needs password_env or password_file");
        inbox.folder = reader.text("folder", inbox.folder);
        if (base::has_control_characters(inbox.folder) ||
            inbox.folder.find_first_of("\"\\;") != std::string::npos)
            reader.problem("folder", "channel.inbox_folder", "is no name of a mail folder");
        inbox.every = std::chrono::seconds{reader.integer("every_seconds", 60, 1, 86'400)};
        if (const auto ca = reader.text("ca_file"); !ca.empty())
            inbox.ca_file = (folder_ / ca).string();
        inbox.keep = reader.boolean("keep", false);
        if (inbox.keep && scheme.starts_with("pop3"))
            reader.problem("keep", "channel.inbox_keep", "POP3 cannot mark a mail as taken");
        reader.finish();
        settings_.inbox = std::move(inbox);
    }

    ObjectReader reader_;
    base::Problems& problems_;
    const std::filesystem::path& folder_;
    ChannelSettings settings_;
};

}  // namespace

tl::expected<ChannelSettings, base::Problems> parse_channel_settings(
    const Json& json, const std::filesystem::path& folder) {
    base::Problems problems;
    auto settings = SettingsReader{json, folder, problems}.read();
    if (!problems.empty()) return tl::unexpected<base::Problems>{std::move(problems)};
    return settings;
}

base::Result<std::unique_ptr<Channel>> make_channel(const ChannelSettings& settings,
                                                    const base::Clock& clock, OutcomeSink sink,
                                                    BeginSink begins) {
    if (settings.transport == Transport::file)
        return std::make_unique<FileChannel>(settings.file, clock, std::move(sink));
    auto smtp = settings.smtp;
    if (settings.password.given()) {
        auto password = settings.password.read();
        if (!password) return base::fail(std::move(password.error()));
        smtp.dialogue.password = std::move(*password);
    }
    auto channel = SmtpChannel::create(std::move(smtp), std::move(sink), std::move(begins));
    if (!channel) return base::fail(std::move(channel.error()));
    return std::unique_ptr<Channel>{std::move(*channel)};
}

base::Result<EmailComposer> make_composer(const ChannelSettings& settings) {
    ComposerSettings composer{.message_id_domain = settings.message_id_domain};
    for (const auto& key : settings.dkim) {
        const auto pem = read_file(key.key_file);
        if (!pem)
            return base::fail("channel.key_unreadable", "The DKIM key cannot be read.",
                              key.key_file);
        auto signer = DkimSigner::create({.domain = key.domain, .selector = key.selector}, *pem);
        if (!signer) {
            signer.error().place = key.key_file;
            return base::fail(std::move(signer.error()));
        }
        composer.dkim.push_back(std::move(*signer));
    }
    return EmailComposer{std::move(composer)};
}

base::Result<Verp> make_verp(const ChannelSettings& settings, const std::string& installation_key) {
    auto key = installation_key;
    if (settings.bounce_key.given()) {
        auto own = settings.bounce_key.read();
        if (!own) return base::fail(std::move(own.error()));
        key = std::move(*own);
    }
    constexpr std::size_t key_bytes_min = 16;
    if (key.size() < key_bytes_min)
        return base::fail("channel.bounce_key_short",
                          "The key of return addresses needs at least 16 bytes.");
    return Verp{std::move(key), settings.bounce_domain};
}

}  // namespace carillon::channels
