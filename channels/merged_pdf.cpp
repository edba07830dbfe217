// Says that we use no PointerHolder, which the library is leaving behind.
#define POINTERHOLDER_TRANSITION 4
#include "channels/merged_pdf.h"

#include <memory>
#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFPageObjectHelper.hh>
#include <qpdf/QPDFWriter.hh>

namespace carillon::channels {

namespace {

// An empty page of the size of another.
QPDFPageObjectHelper empty_page_like(QPDF& document, QPDFPageObjectHelper page) {
    auto dictionary = QPDFObjectHandle::newDictionary();
    dictionary.replaceKey("/Type", QPDFObjectHandle::newName("/Page"));
    dictionary.replaceKey("/MediaBox",
                          QPDFObjectHandle::newArray(page.getMediaBox().getArrayAsRectangle()));
    dictionary.replaceKey("/Resources", QPDFObjectHandle::newDictionary());
    return QPDFPageObjectHelper{document.makeIndirectObject(dictionary)};
}

}  // namespace

base::Result<MergedPdf> merge_pdf(const std::vector<std::string_view>& parts, SheetStart start) {
    std::size_t part = 0;
    try {
        QPDF merged;
        merged.emptyPDF();
        QPDFPageDocumentHelper to{merged};
        std::vector<std::unique_ptr<QPDF>> sources;  // pages stay theirs until all is written
        MergedPdf result;
        for (; part < parts.size(); ++part) {
            auto& source = sources.emplace_back(std::make_unique<QPDF>());
            source->setSuppressWarnings(true);
            source->processMemoryFile("part", parts[part].data(), parts[part].size());
            const auto pages = QPDFPageDocumentHelper{*source}.getAllPages();
            if (pages.empty())
                return base::fail("letter.pdf_invalid", "This PDF has no pages.",
                                  "part " + std::to_string(part + 1));
            result.first_pages.push_back(result.pages + 1);
            for (const auto& page : pages) to.addPage(page, false);
            result.pages += static_cast<int>(pages.size());
            if (start == SheetStart::front && result.pages % 2 != 0 && part + 1 < parts.size()) {
                to.addPage(empty_page_like(merged, pages.front()), false);
                ++result.pages;
            }
        }
        QPDFWriter writer{merged};
        writer.setOutputMemory();
        writer.setDeterministicID(true);
        writer.setObjectStreamMode(qpdf_o_generate);
        writer.write();
        const auto buffer = writer.getBufferSharedPointer();
        result.bytes.assign(reinterpret_cast<const char*>(buffer->getBuffer()), buffer->getSize());
        return result;
    } catch (const std::exception& error) {
        return base::fail("letter.pdf_invalid", error.what(), "part " + std::to_string(part + 1));
    }
}

}  // namespace carillon::channels
