// Printing and shrinking of random programs.
#include "Program.h"
#include <algorithm>
#include <functional>
#include <set>

using namespace rondo::fuzz;

std::string rondo::fuzz::dimText(Dim dim) {
  return dim == -1 ? "T" : dim == -2 ? "S" : std::to_string(dim);
}

std::string rondo::fuzz::listOf(const std::vector<Dim> &dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i)
    text += (i ? ", " : "") + dimText(dims[i]);
  return text + "]";
}

std::string Type::str() const {
  std::string text = bound ? "idx<" + std::to_string(bound) + ">" : "f32";
  return dims.empty() ? text : text + listOf(dims);
}

NodePtr rondo::fuzz::makeNode(std::string text, Type type, std::vector<NodePtr> children) {
  return std::make_shared<Node>(Node{std::move(text), std::move(type), std::move(children)});
}

std::string Node::str() const {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$')
      out += children[text[++i] - '0']->str();
    else
      out += text[i];
  }
  return out;
}

int64_t Node::size() const {
  int64_t total = 1;
  for (const NodePtr &child : children)
    total += child->size();
  return total;
}

std::string Cell::str() const {
  std::string out = (states.empty() ? "block " : "cell ") + name + "(x: " + input.str();
  for (const Binding &argument : held)
    out += ", " + argument.name + ": " + argument.type.str();
  out += ") -> " + result->type.str() + " {\n";
  for (const Binding &state : states)
    out += "  state " + state.name + " : " + state.type.str() + " = 0\n";
  for (const Binding &parameter : parameters)
    out += "  param " + parameter.name + " : " + parameter.type.str() + " ~ normal(0.5)\n";
  for (const Binding &let : lets)
    out += "  let " + let.name + " = " + let.value->str() + "\n";
  for (const Binding &state : states)
    out += "  " + state.name + "' = " + state.value->str() + "\n";
  return out + "  " + result->str() + "\n}\n";
}

std::string Function::str() const {
  std::string out = "  fn " + name + "(z: " + input.str() + ") -> " + result->type.str() + " {\n";
  for (const Binding &let : lets)
    out += "    let " + let.name + " = " + let.value->str() + "\n";
  return out + "    " + result->str() + "\n  }\n";
}

/// What programs may call, and how it is defined. The norm has no parameters, which two uses in one
/// place would have to name; the root in `safe_norm` is not taken where its derivative is infinite.
static const std::pair<const char *, const char *> library[] = {
    {"row_norm(", R"(fn row_norm(x: f32[n]) -> f32[n] {
  let centred = x - mean(x)
  centred * rsqrt(mean(centred * centred) + 0.1)
}
)"},
    {"safe_norm(", R"(fn safe_norm(x: f32[n]) -> f32 {
  let r = sqrt(sum(x * x))
  if r > 0.3 then r else 0.3
}
)"},
    {"halves(", R"(fn halves(x: f32[d]) -> f32[d] {
  let (a, b) = (x[:d / 2], x[d / 2:])
  concat(a - b, a + b, axis = 0)
}
)"},
    {"folded(", R"(fn folded(x: f32[d]) -> f32[2 * d / 2] {
  let (a, b) = reshape(x, [2, d / 2])
  concat(b, tanh(a) * x[d - d / 2:], axis = 0)
}
)"},
    {", earlier)", "fn earlier(t: int, s: int) -> bool { s < t }\n"},
    {", never)", "fn never(t: int, s: int) -> bool { s < 0 }\n"},
    {"unroll streamed(", "cell streamed(x: f32[n], f) { stream(f)(x) }\n"}};

/// The entries of a model from its arguments.
static std::string entries(const Program &program) {
  std::string list, names, out;
  for (const Binding &argument : program.arguments) {
    list += (list.empty() ? "" : ", ") + argument.name + ": " + argument.type.str();
    names += (names.empty() ? "" : ", ") + argument.name;
  }
  out += "  fn loss(" + list + ") -> f32 {\n";
  for (const Binding &let : program.lets)
    out += "    let " + let.name + " = " + let.value->str() + "\n";
  out += "    " + program.result->str() + "\n  }\n";
  for (const Binding &argument : program.arguments)
    if (argument.name == program.slope)
      out += "  fn slope(" + list + ") -> " + argument.type.str() + " { grad(loss(" + names +
             "), " + argument.name + ") }\n";
  return out;
}

std::string Program::str() const {
  std::string body;
  for (const Cell &cell : cells)
    body += cell.str() + "\n";
  body += "model M {\n";
  for (const Binding &parameter : parameters)
    body += "  param " + parameter.name + " : " + parameter.type.str() + " ~ normal(0.5)\n";
  for (const Function &function : functions)
    body += function.str();
  body += entries(*this) + "}\n";
  std::string out = "// seed " + std::to_string(seed) + "\nimport rnn\n\n";
  for (auto [use, definition] : library)
    if (body.find(use) != std::string::npos)
      out += definition;
  return out + "\n" + body;
}

int64_t Program::size() const {
  int64_t total = result->size() + static_cast<int64_t>(parameters.size() + arguments.size());
  for (const Binding &let : lets)
    total += 1 + let.value->size();
  total += slope.empty() ? 0 : 1;
  for (const Function &function : functions) {
    total += 1 + function.result->size();
    for (const Binding &let : function.lets)
      total += 1 + let.value->size();
  }
  for (const Cell &cell : cells) {
    total += 2 + static_cast<int64_t>(cell.held.size()) + cell.result->size();
    for (const Binding &let : cell.lets)
      total += 1 + let.value->size();
    for (const Binding &state : cell.states)
      total += 1 + state.value->size();
  }
  return total;
}

//===----------------------------------------------------------------------===//
// Shrinking
//===----------------------------------------------------------------------===//

/// Calls `emit` with every tree that is `root` with one node replaced by a smaller one of its type.
static void shrinkTree(const NodePtr &root, const std::function<void(NodePtr)> &emit) {
  // A descendant of the same type in place of the node.
  std::function<void(const NodePtr &)> descend = [&](const NodePtr &node) {
    for (const NodePtr &child : node->children) {
      if (child->type == root->type)
        emit(child);
      descend(child);
    }
  };
  descend(root);
  if (root->type.dims.empty() && !root->type.bound && !root->children.empty())
    emit(makeNode("0.5", root->type));
  for (size_t i = 0; i < root->children.size(); ++i)
    shrinkTree(root->children[i], [&](const NodePtr &child) {
      auto copy = std::make_shared<Node>(*root);
      copy->children[i] = child;
      emit(copy);
    });
}

static void collectWords(const std::string &text, std::set<std::string> &words) {
  std::string word;
  for (char c : text + " ") {
    if (isalnum(static_cast<unsigned char>(c)) || c == '_') {
      word += c;
    } else {
      words.insert(word);
      word.clear();
    }
  }
}

/// The names that a tree reads, roughly: all words of its leaves and templates.
static void collectWords(const NodePtr &node, std::set<std::string> &words) {
  collectWords(node->text, words);
  for (const NodePtr &child : node->children)
    collectWords(child, words);
}

static std::set<std::string> wordsIn(const Cell &cell) {
  std::set<std::string> words;
  for (const Binding &let : cell.lets)
    collectWords(let.value, words);
  for (const Binding &state : cell.states)
    collectWords(state.value, words);
  collectWords(cell.result, words);
  return words;
}

static std::set<std::string> wordsIn(const Function &function) {
  std::set<std::string> words;
  for (const Binding &let : function.lets)
    collectWords(let.value, words);
  collectWords(function.result, words);
  return words;
}

template <typename T, typename Used> static void dropUnused(std::vector<T> &list, Used used) {
  for (size_t i = list.size(); i-- > 0;)
    if (!used(list[i].name))
      list.erase(list.begin() + static_cast<long>(i));
}

/// Drops what nobody reads.
static Program cleaned(Program program) {
  // One that uses another is gone before it, so that a chain takes as many rounds as it has links.
  for (int round = 0; round < 8; ++round) {
    std::set<std::string> words;
    collectWords(program.result, words);
    for (const Binding &let : program.lets)
      collectWords(let.value, words);
    for (const Cell &cell : program.cells)
      words.merge(wordsIn(cell));
    for (const Function &function : program.functions)
      words.merge(wordsIn(function));
    words.insert(program.slope);
    auto usedIn = [](const std::set<std::string> &words) {
      return [&](const std::string &name) {
        std::set<std::string> names;
        collectWords(name, names);
        names.erase("");
        return std::any_of(names.begin(), names.end(),
                           [&](const std::string &one) { return words.count(one) != 0; });
      };
    };
    auto used = usedIn(words);
    dropUnused(program.lets, used);
    dropUnused(program.cells, used);
    dropUnused(program.functions, used);
    dropUnused(program.parameters, used);
    for (Cell &cell : program.cells) {
      std::set<std::string> inside = wordsIn(cell);
      dropUnused(cell.lets, usedIn(inside));
      dropUnused(cell.parameters, usedIn(inside));
    }
    for (Function &function : program.functions)
      dropUnused(function.lets, usedIn(wordsIn(function)));
    std::vector<Binding> arguments;
    for (const Binding &argument : program.arguments)
      if (used(argument.name) || &argument == &program.arguments.front())
        arguments.push_back(argument);
    program.arguments = arguments;
  }
  return program;
}

std::vector<Program> rondo::fuzz::smaller(const Program &program) {
  std::vector<Program> candidates;
  auto add = [&](Program candidate) {
    candidate = cleaned(std::move(candidate));
    if (candidate.size() < program.size())
      candidates.push_back(std::move(candidate));
  };
  auto shrink = [&](const NodePtr &node, const std::function<NodePtr &(Program &)> &place) {
    shrinkTree(node, [&](const NodePtr &replacement) {
      Program candidate = program;
      place(candidate) = replacement;
      add(std::move(candidate));
    });
  };
  if (!program.slope.empty()) {
    Program without = program;
    without.slope.clear();
    add(std::move(without));
  }
  shrink(program.result, [](Program &p) -> NodePtr & { return p.result; });
  for (size_t i = 0; i < program.lets.size(); ++i) {
    // A let that becomes the whole program's result, summed.
    Program only = program;
    only.result = program.lets[i].type.dims.empty()
                      ? makeNode(program.lets[i].name, {})
                      : makeNode("sum(" + program.lets[i].name + ")", {});
    if (!program.lets[i].type.bound)
      add(std::move(only));
    shrink(program.lets[i].value, [i](Program &p) -> NodePtr & { return p.lets[i].value; });
  }
  for (size_t c = 0; c < program.cells.size(); ++c) {
    for (size_t i = 0; i < program.cells[c].lets.size(); ++i)
      shrink(program.cells[c].lets[i].value,
             [c, i](Program &p) -> NodePtr & { return p.cells[c].lets[i].value; });
    shrink(program.cells[c].result, [c](Program &p) -> NodePtr & { return p.cells[c].result; });
    for (size_t i = 0; i < program.cells[c].states.size(); ++i)
      shrink(program.cells[c].states[i].value,
             [c, i](Program &p) -> NodePtr & { return p.cells[c].states[i].value; });
  }
  for (size_t f = 0; f < program.functions.size(); ++f) {
    for (size_t i = 0; i < program.functions[f].lets.size(); ++i)
      shrink(program.functions[f].lets[i].value,
             [f, i](Program &p) -> NodePtr & { return p.functions[f].lets[i].value; });
    shrink(program.functions[f].result,
           [f](Program &p) -> NodePtr & { return p.functions[f].result; });
  }
  return candidates;
}
