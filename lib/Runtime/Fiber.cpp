// The switch, in assembly, and the stacks.
#include "Runtime/Fiber.h"

#include <cstdint>
#include <sys/mman.h>

using namespace rondo;

extern "C" {
/// Saves the registers that a call preserves on the stack and its top in *from, and takes up the
/// stack at `to`.
void rondoSwitchFiber(void **from, void *to);
/// Where a new fiber begins: with the body and its argument in two of these registers.
void rondoStartFiber();
}

#if defined(__x86_64__)
__asm__(".pushsection .text.rondoSwitchFiber,\"ax\",@progbits\n"
        ".hidden rondoSwitchFiber\n.globl rondoSwitchFiber\n.type rondoSwitchFiber,@function\n"
        "rondoSwitchFiber:\n"
        "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
        "  ret\n"
        ".hidden rondoStartFiber\n.globl rondoStartFiber\n.type rondoStartFiber,@function\n"
        "rondoStartFiber:\n"
        "  movq %r13, %rdi\n"
        "  callq *%r12\n"
        "  ud2\n"
        ".popsection\n");
/// Saved: r15, r14, r13, r12, rbx, rbp, and where to return to. Two more, so that the start finds
/// its stack aligned and a debugger no caller.
static constexpr size_t savedWords = 9, argumentWord = 2, bodyWord = 3, returnWord = 6;
#elif defined(__aarch64__)
__asm__(".pushsection .text.rondoSwitchFiber,\"ax\",@progbits\n"
        ".hidden rondoSwitchFiber\n.globl rondoSwitchFiber\n.type rondoSwitchFiber,@function\n"
        "rondoSwitchFiber:\n"
        "  sub sp, sp, #160\n"
        "  stp x19, x20, [sp]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n"
        "  stp d12, d13, [sp, #128]\n  stp d14, d15, [sp, #144]\n"
        "  mov x9, sp\n  str x9, [x0]\n"
        "  mov sp, x1\n"
        "  ldp x19, x20, [sp]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n"
        "  ldp d12, d13, [sp, #128]\n  ldp d14, d15, [sp, #144]\n"
        "  add sp, sp, #160\n"
        "  ret\n"
        ".hidden rondoStartFiber\n.globl rondoStartFiber\n.type rondoStartFiber,@function\n"
        "rondoStartFiber:\n"
        "  mov x0, x20\n"
        "  blr x19\n"
        "  brk #1\n"
        ".popsection\n");
/// Saved: x19 to x30, d8 to d15.
static constexpr size_t savedWords = 20, bodyWord = 0, argumentWord = 1, returnWord = 11;
#else
#error "no switch of fibers for this processor"
#endif

/// More than a thread of any device has; only what is touched takes memory.
static constexpr size_t stackBytes = size_t(1) << 20;
/// Below each stack, so that one which grows too far stops the program, by whatever step.
static constexpr size_t guardBytes = stackBytes;

void Fibers::begin(Fiber &fiber) {
  auto **words = reinterpret_cast<void **>(fiber.high) - savedWords;
  for (size_t i = 0; i < savedWords; ++i)
    words[i] = nullptr;
  words[bodyWord] = reinterpret_cast<void *>(body);
  words[argumentWord] = argument;
  words[returnWord] = reinterpret_cast<void *>(rondoStartFiber);
  fiber.position = static_cast<void *>(words);
}

Fiber *Fibers::make() {
  void *memory = ::mmap(nullptr, guardBytes + stackBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return nullptr;
  auto fiber = std::make_unique<Fiber>();
  fiber->low = static_cast<char *>(memory) + guardBytes;
  // Stacks that begin at the same place of a page would all be in the same lines of the cache.
  size_t shift = all.size() % 16 * 256;
  fiber->high = fiber->low + stackBytes - shift;
  if (::mprotect(memory, guardBytes, PROT_NONE) != 0) {
    ::munmap(memory, guardBytes + stackBytes);
    return nullptr;
  }
  begin(*fiber);
  all.push_back(std::move(fiber));
  return all.back().get();
}

Fibers::~Fibers() {
  for (const auto &fiber : all)
    ::munmap(fiber->low - guardBytes, guardBytes + stackBytes);
}

Fiber *Fibers::take() {
  if (!idle)
    return make();
  Fiber *fiber = idle;
  idle = fiber->next;
  return fiber;
}

void Fibers::give(Fiber &fiber) {
  fiber.next = idle;
  idle = &fiber;
}

void Fibers::reset() {
  idle = nullptr;
  for (const auto &fiber : all) {
    begin(*fiber);
    give(*fiber);
  }
}

void Fibers::change(Fiber &from, Fiber &to) { rondoSwitchFiber(&from.position, to.position); }
