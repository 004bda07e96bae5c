// The parser: recursive descent over the token array, one method per rule of GRAMMAR.md. Private to
// the Parser*.cpp files, each of which has one subject.
//
// A method that returns a pointer returns null after it has reported an error; its callers pass the
// null on without a word, up to the statement or clause, which skips to where the next one starts.
#ifndef RONDO_FRONTEND_PARSERIMPL_H
#define RONDO_FRONTEND_PARSERIMPL_H

#include "Frontend/Lexer.h"
#include "Frontend/Parser.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/ScopedHashTable.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/SaveAndRestore.h"

#include <optional>

namespace rondo {

class Parser {
public:
  /// How deep brackets, prefixes and bodies nest in one another.
  static constexpr unsigned maxDepth = 256;
  /// How high a tree grows; a chain of operators grows it by one each.
  static constexpr unsigned maxHeight = 1000;

  Parser(ast::ASTContext &context, Diagnostics &diagnostics, unsigned bufferId,
         const ParseOptions &options);
  llvm::ArrayRef<ast::Decl *> parseDecls();

private:
  //===--- Parser.cpp: tokens, errors, recovery, names --------------------===//

  const Token &peek(size_t ahead = 0) const {
    return tokens[std::min(position + ahead, tokens.size() - 1)];
  }
  bool at(TokenKind kind) const { return peek().is(kind); }
  /// At a name with this spelling: a word that means something here only.
  bool atWord(llvm::StringRef word) const {
    return at(TokenKind::identifier) && peek().text == word;
  }
  /// The token belongs to what stands before it: no newline that counts is between.
  bool continues() const { return !newlinesCount || !peek().startsLine; }
  const Token &take() {
    const Token &token = peek();
    if (position + 1 < tokens.size())
      ++position;
    return token;
  }
  bool takeIf(TokenKind kind) { return at(kind) && (take(), true); }
  /// From a start to the end of the last taken token.
  llvm::SMRange from(llvm::SMLoc start) const {
    return {start, position ? tokens[position - 1].getEndLoc() : start};
  }

  /// "expected WHAT, found TOKEN" at the token; silent on a token the lexer has complained about.
  Diagnostic *expected(const llvm::Twine &what);
  /// Takes a token of this kind or reports, where `context` is such as "after the condition".
  bool expect(TokenKind kind, llvm::StringRef context);
  std::optional<ast::Identifier> expectName(const llvm::Twine &what);
  /// Takes the closing bracket, or reports it and points at the opening one.
  bool close(TokenKind kind, const Token &open);
  /// Takes the `>` of generic arguments, which may be the first half of `>=`.
  bool closeAngle(const Token &open);

  void skipStatement(size_t start);
  /// Parses items up to the `}` that belongs to `open`, skipping those that fail. Where a fn cannot
  /// stand inside, it says that the `}` is missing.
  bool parseBraces(const Token &open, llvm::function_ref<bool()> item, bool fnInside = true);
  void skipDecl(size_t start);
  /// Reports a second name of the same spelling among `names`.
  void checkDistinct(llvm::ArrayRef<ast::Identifier> names, llvm::StringRef what);

  template <typename T, typename... Args> T *make(Args &&...args) {
    return checkHeight(context.create<T>(std::forward<Args>(args)...));
  }
  template <typename T> T *checkHeight(T *node) {
    return node->height <= maxHeight ? node : (tooHigh(node), nullptr);
  }
  void tooHigh(const ast::Node *node);
  /// Stores what was parsed; false when it is null.
  template <typename T, typename U> static bool set(T *&slot, U *node) {
    slot = node;
    return node != nullptr;
  }
  /// Counts one level of nesting while it lives.
  struct Nested {
    explicit Nested(Parser &parser) : parser(parser) { ++parser.depth; }
    ~Nested() { --parser.depth; }
    Parser &parser;
  };
  /// Reports and returns true when brackets nest beyond maxDepth.
  bool tooDeep();

  using NameTable = llvm::ScopedHashTable<llvm::StringRef, bool>;
  using Scope = NameTable::ScopeTy;
  /// From here to the end of the scope the name is a value, whatever it is elsewhere.
  void declare(const ast::Identifier &name) { names.insert(name.name, false); }
  void declare(llvm::ArrayRef<ast::Identifier> list) {
    for (const ast::Identifier &name : list)
      declare(name);
  }
  /// Whether `NAME<` opens generic arguments.
  bool isCallable(llvm::StringRef name) const { return names.lookup(name); }

  /// Parses `item {"," item}` up to the closing token, which it does not take.
  bool parseList(TokenKind closing, llvm::function_ref<bool()> item);

  //===--- ParserDecl.cpp -------------------------------------------------===//

  ast::Decl *parseDecl();
  ast::Decl *parseImport();
  ast::CallableDecl *parseCallable();
  bool parseGenericParams(llvm::SmallVectorImpl<ast::GenericParam> &params);
  bool parseGenericParam(llvm::SmallVectorImpl<ast::GenericParam> &params);
  bool parseValueParams(llvm::SmallVectorImpl<ast::ValueParam> &params);

  //===--- ParserTrain.cpp ------------------------------------------------===//

  ast::Decl *parseTrain();
  std::optional<ast::TrainClause> parseTrainClause();

  //===--- ParserType.cpp -------------------------------------------------===//

  ast::TypeExpr *parseType();
  ast::TypeExpr *parseRecordType();
  bool parseDims(llvm::SmallVectorImpl<ast::Expr *> &dims);

  //===--- ParserStmt.cpp -------------------------------------------------===//

  ast::Body *parseBody(llvm::StringRef context);
  ast::Stmt *parseStmt();
  ast::Stmt *parseState();
  ast::Stmt *parseParam();
  ast::Stmt *parseLet();
  ast::Stmt *parseAssign();
  ast::Stmt *parseLayer();
  ast::Stmt *parseExprStmt();
  bool endOfStmt();
  bool parseNames(llvm::SmallVectorImpl<ast::Identifier> &list, llvm::StringRef what);
  std::optional<ast::Pattern> parsePattern();

  //===--- ParserExpr.cpp: operators --------------------------------------===//

  ast::Expr *parseExpr();
  ast::Expr *parseOperators(unsigned minPrecedence);
  ast::Expr *parseUnary();
  ast::Expr *parsePower();
  bool refuseChain(const ast::BinaryExpr *comparison);

  //===--- ParserPostfix.cpp: application ---------------------------------===//

  ast::Expr *parsePostfix();
  ast::Expr *parseField(ast::Expr *base);
  ast::Expr *parseCall(ast::Expr *callee);
  ast::Expr *parseIndex(ast::Expr *base);
  ast::Expr *parseIndexItem();
  ast::Expr *parseGeneric(ast::NameExpr *base);
  bool parseArgument(llvm::SmallVectorImpl<ast::Argument> &args, bool lambdaAllowed);
  void checkArguments(llvm::ArrayRef<ast::Argument> args, llvm::StringRef what);
  bool atLambda() const;
  ast::Expr *parseLambda();

  //===--- ParserPrimary.cpp: literals, names, brackets, if ---------------===//

  ast::Expr *parsePrimary();
  ast::Expr *parseNumber();
  ast::Expr *parseName();
  ast::Expr *parseParenthesis();
  ast::Expr *parseSquare();
  ast::Expr *parseComprehension(const Token &open);
  ast::Expr *parseIf();

  //===--- ParserTime.cpp: unroll, scan, repeat ---------------------------===//

  ast::Expr *parseUnroll();
  bool parseModifiers(ast::UnrollModifiers &modifiers);
  ast::Expr *parseRepeat();

  ast::ASTContext &context;
  Diagnostics &diagnostics;
  std::vector<Token> tokens;
  size_t position = 0;
  unsigned depth = 0;
  /// Outside brackets a newline ends a statement.
  bool newlinesCount = true;
  /// Directly inside generic arguments `>` closes and `<`, `==` ... do not compare.
  bool comparisonsAllowed = true;
  /// The last plain name that was followed by `<` and is not known to be callable.
  const ast::NameExpr *lessThanName = nullptr;
  NameTable names;
  Scope fileScope;

  /// What holds directly inside (...) and [...], or inside generic arguments, or inside {...}.
  struct Brackets {
    Brackets(Parser &parser, bool newlinesCount, bool comparisonsAllowed = true)
        : newlines(parser.newlinesCount, newlinesCount),
          comparisons(parser.comparisonsAllowed, comparisonsAllowed) {}
    llvm::SaveAndRestore<bool> newlines, comparisons;
  };
};

} // namespace rondo

#endif // RONDO_FRONTEND_PARSERIMPL_H
