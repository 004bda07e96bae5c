// The target description as an attribute of the module.
#include "Machine/TargetDescription.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using rondo::TargetDescription;

namespace {
struct Field {
  StringRef name;
  int64_t TargetDescription::*member;
};
/// What a target has or has not: a unit attribute where it has it.
struct Feature {
  StringRef name;
  bool TargetDescription::*member;
};
} // namespace

static const Feature features[] = {{"masks", &TargetDescription::masks},
                                   {"rounds", &TargetDescription::rounds},
                                   {"scales", &TargetDescription::scales}};

static const Field fields[] = {{"vector_bits", &TargetDescription::vectorBits},
                               {"vector_registers", &TargetDescription::vectorRegisters},
                               {"l1_bytes", &TargetDescription::l1Bytes},
                               {"l2_bytes", &TargetDescription::l2Bytes},
                               {"l3_bytes", &TargetDescription::l3Bytes},
                               {"cores", &TargetDescription::cores},
                               {"threads_per_block", &TargetDescription::threadsPerBlock},
                               {"shared_bytes", &TargetDescription::sharedBytes},
                               {"products", &TargetDescription::products},
                               {"element_scale", &TargetDescription::elementScale}};

/// Fields that few targets have, and what the others have there.
static bool isUsual(const Field &field, int64_t value) {
  if (field.member == &TargetDescription::elementScale)
    return value == 1;
  bool isOfDevice = field.member == &TargetDescription::threadsPerBlock ||
                    field.member == &TargetDescription::sharedBytes ||
                    field.member == &TargetDescription::products;
  return isOfDevice && value == 0;
}

TargetDescription TargetDescription::forVectorBits(int64_t bits) {
  TargetDescription description;
  description.vectorBits = bits;
  description.vectorRegisters = bits >= 512 ? 32 : 16;
  description.masks = description.rounds = bits >= 256; // AVX2
  description.scales = bits >= 512;                     // AVX-512
  return description;
}

TargetDescription TargetDescription::forCuda() {
  TargetDescription description;
  description.vectorBits = 32;
  description.vectorRegisters = 255;
  description.masks = false;       // a thread has no vectors
  description.l1Bytes = 128 << 10; // of a multiprocessor; with the shared memory
  description.l2Bytes = 40 << 20;  // of the device: an A100's
  description.l3Bytes = 0;
  description.cores = 108; // multiprocessors
  description.threadsPerBlock = 256;
  description.sharedBytes = 32 << 10; // of 48 KiB, what tiles of products take apart
  return description;
}

TargetDescription TargetDescription::of(Operation *op) {
  TargetDescription description;
  DictionaryAttr dictionary;
  for (; op && !dictionary; op = op->getParentOp())
    dictionary = op->getAttrOfType<DictionaryAttr>(names::target);
  for (const Field &field : fields)
    if (auto value = dictionary ? dictionary.getAs<IntegerAttr>(field.name) : IntegerAttr())
      description.*field.member = value.getInt();
  for (const Feature &feature : features)
    if (dictionary)
      description.*feature.member = dictionary.contains(feature.name);
  return description;
}

DictionaryAttr TargetDescription::attribute(MLIRContext *context) const {
  Builder builder(context);
  SmallVector<NamedAttribute> entries;
  for (const Field &field : fields)
    if (!isUsual(field, this->*field.member))
      entries.push_back(
          builder.getNamedAttr(field.name, builder.getI64IntegerAttr(this->*field.member)));
  for (const Feature &feature : features)
    if (this->*feature.member)
      entries.push_back(builder.getNamedAttr(feature.name, builder.getUnitAttr()));
  return builder.getDictionaryAttr(entries);
}
