// The office: the only way from a caller to the database. Whoever wants a connection names the
// right it takes, so a use case that forgets to ask for one cannot be written
// (docs/adr/0011-rights-below-the-routes.md).
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "access/caller.h"
#include "audience/segment.h"
#include "base/json.h"
#include "base/local_date.h"
#include "campaigns/campaign_store.h"
#include "channels/open.h"
#include "db/audit.h"
#include "db/database.h"
#include "scheduler/composer.h"
#include "scheduler/rehearsal.h"

namespace carillon::desk {

using access::Caller;
using access::Right;

// What a use case answers: JSON as docs/openapi.yaml describes it, or every mistake.
using Answer = tl::expected<base::Json, base::Problems>;
inline tl::unexpected<base::Problems> refuse(base::Failure failure) {
    return tl::unexpected<base::Problems>{base::Problems{std::move(failure)}};
}
inline tl::unexpected<base::Problems> refuse(std::string code, std::string detail,
                                             std::string place = {}) {
    return refuse(base::Failure{std::move(code), std::move(detail), std::move(place)});
}
inline tl::unexpected<base::Problems> refuse(base::Problems problems) {
    return tl::unexpected<base::Problems>{std::move(problems)};
}

// What is answered with something else than JSON: a picture, a report as a file.
struct File {
    std::string type{};  // "image/png"
    std::string bytes{};
    std::string name{};  // under which it is kept; "": it is to be shown
    int pages{};         // of the document it is a page of; 0: none
};
using FileAnswer = tl::expected<File, base::Problems>;

// A page of a list: what comes behind `after`, "" is the beginning.
struct PageQuery {
    int limit{50};  // 1 .. 200
    std::string after{};
};
// {"items": [...], "next": ...}. Hand in one more than the page holds: `key_of` gives the key of
// the last one shown when there is more.
base::Json page_of(base::Json::Array items, const PageQuery& query,
                   const std::function<std::string(const base::Json&)>& key_of);
// The whole number a cursor holds; 0 for the beginning. Errors: page.cursor.
base::Result<std::int64_t> number_in_cursor(const std::string& cursor);

// What an edit was made on top of.
struct Edit {
    std::string if_match{};  // the ETag that was read; "": none was given
    bool is_new{};           // If-None-Match: *
};
// Errors: etag.missing, etag.mismatch, etag.exists. `current`: the ETag now, "" when there is none.
base::Result<void> check_edit(const Edit& edit, const std::string& current);

// A channel of these settings apart from the one that sends campaigns, and with a folder of its own
// where that one locks its folder. Reports to `outcomes`; what comes in by it is left at the
// provider.
using OpenApart = std::function<base::Result<channels::OpenedChannel>(
    const db::Document& channel, channels::OutcomeSink outcomes)>;

// What messages are made with; the same for the command line.
struct Workshop {
    scheduler::BankIdentity bank{};
    const scheduler::Composer& composer;
    scheduler::ComposerOf composer_of{};
    std::string data_folder{};  // what relative paths of channels are relative to
    OpenApart open_apart{};
};

// What the program does on somebody's word; each is as the command of that name. May take as long
// as the rows are many.
struct Errands {
    std::function<base::Json()> settings{};
    std::function<base::Json()> doctor{};
    std::function<base::Result<std::string>(const db::Document& channel)> probe{};
    std::function<std::optional<db::AuditHead>()> checkpoint{};
    std::function<Answer(const std::optional<base::LocalDate>& day)> snapshot{};
    std::function<Answer(const std::string& campaign)> check_plans{};
    std::function<base::Json()> retain{};
    std::function<Answer(const std::string& account)> poll_mail{};
};

struct OfficeSettings {
    std::int64_t launch_sample{200};
    int unmakeable_percent{5};
    std::chrono::seconds count_limit{20};  // of one question about a segment
    std::string upload_folder{};           // of files to be imported
    std::chrono::seconds undo_time{30};    // in which a launch can be taken back
};

// Safe from several threads.
class Office {
public:
    struct Parts {
        db::Database& database;
        const base::Clock& clock;
        const base::Clock& real_clock;  // what people at screens see pass
        std::string audit_key{};
        std::function<void()> on_commit{};  // after a change
        Workshop workshop;
        OfficeSettings settings{};
        Errands errands{};
    };
    explicit Office(Parts parts) : parts_(std::move(parts)) {}

    // Throws access::Denied.
    db::Lease read(const Caller& caller, Right right) const;
    // For what opens connections by itself.
    db::Database& database(const Caller& caller, Right right) const;
    // One transaction with its audit entries; nothing of it stands when `work` refuses. A request
    // repeated under one key (Caller::once) is answered again without being done again. Errors:
    // those of `work`, request.other (the key was used for something else).
    Answer act(const Caller& caller, Right right,
               const std::function<Answer(const campaigns::Desk&)>& work) const;
    // For answers with a secret in them, which is stored nowhere: a repetition is refused
    // (request.done) instead of answered again.
    Answer act_shown_once(const Caller& caller, Right right,
                          const std::function<Answer(const campaigns::Desk&)>& work) const;

    base::Instant now() const { return parts_.clock.now(); }
    base::Instant real_now() const { return parts_.real_clock.now(); }
    const base::Clock& clock() const { return parts_.clock; }
    const Workshop& workshop() const { return parts_.workshop; }
    const OfficeSettings& settings() const { return parts_.settings; }
    const std::string& audit_key(const Caller& caller, Right right) const;
    const Errands& errands(const Caller& caller, Right right) const;
    std::mutex& import_turn() { return import_turn_; }  // one file at a time
    std::mutex& house_turn() { return house_turn_; }    // one errand at a time

private:
    enum class Keep { answer, nothing };  // under the key of a request
    Answer act(const Caller& caller, Right right, Keep keep,
               const std::function<Answer(const campaigns::Desk&)>& work) const;
    Answer act_once(const Caller& caller, Keep keep,
                    const std::function<Answer(const campaigns::Desk&)>& work) const;
    Answer done_before(db::Connection& connection, const Caller& caller) const;
    Parts parts_;
    std::mutex import_turn_;
    std::mutex house_turn_;
};

// Adds an entry for what the use case did.
void note(const campaigns::Desk& desk, std::string action, std::string object,
          base::Json detail = base::Json{base::Json::Object{}});

// "2026-11-22T09:00:00.000Z" or null.
base::Json time_or_null(const std::optional<base::Instant>& at);

}  // namespace carillon::desk
