#include "desk/picture_desk.h"

#include "base/local_date.h"
#include "campaigns/pictures.h"

namespace carillon::desk {

namespace {

// A file name has no slash, so that the last one divides name and id.
struct Place {
    std::string file{};
    std::string id{};
};

base::Result<Place> place_of(const std::string& cursor) {
    if (cursor.empty()) return Place{};
    const auto slash = cursor.rfind('/');
    if (slash == std::string::npos)
        return base::fail("page.cursor", "give back what `next` of the page before was", "cursor");
    return Place{cursor.substr(0, slash), cursor.substr(slash + 1)};
}

base::Json address_in_mails(const Office& office, const std::string& path) {
    const auto& url = office.workshop().bank.public_url;
    return url.empty() ? base::Json{} : base::Json{url + path};
}

base::Json picture_json(const Office& office, const campaigns::Picture& picture,
                        db::Connection& connection) {
    base::Json::Array users;
    for (const auto& name : campaigns::users_of_picture(connection, picture.id))
        users.emplace_back("template " + name);
    const auto path = path_of(picture);
    return base::Json::Object{{"id", picture.id},
                              {"file", picture.file},
                              {"type", media_type_of(picture.format)},
                              {"width", picture.width},
                              {"height", picture.height},
                              {"bytes", picture.bytes},
                              {"path", path},
                              {"address", address_in_mails(office, path)},
                              {"used_by", std::move(users)},
                              {"created_by", picture.created_by},
                              {"created_at", base::to_text(picture.created_at)}};
}

}  // namespace

Answer list_pictures(Office& office, const Caller& caller, const PageQuery& query) {
    auto lease = office.read(caller, Right::templates_see);
    const auto after = place_of(query.after);
    if (!after) return refuse(after.error());
    base::Json::Array items;
    for (const auto& picture :
         campaigns::pictures_after(*lease, after->file, after->id, query.limit + 1))
        items.push_back(picture_json(office, picture, *lease));
    auto page = page_of(std::move(items), query, [](const base::Json& one) {
        return *one.find("file")->text() + "/" + *one.find("id")->text();
    });
    page.set("public_address", address_in_mails(office, "/i/"));
    return page;
}

Answer add_picture(Office& office, const Caller& caller, const NewPicture& picture) {
    return office.act(caller, Right::templates_edit, [&](const campaigns::Desk& desk) -> Answer {
        const auto added = campaigns::add_picture(desk, picture.file, picture.bytes);
        if (!added) return refuse(added.error());
        return picture_json(office, *added, desk.connection);
    });
}

Answer remove_picture(Office& office, const Caller& caller, const std::string& id) {
    return office.act(caller, Right::templates_edit, [&](const campaigns::Desk& desk) -> Answer {
        const auto removed = campaigns::remove_picture(desk, id);
        if (!removed) return refuse(removed.error());
        return base::Json{base::Json::Object{}};
    });
}

}  // namespace carillon::desk
