// The CSV files that go to and come from a print house. Pure; safe from several threads.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "channels/channel.h"

namespace carillon::channels {

// One letter of a batch: one row of its manifest.
struct ManifestRow {
    std::string key{};
    int first_page{};  // in the merged PDF, from 1
    int pages{};
    int sheets{};
    std::string country{};
    std::string window{};
    std::vector<std::string> address{};  // at most ten lines
    std::string sha256{};                // of the letter's own PDF
};
struct Manifest {
    std::string batch{};
    std::string batch_sha256{};  // of the merged PDF
    std::vector<ManifestRow> rows{};
};

// UTF-8, commas, a header line; a cell that a spreadsheet would take for a formula gets an
// apostrophe.
std::string to_csv(const Manifest& manifest);
// The letter keys of a manifest that to_csv() wrote. Errors: letter.manifest_invalid.
base::Result<std::vector<std::string>> manifest_keys(std::string_view csv);

// What a file from the print house or the post says, row by row.
struct ReturnFile {
    std::vector<Receipt> receipts{};
    std::string rejects{};  // CSV of rows that could not be used: line, column, reason, row
    int rejected{};
};
// A file with the columns letter_key, status, at[, note] (status: printed, posted) or letter_key,
// returned_at, reason[, new_address] (reason: unknown, moved, refused, deceased,
// address_insufficient); commas or semicolons. `is_ours` tells whether a letter of this key was
// handed over. Errors: letter.return_file_invalid when the header is neither.
base::Result<ReturnFile> read_return_file(std::string_view csv,
                                          const std::function<bool(std::string_view key)>& is_ours);

}  // namespace carillon::channels
