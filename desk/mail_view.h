// An e-mail as its client got it, made again from the stored version of its template and the values
// of then: for the page that a client opens from the mail (docs/server.md, "In a browser").
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/id.h"
#include "db/database.h"
#include "scheduler/composer.h"
#include "templates/compiled_template.h"

namespace carillon::desk {

// What is kept of a message that was composed.
std::optional<scheduler::Content> find_content(db::Connection& connection, base::MessageId id);

// The parts of the template with the values of then. Errors: those of reading and rendering them.
base::Result<templates::RenderedMessage> render_again(const templates::CompiledTemplate& compiled,
                                                      const scheduler::Content& content);

struct MailView {
    std::string locale{};  // "ru", of the template's part
    std::string subject{};
    std::string html{};  // the HTML part, byte for byte; "": the mail has none
    std::string text{};
};

// Keeps the templates it has compiled, the latest few. Safe from several threads.
class MailViews {
public:
    // `public_url`: where tracked links lead, as when the message was sent.
    explicit MailViews(std::string public_url) : public_url_(std::move(public_url)) {}

    // Nothing when there is nothing to show: never composed, no e-mail, the client was erased, or
    // its time is over (docs/privacy.md).
    std::optional<MailView> find(db::Connection& connection, base::MessageId id);

private:
    using Key = std::pair<std::int64_t, bool>;  // version of the template; tracked
    std::optional<templates::CompiledTemplate> compiled_of(db::Connection& connection,
                                                           const Key& key);

    const std::string public_url_;
    std::mutex mutex_;
    std::map<Key, templates::CompiledTemplate> compiled_;
};

}  // namespace carillon::desk
