// What the JS classes Producer, Consumer and Admin share.
#pragma once

#include <napi.h>

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "binding/client_sink.h"
#include "binding/convert.h"
#include "binding/environment.h"
#include "core/client.h"

namespace easyflow::binding {

// `Derived` is the Napi::ObjectWrap, `Core` the client of native/core. All methods are called on
// the JS thread.
template <typename Derived, typename Core>
class ClientWrap : public Napi::ObjectWrap<Derived> {
 public:
  using Napi::ObjectWrap<Derived>::ObjectWrap;

 protected:
  static std::vector<Napi::ClassPropertyDescriptor<Derived>> commonMethods() {
    return {
        Napi::ObjectWrap<Derived>::InstanceMethod("request", &Derived::request),
        Napi::ObjectWrap<Derived>::InstanceMethod("ref", &Derived::ref),
        Napi::ObjectWrap<Derived>::InstanceMethod("unref", &Derived::unref),
        Napi::ObjectWrap<Derived>::InstanceMethod("traceRequests", &Derived::traceRequests),
    };
  }

  static std::vector<Napi::ClassPropertyDescriptor<Derived>> withCommonMethods(
      std::vector<Napi::ClassPropertyDescriptor<Derived>> methods) {
    for (auto& method : commonMethods()) methods.push_back(method);
    return methods;
  }

  // `create(poller, sink, failure)` makes the core client or says why not.
  template <typename Create>
  void open(Napi::Env env, const Napi::Value& onEvent, Create create) {
    if (!onEvent.IsFunction()) throw Napi::TypeError::New(env, "expected a function for onEvent");
    Environment& environment = Environment::of(env);
    dispatcher_ = environment.dispatcher();
    receiver_ = dispatcher_->add(onEvent.As<Napi::Function>());
    sink_ = std::make_shared<DispatchingSink>(dispatcher_, receiver_);
    core::ConfigFailure failure;
    try {
      client_ = create(environment.poller(), sink_, failure);
    } catch (const std::exception& error) {
      failure = {"", error.what()};  // no thread to be had
    }
    if (!client_) {
      dispatcher_->remove(receiver_);
      throw configError(env, failure);
    }
    environment.remember(client_);
  }

 public:
  void request(const Napi::CallbackInfo& info) {
    const std::uint32_t id = numberOf(info[0], "a request's id");
    std::string operation = stringOf(info[1], "an operation");
    if (operation == "close" && !closing_) {
      closing_ = true;
      sink_->closeWith(id);
    }
    client_->request(id, std::move(operation), stringOf(info[2], "an operation's arguments"));
  }
  void ref(const Napi::CallbackInfo& /*info*/) { dispatcher_->ref(receiver_); }
  void unref(const Napi::CallbackInfo& /*info*/) { dispatcher_->unref(receiver_); }
  void traceRequests(const Napi::CallbackInfo& info) {
    client_->traceRequests(info[0].ToBoolean().Value());
  }

 protected:
  std::shared_ptr<Core> client_;
  std::shared_ptr<DispatchingSink> sink_;

 private:
  std::shared_ptr<Dispatcher> dispatcher_;
  ReceiverId receiver_ = 0;
  bool closing_ = false;
};

}  // namespace easyflow::binding
