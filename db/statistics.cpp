#include "db/statistics.h"

namespace carillon::db {

void refresh_statistics(Database& database) {
    if (database.engine() != Engine::mariadb) return;
    static const DynamicQuery analyze{
        "analyze",
        "ANALYZE TABLE clients, contacts, contracts, consents, client_attributes, conversions, "
        "runs, messages"};
    const auto lease = database.write();
    lease->select(analyze, {}, [](const Row&) {});
}

}  // namespace carillon::db
