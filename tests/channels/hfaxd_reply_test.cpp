#include "channels/hfaxd_reply.h"

#include <catch2/catch.hpp>

#include "channels/fax_job.h"

using namespace carillon::channels;

namespace {

using Found = HfaxdReplyParser::Found;

// All replies of a dialogue that arrives in pieces of `size` bytes.
std::vector<HfaxdReply> replies(std::string_view bytes, std::size_t size) {
    HfaxdReplyParser parser;
    std::vector<HfaxdReply> all;
    while (!bytes.empty()) {
        parser.feed(bytes.substr(0, size));
        bytes.remove_prefix(std::min(size, bytes.size()));
        HfaxdReply reply;
        while (parser.next(reply) == Found::reply) all.push_back(reply);
    }
    return all;
}

Found first(std::string_view bytes) {
    HfaxdReplyParser parser;
    parser.feed(bytes);
    HfaxdReply reply;
    return parser.next(reply);
}

}  // namespace

TEST_CASE("replies are read however they are cut", "[fax]") {
    const auto size = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1000});
    const auto read = replies(
        "220 fax server ready.\r\n213 \r\n213\r\n214-The following\r\n   JNEW* JSUBM\r\n214 end\r\n"
        "216-one\r\n200 is only a line of it\r\n216-two\r\n216 three\r\n",
        size);
    REQUIRE(read.size() == 5);
    CHECK(read[0].code == 220);
    CHECK(read[1].text.empty());
    CHECK(read[2].code == 213);
    CHECK(read[2].text.empty());
    CHECK(read[3].text == "The following\n   JNEW* JSUBM\nend");
    CHECK(read[4].code == 216);
    CHECK(read[4].text == "one\n200 is only a line of it\ntwo\nthree");
}

TEST_CASE("what is no hfaxd is found out, and memory stays bounded", "[fax]") {
    CHECK(first("HTTP/1.1 400 Bad Request\r\n") == Found::garbage);
    CHECK(first("\r\n") == Found::garbage);
    CHECK(first("999 no\r\n") == Found::garbage);
    CHECK(first("20\r\n") == Found::garbage);
    CHECK(first("200x\r\n") == Found::garbage);
    CHECK(first("200 cut off") == Found::nothing);
    CHECK(first(std::string(HfaxdReplyParser::line_max + 1, '2')) == Found::garbage);
    std::string endless = "214-a\r\n";
    for (int i = 0; i < 2000; ++i) endless += std::string(100, 'x') + "\r\n";
    CHECK(first(endless) == Found::garbage);
}

TEST_CASE("a reply for people is one printable line", "[fax]") {
    CHECK(describe({504, "Job 7\n\x1b[2J\xff!"}) == "504 Job 7 ?[2J?!");
    CHECK(describe({213, ""}) == "213");
    CHECK(describe({500, std::string(5000, 'x')}).size() == 294);
}

TEST_CASE("ports, documents and jobs are read from replies or not at all", "[fax]") {
    CHECK(passive_port({227, "Entering passive mode (127,0,0,1,200,31)"}) == 51231);
    CHECK(passive_port({227, "(1,2,3,4,0,21)"}) == 21);
    for (const auto* text :
         {"", "(1,2,3,4,5)", "(1,2,3,4,256,1)", "(1,2,3,4,5,6,7)", "(1,2,3,4,-5,6)",
          "(1,2,3,4,0,0)", "(1,2,3,4,5,6x)", "(,,,,,)", "(1,2,3,4,5,"})
        CHECK_FALSE(passive_port({227, text}));
    CHECK_FALSE(passive_port({425, "(127,0,0,1,200,31)"}));

    CHECK(stored_name({150, "FILE: /tmp/doc2.ps (Opening new data connection)."}) ==
          "/tmp/doc2.ps");
    for (const auto* text : {"", "FILE:", "FILE: \"x\"", "FILE: a\nJKILL", "no file"})
        CHECK_FALSE(stored_name({150, text}));
    CHECK_FALSE(stored_name({550, "FILE: /tmp/doc2.ps"}));

    CHECK(created_job({200, "New job created: jobid: 42 groupid: 41."}) == "42");
    for (const auto* text : {"", "jobid:", "jobid: x", "jobid: 12345678901", "jobid: -1"})
        CHECK_FALSE(created_job({200, text}));
    CHECK_FALSE(created_job({503, "jobid: 42"}));
}

TEST_CASE("a value cannot leave its quotes, its line or the server's buffer", "[fax]") {
    CHECK(hfaxd_quoted("ООО «Ромашка»") == "\"ООО «Ромашка»\"");
    CHECK(hfaxd_quoted("a\"b\\c") == R"("a\"b\\c")");
    CHECK(hfaxd_quoted("x\r\nJKILL 1") == "\"x  JKILL 1\"");
    CHECK(hfaxd_quoted(std::string_view{"a\0b\x7f", 4}) == "\"a b \"");
    CHECK(hfaxd_quoted("\xff\xfe|\xd0") == "\"??|?\"");  // 0xFF would be read as telnet's IAC
    CHECK(hfaxd_quoted("line\xE2\x80\xA8separator") == "\"line separator\"");
    const auto cut = hfaxd_quoted(std::string(399, 'x') + "Я");
    CHECK(cut == "\"" + std::string(398, 'x') + "\"");
    std::string letters;
    for (int i = 0; i < 300; ++i) letters += "Я";
    CHECK(hfaxd_quoted(letters).size() == 400);
    CHECK(hfaxd_quoted(std::string(600, '"')).size() <= 400);
    CHECK(hfaxd_quoted(std::string(600, '"')).ends_with("\\\"\""));
    CHECK(hfaxd_quoted(std::string(600, '\\')).size() % 2 == 0);
}

TEST_CASE("listings are read line by line, and what does not fit is left out", "[fax]") {
    const auto jobs = parse_fax_jobs(
        "1|T|0|0|0|carillon|carillon-A|\r\n"
        "2|D|3|3|1|carillon|carillon-B|\r\n"
        "3|S|0|2|4|carillon|carillon-C|Busy | signal\x1b detected\r\n"
        "4|D|3|3\r\n|||||||\r\nx|D|3|3|1|a|b|\r\n5|DD|3|3|1|a|b|\r\n6|Z|3|3|1|a|b|\r\n"
        "7|D|-3|3|1|a|b|\r\n8|D|99999999999|3|1|a|b|\r\n\r\n9|F|1|2|1|other||No \xd0\r\n"
        "10|W|0|0|0|carillon|cut");
    REQUIRE(jobs.size() == 4);
    CHECK(jobs[0].state == FaxJob::State::suspended);
    CHECK(jobs[1].finished());
    CHECK(jobs[1].pages == 3);
    CHECK(jobs[2].status == "Busy | signal  detected");
    CHECK(jobs[2].dials == 4);
    CHECK(jobs[3].owner == "other");
    CHECK(jobs[3].tag.empty());
    CHECK(jobs[3].status == "No ?");
    CHECK(parse_fax_jobs("").empty());
    CHECK(parse_fax_jobs(std::string(100000, '|')).empty());
}

TEST_CASE("notices are read, and files that are none are not", "[fax]") {
    const auto job = parse_fax_notice(
        "why:done\njobid:7\nstate:7\nnpages:2\ntotpages:2\ntotdials:3\njobtag:carillon-x\n"
        "owner:carillon\nstatus:Call: ended\n");
    REQUIRE(job);
    CHECK(job->id == "7");
    CHECK(job->state == FaxJob::State::done);
    CHECK(job->pages == 2);
    CHECK(job->dials == 3);
    CHECK(job->status == "Call: ended");
    CHECK_FALSE(parse_fax_notice(""));
    CHECK_FALSE(parse_fax_notice("jobid:7\nstate:7\n"));
    CHECK_FALSE(parse_fax_notice("jobid:7\nstate:99\njobtag:x\n"));
    CHECK_FALSE(parse_fax_notice("jobid:seven\nstate:7\njobtag:x\n"));
}
