#include "core/error.h"

#include <gtest/gtest.h>

namespace easyflow::core {
namespace {

TEST(ErrorTest, NoneIsFalseAndNull) {
  EXPECT_FALSE(Error::none());
  EXPECT_TRUE(toJson(Error::none()).is_null());
  EXPECT_FALSE(Error::of(nullptr));
  EXPECT_FALSE(Error::of(RD_KAFKA_RESP_ERR_NO_ERROR, "ignored"));
}

TEST(ErrorTest, TakesCodeNameAndDefaultMessage) {
  const Error error = Error::of(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  EXPECT_TRUE(error);
  EXPECT_EQ(error.name(), "TOPIC_AUTHORIZATION_FAILED");
  EXPECT_EQ(error.message, rd_kafka_err2str(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
  EXPECT_FALSE(error.retriable);
}

TEST(ErrorTest, KnowsWhatMayBeTriedAgain) {
  EXPECT_TRUE(isRetriable(RD_KAFKA_RESP_ERR__TRANSPORT));
  EXPECT_TRUE(isRetriable(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION));
  EXPECT_TRUE(isRetriable(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS));
  EXPECT_FALSE(isRetriable(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE));
  EXPECT_FALSE(isRetriable(RD_KAFKA_RESP_ERR__AUTHENTICATION));
  EXPECT_FALSE(isRetriable(RD_KAFKA_RESP_ERR__FENCED));
}

TEST(ErrorTest, TakesTheTextOfAnErrorObject) {
  const ErrorHandle source(rd_kafka_error_new(RD_KAFKA_RESP_ERR__STATE, "not %s", "now"));
  const Error error = Error::of(source.get());
  EXPECT_EQ(error.code, RD_KAFKA_RESP_ERR__STATE);
  EXPECT_EQ(error.message, "not now");
  EXPECT_FALSE(error.fatal);
  EXPECT_FALSE(error.abortable);
}

TEST(ErrorTest, CrossesWithTheFieldsOfNativeError) {
  const auto json = toJson(Error::of(RD_KAFKA_RESP_ERR__TIMED_OUT, "too late"));
  EXPECT_EQ(json, nlohmann::json::parse(
                      R"({"code":-185,"name":"_TIMED_OUT","message":"too late","fatal":false,
                                            "retriable":true,"abortable":false})"));
}

}  // namespace
}  // namespace easyflow::core
