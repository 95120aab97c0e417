// What clients say, and what JS answers about them.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "hub/server_message.h"
#include "hub/shard.h"
#include "hub/shard_turn.h"

namespace easyflow::hub {

namespace {

// So many a client may send before it is sent away.
constexpr std::uint32_t kMaxBadMessages = 10;

using server_message::ErrorText;

std::string errorOf(std::optional<std::uint32_t> id, const char* code, std::string message,
                    bool retriable = false) {
  return server_message::error(id, ErrorText{code, std::move(message), retriable});
}

}  // namespace

bool Shard::spendMessage(Connection& connection) {
  add(metrics_.messagesIn);
  const auto now = Clock::now();
  const double rate = options_.limits.messagesPerSecond;
  const std::chrono::duration<double> passed = now - connection.creditAt;
  connection.creditAt = now;
  connection.messageCredit =
      std::min(options_.limits.messageBurst(), connection.messageCredit + passed.count() * rate);
  if (connection.messageCredit < 1) {
    closeWith(connection, close_code::kRate, "too many messages");
    return false;
  }
  connection.messageCredit -= 1;
  if (connection.unsentAnswers > 2 * options_.limits.outboundBytes) {
    // Says much, reads nothing: the answers alone would fill the memory.
    add(metrics_.slowCloses);
    closeWith(connection, close_code::kSlow, "slow", /*dropsUnsent=*/true);
    return false;
  }
  return true;
}

void Shard::onText(Connection& connection, const std::string& text) {
  ClientMessage message = parseClientMessage(text, options_.limits.patterns);
  const bool isOpen = connection.grant.has_value();
  if (!isOpen && !std::holds_alternative<AuthenticateMessage>(message) &&
      !std::holds_alternative<PingMessage>(message) &&
      !std::holds_alternative<PongMessage>(message)) {
    message = BadMessage{std::nullopt, "authenticate first"};
  }
  std::visit([&](auto& parsed) { onMessage(connection, std::move(parsed)); }, message);
}

void Shard::onMessage(Connection& connection, const PingMessage& /*message*/) {
  pushText(connection, server_message::pong());
}

void Shard::onMessage(Connection& /*connection*/, const PongMessage& /*message*/) {}

void Shard::onMessage(Connection& connection, const BadMessage& message) {
  if (++connection.badMessages > kMaxBadMessages) {
    closeWith(connection, close_code::kBadMessages, "bad messages");
    return;
  }
  pushText(connection, errorOf(message.id, "ERR_HUB_BAD_MESSAGE", message.reason));
}

void Shard::onMessage(Connection& connection, AuthenticateMessage message) {
  if (connection.isAuthenticating) {
    onMessage(connection, BadMessage{std::nullopt, "authenticate is being answered"});
    return;
  }
  connection.isAuthenticating = true;
  events_->onMessage(nlohmann::json{
      {"type", "authenticate"}, {"connection", connection.id}, {"token", message.token}}
                         .dump());
}

void Shard::welcome(Connection& connection) {
  pushText(connection, server_message::welcome(options_.pingInterval.count()));
}

void Shard::onGrant(Connection& connection, std::optional<Grant> grant) {
  connection.isAuthenticating = false;
  if (connection.isClosing) return;
  const bool isRenewal = connection.grant.has_value();
  if (!grant || (isRenewal && grant->subject != connection.grant->subject)) {
    closeWith(connection, close_code::kTokenRefused, "token refused");
    return;
  }
  connection.grant = std::move(grant);
  connection.wasToldOfExpiry = false;
  welcome(connection);
  if (!isRenewal) return;
  // With authorize() in JS the grant alone does not say what is allowed: revoke() does.
  if (options_.asksAuthorize) return;
  std::vector<std::uint32_t> lost;
  for (const auto& [id, subscription] : connection.subscriptions) {
    const auto& patterns = subscription->request.patterns;
    const bool covered = std::all_of(patterns.begin(), patterns.end(), [&](const Pattern& pattern) {
      return connection.grant->covers(pattern);
    });
    if (!covered) lost.push_back(id);
  }
  for (const std::uint32_t id : lost) {
    const auto found = connection.subscriptions.find(id);
    drop(*found->second);
    connection.subscriptions.erase(found);
    pushText(connection, errorOf(id, "ERR_HUB_FORBIDDEN", "no right to these channels any more"));
  }
}

void Shard::onMessage(Connection& connection, SubscribeMessage message) {
  const std::uint32_t id = message.id;
  const auto refuse = [&](const char* code, std::string text, bool retriable = false) {
    pushText(connection, errorOf(id, code, std::move(text), retriable));
  };
  if (!isReady_) return refuse("ERR_HUB_NOT_READY", "the state is being rebuilt", true);
  const auto isAsked = [&](const auto& entry) { return entry.second.request.id == id; };
  if (connection.subscriptions.count(id) > 0 ||
      std::any_of(connection.questions.begin(), connection.questions.end(), isAsked)) {
    return refuse("ERR_HUB_DUPLICATE_ID", "the id is in use");
  }
  if (connection.subscriptions.size() + connection.questions.size() >=
      options_.limits.subscriptions)
    return refuse("ERR_HUB_TOO_MANY", "too many subscriptions");

  std::vector<std::string> open;
  for (const Pattern& pattern : message.patterns) {
    if (!connection.grant->covers(pattern)) open.push_back(pattern.text());
  }
  if (open.empty()) {
    subscribe(connection, std::move(message));
    return;
  }
  if (!options_.asksAuthorize) return refuse("ERR_HUB_FORBIDDEN", "no right to these channels");
  const std::uint32_t question = ++connection.lastQuestion;
  connection.questions.emplace(question, Connection::Question{std::move(message), open.size()});
  for (const std::string& pattern : open) {
    events_->onMessage(nlohmann::json{
        {"type", "authorize"},
        {"connection", connection.id},
        {"request", question},
        {"subject", connection.grant->subject},
        {"pattern",
         pattern}}.dump());
  }
}

void Shard::onVerdict(Connection& connection, std::uint32_t number, int verdict) {
  const auto found = connection.questions.find(number);
  if (found == connection.questions.end()) return;
  Connection::Question& question = found->second;
  const std::uint32_t id = question.request.id;
  if (verdict > 0) {
    if (--question.open > 0) return;
    SubscribeMessage request = std::move(question.request);
    connection.questions.erase(found);
    subscribe(connection, std::move(request));
    return;
  }
  connection.questions.erase(found);
  pushText(connection, verdict == 0 ? errorOf(id, "ERR_HUB_FORBIDDEN", "no right to these channels")
                                    : errorOf(id, "ERR_HUB_UNAVAILABLE",
                                              "rights could not be found out", true));
}

void Shard::subscribe(Connection& connection, SubscribeMessage message) {
  std::optional<Topology::Token> since;
  if (!message.since.empty()) since = log_.topology().parse(message.since);
  message.since.clear();
  const std::uint32_t id = message.id;
  auto owned = std::make_unique<Subscription>(std::move(message));
  Subscription& subscription = *owned;
  subscription.connection = &connection;
  connection.subscriptions.emplace(id, std::move(owned));
  streams_.streamOf(subscription.request, log_.lastSequence()).add(subscription);
  add(metrics_.subscriptions);
  metrics_.streams = streams_.size();
  begin(subscription, since ? &*since : nullptr);
}

void Shard::onMessage(Connection& connection, const UnsubscribeMessage& message) {
  const auto asked =
      std::find_if(connection.questions.begin(), connection.questions.end(),
                   [&](const auto& entry) { return entry.second.request.id == message.id; });
  const auto found = connection.subscriptions.find(message.id);
  if (asked != connection.questions.end()) {
    connection.questions.erase(asked);
  } else if (found != connection.subscriptions.end()) {
    drop(*found->second);
    connection.subscriptions.erase(found);
  } else {
    pushText(connection, errorOf(message.id, "ERR_HUB_UNKNOWN_ID", "no subscription has this id"));
    return;
  }
  pushText(connection, server_message::unsubscribed(message.id));
}

void Shard::onMessage(Connection& connection, PublishMessage message) {
  if (!options_.publish || !connection.grant->publish) {
    pushText(connection, errorOf(message.id, "ERR_HUB_FORBIDDEN", "no right to publish"));
    return;
  }
  if (connection.publishes >= options_.limits.publishes) {
    pushText(connection, errorOf(message.id, "ERR_HUB_TOO_MANY", "too many unanswered publishes"));
    return;
  }
  ++connection.publishes;
  nlohmann::json event{{"type", "publish"},      {"connection", connection.id},
                       {"id", message.id},       {"subject", connection.grant->subject},
                       {"route", message.route}, {"data", std::move(message.data)}};
  if (message.key) event["key"] = *message.key;
  events_->onMessage(event.dump());
}

}  // namespace easyflow::hub
