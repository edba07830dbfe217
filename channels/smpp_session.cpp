#include "channels/smpp_session.h"

#include <algorithm>

#include "base/digest.h"

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;
using base::Steady;
using std::chrono::milliseconds;
using State = SmppPartFate::State;

constexpr milliseconds pause_first = 1s;
constexpr milliseconds pause_max = 60s;
constexpr int tries_max = 5;                        // of a part while its sisters are under way
constexpr std::size_t silent_max = 1000;            // remembered for late answers
constexpr std::size_t deliveries_max = 1000;        // unanswered at one time
constexpr std::size_t output_piece = 32 * 1024;     // bytes put together for one write
constexpr std::uint32_t sequence_max = 0x7FFFFFFF;  // section 3.2

SmppCommand bind_command(SmppMode mode) {
    switch (mode) {
        case SmppMode::transceiver: return SmppCommand::bind_transceiver;
        case SmppMode::transmitter: return SmppCommand::bind_transmitter;
        case SmppMode::receiver: return SmppCommand::bind_receiver;
    }
    return SmppCommand::bind_transceiver;
}

bool is_settled(const SmppPartFate& fate) {
    return fate.state != State::waiting && fate.state != State::in_flight;
}

// data_sm says the same as deliver_sm in other places.
SmppSm as_deliver(SmppDataSm&& data) {
    SmppSm unit;
    unit.service_type = std::move(data.service_type);
    unit.source = std::move(data.source);
    unit.destination = std::move(data.destination);
    unit.esm_class = data.esm_class;
    unit.registered_delivery = data.registered_delivery;
    unit.data_coding = data.data_coding;
    unit.tlvs = std::move(data.tlvs);
    return unit;
}

}  // namespace

std::chrono::nanoseconds SmppPace::wait(Steady now) const {
    const auto paused = paused_until_ > now ? paused_until_ - now : std::chrono::nanoseconds{};
    return std::max<std::chrono::nanoseconds>(parts_.wait(now), paused);
}

void SmppPace::slow_down(Steady now) {
    // A whole window may be refused at once: that is one wish, not many.
    if (paused_until_ > now) return;
    pause_ = pause_.count() == 0 ? pause_first : std::min(pause_ * 2, pause_max);
    paused_until_ = now + pause_;
}

void SmppPace::accepted(Steady now) {
    if (paused_until_ <= now) pause_ = {};
}

SmppSession::SmppSession(const SmppDialogue& dialogue, SmppMode mode, SmppPace& pace, Steady now)
    : dialogue_(dialogue),
      mode_(mode),
      pace_(pace),
      heard_at_(now),
      moved_at_(now),
      phase_until_(now + dialogue.timeouts.bind) {
    bind_sequence_ = next_sequence();
    control({.command = bind_command(mode),
             .sequence = bind_sequence_,
             .body = SmppBind{.system_id = dialogue.system_id,
                              .password = dialogue.password,
                              .system_type = dialogue.system_type,
                              .address_range = dialogue.address_range}});
}

void SmppSession::connected(Steady now) {
    heard_at_ = now;
    moved_at_ = now;
    phase_until_ = now + dialogue_.timeouts.bind;
}

// ---- what comes from the centre

void SmppSession::receive(std::string_view bytes, Steady now) {
    if (closing_) return;
    heard_at_ = now;
    reader_.add(bytes);
    while (!closing_) {
        const auto unit = reader_.next();
        if (!unit) return fail(unit.error().detail);
        if (!*unit) return;
        on_pdu(**unit, now);
    }
}

void SmppSession::on_pdu(std::string_view bytes, Steady now) {
    auto pdu = decode(bytes);
    if (!pdu) return on_malformed(bytes, now);
    if (is_response(pdu->command))
        on_response(*pdu, now);
    else
        on_request(std::move(*pdu), bytes);
}

void SmppSession::on_malformed(std::string_view bytes, Steady now) {
    const auto header = header_of(bytes);
    const bool was_response = is_response(static_cast<SmppCommand>(header.command));
    if (!was_response)
        return control({.command = SmppCommand::generic_nack,
                        .status = smpp_status::invalid_command,
                        .sequence = header.sequence});
    // An answer nobody can read: the centre knows, we do not.
    const auto flight = flights_.find(header.sequence);
    if (flight == flights_.end() || flight->second.ends_at > perhaps_) return;
    const auto ref = flight->second.part;
    flights_.erase(flight);
    submissions_.at(ref.submission).fates[ref.part].state = State::uncertain;
    settle_if_done(ref.submission);
    pump(now);
}

void SmppSession::on_request(SmppPdu pdu, std::string_view bytes) {
    const auto respond = [&](std::uint32_t status) {
        control({.command = response_to(pdu.command), .status = status, .sequence = pdu.sequence});
    };
    switch (pdu.command) {
        case SmppCommand::enquire_link: return respond(smpp_status::ok);
        case SmppCommand::unbind: respond(smpp_status::ok); return fail("the centre unbound us");
        case SmppCommand::deliver_sm:
        case SmppCommand::data_sm: break;
        default:
            return control({.command = SmppCommand::generic_nack,
                            .status = smpp_status::invalid_command,
                            .sequence = pdu.sequence});
    }
    Delivery delivery{.sequence = pdu.sequence, .command = pdu.command};
    ++unanswered_deliveries_;
    if (!bound_) return answer(pdu.sequence, pdu.command, smpp_status::bad_bind_state);
    if (unanswered_deliveries_ > deliveries_max)
        return answer(pdu.sequence, pdu.command, smpp_status::throttled);
    if (auto* data = std::get_if<SmppDataSm>(&pdu.body); data != nullptr)
        delivery.unit = as_deliver(std::move(*data));
    else
        delivery.unit = std::move(std::get<SmppSm>(pdu.body));
    delivery.raw = base::to_hex(bytes);
    deliveries_.push_back(std::move(delivery));
}

void SmppSession::answer(std::uint32_t sequence, SmppCommand command, std::uint32_t status) {
    if (unanswered_deliveries_ > 0) --unanswered_deliveries_;
    control({.command = response_to(command),
             .status = status,
             .sequence = sequence,
             .body = SmppSmResp{}});
}

void SmppSession::on_response(const SmppPdu& pdu, Steady now) {
    switch (pdu.command) {
        case SmppCommand::bind_transceiver_resp:
        case SmppCommand::bind_transmitter_resp:
        case SmppCommand::bind_receiver_resp: return on_bind_response(pdu);
        case SmppCommand::submit_sm_resp: return on_submit_response(pdu, now);
        case SmppCommand::enquire_link_resp: enquire_sequence_ = 0; return;
        case SmppCommand::unbind_resp:
            if (unbinding_) closing_ = true;
            return;
        case SmppCommand::generic_nack:
            if (pdu.sequence == bind_sequence_ && !was_bound_) return on_bind_response(pdu);
            if (pdu.sequence == enquire_sequence_) enquire_sequence_ = 0;
            return on_submit_response(pdu, now);
        default: return;  // an answer to nothing we asked
    }
}

void SmppSession::on_bind_response(const SmppPdu& pdu) {
    if (was_bound_ || pdu.sequence != bind_sequence_) return;
    if (pdu.status != smpp_status::ok || pdu.command == SmppCommand::generic_nack)
        return fail("the centre refused the bind: " + smpp_status_text(pdu.status));
    if (const auto* body = std::get_if<SmppBindResp>(&pdu.body)) centre_ = body->system_id;
    bound_ = true;
    was_bound_ = true;
}

void SmppSession::on_submit_response(const SmppPdu& pdu, Steady now) {
    const auto flight = flights_.find(pdu.sequence);
    if (flight == flights_.end()) return on_late_answer(pdu.sequence, pdu);
    const auto ref = flight->second.part;
    // An answer to what we have not even written is no answer.
    if (flight->second.ends_at > perhaps_) return;
    flights_.erase(flight);
    ++answered_;
    const auto* body = std::get_if<SmppSmResp>(&pdu.body);
    const bool says_nothing =
        pdu.command == SmppCommand::generic_nack && pdu.status == smpp_status::ok;
    decide(ref, says_nothing ? smpp_status::invalid_command : pdu.status,
           body != nullptr ? body->message_id : std::string{}, now);
    pump(now);
}

void SmppSession::decide(const PartRef& ref, std::uint32_t status, const std::string& id,
                         Steady now) {
    auto& submission = submissions_.at(ref.submission);
    auto& fate = submission.fates[ref.part];
    fate.status = status;
    fate.verdict = verdict_of(status, dialogue_.verdicts);
    if (fate.verdict == SmppVerdict::accepted) {
        fate.state = State::accepted;
        fate.raw_id = id;
        fate.message_id = normalised_ref(id, dialogue_.receipt_ids);
        pace_.accepted(now);
        return settle_if_done(ref.submission);
    }
    fate.state = State::refused;
    const bool is_temporary =
        fate.verdict == SmppVerdict::throttled || fate.verdict == SmppVerdict::busy;
    const bool is_full = fate.verdict == SmppVerdict::throttled ||
                         status == smpp_status::queue_full || status == smpp_status::system_error;
    if (is_full) pace_.slow_down(now);
    if (is_temporary && try_again(submission, ref)) return;
    // What is left of a message that cannot be whole any more is not worth paying for.
    drop_waiting(submission, "another part was refused");
    settle_if_done(ref.submission);
}

// True while another part is there or on its way: then only this one is missing.
bool SmppSession::try_again(Submission& submission, const PartRef& ref) {
    const bool others = std::ranges::any_of(submission.fates, [](const SmppPartFate& fate) {
        return fate.state == State::accepted || fate.state == State::in_flight;
    });
    if (!others || submission.tries[ref.part] >= tries_max) return false;
    submission.fates[ref.part].state = State::waiting;
    waiting_.push_front(ref);
    return true;
}

// The answer to a part that was given up.
void SmppSession::on_late_answer(std::uint32_t sequence, const SmppPdu& pdu) {
    const auto silent = silent_.find(sequence);
    if (silent == silent_.end()) return;
    const auto* body = std::get_if<SmppSmResp>(&pdu.body);
    if (pdu.status == smpp_status::ok && body != nullptr && !body->message_id.empty())
        late_answers_.push_back(
            {silent->second, normalised_ref(body->message_id, dialogue_.receipt_ids)});
    silent_.erase(silent);
}

// ---- messages

bool SmppSession::has_room(Steady now) const {
    return bound_ && !unbinding_ && !closing_ && mode_ != SmppMode::receiver && waiting_.empty() &&
           flights_.size() < dialogue_.window && !stalled_ &&
           out_.size() - out_at_ < output_piece && pace_.wait(now).count() == 0;
}

bool SmppSession::idle() const {
    return bound_ && !unbinding_ && submissions_.empty();
}

void SmppSession::begin(Message message, Steady now, base::Instant wall) {
    if (message.deadline < now) {
        reports_.push_back({message.id, Deferred{.reason = "the deadline has passed",
                                                 .consumed_attempt = false,
                                                 .retry_after = {},
                                                 .provider_is_well = true}});
        return;
    }
    auto made = make_submission(message, dialogue_.submit, wall);
    if (!made && made.error().code == "sms.not_valid_any_more") {
        // Whether there is another day for it is for the sender to judge.
        reports_.push_back({message.id, Deferred{.reason = made.error().detail,
                                                 .consumed_attempt = false,
                                                 .retry_after = {},
                                                 .provider_is_well = true}});
        return;
    }
    if (!made) {
        const bool bad = made.error().code == "sms.address_invalid";
        reports_.push_back(
            {message.id, Rejected{.reason = made.error().detail, .address_is_bad = bad}});
        return;
    }
    const auto id = next_submission_++;
    const auto units = made->units.size();
    submissions_.emplace(id, Submission{.id = message.id,
                                        .key = std::move(message.key),
                                        .deadline = message.deadline,
                                        .paid_parts = made->parts,
                                        .units = std::move(made->units),
                                        .fates = std::vector<SmppPartFate>(units),
                                        .tries = std::vector<int>(units)});
    for (std::size_t part = 0; part < units; ++part) waiting_.push_back({id, part});
    pump(now);
}

// Moves what waits into the output, as far as window and pace allow.
void SmppSession::pump(Steady now) {
    if (!bound_ || unbinding_ || closing_ || stalled_) return;
    while (!waiting_.empty() && flights_.size() < dialogue_.window && out_.size() < output_piece) {
        const auto ref = waiting_.front();
        auto& submission = submissions_.at(ref.submission);
        if (submission.deadline < now) {
            drop_waiting(submission, "the deadline has passed");
            settle_if_done(ref.submission);
            continue;
        }
        if (pace_.wait(now).count() > 0) return;
        waiting_.pop_front();
        fly(ref, submission, now);
    }
}

void SmppSession::fly(const PartRef& ref, Submission& submission, Steady now) {
    if (out_at_ == out_.size()) {
        out_ = std::exchange(control_, {});
        out_at_ = 0;
        moved_at_ = now;
    }
    const auto sequence = next_sequence();
    Flight flight{.part = ref, .expires_at = now + dialogue_.timeouts.response};
    flight.begins_at = taken_ + out_.size() - out_at_;
    // Lent and given back: a copy would cost as much as writing it.
    auto& unit = submission.units[ref.part];
    SmppPdu pdu{.command = SmppCommand::submit_sm, .sequence = sequence, .body = std::move(unit)};
    out_ += encode(pdu);
    unit = std::move(std::get<SmppSm>(pdu.body));
    flight.ends_at = taken_ + out_.size() - out_at_;
    flights_.emplace(sequence, flight);
    by_age_.push_back(sequence);
    submission.fates[ref.part].state = State::in_flight;
    ++submission.tries[ref.part];
    for (int part = 0; part < submission.paid_parts; ++part) {
        pace_.take(now);
        if (submission.units.size() > 1) break;
    }
}

void SmppSession::drop_waiting(Submission& submission, std::string_view why) {
    for (auto& fate : submission.fates) {
        if (fate.state != State::waiting) continue;
        fate.state = State::not_sent;
        submission.why_not_sent = why;
    }
    std::erase_if(waiting_, [&](const PartRef& ref) {
        return submissions_.at(ref.submission).fates[ref.part].state == State::not_sent;
    });
}

void SmppSession::settle_if_done(std::uint64_t submission) {
    if (std::ranges::all_of(submissions_.at(submission).fates, is_settled)) settle(submission);
}

void SmppSession::settle(std::uint64_t id) {
    auto node = submissions_.extract(id);
    auto& submission = node.mapped();
    auto outcome = smpp_outcome(submission.fates, submission.why_not_sent,
                                std::max(pace_.pause(), pause_first));
    if (auto* accepted = std::get_if<Accepted>(&outcome)) accepted->units = submission.paid_parts;
    reports_.push_back({submission.id, std::move(outcome)});
}

// ---- what goes to the centre

std::string_view SmppSession::output(Steady now) {
    if (out_at_ < out_.size()) {
        if (stalled_) call_back_overdue(now);
    } else {
        out_.clear();
        out_at_ = 0;
    }
    if (out_.size() == out_at_) {
        out_ = std::exchange(control_, {});
        out_at_ = 0;
        stalled_ = false;
        moved_at_ = now;
        if (!closing_) pump(now);
    }
    return std::string_view{out_}.substr(out_at_);
}

// The centre does not take our bytes: units of which none has left, and whose deadline has passed
// meanwhile, must not leave later. All that stands behind the first of them waits again.
void SmppSession::call_back_overdue(Steady now) {
    std::vector<std::uint32_t> behind;
    bool overdue = false;
    for (const auto& [sequence, flight] : flights_) {
        if (flight.begins_at < perhaps_) continue;
        behind.push_back(sequence);
        overdue = overdue || submissions_.at(flight.part.submission).deadline < now;
    }
    if (!overdue) return;
    std::ranges::sort(behind, std::greater{});
    for (const auto sequence : behind) {
        const auto flight = flights_.at(sequence);
        out_.resize(out_at_ + static_cast<std::size_t>(flight.begins_at - taken_));
        flights_.erase(sequence);
        submissions_.at(flight.part.submission).fates[flight.part.part].state = State::waiting;
        waiting_.push_front(flight.part);
    }
}

void SmppSession::wrote(std::size_t taken, std::size_t perhaps, Steady now) {
    const auto begin = taken_;
    taken_ += taken;
    out_at_ += taken;
    perhaps_ = std::max({perhaps_, begin + perhaps, taken_});
    stalled_ = out_at_ < out_.size();
    if (taken > 0) moved_at_ = now;
}

void SmppSession::control(const SmppPdu& pdu) {
    if (!closing_) control_ += encode(pdu);
}

std::uint32_t SmppSession::next_sequence() {
    sequence_ = sequence_ == sequence_max ? 1 : sequence_ + 1;
    return sequence_;
}

void SmppSession::unbind(Steady now) {
    if (unbinding_ || closing_) return;
    unbinding_ = true;
    control({.command = SmppCommand::unbind, .sequence = next_sequence()});
    phase_until_ = now + dialogue_.timeouts.unbind;
}

// ---- time

void SmppSession::tick(Steady now) {
    if (closing_) return;
    if (!was_bound_ && now >= phase_until_) return fail("the centre did not answer the bind");
    if (unbinding_ && now >= phase_until_) {
        closing_ = true;
        return;
    }
    if (out_at_ < out_.size() && now - moved_at_ >= dialogue_.timeouts.block)
        return fail("the centre takes no bytes");
    if (!bound_) return;
    expire_flights(now);
    if (enquire_sequence_ != 0) {
        if (now - asked_at_ >= dialogue_.timeouts.response)
            return fail("the centre does not answer enquire_link");
    } else if (now - heard_at_ >= dialogue_.timeouts.enquire && !unbinding_) {
        enquire_sequence_ = next_sequence();
        asked_at_ = now;
        control({.command = SmppCommand::enquire_link, .sequence = enquire_sequence_});
    }
    pump(now);
}

void SmppSession::expire_flights(Steady now) {
    while (!by_age_.empty()) {
        const auto sequence = by_age_.front();
        const auto flight = flights_.find(sequence);
        if (flight != flights_.end()) {
            if (flight->second.expires_at > now) return;
            // What has not left yet cannot be answered; the time a write may take is limited
            // elsewhere.
            if (flight->second.ends_at > perhaps_) {
                flight->second.expires_at = now + dialogue_.timeouts.response;
                by_age_.pop_front();
                by_age_.push_back(sequence);
                continue;
            }
            const auto ref = flight->second.part;
            auto& submission = submissions_.at(ref.submission);
            submission.fates[ref.part].state = State::uncertain;
            submission.why_not_sent = "the centre did not answer in time";
            silent_.emplace(sequence, submission.key);
            silent_by_age_.push_back(sequence);
            flights_.erase(flight);
            drop_waiting(submission, "the centre did not answer in time");
            settle_if_done(ref.submission);
        }
        by_age_.pop_front();
        if (silent_by_age_.size() > silent_max) {
            silent_.erase(silent_by_age_.front());
            silent_by_age_.pop_front();
        }
    }
}

Steady SmppSession::wakes_at(Steady now) const {
    if (closing_) return now;
    auto wake = Steady::max();
    if (!was_bound_ || unbinding_) wake = phase_until_;
    if (out_at_ < out_.size()) wake = std::min(wake, moved_at_ + dialogue_.timeouts.block);
    if (!bound_) return wake;
    if (!by_age_.empty()) {
        const auto oldest = flights_.find(by_age_.front());
        wake = std::min(wake, oldest == flights_.end() ? now + dialogue_.timeouts.response
                                                       : oldest->second.expires_at);
    }
    if (enquire_sequence_ != 0)
        wake = std::min(wake, asked_at_ + dialogue_.timeouts.response);
    else if (!unbinding_)
        wake = std::min(wake, heard_at_ + dialogue_.timeouts.enquire);
    if (!waiting_.empty() && flights_.size() < dialogue_.window)
        wake = std::min(wake, now + std::max<std::chrono::nanoseconds>(pace_.wait(now), 1ms));
    return wake;
}

// ---- the end

void SmppSession::lost(std::string_view why) {
    bound_ = false;
    if (!closing_ && !unbinding_) failure_ = why;
    closing_ = true;
    for (const auto& [sequence, flight] : flights_) {
        auto& fate = submissions_.at(flight.part.submission).fates[flight.part.part];
        fate.state = flight.ends_at <= perhaps_ ? State::uncertain : State::not_sent;
    }
    flights_.clear();
    by_age_.clear();
    waiting_.clear();
    control_.clear();
    out_.clear();
    out_at_ = 0;
    stalled_ = false;
    for (auto& [id, submission] : submissions_) {
        for (auto& fate : submission.fates)
            if (fate.state == State::waiting) fate.state = State::not_sent;
        submission.why_not_sent = why;
    }
    while (!submissions_.empty()) settle(submissions_.begin()->first);
}

// The line is good for nothing more, but what is to be said may still be said, unless a unit was
// cut in the middle.
void SmppSession::fail(const std::string& why) {
    auto last_words = out_at_ == out_.size() ? std::exchange(control_, {}) : std::string{};
    lost(why);
    control_ = std::move(last_words);
}

}  // namespace carillon::channels
