#include "channels/open.h"

#include "channels/call_channel.h"

namespace carillon::channels {

namespace {

base::Result<ContentComposer> composer_of(const ChannelSettings& settings,
                                          const OpenOptions& options) {
    auto composer = make_composer(settings);
    if (!composer) return base::fail(composer.error());
    auto verp = make_verp(settings, options.installation_key);
    if (!verp) return base::fail(verp.error());
    return email_content(std::move(*composer), std::move(*verp), settings.from, settings.reply_to);
}

base::Result<ContentComposer> composer_of(const SmsChannelSettings& settings, const OpenOptions&) {
    auto composer = make_sms_composer(settings);
    if (!composer) return base::fail(composer.error());
    return sms_content(std::move(*composer));
}

base::Result<ContentComposer> composer_of(const FaxSettings& settings, const OpenOptions&) {
    auto composer = FaxComposer::create(settings.composer);
    if (!composer) return base::fail(composer.error());
    return fax_content(std::move(*composer));
}

base::Result<ContentComposer> composer_of(const LetterChannelSettings& settings,
                                          const OpenOptions&) {
    auto composer = make_letter_composer(settings);
    if (!composer) return base::fail(composer.error());
    return letter_content(std::move(*composer));
}

base::Result<ContentComposer> composer_of(const CallSettings&, const OpenOptions&) {
    return call_content();
}

using OpenedAdapter = base::Result<std::unique_ptr<Channel>>;

OpenedAdapter adapter_of(ChannelSettings settings, const base::Clock& clock, ChannelSinks sinks,
                         const OpenOptions& options) {
    settings.file.durable = settings.file.durable && options.durable;
    return make_channel(settings, clock, std::move(sinks.outcomes), std::move(sinks.begins));
}

OpenedAdapter adapter_of(SmsChannelSettings settings, const base::Clock& clock, ChannelSinks sinks,
                         const OpenOptions& options) {
    settings.file.durable = settings.file.durable && options.durable;
    return make_sms_channel(settings, clock, std::move(sinks));
}

OpenedAdapter adapter_of(const FaxSettings& settings, const base::Clock& clock, ChannelSinks sinks,
                         const OpenOptions&) {
    return make_fax_channel(settings, clock, std::move(sinks));
}

OpenedAdapter adapter_of(const LetterChannelSettings& settings, const base::Clock& clock,
                         ChannelSinks sinks, const OpenOptions&) {
    return make_letter_channel(settings, clock, std::move(sinks));
}

OpenedAdapter adapter_of(const CallSettings& settings, const base::Clock&, ChannelSinks sinks,
                         const OpenOptions&) {
    return std::make_unique<CallChannel>(settings.name, std::move(sinks.outcomes));
}

base::Result<ContentComposer> composer_of(const ProviderGroup& group, const OpenOptions&) {
    return base::fail("channel.is_group",
                      "'" + group.name + "' is a group of providers; open these one by one");
}

OpenedAdapter adapter_of(const ProviderGroup&, const base::Clock&, const ChannelSinks&,
                         const OpenOptions&) {
    throw std::logic_error{"a group of providers has no adapter of its own"};
}

constexpr std::int64_t cost_max = 1'000'000;

void read_call_callbacks(base::ObjectReader& outer, const std::string& folder,
                         base::Problems& problems, CallSettings& settings) {
    const auto* json = outer.object("callbacks");
    if (json == nullptr) return;
    settings.has_callbacks = true;
    base::ObjectReader reader{*json, outer.path_of("callbacks"), problems};
    auto& guard = settings.guard;
    settings.callback_secret = read_secret_source(reader, "secret", folder);
    if (!settings.callback_secret.given())
        reader.problem("secret_file", "json.missing", "secret_env or secret_file is required");
    guard.signature_header = reader.text("signature_header", guard.signature_header);
    guard.timestamp_header = reader.text("timestamp_header", guard.timestamp_header);
    guard.age_max =
        std::chrono::seconds{reader.integer("age_max_seconds", guard.age_max.count(), 1, 86'400)};
    reader.finish();
}

ChannelConfig read_call(base::ObjectReader& reader, const std::string& folder,
                        base::Problems& problems) {
    CallSettings settings;
    settings.name = reader.required_text("name");
    reader.required_text("kind");
    settings.cost_per_call_minor = reader.integer("cost_per_call_minor", 0, 0, cost_max);
    read_call_callbacks(reader, folder, problems, settings);
    reader.finish();
    return {{settings.name, base::ChannelKind::call, 0, settings.cost_per_call_minor}, settings};
}

// Left to the reader of e-mail settings, which reports what is missing, when it is none of the
// rest.
std::string_view kind_in(const base::Json& json) {
    const auto* kind = json.find("kind");
    return kind != nullptr && kind->text() != nullptr ? std::string_view{*kind->text()} : "email";
}

tl::expected<ChannelConfig, base::Problems> parse_call(const base::Json& json,
                                                       const std::string& folder) {
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    auto call = read_call(reader, folder, problems);
    if (!problems.empty()) return tl::unexpected<base::Problems>{std::move(problems)};
    return call;
}

// What a unit costs and how fast it may go is told by the settings of its providers.
tl::expected<ChannelConfig, base::Problems> parse_group(const base::Json& json) {
    auto group = parse_provider_group(json);
    if (!group) return tl::unexpected<base::Problems>{std::move(group.error())};
    return ChannelConfig{{group->name, group->kind, 0, 0}, std::move(*group)};
}

double rate_in(const base::Json& json) {
    const auto* rate = json.find("rate_per_second");
    return rate != nullptr ? rate->number().value_or(0) : 0;
}

// Settings of one kind as those of any; `cost`: what one unit costs.
template <class Settings>
tl::expected<ChannelConfig, base::Problems> config_of(
    tl::expected<Settings, base::Problems> settings, base::ChannelKind kind, double rate,
    std::int64_t Settings::*cost) {
    if (!settings) return tl::unexpected<base::Problems>{std::move(settings.error())};
    return ChannelConfig{{settings->name, kind, rate, (*settings).*cost}, std::move(*settings)};
}

}  // namespace

tl::expected<ChannelConfig, base::Problems> parse_channel(const base::Json& json,
                                                          const std::filesystem::path& folder) {
    using base::ChannelKind;
    if (is_provider_group(json)) return parse_group(json);
    switch (base::channel_kind_from(kind_in(json)).value_or(ChannelKind::email)) {
        case ChannelKind::email: break;
        case ChannelKind::sms:
            return config_of(parse_sms_settings(json, folder), ChannelKind::sms, rate_in(json),
                             &SmsChannelSettings::cost_per_part_minor);
        case ChannelKind::fax:
            return config_of(parse_fax_settings(json, folder), ChannelKind::fax, rate_in(json),
                             &FaxSettings::cost_per_page_minor);
        case ChannelKind::letter:
            return config_of(parse_letter_settings(json, folder), ChannelKind::letter, 0,
                             &LetterChannelSettings::cost_per_message_minor);
        case ChannelKind::call: return parse_call(json, folder.string());
    }
    return config_of(parse_channel_settings(json, folder), ChannelKind::email, rate_in(json),
                     &ChannelSettings::cost_per_message_minor);
}

base::Result<ContentComposer> open_composer(const ChannelConfig& config,
                                            const OpenOptions& options) {
    return std::visit([&](const auto& settings) { return composer_of(settings, options); },
                      config.settings);
}

base::Result<std::optional<CallbackConfig>> callbacks_of(const ChannelConfig& config) {
    const HttpProviderDescription* http = nullptr;
    if (const auto* sms = std::get_if<SmsChannelSettings>(&config.settings)) http = &sms->http;
    if (const auto* fax = std::get_if<FaxSettings>(&config.settings); fax != nullptr && fax->http)
        http = &*fax->http;
    if (http != nullptr && http->has_callbacks) {
        auto made = make_callbacks(*http);
        if (!made) return base::fail(made.error());
        return std::move(*made);
    }
    const auto* call = std::get_if<CallSettings>(&config.settings);
    if (call == nullptr || !call->has_callbacks) return std::nullopt;
    CallbackConfig own{.guard = call->guard};
    auto secret = call->callback_secret.read();
    if (!secret) return base::fail(secret.error());
    own.guard.secret = std::move(*secret);
    return own;
}

base::Result<OpenedChannel> open_channel(const ChannelConfig& config, const base::Clock& clock,
                                         ChannelSinks sinks, const OpenOptions& options) {
    auto composer = open_composer(config, options);
    if (!composer) return base::fail(composer.error());
    auto adapter = std::visit(
        [&](const auto& settings) {
            return adapter_of(settings, clock, std::move(sinks), options);
        },
        config.settings);
    if (!adapter) return base::fail(adapter.error());
    return OpenedChannel{std::move(*adapter), std::move(*composer), config.facts};
}

}  // namespace carillon::channels
