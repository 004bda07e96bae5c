// The elaborator: walks the syntax tree of a model with symbolic dims, checks every rule and makes
// the core program. Its parts stand in Elaborate*.cpp; this header is theirs alone.
#ifndef RONDO_FRONTEND_ELABORATOR_H
#define RONDO_FRONTEND_ELABORATOR_H

#include "Frontend/CoreBuilder.h"
#include "Frontend/Sema.h"
#include "Frontend/Value.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <set>

namespace rondo {

/// An argument of a call after evaluation.
struct CallArgument {
  ast::Identifier name; ///< Empty when positional.
  Value value;
  llvm::SMRange range;
};

/// A loop that is being elaborated. Slices and stacks are added while its body is.
struct Frame {
  core::Node *scan = nullptr; ///< Null in a stream's region.
  core::Block *outer = nullptr, *body = nullptr;
  std::optional<RepeatKey> key; ///< Of a repeat.
  Polynomial dim{0};
  core::Node *position = nullptr;
  std::vector<core::Node *> starts, carryArguments, carryNext;
  std::vector<core::Node *> slices, sliceArguments;
  std::vector<core::Node *> stacks; ///< Inner values.
  std::map<core::Node *, core::Node *> sliced;
  core::Node *cut = nullptr; ///< Whether a step cuts the gradient.
};

/// Who keeps the states of the cells that are called: an unroll, `step`, or the optimizer.
struct StateHost {
  size_t level = 0; ///< The number of frames around the step.
  /// Makes the state before the step available at the host's level; `type` has the dims of the
  /// loops inside of the step in front.
  std::function<core::Node *(StateVariable &, const core::Type &type,
                             llvm::function_ref<Value()> initial)>
      add;
  std::deque<StateVariable> variables;
};

/// Where the statement that is elaborated stands.
struct BodyContext {
  const ast::CallableDecl *decl = nullptr;
  Instance *instance = nullptr; ///< Null where parameters cannot be made.
  CellStates *states = nullptr; ///< Null where there is no state.
  std::string statePath;
  size_t frameBase = 0;  ///< The frames that were there when the body was entered.
  std::string site;      ///< The chain of calls, for draws.
  bool isNested = false; ///< In a repeat's body, where no state is declared or assigned.
  bool underIf = false;  ///< In a branch, where no cell is called.
};

class Elaborator {
public:
  Elaborator(const Modules &modules, Diagnostics &diagnostics);
  std::unique_ptr<core::Program> run();

private:
  //===--- Errors (ElaborateDecl.cpp) ---===//
  /// The errors of a definition that was already checked on its own, and had some, are not
  /// reported again where it is used; those of a trial are not reported at all.
  Diagnostic &error(llvm::SMRange range, const llvm::Twine &text);
  Value poison(llvm::SMRange range, const llvm::Twine &text);
  Value notSupported(llvm::SMRange range, const llvm::Twine &what);
  /// Adds notes that say where the atoms of the dims come from.
  void noteOrigins(Diagnostic &diagnostic, llvm::ArrayRef<Polynomial> dims);

  //===--- Modules and declarations (ElaborateDecl.cpp) ---===//
  Environment *declareModules();
  void declareModule(const ast::Module &module, Environment &scope);
  void checkAlone(const ast::CallableDecl &decl, Environment *scope);
  bool isCheckable(const ast::CallableDecl &decl) const;
  void elaborateModel(const ast::CallableDecl &decl, Environment *scope);
  bool isEntryPoint(const ast::CallableDecl &decl) const;
  /// Elaborates a definition with arguments of its own; an entry point stays in the program.
  void elaborateFunction(const ast::CallableDecl &decl, Environment *scope, Instance *instance,
                         bool isEntry);
  Value declareArgument(const ast::TypeExpr *type, const std::string &name, llvm::SMRange range,
                        Environment &scope, bool isEntry, const core::Node *defaultValue);
  void declareFreeDims(const ast::TypeExpr *type, Environment &scope, bool isEntry);
  void addResults(const Value &value, const std::string &name, llvm::SMRange range);
  core::Function &beginFunction(llvm::StringRef name, llvm::SMRange range);
  core::Node *addArgument(core::Role role, const llvm::Twine &name, const core::Type &type,
                          const core::Node *defaultValue = nullptr);
  void endFunction();
  /// The place of a body's value.
  static llvm::SMRange resultRange(const ast::Body &body);

  //===--- train (ElaborateTrain.cpp) ---===//
  void elaborateTrain(const ast::TrainDecl &train, Environment *scope);
  const core::Function *trainLoss(const ast::TrainClause &clause);
  void trainData(const ast::TrainClause &clause, core::TrainSpec &spec);
  core::Node *clipLimit(const ast::TrainDecl &train, ast::TrainClauseKind kind);
  void clipNorm(llvm::MutableArrayRef<core::Node *> gradients, core::Node *limit);
  std::vector<CallArgument> optimizerSettings(const Callable &optimizer, const ast::Expr &site);
  void elaborateUpdate(const ast::TrainDecl &train, const Callable &optimizer,
                       const ast::Expr &site, const core::Function &loss);

  //===--- Types and dims (ElaborateType.cpp) ---===//
  /// The int that a dim expression stands for.
  std::optional<Polynomial> evaluateDim(const ast::Expr *expr, Environment *scope,
                                        bool mayBeZero = false);
  std::optional<core::Type> evaluateType(const ast::TypeExpr *type, Environment *scope);
  std::optional<core::Element> elementOf(const ast::Identifier &name);
  /// Binds the free dim names of a declared type to an actual type's dims (plain names only).
  void bindFreeDims(const ast::TypeExpr *type, const Value &actual, Environment &scope);
  /// Converts a value to a declared type, or reports the difference.
  Value coerce(const Value &value, const core::Type &type, llvm::SMRange range,
               const llvm::Twine &what, llvm::SMRange declared);
  Value coerceTo(const Value &value, const ast::TypeExpr *type, Environment *scope,
                 llvm::SMRange range, const llvm::Twine &what);
  bool isFreeDim(const ast::Expr *expr, Environment &scope) const;
  /// False where its numbers are too large; other errors are only reported.
  bool checkDim(const Polynomial &dim, llvm::SMRange range);
  /// The rank that a declared parameter has, or none where it takes anything.
  static std::optional<size_t> declaredRank(const ast::TypeExpr *type);

  //===--- Statements (ElaborateBody.cpp) ---===//
  Value elaborateBody(const ast::Body &body, Environment &scope, bool needsResult = true);
  void elaborateStmt(const ast::Stmt *stmt, Environment &scope, std::optional<Value> &result);
  void bindPattern(const ast::Pattern &pattern, const Value &value, llvm::SMRange range,
                   Environment &scope);
  Binding *declareName(const ast::Identifier &name, Environment &scope);
  void elaborateParam(const ast::ParamStmt &stmt, Environment &scope);
  bool evaluateInitialiser(const ast::ParamStmt &stmt, Environment &scope,
                           core::Parameter &parameter);
  void elaborateState(const ast::StateStmt &stmt, Environment &scope);
  void elaborateAssign(const ast::AssignStmt &stmt, Environment &scope);
  void elaborateLayer(const ast::LayerStmt &stmt, Environment &scope);
  core::Node *readParameter(const ParameterSlot &slot);
  core::Node *readState(StateVariable &state, bool primed, llvm::SMRange range);
  /// The node of a number that the configuration tells, or null.
  core::Node *configuredNumber(const Value &value);

  //===--- Instances (ElaborateBody.cpp) ---===//
  /// The parameters of a use: a layer's own, a model's, or new ones at the site.
  Instance *childInstance(const Callable &callable, llvm::StringRef name, const void *site,
                          llvm::SMRange range);
  void repeatsHere(std::vector<RepeatKey> &repeats, std::vector<Polynomial> &dims) const;

  //===--- Expressions (ElaborateExpr.cpp, ElaborateOperator.cpp, ElaborateIndex.cpp) ---===//
  Value evaluate(const ast::Expr *expr, Environment &scope);
  static std::string similarName(llvm::StringRef name, const Environment &scope);
  Value evaluateName(const ast::NameExpr &expr, Environment &scope);
  Value evaluateField(const ast::FieldExpr &expr, Environment &scope);
  CellStates *declareStates(const Callable &layer, llvm::SMRange range);
  Value evaluateUnary(const ast::UnaryExpr &expr, Environment &scope);
  Value evaluateBinary(const ast::BinaryExpr &expr, Environment &scope);
  Value evaluateContract(const Value &lhs, const Value &rhs, const ast::BinaryExpr &expr);
  Value evaluateIndex(const ast::IndexExpr &expr, Environment &scope);
  /// One item of an index; null after an error. `axis` moves on.
  core::Node *evaluateSlice(core::Node *node, size_t &axis, const ast::SliceExpr &item,
                            Environment &scope);
  core::Node *evaluateItem(core::Node *node, size_t &axis, const ast::Expr *item,
                           Environment &scope);
  Value evaluateIf(const ast::IfExpr &expr, Environment &scope);
  Value evaluateComprehension(const ast::ComprehensionExpr &expr, Environment &scope);
  Value evaluateGeneric(const ast::GenericExpr &expr, Environment &scope);
  Value knownInt(const Polynomial &number, llvm::SMRange range);
  Value staticArithmetic(ast::BinaryOp op, const Polynomial &lhs, const Polynomial &rhs,
                         const ast::BinaryExpr &expr, bool &done);
  std::string placeOf(llvm::SMRange range) const;
  Value arithmetic(llvm::StringRef op, const Value &lhs, const Value &rhs, llvm::SMRange range,
                   bool toFloat);
  Value choose(const Value &condition, const Value &yes, const Value &no, llvm::SMRange range);
  /// The node of an array value, made here where it is an int that is only known.
  core::Node *nodeOf(const Value &value);
  core::Node *asFloat(core::Node *node);
  /// Brings two arrays to one element and, by repeating the shorter, to the same dims.
  bool unifyOperands(core::Node *&lhs, core::Node *&rhs, llvm::SMRange range, bool elements = true);
  bool needArray(const Value &value, llvm::SMRange range, const llvm::Twine &what);
  /// Adds an obligation, which holds in the branches that are taken alone.
  void oblige(core::Obligation obligation);
  /// The operand, and stops the program where the condition does not hold and the branches around
  /// it are taken.
  core::Node *check(core::Node *operand, core::Node *condition, llvm::StringRef message);
  /// The branches around what is elaborated whose conditions are there to be read, outermost first.
  std::vector<core::Branch> branchesHere() const;
  /// The operand, which needs `least` not to be negative, unless that is known.
  core::Node *require(core::Node *operand, core::Need::Kind kind, const Polynomial &least,
                      const llvm::Twine &message);

  //===--- Calls (ElaborateCall.cpp) ---===//
  Value evaluateCall(const ast::CallExpr &expr, Environment &scope);
  Value call(const Callable &callable, std::vector<CallArgument> arguments, const ast::Expr *site,
             llvm::SMRange range);
  Value callDecl(const Callable &callable, std::vector<CallArgument> arguments,
                 const ast::Expr *site, llvm::SMRange range);
  Value callMapped(const Callable &callable, std::vector<Value> values,
                   llvm::ArrayRef<llvm::SMRange> ranges, const ast::Expr *site,
                   llvm::SMRange range);
  Value callOnce(const Callable &callable, std::vector<Value> values,
                 llvm::ArrayRef<llvm::SMRange> ranges, const ast::Expr *site, llvm::SMRange range);
  Value enter(const Callable &callable, llvm::StringRef label, const ast::Expr *site,
              llvm::SMRange range, llvm::function_ref<Value()> inside);
  bool checkForm(const Value &value, const ast::ValueParam &param, const Callable &callable,
                 llvm::SMRange range);
  Value callStream(const Callable &callable, llvm::ArrayRef<CallArgument> arguments,
                   const ast::Expr *site, llvm::SMRange range);
  Value callLambda(const Callable &callable, llvm::ArrayRef<CallArgument> arguments,
                   llvm::SMRange range);

  //===--- Loops (ElaborateLoop.cpp, ElaborateTime.cpp) ---===//
  Frame &openFrame(const Polynomial &dim, bool reverse, std::optional<RepeatKey> key = {});
  core::Node *slice(Frame &frame, core::Node *node);
  core::Node *carry(Frame &frame, core::Node *start);
  /// Ends the innermost loop; the results are the carries, then the stacks.
  std::vector<core::Node *> closeFrame();
  void abandonFrame();
  /// Stacks a value in the innermost loop and closes it, `count` times.
  Value closeMaps(size_t count, Value value, llvm::SMRange range);
  Value mapLeaves(const Value &value, llvm::function_ref<core::Node *(core::Node *)> map);
  bool onlyArrays(const Value &value);
  StateVariable *addState(llvm::StringRef name, const core::Type &type, llvm::SMRange range,
                          llvm::function_ref<Value()> initial);
  /// Evaluates a state's start in front of the loop `frames[index]`, mapped over the loops inside.
  core::Node *evaluateOutside(size_t index, const StateVariable &variable, const core::Type &type,
                              llvm::function_ref<Value()> initial);
  Value evaluateUnroll(const ast::UnrollExpr &expr, Environment &scope);
  Value evaluateRepeat(const ast::RepeatExpr &expr, Environment &scope);

  /// What an unroll needs to know, evaluated.
  struct Unroll {
    llvm::SMRange range;
    std::vector<Value> inputs;
    Polynomial dim{0};
    bool reverse = false;
    std::optional<Value> from;
    llvm::SMRange fromRange;
    core::Node *reset = nullptr;
    std::optional<Polynomial> truncate;
  };
  core::Node *modifyCarry(Frame &frame, const Unroll &spec, core::Node *carried, core::Node *start);
  void checkFrom(const Value &from, const std::string &path, const StateHost &states,
                 llvm::SMRange range);
  Value coerceLike(const Value &value, const Value &like, llvm::SMRange range,
                   const llvm::Twine &what);
  /// Outputs and, as a record, the last state.
  std::pair<Value, Value> unroll(const Callable &callable, const Unroll &spec,
                                 const ast::Expr *site);
  std::pair<Value, Value> unrollLayers(const Callable &callable, const ast::RepeatExpr &repeat,
                                       const Unroll &spec, const ast::Expr *site);
  /// The repeat that is all of a cell's body, or null.
  static const ast::RepeatExpr *onlyRepeats(const Callable &callable);
  Value stateRecord(const CellStates &states,
                    llvm::function_ref<core::Node *(const StateVariable &)> get);
  /// The part of a state record that a dotted path names, or null.
  static const Value *findState(const Value &from, llvm::StringRef path);
  bool bindGenerics(const Callable &callable, llvm::ArrayRef<Value> values, Environment &scope,
                    llvm::SMRange range);

  //===--- Builtins (ElaborateBuiltin.cpp, ElaborateShape.cpp, ElaborateGrad.cpp) ---===//
public:
  static bool isBuiltin(llvm::StringRef name);
  struct BuiltinCall {
    llvm::StringRef name;
    std::vector<CallArgument> positional;
    std::map<std::string, CallArgument> named;
    llvm::SMRange range;
    const ast::CallExpr *expr; ///< Null where a builtin was passed as a function.
    Environment *scope;
    const ast::Expr *site;
  };

private:
  using Handler = Value (Elaborator::*)(BuiltinCall &);
  static const std::map<std::string, Handler> &handlers();
  Value callBuiltin(const Callable &callable, std::vector<CallArgument> arguments,
                    const ast::Expr *site, llvm::SMRange range, const ast::CallExpr *expr,
                    Environment *scope);
  bool expectArguments(BuiltinCall &call, size_t least, size_t most);
  core::Node *numberArgument(BuiltinCall &call, size_t i, bool toFloat);
  std::optional<int64_t> axisArgument(BuiltinCall &call, size_t rank, bool mayBePositional,
                                      bool &failed);
  std::optional<std::vector<Polynomial>> shapeArgument(const ast::Expr *expr, Environment *scope);
  Value builtinUnary(BuiltinCall &call);
  Value builtinReduce(BuiltinCall &call);
  Value builtinArgmax(BuiltinCall &call);
  Value builtinEinsum(BuiltinCall &call);
  Value builtinReshape(BuiltinCall &call);
  Value builtinTranspose(BuiltinCall &call);
  Value builtinConcat(BuiltinCall &call);
  Value builtinSelect(BuiltinCall &call);
  Value builtinClip(BuiltinCall &call);
  Value builtinDiv(BuiltinCall &call);
  Value builtinRange(BuiltinCall &call);
  Value builtinRandom(BuiltinCall &call);
  Value builtinFull(BuiltinCall &call);
  Value builtinConvert(BuiltinCall &call);
  Value builtinCheck(BuiltinCall &call);
  Value builtinGrad(BuiltinCall &call);
  Value builtinStream(BuiltinCall &call);
  Value builtinInit(BuiltinCall &call);
  Value initialState(const Callable &cell);
  Value builtinStep(BuiltinCall &call);

  //===--- State ---===//
  const Modules &modules;
  Diagnostics &diagnostics;
  std::unique_ptr<core::Program> program;
  core::Builder builder;

  std::deque<Environment> environments;
  Environment *createEnvironment(Environment *parent) {
    Environment &scope = environments.emplace_back();
    scope.parent = parent;
    return &scope;
  }

  std::vector<std::unique_ptr<Frame>> frames;
  StateHost *host = nullptr;
  bool hostRoot = false; ///< The next cell that is entered is the host's own.
  BodyContext context;
  std::vector<core::Branch> branches; ///< The branches of `if` around it, over all calls.
  unsigned depth = 0;                 ///< Of calls.
  unsigned nesting = 0;               ///< Of expressions, over all calls.
  unsigned numCalls = 0;              ///< In the whole program.
  llvm::SMRange outermost;
  /// The calls around what is elaborated, outermost first.
  struct Use {
    llvm::SMRange range;
    std::string callee;
  };
  std::vector<Use> uses;

  /// The function that is elaborated, and the arguments that were made for it on demand.
  core::Function *function = nullptr;
  std::map<const core::Parameter *, core::Node *> parameterNodes;
  core::Node *seed = nullptr, *step = nullptr, *ordinal = nullptr;

  /// Definitions whose own check found errors: uses say nothing more.
  llvm::DenseSet<const ast::CallableDecl *> broken;
  unsigned silenced = 0;
  bool aborted = false; ///< A check alone met what only a use can tell.
  std::vector<std::unique_ptr<Instance>> throwaway;
  std::unique_ptr<Instance> modelInstance;
  Environment *modelScope = nullptr;
  const ast::CallableDecl *model = nullptr;
  std::map<std::string, const Instance *> parameterOwners;         ///< By path.
  std::set<std::pair<const Instance *, const Instance *>> clashes; ///< That were reported.
  std::map<std::pair<const void *, std::string>, std::map<const void *, unsigned>> siteNumbers;
  std::deque<Diagnostic> suppressed, *trial = nullptr;
  std::string siteNumber(llvm::StringRef name, const void *site);
};

} // namespace rondo

#endif // RONDO_FRONTEND_ELABORATOR_H
