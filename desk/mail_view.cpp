#include "desk/mail_view.h"

#include "campaigns/bundle.h"
#include "db/queries.h"

namespace carillon::desk {

namespace {

constexpr std::size_t templates_max = 64;

// The pixel stands in every HTML part of a campaign that tracks, and its token among the values.
bool was_tracked(const scheduler::Content& content) {
    const auto json = base::Json::parse(content.data, "merge data");
    const auto* token = json ? json->find("tracking_token") : nullptr;
    return token != nullptr && token->text() != nullptr && !token->text()->empty();
}

// As a mail program reads it from the mail: lines end in CRLF, and between two parts the last one
// belongs to the boundary (RFC 2046 5.1.1).
std::string as_received(std::string_view part, bool another_part) {
    std::string bytes;
    bytes.reserve(part.size() + part.size() / 64 + 2);
    for (std::size_t i = 0; i < part.size(); ++i) {
        const bool ends_line = part[i] == '\r' || part[i] == '\n';
        if (part[i] == '\r' && i + 1 < part.size() && part[i + 1] == '\n') ++i;
        if (ends_line)
            bytes += "\r\n";
        else
            bytes += part[i];
    }
    if (!bytes.empty() && !bytes.ends_with('\n')) bytes += "\r\n";
    if (another_part && bytes.ends_with('\n')) bytes.resize(bytes.size() - 2);
    return bytes;
}

}  // namespace

std::optional<scheduler::Content> find_content(db::Connection& connection, base::MessageId id) {
    return connection.one<scheduler::Content>(
        db::queries::content_of_message, {id}, [](const db::Row& row) {
            return scheduler::Content{row.get<base::DocumentId>(0), row.get<base::DocumentId>(1),
                                      row.get<std::string>(2),      row.get<std::string>(3),
                                      row.get<base::Instant>(4),    row.get<std::string>(5)};
        });
}

base::Result<templates::RenderedMessage> render_again(const templates::CompiledTemplate& compiled,
                                                      const scheduler::Content& content) {
    const auto json = base::Json::parse(content.data, "merge data");
    if (!json) return base::fail(json.error());
    templates::RenderData data{compiled.fields()};
    base::Problems problems;
    data.read_json(*json, problems);
    if (!problems.empty()) return base::fail(problems.front());
    templates::RenderedMessage rendered;
    if (const auto done = compiled.render(data, content.locale, rendered); !done)
        return base::fail(done.error());
    return rendered;
}

std::optional<templates::CompiledTemplate> MailViews::compiled_of(db::Connection& connection,
                                                                  const Key& key) {
    {
        const std::scoped_lock lock{mutex_};
        if (const auto known = compiled_.find(key); known != compiled_.end()) return known->second;
    }
    const auto document = db::find_document(connection, base::DocumentId{key.first});
    if (!document) return std::nullopt;
    base::Problems problems;
    auto compiled =
        campaigns::compile_template(*document, campaigns::load_attribute_kinds(connection),
                                    problems, key.second ? public_url_ : std::string{});
    if (!compiled || compiled->channel() != base::ChannelKind::email) return std::nullopt;
    const std::scoped_lock lock{mutex_};
    if (compiled_.size() >= templates_max) compiled_.clear();
    compiled_.emplace(key, *compiled);
    return compiled;
}

std::optional<MailView> MailViews::find(db::Connection& connection, base::MessageId id) {
    const auto content = find_content(connection, id);
    if (!content) return std::nullopt;
    const auto compiled =
        compiled_of(connection, {content->template_id.value, was_tracked(*content)});
    if (!compiled) return std::nullopt;
    const auto rendered = render_again(*compiled, *content);
    if (!rendered) return std::nullopt;
    return MailView{rendered->locale, rendered->subject,
                    as_received(rendered->html.flat(), !rendered->text.empty()),
                    rendered->text.flat()};
}

}  // namespace carillon::desk
