// One connection as the centre sees it, for tests that speak for the centre.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "channels/smpp_session.h"

namespace carillon::testing {

using channels::Message;
using channels::Report;
using channels::SmppBindResp;
using channels::SmppCommand;
using channels::SmppDialogue;
using channels::SmppMode;
using channels::SmppPace;
using channels::SmppPdu;
using channels::SmppReader;
using channels::SmppSession;
using channels::SmppSm;
using channels::SmppSmResp;
using channels::SmsPayload;

// The centre's side of one connection: reads what the session wrote, and answers as a test wants.
class Conversation {
public:
    explicit Conversation(SmppDialogue dialogue = {}, SmppMode mode = SmppMode::transceiver,
                          double parts_per_second = 0)
        : dialogue_(std::move(dialogue)),
          pace_(parts_per_second),
          session_(dialogue_, mode, pace_, now_) {
        session_.connected(now_);
    }

    SmppSession& session() { return session_; }
    base::Steady now() const { return now_; }
    void pass(std::chrono::milliseconds time) {
        now_ += time;
        session_.tick(now_);
    }

    // Everything that has come since the last call.
    std::vector<SmppPdu> heard() {
        while (true) {
            const auto bytes = session_.output(now_);
            if (bytes.empty()) break;
            reader_.add(bytes);
            session_.wrote(bytes.size(), bytes.size(), now_);
        }
        std::vector<SmppPdu> out;
        for (auto unit = reader_.next(); unit && *unit; unit = reader_.next())
            out.push_back(*channels::decode(**unit));
        return out;
    }
    void say(const SmppPdu& pdu) { session_.receive(channels::encode(pdu), now_); }
    void bind() {
        const auto first = heard();
        REQUIRE(first.size() == 1);
        say({channels::response_to(first[0].command), 0, first[0].sequence,
             SmppBindResp{"CENTRE", {}}});
        REQUIRE(session_.bound());
    }
    void accept(const SmppPdu& submit, std::string id) {
        say({SmppCommand::submit_sm_resp, 0, submit.sequence, SmppSmResp{std::move(id), {}}});
    }
    void refuse(const SmppPdu& submit, std::uint32_t status) {
        say({SmppCommand::submit_sm_resp, status, submit.sequence, SmppSmResp{}});
    }
    void send(std::string text, base::Steady deadline = base::Steady::max()) {
        REQUIRE(session_.has_room(now_));
        Message message;
        message.id.value = ++sent_;
        message.key = "key-" + std::to_string(sent_);
        message.to = "+79160000001";
        message.payload = SmsPayload{.from = "BANK", .text = std::move(text)};
        message.deadline = deadline;
        session_.begin(std::move(message), now_, base::from_millis(0));
    }
    Report report() {
        const auto reports = session_.take_reports();
        REQUIRE(reports.size() == 1);
        return reports[0];
    }
    template <class T>
    T outcome() {
        const auto found = report().outcome;
        REQUIRE(std::holds_alternative<T>(found));
        return std::get<T>(found);
    }

private:
    base::Steady now_{std::chrono::hours{1}};
    SmppDialogue dialogue_;
    SmppPace pace_;
    SmppSession session_;
    SmppReader reader_;
    std::int64_t sent_{0};
};

inline const SmppSm& sm_of(const SmppPdu& pdu) {
    return std::get<SmppSm>(pdu.body);
}

inline const std::string two_parts(200, 'a');
inline const std::string three_parts(400, 'a');

}  // namespace carillon::testing
