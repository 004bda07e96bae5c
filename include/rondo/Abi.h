// The whole interface between generated code and the runtime: one constant descriptor,
// `rondo_program`, that the compiler emits and that the produced program (or the JIT) reads.
//
// Plain C data with static lifetime, so that the compiler can emit it as an initialised constant.
// All arrays are dense and row-major, over padded extents; elements are those of the IR: f32, f64,
// i32 (indices), i64, and one byte for i1.
#ifndef RONDO_ABI_H
#define RONDO_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RONDO_ABI_VERSION = 8 };

enum RondoElement { RONDO_F32 = 0, RONDO_F64 = 1, RONDO_I1 = 2, RONDO_I32 = 3, RONDO_I64 = 4 };

/* How a symbol (a run-time dim) varies: the number of examples; one length per example; one value
   for the whole call. The runtime divides a dim into segments: the size of one, at least 1, and how
   many there are, ceil(dim / size). */
enum RondoSymbolKind {
  RONDO_BATCH = 0,
  RONDO_RAGGED = 1,
  RONDO_UNIFORM = 2,
  RONDO_SEGMENT = 3,
  RONDO_SEGMENTS = 4
};

/* A dim: constant + sum of coefficient * term, where a term is a symbol's value or, when divisor is
   not 0, floor(inner / divisor). */
struct RondoDimTerm;
typedef struct RondoDim {
  int64_t constant;
  int64_t num_terms;
  const struct RondoDimTerm *terms;
} RondoDim;
typedef struct RondoDimTerm {
  int64_t coefficient;
  int64_t symbol;
  int64_t divisor;
  RondoDim inner;
} RondoDimTerm;

typedef struct RondoSymbol {
  const char *name;
  int32_t kind;
  int32_t has_default; /* a uniform symbol that may be left out (`n: int = 20`) */
  int64_t default_value;
  RondoDim of; /* segment: what is divided; segments: the segment */
} RondoSymbol;

enum RondoRole {
  RONDO_PARAMETER = 0, /* a parameter's array; as a result: its new value */
  RONDO_INPUT = 1,     /* data, a leading batch dim first */
  RONDO_STATE = 2,     /* state of the training (optimizer); as a result: its new value. Static
                          dims; starts with every element at default_value, 0 without a default */
  RONDO_GRADIENT = 3,  /* d loss / d parameter of the same name */
  RONDO_SETTING = 4,   /* a scalar of the update that a flag may change, such as lr */
  RONDO_SEED = 5,      /* scalar i64 */
  RONDO_STEP = 6,      /* scalar i64: the training step, from 0 */
  RONDO_ORDINAL = 7,   /* i64[B]: each example's ordinal in the data */
  RONDO_RESULT = 8,    /* a result of an entry point, a leading batch dim first */
  RONDO_LOSS = 9       /* scalar: the batch's loss */
};

/* One argument or result. `name` is a path for parameters, gradients and states. A batched value's
   first dim is the batch symbol itself; a scalar per example has dims [B]. Arguments are never
   written to, and no result shares storage with an argument or with another result. */
typedef struct RondoValue {
  int32_t role;
  int32_t element;
  const char *name;
  int64_t rank;
  const RondoDim *dims;
  int32_t is_index;    /* an input whose values must lie in [0, index_bound) */
  int32_t has_default; /* a scalar that may be left out, or a state's initial value */
  RondoDim index_bound;
  double default_value;
  const RondoDim *storage; /* what storage has room for along each dim: no less than the dim in any
                              example, of which T - S may have more than padded T and S say */
} RondoValue;

/* Why a call stopped: the number of a check (index into RondoEntry.checks, -1 for none) and the row
   of the example that failed it. */
typedef struct RondoFailure {
  int64_t check;
  int64_t row;
} RondoFailure;

/* The workers of one call, and what its barriers share. `arrived` counts those that wait, `phase`
   the barriers so far, `sleepers` those that have called `wait`, which returns once the phase is
   another one than it is given; `wake` ends all such sleep. Aligned to 64 bytes; what is written at
   every barrier has lines of its own. */
typedef struct RondoTeam {
  int64_t size; /* at least 1 */
  void (*wait)(struct RondoTeam *team, uint32_t phase);
  void (*wake)(struct RondoTeam *team);
  char padding0[40];
  uint32_t arrived;
  char padding1[60];
  uint32_t phase;
  uint32_t sleepers;
  char padding2[56];
} RondoTeam;

/* What the host's code of an entry for a device asks of the runtime: to start kernel `kernel` of
   the program (RondoDeviceCode.kernels) after all that were started before, on the call as it is on
   the device and with these numbers. Nothing is waited for. */
typedef struct RondoDevice {
  void (*launch)(struct RondoDevice *device, int64_t kernel, const int64_t *numbers, int64_t count);
} RondoDevice;

/* One call of an entry. Fields are only ever added at the end. For a device there are two of them:
   one on the host, whose `dims` and `lengths` the host's code reads, and one on the device, with
   the device's addresses throughout; its `team` is all zeros before the first kernel. */
typedef struct RondoCall {
  void *arena;
  void *const *arguments; /* in the descriptor's order, each 64-byte aligned; results too */
  void *const *results;
  const int64_t *dims;           /* each symbol's value: rows, padded length, or value */
  const int64_t *const *lengths; /* lengths[s] is an i64[B] for a ragged symbol s, null for others;
                                    rows come sorted by falling length of the entry's `sorted_by` */
  RondoFailure *failure;         /* its check is -1 before the call */
  RondoTeam *team;
  void *cache; /* the entry's cache_bytes, 64-byte aligned, kept from call to call: what it
                  computes of the parameters alone */
  int64_t is_cache_valid; /* 0: the parameters may differ from those of the call before, so the code
                             fills the cache first */
  RondoDevice *device;    /* on the host, for device_code; else null */
} RondoCall;

/* The code of an entry, which all workers of the call's team run at once, each with its number from
   0; it is done when all have returned. */
typedef void (*RondoCode)(const RondoCall *call, int64_t worker);
/* Bytes of arena that a call with these dims needs (64-byte aligned). */
typedef int64_t (*RondoArena)(const int64_t *dims);

/* What a call needs of its lengths: that `least` is not negative in any example, but for examples
   where each of the uses (if there are any) has a dim that is 0 or less: what is not there is then
   needed by no element of a result. The runtime refuses other calls before anything is read. */
typedef struct RondoUse {
  int64_t num_dims;
  const RondoDim *dims;
} RondoUse;
typedef struct RondoNeed {
  RondoDim least;
  const char *message;
  const char *place; /* "file:line:column"; "": not known */
  int64_t num_uses;
  const RondoUse *uses;
} RondoNeed;

typedef struct RondoEntry {
  const char *name;
  int64_t num_symbols;
  const RondoSymbol *symbols;
  int64_t sorted_by; /* the ragged symbol that rows are sorted by, or -1 */
  int64_t num_arguments;
  const RondoValue *arguments;
  int64_t num_results;
  const RondoValue *results;
  int64_t num_checks;
  const char *const *checks; /* messages */
  RondoCode code;            /* in the program's precision */
  RondoArena arena;
  RondoCode code_f64; /* the double-precision twin, or null: f32 arguments and results become f64 */
  RondoArena arena_f64;
  const char *flops; /* operations of one call, a polynomial in the symbols; null: not known */
  const char *work;  /* operations of one call as compiled, and barriers, as polynomials;
                        null: for one worker */
  const char *barriers;
  double flops_per_token; /* of one example, all dims 128: its operations / 128; 0: not known */
  int64_t cache_bytes;    /* of RondoCall.cache, for code and code_f64 */
  int64_t cache_bytes_f64;
  int64_t segment_bytes; /* where segments cost nothing (nothing is computed again): the bytes of
                            one that stay in a cache; 0: as few segments as the memory admits */
  RondoCode device_code; /* runs on the host as worker 0 and starts kernels; null: not compiled for
                            a device. `code` is null where the program is for a device only */
  RondoArena device_arena; /* bytes on the device */
  RondoCode device_code_f64;
  RondoArena device_arena_f64;
  int64_t device_cache_bytes, device_cache_bytes_f64;
  int64_t num_needs;
  const RondoNeed *needs;
  const char *gradient_of; /* the entry whose mean over the batch this differentiates, or null */
  const char *check_of;    /* the entry that this computes from parameters that are given twice, as
                              differences see it, or null */
} RondoEntry;

/* `kind` is an initialiser's name: "constant" (value), "normal" (stddev), "uniform" (low, high),
   "glorot" and "he" (optional fan_in, fan_out), "orthogonal" (gain). Matrices are the last two
   dims, leading dims are copies. */
typedef struct RondoParameter {
  const char *path;
  int32_t element;
  int64_t rank;
  const int64_t *sizes;
  const char *initialiser;
  int64_t num_initialiser_arguments;
  const double *initialiser_arguments;
} RondoParameter;

typedef struct RondoOption {
  const char *key;
  const char *text; /* null when the value is a number */
  double number;
} RondoOption;

/* `train` of the source: loss entry, its gradient entry and the update entry by name. */
typedef struct RondoTrain {
  const char *loss;
  const char *gradient;
  const char *update;
  const char *source; /* "text", "csv", "npz" */
  int64_t num_source_options;
  const RondoOption *source_options;
  int64_t batch;
  int64_t steps;
} RondoTrain;

/* A part of an entry's code that a program compiled with --profile times: a group or a loop, by the
   line of the model. Parts within loops name the loop as their parent. */
typedef struct RondoPart {
  const char *entry;
  const char *file;
  int64_t line, column; /* from 1; 0: not known */
  const char *what;     /* "product bk,kn->bn + 3" */
  int64_t parent;       /* index, or -1 */
  const char *flops; /* operations in one call of the entry, a polynomial in its symbols; "": 0 */
} RondoPart;

typedef struct RondoProfile {
  int64_t num_parts;
  const RondoPart *parts;
  int64_t *times; /* ticks of the time stamp counter, then calls, of each part */
} RondoProfile;

/* A place in the model: where code that is at fault comes from. */
typedef struct RondoSource {
  const char *file;
  int64_t line, column; /* from 1; 0: not known */
} RondoSource;

/* One thread of an emulated kernel. A block has a multiple of 32 threads, its warps. */
typedef struct RondoThread {
  int64_t thread, threads; /* its number in its block; threads of a block */
  int64_t block, blocks;
  void *shared;         /* of the block: shared_bytes of the kernel, then the rest */
  int64_t shared_bytes; /* of all of it */
  const struct RondoEmulator *emulator;
} RondoThread;

/* What the threads of emulated kernels ask of the emulator, which stops the program with a message
   that names the source where an access or a barrier is wrong. See dialects/Device. */
typedef struct RondoEmulator {
  void (*barrier)(RondoThread *, const RondoSource *);
  void (*grid_barrier)(RondoThread *, const RondoSource *);
  /* The value of the thread of the warp whose number differs by `mask`. */
  uint64_t (*shuffle)(RondoThread *, uint64_t value, int64_t mask, const RondoSource *);
  /* Before every load and store of a kernel. */
  void (*access)(RondoThread *, const void *address, int64_t bytes, int64_t is_write,
                 const RondoSource *);
  /* `from` null: zeros. */
  void (*copy_async)(RondoThread *, void *to, const void *from, int64_t bytes, const RondoSource *);
  void (*commit)(RondoThread *);
  void (*wait)(RondoThread *, int64_t pending);
  /* Fragments as in device.mma: a[4], b[2], c[4], which becomes d. */
  void (*mma)(RondoThread *, int64_t kind, const uint32_t *a, const uint32_t *b, float *c,
              const RondoSource *);
} RondoEmulator;

enum RondoMma { RONDO_TF32 = 0, RONDO_BF16 = 1 };

typedef void (*RondoEmulatedKernel)(RondoThread *thread, const RondoCall *call,
                                    const int64_t *numbers);

typedef struct RondoKernel {
  const char *name;     /* also in the PTX; its arguments are the call's address and the numbers */
  int64_t threads;      /* of a block */
  int64_t shared_bytes; /* of a block. All of it is dynamic, so that the launch gives the number;
                           beyond 48 KiB the driver wants it allowed first */
  int32_t takes_rest; /* more shared memory is of use: all that a block may have; its bytes are then
                         known to the kernel */
  int32_t is_cooperative; /* all blocks run at once: a barrier of the grid */
  int64_t num_numbers;
  RondoEmulatedKernel emulated; /* null: in the PTX only */
} RondoKernel;

/* Machine code for one compute capability, 10 * major + minor. */
typedef struct RondoCubin {
  int64_t capability;
  const void *data;
  int64_t size;
} RondoCubin;

typedef struct RondoDeviceCode {
  int64_t num_kernels;
  const RondoKernel *kernels;
  int64_t capability; /* the least that the PTX needs, 10 * major + minor */
  const char *ptx;    /* null: the kernels are emulated */
  int64_t num_cubins;
  const RondoCubin *cubins;
} RondoDeviceCode;

typedef struct RondoProgram {
  int64_t abi_version;
  const char *model;
  const char *version; /* of the compiler */
  int32_t element;     /* RONDO_F32 or RONDO_F64: the program's precision */
  int64_t num_configuration;
  const RondoOption *configuration; /* -D values: width, layers */
  int64_t num_parameters;
  const RondoParameter *parameters;
  int64_t num_entries;
  const RondoEntry *entries;
  const RondoTrain *train; /* null when the file has no train block */
  const char *features;    /* processor features the code needs, LLVM's names separated by spaces
                              ("avx2 fma"); null for the architecture's baseline */
  const RondoProfile *profile; /* null unless compiled with --profile */
  int64_t memory_budget; /* bytes that a gradient may take, by default; -1: any number; 0: compiled
                            without segments to keep to a budget with */
  const RondoDeviceCode *device; /* null: for the CPU only */
} RondoProgram;

extern const RondoProgram rondo_program;

#ifdef __cplusplus
}
#endif

#endif /* RONDO_ABI_H */
