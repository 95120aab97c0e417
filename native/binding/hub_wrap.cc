#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <unordered_map>

#include "binding/convert.h"
#include "binding/environment.h"
#include "binding/wraps.h"
#include "hub/hub.h"

namespace easyflow::binding {

namespace {

// First argument of a hub's onEvent; lib/native.d.ts, HubEvent.
enum class HubEventKind : std::uint32_t { kMessage = 0, kWrites = 1, kEnd = 2, kTransform = 3 };

Napi::Number kindOf(Napi::Env env, HubEventKind kind) {
  return Napi::Number::New(env, static_cast<std::uint32_t>(kind));
}

// Below this a copy is cheaper than a finalizer.
constexpr std::size_t kCopyBelowBytes = 8192;

Napi::Value bufferOf(Napi::Env env, const hub::Chunk& chunk) {
  if (chunk.size() < kCopyBelowBytes)
    return Napi::Value(env, Napi::Buffer<char>::Copy(env, chunk.data(), chunk.size()));
  auto holder = std::make_unique<hub::Block>(chunk.block);
  // Node only reads it.
  const auto buffer = Napi::Buffer<char>::New(
      env, const_cast<char*>(chunk.data()), chunk.size(),
      [](Napi::Env /*env*/, char* /*bytes*/, hub::Block* held) { delete held; }, holder.get());
  // The finalizer frees it, now that the Buffer exists; the analyzer does not see it.
  // NOLINTBEGIN(clang-analyzer-cplusplus.NewDeleteLeaks)
  (void)holder.release();
  return Napi::Value(env, buffer);
  // NOLINTEND(clang-analyzer-cplusplus.NewDeleteLeaks)
}

// What transformer.js gave; anything else counts as a failure of all.
std::vector<hub::Transformed> transformedOf(const Napi::Value& value, std::size_t count) {
  std::vector<hub::Transformed> results(count, {std::nullopt, "transform() was not called"});
  if (!value.IsArray() || value.As<Napi::Array>().Length() != count) return results;
  const auto array = value.As<Napi::Array>();
  for (std::size_t i = 0; i < count; ++i) {
    const Napi::HandleScope scope(value.Env());
    const Napi::Value item = array.Get(static_cast<std::uint32_t>(i));
    results[i].error.clear();
    if (item.IsString()) {
      results[i].data = item.As<Napi::String>().Utf8Value();
    } else if (item.IsObject()) {
      results[i].error = item.As<Napi::Object>().Get("error").ToString().Utf8Value();
    }
  }
  return results;
}

// Owned by its hub. Methods are called on shard threads and the poller; they only queue.
class DispatchingHubEvents final : public hub::HubEvents {
 public:
  DispatchingHubEvents(std::shared_ptr<Dispatcher> dispatcher, ReceiverId receiver)
      : dispatcher_(std::move(dispatcher)), receiver_(receiver) {}

  void onMessage(std::string json) noexcept override {
    post([json = std::move(json)](Napi::Env env, const Napi::Function& onEvent) {
      onEvent.Call({kindOf(env, HubEventKind::kMessage), Napi::String::New(env, json)});
    });
  }

  void onWrites(std::vector<hub::RelayWrite> writes) noexcept override {
    post([writes = std::move(writes)](Napi::Env env, const Napi::Function& onEvent) {
      Napi::Array connections = Napi::Array::New(env, writes.size());
      Napi::Array buffers = Napi::Array::New(env, writes.size());
      // A block that many connections get is one Buffer.
      std::unordered_map<const char*, Napi::Value> made;
      std::uint32_t index = 0;
      for (const hub::RelayWrite& write : writes) {
        auto [buffer, isNew] = made.try_emplace(write.chunk.data());
        if (isNew) buffer->second = bufferOf(env, write.chunk);
        connections.Set(index, Napi::Number::New(env, static_cast<double>(write.connection)));
        buffers.Set(index, buffer->second);
        ++index;
      }
      onEvent.Call({kindOf(env, HubEventKind::kWrites), connections, buffers});
    });
  }

  void onEnd(std::uint64_t connection) noexcept override {
    post([connection](Napi::Env env, const Napi::Function& onEvent) {
      onEvent.Call({kindOf(env, HubEventKind::kEnd),
                    Napi::Number::New(env, static_cast<double>(connection))});
    });
  }

  void onTransform(hub::TransformBatch batch,
                   std::shared_ptr<hub::TransformTaker> taker) noexcept override {
    // Dropped with the event when the hub is closed before.
    auto lent = std::make_shared<hub::TransformBatch>(std::move(batch));
    post([lent = std::move(lent), taker = std::move(taker)](Napi::Env env,
                                                            const Napi::Function& onEvent) {
      const Napi::Value results =
          onEvent.Call({kindOf(env, HubEventKind::kTransform), Napi::String::New(env, lent->json)});
      std::vector<hub::Transformed> transformed = transformedOf(results, lent->updates);
      taker->transformed(std::move(*lent), std::move(transformed));
    });
  }

 private:
  template <typename Deliver>
  void post(Deliver deliver) noexcept {
    dispatcher_->post(receiver_, makeEvent(std::move(deliver)));
  }

  const std::shared_ptr<Dispatcher> dispatcher_;
  const ReceiverId receiver_;
};

std::span<const std::uint8_t> bytesOf(const Napi::Value& value, const char* what) {
  if (!value.IsTypedArray())
    throw Napi::TypeError::New(value.Env(), std::string("expected a Uint8Array for ") + what);
  const auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ByteLength()};
}

std::uint64_t connectionOf(const Napi::Value& value) {
  if (!value.IsNumber()) throw Napi::TypeError::New(value.Env(), "expected a connection's id");
  return static_cast<std::uint64_t>(value.As<Napi::Number>().Int64Value());
}

// lib/ has checked what it holds; a pattern that is none gives no right.
hub::Grant grantOf(const nlohmann::json& json) {
  hub::Grant grant;
  grant.subject = json.at("subject");
  for (const nlohmann::json& text : json.at("allow")) {
    if (auto pattern = hub::Pattern::parse(text.get_ref<const std::string&>()))
      grant.allow.push_back(std::move(*pattern));
  }
  grant.expiresAtMs = json.value("expiresAt", std::int64_t{0});
  grant.publish = json.value("publish", false);
  return grant;
}

hub::ConnectionSettings settingsOf(const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text);
  hub::ConnectionSettings settings;
  if (json.contains("subject") && json.at("subject").is_string()) settings.grant = grantOf(json);
  if (json.value("encoding", "websocket") == "events") {
    settings.encoding = hub::Encoding::kEvents;
  } else if (json.value("deflate", false)) {
    settings.encoding = hub::Encoding::kDeflate;
  }
  if (json.contains("subscribe") && !json.at("subscribe").is_null())
    settings.subscribe = json.at("subscribe").dump();
  return settings;
}

Napi::Error invalidJson(Napi::Env env, const nlohmann::json::exception& e) {
  return Napi::TypeError::New(env, e.what());
}

// All methods are called on the JS thread.
class HubWrap final : public Napi::ObjectWrap<HubWrap> {
 public:
  explicit HubWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const Napi::Env env = info.Env();
    const std::string options = stringOf(info[0], "a hub's options");
    if (!info[1].IsFunction()) throw Napi::TypeError::New(env, "expected a function for onEvent");
    Environment& environment = Environment::of(env);
    dispatcher_ = environment.dispatcher();
    receiver_ = dispatcher_->add(info[1].As<Napi::Function>());
    std::string error;
    try {
      hub_ = hub::Hub::create(
          options, std::make_shared<DispatchingHubEvents>(dispatcher_, receiver_), error);
    } catch (const std::exception& e) {
      error = e.what();  // no thread to be had
    }
    if (!hub_) {
      dispatcher_->remove(receiver_);
      throw configError(env, {"", error});
    }
    environment.remember(hub_);
  }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Hub",
                       {
                           InstanceMethod("ref", &HubWrap::ref),
                           InstanceMethod("unref", &HubWrap::unref),
                           InstanceMethod("follow", &HubWrap::follow),
                           InstanceMethod("setReady", &HubWrap::setReady),
                           InstanceMethod("connect", &HubWrap::connect),
                           InstanceMethod("receive", &HubWrap::receive),
                           InstanceMethod("written", &HubWrap::written),
                           InstanceMethod("gone", &HubWrap::gone),
                           InstanceMethod("authenticated", &HubWrap::authenticated),
                           InstanceMethod("authorized", &HubWrap::authorized),
                           InstanceMethod("send", &HubWrap::send),
                           InstanceMethod("disconnect", &HubWrap::disconnect),
                           InstanceMethod("revoke", &HubWrap::revoke),
                           InstanceMethod("metrics", &HubWrap::metrics),
                           InstanceMethod("close", &HubWrap::close),
                           InstanceMethod("stop", &HubWrap::stop),
                           StaticMethod("dupDescriptor", &HubWrap::dupDescriptor),
                           StaticMethod("refuse", &HubWrap::refuse),
                       });
  }

  const std::shared_ptr<hub::Hub>& hub() const { return hub_; }

 private:
  void ref(const Napi::CallbackInfo& /*info*/) { dispatcher_->ref(receiver_); }
  void unref(const Napi::CallbackInfo& /*info*/) { dispatcher_->unref(receiver_); }

  void follow(const Napi::CallbackInfo& info) {
    std::string error;
    if (!hub_->follow(stringOf(info[0], "an epoch"), stringOf(info[1], "partitions"), error))
      throw Napi::TypeError::New(info.Env(), error);
  }
  void setReady(const Napi::CallbackInfo& info) {
    if (!hub_->options().transforms) {
      hub_->setReady();
      return;
    }
    // Behind what transform() has answered.
    Environment::of(info.Env()).poller()->post([hub = hub_] { hub->setReady(); });
  }

  Napi::Value connect(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto greeting = bytesOf(info[1], "a greeting");
    const auto head = bytesOf(info[2], "a head");
    hub::ConnectionSettings settings;
    try {
      settings = settingsOf(stringOf(info[3], "settings"));
    } catch (const nlohmann::json::exception& e) {
      throw invalidJson(env, e);
    }
    settings.descriptor = hub::Descriptor(info[0].As<Napi::Number>().Int32Value());
    settings.id = hub_->nextConnection();
    const std::uint64_t id = settings.id;
    hub_->connect(std::move(settings), std::string(greeting.begin(), greeting.end()),
                  std::vector<std::uint8_t>(head.begin(), head.end()));
    return Napi::Number::New(env, static_cast<double>(id));
  }

  hub::Shard& shardOf(std::uint64_t connection) { return hub_->shardOf(connection); }

  void receive(const Napi::CallbackInfo& info) {
    const std::uint64_t id = connectionOf(info[0]);
    const auto bytes = bytesOf(info[1], "bytes");
    shardOf(id).receive(id, std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
  }
  void written(const Napi::CallbackInfo& info) {
    const std::uint64_t id = connectionOf(info[0]);
    shardOf(id).written(id, numberOf(info[1], "a number of bytes"));
  }
  void gone(const Napi::CallbackInfo& info) {
    const std::uint64_t id = connectionOf(info[0]);
    shardOf(id).gone(id);
  }
  void authenticated(const Napi::CallbackInfo& info) {
    const std::uint64_t id = connectionOf(info[0]);
    std::optional<hub::Grant> grant;
    try {
      if (info[1].IsString()) grant = grantOf(nlohmann::json::parse(stringOf(info[1], "a grant")));
    } catch (const nlohmann::json::exception& e) {
      throw invalidJson(info.Env(), e);
    }
    shardOf(id).authenticated(id, std::move(grant));
  }
  void authorized(const Napi::CallbackInfo& info) {
    const std::uint64_t id = connectionOf(info[0]);
    shardOf(id).authorized(id, numberOf(info[1], "a question"),
                           info[2].As<Napi::Number>().Int32Value());
  }
  void send(const Napi::CallbackInfo& info) {
    const std::uint64_t id = connectionOf(info[0]);
    shardOf(id).send(id, stringOf(info[1], "a message"));
  }
  void disconnect(const Napi::CallbackInfo& info) {
    const std::uint64_t id = connectionOf(info[0]);
    shardOf(id).disconnect(id, static_cast<std::uint16_t>(numberOf(info[1], "a code")),
                           stringOf(info[2], "a reason"));
  }
  void revoke(const Napi::CallbackInfo& info) { hub_->revoke(stringOf(info[0], "a subject")); }
  Napi::Value metrics(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), hub_->metrics());
  }
  void close(const Napi::CallbackInfo& info) {
    hub_->close(hub::Milliseconds(numberOf(info[0], "a drain")));
  }
  void stop(const Napi::CallbackInfo& /*info*/) {
    hub_->stop();
    dispatcher_->remove(receiver_);
  }

  static Napi::Value dupDescriptor(const Napi::CallbackInfo& info) {
    const int fd = fcntl(static_cast<int>(numberOf(info[0], "a descriptor")), F_DUPFD_CLOEXEC, 0);
    if (fd >= 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return Napi::Number::New(info.Env(), fd);
  }
  static void refuse(const Napi::CallbackInfo& info) {
    const auto fd = static_cast<int>(numberOf(info[0], "a descriptor"));
    const auto bytes = bytesOf(info[1], "a response");
    (void)::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    // Bytes of the peer that nobody read would make close() a reset, which can overtake the answer.
    shutdown(fd, SHUT_WR);
    char unread[4096];
    while (recv(fd, unread, sizeof(unread), MSG_DONTWAIT) > 0) continue;
    ::close(fd);
  }

  std::shared_ptr<Dispatcher> dispatcher_;
  ReceiverId receiver_ = 0;
  std::shared_ptr<hub::Hub> hub_;
};

}  // namespace

Napi::Function hubClass(Napi::Env env) { return HubWrap::define(env); }

std::shared_ptr<hub::Hub> hubOf(const Napi::Value& value) {
  if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), "expected a Hub");
  return HubWrap::Unwrap(value.As<Napi::Object>())->hub();
}

}  // namespace easyflow::binding
