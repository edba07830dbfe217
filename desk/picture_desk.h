// The library of pictures at the screen: listed, uploaded, removed.
#pragma once

#include "desk/office.h"

namespace carillon::desk {

struct NewPicture {
    std::string file{};  // its name, as shown to people
    std::string_view bytes{};
};

// By name. `public_address` is where mails find pictures; null while public.url is not set.
Answer list_pictures(Office& office, const Caller& caller, const PageQuery& query);
// The picture as stored; the one that was there when the bytes are known. Errors: those of
// campaigns::add_picture.
Answer add_picture(Office& office, const Caller& caller, const NewPicture& picture);
// Errors: picture.unknown, picture.in_use.
Answer remove_picture(Office& office, const Caller& caller, const std::string& id);

}  // namespace carillon::desk
