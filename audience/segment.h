// A segment: whom a campaign is for, as a typed tree of rules read from JSON
// (docs/schema/segment.schema.json). What parses is valid: fields exist, operators fit types,
// values have the right form, everything is bounded.
//
// A missing value never surprises: every comparison with it is false, `is_not`, `not_in` and `not`
// are exact complements (so they are true for it), and no third truth value exists.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "audience/segment_fields.h"
#include "base/json.h"
#include "base/local_date.h"

namespace carillon::audience {

struct SegmentLimits {
    static constexpr int depth_max = 16;
    static constexpr int nodes_max = 500;      // members of other segments count when compiled
    static constexpr int list_max = 1'000;     // values after in / not_in
    static constexpr int text_max = 500;       // bytes of one text
    static constexpr int values_max = 10'000;  // parameters of one compiled segment
    static constexpr int days_max = 36'500;    // of relative dates and overdue days
    static constexpr int relations_max = 3;    // relations inside relations
};

// "2026-11-21", "today", or an offset from the day asked about: "-30d", "+2w", "-6m", "-1y".
// Months and years keep the day of month, or take the month's last day.
struct DateSpec {
    std::string fixed{};  // "" when relative
    int offset{};
    char unit{'d'};
    std::string text() const;
};
base::Result<DateSpec> parse_date_spec(std::string_view text);
base::LocalDate resolve(const DateSpec& spec, const base::LocalDate& as_of);

// text and choice: std::string (folded for a name); age, days and money (minor units): int64;
// number: double; flag: bool.
using Operand = std::variant<std::string, std::int64_t, double, bool, DateSpec>;

struct FieldRef {
    const FieldInfo* info{};  // nullptr: an attribute
    std::string attribute{};
    FieldType type{};
    std::string name() const;
};

struct Comparison {
    FieldRef field{};
    Operator op{};
    std::vector<Operand> operands{};  // 0 (is_missing), 1, 2 (between) or up to list_max (in)
};

// The birthday falls on one of these days after the day asked about (0 is that day).
struct AnniversaryRule {
    std::vector<int> in_days{};
};

struct CountTest {
    Operator op{Operator::greater_or_equal};
    std::int64_t value{1};
};
struct SumTest {
    const FieldInfo* field{};  // a money field of contracts
    Operator op{Operator::greater_or_equal};
    std::int64_t minor{};
};
// How many contracts of the client (and what they sum up to) fit all of `where`.
struct ContractRule {
    std::string kind{};      // "" is any
    std::string currency{};  // needed by money; "" is any
    std::vector<Comparison> where{};
    CountTest count{};
    std::vector<SumTest> sums{};
};

// Has an active contact on the channel.
struct ContactRule {
    base::ChannelKind channel{};
    bool verified_only{};
};
// What is on record; without a record both granted and refused are false.
struct ConsentRule {
    base::ChannelKind channel{};
    base::Purpose purpose{};
    bool granted{true};
};

enum class Behaviour { received, responded };
struct BehaviourRule {
    Behaviour what{};
    std::string campaign{};
    int within_days{};   // counted back from the beginning (UTC) of the day asked about; 0 is ever
    std::string kind{};  // of the response; "" is any
};

struct MemberRule {
    std::string segment{};
};
// The same clients at every evaluation: a draw from the client's own coordinate.
struct RandomRule {
    int parts{};  // of base::Draw::parts
    std::string salt{};
};
struct RelationRule {
    std::string kind{};
    std::string segment{};  // "" is anybody
};

struct Rule;
// (Without `{}`: an initializer would need the complete Rule.)
struct AllRule {
    std::vector<Rule> rules;  // none: true
};
struct AnyRule {
    std::vector<Rule> rules;  // none: false
};
struct NotRule {
    std::shared_ptr<const Rule>
        rule{};  // shared: a parsed tree is immutable and copied with its segment
};

struct Rule {
    std::variant<AllRule, AnyRule, NotRule, Comparison, AnniversaryRule, ContractRule, ContactRule,
                 ConsentRule, BehaviourRule, MemberRule, RandomRule, RelationRule>
        node{};
};

struct Segment {
    std::string name{};
    std::string title{};
    Rule rule{};
};

// Every mistake with its JSON path. Codes: segment.unknown_field, segment.operator, segment.value,
// segment.limit, segment.rule, and those of base::ObjectReader.
tl::expected<Segment, base::Problems> parse_segment(const base::Json& json,
                                                    const AttributeTypes& attributes);

// One leaf in words: "age >= 18", "contract loan where overdue_days >= 30".
std::string in_words(const Rule& rule);

}  // namespace carillon::audience
