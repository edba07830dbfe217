#include "desk/page_desk.h"

#include "base/digest.h"
#include "channels/page_image.h"
#include "desk/message_content.h"
#include "desk/message_desk.h"
#include "desk/preview.h"

namespace carillon::desk {

namespace {

base::Failure no_pages() {
    return {"page.channel", "only letters and faxes have pages"};
}

FileAnswer drawn(const std::string& pdf, const PageChoice& choice) {
    auto image = channels::page_image(pdf, choice.page, choice.width);
    if (!image) return refuse(image.error());
    return File{"image/png", std::move(image->png), {}, image->pages};
}

const std::string* pdf_in(const channels::Payload& payload) {
    if (const auto* letter = std::get_if<channels::LetterPayload>(&payload)) return &letter->pdf;
    if (const auto* fax = std::get_if<channels::FaxPayload>(&payload)) return &fax->pdf;
    return nullptr;
}

}  // namespace

FileAnswer preview_page(Office& office, const Caller& caller, const base::Json& json,
                        const PageChoice& choice) {
    auto lease = office.read(caller, Right::templates_see);
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    const auto question = read_preview_question(reader);
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    const auto preview = make_preview(office, *lease, caller, question);
    if (!preview) return refuse(preview.error());
    const auto channel = (*preview)->compiled->channel();
    if (channel != base::ChannelKind::letter && channel != base::ChannelKind::fax)
        return refuse(no_pages());
    const auto payload = compose(office, **preview, {.address = (*preview)->address});
    if (!payload) return refuse(payload.error());
    const auto* pdf = pdf_in(*payload);
    return pdf == nullptr ? refuse(no_pages()) : drawn(*pdf, choice);
}

FileAnswer message_page(Office& office, const Caller& caller, std::int64_t id,
                        const PageChoice& choice) {
    const auto content = message_content(office, caller, id);
    if (!content) return refuse(content.error());
    const auto& channel = *content->find("channel")->text();
    const auto* raw = content->find("raw")->text();
    if (raw == nullptr || (channel != "letter" && channel != "fax")) return refuse(no_pages());
    return drawn(base::from_base64(*raw).value(), choice);
}

}  // namespace carillon::desk
