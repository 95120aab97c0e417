#include "binding/convert.h"

namespace easyflow::binding {

Napi::Value toJs(Napi::Env env, const core::Error& error) {
  if (!error) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("code", Napi::Number::New(env, error.code));
  object.Set("name", error.name());
  object.Set("message", error.message);
  object.Set("fatal", Napi::Boolean::New(env, error.fatal));
  object.Set("retriable", Napi::Boolean::New(env, error.retriable));
  object.Set("abortable", Napi::Boolean::New(env, error.abortable));
  return object;
}

Napi::Value toJs(Napi::Env env, const nlohmann::json& value) {
  switch (value.type()) {
    case nlohmann::json::value_t::object: {
      Napi::Object object = Napi::Object::New(env);
      for (const auto& [name, member] : value.items()) object.Set(name, toJs(env, member));
      return object;
    }
    case nlohmann::json::value_t::array: {
      Napi::Array array = Napi::Array::New(env, value.size());
      std::uint32_t index = 0;
      for (const auto& item : value) array.Set(index++, toJs(env, item));
      return array;
    }
    case nlohmann::json::value_t::string:
      return Napi::String::New(env, value.get_ref<const std::string&>());
    case nlohmann::json::value_t::boolean:
      return Napi::Boolean::New(env, value.get<bool>());
    case nlohmann::json::value_t::number_integer:
    case nlohmann::json::value_t::number_unsigned:
    case nlohmann::json::value_t::number_float:
      return Napi::Number::New(env, value.get<double>());
    default:
      return env.Null();
  }
}

core::ConfigEntries configOf(const Napi::Value& value) {
  if (!value.IsArray())
    throw Napi::TypeError::New(value.Env(), "config is not an array of [name, value]");
  const auto array = value.As<Napi::Array>();
  core::ConfigEntries entries;
  entries.reserve(array.Length());
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value item = array.Get(i);
    if (!item.IsArray())
      throw Napi::TypeError::New(value.Env(), "config is not an array of [name, value]");
    const auto pair = item.As<Napi::Array>();
    entries.emplace_back(stringOf(pair.Get(0U), "a property's name"),
                         stringOf(pair.Get(1U), "a property's value"));
  }
  return entries;
}

Napi::Error configError(Napi::Env env, const core::ConfigFailure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.message);
  error.Set("code", Napi::String::New(env, failure.property.empty() ? "ERR_CREATE" : "ERR_CONFIG"));
  if (!failure.property.empty()) error.Set("property", Napi::String::New(env, failure.property));
  return error;
}

std::string stringOf(const Napi::Value& value, const char* what) {
  if (!value.IsString())
    throw Napi::TypeError::New(value.Env(), std::string("expected a string for ") + what);
  return value.As<Napi::String>().Utf8Value();
}

std::uint32_t numberOf(const Napi::Value& value, const char* what) {
  if (!value.IsNumber())
    throw Napi::TypeError::New(value.Env(), std::string("expected a number for ") + what);
  return value.As<Napi::Number>().Uint32Value();
}

}  // namespace easyflow::binding
