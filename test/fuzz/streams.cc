// What comes in streams: watch frames, log lines, server-sent events. However they are cut, the
// same comes out.
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "http/sse.h"
#include "kube/watch/log_lines.h"
#include "kube/watch/log_memory.h"
#include "kube/watch/watch_decoder.h"

namespace fuzz {

namespace {

constexpr std::size_t kFrameCap = 300, kLineCap = 100;  // small, so that inputs reach them

class Frames final : public kube::watch::FrameSink {
 public:
  bool on_frame(const kube::watch::Frame& frame) override {
    text_ += std::to_string(static_cast<int>(frame.type)) + frame.object.to_json() + "\n";
    HOLDS(frame.object.is(base::json::Type::object) || frame.type == kube::watch::FrameType::error);
    return true;
  }
  std::string text_;
};

std::string decode(const Pieces& pieces) {
  kube::watch::WatchDecoder decoder(kFrameCap);
  Frames frames;
  for (const std::string& piece : pieces) {
    const std::string copy = piece;
    if (const auto ok = decoder.feed(copy, frames); !ok) {
      return frames.text_ + "error " + std::to_string(static_cast<int>(ok.error().code()));
    }
  }
  return frames.text_ + (decoder.mid_frame() ? "mid" : "over");
}

void note_line(std::string& out, const kube::watch::RawLine& line) {
  HOLDS(base::valid_utf8(line.text));
  HOLDS(line.text.find('\0') == std::string_view::npos);
  HOLDS(line.text.find('\n') == std::string_view::npos);
  out += line.time ? std::to_string(line.time->ns) : std::string("-");
  out.append(line.truncated ? " cut " : " ").append(std::to_string(line.hash)).append(" ");
  out.append(line.text).append("\n");
}

std::string lines(const Pieces& pieces) {
  kube::watch::LineAssembler assembler(kLineCap);
  kube::watch::RawLine line;
  std::string out;
  for (const std::string& piece : pieces) {
    const std::string copy = piece;
    std::string_view bytes = copy;
    while (assembler.next(bytes, line)) {
      const std::size_t from = out.size();
      note_line(out, line);
      HOLDS(out.size() > from);
    }
    HOLDS(bytes.empty());
  }
  if (assembler.rest(line)) {
    out += "rest ";
    note_line(out, line);
  }
  return out;
}

std::string events(const Pieces& pieces) {
  http::sse::Reader reader;
  http::sse::Event event;
  std::string out;
  for (const std::string& piece : pieces) {
    const std::string copy = piece;
    std::string_view bytes = copy;
    while (reader.next(bytes, event)) {
      for (const std::string* part : {&event.name, &event.id, &event.data, &event.comment})
        out.append(std::to_string(part->size())).append(":").append(*part);
      out += event.has_data ? "d\n" : "c\n";
    }
    HOLDS(bytes.empty());
  }
  return out;
}

void same_for_all(std::string_view input, std::string (*read)(const Pieces&)) {
  const std::vector<Pieces> all = cuts(input);
  const std::string whole = read(all.front());
  for (const Pieces& pieces : all) {
    const std::string cut = read(pieces);
    if (cut != whole) std::fprintf(stderr, "whole: %s\ncut:   %s\n", whole.c_str(), cut.c_str());
    HOLDS(cut == whole);
  }
}

}  // namespace

void watch_frames(std::string_view input) {
  same_for_all(input, decode);
}

void log_lines(std::string_view input) {
  same_for_all(input, lines);
}

void sse(std::string_view input) {
  same_for_all(input, events);
  // What we write, this and any other reader takes for one message.
  if (input.find_first_of("\r\n") != std::string_view::npos) return;
  http::sse::Reader reader;
  http::sse::Event event;
  const base::Payload frame = http::sse::message("7", input);
  std::string_view bytes = frame.view();
  HOLDS(reader.next(bytes, event));
  HOLDS(bytes.empty());
  HOLDS(event.name == "message" && event.id == "7" && event.data == input);
}

}  // namespace fuzz
