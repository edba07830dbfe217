// The library of pictures on both engines: one row for the same bytes, whole again when read, and
// kept while a mail may name it.
#include <algorithm>
#include <barrier>
#include <catch2/catch.hpp>
#include <thread>

#include "base/digest.h"
#include "campaigns/pictures.h"
#include "tests/support/small_campaign.h"

using namespace carillon;
using namespace carillon::tests;
using namespace std::string_literals;

namespace {

db::Engine an_engine() {
    return GENERATE(from_range(engines_under_test()));
}

// Every byte there is, zero among them.
std::string gif(char width) {
    std::string all;
    for (int value = 0; value < 256; ++value) all += static_cast<char>(value);
    return "GIF89a"s + width + "\0\x05\0\0\0\0"s + all + ";";
}

campaigns::Picture add(SmallCampaign& small, const std::string& file, const std::string& bytes) {
    return small
        .act([&](const campaigns::Desk& desk) { return campaigns::add_picture(desk, file, bytes); })
        .value();
}

std::string removed(SmallCampaign& small, const std::string& id) {
    const auto done =
        small.act([&](const campaigns::Desk& desk) { return campaigns::remove_picture(desk, id); });
    return done ? "" : done.error().code + ": " + done.error().detail;
}

// A template of this name with the picture in it, or with none; why it was not saved.
std::string refused_template(SmallCampaign& small, const std::string& name,
                             const std::string& picture) {
    const auto html = picture.empty() ? "<p>{{unsubscribe_url}}</p>"s
                                      : "<img src='https://mail.bank.example/i/" + picture +
                                            ".gif' alt=''>{{unsubscribe_url}}";
    const base::Json json{base::Json::Object{
        {"name", name},
        {"channel", "email"},
        {"default_locale", "en"},
        {"locales",
         base::Json::Object{{"en", base::Json::Object{{"subject", "News"}, {"html", html}}}}}}};
    // As everybody does it: what is refused leaves nothing behind.
    auto lease = small.database->write();
    db::Transaction transaction{*lease};
    const auto done = campaigns::apply(
        campaigns::Desk{*lease, "key", small.actor, small.clock.now()}, "template", name, json);
    if (!done) return done.error().code + ": " + done.error().detail;
    transaction.commit();
    return "";
}

void write_template(SmallCampaign& small, const std::string& name, const std::string& picture) {
    CHECK(refused_template(small, name, picture).empty());
}

// A table of the numbers below `count`, in column i.
std::string digits(const std::string& name, int count) {
    std::string numbers = "SELECT 0 AS i";
    for (int i = 1; i < count; ++i) numbers += " UNION ALL SELECT " + std::to_string(i);
    return "(" + numbers + ") " + name;
}

std::int64_t entries(SmallCampaign& small, const std::string& action) {
    return small.number("SELECT COUNT(*) FROM audit WHERE action = '" + action + "'");
}

}  // namespace

TEST_CASE("the same bytes are one picture, and come back whole", "[pictures]") {
    SmallCampaign small{an_engine()};
    const auto first = add(small, "лист.gif", gif('\x07'));
    CHECK(first.id == base::sha256_hex(gif('\x07')));
    CHECK(first.width == 7);
    CHECK(first.height == 5);
    CHECK(path_of(first) == "/i/" + first.id + ".gif");
    CHECK(add(small, "other.gif", gif('\x07')).file == "лист.gif");
    CHECK(small.number("SELECT COUNT(*) FROM pictures") == 1);
    CHECK(entries(small, "picture.add") == 1);
    const auto content = campaigns::picture_content(*small.database->read(), first.id);
    REQUIRE(content);
    CHECK(content->bytes == gif('\x07'));
    CHECK(content->format == channels::PictureFormat::gif);
    CHECK_FALSE(campaigns::picture_content(*small.database->read(), "x"));
}

TEST_CASE("pictures come by name, those of one name by what they are", "[pictures]") {
    SmallCampaign small{an_engine()};
    for (const char width : {'\x01', '\x02', '\x03'}) add(small, "same.gif", gif(width));
    add(small, "a.gif", gif('\x04'));
    std::vector<std::string> seen;
    std::string file;
    std::string id;
    while (true) {
        const auto page = campaigns::pictures_after(*small.database->read(), file, id, 1);
        if (page.empty()) break;
        file = page.front().file;
        id = page.front().id;
        seen.push_back(file + id);
    }
    CHECK(seen.size() == 4);
    CHECK(std::ranges::is_sorted(seen));
}

TEST_CASE("names that cannot be shown and pictures that are too large are refused", "[pictures]") {
    SmallCampaign small{an_engine()};
    small.act([&](const campaigns::Desk& desk) {
        const auto code = [&](const std::string& file, const std::string& bytes) {
            const auto done = campaigns::add_picture(desk, file, bytes);
            return done ? done->file : done.error().code;
        };
        CHECK(code("", gif('\x01')) == "picture.file");
        CHECK(code("folder/", gif('\x01')) == "picture.file");
        CHECK(code("a\nb.gif", gif('\x01')) == "picture.file");
        CHECK(code("\xff.gif", gif('\x01')) == "picture.file");
        CHECK(code(std::string(201, 'a'), gif('\x01')) == "picture.file");
        CHECK(code("C:\\pictures\\leaf.gif", gif('\x01')) == "leaf.gif");
        CHECK(code("big.gif", gif('\x01') + std::string(campaigns::picture_bytes_max, ';')) ==
              "picture.bytes");
        return true;
    });
    CHECK(small.number("SELECT COUNT(*) FROM pictures") == 1);
}

TEST_CASE("a picture stays while the newest version of a template names it", "[pictures]") {
    SmallCampaign small{an_engine()};
    const auto picture = add(small, "leaf.gif", gif('\x01'));
    write_template(small, "autumn", picture.id);
    write_template(small, "winter", picture.id);
    CHECK(removed(small, picture.id) ==
          "picture.in_use: these templates name the picture: autumn, winter");
    write_template(small, "winter", "");
    CHECK(removed(small, picture.id) == "picture.in_use: these templates name the picture: autumn");
    write_template(small, "autumn", "");
    CHECK(removed(small, picture.id).empty());
    CHECK(entries(small, "picture.remove") == 1);
    CHECK(removed(small, picture.id).starts_with("picture.unknown"));
}

TEST_CASE("a picture stays while a campaign was approved with a template that named it",
          "[pictures]") {
    SmallCampaign small{an_engine()};
    const auto picture = add(small, "leaf.gif", gif('\x01'));
    write_template(small, "note", picture.id);
    small.launch(once_at_ten);
    write_template(small, "note", "");
    CHECK(removed(small, picture.id) == "picture.in_use: these templates name the picture: note");
    // Control: without the approval it goes.
    small.sql("DELETE FROM campaign_bindings");
    CHECK(removed(small, picture.id).empty());
}

TEST_CASE("a template that names a removed picture is not saved, until it is uploaded again",
          "[pictures]") {
    SmallCampaign small{an_engine()};
    const auto picture = add(small, "leaf.gif", gif('\x01'));
    CHECK(removed(small, picture.id).empty());
    CHECK(refused_template(small, "autumn", picture.id) ==
          "template.picture: picture " + picture.id + " was removed from the library");
    CHECK(small.number("SELECT COUNT(*) FROM documents WHERE name = 'autumn'") == 0);
    // Control: an address of another house is nobody's business.
    write_template(small, "autumn", std::string(64, 'a'));
    add(small, "leaf.gif", gif('\x01'));
    write_template(small, "autumn", picture.id);
    CHECK(removed(small, picture.id) == "picture.in_use: these templates name the picture: autumn");
}

TEST_CASE("a picture removed while a template that names it is saved: one of the two is refused",
          "[pictures]") {
    SmallCampaign small{an_engine()};
    for (char round = 1; round <= 20; ++round) {
        const auto picture = add(small, "leaf.gif", gif(round));
        const auto name = "leaf-" + std::to_string(round);
        std::string saving;
        std::barrier together{2};
        std::thread author{[&] {
            together.arrive_and_wait();
            saving = refused_template(small, name, picture.id);
        }};
        together.arrive_and_wait();
        const auto removing = removed(small, picture.id);
        author.join();
        INFO(saving << " / " << removing);
        CHECK(saving.empty() != removing.empty());
    }
}

TEST_CASE("a picture that is being removed is waited for", "[pictures]") {
    SmallCampaign small{an_engine()};
    const auto picture = add(small, "leaf.gif", gif('\x01'));
    std::string saving;
    std::thread author;
    small.act([&](const campaigns::Desk& desk) {
        REQUIRE(campaigns::remove_picture(desk, picture.id));
        author = std::thread{[&] { saving = refused_template(small, "autumn", picture.id); }};
        std::this_thread::sleep_for(std::chrono::milliseconds{200});
        return true;
    });
    author.join();
    CHECK(saving.starts_with("template.picture"));
}

TEST_CASE("the library has an end", "[pictures]") {
    SmallCampaign small{an_engine()};
    const auto refusal = [&](char width) {
        return small.act([&](const campaigns::Desk& desk) {
            const auto done = campaigns::add_picture(desk, "leaf.gif", gif(width));
            return done ? "" : done.error().code;
        });
    };
    add(small, "a.gif", gif('\x01'));
    small.sql("UPDATE pictures SET bytes = ?", {campaigns::library_bytes_max - 200});
    CHECK(refusal('\x02') == "picture.library_full");
    small.sql("UPDATE pictures SET bytes = 1");
    small.sql(
        "INSERT INTO pictures (sha256, file, media_type, width, height, bytes, created_by,"
        " created_at, content) SELECT a.i + 10 * b.i + 100 * c.i + 1000 * d.i, 'x', 'image/gif', 1,"
        " 1, 1, 'x', 0, '' FROM " +
        digits("a", 10) + ", " + digits("b", 10) + ", " + digits("c", 10) + ", " + digits("d", 5) +
        " WHERE a.i + 10 * b.i + 100 * c.i + 1000 * d.i > 1");
    CHECK(small.number("SELECT COUNT(*) FROM pictures") == campaigns::pictures_max - 1);
    CHECK(refusal('\x02').empty());
    CHECK(refusal('\x03') == "picture.library_full");
    CHECK(refusal('\x02').empty());  // it is there already
}

TEST_CASE("the id of an address is 64 digits and what stands behind its dot", "[pictures]") {
    const std::string id(64, 'a');
    const auto with_format = id + ".png";  // outlives the suffix
    std::string_view suffix;
    CHECK(campaigns::picture_id_in(with_format, suffix) == id);
    CHECK(suffix == "png");
    for (const auto& file : {id, id + "png", "b" + id + ".png", std::string(64, 'A') + ".png",
                             std::string(63, 'a') + ".png", ""s, "../x.png"s})
        CHECK_FALSE(campaigns::picture_id_in(file, suffix));
    const auto without = id + ".";
    CHECK(campaigns::picture_id_in(without, suffix));
    CHECK(suffix.empty());
}
