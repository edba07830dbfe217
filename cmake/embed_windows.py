#!/usr/bin/env python3
"""Writes the window profiles as constants: embed_windows.py FOLDER_OF_JSON OUT.h"""
import json
import sys
from pathlib import Path

folder, out = Path(sys.argv[1]), Path(sys.argv[2])
lines = ["// Generated from examples/windows: the profiles the program knows without any file.", "#pragma once", "",
         "#include <string_view>", "", "namespace carillon::channels {", "",
         "struct WindowFile {", "    std::string_view name{};", "    std::string_view text{};", "};",
         "inline constexpr WindowFile window_files[] = {"]
for path in sorted(folder.glob("*.json")):
    text = path.read_text("utf-8")
    if json.loads(text)["name"] != path.stem:
        sys.exit(f"{path}: its name must be {path.stem}")
    lines.append(f'    {{"{path.name}", R"json({text})json"}},')
lines += ["};", "", "}  // namespace carillon::channels", ""]
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text("\n".join(lines), "utf-8")
