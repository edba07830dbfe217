// Mails made to hurt: each must end in under a second and in little memory, whatever is in it.
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>

#include "base/text.h"
#include "responses/mail_classify.h"
#include "responses/reply_text.h"

using namespace carillon;
using namespace carillon::responses;

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr auto time_max = 20s;  // instrumented code is slower and larger
constexpr long memory_max_kb = 4'000'000;
#else
constexpr auto time_max = 1s;
constexpr long memory_max_kb = 64 * 1024;
#endif

// A line of /proc/self/status, in kB.
long status_kb(const std::string& name) {
    std::ifstream in{"/proc/self/status"};
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
    return 0;
}

// From here on the peak is counted anew; answers what is in use now.
long begin_peak_kb() {
    std::ofstream{"/proc/self/clear_refs"} << "5";
    return status_kb("VmHWM");
}

long peak_kb() {
    return status_kb("VmHWM");
}

std::chrono::duration<double> cpu() {
    struct rusage used {};
    getrusage(RUSAGE_SELF, &used);
    return std::chrono::seconds{used.ru_utime.tv_sec + used.ru_stime.tv_sec} +
           std::chrono::microseconds{used.ru_utime.tv_usec + used.ru_stime.tv_usec};
}

void take(std::string_view bytes) {
    const auto before = cpu();
    const auto mail = parse_mail(bytes);
    const auto verdict = classify(mail, builtin_mail_rules());
    const auto text = reply_text(mail.text);
    const auto took = cpu() - before;
    if (took > time_max) CHECK(took <= time_max);
    if (!base::is_valid_utf8(text)) CHECK(base::is_valid_utf8(text));
    for (const auto& one : verdict.recipients)
        if (!base::is_valid_utf8(one.diagnostic)) CHECK(base::is_valid_utf8(one.diagnostic));
}

std::string repeated(std::size_t times, const std::function<std::string(std::size_t)>& piece) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += piece(i);
    return text;
}

std::string always(std::size_t times, const std::string& piece) {
    return repeated(times, [&](std::size_t) { return piece; });
}

std::vector<std::string> small_mails() {
    std::vector<std::string> mails;
    std::vector<fs::path> paths;
    for (const auto& entry :
         fs::directory_iterator{fs::path{CARILLON_SOURCE_DIR} / "tests/responses/mails"})
        paths.push_back(entry.path());
    std::ranges::sort(paths);
    for (const auto& path : paths) {
        std::ifstream in{path, std::ios::binary};
        mails.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
    }
    return mails;
}

#if defined(__SANITIZE_THREAD__)
// ThreadSanitizer's iconv looks at all that is left of the text at every call.
constexpr std::size_t large = 256 * 1024;
#else
constexpr std::size_t large = 8 * 1024 * 1024;
#endif

std::string hostile(const std::string& name) {
    if (name == "100,000 address headers") return always(100'000, "To: a@b.example, c@d.example\n");
    if (name == "a million addresses in one header")
        return "To: " + always(1'000'000, "a@b.ex,") + "\n\nx";
    if (name == "folded addresses") return "To: " + always(300'000, "a@b.example,\n ") + "\n\nx";
    if (name == "a million headers") return always(1'000'000, "a:\n") + "\nx";
    if (name == "multipart 10,000 deep")
        return repeated(10'000, [](std::size_t i) {
            const auto n = std::to_string(i);
            return "Content-Type: multipart/mixed; boundary=b" + n + "\n\n--b" + n + "\n";
        });
    if (name == "message/rfc822 60,000 deep")
        return always(60'000, "Content-Type: message/rfc822\n\n");
    if (name == "400,000 parts")
        return "Content-Type: multipart/mixed; boundary=b\n\n" + always(400'000, "--b\n\n\n");
    if (name == "boundaries that are beginnings of one another")
        return repeated(39,
                        [](std::size_t i) {
                            const std::string b(i + 1, 'b');
                            return "Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b +
                                   "\n";
                        }) +
               always(400'000, "--bb\n");
    if (name == "an empty boundary")
        return "Content-Type: multipart/mixed; boundary=\"\"\n\n" + always(400'000, "--\n");
    if (name == "a million parameters")
        return "Content-Type: text/plain" + always(1'000'000, "; a=b") + "\n\nx";
    if (name == "encoded words without end")
        return "Subject: " + always(500'000, "=?utf-8?Q?=?= ") + "\n\nx";
    if (name == "one line of 8 MB") return "From: a@b.example\n\n" + std::string(large, 'a');
    if (name == "only '@'") return "From: mailer-daemon\nSubject: x\n\n" + std::string(large, '@');
    if (name == "only digits and dots")
        return "From: mailer-daemon\n\nundeliverable " + always(1'000'000, "5.1.");
    if (name == "NUL") return std::string(large, '\0');
    if (name == "HTML of opening brackets")
        return "Content-Type: text/html\n\n" + std::string(large, '<');
    if (name == "HTML of ampersands")
        return "Content-Type: text/html\n\n" + std::string(large, '&');
    if (name == "HTML of style ends")
        return "Content-Type: text/html\n\n<style>" + always(700'000, "</a");
    if (name == "a wrong charset")
        return "Content-Type: text/plain; charset=utf-16\n\n" + std::string(large, '\xD8');
    if (name == "an unknown charset")
        return "Content-Type: text/plain; charset=../../etc\n\n" + std::string(large, '\xF0');
    if (name == "base64 that is none")
        return "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" +
               std::string(large, '=');
    if (name == "uuencode")
        return "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n" + always(500'000, "M\n");
    if (name == "quotes") return "From: a@b.example\n\n" + always(1'000'000, "> \n");
    if (name == "introductions") return "From: a@b.example\n\n" + always(400'000, "On 1 x\n");
    if (name == "header blocks in a text")
        return "From: a@b.example\n\n" + always(400'000, "From: x\nTo: y\n");
    if (name == "delivery status blocks")
        return "Content-Type: message/delivery-status\n\n" +
               always(200'000, "Final-Recipient: rfc822; a@b.example\nAction: failed\n\n");
    return "Content-Type: message/delivery-status\n\nAction: failed\nDiagnostic-Code: smtp; " +
           always(500'000, "mailbox user exceeded ");
}

}  // namespace

TEST_CASE("mails made to hurt take under a second and 64 MB", "[responses][mail][hostile]") {
    const std::string name =
        GENERATE(values<std::string>({"100,000 address headers",
                                      "a million addresses in one header",
                                      "folded addresses",
                                      "a million headers",
                                      "multipart 10,000 deep",
                                      "message/rfc822 60,000 deep",
                                      "400,000 parts",
                                      "boundaries that are beginnings of one another",
                                      "an empty boundary",
                                      "a million parameters",
                                      "encoded words without end",
                                      "one line of 8 MB",
                                      "only '@'",
                                      "only digits and dots",
                                      "NUL",
                                      "HTML of opening brackets",
                                      "HTML of ampersands",
                                      "HTML of style ends",
                                      "a wrong charset",
                                      "an unknown charset",
                                      "base64 that is none",
                                      "uuencode",
                                      "quotes",
                                      "introductions",
                                      "header blocks in a text",
                                      "delivery status blocks",
                                      "phrases that begin and do not end"}));
    const auto mail = hostile(name);
    builtin_mail_rules();
    const auto before = begin_peak_kb();
    const auto started = cpu();
    take(mail);
    INFO(name << ": " << (cpu() - started).count() << " s, +" << peak_kb() - before << " kB");
    CHECK(cpu() - started < time_max);
    CHECK(peak_kb() - before < memory_max_kb);
}

// One thread has no races to find, and ThreadSanitizer takes thirty times as long.
#ifdef __SANITIZE_THREAD__
constexpr int mutants = 300;
#else
constexpr int mutants = 10'000;
#endif

TEST_CASE("10,000 mutated mails: no crash, under a second and 64 MB each",
          "[responses][mail][hostile]") {
    const auto mails = small_mails();
    std::mt19937 random{20260302};
    const auto below = [&](std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(random);
    };
    const auto before = begin_peak_kb();
    double slowest = 0;
    for (int round = 0; round < mutants; ++round) {
        auto mail = mails[below(mails.size())];
        const auto changes = 1 + below(8);
        for (std::size_t i = 0; i < changes && !mail.empty(); ++i) {
            const auto at = below(mail.size());
            const auto size = std::min(below(200) + 1, mail.size() - at);
            switch (below(6)) {
                case 0: mail[at] = static_cast<char>(below(256)); break;
                case 1: mail.erase(at, size); break;
                case 2: mail.insert(at, mail.substr(at, size)); break;
                case 3: mail.insert(at, std::string(size, static_cast<char>(below(256)))); break;
                case 4: {
                    const auto& other = mails[below(mails.size())];
                    mail.insert(at, other.substr(below(other.size())));
                    break;
                }
                default: mail.resize(at); break;
            }
        }
        const auto started = cpu();
        take(mail);
        slowest = std::max(slowest, (cpu() - started).count());
    }
    INFO("slowest " << slowest << " s, +" << peak_kb() - before << " kB");
    CHECK(slowest < std::chrono::duration<double>{time_max}.count());
    CHECK(peak_kb() - before < memory_max_kb);
}
