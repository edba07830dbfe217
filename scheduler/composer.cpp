#include "scheduler/composer.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "campaigns/policies.h"

namespace carillon::scheduler {

namespace {

// Merge data and what else of the client went into the bytes.
constexpr std::string_view name_key = "_to_name";
constexpr std::string_view zone_key = "_time_zone";
constexpr std::string_view valid_until_key = "_valid_until";

// {"...":...} becomes {"_to_name":"...",...}
std::string kept_json(const templates::RenderData& data, const Recipient& recipient) {
    std::string json;
    data.append_json(json);
    std::string head = "{\"" + std::string{name_key} + "\":";
    base::append_json_text(head, recipient.name);
    if (!recipient.time_zone.empty()) {
        head += ",\"" + std::string{zone_key} + "\":";
        base::append_json_text(head, recipient.time_zone);
    }
    if (recipient.valid_until)
        head += ",\"" + std::string{valid_until_key} +
                "\":" + std::to_string(base::to_millis(*recipient.valid_until));
    return head + (json == "{}" ? "}" : "," + json.substr(1));
}

std::string text_of(const base::Json& json, std::string_view key) {
    const auto* value = json.find(key);
    return value != nullptr && value->text() != nullptr ? *value->text() : std::string{};
}

Recipient recipient_from(const base::Json& json) {
    Recipient recipient{text_of(json, name_key), text_of(json, zone_key), std::nullopt};
    const auto* until = json.find(valid_until_key);
    if (until != nullptr && until->number())
        recipient.valid_until = base::from_millis(static_cast<std::int64_t>(*until->number()));
    return recipient;
}

// A keyed hash is made only for templates that have a use for it.
bool asks_for_view(const templates::CompiledTemplate& compiled) {
    return compiled.channel() == base::ChannelKind::email &&
           std::ranges::find(compiled.fields(), "view_url", &templates::Field::name) !=
               compiled.fields().end();
}

// What a provider keeps it must not deliver at night: a message lives until its deadline, or until
// the hours end in which it leaves. One judgement for all of a batch with the same zone and
// deadline.
class Lifetimes {
public:
    Lifetimes(const RunContext& run, base::Instant now) : run_(run), now_(now) {}

    std::optional<base::Instant> of(const Claimed& claimed) {
        // The desk looks at the hours again whenever somebody takes the task.
        if (claimed.channel == base::ChannelKind::call) return claimed.send_by;
        const auto [known, fresh] = known_.try_emplace({claimed.time_zone, claimed.send_by});
        if (fresh) known->second = until(claimed);
        return known->second;
    }

private:
    std::optional<base::Instant> until(const Claimed& claimed) const {
        return campaigns::allowed_until(
            run_.windows, campaigns::zones_of_client(run_.policies, claimed.time_zone),
            run_.calendar, now_, claimed.send_by);
    }

    const RunContext& run_;
    const base::Instant now_;
    std::map<std::pair<std::string, std::optional<base::Instant>>, std::optional<base::Instant>>
        known_{};
};

}  // namespace

std::string Composer::unsubscribe_url(base::MessageId id) const {
    return public_url_ + "/u/" + keys_.unsubscribe_token(id);
}

std::string Composer::view_url(base::MessageId id) const {
    return public_url_.empty() ? std::string{} : public_url_ + "/w/" + keys_.view_token(id);
}

std::vector<Composed> Composer::compose(db::Connection& reader, const RunContext& run,
                                        const Carrier& carrier, std::vector<Claimed> claimed,
                                        base::Instant now) const {
    std::vector<Composed> batch;
    if (claimed.empty()) return batch;
    const auto& step = run.content(claimed[0].step, claimed[0].channel, claimed[0].variant);
    const auto& outlet = *carrier.outlet;
    std::vector<campaigns::MergeSubject> subjects;
    std::unordered_map<std::int64_t, std::size_t> position;
    const bool shown_in_browser = asks_for_view(step.compiled);
    for (auto& one : claimed) {
        subjects.push_back({one.id, one.client, one.contract, one.event, unsubscribe_url(one.id),
                            shown_in_browser ? view_url(one.id) : "",
                            run.definition.tracking ? keys_.tracking_token(one.id) : ""});
        position[one.id.value] = batch.size();
        Content content{.template_id = step.document,
                        .channel_id = outlet.document,
                        .address = one.address,
                        .composed_at = now,
                        .passed_over = carrier.passed_over};
        batch.push_back({std::move(one), std::nullopt, std::move(content), "the client is gone"});
    }
    const auto merged = campaigns::merge(reader, step.compiled.fields(), subjects, run.common);
    templates::RenderedMessage rendered;
    Lifetimes lifetimes{run, now};
    for (const auto& one : merged) {
        const auto at = position.at(one.message.value);
        const Recipient recipient{one.display_name, batch[at].claimed.time_zone,
                                  lifetimes.of(batch[at].claimed)};
        compose_one({step, outlet, run.definition, recipient}, one, subjects[at].unsubscribe_url,
                    rendered, batch[at]);
    }
    return batch;
}

void Composer::compose_one(const Frame& frame, const campaigns::Merged& merged,
                           const std::string& unsubscribe, templates::RenderedMessage& rendered,
                           Composed& composed) const {
    composed.content.locale = merged.locale;
    if (composed.claimed.address.empty()) {
        composed.problem = "no_contact";
        return;
    }
    const auto done = frame.step.compiled.render(*merged.data, merged.locale, rendered);
    if (!done) {
        composed.problem = done.error().text();
        return;
    }
    auto message = finish(frame, composed.claimed.id, composed.claimed.address,
                          composed.content.composed_at, unsubscribe, rendered);
    if (!message) {
        composed.problem = message.error().text();
        return;
    }
    composed.content.data = kept_json(*merged.data, frame.recipient);
    composed.message = std::move(*message);
    composed.problem.clear();
}

base::Result<channels::Message> Composer::finish(const Frame& frame, base::MessageId id,
                                                 const std::string& address, base::Instant date,
                                                 const std::string& unsubscribe,
                                                 const templates::RenderedMessage& rendered) const {
    const auto purpose = frame.definition.purpose;
    channels::Message message{
        .id = id, .key = keys_.message_key(id), .to = address, .purpose = purpose};
    const auto code = keys_.response_code(id);
    const auto response = public_url_.empty() ? std::string{} : public_url_ + "/r/" + code;
    channels::ContentParts parts;
    parts.id = id;
    parts.key = message.key;
    parts.address = address;
    parts.display_name = frame.recipient.name;
    parts.locale = rendered.locale;
    parts.time_zone = frame.recipient.time_zone;
    parts.purpose = purpose;
    parts.subject = rendered.subject;
    if (!rendered.text.empty()) parts.text = &rendered.text;
    if (!rendered.html.empty()) parts.html = &rendered.html;
    if (rendered.ending != nullptr)
        parts.ending = {rendered.ending->words, rendered.ending->name, rendered.ending->position,
                        rendered.ending->signature_png, rendered.ending->enclosures};
    parts.date = date;
    parts.transliterate = frame.step.compiled.transliterate();
    parts.valid_until = frame.recipient.valid_until;
    if (purpose == base::Purpose::marketing && !public_url_.empty())
        parts.unsubscribe_url = unsubscribe;
    parts.response_code = code;
    parts.response_url = response;
    auto payload = frame.outlet.compose(parts);
    if (!payload) return base::fail(payload.error());
    message.payload = std::move(*payload);
    return message;
}

base::Result<channels::Message> Composer::recompose(const StepContent& step,
                                                    const campaigns::Definition& definition,
                                                    base::MessageId id,
                                                    const Content& content) const {
    const auto json = base::Json::parse(content.data, "merge data");
    if (!json) return base::fail(json.error());
    templates::RenderData data{step.compiled.fields()};
    base::Problems problems;
    data.read_json(*json, problems);
    if (!problems.empty()) return base::fail(problems.front());
    templates::RenderedMessage rendered;
    if (const auto done = step.compiled.render(data, content.locale, rendered); !done)
        return base::fail(done.error());
    const auto recipient = recipient_from(*json);
    return finish({step, *step.providers->outlet_of(content.channel_id), definition, recipient}, id,
                  content.address, content.composed_at, unsubscribe_url(id), rendered);
}

}  // namespace carillon::scheduler
