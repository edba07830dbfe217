// One message as one client would get it, made and thrown away: what previews, pictures of pages
// and test sends are made from.
#pragma once

#include <memory>

#include "channels/channel.h"
#include "db/documents.h"
#include "desk/office.h"
#include "templates/compiled_template.h"

namespace carillon::desk {

// The values of a real client, or the samples of the fields.
struct PreviewValues {
    std::unique_ptr<templates::RenderData> data{};
    std::string locale{};
    std::string name{};  // of the client
};
// Errors: client.unknown. `client`: "" takes the samples.
base::Result<PreviewValues> preview_values(db::Connection& connection,
                                           const templates::CompiledTemplate& compiled,
                                           const std::string& client,
                                           const scheduler::BankIdentity& bank, base::Instant now);

// A stored template or a draft. Nothing, with every mistake in `problems`.
struct TemplateChoice {
    std::string name{};
    const base::Json* draft{};
};
std::optional<templates::CompiledTemplate> compiled_of(db::Connection& connection,
                                                       const TemplateChoice& choice,
                                                       base::Problems& problems);

// PreviewQuestion of docs/openapi.yaml.
struct PreviewQuestion {
    TemplateChoice choice{};
    std::string client{};
    std::string locale{};
    std::string account{};
};
// Takes the members it knows; the caller finishes the reader.
PreviewQuestion read_preview_question(base::ObjectReader& reader);

// `rendered` points into the others: neither copied nor moved.
struct Preview {
    Preview() = default;
    Preview(const Preview&) = delete;
    Preview& operator=(const Preview&) = delete;

    std::optional<templates::CompiledTemplate> compiled{};
    PreviewValues values{};
    std::string locale{};                       // asked for, or the client's
    std::string account{};                      // whose settings are used
    std::string address{};                      // the client's; a sample letter has one
    std::optional<base::Failure> unrendered{};  // why it could not be
    templates::RenderedMessage rendered{};
    std::optional<db::Document> settings{};  // of the channel; a group's first provider
};
// A client's values need clients.see, too. Errors: template.*, client.unknown.
tl::expected<std::unique_ptr<Preview>, base::Problems> make_preview(
    const Office& office, db::Connection& connection, const Caller& caller,
    const PreviewQuestion& question);

// For whom a preview is composed.
struct Recipient {
    std::string key{"preview"};
    std::string address{};
    std::string subject_mark{};  // before the subject
};
// Errors: channel.unknown, and those of the channel's composer.
base::Result<channels::Payload> compose(const Office& office, const Preview& preview,
                                        const Recipient& recipient);

}  // namespace carillon::desk
