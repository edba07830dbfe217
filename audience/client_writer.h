// Batches of client rows into the database. Private to the importers.
#pragma once

#include <atomic>
#include <unordered_map>

#include "audience/client_row.h"
#include "audience/erased.h"
#include "db/database.h"

namespace carillon::audience {

// Works inside the caller's transaction. Not thread-safe.
class ClientWriter {
public:
    explicit ClientWriter(const MappingDefaults& defaults) : defaults_(defaults) {}

    // An empty table is filled on the supposition that every client is new; when a key stands
    // already (DbFault::duplicate), roll back, call expect_known_clients() and write the batch
    // again.
    void start(db::Connection& connection);
    void expect_known_clients() { all_new_ = false; }
    bool expects_new_clients() const { return all_new_; }  // asked by the reading thread too

    // Makes the parameters of rows that are expected to be new, on the reading thread.
    void prepare(ImportBatch<ClientRow>& batch, const WriteContext& context) const;

    void write(db::Connection& connection, ImportBatch<ClientRow>& batch,
               const WriteContext& context);

private:
    struct Known {
        std::int64_t id{};
        std::int64_t created_at{};
        ClientRow row{};
    };
    using KnownClients = std::unordered_map<std::string, Known>;

    void write_new(db::Connection& connection, ImportBatch<ClientRow>& batch) const;
    KnownClients known_clients(db::Connection& connection,
                               const std::vector<ClientRow>& rows) const;
    ClientRow with_defaults(const ClientRow& row) const;
    void write_contacts(db::Connection& connection, const ImportBatch<ClientRow>& batch,
                        const std::vector<std::int64_t>& ids, const std::vector<bool>& is_known,
                        const WriteContext& context) const;
    void write_attributes(db::Connection& connection, const ImportBatch<ClientRow>& batch,
                          const std::vector<std::int64_t>& ids) const;
    // Who had himself erased is not written to again when a file brings him back.
    void suppress_erased(db::Connection& connection, const ImportBatch<ClientRow>& batch,
                         const WriteContext& context) const;

    const MappingDefaults& defaults_;
    std::atomic<bool> all_new_{false};
    ErasedSubjects erased_{};
};

// Ids of clients by their external ids; those that do not exist are absent.
std::unordered_map<std::string, std::int64_t> client_ids(
    db::Connection& connection, const std::vector<std::string>& external_ids);

// The query with its mark {keys} standing for as many texts, run for slices of `keys`.
void select_by_keys(db::Connection& connection, const db::Query& query,
                    const std::vector<std::string>& keys, const db::OnRow& on_row);

// Contacts by client, in the order of priority.
std::unordered_map<std::int64_t, std::vector<ContactInfo>> contacts_of(db::Connection& connection,
                                                                       const db::IdList& clients);

}  // namespace carillon::audience
