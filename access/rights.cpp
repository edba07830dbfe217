#include "access/rights.h"

#include <algorithm>
#include <cstdlib>

namespace carillon::access {

namespace {

struct Entry {
    Right right{};
    std::string_view name{};
    std::string_view meaning{};
    RoleSet roles{};
};

RoleSet only(std::initializer_list<Role> list) {
    RoleSet set;
    for (const auto role : list) set.set(static_cast<std::size_t>(role));
    return set;
}

RoleSet everybody() {
    return RoleSet{}.set();
}

RoleSet all_but_admin() {
    return everybody().reset(static_cast<std::size_t>(Role::admin));
}

const std::vector<Entry>& table() {
    using enum Role;
    static const std::vector<Entry> entries{
        {Right::campaigns_see, "campaigns.see", "campaigns, their progress, the calendar",
         all_but_admin()},
        {Right::campaigns_edit, "campaigns.edit", "write and submit campaigns", only({author})},
        {Right::campaigns_approve, "campaigns.approve", "approve or reject what another wrote",
         only({approver})},
        {Right::campaigns_launch, "campaigns.launch", "start, resume and cancel",
         only({operator_})},
        {Right::campaigns_pause, "campaigns.pause", "pause: one person is enough to stop",
         only({author, approver, operator_})},
        {Right::segments_see, "segments.see", "segments and the fields they may ask about",
         all_but_admin()},
        {Right::segments_edit, "segments.edit", "write and remove segments", only({author})},
        {Right::segments_count, "segments.count", "count segments",
         only({author, approver, operator_, auditor})},
        {Right::templates_see, "templates.see", "templates, their versions, previews of samples",
         all_but_admin()},
        {Right::templates_edit, "templates.edit", "write templates", only({author})},
        {Right::templates_test, "templates.test", "send a test to one's own people",
         only({author, operator_})},
        {Right::clients_see, "clients.see", "clients and what they were sent, contacts masked",
         all_but_admin()},
        {Right::clients_contacts, "clients.contacts", "addresses and numbers in full",
         only({operator_, data_steward, manager})},
        {Right::clients_privacy, "clients.privacy",
         "give out and erase what is stored about a client", only({data_steward})},
        {Right::messages_see, "messages.see", "the outbox", all_but_admin()},
        {Right::messages_content, "messages.content",
         "messages as they were sent (each look is "
         "written down)",
         only({operator_, manager, auditor})},
        {Right::messages_retry, "messages.retry", "try failed messages again", only({operator_})},
        {Right::messages_send, "messages.send", "transactional messages", only({operator_})},
        {Right::events_send, "events.send", "report events of clients",
         only({operator_, data_steward})},
        {Right::reports_see, "reports.see", "reports of campaigns",
         only({author, approver, operator_, manager, auditor})},
        {Right::dashboard_see, "dashboard.see", "what runs and what needs me", everybody()},
        {Right::channels_see, "channels.see", "channels, providers and how they answer",
         only({author, approver, operator_, auditor, admin})},
        {Right::calls_work, "calls.work", "call tasks", only({operator_, manager})},
        {Right::tasks_work, "tasks.work", "what managers are asked to do",
         only({operator_, manager})},
        {Right::imports_run, "imports.run", "bring files in", only({data_steward})},
        {Right::inbound_see, "inbound.see",
         "mails and faxes that came in (each look is written down)",
         only({operator_, data_steward, auditor})},
        {Right::settings_see, "settings.see",
         "settings of channels, policies, calendars, reports by e-mail",
         only({operator_, auditor, admin})},
        {Right::settings_edit, "settings.edit", "write these settings", only({admin})},
        {Right::operation_check, "operation.check",
         "ask whether all is well: doctor, reconcile, settings in force",
         only({operator_, auditor, admin})},
        {Right::operation_run, "operation.run",
         "do the work of the day now: snapshot, plans, retention, mailboxes", only({operator_})},
        {Right::audit_see, "audit.see", "the log of human actions", only({auditor, admin})},
        {Right::users_see, "users.see", "users and their roles", only({auditor, admin})},
        {Right::users_manage, "users.manage", "add and change users", only({admin})},
        {Right::tokens_manage, "tokens.manage", "one's own API tokens", everybody()}};
    return entries;
}

const Entry& entry_of(Right right) {
    return table().at(static_cast<std::size_t>(right));
}

}  // namespace

std::string_view name_of(Role role) {
    switch (role) {
        case Role::author: return "author";
        case Role::approver: return "approver";
        case Role::operator_: return "operator";
        case Role::data_steward: return "data_steward";
        case Role::manager: return "manager";
        case Role::auditor: return "auditor";
        case Role::admin: return "admin";
    }
    std::abort();
}

std::optional<Role> role_from(std::string_view name) {
    for (const auto role : all_roles)
        if (name_of(role) == name) return role;
    return std::nullopt;
}

RoleSet set_of(const std::vector<Role>& list) {
    RoleSet set;
    for (const auto role : list) set.set(static_cast<std::size_t>(role));
    return set;
}

std::vector<Role> roles_in(RoleSet set) {
    std::vector<Role> list;
    for (const auto role : all_roles)
        if (has(set, role)) list.push_back(role);
    return list;
}

RightSet rights_of(RoleSet held) {
    RightSet rights;
    for (const auto& entry : table())
        if ((entry.roles & held).any()) rights.set(static_cast<std::size_t>(entry.right));
    return rights;
}

std::vector<Right> rights_in(RightSet set) {
    std::vector<Right> list;
    for (const auto& entry : table())
        if (has(set, entry.right)) list.push_back(entry.right);
    return list;
}

std::string_view name_of(Right right) {
    return entry_of(right).name;
}

std::string_view meaning_of(Right right) {
    return entry_of(right).meaning;
}

std::optional<Right> right_from(std::string_view name) {
    const auto found = std::ranges::find(table(), name, &Entry::name);
    if (found == table().end()) return std::nullopt;
    return found->right;
}

bool may_be_scope(Right right) {
    return right != Right::campaigns_approve && right != Right::users_manage &&
           right != Right::tokens_manage;
}

std::string_view conflict_in(RoleSet held) {
    if (!has(held, Role::admin)) return {};
    if (has(held, Role::approver)) return "an admin cannot approve";
    if (has(held, Role::operator_)) return "an admin cannot send";
    if (has(held, Role::author)) return "an admin cannot write campaigns";
    return {};
}

std::string rights_as_markdown() {
    std::string text = "| right | what it lets do |";
    for (const auto role : all_roles) text += " " + std::string{name_of(role)} + " |";
    text += "\n|---|---|";
    for (std::size_t i = 0; i < all_roles.size(); ++i) text += "---|";
    text += "\n";
    for (const auto& entry : table()) {
        text += "| `" + std::string{entry.name} + "` | " + std::string{entry.meaning} + " |";
        for (const auto role : all_roles) text += has(entry.roles, role) ? " yes |" : " |";
        text += "\n";
    }
    return text;
}

}  // namespace carillon::access
