#include "app/report_design.h"

#include "campaigns/bundle.h"
#include "db/queries.h"

namespace carillon::app {

campaigns::Definition definition_of(db::Connection& connection,
                                    const campaigns::StoredCampaign& campaign) {
    const auto document = db::find_document(connection, campaign.document).value();
    return campaigns::parse_definition(document.content, document.name).value();
}

desk::CostBook cost_book(Program& program) {
    return {program.data_folder(), program.config().text("bank.currency")};
}

reports::Design design_of(Program& program, db::Connection& connection,
                          const campaigns::StoredCampaign& campaign) {
    return desk::design_of(cost_book(program), connection, campaign);
}

reports::CampaignReport report_of(Program& program, const campaigns::StoredCampaign& campaign,
                                  const reports::Design& design) {
    const std::chrono::milliseconds window{design.conversion.window};
    const auto facts = reports::load_facts(program.migrated_database(),
                                           {campaign.id, design.conversion.event, window.count()});
    return reports::measure(facts, design);
}

}  // namespace carillon::app
