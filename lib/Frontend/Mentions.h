// Whether a piece of syntax uses a name.
#ifndef RONDO_FRONTEND_MENTIONS_H
#define RONDO_FRONTEND_MENTIONS_H

#include "Frontend/AST.h"

namespace rondo::ast {

/// True if the name stands anywhere in the body, whatever it would mean there.
bool mentions(const Body &body, llvm::StringRef name);

} // namespace rondo::ast

#endif // RONDO_FRONTEND_MENTIONS_H
