// What people may do: the one table right x role. Every use case names its right, the contract of
// the HTTP API names the same, docs/access.md is printed from here, and a test asks the server as
// each role. There is no other place where a role is mentioned.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::access {

enum class Role {
    author,        // writes segments, templates, campaigns
    approver,      // approves what others wrote
    operator_,     // starts, pauses, looks after what is stuck
    data_steward,  // brings the bank's files in
    manager,       // a client manager: clients of own branches, reports
    auditor,       // reads everything, changes nothing
    admin          // users; can neither approve nor send
};
inline constexpr std::array all_roles{Role::author,       Role::approver, Role::operator_,
                                      Role::data_steward, Role::manager,  Role::auditor,
                                      Role::admin};
std::string_view name_of(Role role);
std::optional<Role> role_from(std::string_view name);

enum class Right {
    campaigns_see,
    campaigns_edit,
    campaigns_approve,
    campaigns_launch,
    campaigns_pause,
    segments_see,
    segments_edit,
    segments_count,
    templates_see,
    templates_edit,
    templates_test,
    clients_see,
    clients_contacts,
    clients_privacy,
    messages_see,
    messages_content,
    messages_retry,
    messages_send,
    events_send,
    reports_see,
    dashboard_see,
    channels_see,
    calls_work,
    tasks_work,
    imports_run,
    inbound_see,
    settings_see,
    settings_edit,
    operation_check,
    operation_run,
    audit_see,
    users_see,
    users_manage,
    tokens_manage
};
inline constexpr std::size_t rights_count = static_cast<std::size_t>(Right::tokens_manage) + 1;

using RoleSet = std::bitset<all_roles.size()>;
using RightSet = std::bitset<rights_count>;

RoleSet set_of(const std::vector<Role>& roles);
std::vector<Role> roles_in(RoleSet set);
RightSet rights_of(RoleSet roles);
std::vector<Right> rights_in(RightSet set);
inline bool has(RoleSet set, Role role) {
    return set.test(static_cast<std::size_t>(role));
}
inline bool has(RightSet set, Right right) {
    return set.test(static_cast<std::size_t>(right));
}

std::string_view name_of(Right right);  // "campaigns.approve"
std::optional<Right> right_from(std::string_view name);
std::string_view meaning_of(Right right);  // for docs/access.md

// Approving takes a person at a screen: a program cannot be the second pair of eyes.
bool may_be_scope(Right right);

// Roles one person must not hold together, or "": an admin could make himself approve.
std::string_view conflict_in(RoleSet roles);

// The table of docs/access.md.
std::string rights_as_markdown();

}  // namespace carillon::access
