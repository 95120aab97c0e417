#include "hub/encoder.h"

#include "hub/websocket.h"

namespace easyflow::hub {

namespace {

void appendEvent(std::string& to, std::string_view json) {
  to += "data: ";
  to += json;
  to += "\n\n";
}

}  // namespace

void appendText(std::string& to, Encoding encoding, std::string_view json) {
  if (encoding == Encoding::kEvents) {
    appendEvent(to, json);
    return;
  }
  appendFrameHeader(to, Opcode::kText, json.size());
  to += json;
}

void appendUpdate(std::string& to, Encoding encoding, const Update& update, bool asRemoved) {
  if (asRemoved && !update.removed) {
    appendText(to, encoding, removalOf(update));
  } else if (encoding == Encoding::kEvents) {
    appendEvent(to, update.json());
  } else if (encoding == Encoding::kDeflate && !update.compressed.empty()) {
    to += update.compressed;
  } else {
    to += update.frame;
  }
}

void appendPosition(std::string& to, Encoding encoding, std::string_view token) {
  if (encoding != Encoding::kEvents) return;
  to += "id: ";
  to += token;
  to += "\n\n";
}

}  // namespace easyflow::hub
