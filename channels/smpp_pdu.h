// The words of SMPP 3.4: protocol data units to bytes and back. Pure; whatever a peer sends gives a
// unit or an error, never a read past its end.
//
// Source: Short Message Peer to Peer Protocol Specification v3.4, Issue 1.2; sections are named
// where they matter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace carillon::channels {

// Section 5.1.2.1.
enum class SmppCommand : std::uint32_t {
    generic_nack = 0x80000000,
    bind_receiver = 0x00000001,
    bind_receiver_resp = 0x80000001,
    bind_transmitter = 0x00000002,
    bind_transmitter_resp = 0x80000002,
    query_sm = 0x00000003,
    query_sm_resp = 0x80000003,
    submit_sm = 0x00000004,
    submit_sm_resp = 0x80000004,
    deliver_sm = 0x00000005,
    deliver_sm_resp = 0x80000005,
    unbind = 0x00000006,
    unbind_resp = 0x80000006,
    cancel_sm = 0x00000008,
    cancel_sm_resp = 0x80000008,
    bind_transceiver = 0x00000009,
    bind_transceiver_resp = 0x80000009,
    enquire_link = 0x00000015,
    enquire_link_resp = 0x80000015,
    data_sm = 0x00000103,
    data_sm_resp = 0x80000103,
};
constexpr SmppCommand response_to(SmppCommand command) {
    return static_cast<SmppCommand>(static_cast<std::uint32_t>(command) | 0x80000000U);
}
constexpr bool is_response(SmppCommand command) {
    return (static_cast<std::uint32_t>(command) & 0x80000000U) != 0;
}

// Section 5.1.3. What we say or decide by; any other number may come.
namespace smpp_status {
inline constexpr std::uint32_t ok = 0x00000000;
inline constexpr std::uint32_t invalid_length = 0x00000002;    // ESME_RINVCMDLEN
inline constexpr std::uint32_t invalid_command = 0x00000003;   // ESME_RINVCMDID
inline constexpr std::uint32_t bad_bind_state = 0x00000004;    // ESME_RINVBNDSTS
inline constexpr std::uint32_t already_bound = 0x00000005;     // ESME_RALYBND
inline constexpr std::uint32_t system_error = 0x00000008;      // ESME_RSYSERR
inline constexpr std::uint32_t invalid_source = 0x0000000A;    // ESME_RINVSRCADR
inline constexpr std::uint32_t invalid_address = 0x0000000B;   // ESME_RINVDSTADR
inline constexpr std::uint32_t bind_failed = 0x0000000D;       // ESME_RBINDFAIL
inline constexpr std::uint32_t invalid_password = 0x0000000E;  // ESME_RINVPASWD
inline constexpr std::uint32_t invalid_user = 0x0000000F;      // ESME_RINVSYSID
inline constexpr std::uint32_t queue_full = 0x00000014;        // ESME_RMSGQFUL
inline constexpr std::uint32_t throttled = 0x00000058;         // ESME_RTHROTTLED
inline constexpr std::uint32_t temporary_error = 0x00000064;   // ESME_RX_T_APPN
inline constexpr std::uint32_t permanent_error = 0x00000065;   // ESME_RX_P_APPN
}  // namespace smpp_status
// "0x0000000B ESME_RINVDSTADR (invalid destination address)"
std::string smpp_status_text(std::uint32_t status);

// Section 5.3.2. Optional parameters that mean something to us; all others are kept as well.
namespace smpp_tag {
inline constexpr std::uint16_t receipted_message_id = 0x001E;
inline constexpr std::uint16_t user_message_reference = 0x0204;
inline constexpr std::uint16_t sar_msg_ref_num = 0x020C;
inline constexpr std::uint16_t sar_total_segments = 0x020E;
inline constexpr std::uint16_t sar_segment_seqnum = 0x020F;
inline constexpr std::uint16_t network_error_code = 0x0423;
inline constexpr std::uint16_t message_payload = 0x0424;
inline constexpr std::uint16_t message_state = 0x0427;
}  // namespace smpp_tag

struct SmppTlv {
    std::uint16_t tag{};
    std::string value{};
    bool operator==(const SmppTlv&) const = default;
};
using SmppTlvs = std::vector<SmppTlv>;
const std::string* find_tlv(const SmppTlvs& tlvs, std::uint16_t tag);
// Big endian; nothing when absent or not 1, 2 or 4 octets.
std::optional<std::uint32_t> tlv_number(const SmppTlvs& tlvs, std::uint16_t tag);

struct SmppAddress {
    std::uint8_t ton{};  // type of number, section 5.2.5
    std::uint8_t npi{};  // numbering plan, section 5.2.6
    std::string digits{};
    bool operator==(const SmppAddress&) const = default;
};

// Sections 4.1.1 to 4.1.6.
struct SmppBind {
    std::string system_id{};
    std::string password{};
    std::string system_type{};
    std::uint8_t interface_version{0x34};
    SmppAddress address_range{};
    bool operator==(const SmppBind&) const = default;
};
struct SmppBindResp {
    std::string system_id{};
    SmppTlvs tlvs{};
    bool operator==(const SmppBindResp&) const = default;
};

// submit_sm and deliver_sm, sections 4.4.1 and 4.6.1.
struct SmppSm {
    std::string service_type{};
    SmppAddress source{};
    SmppAddress destination{};
    std::uint8_t esm_class{};
    std::uint8_t protocol_id{};
    std::uint8_t priority_flag{};
    std::string schedule_delivery_time{};
    std::string validity_period{};
    std::uint8_t registered_delivery{};
    std::uint8_t replace_if_present_flag{};
    std::uint8_t data_coding{};
    std::uint8_t sm_default_msg_id{};
    std::string short_message{};  // at most 254 octets
    SmppTlvs tlvs{};
    bool operator==(const SmppSm&) const = default;
};

// data_sm, section 4.7.1.
struct SmppDataSm {
    std::string service_type{};
    SmppAddress source{};
    SmppAddress destination{};
    std::uint8_t esm_class{};
    std::uint8_t registered_delivery{};
    std::uint8_t data_coding{};
    SmppTlvs tlvs{};
    bool operator==(const SmppDataSm&) const = default;
};

// submit_sm_resp, deliver_sm_resp, data_sm_resp.
struct SmppSmResp {
    std::string message_id{};
    SmppTlvs tlvs{};
    bool operator==(const SmppSmResp&) const = default;
};

// Sections 4.8 and 4.9.
struct SmppQuery {
    std::string message_id{};
    SmppAddress source{};
    bool operator==(const SmppQuery&) const = default;
};
struct SmppQueryResp {
    std::string message_id{};
    std::string final_date{};
    std::uint8_t message_state{};
    std::uint8_t error_code{};
    bool operator==(const SmppQueryResp&) const = default;
};
struct SmppCancel {
    std::string service_type{};
    std::string message_id{};
    SmppAddress source{};
    SmppAddress destination{};
    bool operator==(const SmppCancel&) const = default;
};

// enquire_link, unbind, their responses, cancel_sm_resp, generic_nack.
struct SmppEmpty {
    bool operator==(const SmppEmpty&) const = default;
};

using SmppBody = std::variant<SmppEmpty, SmppBind, SmppBindResp, SmppSm, SmppDataSm, SmppSmResp,
                              SmppQuery, SmppQueryResp, SmppCancel>;

struct SmppPdu {
    SmppCommand command{SmppCommand::enquire_link};
    std::uint32_t status{smpp_status::ok};
    std::uint32_t sequence{};
    SmppBody body{};
    bool operator==(const SmppPdu&) const = default;
};

constexpr std::size_t smpp_header_size = 16;
constexpr std::size_t smpp_pdu_size_max = 128 * 1024;  // message_payload has at most 64 KiB

// The body must be the one its command has. Texts are cut at their first zero octet and at the
// field's size, so that no value can move another.
std::string encode(const SmppPdu& pdu);

// One whole unit, as SmppReader gives it. A response with an error status may lack its body
// (section 4.1.2). Errors: smpp.unknown_command, smpp.malformed.
base::Result<SmppPdu> decode(std::string_view bytes);

struct SmppHeader {
    std::uint32_t length{};
    std::uint32_t command{};
    std::uint32_t status{};
    std::uint32_t sequence{};
};
SmppHeader header_of(std::string_view bytes);  // at least smpp_header_size bytes

// Cuts a stream into units. Used from one thread.
class SmppReader {
public:
    void add(std::string_view bytes);
    // The next whole unit, valid until the next call of anything; nothing when more bytes are
    // needed. Errors: smpp.length_invalid, after which the stream cannot be understood any more.
    base::Result<std::optional<std::string_view>> next();
    std::size_t waiting() const { return buffer_.size() - at_; }

private:
    std::string buffer_;
    std::size_t at_{0};
};

}  // namespace carillon::channels
