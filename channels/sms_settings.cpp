#include "channels/sms_settings.h"

#include <charconv>

namespace carillon::channels {

namespace {

using base::Json;
using base::ObjectReader;
using std::chrono::milliseconds;

constexpr double rate_max = 1e6;

// The parser of one settings object; keeps what several keys have in common.
class SmsSettingsReader {
public:
    SmsSettingsReader(const Json& json, const std::filesystem::path& folder,
                      base::Problems& problems)
        : reader_(json, "$", problems), problems_(problems), folder_(folder) {}

    SmsChannelSettings read() {
        settings_.name = reader_.required_text("name");
        reader_.choice("kind", {"sms"}, -1);
        settings_.transport =
            static_cast<SmsTransport>(reader_.choice("transport", {"file", "smpp", "http"}, 0));
        read_composer();
        read_file_transport();
        read_smpp();
        read_http();
        read_queue();
        settings_.cost_per_part_minor = reader_.integer("cost_per_part_minor", 0, 0, 1'000'000);
        reader_.finish();
        return std::move(settings_);
    }

private:
    std::string path(ObjectReader& reader, std::string_view key) {
        const auto given = reader.text(key);
        return given.empty() ? given : (folder_ / given).string();
    }

    void read_composer() {
        auto& composer = settings_.composer;
        composer.sender = reader_.required_text("sender");
        composer.transliterate = reader_.boolean("transliterate", false);
        composer.parts_max = static_cast<int>(reader_.integer("parts_max", 6, 1, sms_parts_max));
        if (composer.sender.empty()) return;
        if (const auto kind = sms_sender_kind(composer.sender); !kind)
            reader_.problem("sender", kind.error().code, kind.error().detail);
    }

    void read_file_transport() {
        settings_.file.name = settings_.name;
        settings_.file.kind = base::ChannelKind::sms;
        settings_.file.folder = path(reader_, "spool");
        settings_.file.durable = reader_.boolean("spool_durable", true);
        settings_.file.fan_out = reader_.boolean("spool_fan_out", false);
        if (settings_.transport == SmsTransport::file && settings_.file.folder.empty())
            reader_.problem("spool", "json.missing", "is required when transport is file");
    }

    void read_queue() {
        settings_.smpp.name = settings_.name;
        settings_.http.provider.name = settings_.name;
        settings_.smpp.queue.rate_per_second = reader_.number("rate_per_second", 0, 0, rate_max);
    }

    void read_smpp() {
        const auto* json = reader_.object("smpp");
        if (json == nullptr) {
            if (settings_.transport == SmsTransport::smpp && !reader_.has("smpp"))
                reader_.problem("smpp", "json.missing", "is required when transport is smpp");
            return;
        }
        ObjectReader reader{*json, reader_.path_of("smpp"), problems_};
        auto& smpp = settings_.smpp;
        smpp.host = reader.required_text("host");
        read_smpp_security(reader);
        smpp.dialogue.system_id = reader.required_text("system_id");
        check_size(reader, "system_id", smpp.dialogue.system_id, 15);
        smpp.dialogue.system_type = reader.text("system_type");
        check_size(reader, "system_type", smpp.dialogue.system_type, 12);
        settings_.password = read_secret_source(reader, "password", folder_.string());
        smpp.separate_receiver =
            reader.choice("bind", {"transceiver", "transmitter_and_receiver"}, 0) == 1;
        smpp.connections = static_cast<std::size_t>(reader.integer("connections", 1, 1, 50));
        smpp.dialogue.window = static_cast<std::size_t>(reader.integer("window", 50, 1, 1000));
        smpp.parts_per_second = reader.number("parts_per_second", 0, 0, rate_max);
        read_submit(reader);
        read_receipts(reader);
        read_statuses(reader);
        read_timeouts(reader);
        reader.finish();
    }

    void read_http() {
        const auto* json = reader_.object("http");
        if (json != nullptr)
            settings_.http = parse_http_provider(reader_, *json, base::ChannelKind::sms,
                                                 folder_.string(), problems_);
        else if (settings_.transport == SmsTransport::http && !reader_.has("http"))
            reader_.problem("http", "json.missing", "is required when transport is http");
    }

    void read_smpp_security(ObjectReader& reader) {
        auto& smpp = settings_.smpp;
        smpp.tls = reader.choice("tls", {"off", "implicit"}, 1) == 1;
        smpp.port = static_cast<int>(reader.integer("port", smpp.tls ? 3550 : 2775, 1, 65535));
        smpp.ca_file = path(reader, "ca_file");
        smpp.tls_name = reader.text("tls_name");
        smpp.verify_certificate = reader.boolean("verify_certificate", true);
    }

    // Fields of fixed size in the bind; a longer value would be cut without a word.
    static void check_size(ObjectReader& reader, std::string_view key, const std::string& value,
                           std::size_t size_max) {
        if (value.size() > size_max)
            reader.problem(key, "smpp.field_too_long",
                           "has at most " + std::to_string(size_max) + " characters");
    }

    void read_submit(ObjectReader& reader) {
        auto& submit = settings_.smpp.dialogue.submit;
        submit.service_type = reader.text("service_type");
        check_size(reader, "service_type", submit.service_type, 5);
        submit.concatenation = static_cast<SmppConcatenation>(
            reader.choice("long_text", {"udh", "sar", "payload"}, 0));
        submit.packed_septets = reader.boolean("packed_septets", false);
        submit.absolute_validity = reader.choice("validity", {"relative", "absolute"}, 0) == 1;
        submit.message_reference = reader.boolean("message_reference", false);
    }

    void read_receipts(ObjectReader& reader) {
        auto& smpp = settings_.smpp;
        smpp.dialogue.submit.receipts =
            static_cast<SmppReceipts>(reader.choice("receipts", {"none", "all", "failures"}, 1));
        smpp.dialogue.receipt_ids = static_cast<ReceiptIds>(
            reader.choice("receipt_ids", {"as_is", "hex_to_decimal", "decimal_to_hex"}, 0));
        smpp.bad_address_errors = reader.texts("bad_address_errors");
    }

    // {"0x00000499": "rejected"}
    void read_statuses(ObjectReader& reader) {
        const auto* json = reader.object("statuses");
        if (json == nullptr) return;
        ObjectReader statuses{*json, reader.path_of("statuses"), problems_};
        for (const auto& [name, value] : *json->object()) {
            const bool is_hex = name.starts_with("0x");
            const auto digits = std::string_view{name}.substr(is_hex ? 2 : 0);
            std::uint32_t status = 0;
            const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(),
                                                      status, is_hex ? 16 : 10);
            if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty() ||
                status == 0)
                statuses.problem(name, "smpp.status_invalid",
                                 "is no command_status; expected a number like 0x00000499");
            const auto verdict = statuses.choice(
                name, {"throttled", "busy", "misconfigured", "rejected", "bad_address"}, -1);
            if (verdict >= 0)
                settings_.smpp.dialogue.verdicts[status] =
                    static_cast<SmppVerdict>(static_cast<int>(SmppVerdict::throttled) + verdict);
        }
    }

    void read_timeouts(ObjectReader& outer) {
        const auto* json = outer.object("timeouts");
        if (json == nullptr) return;
        ObjectReader reader{*json, outer.path_of("timeouts"), problems_};
        auto& limits = settings_.smpp.dialogue.timeouts;
        const auto read = [&](std::string_view key, milliseconds& limit) {
            const auto fallback = std::chrono::duration<double>(limit).count();
            const std::chrono::duration<double> given{reader.number(key, fallback, 0.001, 3600)};
            limit = std::chrono::ceil<milliseconds>(given);
        };
        read("connect_seconds", limits.connect);
        read("bind_seconds", limits.bind);
        read("response_seconds", limits.response);
        read("enquire_seconds", limits.enquire);
        read("block_seconds", limits.block);
        read("unbind_seconds", limits.unbind);
        reader.finish();
    }

    ObjectReader reader_;
    base::Problems& problems_;
    const std::filesystem::path& folder_;
    SmsChannelSettings settings_;
};

base::Result<std::unique_ptr<Channel>> make_smpp(const SmsChannelSettings& settings,
                                                 const base::Clock& clock, ChannelSinks sinks) {
    auto smpp = settings.smpp;
    if (settings.password.given()) {
        auto password = settings.password.read();
        if (!password) return base::fail(std::move(password.error()));
        constexpr std::size_t password_max = 8;  // SMPP 3.4 section 5.2.2
        if (password->size() > password_max)
            return base::fail("smpp.field_too_long", "An SMPP password has at most 8 characters.");
        smpp.dialogue.password = std::move(*password);
    }
    auto channel = SmppChannel::create(std::move(smpp), clock, std::move(sinks));
    if (!channel) return base::fail(std::move(channel.error()));
    return std::unique_ptr<Channel>{std::move(*channel)};
}

base::Result<std::unique_ptr<Channel>> make_http(const SmsChannelSettings& settings,
                                                 const base::Clock& clock, ChannelSinks sinks) {
    auto provider = with_secrets(settings.http);
    if (!provider) return base::fail(std::move(provider.error()));
    auto channel = HttpProvider::create(std::move(*provider), clock, std::move(sinks.outcomes),
                                        std::move(sinks.begins));
    if (!channel) return base::fail(std::move(channel.error()));
    return std::unique_ptr<Channel>{std::move(*channel)};
}

}  // namespace

tl::expected<SmsChannelSettings, base::Problems> parse_sms_settings(
    const Json& json, const std::filesystem::path& folder) {
    base::Problems problems;
    auto settings = SmsSettingsReader{json, folder, problems}.read();
    if (!problems.empty()) return tl::unexpected<base::Problems>{std::move(problems)};
    return settings;
}

base::Result<std::unique_ptr<Channel>> make_sms_channel(const SmsChannelSettings& settings,
                                                        const base::Clock& clock,
                                                        ChannelSinks sinks) {
    switch (settings.transport) {
        case SmsTransport::file:
            return std::make_unique<FileChannel>(settings.file, clock, std::move(sinks.outcomes));
        case SmsTransport::smpp: return make_smpp(settings, clock, std::move(sinks));
        case SmsTransport::http: return make_http(settings, clock, std::move(sinks));
    }
    return base::fail("channel.transport_unknown", "This transport is not known.");
}

base::Result<SmsComposer> make_sms_composer(const SmsChannelSettings& settings) {
    return SmsComposer::create(settings.composer);
}

}  // namespace carillon::channels
