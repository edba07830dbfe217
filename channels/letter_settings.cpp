#include "channels/letter_settings.h"

#include <cstdio>
#include <optional>

#include "base/country.h"
#include "base/text.h"
#include "channels/durable_file.h"

namespace carillon::channels {

namespace {

using base::Json;
using base::ObjectReader;
namespace fs = std::filesystem;

constexpr double seconds_max = 3600;

class LetterSettingsReader {
public:
    LetterSettingsReader(const Json& json, const fs::path& folder, base::Problems& problems)
        : reader_(json, "$", problems), problems_(problems), folder_(folder) {}

    LetterChannelSettings read() {
        settings_.name = reader_.required_text("name");
        reader_.choice("kind", {"letter"}, -1);
        settings_.transport = static_cast<LetterTransport>(
            reader_.choice("transport", {"file", "print_house", "ipp"}, 0));
        settings_.letter.duplex = reader_.boolean("duplex", true);
        settings_.letter.sheet_mark = reader_.boolean("sheet_mark", true);
        read_window();
        read_sender();
        read_style();
        read_address_rules();
        read_file();
        read_print_house();
        read_ipp();
        settings_.cost_per_message_minor =
            reader_.integer("cost_per_message_minor", 0, 0, 1'000'000);
        reader_.finish();
        return std::move(settings_);
    }

private:
    fs::path path(ObjectReader& reader, std::string_view key) const {
        const auto given = reader.text(key);
        return given.empty() ? fs::path{} : folder_ / given;
    }

    // The content of a file that `key` names; nothing, with a problem, when it cannot be read.
    std::optional<std::string> file(ObjectReader& reader, std::string_view key) {
        const auto named = path(reader, key);
        if (named.empty()) return std::nullopt;
        auto bytes = read_whole(named);
        if (!bytes)
            reader.problem(key, "channel.file_unreadable", "cannot be read: " + named.string());
        return bytes;
    }

    std::optional<Json> json_file(ObjectReader& reader, std::string_view key) {
        const auto text = file(reader, key);
        if (!text) return std::nullopt;
        auto json = Json::parse(*text, reader.text(key));
        if (json) return std::move(*json);
        reader.problem(key, json.error().code, json.error().text());
        return std::nullopt;
    }

    // Mistakes in a file that `key` names, under its path and theirs.
    void add_problems(ObjectReader& reader, std::string_view key, const base::Problems& theirs) {
        for (const auto& problem : theirs) reader.problem(key, problem.code, problem.text());
    }

    std::string line(ObjectReader& reader, std::string_view key) {
        auto text = reader.text(key);
        if (base::has_control_characters(text))
            reader.problem(key, "letter.text_unsafe",
                           "must be one line without control characters");
        return text;
    }

    void read_window() {
        const auto name = reader_.text("window");
        if (reader_.has("window_file")) {
            if (!name.empty())
                reader_.problem("window_file", "window.twice",
                                "either window or window_file, not both");
            const auto json = json_file(reader_, "window_file");
            if (!json) return;
            auto window = parse_window_profile(*json);
            if (window)
                settings_.letter.window = std::move(*window);
            else
                add_problems(reader_, "window_file", window.error());
            return;
        }
        const auto* window = find_window(name);
        if (window != nullptr) {
            settings_.letter.window = *window;
            return;
        }
        std::vector<std::string> known;
        for (const auto& profile : built_in_windows()) known.push_back(profile.name);
        reader_.problem(
            "window", name.empty() ? "json.missing" : "window.unknown",
            "must be one of " + base::join(known, ", ") + ", or window_file names a file");
    }

    void read_sender() {
        const auto* json = reader_.required("sender");
        if (json == nullptr) return;
        ObjectReader reader{*json, reader_.path_of("sender"), problems_};
        auto& sender = settings_.letter.sender;
        if (reader.required("name") != nullptr) sender.name = line(reader, "name");
        sender.tagline = line(reader, "tagline");
        sender.return_line = line(reader, "return_line");
        sender.legal_line = line(reader, "legal_line");
        sender.contact = reader.texts("contact");
        for (const auto& text : sender.contact)
            if (base::has_control_characters(text))
                reader.problem("contact", "letter.text_unsafe",
                               "must be lines without control characters");
        if (auto logo = file(reader, "logo_file")) {
            if (const auto picture = read_picture(*logo, "logo"); !picture)
                reader.problem("logo_file", picture.error().code, picture.error().detail);
            sender.logo_png = std::move(*logo);
        }
        reader.finish();
    }

    void font(ObjectReader& reader, std::string_view key, std::string& family) {
        family = reader.text(key, family);
        if (const auto found = check_font(family); !found)
            reader.problem(key, found.error().code, found.error().detail);
    }

    void read_style() {
        const auto* json = reader_.object("style");
        if (json == nullptr) return;
        ObjectReader reader{*json, reader_.path_of("style"), problems_};
        auto& letter = settings_.letter;
        auto& style = letter.style;
        font(reader, "font", style.body.family);
        font(reader, "sans_font", letter.sans_family);
        for (auto* text : {&style.bold, &style.heading, &style.table})
            text->family = letter.sans_family;
        style.body.size_pt = reader.number("size_pt", style.body.size_pt, 8, 14);
        style.body.leading_pt = style.body.size_pt * 4 / 3;
        style.body.justified = reader.boolean("justified", true);
        const auto accent = reader.text("accent");
        unsigned red = 0;
        unsigned green = 0;
        unsigned blue = 0;
        char rest = 0;
        if (!accent.empty()) {
            const bool good = accent.size() == 7 && std::sscanf(accent.c_str(), "#%2x%2x%2x%c",
                                                                &red, &green, &blue, &rest) == 3;
            if (good)
                style.accent = {red / 255.0, green / 255.0, blue / 255.0};
            else
                reader.problem("accent", "letter.colour_invalid", "expected a colour as #1a386b");
        }
        reader.finish();
    }

    void read_address_rules() {
        auto& rules = settings_.letter.address_rules;
        rules.home_country = reader_.text("home_country", "RU");
        rules.language = reader_.text("country_language", "ru");
        if (base::country_name(rules.home_country, "en").empty())
            reader_.problem("home_country", "letter.country_unknown",
                            "expected a code of ISO 3166 as RU");
    }

    void read_file() {
        settings_.file.name = settings_.name;
        settings_.file.folder = path(reader_, "spool");
        if (settings_.transport == LetterTransport::file && settings_.file.folder.empty())
            reader_.problem("spool", "json.missing", "is required when transport is file");
    }

    void read_print_house() {
        auto& house = settings_.print_house;
        house.name = settings_.name;
        house.duplex = settings_.letter.duplex;
        const auto* json = reader_.object("print_house");
        if (json == nullptr) {
            if (settings_.transport == LetterTransport::print_house)
                reader_.problem("print_house", "json.missing",
                                "is required when transport is print_house");
            return;
        }
        ObjectReader reader{*json, reader_.path_of("print_house"), problems_};
        if (reader.required("folder") != nullptr) house.folder = path(reader, "folder");
        house.incoming = path(reader, "incoming");
        house.batch_max = static_cast<std::size_t>(reader.integer("batch_max", 1000, 1, 10'000));
        const auto time = base::parse_time_of_day(reader.text("cut_off", "17:30"));
        if (time)
            house.cut_off.time = *time;
        else
            reader.problem("cut_off", time.error().code, time.error().detail);
        const auto zone = base::TimeZone::find(reader.text("time_zone", "Europe/Moscow"));
        if (zone)
            house.cut_off.zone = *zone;
        else
            reader.problem("time_zone", zone.error().code, zone.error().detail);
        if (const auto calendar = json_file(reader, "calendar_file")) {
            base::Problems theirs;
            add_calendar(house.cut_off, *calendar, theirs);
            add_problems(reader, "calendar_file", theirs);
        }
        reader.finish();
    }

    static std::chrono::milliseconds seconds(ObjectReader& reader, std::string_view key,
                                             std::chrono::milliseconds fallback) {
        const std::chrono::duration<double> given{
            reader.number(key, std::chrono::duration<double>(fallback).count(), 0.01, seconds_max)};
        return std::chrono::ceil<std::chrono::milliseconds>(given);
    }

    void read_ipp() {
        auto& ipp = settings_.ipp;
        ipp.name = settings_.name;
        ipp.duplex = settings_.letter.duplex;
        const auto* json = reader_.object("ipp");
        if (json == nullptr) {
            if (settings_.transport == LetterTransport::ipp)
                reader_.problem("ipp", "json.missing", "is required when transport is ipp");
            return;
        }
        ObjectReader reader{*json, reader_.path_of("ipp"), problems_};
        ipp.host = reader.required_text("host");
        ipp.port = static_cast<int>(reader.integer("port", 631, 1, 65535));
        ipp.queue = reader.required_text("queue");
        if (ipp.queue.find_first_of("/ #?\t\r\n") != std::string::npos)
            reader.problem("queue", "ipp.queue_invalid", "is the name of a queue, not a path");
        ipp.user = reader.text("user", ipp.user);
        settings_.ipp_password = read_secret_source(reader, "password", folder_.string());
        ipp.tls = reader.boolean("tls", false);
        ipp.ca_file = path(reader, "ca_file").string();
        ipp.timeout = seconds(reader, "timeout_seconds", ipp.timeout);
        ipp.poll = seconds(reader, "poll_seconds", ipp.poll);
        reader.finish();
    }

    ObjectReader reader_;
    base::Problems& problems_;
    fs::path folder_;
    LetterChannelSettings settings_{};
};

}  // namespace

tl::expected<LetterChannelSettings, base::Problems> parse_letter_settings(const Json& json,
                                                                          const fs::path& folder) {
    base::Problems problems;
    auto settings = LetterSettingsReader{json, folder, problems}.read();
    if (!problems.empty()) return tl::unexpected{std::move(problems)};
    return settings;
}

base::Result<std::unique_ptr<Channel>> make_letter_channel(const LetterChannelSettings& settings,
                                                           const base::Clock& clock,
                                                           ChannelSinks sinks) {
    switch (settings.transport) {
        case LetterTransport::file:
            return std::make_unique<PaperFileChannel>(settings.file, std::move(sinks.outcomes));
        case LetterTransport::ipp: {
            auto ipp = settings.ipp;
            if (settings.ipp_password.given()) {
                auto password = settings.ipp_password.read();
                if (!password) return base::fail(std::move(password.error()));
                ipp.password = std::move(*password);
            }
            return std::make_unique<IppChannel>(std::move(ipp), std::move(sinks));
        }
        case LetterTransport::print_house: break;
    }
    auto channel = PrintHouseChannel::create(settings.print_house, clock, std::move(sinks));
    if (!channel) return base::fail(std::move(channel.error()));
    return std::move(*channel);
}

base::Result<LetterComposer> make_letter_composer(const LetterChannelSettings& settings) {
    return LetterComposer::create(settings.letter);
}

FaxComposerSettings read_fax_pages(const Json& json, const std::string& path,
                                   base::Problems& problems) {
    ObjectReader reader{json, path, problems};
    FaxComposerSettings settings;
    settings.sender_name = reader.required_text("sender_name");
    settings.sender_number = reader.required_text("sender_number");
    settings.cover_page = reader.boolean("cover_page", false);
    settings.pages_max = static_cast<int>(reader.integer("pages_max", 20, 1, 100));
    settings.family = reader.text("font", settings.family);
    if (const auto found = check_font(settings.family); !found)
        reader.problem("font", found.error().code, found.error().detail);
    reader.finish();
    return settings;
}

}  // namespace carillon::channels
