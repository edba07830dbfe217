#include "channels/smpp_pdu.h"

#include <algorithm>
#include <array>

namespace carillon::channels {

namespace {

// Sizes of C-octet strings with their final zero (sections 4.1.1, 4.4.1, 4.8.2).
constexpr std::size_t system_id_size = 16;
constexpr std::size_t password_size = 9;
constexpr std::size_t system_type_size = 13;
constexpr std::size_t address_range_size = 41;
constexpr std::size_t service_type_size = 6;
constexpr std::size_t address_size = 21;
constexpr std::size_t data_address_size = 65;
constexpr std::size_t time_size = 17;
constexpr std::size_t message_id_size = 65;
constexpr std::size_t short_message_max = 254;
constexpr std::size_t tlv_value_max = 65535;

class Writer {
public:
    void number(std::uint32_t value, int octets) {
        for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8)
            out_ += static_cast<char>(value >> shift & 0xFF);
    }
    void octet(std::uint8_t value) { number(value, 1); }
    void text(std::string_view value, std::size_t size) {
        out_ += value.substr(0, std::min(value.find('\0'), size - 1));
        out_ += '\0';
    }
    void address(const SmppAddress& address, std::size_t size = address_size) {
        octet(address.ton);
        octet(address.npi);
        text(address.digits, size);
    }
    void tlvs(const SmppTlvs& list) {
        for (const auto& tlv : list) {
            const auto value = std::string_view{tlv.value}.substr(0, tlv_value_max);
            number(tlv.tag, 2);
            number(static_cast<std::uint32_t>(value.size()), 2);
            out_ += value;
        }
    }
    void octets(std::string_view value) {
        const auto kept = value.substr(0, short_message_max);
        octet(static_cast<std::uint8_t>(kept.size()));
        out_ += kept;
    }

    void operator()(const SmppEmpty&) {}
    void operator()(const SmppBind& body) {
        text(body.system_id, system_id_size);
        text(body.password, password_size);
        text(body.system_type, system_type_size);
        octet(body.interface_version);
        address(body.address_range, address_range_size);
    }
    void operator()(const SmppBindResp& body) {
        text(body.system_id, system_id_size);
        tlvs(body.tlvs);
    }
    void operator()(const SmppSm& body) {
        text(body.service_type, service_type_size);
        address(body.source);
        address(body.destination);
        octet(body.esm_class);
        octet(body.protocol_id);
        octet(body.priority_flag);
        text(body.schedule_delivery_time, time_size);
        text(body.validity_period, time_size);
        octet(body.registered_delivery);
        octet(body.replace_if_present_flag);
        octet(body.data_coding);
        octet(body.sm_default_msg_id);
        octets(body.short_message);
        tlvs(body.tlvs);
    }
    void operator()(const SmppDataSm& body) {
        text(body.service_type, service_type_size);
        address(body.source, data_address_size);
        address(body.destination, data_address_size);
        octet(body.esm_class);
        octet(body.registered_delivery);
        octet(body.data_coding);
        tlvs(body.tlvs);
    }
    void operator()(const SmppSmResp& body) {
        text(body.message_id, message_id_size);
        tlvs(body.tlvs);
    }
    void operator()(const SmppQuery& body) {
        text(body.message_id, message_id_size);
        address(body.source);
    }
    void operator()(const SmppQueryResp& body) {
        text(body.message_id, message_id_size);
        text(body.final_date, time_size);
        octet(body.message_state);
        octet(body.error_code);
    }
    void operator()(const SmppCancel& body) {
        text(body.service_type, service_type_size);
        text(body.message_id, message_id_size);
        address(body.source);
        address(body.destination);
    }

    Writer() { out_.reserve(usual_size); }
    std::string take() { return std::move(out_); }

private:
    static constexpr std::size_t usual_size = 256;
    std::string out_;
};

// Reads until something is missing; then everything further is empty and ok() is false.
class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }

    std::uint32_t number(int octets) {
        std::uint32_t value = 0;
        for (const char byte : take(static_cast<std::size_t>(octets)))
            value = value << 8 | static_cast<unsigned char>(byte);
        return value;
    }
    std::uint8_t octet() { return static_cast<std::uint8_t>(number(1)); }
    // Centres exceed the sizes of the specification; a limit there must be all the same.
    std::string text() {
        constexpr std::size_t text_max = 256;
        const auto end = rest_.find('\0');
        if (end == std::string_view::npos || end > text_max) {
            ok_ = false;
            return {};
        }
        std::string value{take(end)};
        take(1);
        return value;
    }
    SmppAddress address() {
        SmppAddress out;
        out.ton = octet();
        out.npi = octet();
        out.digits = text();
        return out;
    }
    std::string octets() { return std::string{take(octet())}; }
    SmppTlvs tlvs() {
        SmppTlvs out;
        while (ok_ && !at_end()) {
            SmppTlv tlv;
            tlv.tag = static_cast<std::uint16_t>(number(2));
            tlv.value = std::string{take(number(2))};
            if (ok_) out.push_back(std::move(tlv));
        }
        return out;
    }

private:
    std::string_view take(std::size_t size) {
        if (size > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
    bool ok_{true};
};

SmppBody read_bind(Reader& in) {
    SmppBind body;
    body.system_id = in.text();
    body.password = in.text();
    body.system_type = in.text();
    body.interface_version = in.octet();
    body.address_range = in.address();
    return body;
}

SmppBody read_bind_resp(Reader& in) {
    SmppBindResp body;
    if (in.at_end()) return body;
    body.system_id = in.text();
    body.tlvs = in.tlvs();
    return body;
}

SmppBody read_sm(Reader& in) {
    SmppSm body;
    body.service_type = in.text();
    body.source = in.address();
    body.destination = in.address();
    body.esm_class = in.octet();
    body.protocol_id = in.octet();
    body.priority_flag = in.octet();
    body.schedule_delivery_time = in.text();
    body.validity_period = in.text();
    body.registered_delivery = in.octet();
    body.replace_if_present_flag = in.octet();
    body.data_coding = in.octet();
    body.sm_default_msg_id = in.octet();
    body.short_message = in.octets();
    body.tlvs = in.tlvs();
    return body;
}

SmppBody read_data_sm(Reader& in) {
    SmppDataSm body;
    body.service_type = in.text();
    body.source = in.address();
    body.destination = in.address();
    body.esm_class = in.octet();
    body.registered_delivery = in.octet();
    body.data_coding = in.octet();
    body.tlvs = in.tlvs();
    return body;
}

SmppBody read_sm_resp(Reader& in) {
    SmppSmResp body;
    if (in.at_end()) return body;
    body.message_id = in.text();
    body.tlvs = in.tlvs();
    return body;
}

SmppBody read_query(Reader& in) {
    SmppQuery body;
    body.message_id = in.text();
    body.source = in.address();
    return body;
}

SmppBody read_query_resp(Reader& in) {
    SmppQueryResp body;
    if (in.at_end()) return body;
    body.message_id = in.text();
    body.final_date = in.text();
    body.message_state = in.octet();
    body.error_code = in.octet();
    return body;
}

SmppBody read_cancel(Reader& in) {
    SmppCancel body;
    body.service_type = in.text();
    body.message_id = in.text();
    body.source = in.address();
    body.destination = in.address();
    return body;
}

// Nothing: no command of ours.
std::optional<SmppBody> read_body(SmppCommand command, Reader& in) {
    using enum SmppCommand;
    switch (command) {
        case bind_receiver:
        case bind_transmitter:
        case bind_transceiver: return read_bind(in);
        case bind_receiver_resp:
        case bind_transmitter_resp:
        case bind_transceiver_resp: return read_bind_resp(in);
        case submit_sm:
        case deliver_sm: return read_sm(in);
        case data_sm: return read_data_sm(in);
        case submit_sm_resp:
        case deliver_sm_resp:
        case data_sm_resp: return read_sm_resp(in);
        case query_sm: return read_query(in);
        case query_sm_resp: return read_query_resp(in);
        case cancel_sm: return read_cancel(in);
        case enquire_link:
        case enquire_link_resp:
        case unbind:
        case unbind_resp:
        case cancel_sm_resp:
        case generic_nack: return SmppEmpty{};
    }
    return std::nullopt;
}

struct StatusName {
    std::uint32_t status;
    std::string_view name;
};
// Table 5-2.
constexpr std::array<StatusName, 44> status_names{{
    {0x00, "ESME_ROK (no error)"},
    {0x01, "ESME_RINVMSGLEN (invalid message length)"},
    {0x02, "ESME_RINVCMDLEN (invalid command length)"},
    {0x03, "ESME_RINVCMDID (invalid command id)"},
    {0x04, "ESME_RINVBNDSTS (wrong bind status for this command)"},
    {0x05, "ESME_RALYBND (already bound)"},
    {0x06, "ESME_RINVPRTFLG (invalid priority)"},
    {0x07, "ESME_RINVREGDLVFLG (invalid registered delivery)"},
    {0x08, "ESME_RSYSERR (system error)"},
    {0x0A, "ESME_RINVSRCADR (invalid source address)"},
    {0x0B, "ESME_RINVDSTADR (invalid destination address)"},
    {0x0C, "ESME_RINVMSGID (invalid message id)"},
    {0x0D, "ESME_RBINDFAIL (bind failed)"},
    {0x0E, "ESME_RINVPASWD (invalid password)"},
    {0x0F, "ESME_RINVSYSID (invalid system id)"},
    {0x11, "ESME_RCANCELFAIL (cancelling failed)"},
    {0x13, "ESME_RREPLACEFAIL (replacing failed)"},
    {0x14, "ESME_RMSGQFUL (message queue full)"},
    {0x15, "ESME_RINVSERTYP (invalid service type)"},
    {0x33, "ESME_RINVNUMDESTS (invalid number of destinations)"},
    {0x40, "ESME_RINVDESTFLAG (invalid destination flag)"},
    {0x42, "ESME_RINVSUBREP (invalid replace request)"},
    {0x43, "ESME_RINVESMCLASS (invalid esm class)"},
    {0x45, "ESME_RSUBMITFAIL (submitting failed)"},
    {0x48, "ESME_RINVSRCTON (invalid source type of number)"},
    {0x49, "ESME_RINVSRCNPI (invalid source numbering plan)"},
    {0x50, "ESME_RINVDSTTON (invalid destination type of number)"},
    {0x51, "ESME_RINVDSTNPI (invalid destination numbering plan)"},
    {0x53, "ESME_RINVSYSTYP (invalid system type)"},
    {0x54, "ESME_RINVREPFLAG (invalid replace flag)"},
    {0x55, "ESME_RINVNUMMSGS (invalid number of messages)"},
    {0x58, "ESME_RTHROTTLED (too many messages)"},
    {0x61, "ESME_RINVSCHED (invalid scheduled time)"},
    {0x62, "ESME_RINVEXPIRY (invalid validity period)"},
    {0x63, "ESME_RINVDFTMSGID (no such predefined message)"},
    {0x64, "ESME_RX_T_APPN (temporary error of the receiver)"},
    {0x65, "ESME_RX_P_APPN (permanent error of the receiver)"},
    {0x66, "ESME_RX_R_APPN (rejected by the receiver)"},
    {0x67, "ESME_RQUERYFAIL (query failed)"},
    {0xC0, "ESME_RINVOPTPARSTREAM (error in the optional part)"},
    {0xC1, "ESME_ROPTPARNOTALLWD (optional parameter not allowed)"},
    {0xC2, "ESME_RINVPARLEN (invalid parameter length)"},
    {0xC3, "ESME_RMISSINGOPTPARAM (expected parameter missing)"},
    {0xFE, "ESME_RDELIVERYFAILURE (delivery failed)"},
}};

std::string hex8(std::uint32_t value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out = "0x";
    for (int shift = 28; shift >= 0; shift -= 4) out += digits[value >> shift & 0xF];
    return out;
}

}  // namespace

std::string smpp_status_text(std::uint32_t status) {
    const auto* found = std::ranges::find(status_names, status, &StatusName::status);
    if (found == status_names.end()) return hex8(status);
    return hex8(status) + " " + std::string{found->name};
}

const std::string* find_tlv(const SmppTlvs& tlvs, std::uint16_t tag) {
    const auto found = std::ranges::find(tlvs, tag, &SmppTlv::tag);
    return found == tlvs.end() ? nullptr : &found->value;
}

std::optional<std::uint32_t> tlv_number(const SmppTlvs& tlvs, std::uint16_t tag) {
    const auto* value = find_tlv(tlvs, tag);
    if (value == nullptr || (value->size() != 1 && value->size() != 2 && value->size() != 4))
        return std::nullopt;
    return Reader{*value}.number(static_cast<int>(value->size()));
}

std::string encode(const SmppPdu& pdu) {
    Writer out;
    out.number(0, 4);  // the length, known at the end
    out.number(static_cast<std::uint32_t>(pdu.command), 4);
    out.number(pdu.status, 4);
    out.number(pdu.sequence, 4);
    std::visit(out, pdu.body);
    auto bytes = out.take();
    for (std::size_t i = 0; i < 4; ++i)
        bytes[i] = static_cast<char>(bytes.size() >> (24 - 8 * i) & 0xFF);
    return bytes;
}

SmppHeader header_of(std::string_view bytes) {
    Reader in{bytes};
    SmppHeader header;
    header.length = in.number(4);
    header.command = in.number(4);
    header.status = in.number(4);
    header.sequence = in.number(4);
    return header;
}

base::Result<SmppPdu> decode(std::string_view bytes) {
    const auto malformed = [](std::string_view why) {
        return base::fail("smpp.malformed", "An SMPP unit is malformed: " + std::string{why} + ".");
    };
    if (bytes.size() < smpp_header_size) return malformed("it is shorter than its header");
    const auto header = header_of(bytes);
    if (header.length != bytes.size()) return malformed("its length is not what it says");
    SmppPdu pdu{.command = static_cast<SmppCommand>(header.command),
                .status = header.status,
                .sequence = header.sequence};
    Reader in{bytes.substr(smpp_header_size)};
    auto body = read_body(pdu.command, in);
    if (!body)
        return base::fail("smpp.unknown_command", "No SMPP command is " + hex8(header.command));
    // Whoever refuses may say no more than that.
    const bool refuses = is_response(pdu.command) && pdu.status != smpp_status::ok;
    if (!in.ok() && !refuses) return malformed("it ends in the middle of a field");
    pdu.body = std::move(*body);
    return pdu;
}

void SmppReader::add(std::string_view bytes) {
    if (at_ > 0) {
        buffer_.erase(0, at_);
        at_ = 0;
    }
    buffer_ += bytes;
}

base::Result<std::optional<std::string_view>> SmppReader::next() {
    const auto rest = std::string_view{buffer_}.substr(at_);
    if (rest.size() < 4) return std::nullopt;
    const auto length = Reader{rest}.number(4);
    if (length < smpp_header_size || length > smpp_pdu_size_max)
        return base::fail("smpp.length_invalid",
                          "The peer announces a unit of " + std::to_string(length) + " bytes.");
    if (rest.size() < length) return std::nullopt;
    at_ += length;
    return rest.substr(0, length);
}

}  // namespace carillon::channels
