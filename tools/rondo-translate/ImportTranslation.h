// The whole front end as a translation.
#ifndef RONDO_TOOLS_IMPORTTRANSLATION_H
#define RONDO_TOOLS_IMPORTTRANSLATION_H

namespace rondo {

/// Registers --import-rondo.
void registerImportTranslation();

} // namespace rondo

#endif // RONDO_TOOLS_IMPORTTRANSLATION_H
