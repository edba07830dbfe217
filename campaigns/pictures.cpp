#include "campaigns/pictures.h"

#include <array>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "db/picture_queries.h"

namespace carillon::campaigns {

namespace {

constexpr std::size_t file_max = 200;
constexpr std::size_t id_size = 64;
constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_hex(char c) {
    return hex_digits.find(c) != std::string_view::npos;
}

channels::PictureFormat format_from(std::string_view media_type) {
    using enum channels::PictureFormat;
    for (const auto format : {jpeg, gif})
        if (channels::media_type_of(format) == media_type) return format;
    return png;
}

Picture picture_from(const db::Row& row) {
    return {row.get<std::string>(0), row.get<std::string>(1),  format_from(row.text(2)),
            row.get<int>(3),         row.get<int>(4),          row.get<std::int64_t>(5),
            row.get<std::string>(6), row.get<base::Instant>(7)};
}

// Without a folder; nothing that could not be shown or stored.
base::Result<std::string> file_name(std::string_view given) {
    const auto name = base::trim(given.substr(given.find_last_of("/\\") + 1));
    if (name.empty() || name.size() > file_max || !base::is_valid_utf8(name) ||
        base::has_control_characters(name))
        return base::fail("picture.file", "a file name has 1 to 200 bytes of plain text", "file");
    return std::string{name};
}

void audit(const Desk& desk, std::string action, const Picture& picture) {
    db::append_audit(desk.connection, desk.audit_key,
                     {.actor = desk.actor,
                      .action = std::move(action),
                      .object = "picture " + picture.id,
                      .detail = base::Json::Object{{"file", picture.file},
                                                   {"type", media_type_of(picture.format)},
                                                   {"width", picture.width},
                                                   {"height", picture.height},
                                                   {"bytes", picture.bytes}}},
                     desk.now);
}

// Every run of exactly 64 hexadecimal digits: whatever stands around it, it may be the address.
std::set<std::string> ids_in(std::string_view text) {
    std::set<std::string> ids;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        if (at < text.size() && is_hex(text[at])) continue;
        if (at - begin == id_size) ids.insert(std::string{text.substr(begin, id_size)});
        begin = at + 1;
    }
    return ids;
}

base::Result<void> check_room(db::Connection& connection, std::size_t more) {
    struct Room {
        std::int64_t pictures{};
        std::int64_t bytes{};
    };
    const auto taken = connection.one<Room>(db::queries::pictures_room, {}, [](const db::Row& row) {
        return Room{row.integer(0), row.integer(1)};
    });
    if (taken->pictures >= pictures_max ||
        taken->bytes + static_cast<std::int64_t>(more) > library_bytes_max)
        return base::fail("picture.library_full",
                          "the library holds 5000 pictures and 1 GB: remove what no mail needs");
    return {};
}

bool exists(db::Connection& connection, const db::Query& query, const std::string& id) {
    return connection.value<std::string>(query, {id}).has_value();
}

}  // namespace

std::string path_of(const Picture& picture) {
    return "/i/" + picture.id + "." + std::string{suffix_of(picture.format)};
}

std::optional<std::string> picture_id_in(std::string_view file, std::string_view& suffix) {
    if (file.size() <= id_size || file[id_size] != '.') return std::nullopt;
    const auto id = file.substr(0, id_size);
    if (id.find_first_not_of(hex_digits) != std::string_view::npos) return std::nullopt;
    suffix = file.substr(id_size + 1);
    return std::string{id};
}

std::vector<Picture> pictures_after(db::Connection& connection, std::string_view file,
                                    std::string_view id, int limit) {
    return connection.list<Picture>(db::queries::pictures_after, {file, file, id, limit},
                                    picture_from);
}

std::optional<Picture> find_picture(db::Connection& connection, std::string_view id) {
    return connection.one<Picture>(db::queries::picture_by_id, {id}, picture_from);
}

std::optional<PictureContent> picture_content(db::Connection& connection, std::string_view id) {
    return connection.one<PictureContent>(
        db::queries::picture_content, {id}, [](const db::Row& row) {
            return PictureContent{format_from(row.text(0)),
                                  base::from_base64(row.get<std::string>(1)).value()};
        });
}

std::vector<std::string> users_of_picture(db::Connection& connection, std::string_view id) {
    return connection.list<std::string>(db::queries::users_of_picture, {id},
                                        [](const db::Row& row) { return row.get<std::string>(0); });
}

base::Result<void> check_pictures(db::Connection& connection, std::string_view content) {
    // Whoever removes one at this moment is waited for, or waits for us.
    for (const auto& id : ids_in(content))
        if (!exists(connection, db::queries::lock_picture, id) &&
            exists(connection, db::queries::removed_picture, id))
            return base::fail("template.picture",
                              "picture " + id + " was removed from the library");
    return {};
}

void note_pictures(db::Connection& connection, const db::Document& version) {
    for (const auto& id : ids_in(version.content))
        connection.execute(db::queries::insert_picture_use, {id, version.id});
}

base::Result<Picture> add_picture(const Desk& desk, std::string_view file, std::string_view bytes) {
    auto name = file_name(file);
    if (!name) return base::fail(name.error());
    if (bytes.size() > picture_bytes_max)
        return base::fail("picture.bytes", "a picture has at most 1 MB");
    const auto header = channels::read_picture_header(bytes);
    if (!header) return base::fail(header.error());
    const auto id = base::sha256_hex(bytes);
    if (auto known = find_picture(desk.connection, id)) return std::move(*known);
    if (const auto room = check_room(desk.connection, bytes.size()); !room)
        return base::fail(room.error());
    const Picture picture{id,
                          std::move(*name),
                          header->format,
                          header->width,
                          header->height,
                          static_cast<std::int64_t>(bytes.size()),
                          desk.actor,
                          desk.now};
    desk.connection.execute(
        db::queries::insert_picture,
        {picture.id, picture.file, media_type_of(picture.format), picture.width, picture.height,
         picture.bytes, picture.created_by, picture.created_at, base::to_base64(bytes)});
    desk.connection.execute(db::queries::find_earlier_uses, {id, id, id});
    desk.connection.execute(db::queries::delete_removed_picture, {id});
    audit(desk, "picture.add", picture);
    return picture;
}

base::Result<void> remove_picture(const Desk& desk, std::string_view id) {
    const auto is_there =
        desk.connection.value<std::string>(db::queries::lock_picture, {id}).has_value();
    const auto picture = is_there ? find_picture(desk.connection, id) : std::nullopt;
    if (!picture) return base::fail("picture.unknown", "there is no such picture");
    if (const auto users = users_of_picture(desk.connection, id); !users.empty())
        return base::fail("picture.in_use",
                          "these templates name the picture: " + base::join(users, ", "));
    desk.connection.execute(db::queries::delete_picture, {id});
    desk.connection.execute(db::queries::insert_removed_picture, {id, desk.now});
    audit(desk, "picture.remove", *picture);
    return {};
}

}  // namespace carillon::campaigns
