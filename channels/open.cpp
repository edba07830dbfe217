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

base::Result<OpenedChannel> open(const CallSettings& settings, const base::Clock&,
                                 ChannelSinks sinks, const OpenOptions&) {
    return OpenedChannel{std::make_unique<CallChannel>(settings.name, std::move(sinks.outcomes)),
                         call_content(),
                         {}};
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

}  // namespace

ContentComposer email_content(EmailComposer composer, Verp verp, Mailbox from,
                              std::optional<Mailbox> reply_to) {
    return [composer = std::move(composer), verp = std::move(verp), from = std::move(from),
            reply_to = std::move(reply_to)](const ContentParts& parts) -> base::Result<Payload> {
        EmailParts email;
        email.key = parts.key;
        email.envelope_from = verp.address_of(parts.id);
        email.from = from;
        email.to = {std::string{parts.display_name}, std::string{parts.address}};
        email.reply_to = reply_to;
        email.subject = parts.subject;
        if (parts.text != nullptr && !parts.text->empty()) email.text = parts.text;
        if (parts.html != nullptr && !parts.html->empty()) email.html = parts.html;
        email.date = parts.date;
        email.unsubscribe.url = parts.unsubscribe_url;
        email.unsubscribe.one_click = parts.unsubscribe_url.starts_with("https://");
        auto payload = composer.compose(email);
        if (!payload) return base::fail(payload.error());
        return Payload{std::move(*payload)};
    };
}

tl::expected<ChannelConfig, base::Problems> parse_channel(const base::Json& json,
                                                          const std::filesystem::path& folder) {
    if (kind_in(json) == name_of(base::ChannelKind::call)) {
        base::Problems problems;
        base::ObjectReader reader{json, "$", problems};
        auto call = read_call(reader);
        if (!problems.empty()) return tl::unexpected<base::Problems>{std::move(problems)};
        return call;
    }
    ChannelConfig config;
    auto settings = parse_channel_settings(json, folder);
    if (!settings) return tl::unexpected<base::Problems>{std::move(settings.error())};
    config.facts = {settings->name, settings->kind, 0, settings->cost_per_message_minor};
    if (const auto* rate = json.find("rate_per_second"))
        config.facts.rate_per_second = rate->number().value_or(0);
    config.settings = std::move(*settings);
    return config;
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
