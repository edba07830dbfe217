#include "app/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace carillon::app {

namespace {

// Columns a terminal needs: characters, not bytes.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, bool right) {
    const std::string space(width - std::min(width, width_of(text)), ' ');
    return right ? space + text : text + space;
}

bool is_numeric(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789 .,%-") == std::string::npos;
}

}  // namespace

void Output::line(std::string_view text) const {
    if (!json_) std::cout << text << '\n';
}

void Output::table(const std::vector<std::string>& head,
                   const std::vector<std::vector<std::string>>& rows) const {
    if (json_) return;
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < head.size(); ++i) {
        auto width = width_of(head[i]);
        for (const auto& row : rows) width = std::max(width, width_of(row[i]));
        widths.push_back(width);
    }
    const auto print = [&](const std::vector<std::string>& row, bool is_head) {
        std::string text;
        for (std::size_t i = 0; i < row.size(); ++i)
            text +=
                (i == 0 ? "" : "  ") + padded(row[i], widths[i], !is_head && is_numeric(row[i]));
        while (text.ends_with(' ')) text.pop_back();
        std::cout << text << '\n';
    };
    print(head, true);
    std::size_t total = 2 * (head.size() - 1);
    for (const auto width : widths) total += width;
    std::cout << std::string(total, '-') << '\n';
    for (const auto& row : rows) print(row, false);
}

void Output::result(const base::Json& json) const {
    if (json_) std::cout << json.dump() << '\n';
}

ExitCode Output::refuse(const base::Problems& problems) const {
    if (json_) {
        base::Json::Array errors;
        for (const auto& problem : problems) {
            base::Json one{base::Json::Object{}};
            one.set("code", problem.code);
            one.set("detail", problem.detail);
            one.set("place", problem.place);
            errors.push_back(std::move(one));
        }
        base::Json all{base::Json::Object{}};
        all.set("errors", std::move(errors));
        std::cout << all.dump() << '\n';
    } else {
        for (const auto& problem : problems) std::cerr << "carillon: " << problem.text() << '\n';
    }
    return ExitCode::bad_input;
}

ExitCode Output::fail(std::string_view message) const {
    refuse(base::Failure{"failed", std::string{message}});
    return ExitCode::failed;
}

std::string grouped(std::int64_t number) {
    auto text = std::to_string(number < 0 ? -number : number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), " ");
    return number < 0 ? "-" + text : text;
}

std::string percent(std::int64_t part, std::int64_t whole) {
    if (whole == 0) return "-";
    return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

Progress::Progress(std::string what, std::int64_t total)
    : what_(std::move(what)),
      total_(total),
      started_(base::steady_now()),
      terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (terminal_ && shown_ != base::Steady{}) std::cerr << "\r\033[K" << std::flush;
}

void Progress::show(std::int64_t done) {
    const auto now = base::steady_now();
    if (!terminal_ || now - shown_ < std::chrono::milliseconds{200}) return;
    shown_ = now;
    const std::chrono::duration<double> passed = now - started_;
    const double rate = passed.count() > 0 ? static_cast<double>(done) / passed.count() : 0;
    std::string left = "?";
    if (rate > 0 && total_ > done)
        left = fmt::format("{:.0f} s", static_cast<double>(total_ - done) / rate);
    constexpr std::int64_t width = 24;
    const auto filled = total_ > 0 ? std::clamp<std::int64_t>(done * width / total_, 0, width) : 0;
    std::cerr << "\r\033[K" << what_ << " [" << std::string(static_cast<std::size_t>(filled), '#')
              << std::string(static_cast<std::size_t>(width - filled), '.') << "] " << grouped(done)
              << (total_ > 0 ? " of " + grouped(total_) : "")
              << fmt::format(", {:.0f}/s, {} left", rate, left) << std::flush;
}

}  // namespace carillon::app
