# Counts what a runner says in its JUnit file (GoogleTest's --gtest_output=xml and node's junit reporter).
# Prints "PASSED FAILED SKIPPED", then a line "failed NAME" or "skipped NAME: REASON" for each of those.
# Variables: suite  the name put before each test's own

function attribute(name,   text) {
  if (!match($0, "[ \t]" name "=\"[^\"]*\"")) return ""
  text = substr($0, RSTART, RLENGTH)
  sub(/^[^"]*"/, "", text); sub(/"$/, "", text)
  gsub(/&#x[0-9A-Fa-f]+;|&#[0-9]+;/, " ", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text)
  gsub(/&quot;/, "\"", text); gsub(/&apos;/, "'", text); gsub(/&amp;/, "\\&", text)
  return text
}
function finish() {
  if (!open) return
  open = 0
  if (failure) { failed++; list = list "failed " name "\n" }
  else if (skip) { skipped++; sub(/^[^ ]+:[0-9]+ +/, "", reason); list = list "skipped " name ": " (reason == "" ? "no reason given" : reason) "\n" }
  else passed++
}
# What a test printed may look like anything: text between tags is not looked at.
in_text { if (!sub(/.*\]\]>/, "")) next; in_text = 0 }
{ while (match($0, /<!\[CDATA\[/)) {
    before = substr($0, 1, RSTART - 1); after = substr($0, RSTART + RLENGTH)
    if (!match(after, /\]\]>/)) { $0 = before; in_text = 1; break }
    $0 = before substr(after, RSTART + RLENGTH)
  } }
/<testcase[ \t]/ {
  finish()
  open = 1; failure = skip = 0; reason = ""
  group = attribute("classname")
  name = suite ": " (group == "" || group == "test" ? "" : group ".") attribute("name")
  if (attribute("status") == "notrun") { skip = 1; reason = "disabled" }
  if (/\/>[ \t]*$/ && !/<(failure|skipped|error)/) finish()
}
/<(failure|error)[ \t>]/ { failure = 1 }
/<skipped[ \t>\/]/ { skip = 1; text = attribute("message"); if (text != "") reason = text }
/<\/testcase>/ { finish() }
END { finish(); printf "%d %d %d\n%s", passed, failed, skipped, list }
