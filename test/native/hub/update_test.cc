#include "hub/update.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "hub/client_frames.h"
#include "hub/encoder.h"
#include "hub/updates.h"

namespace easyflow::hub {
namespace {

using nlohmann::json;

json itemOf(const Update& update, bool asRemoved) {
  std::string text;
  appendItem(text, update, asRemoved);
  return json::parse(text);
}

TEST(HubUpdate, IsAFrameOfJson) {
  const UpdatePtr update = test::updateOf("task/42", 3, 991, R"({"a":[1,2]})", 1'763'760'000'250);
  EXPECT_EQ(
      R"({"type":"update","channel":"task/42","at":"3:991","time":1763760000250,"data":{"a":[1,2]}})",
      update->json());
  EXPECT_EQ(textFrame(update->json()), update->frame);
  EXPECT_EQ(R"({"a":[1,2]})", update->data());
  EXPECT_FALSE(update->removed);
  EXPECT_TRUE(update->compressed.empty());
  EXPECT_EQ((json{{"channel", "task/42"},
                  {"at", "3:991"},
                  {"time", 1'763'760'000'250},
                  {"data", {{"a", {1, 2}}}}}),
            itemOf(*update, false));
}

TEST(HubUpdate, ARemovalHasNoData) {
  const UpdatePtr removal = test::removalOf("task/42", 3, 995, 7);
  EXPECT_EQ(R"({"type":"remove","channel":"task/42","at":"3:995","time":7})", removal->json());
  EXPECT_TRUE(removal->removed);
  EXPECT_EQ("", removal->data());
  const json item{{"removed", true}, {"channel", "task/42"}, {"at", "3:995"}, {"time", 7}};
  EXPECT_EQ(item, itemOf(*removal, false));
  EXPECT_EQ(item, itemOf(*removal, true));
  EXPECT_EQ(removal->json(), hub::removalOf(*removal));
}

TEST(HubUpdate, LeavingAFilterIsARemovalWithoutTheData) {
  const UpdatePtr update = test::updateOf("task/42", 3, 991, R"({"data":"secret"})", 5);
  EXPECT_EQ(R"({"type":"remove","channel":"task/42","at":"3:991","time":5})",
            hub::removalOf(*update));
  EXPECT_EQ((json{{"removed", true}, {"channel", "task/42"}, {"at", "3:991"}, {"time", 5}}),
            itemOf(*update, true));
}

// A channel that tries to look like what comes behind it.
TEST(HubUpdate, HostileChannelsStayChannels) {
  const std::string channel = R"(a","data":{"x":1},"b":")";
  const UpdatePtr update = test::updateOf(channel, 0, 1, R"({"y":2})");
  EXPECT_EQ(channel, json::parse(update->json())["channel"]);
  EXPECT_EQ(R"({"y":2})", update->data());
  EXPECT_EQ(channel, json::parse(hub::removalOf(*update))["channel"]);
  EXPECT_EQ(channel, itemOf(*update, true)["channel"]);
  const std::string plain = R"(a,"data":)";
  EXPECT_EQ("1", test::updateOf(plain, 0, 1, "1")->data());
}

TEST(HubUpdate, LineBreaksDoNotEndAnEvent) {
  const UpdatePtr update = test::updateOf("c", 0, 1, "{\r\n  \"a\": \"x\\n\",\n\"b\":1\r}");
  EXPECT_EQ(std::string::npos, update->json().find('\n'));
  EXPECT_EQ(std::string::npos, update->json().find('\r'));
  EXPECT_EQ((json{{"a", "x\n"}, {"b", 1}}), json::parse(update->json())["data"]);
}

TEST(HubUpdate, IsCompressedAboveTheThresholdWhenThatHelps) {
  const std::string data = "\"" + std::string(500, 'a') + "\"";
  const UpdatePtr update = test::updateOf("c", 0, 1, data, 1, 400);
  ASSERT_FALSE(update->compressed.empty());
  EXPECT_LT(update->compressed.size(), update->frame.size());
  EXPECT_EQ('\xc1', update->compressed[0]);
  ASSERT_LT(update->compressed.size(), 126U + 2);
  EXPECT_EQ(update->json(), test::unpacked(update->compressed.substr(2)));
  EXPECT_TRUE(test::updateOf("c", 0, 1, data, 1, 4'000)->compressed.empty());
  EXPECT_TRUE(test::updateOf("c", 0, 1, data, 1, 0)->compressed.empty());
  // Shorter than its compressed form.
  EXPECT_TRUE(test::updateOf("c", 0, 1, "1", 1, 1)->compressed.size() <
              test::updateOf("c", 0, 1, "1", 1, 1)->frame.size());
}

TEST(HubUpdate, EachEncodingGetsItsBytes) {
  const UpdatePtr update = test::updateOf("c", 0, 1, "\"" + std::string(500, 'a') + "\"", 1, 1);
  const auto encoded = [&](Encoding encoding, bool asRemoved) {
    std::string bytes;
    appendUpdate(bytes, encoding, *update, asRemoved);
    return bytes;
  };
  EXPECT_EQ(update->frame, encoded(Encoding::kWebSocket, false));
  EXPECT_EQ(update->compressed, encoded(Encoding::kDeflate, false));
  EXPECT_EQ("data: " + std::string(update->json()) + "\n\n", encoded(Encoding::kEvents, false));
  EXPECT_EQ(textFrame(hub::removalOf(*update)), encoded(Encoding::kWebSocket, true));
  EXPECT_EQ(textFrame(hub::removalOf(*update)), encoded(Encoding::kDeflate, true));
  EXPECT_EQ("data: " + hub::removalOf(*update) + "\n\n", encoded(Encoding::kEvents, true));
  std::string position;
  appendPosition(position, Encoding::kWebSocket, "t");
  EXPECT_EQ("", position);
  appendPosition(position, Encoding::kEvents, "t");
  EXPECT_EQ("id: t\n\n", position);
}

TEST(HubUpdateBatch, TellsWhenTheLastOneLetGo) {
  bool isDone = false;
  auto batch = std::make_shared<const UpdateBatch>(test::topologyOf(1), std::vector<UpdatePtr>(),
                                                   [&] { isDone = true; });
  UpdateBatchPtr other = batch;
  batch.reset();
  EXPECT_FALSE(isDone);
  other.reset();
  EXPECT_TRUE(isDone);
}

}  // namespace
}  // namespace easyflow::hub
