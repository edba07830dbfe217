// picture: what mails show (docs/templates.md, "Pictures").
#include <filesystem>
#include <limits>

#include "app/picture_commands.h"
#include "base/local_date.h"
#include "base/text.h"
#include "campaigns/pictures.h"

namespace carillon::app {

namespace {

using campaigns::Picture;

std::string pixels_of(const Picture& picture) {
    return std::to_string(picture.width) + " x " + std::to_string(picture.height);
}

// Where a mail finds it; without public.url only the part behind it.
std::string address_of(const Program& program, const Picture& picture) {
    return program.bank().public_url + path_of(picture);
}

base::Json json_of(const Program& program, const Picture& picture) {
    return base::Json::Object{{"id", picture.id},
                              {"file", picture.file},
                              {"type", media_type_of(picture.format)},
                              {"width", picture.width},
                              {"height", picture.height},
                              {"bytes", picture.bytes},
                              {"address", address_of(program, picture)}};
}

ExitCode add(Program& program, const Output& output, const std::string& file) {
    const auto bytes = read_file(file);
    if (!bytes) return output.refuse(bytes.error());
    const auto name = std::filesystem::path{file}.filename().string();
    const auto added = program.act(
        [&](const campaigns::Desk& desk) { return campaigns::add_picture(desk, name, *bytes); });
    if (!added) return output.refuse({added.error().code, added.error().detail, file});
    output.line(added->file + ", " + pixels_of(*added) + ": " + address_of(program, *added));
    if (program.bank().public_url.empty())
        output.line("public.url is not set: a mail would not find it");
    output.result(json_of(program, *added));
    return ExitCode::done;
}

ExitCode list(Program& program, const Output& output) {
    auto lease = program.migrated_database().read();
    std::vector<std::vector<std::string>> rows;
    base::Json::Array items;
    for (const auto& one :
         campaigns::pictures_after(*lease, "", "", std::numeric_limits<int>::max())) {
        const auto users = campaigns::users_of_picture(*lease, one.id);
        rows.push_back({one.file, pixels_of(one), grouped(one.bytes), base::join(users, ", "),
                        one.created_by, base::to_text(one.created_at), one.id});
        auto json = json_of(program, one);
        json.set("used_by", base::Json::Array{users.begin(), users.end()});
        items.push_back(std::move(json));
    }
    output.table({"file", "pixels", "bytes", "templates", "by", "at", "id"}, rows);
    output.result(base::Json{std::move(items)});
    return ExitCode::done;
}

ExitCode remove(Program& program, const Output& output, const std::string& id) {
    const auto removed = program.act(
        [&](const campaigns::Desk& desk) { return campaigns::remove_picture(desk, id); });
    if (!removed) return output.refuse({removed.error().code, removed.error().detail, "ID"});
    output.line("picture " + id + " removed");
    output.result(base::Json{base::Json::Object{{"id", id}}});
    return ExitCode::done;
}

}  // namespace

const std::vector<PictureWord>& picture_words() {
    static const std::vector<PictureWord> words{
        {"add", "take a picture into the library: PNG, JPEG or GIF, at most 1 MB", "FILE"},
        {"list", "the pictures, and the templates that name them", ""},
        {"remove", "take a picture away that no template names", "ID"}};
    return words;
}

std::function<ExitCode(Program&, const Output&)> picture_command(const std::string& word,
                                                                 const NameArgs& args) {
    return [word, &args](Program& program, const Output& output) {
        if (word == "add") return add(program, output, args.name);
        if (word == "remove") return remove(program, output, args.name);
        return list(program, output);
    };
}

}  // namespace carillon::app
