// The base of the syntax tree: nodes, identifiers, and the context that owns them.
//
// Nodes are plain, immutable after the parser made them, trivially destructible and allocated in
// the context's arena; what semantic analysis learns about a node lives in its own tables, keyed by
// the node's address. Ranges are half open and point into a buffer of the llvm::SourceMgr.
#ifndef RONDO_FRONTEND_ASTNODE_H
#define RONDO_FRONTEND_ASTNODE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Allocator.h"
#include "llvm/Support/Casting.h"
#include "llvm/Support/SMLoc.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace rondo::ast {

enum class NodeKind {
  // Types.
  ArrayType,
  IndexType,
  RecordType,
  LikeType,
  FirstType = ArrayType,
  LastType = LikeType,
  // Expressions.
  IntExpr,
  FloatExpr,
  BoolExpr,
  StringExpr,
  NameExpr,
  FieldExpr,
  UnaryExpr,
  BinaryExpr,
  CallExpr,
  GenericExpr,
  IndexExpr,
  SliceExpr,
  EllipsisExpr,
  ListExpr,
  ComprehensionExpr,
  TupleExpr,
  RecordExpr,
  IfExpr,
  LambdaExpr,
  UnrollExpr,
  RepeatExpr,
  WithExpr,
  WhereExpr,
  FirstExpr = IntExpr,
  LastExpr = WhereExpr,
  // Statements.
  StateStmt,
  ParamStmt,
  LetStmt,
  AssignStmt,
  LayerStmt,
  ExprStmt,
  DeclStmt,
  FirstStmt = StateStmt,
  LastStmt = DeclStmt,
  // Declarations.
  ImportDecl,
  CallableDecl,
  TrainDecl,
  FirstDecl = ImportDecl,
  LastDecl = TrainDecl,
};

/// The spelling of a kind in dumps, for example "BinaryExpr".
llvm::StringRef kindName(NodeKind kind);

struct Node {
  NodeKind kind;
  llvm::SMRange range;
  /// The number of nodes on the longest path down from here. The parser refuses trees that are
  /// higher than `Parser::maxHeight`, so that whoever walks a tree may recurse.
  unsigned height = 1;

  llvm::SMLoc getLoc() const { return range.Start; }

protected:
  Node(NodeKind kind, llvm::SMRange range) : kind(kind), range(range) {}
  /// Called by constructors for every child: keeps `height` right.
  void raise(const Node *child) {
    if (child)
      height = std::max(height, child->height + 1);
  }
};

/// A written name with its own place. Empty where an optional name is absent.
struct Identifier {
  llvm::StringRef name;
  llvm::SMRange range;

  explicit operator bool() const { return !name.empty(); }
};

struct TypeExpr : Node {
  using Node::Node;
  static bool classof(const Node *node) {
    return node->kind >= NodeKind::FirstType && node->kind <= NodeKind::LastType;
  }
};

struct Expr : Node {
  using Node::Node;
  static bool classof(const Node *node) {
    return node->kind >= NodeKind::FirstExpr && node->kind <= NodeKind::LastExpr;
  }
};

struct Stmt : Node {
  using Node::Node;
  static bool classof(const Node *node) {
    return node->kind >= NodeKind::FirstStmt && node->kind <= NodeKind::LastStmt;
  }
};

struct Decl : Node {
  using Node::Node;
  static bool classof(const Node *node) {
    return node->kind >= NodeKind::FirstDecl && node->kind <= NodeKind::LastDecl;
  }
};

/// Gives a node class its kind and its classof.
template <typename Base, NodeKind K> struct NodeOf : Base {
  static constexpr NodeKind Kind = K;
  static bool classof(const Node *node) { return node->kind == K; }

protected:
  explicit NodeOf(llvm::SMRange range) : Base(K, range) {}
};

/// Owns every node, array and string of the trees made with it. It must outlive them.
class ASTContext {
public:
  ASTContext() = default;
  ASTContext(const ASTContext &) = delete;
  ASTContext &operator=(const ASTContext &) = delete;

  template <typename T, typename... Args> T *create(Args &&...args) {
    static_assert(std::is_trivially_destructible_v<T>, "the arena runs no destructors");
    return new (allocator.Allocate<T>()) T(std::forward<Args>(args)...);
  }
  template <typename T> llvm::ArrayRef<T> copy(llvm::ArrayRef<T> items) {
    static_assert(std::is_trivially_copyable_v<T>, "the arena copies bytes");
    if (items.empty())
      return {};
    T *memory = allocator.Allocate<T>(items.size());
    std::uninitialized_copy(items.begin(), items.end(), memory);
    return {memory, items.size()};
  }
  llvm::StringRef copy(llvm::StringRef text) { return text.copy(allocator); }

private:
  llvm::BumpPtrAllocator allocator;
};

} // namespace rondo::ast

#endif // RONDO_FRONTEND_ASTNODE_H
