#include "desk/office.h"

#include <algorithm>
#include <charconv>

#include "base/local_date.h"
#include "base/text.h"
#include "db/queries.h"

namespace carillon::desk {

namespace {

constexpr std::chrono::days keys_kept{7};

// Leaves the transaction, so that nothing of a refused action stands.
struct Undone {
    base::Problems problems;
};

// One of a list will do (RFC 9110 13.1.1); a weak one never does.
bool names(std::string_view list, std::string_view etag) {
    const auto tags = base::split(list, ',');
    return std::ranges::any_of(tags, [&](auto one) { return base::trim(one) == etag; });
}

}  // namespace

base::Json page_of(base::Json::Array items, const PageQuery& query,
                   const std::function<std::string(const base::Json&)>& key_of) {
    base::Json next;
    if (items.size() > static_cast<std::size_t>(query.limit)) {
        items.resize(static_cast<std::size_t>(query.limit));
        next = key_of(items.back());
    }
    return base::Json::Object{{"items", std::move(items)}, {"next", std::move(next)}};
}

base::Result<std::int64_t> number_in_cursor(const std::string& cursor) {
    std::int64_t number = 0;
    if (cursor.empty()) return number;
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
    if (error != std::errc{} || end != cursor.data() + cursor.size() || number < 0)
        return base::fail("page.cursor", "give back what `next` of the page before was", "cursor");
    return number;
}

base::Result<void> check_edit(const Edit& edit, const std::string& current) {
    if (edit.is_new && !current.empty())
        return base::fail("etag.exists", "there is one of this name already");
    if (edit.is_new) return {};
    // "*" is whatever is there now: nobody has read that.
    if (edit.if_match.empty() || edit.if_match == "*")
        return base::fail("etag.missing",
                          "say what you read: If-Match with its ETag, or If-None-Match: * for "
                          "something new");
    if (!names(edit.if_match, current))
        return base::fail("etag.mismatch", "it has been changed meanwhile; read it again");
    return {};
}

db::Lease Office::read(const Caller& caller, Right right) const {
    access::require(caller, right);
    return parts_.database.read();
}

db::Database& Office::database(const Caller& caller, Right right) const {
    access::require(caller, right);
    return parts_.database;
}

const std::string& Office::audit_key(const Caller& caller, Right right) const {
    access::require(caller, right);
    return parts_.audit_key;
}

const Errands& Office::errands(const Caller& caller, Right right) const {
    access::require(caller, right);
    return parts_.errands;
}

// Null: not done yet.
Answer Office::done_before(db::Connection& connection, const Caller& caller) const {
    if (!caller.once) return base::Json{};
    std::string fingerprint;
    std::string answer;
    connection.select(db::queries::request_key_of,
                      {caller.user, caller.once->key, parts_.clock.now() - keys_kept},
                      [&](const db::Row& row) {
                          fingerprint = row.get<std::string>(0);
                          answer = row.get<std::string>(1);
                      });
    if (fingerprint.empty()) return base::Json{};
    if (fingerprint != caller.once->fingerprint)
        return refuse("request.other", "this Idempotency-Key was used for another request");
    auto before = base::Json::parse(answer).value();
    if (before.is_null())
        return refuse("request.done", "this was done before, and what it made is shown only once");
    return before;
}

Answer Office::act(const Caller& caller, Right right,
                   const std::function<Answer(const campaigns::Desk&)>& work) const {
    return act(caller, right, Keep::answer, work);
}

Answer Office::act_shown_once(const Caller& caller, Right right,
                              const std::function<Answer(const campaigns::Desk&)>& work) const {
    return act(caller, right, Keep::nothing, work);
}

Answer Office::act(const Caller& caller, Right right, Keep keep,
                   const std::function<Answer(const campaigns::Desk&)>& work) const {
    access::require(caller, right);
    // Two requests under one key at the same moment: the slower one finds the answer of the other.
    try {
        return act_once(caller, keep, work);
    } catch (const db::DbError& error) {
        if (!caller.once || error.fault() != db::DbFault::duplicate) throw;
        return act_once(caller, keep, work);
    }
}

Answer Office::act_once(const Caller& caller, Keep keep,
                        const std::function<Answer(const campaigns::Desk&)>& work) const {
    try {
        auto answer = db::in_transaction(parts_.database, [&](db::Connection& connection) {
            auto before = done_before(connection, caller);
            if (!before) throw Undone{before.error()};
            if (!before->is_null()) return std::move(*before);
            const auto now = parts_.clock.now();
            auto done = work({connection, parts_.audit_key, caller.user, now});
            if (!done) throw Undone{std::move(done.error())};
            if (caller.once) {
                connection.execute(db::queries::forget_request_keys, {now - keys_kept});
                connection.execute(db::queries::insert_request_key,
                                   {caller.user, caller.once->key, caller.once->fingerprint,
                                    (keep == Keep::answer ? *done : base::Json{}).dump(), now});
            }
            return std::move(*done);
        });
        if (parts_.on_commit) parts_.on_commit();
        return answer;
    } catch (Undone& undone) {
        return refuse(std::move(undone.problems));
    }
}

void note(const campaigns::Desk& desk, std::string action, std::string object, base::Json detail) {
    db::append_audit(desk.connection, desk.audit_key,
                     {.actor = desk.actor,
                      .action = std::move(action),
                      .object = std::move(object),
                      .detail = std::move(detail)},
                     desk.now);
}

base::Json time_or_null(const std::optional<base::Instant>& at) {
    return at ? base::Json{base::to_text(*at)} : base::Json{};
}

}  // namespace carillon::desk
