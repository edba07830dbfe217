#include "scheduler/composer.h"

#include <unordered_map>

namespace carillon::scheduler {

namespace {

// Merge data and what else of the client went into the bytes.
constexpr std::string_view name_key = "_to_name";
constexpr std::string_view zone_key = "_time_zone";
constexpr std::string_view send_by_key = "_send_by";

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
    if (recipient.send_by)
        head += ",\"" + std::string{send_by_key} +
                "\":" + std::to_string(base::to_millis(*recipient.send_by));
    return head + (json == "{}" ? "}" : "," + json.substr(1));
}

std::string text_of(const base::Json& json, std::string_view key) {
    const auto* value = json.find(key);
    return value != nullptr && value->text() != nullptr ? *value->text() : std::string{};
}

Recipient recipient_from(const base::Json& json) {
    Recipient recipient{text_of(json, name_key), text_of(json, zone_key), std::nullopt};
    const auto* send_by = json.find(send_by_key);
    if (send_by != nullptr && send_by->number())
        recipient.send_by = base::from_millis(static_cast<std::int64_t>(*send_by->number()));
    return recipient;
}

}  // namespace

std::string Composer::unsubscribe_url(base::MessageId id) const {
    return public_url_ + "/u/" + keys_.unsubscribe_token(id);
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
    for (auto& one : claimed) {
        subjects.push_back({one.id, one.client, one.contract, one.event, unsubscribe_url(one.id),
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
    for (const auto& one : merged) {
        const auto at = position.at(one.message.value);
        compose_one({step, outlet, run.definition}, one, subjects[at].unsubscribe_url, rendered,
                    batch[at]);
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
    auto message =
        finish(frame, composed.claimed.id, composed.claimed.address,
               {merged.display_name, composed.claimed.time_zone, composed.claimed.send_by},
               composed.content.composed_at, unsubscribe, rendered);
    if (!message) {
        composed.problem = message.error().text();
        return;
    }
    composed.content.data = kept_json(
        *merged.data, {merged.display_name, composed.claimed.time_zone, composed.claimed.send_by});
    composed.message = std::move(*message);
    composed.problem.clear();
}

base::Result<channels::Message> Composer::finish(const Frame& frame, base::MessageId id,
                                                 const std::string& address,
                                                 const Recipient& recipient, base::Instant date,
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
    parts.display_name = recipient.name;
    parts.locale = rendered.locale;
    parts.time_zone = recipient.time_zone;
    parts.purpose = purpose;
    parts.subject = rendered.subject;
    if (!rendered.text.empty()) parts.text = &rendered.text;
    if (!rendered.html.empty()) parts.html = &rendered.html;
    if (rendered.ending != nullptr)
        parts.ending = {rendered.ending->words, rendered.ending->name, rendered.ending->position,
                        rendered.ending->signature_png, rendered.ending->enclosures};
    parts.date = date;
    parts.valid_until = recipient.send_by;
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
    return finish({step, *step.providers->outlet_of(content.channel_id), definition}, id,
                  content.address, recipient_from(*json), content.composed_at, unsubscribe_url(id),
                  rendered);
}

}  // namespace carillon::scheduler
