// The library of pictures that mails name by their address (docs/templates.md, "Pictures"). A
// picture is its content: its id is the SHA-256, so an address always shows the same picture.
// Actions write the audit log in their transaction.
#pragma once

#include "campaigns/campaign_store.h"
#include "channels/picture_header.h"

namespace carillon::campaigns {

struct Picture {
    std::string id{};    // 64 hexadecimal digits
    std::string file{};  // its name, as shown to people; several may share one
    channels::PictureFormat format{};
    int width{};
    int height{};
    std::int64_t bytes{};
    std::string created_by{};
    base::Instant created_at{};
};

struct PictureContent {
    channels::PictureFormat format{};
    std::string bytes{};
};

inline constexpr std::size_t picture_bytes_max = std::size_t{1} << 20;
// Of the whole library: it lies in the database and in each of its backups.
inline constexpr std::int64_t pictures_max = 5'000;
inline constexpr std::int64_t library_bytes_max = std::int64_t{1} << 30;

// "/i/<id>.png": behind the address of this installation.
std::string path_of(const Picture& picture);
// The id in "<id>.png"; nothing when it is none. `suffix` is what stood behind the dot.
std::optional<std::string> picture_id_in(std::string_view file, std::string_view& suffix);

// By name, those behind this name and id.
std::vector<Picture> pictures_after(db::Connection& connection, std::string_view file,
                                    std::string_view id, int limit);
std::optional<Picture> find_picture(db::Connection& connection, std::string_view id);
std::optional<PictureContent> picture_content(db::Connection& connection, std::string_view id);

// The templates that name it: by their newest version, or one that a campaign was approved with.
std::vector<std::string> users_of_picture(db::Connection& connection, std::string_view id);
// Both in the transaction that stores a version of a template. Until its end the pictures that are
// named are not removed. Errors: template.picture, one of them was removed from the library.
base::Result<void> check_pictures(db::Connection& connection, std::string_view content);
void note_pictures(db::Connection& connection, const db::Document& version);

// The picture that was there when these bytes are known. Errors: picture.file, picture.bytes, those
// of channels::read_picture_header, picture.library_full.
base::Result<Picture> add_picture(const Desk& desk, std::string_view file, std::string_view bytes);
// Errors: picture.unknown, picture.in_use.
base::Result<void> remove_picture(const Desk& desk, std::string_view id);

}  // namespace carillon::campaigns
