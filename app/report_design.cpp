#include "app/report_design.h"

#include "campaigns/bundle.h"
#include "db/queries.h"
#include "desk/report_desk.h"

namespace carillon::app {

campaigns::Definition definition_of(db::Connection& connection,
                                    const campaigns::StoredCampaign& campaign) {
    const auto document = db::find_document(connection, campaign.document).value();
    return campaigns::parse_definition(document.content, document.name).value();
}

std::vector<Carried> carried_by_providers(Program& program, db::Connection& connection,
                                          base::CampaignId campaign) {
    return connection.list<Carried>(
        db::queries::carried_by_provider, {campaign}, [&](const db::Row& row) {
            Carried one{row.get<std::string>(2), row.get<std::string>(1), row.get<std::int64_t>(3),
                        row.get<std::int64_t>(4), 0};
            if (const auto facts = facts_of(row.get<std::string>(5), program.data_folder()))
                one.cost_minor = one.units * facts->cost_per_unit_minor;
            return one;
        });
}

reports::Design design_of(Program& program, db::Connection& connection,
                          const campaigns::StoredCampaign& campaign) {
    return desk::design_of({program.data_folder(), program.config().text("bank.currency")},
                           connection, campaign);
}

reports::CampaignReport report_of(Program& program, const campaigns::StoredCampaign& campaign,
                                  const reports::Design& design) {
    const std::chrono::milliseconds window{design.conversion.window};
    const auto facts = reports::load_facts(program.migrated_database(),
                                           {campaign.id, design.conversion.event, window.count()});
    return reports::measure(facts, design);
}

}  // namespace carillon::app
