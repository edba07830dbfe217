#include "channels/open.h"

#include "channels/call_channel.h"

namespace carillon::channels {

namespace {

base::Result<OpenedChannel> open(ChannelSettings settings, const base::Clock& clock,
                                 ChannelSinks sinks, const OpenOptions& options) {
    settings.file.durable = settings.file.durable && options.durable;
    auto composer = make_composer(settings);
    if (!composer) return base::fail(composer.error());
    auto verp = make_verp(settings, options.installation_key);
    if (!verp) return base::fail(verp.error());
    auto channel = make_channel(settings, clock, std::move(sinks.outcomes));
    if (!channel) return base::fail(channel.error());
    return OpenedChannel{
        std::move(*channel),
        email_content(std::move(*composer), std::move(*verp), settings.from, settings.reply_to),
        {}};
}

base::Result<OpenedChannel> open(SmsChannelSettings settings, const base::Clock& clock,
                                 ChannelSinks sinks, const OpenOptions& options) {
    settings.file.durable = settings.file.durable && options.durable;
    auto composer = make_sms_composer(settings);
    if (!composer) return base::fail(composer.error());
    auto channel = make_sms_channel(settings, clock, std::move(sinks));
    if (!channel) return base::fail(channel.error());
    return OpenedChannel{std::move(*channel), sms_content(std::move(*composer)), {}};
}

base::Result<OpenedChannel> open(const FaxSettings& settings, const base::Clock& clock,
                                 ChannelSinks sinks, const OpenOptions&) {
    auto composer = FaxComposer::create(settings.composer);
    if (!composer) return base::fail(composer.error());
    auto channel = make_fax_channel(settings, clock, std::move(sinks));
    if (!channel) return base::fail(channel.error());
    return OpenedChannel{std::move(*channel), fax_content(std::move(*composer)), {}};
}

base::Result<OpenedChannel> open(const LetterChannelSettings& settings, const base::Clock& clock,
                                 ChannelSinks sinks, const OpenOptions&) {
    auto composer = make_letter_composer(settings);
    if (!composer) return base::fail(composer.error());
    auto channel = make_letter_channel(settings, clock, std::move(sinks));
    if (!channel) return base::fail(channel.error());
    return OpenedChannel{std::move(*channel), letter_content(std::move(*composer)), {}};
}

base::Result<OpenedChannel> open(const CallSettings& settings, const base::Clock&,
                                 ChannelSinks sinks, const OpenOptions&) {
    return OpenedChannel{std::make_unique<CallChannel>(settings.name, std::move(sinks.outcomes)),
                         call_content(),
                         {}};
}

base::Result<OpenedChannel> open(const ProviderGroup& group, const base::Clock&,
                                 const ChannelSinks&, const OpenOptions&) {
    return base::fail("channel.is_group",
                      "'" + group.name + "' is a group of providers; open these one by one");
}

constexpr std::int64_t cost_max = 1'000'000;

ChannelConfig read_call(base::ObjectReader& reader) {
    CallSettings settings;
    settings.name = reader.required_text("name");
    reader.required_text("kind");
    settings.cost_per_call_minor = reader.integer("cost_per_call_minor", 0, 0, cost_max);
    reader.finish();
    return {{settings.name, base::ChannelKind::call, 0, settings.cost_per_call_minor}, settings};
}

// Left to the reader of e-mail settings, which reports what is missing, when it is none of the
// rest.
std::string_view kind_in(const base::Json& json) {
    const auto* kind = json.find("kind");
    return kind != nullptr && kind->text() != nullptr ? std::string_view{*kind->text()} : "email";
}

tl::expected<ChannelConfig, base::Problems> parse_call(const base::Json& json) {
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    auto call = read_call(reader);
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
            return config_of(parse_fax_settings(json, folder), ChannelKind::fax, 0,
                             &FaxSettings::cost_per_page_minor);
        case ChannelKind::letter:
            return config_of(parse_letter_settings(json, folder), ChannelKind::letter, 0,
                             &LetterChannelSettings::cost_per_message_minor);
        case ChannelKind::call: return parse_call(json);
    }
    return config_of(parse_channel_settings(json, folder), ChannelKind::email, rate_in(json),
                     &ChannelSettings::cost_per_message_minor);
}

base::Result<OpenedChannel> open_channel(const ChannelConfig& config, const base::Clock& clock,
                                         ChannelSinks sinks, const OpenOptions& options) {
    auto opened = std::visit(
        [&](const auto& settings) { return open(settings, clock, std::move(sinks), options); },
        config.settings);
    if (opened) opened->facts = config.facts;
    return opened;
}

}  // namespace carillon::channels
