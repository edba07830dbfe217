#include "db/audit.h"

#include "base/digest.h"
#include "db/queries.h"

namespace carillon::db {

namespace {

// Every part with its length, so that no two different rows have the same bytes.
std::string canonical(std::int64_t seq, base::Instant at, const AuditEntry& entry,
                      std::string_view detail) {
    std::string bytes;
    const auto add = [&](std::string_view part) {
        bytes += std::to_string(part.size());
        bytes += ':';
        bytes += part;
    };
    add(std::to_string(seq));
    add(std::to_string(base::to_millis(at)));
    add(entry.actor);
    add(entry.action);
    add(entry.object);
    add(entry.before_hash);
    add(entry.after_hash);
    add(detail);
    return bytes;
}

std::string chain(std::string_view key, std::string_view previous, std::string_view bytes) {
    return base::to_hex(base::hmac_sha256(key, std::string{previous} + std::string{bytes}));
}

}  // namespace

AuditHead append_audit(Connection& connection, std::string_view key, const AuditEntry& entry,
                       base::Instant now) {
    const auto last = connection.one<AuditHead>(queries::audit_head, {}, [](const Row& row) {
        return AuditHead{row.get<std::int64_t>(0), row.get<std::string>(1)};
    });
    const auto seq = last ? last->seq + 1 : 1;
    const auto detail = entry.detail.canonical();
    const auto hash = chain(key, last ? last->hash : "", canonical(seq, now, entry, detail));
    connection.execute(queries::insert_audit, {seq, now, entry.actor, entry.action, entry.object,
                                               entry.before_hash, entry.after_hash, detail, hash});
    return {seq, hash};
}

AuditVerdict verify_audit(Connection& connection, std::string_view key,
                          const std::optional<AuditHead>& checkpoint) {
    AuditVerdict verdict;
    std::string previous;
    std::int64_t expected = 1;
    bool checkpoint_seen = !checkpoint;
    connection.select(queries::audit_all, {}, [&](const Row& row) {
        const auto seq = row.get<std::int64_t>(0);
        const AuditEntry entry{row.get<std::string>(2), row.get<std::string>(3),
                               row.get<std::string>(4), row.get<std::string>(5),
                               row.get<std::string>(6), {}};
        const auto hash = row.get<std::string>(8);
        if (seq != expected)
            verdict.problems.push_back("row " + std::to_string(expected) + " is missing");
        const auto bytes =
            canonical(seq, row.get<base::Instant>(1), entry, row.get<std::string_view>(7));
        if (!base::equal_in_constant_time(chain(key, previous, bytes), hash))
            verdict.problems.push_back("row " + std::to_string(seq) + " (" + entry.action + " of " +
                                       entry.object + ") does not fit the chain");
        if (checkpoint && seq == checkpoint->seq) {
            checkpoint_seen = true;
            if (hash != checkpoint->hash)
                verdict.problems.push_back("row " + std::to_string(seq) +
                                           " differs from the checkpoint");
        }
        previous = hash;
        expected = seq + 1;
        ++verdict.rows;
        verdict.head = AuditHead{seq, hash};
    });
    if (!checkpoint_seen)
        verdict.problems.push_back("the log ends before the checkpoint at row " +
                                   std::to_string(checkpoint->seq));
    return verdict;
}

std::vector<AuditRow> read_audit(Connection& connection, std::string_view object, int limit) {
    return connection.list<AuditRow>(
        queries::audit_of_object, {object, object, limit}, [](const Row& row) {
            AuditRow found{row.get<std::int64_t>(0),
                           row.get<base::Instant>(1),
                           {row.get<std::string>(2),
                            row.get<std::string>(3),
                            row.get<std::string>(4),
                            row.get<std::string>(5),
                            row.get<std::string>(6),
                            {}},
                           row.get<std::string>(8)};
            if (auto detail = base::Json::parse(row.get<std::string_view>(7)))
                found.entry.detail = *detail;
            return found;
        });
}

}  // namespace carillon::db
