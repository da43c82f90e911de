// call: one call of a tool, with the questions that it asks and the cuts of a long list.
#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/output.h"
#include "base/yaml_write.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/pages.h"
#include "cli/tool_list.h"
#include "cli/user.h"

namespace cli {

using base::json::Document;
using base::json::Value;

namespace {

constexpr std::size_t kArgumentBytes = std::size_t{4} << 20;  // larger than the server's --max-body
// What a tool may ask in one call, one question after the other.
constexpr int kRounds = 20;
constexpr std::string_view kMostRows = "1000", kMostBytes = "1048576";  // answer/list_arguments.h

struct Page {
  Document document;
  bool failed = false;  // isError
  std::string text;     // the text blocks
  Value structured() const { return document.root()["structuredContent"]; }
};

class Call {
 public:
  Call(Session& session, const Options& options, Value tool)
      : session_(session),
        options_(options),
        tool_(tool),
        name_(tool["name"].str()),
        format_(options.format) {}

  int run(Value base, const std::vector<std::string>& words) {
    const Value properties = tool_["inputSchema"]["properties"];
    std::vector<std::string> more;
    // A list goes on in the largest steps, unless the user names others.
    if (options_.all && properties["continue"].present()) {
      if (properties["limit"].present()) more.push_back("limit=" + std::string(kMostRows));
      if (properties["maxBytes"].present()) more.push_back("maxBytes=" + std::string(kMostBytes));
    }
    if (format_ == Format::wide && properties["wide"].present()) more.emplace_back("wide=true");
    more.insert(more.end(), words.begin(), words.end());
    for (std::string go_on;;) {
      std::vector<std::string> now = more;
      if (!go_on.empty()) now.push_back("continue=" + go_on);
      auto arguments = read_arguments(tool_["inputSchema"], now, base);
      if (!arguments) return complain(name_ + ": " + arguments.error().what()), kUsage;
      if (!take_format(arguments->json)) return kUsage;
      Page page;
      if (const int code = ask(*arguments, page); code != kOk) return code;
      std::string next = options_.all ? std::string(page.structured()["continue"].str()) : "";
      if (!show(page, !next.empty())) return kFailed;
      if (next.empty() || base::output_is_lost()) return finish();
      if (next == go_on) return complain(name_ + ": the list does not go on"), kFailed;
      go_on = std::move(next);
    }
  }

 private:
  int ask(const Arguments& arguments, Page& page) {
    std::string members = "\"name\":";
    base::json::append_string(members, name_);
    members.append(",\"arguments\":").append(arguments.json);
    client::Ask ask{"tools/call", name_, members, arguments.headers, base::kForever};
    for (int round = 0; round < kRounds; ++round) {
      client::Outcome outcome =
          session_.ask(ask, Session::NotifyFn::bind<&Call::on_notification>(this));
      progress_.clear();
      if (outcome.failure || outcome.rpc) return complain_of(outcome, name_, session_.name());
      const auto result = page.document.parse(outcome.result);
      if (!result || (*result)["resultType"].str("complete") != "input_required") return read(page);
      ask.members = members + ",\"inputResponses\":" + answers_to((*result)["inputRequests"]);
      if (const Value state = (*result)["requestState"]; state.present())
        ask.members += ",\"requestState\":" + state.to_json();
    }
    return complain(name_ + ": the tool asks without end"), kFailed;
  }

  int read(Page& page) {
    const Value result = page.document.root();
    for (const Value block : result["content"].array()) {
      const std::string_view text = block["text"].str(block["resource"]["text"].str());
      if (!page.text.empty() && page.text.back() != '\n') page.text += '\n';
      if (text.empty() && block["type"].str() != "text")
        page.text += "[" + std::string(block["type"].str()) + " " +
                     std::string(block["mimeType"].str()) + "]";
      page.text += text;
    }
    if (result["isError"].bool_or(false)) return complain(name_ + ": " + page.text), kFailed;
    if (session_.in_process() && page.structured()["status"].str() == "confirmation_required")
      complain(
          "this confirm is good only in the process that made it: call at a terminal, which asks, "
          "use --server, or --confirm never");
    if (leaves_undone(page.structured())) code_ = kFailed;
    return kOk;
  }

  // An answer that is no error, and after which a script must not go on: kubectl wait, too, fails at
  // its timeout, and kubectl delete when the object is not there.
  static bool leaves_undone(Value answer) {
    const std::string_view status = answer["status"].str();
    return status == "confirmation_required" || status == "declined" || status == "not_found" ||
           !answer["met"].bool_or(true) || !answer["reached"].bool_or(true);
  }

  void on_notification(std::string_view method, Value params) {
    if (method == "notifications/progress") progress_.show(params);
  }

  // The pages of a text that is JSON or YAML are joined as values. False: they cannot be joined.
  bool take_format(std::string_view arguments) {
    Document doc;
    const auto root = doc.parse(arguments);
    const std::string_view asked = root ? (*root)["format"].str() : std::string_view();
    const bool is_text = format_ == Format::table || format_ == Format::wide;
    if (!options_.all || !is_text) return true;
    if (asked == "json") format_ = Format::json;
    if (asked == "yaml") format_ = Format::yaml;
    if (asked != "mermaid") return true;
    return complain(name_ + ": the pages of a chart are no chart; leave out --all or the format"),
           false;
  }

  bool show(const Page& page, bool more) {
    const Value structured = page.structured();
    switch (format_) {
      case Format::json:
      case Format::yaml:
        return collect(page, more);
      case Format::name:
        if (!structured.present())
          print(page.text);
        else if (const std::string names = names_of(structured); !names.empty())
          print(names);
        if (!options_.all) complain_of_cut(structured, "; --all shows them");
        return true;
      default:
        if (!options_.all) return print(table_of(page)), true;
        return is_short(pages_.add_text(page.text, more));
    }
  }

  bool is_short(bool added) {
    if (!added) complain(name_ + ": the list is too long");
    return added;
  }

  // A person is told of --all instead of a cursor, and not of a confirm that no later call can use.
  std::string table_of(const Page& page) const {
    // A log is its lines; what its text content says before them goes to the error output.
    const Value log = page.structured()["logs"];
    if (log.is(base::json::Type::string)) {
      if (page.structured()["truncated"].bool_or(false))
        complain("the log begins earlier: tailLines and maxBytes say how much is shown");
      return std::string(log.str());
    }
    std::string text = page.text;
    const std::string cursor =
        "go on with continue=" + std::string(page.structured()["continue"].str());
    const std::size_t cut =
        page.structured()["continue"].present() ? text.rfind(cursor) : text.npos;
    if (cut != text.npos) text.replace(cut, cursor.size(), "--all shows them");
    if (session_.in_process() && page.structured()["confirm"].present())
      text.erase(std::min(text.rfind("To make this change, "), text.size()));
    return text;
  }

  bool collect(const Page& page, bool more) {
    const Value structured = page.structured();
    if (structured.present()) return is_short(pages_.add_json(structured, more));
    whole_ = page.document.root()["content"].to_json();
    return true;
  }

  int finish() {
    if (format_ == Format::table || format_ == Format::wide) {
      if (options_.all) print(pages_.text());
      return code_;
    }
    if (whole_.empty()) whole_ = pages_.json();
    if (whole_.empty()) return code_;
    Document doc;
    const auto root = doc.parse(whole_);
    if (!root) return complain(name_ + ": the answer is not JSON"), kFailed;
    std::string yaml;
    if (format_ == Format::yaml) base::yaml::append_yaml(yaml, *root);
    return print(format_ == Format::yaml ? yaml : pretty(*root)), code_;
  }

  Session& session_;
  const Options& options_;
  const Value tool_;
  const std::string name_;
  ProgressLine progress_;
  int code_ = kOk;
  Format format_;
  Pages pages_;
  std::string whole_;  // the JSON of an answer that has no structure
};

// The content of --json.
base::Result<std::string> read_base(const std::string& file) {
  if (file.empty()) return std::string();
  return file == "-" ? base::read_standard_input(kArgumentBytes)
                     : base::read_file(file, kArgumentBytes);
}

}  // namespace

int run_call(const Options& options, app::Getenv getenv) {
  if (options.words.empty()) {
    complain(
        "call needs a tool: k0rdent-mcp call TOOL [NAME=VALUE...]; k0rdent-mcp tools lists them");
    return kUsage;
  }
  Document base;
  auto text = read_base(options.arguments_file);
  if (!text) return complain("--json: " + text.error().what()), kUsage;
  if (!text->empty())
    if (auto root = base.parse(*text); !root)
      return complain("--json: " + root.error().what()), kUsage;
  // With --json - the input is used up, and is no terminal.
  auto session = Session::open(options, getenv, can_ask());
  if (!session) return complain_of_session(session.error());
  ToolList tools;
  if (auto failed = tools.load(**session)) return complain_of(*failed, "tools", (*session)->name());
  const Value tool = tools.find(options.words[0]);
  if (!tool.present()) return complain(tools.problem(options.words[0])), kUsage;
  return Call(**session, options, tool)
      .run(base.root(), {options.words.begin() + 1, options.words.end()});
}

}  // namespace cli
