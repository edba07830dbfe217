#include "scheduler/composer.h"

#include <unordered_map>

#include "base/digest.h"

namespace carillon::scheduler {

namespace {

// Merge data and what else of the client went into the bytes.
constexpr std::string_view display_name_key = "_to_name";

std::string kept_json(const templates::RenderData& data, const std::string& display_name) {
    std::string json;
    data.append_json(json);
    // {"...":...} becomes {"_to_name":"...",...}
    std::string head = "{\"" + std::string{display_name_key} + "\":";
    base::append_json_text(head, display_name);
    return head + (json == "{}" ? "}" : "," + json.substr(1));
}

}  // namespace

std::string Composer::message_key(base::MessageId id) const {
    const auto number = std::to_string(id.value);
    return number + "." +
           base::to_hex(base::hmac_sha256(secret_, "message " + number)).substr(0, 16);
}

std::string Composer::unsubscribe_url(base::MessageId id) const {
    const auto number = std::to_string(id.value);
    const auto token =
        base::to_base64url(base::hmac_sha256(secret_, "unsubscribe " + number).substr(0, 15));
    return public_url_ + "/u/" + number + "." + token;
}

std::vector<Composed> Composer::compose(db::Connection& reader, const RunContext& run,
                                        std::vector<Claimed> claimed, base::Instant now) const {
    std::vector<Composed> batch;
    if (claimed.empty()) return batch;
    const auto& step = run.content(claimed[0].step, claimed[0].variant);
    std::vector<campaigns::MergeSubject> subjects;
    std::unordered_map<std::int64_t, std::size_t> position;
    for (auto& one : claimed) {
        subjects.push_back({one.id, one.client, one.contract, one.event, unsubscribe_url(one.id)});
        position[one.id.value] = batch.size();
        Content content{step.document, step.outlet->document, {}, one.address, now, {}};
        batch.push_back({std::move(one), std::nullopt, std::move(content), "the client is gone"});
    }
    const auto merged = campaigns::merge(reader, step.compiled.fields(), subjects, run.common);
    templates::RenderedMessage rendered;
    for (const auto& one : merged) {
        const auto at = position.at(one.message.value);
        compose_one(run, step, one, subjects[at].unsubscribe_url, rendered, batch[at]);
    }
    return batch;
}

void Composer::compose_one(const RunContext& run, const StepContent& step,
                           const campaigns::Merged& merged, const std::string& unsubscribe,
                           templates::RenderedMessage& rendered, Composed& composed) const {
    composed.content.locale = merged.locale;
    if (composed.claimed.address.empty()) {
        composed.problem = "no_contact";
        return;
    }
    const auto done = step.compiled.render(*merged.data, merged.locale, rendered);
    if (!done) {
        composed.problem = done.error().text();
        return;
    }
    auto message = finish(step, run.definition, composed.claimed.id, composed.claimed.address,
                          merged.display_name, composed.content.composed_at, unsubscribe, rendered);
    if (!message) {
        composed.problem = message.error().text();
        return;
    }
    composed.content.data = kept_json(*merged.data, merged.display_name);
    composed.message = std::move(*message);
    composed.problem.clear();
}

base::Result<channels::Message> Composer::finish(const StepContent& step,
                                                 const campaigns::Definition& definition,
                                                 base::MessageId id, const std::string& address,
                                                 const std::string& display_name,
                                                 base::Instant date, const std::string& unsubscribe,
                                                 const templates::RenderedMessage& rendered) const {
    channels::Message message{
        .id = id, .key = message_key(id), .to = address, .purpose = definition.purpose};
    channels::EmailParts parts;
    parts.key = message.key;
    parts.envelope_from = step.outlet->verp.address_of(id);
    parts.from = step.outlet->from;
    parts.to = {display_name, address};
    parts.reply_to = step.outlet->reply_to;
    parts.subject = rendered.subject;
    if (!rendered.text.empty()) parts.text = &rendered.text;
    if (!rendered.html.empty()) parts.html = &rendered.html;
    parts.date = date;
    if (definition.purpose == base::Purpose::marketing && !public_url_.empty()) {
        parts.unsubscribe.url = unsubscribe;
        parts.unsubscribe.one_click = parts.unsubscribe.url.starts_with("https://");
    }
    auto payload = step.outlet->composer.compose(parts);
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
    const auto* name = json->find(display_name_key);
    return finish(step, definition, id, content.address,
                  name != nullptr && name->text() != nullptr ? *name->text() : std::string{},
                  content.composed_at, unsubscribe_url(id), rendered);
}

}  // namespace carillon::scheduler
