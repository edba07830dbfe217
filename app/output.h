// What a command says: sentences and tables for people, one JSON value for machines.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace carillon::app {

// try_again: EX_TEMPFAIL of sysexits.h, which mail servers understand.
enum class ExitCode : int { done = 0, failed = 1, bad_input = 2, try_again = 75 };

class Output {
public:
    explicit Output(bool json) : json_(json) {}

    bool is_json() const { return json_; }
    // For people; silent in JSON mode.
    void line(std::string_view text) const;
    void table(const std::vector<std::string>& head,
               const std::vector<std::vector<std::string>>& rows) const;
    // For machines; silent otherwise.
    void result(const base::Json& json) const;
    // Every mistake on its own line of standard error, or {"errors": [...]} on standard output.
    ExitCode refuse(const base::Problems& problems) const;
    ExitCode refuse(const base::Failure& failure) const { return refuse(base::Problems{failure}); }
    ExitCode fail(std::string_view message) const;  // trouble that is nobody's input

private:
    bool json_;
};

// "1 234 567": groups of three, for people.
std::string grouped(std::int64_t number);
std::string percent(std::int64_t part, std::int64_t whole);

// A bar with rate and time left on standard error when that is a terminal; nothing otherwise.
class Progress {
public:
    Progress(std::string what, std::int64_t total);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    void set_total(std::int64_t total) { total_ = total; }
    void show(std::int64_t done);

private:
    std::string what_;
    std::int64_t total_;
    base::Steady started_;
    base::Steady shown_{};
    bool terminal_;
};

}  // namespace carillon::app
